// Package prerequisites says what a person must arrange elsewhere before an installation works: at the identity provider, in the
// database, at the firewall. None of it can be emitted.
package prerequisites

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// Topic says where something is to be arranged.
type Topic string

// The topics.
const (
	IdentityProvider Topic = "identity provider"
	Keycloak         Topic = "Keycloak"
	GitLab           Topic = "GitLab"
	Mattermost       Topic = "Mattermost"
	PostgreSQL       Topic = "PostgreSQL"
	Elasticsearch    Topic = "Elasticsearch"
	ExternalSecrets  Topic = "External Secrets"
	Kubernetes       Topic = "Kubernetes"
	Firewall         Topic = "firewall"
)

// Topics are all topics in the order of a checklist.
var Topics = []Topic{IdentityProvider, Keycloak, GitLab, Mattermost, PostgreSQL, Elasticsearch, ExternalSecrets, Kubernetes, Firewall}

// Prerequisite is one thing to arrange.
type Prerequisite struct {
	// Topic says where.
	Topic Topic
	// Field of the configuration that it follows from.
	Field string
	// Message says what to do, with the values to copy.
	Message string
}

// List returns what must be arranged for the plan, in a fixed order.
func List(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec) []Prerequisite {
	var list []Prerequisite
	add := func(topic Topic, field, format string, args ...any) {
		list = append(list, Prerequisite{Topic: topic, Field: field, Message: fmt.Sprintf(format, args...)})
	}
	license(spec, add)
	identityProvider(p, spec, add)
	database(p, spec, add)
	search(spec, add)
	externalSecrets(p, add)
	restarts(p, add)
	firewall(p, add)
	return list
}

type adder func(topic Topic, field, format string, args ...any)

func license(spec *v1alpha1.MattermostConfigSpec, add adder) {
	if l := spec.Enterprise.License; l != nil && l.Uploaded && spec.Enterprise.Enabled {
		add(Mattermost, "spec.enterprise.license.uploaded", "upload the license (System Console, Edition and License, or mmctl license upload); on a new database do so before a second server starts")
	}
}

func identityProvider(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec, add adder) {
	sso := spec.SSO
	if sso.Enabled && sso.Provider == v1alpha1.SSOGitLab {
		add(IdentityProvider, "spec.sso.clientID", "register the redirect URI %s/signup/gitlab/complete for the client %s, exactly so, without a slash at the end", p.Site, sso.ClientID)
		switch plan.IdentityProviderOf(sso) {
		case plan.KeycloakProvider:
			keycloak(spec, add)
		case plan.GitLabProvider:
			add(GitLab, "spec.sso.scope", "allow the application the scope %s; without read_user GitLab does not say who logs in", plan.Scope(spec))
		default:
			userAPI, _, _ := strings.Cut(sso.UserAPIEndpoint, "?")
			add(IdentityProvider, "spec.sso.userAPIEndpoint", "answer at %s with a whole number that is not 0 as id, with email and with username; without the number or the address every login fails, "+
				"and without the name users get a random one", userAPI)
		}
	}
	if field, client := openIDClient(spec); client != "" {
		add(IdentityProvider, field, "register the redirect URI %s/signup/openid/complete for the client %s, exactly so, without a slash at the end", p.Site, client)
	}
	if saml := spec.SAML; saml != nil && saml.Enabled {
		add(IdentityProvider, "spec.saml", "register the service provider %s with the assertion consumer service %s", orElse(saml.ServiceProviderIdentifier, p.Site.String()), p.SAMLAnswer())
		add(Mattermost, "spec.saml.idpCertificateFile", "upload the identity provider's certificate under the name %s once (System Console, or mmctl saml); it is kept in the database", saml.IdpCertificateFile)
		if saml.Encrypt || saml.SignRequest {
			add(Mattermost, "spec.saml.privateKeyFile", "upload our private key under the name %s and its certificate under %s in the same way", saml.PrivateKeyFile, saml.PublicCertificateFile)
		}
	}
}

// keycloak lists what the server's code for GitLab needs of Keycloak.
func keycloak(spec *v1alpha1.MattermostConfigSpec, add adder) {
	const field = "spec.sso.clientID"
	add(Keycloak, field, "give the client a mapper that puts a whole number that is not 0 into the claim id (user attribute to claim id, JSON type long, added to userinfo), "+
		"and see that email is in userinfo; without the number every login fails")
	add(Keycloak, field, "from version 24 on, declare the user attribute behind the claim id in the realm's user profile, or enable unmanaged attributes; it is dropped otherwise")
	if plan.UsesPreferredUsername(spec) {
		add(Keycloak, field, "leave the client scope profile, which puts preferred_username and name into userinfo, among the client's default scopes; users get random names without it")
	} else {
		add(Keycloak, field, "give the client a mapper that puts the user name into the claim username (added to userinfo); users get random names without it")
	}
	if plan.Scope(spec) == "" {
		add(Keycloak, "spec.sso.scope", "give the client a default client scope named openid; Keycloak 20 and later answer 403 without it")
	}
}

// openIDClient is the client of OpenID Connect, and the field that names it.
func openIDClient(spec *v1alpha1.MattermostConfigSpec) (field, client string) {
	switch {
	case spec.SSO.Enabled && spec.SSO.Provider == v1alpha1.SSOOpenID:
		return "spec.sso.clientID", spec.SSO.ClientID
	case spec.OpenID != nil && spec.OpenID.Enabled:
		return "spec.openid.clientID", spec.OpenID.ClientID
	}
	return "", ""
}

func database(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec, add adder) {
	database := spec.Database
	if database.InCluster != nil {
		return // the role owns the database, and nobody else connects
	}
	if database.IsExternal() {
		role := database.Username.Value
		if !database.Username.IsPlain() {
			role = "ROLE" // in a Secret, or a store
		}
		add(PostgreSQL, "spec.database.username", "from version 15 on, make %s the owner of the database %s (ALTER DATABASE %q OWNER TO %q), or grant it the schema (GRANT ALL ON SCHEMA public TO %q); it cannot create tables otherwise",
			role, database.Database, database.Database, role, role)
	}
	sources := 1 + len(database.ReadReplicas)
	add(PostgreSQL, "spec.database", "max_connections must leave room for %d (%s, %d connections each%s)", int(p.Replicas)*plan.ConnectionsPerServer*sources, servers(p.Replicas), plan.ConnectionsPerServer*sources,
		map[bool]string{true: ", replicas included"}[sources > 1])
	if sources > 1 {
		add(PostgreSQL, "spec.database.readReplicas", "set hot_standby_feedback = on at every read replica; long searches are cancelled otherwise")
	}
}

func servers(n int32) string {
	if n == 1 {
		return "one server"
	}
	return fmt.Sprintf("%d servers", n)
}

func search(spec *v1alpha1.MattermostConfigSpec, add adder) {
	if spec.Elasticsearch.Enabled {
		add(Elasticsearch, "spec.elasticsearch.url", "every node needs the plugin analysis-icu, and action.destructive_requires_name must be false; then start the bulk index in the System Console once")
	}
}

// externalSecrets lists what the stores must hold, and what no object can do about a value that changes there.
func externalSecrets(p *plan.Plan, add adder) {
	held := map[v1alpha1.StoreRef][]string{}
	for _, secret := range p.ExternalSecrets {
		if secret.Generated {
			add(ExternalSecrets, "spec", "keep a copy of Secret %s once it is made, apart from the cluster: the password in it is the only one that the volume knows, and a new one would not open it", secret.Name)
		}
		for _, value := range secret.Values {
			held[value.Ref.Store] = append(held[value.Ref.Store], place(value.Ref))
		}
	}
	if len(held) == 0 {
		return
	}
	stores := slices.SortedFunc(maps.Keys(held), func(a, b v1alpha1.StoreRef) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	for _, store := range stores {
		places := slices.Compact(slices.Sorted(slices.Values(held[store])))
		add(ExternalSecrets, "spec", "%s %s must hold %s", store.Kind, store.Name, strings.Join(places, ", "))
	}
	add(ExternalSecrets, "spec", "a value that changes in its store is in the Secret within an hour, and restarts nothing; then run kubectl -n %s rollout restart deployment/%s", p.Namespace, p.Name)
	if set := p.Database.StatefulSet; set != nil && slices.ContainsFunc(p.ExternalSecrets, func(s plan.ExternalSecret) bool { return s.Name == p.Database.Secret && !s.Generated }) {
		add(PostgreSQL, "spec.database.inCluster.password", "takes a password from the Secret only when its volume is new; change one there in the same hour as in the store (ALTER ROLE %q PASSWORD ...)", set.Owner)
	}
}

// place is where a value stands in its store.
func place(ref v1alpha1.ExternalRef) string {
	if ref.Property == "" {
		return ref.Key
	}
	return ref.Key + " (" + ref.Property + ")"
}

// restarts says what only a person, or a tool in the cluster, can notice: a change of what is not among the resources.
func restarts(p *plan.Plan, add adder) {
	var sources []string
	for _, source := range p.Unseen {
		if !reloads(p.Pod.Annotations, source) {
			sources = append(sources, source.Kind+" "+source.Name)
		}
	}
	if len(sources) > 0 {
		add(Kubernetes, "spec", "the servers read %s only when they start: after a change run kubectl -n %s rollout restart deployment/%s, or let Reloader do it (docs/secrets.md)",
			strings.Join(sources, ", "), p.Namespace, p.Name)
	}
}

// reloads reports whether the pods carry an annotation with which Reloader restarts them when the object changes.
func reloads(annotations map[string]string, source plan.Source) bool {
	const reloader = "reloader.stakater.com/"
	kind := strings.ToLower(source.Kind) + "." + reloader
	return annotations[reloader+"auto"] == "true" || annotations[kind+"auto"] == "true" ||
		slices.ContainsFunc(strings.Split(annotations[kind+"reload"], ","), func(name string) bool { return strings.TrimSpace(name) == source.Name })
}

func firewall(p *plan.Plan, add adder) {
	var outside []string
	for _, d := range p.Destinations {
		if d.Namespace == "" && d.Host != "" {
			outside = append(outside, net.JoinHostPort(d.Host, strconv.Itoa(int(d.Port)))+" ("+d.Name()+")")
		}
	}
	if len(outside) > 0 {
		add(Firewall, "spec", "let the cluster reach %s", strings.Join(outside, ", "))
	}
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
