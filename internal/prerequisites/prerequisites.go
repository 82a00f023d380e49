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

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Topic is the system in which a prerequisite is set up.
type Topic string

// The topics of prerequisites.
const (
	Operators        Topic = "operators"
	Kubernetes       Topic = "Kubernetes"
	ExternalSecrets  Topic = "External Secrets"
	Policies         Topic = "policies"
	Firewall         Topic = "firewall"
	IdentityProvider Topic = "identity provider"
	Keycloak         Topic = "Keycloak"
	GitLab           Topic = "GitLab"
	PostgreSQL       Topic = "PostgreSQL"
	CloudNativePG    Topic = "CloudNativePG"
	Elasticsearch    Topic = "Elasticsearch"
	Monitoring       Topic = "monitoring"
	Logging          Topic = "logging"
	Mattermost       Topic = "Mattermost"
	Gateway          Topic = "gateway"
	AfterChange      Topic = "after a change"
)

// Topics lists all topics in an order in which the tasks can be done.
var Topics = []Topic{
	Operators, Kubernetes, ExternalSecrets, Policies, Firewall, IdentityProvider, Keycloak, GitLab, PostgreSQL,
	CloudNativePG, Elasticsearch, Monitoring, Logging, Mattermost, Gateway, AfterChange,
}

// Prerequisite is one task for the user.
type Prerequisite struct {
	// Prerequisite has its id, and the object that must exist.
	result.Prerequisite
	// Topic is the system in which the task is done.
	Topic Topic
	// Field is the path of the field in the configuration that causes the task.
	Field string
	// Message describes the task, with the values to copy. It never contains a secret.
	Message string
}

// Input is what prerequisites depend on.
type Input struct {
	Plan *plan.Plan
	Spec *v1alpha1.MattermostConfigSpec
	// Time for which they hold; zero if there is no clock, which omits times.
	Time time.Time
	// Objects are those that are emitted, with the configuration's patches.
	Objects []*resourcelist.Item
	// Configuration is the node of the configuration, in which fields are looked up; nil for none.
	Configuration *yaml.Node
	// Has reports whether an object is among the input resources.
	Has func(group, kind, namespace, name string) bool
}

// List returns the prerequisites in the order of Topics.
func List(in Input) []Prerequisite {
	c := &checklist{Input: in}
	p, spec, add := in.Plan, in.Spec, c.add
	made := c.objects()
	c.policies()
	license(spec, add)
	identityProvider(p, spec, add)
	database(p, spec, add)
	backups(p, in.Time, add)
	if p.Database.WaitImage != p.Image.Reference {
		add("wait-image", Kubernetes, "spec.database.waitImage", "nodes must be able to pull %s, which waits for the "+
			"database "+
			"before version 11.9", p.Database.WaitImage)
	}
	c.files()
	c.bucket()
	c.serviceAccount()
	search(spec, add)
	monitoring(p, add)
	logging(p, add)
	c.externalSecrets()
	c.firstAdministrator()
	restarts(p, add)
	c.firewall()
	c.calls()
	c.references(made)
	c.gateway()
	slices.SortStableFunc(c.list, func(a, b Prerequisite) int {
		return cmp.Compare(slices.Index(Topics, a.Topic), slices.Index(Topics, b.Topic))
	})
	for i := range c.list {
		c.list[i].Position = i + 1
	}
	return c.list
}

// checklist collects prerequisites.
type checklist struct {
	Input
	list []Prerequisite
}

type adder func(id string, topic Topic, field, format string, args ...any)

func (c *checklist) add(id string, topic Topic, field, format string, args ...any) {
	c.addDetails(result.Prerequisite{ID: id}, topic, field, format, args...)
}

func (c *checklist) addDetails(details result.Prerequisite, topic Topic, field, format string, args ...any) {
	for _, text := range []*string{&details.ID, &details.Namespace, &details.Name} {
		*text = result.Format("%s", *text) // without credentials, which someone may write in place of a name
	}
	keys := slices.Clone(details.Keys)
	for i := range keys {
		keys[i] = result.Format("%s", keys[i])
	}
	details.Keys = keys
	c.list = append(c.list, Prerequisite{
		Prerequisite: details, Topic: topic, Field: field, Message: result.Format(format, args...),
	})
}

func license(spec *v1alpha1.MattermostConfigSpec, add adder) {
	if l := spec.Enterprise.License; l != nil && l.Uploaded && spec.Enterprise.Enabled {
		add("license-upload", Mattermost, "spec.enterprise.license.uploaded", "upload the license (System Console, "+
			"Edition and License, or mmctl "+
			"license upload); with a new database, upload it before a second server starts")
	}
}

func identityProvider(p *plan.Plan, spec *v1alpha1.MattermostConfigSpec, add adder) {
	sso := spec.SSO
	if sso.Enabled && sso.Provider == v1alpha1.SSOGitLab {
		add("redirect-uri-gitlab", IdentityProvider, "spec.sso.clientID", "register exactly the redirect URI "+
			"%s/signup/gitlab/complete for %s, "+
			"without a trailing slash", p.Site, client(sso.ClientID))
		switch plan.IdentityProviderOf(sso) {
		case plan.KeycloakProvider:
			keycloak(spec, add)
		case plan.GitLabProvider:
			add("gitlab-scope", GitLab, "spec.sso.scope", "allow the application the scope %s; "+
				"without read_user GitLab does not identify the user",
				plan.Scope(spec))
		default:
			userAPI, _, _ := strings.Cut(sso.UserAPIEndpoint, "?")
			add("user-api", IdentityProvider, "spec.sso.userAPIEndpoint", "respond at %s with a non-zero integer as id, "+
				"with email and with "+
				"username; without the integer or the e-mail address every login fails, "+
				"and without the name users get a random one",
				userAPI)
		}
	}
	if field, id := openIDClient(spec); id != nil {
		add("redirect-uri-openid", IdentityProvider, field, "register exactly the redirect URI "+
			"%s/signup/openid/complete for %s, "+
			"without a trailing slash", p.Site, client(id))
	}
	if saml := spec.SAML; saml != nil && saml.Enabled {
		add("saml-service-provider", IdentityProvider, "spec.saml", "register the service provider %s with the "+
			"assertion consumer service %s",
			cmp.Or(saml.ServiceProviderIdentifier, p.Site.String()), p.SAMLAnswer())
		add("saml-certificate", Mattermost, "spec.saml.idpCertificateFile", "upload the identity provider's "+
			"certificate under the name %s once "+
			"(System Console, or mmctl saml); it is stored in the database", saml.IdpCertificateFile)
		if saml.Encrypt || saml.SignRequest {
			add("saml-key", Mattermost, "spec.saml.privateKeyFile", "upload the installation's private key under the "+
				"name %s and its "+
				"certificate under the name %s in the same way", saml.PrivateKeyFile, saml.PublicCertificateFile)
		}
	}
}

// keycloak lists the requirements of the server's GitLab code on Keycloak.
func keycloak(spec *v1alpha1.MattermostConfigSpec, add adder) {
	const field = "spec.sso.clientID"
	add("keycloak-id-claim", Keycloak, field, "add a mapper to the client that sets the claim id to a non-zero "+
		"integer (user "+
		"attribute to claim id, "+
		"JSON type long, added to userinfo), and make sure that userinfo contains email; "+
		"without the integer every login fails")
	add("keycloak-user-profile", Keycloak, field, "from version 24 on, declare the user attribute of the claim id "+
		"in the realm's user profile, "+
		"or enable unmanaged attributes; otherwise Keycloak drops it")
	if plan.UsesPreferredUsername(spec) {
		add("keycloak-profile-scope", Keycloak, field, "keep the client scope profile, which adds "+
			"preferred_username and name to "+
			"userinfo, in the client's "+
			"default scopes; otherwise users get random names")
	} else {
		add("keycloak-username-claim", Keycloak, field, "add a mapper to the client that sets the claim username to "+
			"the user name (added to userinfo); "+
			"otherwise users get random names")
	}
	if plan.Scope(spec) == "" {
		add("keycloak-openid-scope", Keycloak, "spec.sso.scope", "add a default client scope named openid to the client; "+
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
		role, where := database.Username.Value, ""
		if name := database.Username; !name.IsPlain() {
			role, where = "ROLE", ". ROLE is the user in the store of spec.database.username"
			if name.SecretKeyRef != nil {
				where = fmt.Sprintf(". ROLE is the user in the key %s of Secret %s", name.SecretKeyRef.Key, name.SecretKeyRef.Name)
			}
		}
		add("database-grants", PostgreSQL, "spec.database.username", "from version 15 on, make %s the owner of the "+
			"database %s "+
			"(ALTER DATABASE %q OWNER TO %q), or grant it the schema (GRANT ALL ON SCHEMA public TO %q); "+
			"otherwise it cannot create tables%s",
			role, database.Database, database.Database, role, role, where)
	}
	sources := 1 + len(database.ReadReplicas)
	add("database-connections", PostgreSQL, "spec.database", "max_connections must leave room for %d (%s, %d "+
		"connections each%s)",
		int(p.Replicas)*plan.ConnectionsPerServer*sources, servers(p.Replicas), plan.ConnectionsPerServer*sources,
		map[bool]string{true: ", replicas included"}[sources > 1])
	if sources > 1 {
		add("database-standby-feedback", PostgreSQL, "spec.database.readReplicas", "set hot_standby_feedback = on "+
			"at every read replica; otherwise long "+
			"searches are canceled")
	}
}

// files requires the user's claim, if the function does not see it.
func (c *checklist) files() {
	claim := c.Plan.Files.Claim
	if claim == nil || !claim.Unseen {
		return
	}
	modes := ""
	if claim.IsShared() {
		modes = " with the access mode ReadWriteMany"
	}
	details := c.object("PersistentVolumeClaim", c.Plan.Namespace, claim.Name)
	c.addDetails(details, Kubernetes, "spec.objectStorage.inCluster.existingClaim", "PersistentVolumeClaim %s%s "+
		"must exist "+
		"in the namespace %s before the servers start, and its files must be writable for their user", claim.Name, modes,
		c.Plan.Namespace)
}

func servers(n int32) string {
	if n == 1 {
		return "one server"
	}
	return fmt.Sprintf("%d servers", n)
}

func search(spec *v1alpha1.MattermostConfigSpec, add adder) {
	if spec.Elasticsearch.Enabled {
		add("elasticsearch", Elasticsearch, "spec.elasticsearch.url", "install the plugin analysis-icu on every "+
			"node and set "+
			"action.destructive_requires_name to false; then start the bulk index in the System Console once")
	}
}

// externalSecrets lists the values that the stores must contain, and the tasks after a value changes there.
func (c *checklist) externalSecrets() {
	p, add := c.Plan, c.add
	keys := map[v1alpha1.StoreRef][]string{}
	for _, secret := range p.ExternalSecrets {
		if secret.Generated {
			add("keep-copy/"+secret.Name, AfterChange, "spec", "keep a copy of Secret %s outside the cluster once it "+
				"exists: "+
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
		details := c.object(string(store.Kind), p.Namespace, store.Name)
		if withoutNamespace[string(store.Kind)] {
			details = c.object(string(store.Kind), "", store.Name)
		}
		details.Keys = unique
		c.addDetails(details, ExternalSecrets, "spec", "%s %s must contain %s", store.Kind, store.Name,
			strings.Join(unique, ", "))
	}
	add("external-secret-restart", AfterChange, "spec", "after a value changes in its store, it is in the Secret "+
		"within an hour, "+
		"but restarts nothing; "+
		"then run kubectl -n %s rollout restart deployment/%s", p.Namespace, p.Name)
	isFetched := func(s plan.ExternalSecret) bool { return s.Name == p.Database.Secret && !s.Generated }
	if set := p.Database.StatefulSet; set != nil && slices.ContainsFunc(p.ExternalSecrets, isFetched) {
		add("database-password-change", AfterChange, "spec.database.inCluster.password", "the password in the "+
			"Secret takes effect only for a new volume; "+
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
		add("restart", AfterChange, "spec", "the servers read %s only when they start: after a change run "+
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

func (c *checklist) firewall() {
	var external, hosts []string
	for _, d := range c.Plan.Destinations {
		if d.Namespace == "" && d.Host != "" {
			host := net.JoinHostPort(d.Host, strconv.Itoa(int(d.Port)))
			hosts = append(hosts, host)
			external = append(external, host+" ("+d.Name()+")")
		}
		if d.Host == "" && d.Kind == plan.DestinationAllowed { // those of credentials are on the node
			addresses := fmt.Sprintf("%s port %d", strings.Join(d.CIDRs, ", "), d.Port)
			hosts, external = append(hosts, addresses), append(external, addresses)
		}
	}
	if len(external) > 0 {
		c.addDetails(result.Prerequisite{ID: "firewall", Keys: hosts}, Firewall, "spec", "let the cluster reach %s",
			strings.Join(external, ", "))
	}
}
