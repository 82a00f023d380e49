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
		s.errorf("spec.sso.clientSecret", "is missing; give the client's secret at the identity provider, as text, "+
			"{secretKeyRef: {name, key}} or {externalSecret: {store: {name}, key}}")
	}
	endpoints(s, sso)
	scope(s, sso)
}

// clientID finds an id that breaks the login address.
func clientID(s *subject, field string, value *v1alpha1.SecretValue) {
	id, _ := s.visible(value)
	if !unfinished(id) && id != url.QueryEscape(id) {
		s.errorf(field, "contains characters that the server puts into the login address as they are, "+
			"where they mean something else; give the client an id of letters, digits, hyphens, dots and underscores")
	}
}

// scope finds a scope that Keycloak since version 20, and OpenID Connect always, answers with a refusal. On the team
// edition another rule speaks of it.
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
	s.warnf("spec.sso.scope", "does not hold openid, and without it Keycloak answers every login with 403 since version "+
		"20; leave the field out, or give the Keycloak client a default client scope named openid")
}

// gitLabScope finds a scope with which GitLab does not say who the person is.
func gitLabScope(s *subject, sso *v1alpha1.SSO) {
	if sso.Scope == nil || slices.ContainsFunc(strings.Fields(*sso.Scope),
		func(scope string) bool { return slices.Contains([]string{"read_user", "read_api", "api"}, scope) }) {
		return
	}
	s.warnf("spec.sso.scope", "does not hold read_user, and without it GitLab does not say at /api/v4/user who logs in, "+
		"so every login fails; leave the field out, or write read_user")
}

// endpoints checks that the identity provider's addresses are given in one of the two forms, and are safe.
func endpoints(s *subject, sso *v1alpha1.SSO) {
	single := map[string]string{"authEndpoint": sso.AuthEndpoint, "tokenEndpoint": sso.TokenEndpoint,
		"userAPIEndpoint": sso.UserAPIEndpoint}
	names := []string{"authEndpoint", "tokenEndpoint", "userAPIEndpoint"}
	given := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return single[name] == "" })
	switch {
	case sso.Provider == v1alpha1.SSOOpenID && len(given) > 0:
		s.errorf("spec.sso."+given[0], "is not used by the openid provider, which finds all addresses by itself; "+
			"give spec.sso.issuerURL instead")
	case sso.IssuerURL != "" && len(given) > 0:
		s.errorf("spec.sso."+given[0], "conflicts with spec.sso.issuerURL, from which all URLs are derived; "+
			"set only one of the two forms")
	case sso.IssuerURL != "":
		issuer(s, sso)
	case sso.Provider == v1alpha1.SSOOpenID || len(given) == 0:
		s.errorf("spec.sso.issuerURL", "is missing; give the issuer, for Keycloak the realm, "+
			"such as https://login.example.com/auth/realms/my-realm")
	default:
		for _, name := range names {
			switch {
			case single[name] == "":
				s.errorf("spec.sso."+name, "is missing; give all of authEndpoint, tokenEndpoint and userAPIEndpoint, "+
					"or only spec.sso.issuerURL")
			case name == "authEndpoint": // to which the server appends a query of its own
				address(s, "spec.sso."+name, single[name], v1alpha1.ParseServiceURL)
			default:
				address(s, "spec.sso."+name, single[name], v1alpha1.ParseQueryURL)
			}
		}
	}
}

// issuer checks the address that all others are made from. For GitLab's protocol they are those that Keycloak has.
func issuer(s *subject, sso *v1alpha1.SSO) {
	if address(s, "spec.sso.issuerURL", sso.IssuerURL, v1alpha1.ParseServiceURL) && sso.Provider == v1alpha1.SSOGitLab &&
		!strings.Contains(sso.IssuerURL, "/realms/") {
		s.warnf("spec.sso.issuerURL", "does not look like a realm of Keycloak, "+
			"such as https://login.example.com/auth/realms/my-realm, and the endpoints are put together as Keycloak has them; "+
			"for another provider give authEndpoint, tokenEndpoint and userAPIEndpoint (of GitLab: /oauth/authorize, "+
			"/oauth/token and /api/v4/user)")
	}
}

// address checks one address of the identity provider: tokens must not travel in clear text, except inside the cluster.
// It reports whether the address is a good one.
func address(s *subject, field, text string, parse func(string) (v1alpha1.ServiceURL, error)) bool {
	u, err := parse(text)
	switch {
	case err != nil:
		s.errorf(field, "%v; write for example https://login.example.com/auth/realms/my-realm", err)
	case !u.TLS && !inCluster(u.Host):
		s.errorf(field, "begins with http://, so that tokens and the client's secret travel in clear text; "+
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

// otherLogins are variables that open a way in by spec.env or spec.settings.
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
	s.errorf("spec.sso", "single sign-on is off, and so are LDAP, SAML and logging in by e-mail and by user name: "+
		"nobody could log in. Set enabled, emailSignIn or usernameSignIn to true, or enable spec.ldap, "+
		"spec.saml or spec.openid")
}

// closed reports whether a way to log in is off, by its field or by the variable, which wins.
func (s *subject) closed(field *bool, name string) bool {
	if variable, ok := s.variable(name); ok {
		return variable.known && isOff(variable.value)
	}
	return field != nil && !*field
}

func isFalse(on *bool) bool { return on != nil && !*on }
