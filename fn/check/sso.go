package check

import (
	"net/url"
	"slices"
	"strings"

	"mattermost-fn/fn/v1alpha1"
)

func containsWord(text, word string) bool { return slices.Contains(strings.Fields(text), word) }

func singleSignOn(s *subject) {
	sso := s.spec.SSO
	if !sso.Enabled {
		for _, field := range []string{"clientID", "clientSecret", "issuerURL", "authEndpoint"} {
			if s.given("spec.sso."+field) && !s.given("spec.sso.enabled") {
				s.warnf("spec.sso", "describes single sign-on but does not enable it; set spec.sso.enabled: true")
				return
			}
		}
		return
	}
	switch {
	case sso.ClientID == "":
		s.errorf("spec.sso.clientID", "is missing; give the client's id at the identity provider")
	case sso.ClientID != url.QueryEscape(sso.ClientID):
		s.errorf("spec.sso.clientID", "%q holds characters that the server puts into the login address unescaped; give the client an id of letters, digits, hyphens, dots and underscores", sso.ClientID)
	}
	if sso.ClientSecret == nil {
		s.errorf("spec.sso.clientSecret", "is missing; give the client's secret at the identity provider, as text or {secretKeyRef: {name, key}}")
	}
	endpoints(s, sso)
}

// endpoints checks that the identity provider's addresses are given in one of the two forms, and are safe.
func endpoints(s *subject, sso *v1alpha1.SSO) {
	single := map[string]string{"authEndpoint": sso.AuthEndpoint, "tokenEndpoint": sso.TokenEndpoint, "userAPIEndpoint": sso.UserAPIEndpoint}
	names := []string{"authEndpoint", "tokenEndpoint", "userAPIEndpoint"}
	given := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return single[name] == "" })
	switch {
	case sso.Provider == v1alpha1.SSOOpenID && len(given) > 0:
		s.errorf("spec.sso."+given[0], "is not used by the openid provider, which finds all addresses by itself; give spec.sso.issuerURL instead")
	case sso.IssuerURL != "" && len(given) > 0:
		s.errorf("spec.sso."+given[0], "stands beside spec.sso.issuerURL, which gives all addresses; keep one of the two forms")
	case sso.IssuerURL != "":
		address(s, "spec.sso.issuerURL", sso.IssuerURL)
	case sso.Provider == v1alpha1.SSOOpenID || len(given) == 0:
		s.errorf("spec.sso.issuerURL", "is missing; give the issuer, for Keycloak the realm, such as https://login.example.com/auth/realms/my-realm")
	default:
		for _, name := range names {
			if single[name] == "" {
				s.errorf("spec.sso."+name, "is missing; give all of authEndpoint, tokenEndpoint and userAPIEndpoint, or only spec.sso.issuerURL")
			} else {
				address(s, "spec.sso."+name, single[name])
			}
		}
	}
}

// address checks one address of the identity provider: tokens must not travel in clear text, except inside the cluster.
func address(s *subject, field, text string) {
	u, err := v1alpha1.ParseServiceURL(text)
	switch {
	case err != nil:
		s.errorf(field, "%v; write for example https://login.example.com/auth/realms/my-realm", err)
	case !u.TLS && !inCluster(u.Host):
		s.errorf(field, "begins with http://, so that tokens and the client's secret travel in clear text; use https:// (http:// is allowed for a Service of this cluster, such as keycloak-http.keycloak.svc)")
	}
}

// inCluster says whether the host is a Service of this cluster.
func inCluster(host string) bool {
	host = strings.TrimSuffix(host, ".cluster.local")
	return strings.HasSuffix(host, ".svc") || !strings.ContainsAny(host, ".:")
}

func loginWays(s *subject) {
	sso := s.spec.SSO
	closed := func(on *bool) bool { return on != nil && !*on }
	if !sso.Enabled && closed(sso.EmailSignIn) && closed(sso.UsernameSignIn) {
		s.errorf("spec.sso", "single sign-on is off, and so are logging in by e-mail and by user name: nobody could log in. Enable one of them")
	}
}
