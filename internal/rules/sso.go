// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"net/url"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func containsWord(text, word string) bool { return slices.Contains(strings.Fields(text), word) }

func singleSignOn(s *subject) {
	sso := s.spec.SSO
	if !sso.Enabled {
		if !s.given("spec.sso.enabled") && len(s.givenOf("spec.sso", "clientID", "clientSecret", "issuerURL", "authEndpoint",
			"tokenEndpoint", "userAPIEndpoint")) > 0 {
			s.warnf("spec.sso", "describes single sign-on but does not enable it; set spec.sso.enabled: true")
		}
		return
	}
	if sso.ClientID == nil {
		s.errorf("spec.sso.clientID", "is required; set it to the client's ID at the identity provider")
	}
	clientID(s, "spec.sso.clientID", sso.ClientID)
	if sso.ClientSecret == nil {
		s.errorf("spec.sso.clientSecret", "is required; set it to the client secret of the identity provider: a string, "+
			"{secretKeyRef: {name, key}} or {externalSecret: {store: {name}, key}}")
	}
	endpoints(s, sso)
	scope(s, sso)
}

// clientID reports an ID that breaks the login URL.
func clientID(s *subject, field string, value *v1alpha1.SecretValue) {
	id, _ := s.visible(value)
	if !unfinished(id) && id != url.QueryEscape(id) {
		s.errorf(field, "contains characters with a special meaning in the login URL, into which the server copies them "+
			"unchanged; use a client ID of letters, digits, hyphens, dots and underscores")
	}
}

// scope reports a scope that Keycloak since version 20, and OpenID Connect always, rejects. Another rule reports it for
// the team edition.
func scope(s *subject, sso *v1alpha1.SSO) {
	product := plan.IdentityProviderOf(sso)
	if sso.Provider == v1alpha1.SSOGitLab && product == plan.GitLabProvider {
		gitLabScope(s, sso)
		return
	}
	keycloak := sso.Provider == v1alpha1.SSOGitLab && product == plan.KeycloakProvider &&
		s.spec.Edition != v1alpha1.EditionTeam
	if sso.Scope == nil || containsWord(*sso.Scope, "openid") || !keycloak && sso.Provider != v1alpha1.SSOOpenID {
		return
	}
	s.warnf("spec.sso.scope", "does not contain openid, without which Keycloak rejects every login with 403 since "+
		"version 20; remove the field, or add a default client scope named openid to the Keycloak client")
}

// gitLabScope reports a scope with which GitLab does not identify the user.
func gitLabScope(s *subject, sso *v1alpha1.SSO) {
	if sso.Scope == nil || slices.ContainsFunc(strings.Fields(*sso.Scope),
		func(scope string) bool { return slices.Contains([]string{"read_user", "read_api", "api"}, scope) }) {
		return
	}
	s.warnf("spec.sso.scope", "does not contain read_user, without which GitLab does not identify the user at "+
		"/api/v4/user, so every login fails; remove the field, or add read_user")
}

// endpoints checks that the identity provider's URLs are set in one of the two forms, and use TLS.
func endpoints(s *subject, sso *v1alpha1.SSO) {
	single := map[string]string{"authEndpoint": sso.AuthEndpoint, "tokenEndpoint": sso.TokenEndpoint,
		"userAPIEndpoint": sso.UserAPIEndpoint}
	names := []string{"authEndpoint", "tokenEndpoint", "userAPIEndpoint"}
	given := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return single[name] == "" })
	switch {
	case sso.Provider == v1alpha1.SSOOpenID && len(given) > 0:
		s.errorf("spec.sso."+given[0], "is not used by the openid provider, which discovers all URLs; "+
			"set spec.sso.issuerURL instead")
	case sso.IssuerURL != "" && len(given) > 0:
		s.conflictf("spec.sso."+given[0], "issuerURL", "conflicts with spec.sso.issuerURL, from which all URLs are derived; "+
			"set only one of the two forms")
	case sso.IssuerURL != "":
		issuer(s, sso)
	case sso.Provider == v1alpha1.SSOOpenID || len(given) == 0:
		s.errorf("spec.sso.issuerURL", "is required; set it to the issuer, for Keycloak the URL of the realm, "+
			"such as https://login.example.com/auth/realms/my-realm")
	default:
		for _, name := range names {
			switch {
			case single[name] == "":
				s.errorf("spec.sso."+name, "is required; set all of authEndpoint, tokenEndpoint and userAPIEndpoint, "+
					"or only spec.sso.issuerURL")
			case name == "authEndpoint": // to which the server appends a query of its own
				address(s, "spec.sso."+name, single[name], v1alpha1.ParseServiceURL)
			default:
				address(s, "spec.sso."+name, single[name], v1alpha1.ParseQueryURL)
			}
		}
	}
}

// issuer checks the URL from which all others are derived. For GitLab's protocol they are Keycloak's.
func issuer(s *subject, sso *v1alpha1.SSO) {
	if address(s, "spec.sso.issuerURL", sso.IssuerURL, v1alpha1.ParseServiceURL) && sso.Provider == v1alpha1.SSOGitLab &&
		!strings.Contains(sso.IssuerURL, "/realms/") {
		s.warnf("spec.sso.issuerURL", "does not look like a realm of Keycloak, "+
			"such as https://login.example.com/auth/realms/my-realm, and the endpoints are derived as for Keycloak; "+
			"for another provider set authEndpoint, tokenEndpoint and userAPIEndpoint (of GitLab: /oauth/authorize, "+
			"/oauth/token and /api/v4/user)")
	}
}

// address checks one URL of the identity provider: tokens must not be sent unencrypted, except inside the cluster. It
// reports whether the URL is valid.
func address(s *subject, field, text string, parse func(string) (v1alpha1.ServiceURL, error)) bool {
	u, err := parse(text)
	switch {
	case err != nil:
		s.errorf(field, "%v; write for example https://login.example.com/auth/realms/my-realm", err)
	case !u.TLS && !inCluster(u.Host):
		s.errorf(field, "begins with http://, so tokens and the client secret are sent unencrypted; "+
			"use https:// (http:// is allowed for a Service of this cluster, such as keycloak-http.keycloak.svc)")
	default:
		return true
	}
	return false
}

// inCluster reports whether the host is a Service of this cluster.
func inCluster(host string) bool {
	host = strings.TrimSuffix(host, ".cluster.local")
	return strings.HasSuffix(host, ".svc") || !strings.ContainsAny(host, ".:")
}

// otherLogins are variables in spec.env or spec.settings that enable another login method.
var otherLogins = []string{"MM_LDAPSETTINGS_ENABLE", "MM_SAMLSETTINGS_ENABLE", "MM_OPENIDSETTINGS_ENABLE",
	"MM_GITLABSETTINGS_ENABLE", "MM_GOOGLESETTINGS_ENABLE", "MM_OFFICE365SETTINGS_ENABLE"}

func loginWays(s *subject) {
	sso := s.spec.SSO
	if sso.Enabled || orEmpty(s.spec.LDAP).Enabled || orEmpty(s.spec.SAML).Enabled || orEmpty(s.spec.OpenID).Enabled {
		return
	}
	if !s.closed(sso.EmailSignIn, "MM_EMAILSETTINGS_ENABLESIGNINWITHEMAIL") ||
		!s.closed(sso.UsernameSignIn, "MM_EMAILSETTINGS_ENABLESIGNINWITHUSERNAME") {
		return
	}
	for _, name := range otherLogins {
		if variable, ok := s.variable(name); ok && (!variable.known || isOn(variable.value)) {
			return
		}
	}
	s.errorf("spec.sso", "single sign-on is off, and so are LDAP, SAML and login by e-mail or user name, "+
		"so nobody could log in. Set enabled, emailSignIn or usernameSignIn to true, or enable spec.ldap, "+
		"spec.saml or spec.openid")
}

// closed reports whether a login method is off, by its field or by the variable, which wins.
func (s *subject) closed(field *bool, name string) bool {
	if variable, ok := s.variable(name); ok {
		return variable.known && isOff(variable.value)
	}
	return field != nil && !*field
}

func isFalse(on *bool) bool { return on != nil && !*on }

func isTrue(on *bool) bool { return on != nil && *on }
