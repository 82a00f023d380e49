// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// sso decides how users log in.
func (b *builder) sso() {
	sso := b.spec.SSO
	if !sso.Enabled {
		b.loginSwitch("MM_EMAILSETTINGS_ENABLESIGNUPWITHEMAIL", sso.EmailSignUp, "spec.sso.emailSignUp")
		b.loginSwitch("MM_EMAILSETTINGS_ENABLESIGNINWITHEMAIL", sso.EmailSignIn, "spec.sso.emailSignIn")
		b.loginSwitch("MM_EMAILSETTINGS_ENABLESIGNINWITHUSERNAME", sso.UsernameSignIn, "spec.sso.usernameSignIn")
		return
	}
	prefix := "MM_GITLABSETTINGS_"
	if sso.Provider == v1alpha1.SSOOpenID {
		prefix = "MM_OPENIDSETTINGS_"
	}
	b.setEnv(prefix+"ENABLE", "true", "spec.sso.enabled")
	b.clientID(prefix+"ID", sso)
	b.setSecretEnv(prefix+"SECRET", b.secretRef(b.SSOSecretName(), ownership.ComponentSSO, "client-secret",
		sso.ClientSecret, "spec.sso.clientSecret"), "spec.sso.clientSecret")
	b.setEnv(prefix+"SCOPE", Scope(b.spec), "spec.sso.scope")
	endpoints := SSOEndpoints(sso)
	if sso.Provider == v1alpha1.SSOOpenID {
		b.setEnv(prefix+"DISCOVERYENDPOINT", endpoints.Discovery, "spec.sso.issuerURL")
		b.setEnv(prefix+"BUTTONTEXT", sso.ButtonText, "spec.sso.buttonText")
	} else {
		for _, e := range []struct{ name, value, field string }{
			{"AUTHENDPOINT", endpoints.Auth, "spec.sso.authEndpoint"},
			{"TOKENENDPOINT", endpoints.Token, "spec.sso.tokenEndpoint"},
			{"USERAPIENDPOINT", endpoints.UserAPI, "spec.sso.userAPIEndpoint"},
		} {
			if sso.IssuerURL != "" {
				e.field = "spec.sso.issuerURL"
			}
			b.setEnv(prefix+e.name, e.value, e.field)
		}
		if UsesPreferredUsername(b.spec) {
			b.setEnv(prefix+"USEPREFERREDUSERNAME", "true", noField)
		}
	}
	b.loginSwitch("MM_EMAILSETTINGS_ENABLESIGNUPWITHEMAIL", orFalse(sso.EmailSignUp), "spec.sso.emailSignUp")
	b.loginSwitch("MM_EMAILSETTINGS_ENABLESIGNINWITHEMAIL", orFalse(sso.EmailSignIn), "spec.sso.emailSignIn")
	b.loginSwitch("MM_EMAILSETTINGS_ENABLESIGNINWITHUSERNAME", orFalse(sso.UsernameSignIn), "spec.sso.usernameSignIn")

	// The browser connects to the authorization endpoint, the server to the others.
	seen := map[string]bool{}
	for _, endpoint := range []string{endpoints.Discovery, endpoints.Token, endpoints.UserAPI} {
		u, err := v1alpha1.ParseQueryURL(endpoint)
		address := u.Host + ":" + strconv.Itoa(int(u.Port))
		if err != nil || seen[address] {
			continue
		}
		number := 0
		if len(seen) > 0 {
			number = len(seen) + 1
		}
		seen[address] = true
		b.destination(Destination{Kind: DestinationSSO, Number: number, Host: u.Host, Port: u.Port, TLS: u.TLS})
	}
}

// clientID sets the client's ID, which is not secret if the configuration contains it.
func (b *builder) clientID(variable string, sso *v1alpha1.SSO) {
	const field = "spec.sso.clientID"
	if sso.ClientID.IsPlain() {
		b.setEnv(variable, sso.ClientID.Value, field)
		return
	}
	secret := b.SSOSecretName()
	if sso.ClientSecret.ExternalSecret == nil {
		secret = b.SSOClientSecretName() // External Secrets does not own the other one here
	}
	b.setSecretEnv(variable, b.secretRef(secret, ownership.ComponentSSO, "client-id", sso.ClientID, field), field)
}

func (b *builder) loginSwitch(name string, on *bool, field string) {
	if on != nil {
		b.setEnv(name, fmt.Sprint(*on), field)
	}
}

func orFalse(on *bool) *bool {
	if on == nil {
		return new(bool)
	}
	return on
}

// Endpoints are the URLs of an identity provider; empty if its protocol does not use them.
type Endpoints struct {
	Auth, Token, UserAPI, Discovery string
}

// SSOEndpoints returns the identity provider's URLs: the configured ones, otherwise Keycloak's under the URL of the
// realm.
func SSOEndpoints(sso *v1alpha1.SSO) Endpoints {
	issuer := strings.TrimRight(sso.IssuerURL, "/")
	switch {
	case sso.Provider == v1alpha1.SSOOpenID:
		return Endpoints{Discovery: discoveryEndpoint(issuer)}
	case issuer != "":
		issuer = strings.TrimSuffix(issuer, discoveryPath)
		return Endpoints{
			Auth:    issuer + "/protocol/openid-connect/auth",
			Token:   issuer + "/protocol/openid-connect/token",
			UserAPI: issuer + "/protocol/openid-connect/userinfo",
		}
	}
	return Endpoints{Auth: sso.AuthEndpoint, Token: sso.TokenEndpoint, UserAPI: sso.UserAPIEndpoint}
}

// discoveryEndpoint returns the discovery URL of an issuer.
func discoveryEndpoint(issuer string) string {
	return strings.TrimSuffix(strings.TrimRight(issuer, "/"), discoveryPath) + discoveryPath
}

const discoveryPath = "/.well-known/openid-configuration"

// IdentityProvider is a product that supports GitLab's protocol.
type IdentityProvider int

// The products.
const (
	// OtherProvider is any other product.
	OtherProvider IdentityProvider = iota
	// KeycloakProvider is Keycloak.
	KeycloakProvider
	// GitLabProvider is GitLab itself.
	GitLabProvider
)

// IdentityProviderOf recognizes the product by its endpoints.
func IdentityProviderOf(sso *v1alpha1.SSO) IdentityProvider {
	userAPI := SSOEndpoints(sso).UserAPI
	path, _, _ := strings.Cut(userAPI, "?")
	switch {
	case sso.IssuerURL != "" || strings.Contains(path, "/protocol/openid-connect/"):
		return KeycloakProvider
	case strings.HasSuffix(strings.TrimRight(path, "/"), "/api/v4/user"):
		return GitLabProvider
	}
	return OtherProvider
}

// UsesPreferredUsername reports whether the server takes user names from the claim preferred_username, the only one
// that Keycloak sets without a mapper; without a name the server generates one. The setting exists in Mattermost 11.6,
// and not in 11.1 (server/public/model/config.go, SSOSettings).
func UsesPreferredUsername(spec *v1alpha1.MattermostConfigSpec) bool {
	return spec.SSO.Enabled && spec.SSO.Provider == v1alpha1.SSOGitLab &&
		IdentityProviderOf(spec.SSO) == KeycloakProvider && v1alpha1.AtLeast(spec.Version, 11, 6)
}

// Scope returns the OAuth scope. A GitLab scope that contains openid makes the server use its OpenID code, which only
// the enterprise build has; without it Keycloak responds with 403 since version 20 (server/channels/app/oauth.go;
// keycloak issue 15361). GitLab itself answers /api/v4/user with the scope read_user (mattermost issue 28047).
func Scope(spec *v1alpha1.MattermostConfigSpec) string {
	switch {
	case spec.SSO.Scope != nil:
		return *spec.SSO.Scope
	case spec.SSO.Provider == v1alpha1.SSOOpenID:
		return "profile openid email"
	case IdentityProviderOf(spec.SSO) == GitLabProvider:
		return "read_user"
	case spec.Edition == v1alpha1.EditionTeam:
		return ""
	}
	return "openid"
}
