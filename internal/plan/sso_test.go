// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// What the server asks of the identity provider, where, by provider, edition and version.
func TestSSO(t *testing.T) {
	const (
		enterprise = "  domain: a.b\n"
		team       = "  domain: a.b\n  version: 10.11.2\n  image: {repository: mattermost/mattermost-team-edition}\n"
		issuer     = "issuerURL: 'https://login.example.com/auth/realms/r'"
		keycloak   = "https://login.example.com/auth/realms/r/protocol/openid-connect"
		gitlab     = "authEndpoint: 'https://git.example.org/oauth/authorize', tokenEndpoint: " +
			"'https://git.example.org/oauth/token', userAPIEndpoint: 'https://git.example.org/api/v4/user'"
	)
	for _, test := range []struct {
		name, spec, sso string
		want            map[string]string
		destinations    string
	}{
		{
			"Keycloak behind GitLab's protocol", enterprise, issuer,
			map[string]string{
				"MM_GITLABSETTINGS_ENABLE": "true", "MM_GITLABSETTINGS_ID": "chat",
				"MM_GITLABSETTINGS_SECRET": "secret chat-sso/client-secret", "MM_GITLABSETTINGS_SCOPE": "openid",
				"MM_GITLABSETTINGS_AUTHENDPOINT": keycloak + "/auth", "MM_GITLABSETTINGS_TOKENENDPOINT": keycloak + "/token",
				"MM_GITLABSETTINGS_USERAPIENDPOINT": keycloak + "/userinfo",
				"MM_OPENIDSETTINGS_ENABLE":          "(unset)",
			},
			"sso login.example.com:443",
		},
		{
			"an issuer with a slash", enterprise, "issuerURL: 'https://login.example.com/auth/realms/r/'",
			map[string]string{"MM_GITLABSETTINGS_AUTHENDPOINT": keycloak + "/auth"},
			"sso login.example.com:443",
		},
		{
			"the discovery document instead of the issuer", enterprise,
			"issuerURL: 'https://login.example.com/auth/realms/r/.well-known/openid-configuration'",
			map[string]string{"MM_GITLABSETTINGS_AUTHENDPOINT": keycloak + "/auth"},
			"sso login.example.com:443",
		},
		{
			"three endpoints on three servers, of which the browser goes to the first", enterprise,
			"authEndpoint: 'https://a/x', tokenEndpoint: 'http://b.idp.svc/y', userAPIEndpoint: 'https://c.d:8443/z'",
			map[string]string{"MM_GITLABSETTINGS_AUTHENDPOINT": "https://a/x",
				"MM_GITLABSETTINGS_TOKENENDPOINT": "http://b.idp.svc/y", "MM_GITLABSETTINGS_USERAPIENDPOINT": "https://c.d:8443/z"},
			"sso b.idp.svc:80, sso-2 c.d:8443",
		},
		{
			"Keycloak gives user names as preferred_username", enterprise, issuer,
			map[string]string{"MM_GITLABSETTINGS_USEPREFERREDUSERNAME": "true"},
			"sso login.example.com:443",
		},
		{
			"Keycloak by its endpoints", enterprise, "authEndpoint: '" + keycloak + "/auth', tokenEndpoint: '" + keycloak +
				"/token', userAPIEndpoint: '" + keycloak + "/userinfo?x=y'",
			map[string]string{"MM_GITLABSETTINGS_USEPREFERREDUSERNAME": "true", "MM_GITLABSETTINGS_SCOPE": "openid",
				"MM_GITLABSETTINGS_USERAPIENDPOINT": keycloak + "/userinfo?x=y"},
			"sso login.example.com:443",
		},
		{
			"before the setting for user names", "  domain: a.b\n  version: 11.5.0\n", issuer,
			map[string]string{"MM_GITLABSETTINGS_USEPREFERREDUSERNAME": "(unset)"},
			"sso login.example.com:443",
		},
		{
			"GitLab itself", enterprise, gitlab,
			map[string]string{"MM_GITLABSETTINGS_SCOPE": "read_user", "MM_GITLABSETTINGS_USEPREFERREDUSERNAME": "(unset)"},
			"sso git.example.org:443",
		},
		{
			"GitLab itself, and the team edition", team, gitlab,
			map[string]string{"MM_GITLABSETTINGS_SCOPE": "read_user"},
			"sso git.example.org:443",
		},
		{
			"GitLab itself, with a scope of one's own", enterprise, gitlab + ", scope: api",
			map[string]string{"MM_GITLABSETTINGS_SCOPE": "api"},
			"sso git.example.org:443",
		},
		{
			"the team edition knows no scope openid", team, issuer,
			map[string]string{"MM_GITLABSETTINGS_SCOPE": ""},
			"sso login.example.com:443",
		},
		{
			"a scope of one's own", team, issuer + ", scope: 'a b'",
			map[string]string{"MM_GITLABSETTINGS_SCOPE": "a b"},
			"sso login.example.com:443",
		},
		{
			"no scope on purpose", enterprise, issuer + ", scope: ''",
			map[string]string{"MM_GITLABSETTINGS_SCOPE": ""},
			"sso login.example.com:443",
		},
		{
			"OpenID Connect", enterprise, issuer + ", provider: openid, buttonText: Enter",
			map[string]string{
				"MM_OPENIDSETTINGS_ENABLE": "true", "MM_OPENIDSETTINGS_ID": "chat",
				"MM_OPENIDSETTINGS_SECRET": "secret chat-sso/client-secret", "MM_OPENIDSETTINGS_SCOPE": "profile openid email",
				"MM_OPENIDSETTINGS_DISCOVERYENDPOINT": "https://login.example.com/auth/realms/r/.well-known/openid-configuration",
				"MM_OPENIDSETTINGS_BUTTONTEXT":        "Enter",
				"MM_GITLABSETTINGS_ENABLE":            "(unset)",
			},
			"sso login.example.com:443",
		},
		{
			"OpenID Connect by its discovery document", enterprise,
			"provider: openid, issuerURL: 'https://l/r/.well-known/openid-configuration'",
			map[string]string{"MM_OPENIDSETTINGS_DISCOVERYENDPOINT": "https://l/r/.well-known/openid-configuration"},
			"sso l:443",
		},
		{
			"other ways in are closed", enterprise, issuer,
			map[string]string{"MM_EMAILSETTINGS_ENABLESIGNUPWITHEMAIL": "false",
				"MM_EMAILSETTINGS_ENABLESIGNINWITHEMAIL": "false", "MM_EMAILSETTINGS_ENABLESIGNINWITHUSERNAME": "false"},
			"sso login.example.com:443",
		},
		{
			"other ways in stay open", enterprise, issuer + ", emailSignUp: true, emailSignIn: true, usernameSignIn: true",
			map[string]string{"MM_EMAILSETTINGS_ENABLESIGNUPWITHEMAIL": "true", "MM_EMAILSETTINGS_ENABLESIGNINWITHEMAIL": "true",
				"MM_EMAILSETTINGS_ENABLESIGNINWITHUSERNAME": "true"},
			"sso login.example.com:443",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, messages := resolve(t, test.spec+"  database: {existingSecret: x}\n  sso: {enabled: true, clientID: chat, "+
				"clientSecret: hunter2, "+test.sso+"}\n", nil)
			if messages != "" {
				t.Errorf("messages %s", messages)
			}
			for name, want := range test.want {
				if got := variable(p, name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			var destinations []string
			for _, d := range p.Destinations[1:] {
				destinations = append(destinations, d.Name()+" "+v1alpha1.ServiceURL{Host: d.Host, Port: d.Port,
					ExplicitPort: true}.Address())
			}
			if got := strings.Join(destinations, ", "); got != test.destinations {
				t.Errorf("destinations %s, want %s", got, test.destinations)
			}
		})
	}
}

// Without single sign-on the ways in are as the server has them, or as the configuration says.
func TestWaysInWithoutSSO(t *testing.T) {
	p, _ := resolve(t, "  domain: a.b\n  sso: {emailSignUp: false, usernameSignIn: true}\n", nil)
	for name, want := range map[string]string{
		"MM_EMAILSETTINGS_ENABLESIGNUPWITHEMAIL":    "false",
		"MM_EMAILSETTINGS_ENABLESIGNINWITHEMAIL":    "(unset)",
		"MM_EMAILSETTINGS_ENABLESIGNINWITHUSERNAME": "true",
		"MM_GITLABSETTINGS_ENABLE":                  "(unset)",
	} {
		if got := variable(p, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestElasticsearch(t *testing.T) {
	for _, test := range []struct {
		name, spec  string
		want        map[string]string
		destination Destination
	}{
		{
			"Big Bang's own", "{enabled: true, password: {secretKeyRef: {name: es, key: elastic}}}",
			map[string]string{
				"CONNECTIONURL": "https://logging-ek-es-http.logging.svc.cluster.local:9200", "USERNAME": "elastic",
				"PASSWORD": "secret es/elastic", "BACKEND": "elasticsearch",
				"ENABLEINDEXING": "true", "ENABLESEARCHING": "true", "ENABLEAUTOCOMPLETE": "true", "SNIFF": "false",
				"SKIPTLSVERIFICATION": "false", "INDEXPREFIX": "(unset)",
			},
			Destination{Kind: DestinationElasticsearch, Host: "logging-ek-es-http.logging.svc.cluster.local", Port: 9200,
				TLS: true, Namespace: "logging"},
		},
		{
			"another one", "{enabled: true, url: 'http://os.example.com', backend: opensearch, username: u, password: p, " +
				"indexPrefix: chat-, skipTLSVerify: true}",
			map[string]string{
				"CONNECTIONURL": "http://os.example.com", "USERNAME": "u", "PASSWORD": "secret chat-elasticsearch/password",
				"BACKEND": "opensearch", "INDEXPREFIX": "chat-", "SKIPTLSVERIFICATION": "true",
			},
			Destination{Kind: DestinationElasticsearch, Host: "os.example.com", Port: 80},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, messages := resolve(t, "  domain: a.b\n  enterprise: {enabled: true}\n  elasticsearch: "+test.spec+"\n", nil)
			for name, want := range test.want {
				if got := variable(p, "MM_ELASTICSEARCHSETTINGS_"+name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if got := p.Destinations[1]; got.Name() != test.destination.Name() || got.Host != test.destination.Host ||
				got.Port != test.destination.Port || got.TLS != test.destination.TLS ||
				got.Namespace != test.destination.Namespace || messages != "" {
				t.Errorf("destination %+v, messages %q, want %+v", got, messages, test.destination)
			}
		})
	}
	if p, _ := resolve(t, "  domain: a.b\n", nil); variable(p, "MM_ELASTICSEARCHSETTINGS_ENABLEINDEXING") != "(unset)" {
		t.Error("search is moved without being asked to")
	}
}

// TestClientIDs has each form of a client's ID with each form of its secret.
func TestClientIDs(t *testing.T) {
	forms := map[string]string{
		"plain": "chat", "ref": "{secretKeyRef: {name: keycloak, key: %}}",
		"external": "{externalSecret: {store: {name: vault}, key: %}}",
	}
	for _, test := range []struct{ id, secret, sso, openID string }{
		{"plain", "plain", "chat", "chat"},
		{"plain", "external", "chat", "chat"},
		{"ref", "plain", "secret keycloak/id", "secret keycloak/id"},
		{"ref", "ref", "secret keycloak/id", "secret keycloak/id"},
		{"ref", "external", "secret keycloak/id", "secret keycloak/id"},
		// External Secrets owns a Secret alone.
		{"external", "plain", "secret chat-sso-client/client-id", "secret chat-settings-external/MM_OPENIDSETTINGS_ID"},
		{"external", "ref", "secret chat-sso-client/client-id", "secret chat-settings-external/MM_OPENIDSETTINGS_ID"},
		{"external", "external", "secret chat-sso/client-id", "secret chat-settings-external/MM_OPENIDSETTINGS_ID"},
	} {
		t.Run(test.id+" with a secret "+test.secret, func(t *testing.T) {
			id, secret := strings.ReplaceAll(forms[test.id], "%", "id"), strings.ReplaceAll(forms[test.secret], "%", "secret")
			client := "{enabled: true, issuerURL: 'https://l/realms/r', clientID: " + id + ", clientSecret: " + secret + "}\n"
			spec := "  domain: a.b\n  sso: " + client + "  openid: " + client
			p, messages := resolve(t, spec, nil)
			if messages != "" {
				t.Error(messages)
			}
			gitLab, openID := variable(p, "MM_GITLABSETTINGS_ID"), variable(p, "MM_OPENIDSETTINGS_ID")
			if gitLab != test.sso || openID != test.openID {
				t.Errorf("got %s and %s, want %s and %s", gitLab, openID, test.sso, test.openID)
			}
			for _, external := range p.ExternalSecrets {
				if slices.ContainsFunc(p.Secrets, func(s Secret) bool { return s.Name == external.Name }) {
					t.Errorf("%s is a Secret and an ExternalSecret", external.Name)
				}
			}
			if test.id == "ref" {
				one, _ := resolve(t, spec, stream{"keycloak/id": "one", "keycloak/secret": "x"})
				two, _ := resolve(t, spec, stream{"keycloak/id": "two", "keycloak/secret": "x"})
				if one.SecretsChecksum == two.SecretsChecksum {
					t.Error("another ID in the Secret does not restart the pods")
				}
				_, messages := resolve(t, spec, stream{"keycloak/secret": "x"})
				if !strings.Contains(messages, "spec.sso.clientID: Secret keycloak, which is among the resources, has no value") ||
					!strings.Contains(messages, "spec.openid.clientID: Secret keycloak") {
					t.Errorf("a missing key is reported as %q", messages)
				}
			}
		})
	}
}
