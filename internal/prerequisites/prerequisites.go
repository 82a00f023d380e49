// SPDX-License-Identifier: Apache-2.0

// Package prerequisites lists what users must set up outside the emitted objects before an installation works: at the
// identity provider, in the database, in the firewall.
package prerequisites

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Topic is the system in which a prerequisite is set up.
type Topic string

// The topics of prerequisites.
const (
	IdentityProvider Topic = "identity provider"
	Keycloak         Topic = "Keycloak"
	GitLab           Topic = "GitLab"
	Mattermost       Topic = "Mattermost"
	PostgreSQL       Topic = "PostgreSQL"
	CloudNativePG    Topic = "CloudNativePG"
	Elasticsearch    Topic = "Elasticsearch"
	ExternalSecrets  Topic = "External Secrets"
	Kubernetes       Topic = "Kubernetes"
	Firewall         Topic = "firewall"
)

// Topics lists all topics in the order of a checklist.
var Topics = []Topic{
	IdentityProvider, Keycloak, GitLab, Mattermost, PostgreSQL, CloudNativePG, Elasticsearch, ExternalSecrets,
	Kubernetes, Firewall,
}

// Prerequisite is one task for the user.
type Prerequisite struct {
	// Topic is the system in which the task is done.
	Topic Topic
	// Field is the path of the field in the configuration that causes the task.
	Field string
	// Message describes the task, with the values to copy. It never contains a secret.
	Message string
}

// List returns the prerequisites of the plan, in a fixed order. When is the time for which they hold; zero if there is
// no clock, which omits times.
func List(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec, when time.Time) []Prerequisite {
	var list []Prerequisite
	add := func(topic Topic, field, format string, args ...any) {
		list = append(list, Prerequisite{Topic: topic, Field: field, Message: result.Format(format, args...)})
	}
	license(spec, add)
	identityProvider(p, spec, add)
	database(p, spec, add)
	backups(p, when, add)
	files(p, add)
	search(spec, add)
	externalSecrets(p, add)
	restarts(p, add)
	firewall(p, add)
	return list
}

type adder func(topic Topic, field, format string, args ...any)

func license(spec *v1alpha1.MattermostConfigSpec, add adder) {
	if l := spec.Enterprise.License; l != nil && l.Uploaded && spec.Enterprise.Enabled {
		add(Mattermost, "spec.enterprise.license.uploaded", "upload the license (System Console, "+
			"Edition and License, or mmctl "+
			"license upload); with a new database, upload it before a second server starts")
	}
}

func identityProvider(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec, add adder) {
	sso := spec.SSO
	if sso.Enabled && sso.Provider == v1alpha1.SSOGitLab {
		add(IdentityProvider, "spec.sso.clientID", "register exactly the redirect URI %s/signup/gitlab/complete for %s, "+
			"without a trailing slash", p.Site, client(sso.ClientID))
		switch plan.IdentityProviderOf(sso) {
		case plan.KeycloakProvider:
			keycloak(spec, add)
		case plan.GitLabProvider:
			add(GitLab, "spec.sso.scope", "allow the application the scope %s; "+
				"without read_user GitLab does not identify the user",
				plan.Scope(spec))
		default:
			userAPI, _, _ := strings.Cut(sso.UserAPIEndpoint, "?")
			add(IdentityProvider, "spec.sso.userAPIEndpoint", "respond at %s with a non-zero integer as id, "+
				"with email and with "+
				"username; without the integer or the e-mail address every login fails, "+
				"and without the name users get a random one",
				userAPI)
		}
	}
	if field, id := openIDClient(spec); id != nil {
		add(IdentityProvider, field, "register exactly the redirect URI %s/signup/openid/complete for %s, "+
			"without a trailing slash", p.Site, client(id))
	}
	if saml := spec.SAML; saml != nil && saml.Enabled {
		add(IdentityProvider, "spec.saml", "register the service provider %s with the assertion consumer service %s",
			cmp.Or(saml.ServiceProviderIdentifier, p.Site.String()), p.SAMLAnswer())
		add(Mattermost, "spec.saml.idpCertificateFile", "upload the identity provider's certificate under the name %s once "+
			"(System Console, or mmctl saml); it is stored in the database", saml.IdpCertificateFile)
		if saml.Encrypt || saml.SignRequest {
			add(Mattermost, "spec.saml.privateKeyFile", "upload the installation's private key under the name %s and its "+
				"certificate under the name %s in the same way", saml.PrivateKeyFile, saml.PublicCertificateFile)
		}
	}
}

// keycloak lists the requirements of the server's GitLab code on Keycloak.
func keycloak(spec *v1alpha1.MattermostConfigSpec, add adder) {
	const field = "spec.sso.clientID"
	add(Keycloak, field, "add a mapper to the client that sets the claim id to a non-zero integer (user "+
		"attribute to claim id, "+
		"JSON type long, added to userinfo), and make sure that userinfo contains email; "+
		"without the integer every login fails")
	add(Keycloak, field, "from version 24 on, declare the user attribute of the claim id in the realm's user profile, "+
		"or enable unmanaged attributes; otherwise Keycloak drops it")
	if plan.UsesPreferredUsername(spec) {
		add(Keycloak, field, "keep the client scope profile, which adds preferred_username and name to "+
			"userinfo, in the client's "+
			"default scopes; otherwise users get random names")
	} else {
		add(Keycloak, field, "add a mapper to the client that sets the claim username to the user name (added to userinfo); "+
			"otherwise users get random names")
	}
	if plan.Scope(spec) == "" {
		add(Keycloak, "spec.sso.scope", "add a default client scope named openid to the client; "+
			"without it Keycloak 20 and later "+
			"respond with 403")
	}
}

// client names a client of the identity provider.
func client(id *v1alpha1.SecretValue) string {
	if !id.IsPlain() {
		return "the client" // its ID is in a Secret or a store
	}
	return "the client " + id.Value
}

// openIDClient returns the ID of the client of OpenID Connect, and the field that contains it.
func openIDClient(spec *v1alpha1.MattermostConfigSpec) (field string, id *v1alpha1.SecretValue) {
	switch {
	case spec.SSO.Enabled && spec.SSO.Provider == v1alpha1.SSOOpenID:
		return "spec.sso.clientID", spec.SSO.ClientID
	case spec.OpenID != nil && spec.OpenID.Enabled:
		return "spec.openid.clientID", spec.OpenID.ClientID
	}
	return "", nil
}

func database(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec, add adder) {
	database := spec.Database
	if database.InCluster != nil {
		return // the role owns the database, and only Mattermost connects
	}
	if database.IsExternal() {
		role := database.Username.Value
		if !database.Username.IsPlain() {
			role = "ROLE" // its name is in a Secret or a store
		}
		add(PostgreSQL, "spec.database.username", "from version 15 on, make %s the owner of the database %s "+
			"(ALTER DATABASE %q OWNER TO %q), or grant it the schema (GRANT ALL ON SCHEMA public TO %q); "+
			"otherwise it cannot create tables",
			role, database.Database, database.Database, role, role)
	}
	sources := 1 + len(database.ReadReplicas)
	add(PostgreSQL, "spec.database", "max_connections must leave room for %d (%s, %d connections each%s)",
		int(p.Replicas)*plan.ConnectionsPerServer*sources, servers(p.Replicas), plan.ConnectionsPerServer*sources,
		map[bool]string{true: ", replicas included"}[sources > 1])
	if sources > 1 {
		add(PostgreSQL, "spec.database.readReplicas", "set hot_standby_feedback = on at every read replica; otherwise long "+
			"searches are canceled")
	}
}

// files requires the user's claim, if the function does not see it.
func files(p *plan.Plan, add adder) {
	claim := p.Files.Claim
	if claim == nil || !claim.Unseen {
		return
	}
	modes := ""
	if claim.IsShared() {
		modes = " with the access mode ReadWriteMany"
	}
	add(Kubernetes, "spec.objectStorage.inCluster.existingClaim",
		"PersistentVolumeClaim %s%s must exist in the namespace "+
			"%s before the servers start, and its files must be writable for their user", claim.Name, modes, p.Namespace)
}

func servers(n int32) string {
	if n == 1 {
		return "one server"
	}
	return fmt.Sprintf("%d servers", n)
}

func search(spec *v1alpha1.MattermostConfigSpec, add adder) {
	if spec.Elasticsearch.Enabled {
		add(Elasticsearch, "spec.elasticsearch.url", "install the plugin analysis-icu on every node and set "+
			"action.destructive_requires_name to false; then start the bulk index in the System Console once")
	}
}

// externalSecrets lists the values that the stores must contain, and the tasks after a value changes there.
func externalSecrets(p *plan.Plan, add adder) {
	keys := map[v1alpha1.StoreRef][]string{}
	for _, secret := range p.ExternalSecrets {
		if secret.Generated {
			add(ExternalSecrets, "spec", "keep a copy of Secret %s outside the cluster once it exists: "+
				"its password is the only one "+
				"that the volume accepts, and a newly generated one does not work", secret.Name)
		}
		for _, value := range secret.Values {
			keys[value.Ref.Store] = append(keys[value.Ref.Store], storeKey(value.Ref))
		}
	}
	if len(keys) == 0 {
		return
	}
	stores := slices.SortedFunc(maps.Keys(keys), func(a, b v1alpha1.StoreRef) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	for _, store := range stores {
		unique := slices.Compact(slices.Sorted(slices.Values(keys[store])))
		add(ExternalSecrets, "spec", "%s %s must contain %s", store.Kind, store.Name, strings.Join(unique, ", "))
	}
	add(ExternalSecrets, "spec", "after a value changes in its store, it is in the Secret within an hour, "+
		"but restarts nothing; "+
		"then run kubectl -n %s rollout restart deployment/%s", p.Namespace, p.Name)
	isFetched := func(s plan.ExternalSecret) bool { return s.Name == p.Database.Secret && !s.Generated }
	if set := p.Database.StatefulSet; set != nil && slices.ContainsFunc(p.ExternalSecrets, isFetched) {
		add(PostgreSQL, "spec.database.inCluster.password", "the password in the Secret takes effect only for a new volume; "+
			"after a change in the store, change it in PostgreSQL within the hour (ALTER ROLE %q PASSWORD ...)", set.Owner)
	}
}

// storeKey returns the key of a value in its store, with its property.
func storeKey(ref v1alpha1.ExternalRef) string {
	if ref.Property == "" {
		return ref.Key
	}
	return ref.Key + " (" + ref.Property + ")"
}

// restarts lists the objects whose changes the function cannot detect, since they are not among its input resources.
func restarts(p *plan.Plan, add adder) {
	var sources []string
	for _, source := range p.Unseen {
		if !reloads(p.Pod.Annotations, source) {
			sources = append(sources, source.Kind+" "+source.Name)
		}
	}
	if len(sources) > 0 {
		add(Kubernetes, "spec", "the servers read %s only when they start: after a change run "+
			"kubectl -n %s rollout restart deployment/%s, or let Reloader do it (docs/secrets.md)",
			strings.Join(sources, ", "), p.Namespace, p.Name)
	}
}

// reloads reports whether the pods have an annotation with which Reloader restarts them when the object changes.
func reloads(annotations map[string]string, source plan.Source) bool {
	const reloader = "reloader.stakater.com/"
	kind := strings.ToLower(source.Kind) + "." + reloader
	isSource := func(name string) bool { return strings.TrimSpace(name) == source.Name }
	return annotations[reloader+"auto"] == "true" || annotations[kind+"auto"] == "true" ||
		slices.ContainsFunc(strings.Split(annotations[kind+"reload"], ","), isSource)
}

func firewall(p *plan.Plan, add adder) {
	var external []string
	for _, d := range p.Destinations {
		if d.Namespace == "" && d.Host != "" {
			external = append(external, net.JoinHostPort(d.Host, strconv.Itoa(int(d.Port)))+" ("+d.Name()+")")
		}
	}
	if len(external) > 0 {
		add(Firewall, "spec", "let the cluster reach %s", strings.Join(external, ", "))
	}
}
