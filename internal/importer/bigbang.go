// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// Names in Big Bang's package chart (11.5.1-bb.0), which are the same for every release.
const (
	bigBangDatabaseSecret = "mattermost-dbcreds"
	bigBangMinIOSecret    = "minio-access"
	bigBangMinIOEndpoint  = "http://mattermost-minio-hl.%s.svc.cluster.local:9000"
	bigBangElasticSecret  = "logging-ek-es-elastic-user"
	bigBangGateway        = "istio-gateway/public-ingressgateway"
)

// bigBangPackage translates the values of Big Bang's package chart, of the current one and back to those of 2022.
func (t *translation) bigBangPackage(in *value) {
	t.bigBangSite(in)
	t.bigBangImage(in)
	t.bigBangLicense(in)
	t.bigBangSize(in)
	t.bigBangDatabase(in)
	t.bigBangFiles(in)
	t.bigBangSSO(in)
	t.bigBangElasticsearch(in)
	t.bigBangMesh(in)
	t.operatorResourcePatch(in.at("resourcePatch"))
	t.bigBangPolicies(in)
	t.bigBangMonitoring(in)
	t.bigBangPod(in)
	t.bigBangEnvironment(in)
	t.change("Big Bang's update job and wait job do not exist: the operator's job blocks every later change once it has "+
		"failed. To wait: kubectl wait --for=jsonpath={.status.state}=stable mattermost/%s", t.name)
	t.change("pods comply with the pod security standard restricted; those of Big Bang's chart do not")
	t.change("probes, the init container that waits for the database, and a checksum that restarts pods when a Secret " +
		"in the input changes are set by mattermost-fn")
}

// bigBangSite translates domain and host. The chart of 2022 calls the domain hostname.
func (t *translation) bigBangSite(in *value) {
	domain := in.at("domain")
	if legacy := in.at("hostname"); legacy != nil {
		switch {
		case domain == nil:
			domain = legacy
		case domain.string() == legacy.string():
			t.unnecessary(legacy, "the earlier name of domain")
		default:
			t.unnecessary(legacy, "domain wins")
		}
	}
	t.textTo("spec.domain", domain)
	route := in.at("routes", "inbound", "chat")
	ingress := in.at("ingress")
	hosts := firstOf(route.at("hosts"), in.at("istio", "mattermost", "hosts"), in.at("istio", "chat", "hosts"))
	if hosts != nil {
		for i, host := range hosts.items {
			text := host.string()
			switch {
			case i > 0:
				t.notTranslated(host, "the site has one host: add others to the route with spec.patches")
			case strings.Contains(text, "{{"):
				if domain == nil {
					t.notTranslated(host, "a template of the chart: set spec.host to what it gives")
				} else if prefix, _, _ := strings.Cut(text, "."); prefix == "chat" {
					t.mark(host, Translated, "", "spec.domain")
				} else {
					t.site("https://"+prefix+"."+domain.string(), host, "")
				}
			default:
				t.site("https://"+text, host, "")
			}
		}
	}
	if ingress.at("enabled").bool() {
		t.set("spec.route.type", "ingress", ingress.at("enabled"))
		if host := ingress.at("host"); host != nil && host.string() != "ingress.host" {
			t.site("https://"+host.string(), host, "")
		}
		t.copyTo("spec.route.annotations", ingress.at("annotations"))
		if secret := ingress.at("tlsSecret"); secret.string() == "ingress.tlsSecret" {
			t.notTranslated(secret, "the chart's placeholder, which is not a valid name, so that the operator never creates "+
				"the servers: set spec.route.tlsSecret")
		} else {
			t.textTo("spec.route.tlsSecret", secret)
		}
		t.config.set("spec.route.ingressClass", "nginx", "the operator's default")
		t.todo("spec.route.ingressClass is nginx, which the operator uses without a class: correct it if the ingress " +
			"controller has another one (kubectl get ingressclass)")
		return
	}
	t.off(ingress, "ingress.enabled is not true")
}

// firstOf returns the first value that is there.
func firstOf(values ...*value) *value {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

func (t *translation) bigBangImage(in *value) {
	image := in.at("image")
	t.imageName(firstOf(image.at("name"), image.at("repository")))
	t.imageTag(image.at("tag"))
	t.textTo("spec.image.pullPolicy", firstOf(image.at("imagePullPolicy"), image.at("pullPolicy")))
	t.pullSecrets(in.at("global", "imagePullSecrets"))
	if name := in.at("nameOverride"); name != nil && !name.isEmpty() {
		t.name = name.string()
		t.mark(name, Translated, "", "metadata.name")
	}
}

// imageName translates the name of an image, with its registry.
func (t *translation) imageName(name *value) {
	if name == nil || name.isEmpty() {
		t.unnecessary(name, "empty")
		return
	}
	if repository := strings.TrimPrefix(name.string(), "docker.io/"); repository == t.defaultImage() {
		t.unnecessary(name, "the default")
		return
	}
	t.set("spec.image.repository", name.string(), name)
}

func (t *translation) defaultImage() string {
	defaults := &v1alpha1.MattermostConfig{}
	defaults.Spec.Profile = v1alpha1.Profile(t.config.text("spec.profile"))
	defaults.SetDefaults()
	return defaults.Spec.Image.Repository
}

// imageTag translates the tag of an image: a version or a digest.
func (t *translation) imageTag(tag *value) {
	if tag == nil || tag.isEmpty() {
		t.unnecessary(tag, "empty")
		return
	}
	text := tag.string()
	if strings.HasPrefix(text, "sha256:") {
		t.set("spec.image.digest", text, tag)
		t.todo("the image is named by its digest only: set spec.version to the version in it")
		return
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), "@")
	if _, _, err := v1alpha1.ParseVersion(version); err != nil {
		t.notTranslated(tag, "names no version of Mattermost such as 11.10.0: set spec.version to the one that it is")
		return
	}
	if !v1alpha1.AtLeast(version, 11, 0) {
		t.notTranslated(tag, "Mattermost "+version+" is older than what mattermost-fn supports: upgrade step by step to the "+
			"last release of each extended support line first, then to spec.version")
		return
	}
	t.set("spec.version", version, tag)
}

// noVersion says which version the servers get when the input names none.
func (t *translation) noVersion() {
	if !t.config.has("spec.version") && !t.config.has("spec.image.digest") {
		t.change("the input names no version, so the servers get %s. Set spec.version to the one that runs now to move "+
			"first and upgrade later, and never to an older one", v1alpha1.DefaultVersion)
	}
}

// pullSecrets translates a list of {name}, or of names.
func (t *translation) pullSecrets(list *value) {
	if list == nil {
		return
	}
	names := []any{}
	for _, item := range list.items {
		name := item.string()
		if item.at("name") != nil {
			name = item.at("name").string()
		}
		if name != "" {
			names = append(names, name)
		}
	}
	t.set("spec.image.pullSecrets", names, list)
	for _, name := range names {
		if t.config.text("spec.profile") != "" {
			break
		}
		t.todo("the pull secret %s must be in namespace %s; Big Bang's umbrella creates it there only while its package "+
			"is on", name, t.namespace)
	}
}

func (t *translation) bigBangLicense(in *value) {
	enterprise := in.at("enterprise")
	if !enterprise.at("enabled").bool() {
		t.off(enterprise, "enterprise.enabled is not true")
		return
	}
	t.set("spec.enterprise.enabled", true, enterprise.at("enabled"))
	license, existing := enterprise.at("license"), enterprise.at("existingSecret")
	switch {
	case existing != nil && !existing.isEmpty():
		t.set("spec.enterprise.license", secretKeyRef(t.refer(v1alpha1.KeyRef{Name: existing.string(), Key: "license"})),
			existing)
		t.change("enterprise.existingSecret is used: Big Bang's chart 11.5.1-bb.0 ignores it, and runs without the license")
		t.off(enterprise, "enterprise.existingSecret is used")
	case license != nil && !license.isEmpty():
		t.set("spec.enterprise.license",
			secretKeyRef(t.keep(t.licenseSecretName(), "license", license.string(), license)), license)
	default:
		t.config.set("spec.enterprise.license.uploaded", true, "no license in the values")
		t.todo("enterprise is enabled without a license in the values. The configuration says that it was uploaded in the " +
			"System Console; if it was not, set enterprise.enabled to false")
	}
}

func (t *translation) bigBangSize(in *value) {
	t.replicas(in.at("replicaCount"), in.at("users"))
	t.copyTo("spec.resources", in.at("resources"))
}

// replicas translates the number of servers and of users. The operator prefers users.
func (t *translation) replicas(replicas, users *value) {
	if users != nil && !users.isEmpty() {
		digits := strings.TrimSuffix(users.string(), "users")
		switch digits {
		case "100", "1000", "5000", "10000", "25000":
			t.set("spec.users", (&value{kind: yaml.ScalarNode, tag: "!!int", text: digits}).plain(), users)
			t.unnecessary(replicas, "the operator replaces it by that for the number of users")
			return
		}
		t.notTranslated(users, "is not a size (100, 1000, 5000, 10000 or 25000), and the operator ignores it: "+
			"set spec.users or spec.replicas")
	}
	number, ok := replicas.int()
	switch {
	case replicas == nil || replicas.isEmpty():
		t.unnecessary(replicas, "empty")
	case !ok || number < 1:
		t.notTranslated(replicas, "must be 1 or more: set spec.replicas; to stop the servers, scale the Deployment "+
			"of a suspended installation")
	case number > 1 && t.config.text("spec.enterprise.enabled") != "true":
		t.config.set("spec.replicas", 1, replicas.sourceKeys()...)
		t.notTranslated(replicas, "several servers need a license, without which messages reach only the users of the same "+
			"server: it is 1 here. With a license, set spec.enterprise and spec.replicas")
	default:
		t.set("spec.replicas", number, replicas)
	}
}

func (t *translation) bigBangDatabase(in *value) {
	postgresql, database := in.at("postgresql"), in.at("database")
	if host := database.at("host"); host != nil && !host.isEmpty() { // the chart before 2024
		t.databaseFields(database)
		t.off(postgresql, "the database is outside")
		return
	}
	secret := firstOf(database.at("secret"), in.at("mattermost", "database", "secret"))
	switch {
	case t.config.has("spec.database"): // the umbrella's
		t.unnecessary(secret, "the umbrella's Secret is replaced by spec.database")
	case secret != nil && !secret.isEmpty():
		t.existingDatabase(secret)
		if postgresql.at("install").bool() {
			t.bitnami(in)
		}
	case postgresql.at("install").bool():
		// By its address and not by the Secret with the whole connection, so that network policies let the servers there.
		install := postgresql.at("install")
		t.set("spec.database.host", t.name+"-postgresql."+t.namespace+".svc.cluster.local", install)
		t.set("spec.database.sslMode", "disable", install)
		t.config.set("spec.database.parameters", map[string]any{"connect_timeout": "10"}, "the chart's default")
		t.set("spec.database.password",
			secretKeyRef(t.refer(v1alpha1.KeyRef{Name: bigBangDatabaseSecret, Key: "password"})), install)
		for field, key := range sorted(map[string]string{"username": "username", "database": "database"}) {
			if v := postgresql.at("auth", key); v.string() == "mattermost" {
				t.unnecessary(v, "the default")
			} else {
				t.textTo("spec.database."+field, v)
			}
		}
		t.bitnami(in)
	default:
		t.todo("the values name no database: set spec.database, or leave it for a new one of CloudNativePG, " +
			"which begins empty")
	}
	t.off(postgresql, "the PostgreSQL of the chart is not changed, and not emitted")
	t.off(database.at("readinessCheck"), "mattermost-fn waits for the database")
}

// existingDatabase translates the name of the Secret that the operator reads.
func (t *translation) existingDatabase(secret *value) {
	t.set("spec.database.existingSecret", secret.string(), secret)
	t.refer(v1alpha1.KeyRef{Name: secret.string(), Key: "DB_CONNECTION_STRING"})
}

// bitnami says what becomes of the chart's PostgreSQL.
func (t *translation) bitnami(in *value) {
	if password := in.at("postgresql", "auth", "password"); password != nil {
		t.unnecessary(password, "Secret "+bigBangDatabaseSecret+" has the connection")
	}
	t.todo("messages stay in the chart's PostgreSQL (StatefulSet %s-postgresql, claim data-%[1]s-postgresql-0), which "+
		"nothing manages afterwards. Keep it when Helm goes, or import it into CloudNativePG: docs/from-bigbang.md", t.name)
}

// databaseFields translates host, port, username, password, database and ssl_mode, as the umbrella names them.
func (t *translation) databaseFields(database *value) {
	t.textTo("spec.database.host", database.at("host"))
	if port := database.at("port"); port != nil {
		if number, ok := port.int(); ok && number != 5432 {
			t.set("spec.database.port", number, port)
		} else if ok {
			t.unnecessary(port, "the default")
		} else {
			t.notTranslated(port, "is not a number: set spec.database.port")
		}
	}
	if username := database.at("username"); username.string() == "mattermost" {
		t.unnecessary(username, "the default")
	} else {
		t.textTo("spec.database.username", username)
	}
	if name := database.at("database"); name.string() == "mattermost" {
		t.unnecessary(name, "the default")
	} else {
		t.textTo("spec.database.database", name)
	}
	if mode := firstOf(database.at("ssl_mode"), database.at("sslMode")); mode.string() == "require" {
		t.unnecessary(mode, "the default")
	} else if mode == nil || mode.isEmpty() {
		t.config.set("spec.database.sslMode", "disable", "the umbrella's default")
		t.unnecessary(mode, "empty")
	} else {
		t.textTo("spec.database.sslMode", mode)
	}
	if password := database.at("password"); password != nil && !password.isEmpty() {
		t.secret("spec.database.password", "database-password", password)
		t.change("user and password of the database reach the server as PGUSER and PGPASSWORD: Big Bang writes them into a " +
			"URL without encoding, so that a password with / # ? %% or a quote fails, and the operator prints it")
	} else {
		t.unnecessary(password, "empty")
		t.todo("the values have no password for the database: set spec.database.password")
	}
}

func (t *translation) bigBangFiles(in *value) {
	store := firstOf(in.at("fileStore"), in.at("mattermost", "fileStore"))
	minio := in.at("minio")
	switch {
	case t.config.has("spec.objectStorage"): // the umbrella's
		t.off(store, "the umbrella's object storage is used")
	case !store.at("url").empty() && !minio.at("install").bool():
		t.s3(store.at("url"), store.at("bucket"), true)
		if role := store.at("roleARN"); role != nil && !role.isEmpty() {
			t.textTo("spec.objectStorage.roleARN", role)
			t.unnecessary(store.at("secret"), "fileStore.roleARN is used")
			break
		}
		secret := store.at("secret")
		name := secret.string()
		if name == "" {
			name = bigBangMinIOSecret
		}
		t.mark(secret, Translated, "", "spec.objectStorage.existingSecret")
		t.config.set("spec.objectStorage.existingSecret", name, store.at("url").sourceKeys()...)
		t.refer(v1alpha1.KeyRef{Name: name, Key: "accesskey"})
		t.refer(v1alpha1.KeyRef{Name: name, Key: "secretkey"})
	case minio.at("install").bool():
		t.bigBangMinIO(minio)
		t.off(store, "minio.install is true")
	default:
		t.off(store, "fileStore.url is empty")
		t.todo("the values name no file store: set spec.objectStorage, or leave it for a new volume, which begins empty")
	}
	t.off(minio, "the MinIO of the chart is not changed, and not emitted")
}

// empty reports whether a value is not there or empty.
func (v *value) empty() bool { return v == nil || v.isEmpty() }

// bigBangMinIO keeps the files where they are: in the tenant that the chart created.
func (t *translation) bigBangMinIO(minio *value) {
	install := minio.at("install")
	t.set("spec.objectStorage.endpoint", strings.Replace(bigBangMinIOEndpoint, "%s", t.namespace, 1), install)
	t.set("spec.objectStorage.bucket", "mattermost", install)
	t.set("spec.objectStorage.existingSecret", bigBangMinIOSecret, install)
	t.refer(v1alpha1.KeyRef{Name: bigBangMinIOSecret, Key: "accesskey"})
	t.refer(v1alpha1.KeyRef{Name: bigBangMinIOSecret, Key: "secretkey"})
	for _, keys := range [][]string{{"accessKey"}, {"secretKey"}} {
		key := minio.at(append([]string{"upstream", "tenant", "configSecret"}, keys...)...)
		t.unnecessary(key, "Secret "+bigBangMinIOSecret+" has it")
	}
	t.todo("files stay in the chart's MinIO (Tenant mattermost-minio, bucket mattermost), which nothing manages " +
		"afterwards, and whose project was archived in April 2026. Keep it when Helm goes, or copy the bucket to another " +
		"S3 service: docs/from-bigbang.md")
}

func (t *translation) bigBangSSO(in *value) {
	sso := in.at("sso")
	if !sso.at("enabled").bool() {
		t.off(sso, "sso.enabled is not true")
		return
	}
	t.set("spec.sso.enabled", true, sso.at("enabled"))
	t.textTo("spec.sso.clientID", sso.at("client_id"))
	if secret := sso.at("client_secret"); !secret.empty() {
		t.secret("spec.sso.clientSecret", "sso-client-secret", secret)
		if isPlaceholder(secret.string()) {
			t.todo("%s is a placeholder: put the client's secret into the Secret", secret.where())
		}
	}
	t.textTo("spec.sso.authEndpoint", sso.at("auth_endpoint"))
	t.textTo("spec.sso.tokenEndpoint", sso.at("token_endpoint"))
	t.textTo("spec.sso.userAPIEndpoint", sso.at("user_api_endpoint"))
	for field, key := range sorted(map[string]string{"emailSignUp": "enable_sign_up_with_email",
		"emailSignIn": "enable_sign_in_with_email", "usernameSignIn": "enable_sign_in_with_username"}) {
		if v := sso.at(key); v.isFalse() {
			t.unnecessary(v, "the default")
		} else {
			t.boolTo("spec.sso."+field, v)
		}
	}
	t.issuer()
	t.keepUserNames()
}

// keepUserNames keeps the claim that user names come from.
func (t *translation) keepUserNames() {
	t.config.set("spec.settings.GitLabSettings.UsePreferredUsername", false, "user names stay as they are")
}

func (t *translation) bigBangElasticsearch(in *value) {
	search := in.at("elasticsearch")
	if !search.at("enabled").bool() {
		t.off(search, "elasticsearch.enabled is not true")
		return
	}
	t.set("spec.elasticsearch.enabled", true, search.at("enabled"))
	t.textTo("spec.elasticsearch.url", search.at("connectionurl"))
	t.textTo("spec.elasticsearch.username", search.at("username"))
	if password := search.at("password"); !password.empty() {
		t.secret("spec.elasticsearch.password", "elasticsearch-password", password)
	} else {
		t.unnecessary(password, "empty")
		ref := v1alpha1.KeyRef{Name: bigBangElasticSecret, Key: "elastic"}
		t.config.set("spec.elasticsearch.password", secretKeyRef(t.refer(ref)), "the chart reads it in namespace logging")
		t.todo("copy Secret %s from namespace logging to namespace %s: the chart reads it while it renders, and "+
			"pods read only their own namespace", bigBangElasticSecret, t.namespace)
	}
	if prefix := search.at("indexprefix"); prefix != nil {
		t.textTo("spec.elasticsearch.indexPrefix", prefix)
	} else {
		t.config.set("spec.elasticsearch.indexPrefix", "mm-", "the chart's default")
	}
	if skip := search.at("skiptlsverification"); skip != nil {
		t.boolTo("spec.elasticsearch.skipTLSVerify", skip)
	} else {
		t.config.set("spec.elasticsearch.skipTLSVerify", true, "the chart's default")
	}
	for _, key := range []string{"enableindexing", "enablesearching", "enableautocomplete"} {
		if v := search.at(key); v.isFalse() {
			name := map[string]string{"enableindexing": "EnableIndexing", "enablesearching": "EnableSearching",
				"enableautocomplete": "EnableAutocomplete"}[key]
			t.set("spec.settings.ElasticsearchSettings."+name, false, v)
		} else {
			t.unnecessary(v, "elasticsearch.enabled sets it")
		}
	}
}

// bigBangMesh translates what the chart sets in the service mesh.
func (t *translation) bigBangMesh(in *value) {
	istio, route := in.at("istio"), in.at("routes", "inbound", "chat")
	t.bigBangOutbound(in.at("routes", "outbound"))
	if !istio.at("enabled").bool() {
		if !t.config.has("spec.route.type") {
			t.config.set("spec.route.type", "none", "istio.enabled is not true")
		}
		t.off(istio, "istio.enabled is not true")
		t.off(route, "istio.enabled is not true")
		return
	}
	t.mark(istio.at("enabled"), Translated, "", "spec.route.type")
	enabled := firstOf(route.at("enabled"), istio.at("mattermost", "enabled"), istio.at("chat", "enabled"))
	if enabled.isFalse() &&
		!t.config.has("spec.route.type") {
		t.set("spec.route.type", "none", enabled)
	} else {
		t.mark(enabled, Translated, "", "spec.route.type")
	}
	names := []string{bigBangGateway}
	if gateways := firstOf(route.at("gateways"), istio.at("mattermost", "gateways"), istio.at("chat", "gateways"),
		istio.at("gateways")); gateways != nil && len(gateways.items) > 0 && t.config.text("spec.route.type") == "" {
		names = nil
		for _, gateway := range gateways.items {
			names = append(names, gateway.string())
		}
		if len(names) == 1 && names[0] == bigBangGateway {
			t.unnecessary(gateways, "the default")
		} else {
			t.set("spec.route.gateways", gateways.plain(), gateways)
		}
	}
	t.bigBangIdentity(istio, names)
	if egress := istio.at("sidecar", "outboundTrafficPolicyMode"); istio.at("sidecar", "enabled").bool() ||
		istio.at("hardened", "enabled").bool() {
		mode := "RegistryOnly"
		if egress.string() == "ALLOW_ANY" {
			mode = "AllowAny"
		}
		t.set("spec.istio.egress", mode, istio.at("sidecar", "enabled"), istio.at("hardened", "enabled"), egress)
		t.change("the outgoing traffic of the servers is restricted by a Sidecar for their pods, not for the whole namespace")
	}
}

// bigBangIdentity translates injection, mutual TLS and authorization policies.
func (t *translation) bigBangIdentity(istio *value, gateways []string) {
	injection := istio.at("injection")
	switch {
	case istio.at("ambient", "enabled").bool():
		t.set("spec.istio.ambient", true, istio.at("ambient", "enabled"))
		t.unnecessary(injection, "istio.ambient is used")
	case injection.string() == "disabled":
		t.set("spec.istio.injection", false, injection)
	case injection != nil:
		t.set("spec.istio.injection", true, injection)
	default:
		t.config.set("spec.istio.injection", true, "the chart's default")
	}
	t.unnecessary(istio.at("ambient", "enabled"), "the default")
	if mode := istio.at("mtls", "mode"); mode != nil {
		t.set("spec.istio.mtls", strings.ToUpper(mode.string()), mode)
	} else {
		t.config.set("spec.istio.mtls", "STRICT", "the chart's default")
	}
	policies := istio.at("authorizationPolicies")
	if enabled, hardened := policies.at("enabled"), istio.at("hardened", "enabled"); enabled.bool() || hardened.bool() {
		t.set("spec.istio.authorizationPolicies", true, enabled, hardened)
		t.mark(policies.at("generateFromNetpol"), Translated, "", "spec.istio.authorizationPolicies")
		t.gatewayIdentities(gateways)
	} else {
		t.unnecessary(enabled, "the default")
		t.unnecessary(policies.at("generateFromNetpol"), "authorization policies are off")
	}
}

// gatewayIdentities lists the identities of all gateways as Big Bang does, unless they are the defaults.
func (t *translation) gatewayIdentities(gateways []string) {
	var principals []string
	known := true
	for _, gateway := range gateways {
		namespace, name, ok := strings.Cut(gateway, "/")
		if !ok {
			return // the rules require them
		}
		principals = append(principals, "cluster.local/ns/"+namespace+"/sa/"+name+"-ingressgateway-service-account")
		if v1alpha1.BigBangPrincipal(gateway) == "" {
			known = false
			t.todo("spec.istio.gatewayPrincipals has the name that Big Bang gives to the ServiceAccount of gateway %s: compare "+
				"with kubectl get pods -n %s -o jsonpath='{.items[*].spec.serviceAccountName}'", gateway, namespace)
		}
	}
	if !known {
		t.config.set("spec.istio.gatewayPrincipals", principals, "the ServiceAccount of "+strings.Join(gateways, ", of "))
	}
}

func (t *translation) bigBangPolicies(in *value) {
	policies := in.at("networkPolicies")
	if !policies.at("enabled").bool() {
		t.off(policies, "networkPolicies.enabled is not true")
		return
	}
	t.set("spec.networkPolicies.enabled", true, policies.at("enabled"))
	if t.config.text("spec.route.type") == "ingress" {
		t.config.set("spec.networkPolicies.gatewayNamespace", "ingress-nginx", "of the ingress controller")
		t.todo("spec.networkPolicies.gatewayNamespace is ingress-nginx: correct it if the ingress controller is elsewhere")
	}
	egress := policies.at("egress")
	definitions := egress.at("definitions")
	allowed := egress.at("from", "mattermost", "to", "definition")
	if allowed.at("database-subnets").bool() && t.config.has("spec.database") {
		t.subnets("database", definitions.at("database-subnets"), allowed.at("database-subnets"))
	}
	if t.config.has("spec.objectStorage.endpoint") &&
		t.config.text("spec.objectStorage.existingSecret") != bigBangMinIOSecret {
		t.subnets("objectStorage", definitions.at("storage-subnets"), nil)
	}
	t.off(egress.at("from", "mattermost"), "follows what the configuration names")
	t.off(egress.at("from", "wait-job"), "there is no such job")
	t.off(egress.at("from", "update-check"), "there is no such job")
	t.off(policies.at("hbonePortInjection"), "follows istio.ambient")
	t.off(policies.at("ingress", "definitions"), "follows what the configuration names")
	t.unnecessary(policies.at("ingress", "to", "mattermost:8067"), "follows monitoring.enabled")
	for _, key := range []string{"ingressLabels", "controlPlaneCidr", "nodeCidr", "vpcCidr"} {
		t.off(policies.at(key), "follows what the configuration names: the servers need no access to the control plane")
	}
	t.change("network policies allow exactly what the configuration names. Big Bang's rule for the Kubernetes API lets " +
		"the servers reach every address on every port; webhooks, link previews, the marketplace, and what is set in the " +
		"System Console only need a NetworkPolicy of your own, as do requests within the namespace, to Tempo, and without " +
		"a license those of Prometheus to the sidecar")
	t.off(definitions, "follows what the configuration names")
}

// subnets translates the addresses of a service outside the cluster. All addresses are the default.
func (t *translation) subnets(service string, definition, allowed *value) {
	var cidrs []any
	for _, peer := range definition.at("to").all() {
		if cidr := peer.at("ipBlock", "cidr"); cidr != nil && cidr.string() != "0.0.0.0/0" && cidr.string() != "::/0" {
			cidrs = append(cidrs, cidr.string())
			t.mark(cidr, Translated, "", "spec.networkPolicies.egress."+service)
			t.notTranslated(peer.at("ipBlock", "except"), "write CIDRs without exceptions into networkPolicies.egress")
		}
	}
	if len(cidrs) == 0 {
		return
	}
	t.mark(allowed, Translated, "", "spec.networkPolicies.egress."+service)
	t.config.set("spec.networkPolicies.egress."+service, cidrs, definition.sourceKeys()...)
}

// all returns the elements of a list; none if there is no list.
func (v *value) all() []*value {
	if v == nil {
		return nil
	}
	return v.items
}

func (t *translation) bigBangMonitoring(in *value) {
	monitoring := in.at("monitoring")
	licensed := t.config.text("spec.enterprise.enabled") == "true"
	if !monitoring.at("enabled").bool() || !licensed {
		why := "monitoring.enabled is not true"
		if !licensed {
			why = "the server has no metrics without a license, and Big Bang's chart emits no ServiceMonitor either"
		}
		t.off(monitoring, why)
		return
	}
	t.set("spec.monitoring.enabled", true, monitoring.at("enabled"))
	t.config.set("spec.monitoring.dashboard.enabled", true, monitoring.at("enabled").sourceKeys()...)
	if namespace := monitoring.at("namespace"); namespace.string() == "monitoring" {
		t.unnecessary(namespace, "the default")
	} else if t.textTo("spec.monitoring.dashboard.namespace", namespace) {
		t.set("spec.networkPolicies.monitoringNamespace", namespace.string(), namespace)
	}
	monitor := monitoring.at("serviceMonitor")
	t.unnecessary(monitor.at("enabled"), "follows monitoring.enabled")
	if scheme := monitor.at("scheme"); scheme.string() == "http" {
		t.unnecessary(scheme, "the default")
	} else {
		t.textTo("spec.monitoring.serviceMonitor.scheme", scheme)
	}
	for _, key := range []string{"caFile", "certFile", "keyFile"} {
		t.textTo("spec.monitoring.serviceMonitor.tlsConfig."+key, monitor.at("tlsConfig", key))
	}
	t.boolTo("spec.monitoring.serviceMonitor.tlsConfig.insecureSkipVerify", monitor.at("tlsConfig", "insecureSkipVerify"))
	t.change("Prometheus selects the servers by the labels of this installation: Big Bang's ServiceMonitor selects " +
		"nothing under another release name")
}

func (t *translation) bigBangPod(in *value) {
	t.podFields(in, map[string]string{"affinity": "affinity", "nodeSelector": "nodeSelector", "tolerations": "tolerations",
		"volumes": "volumes", "volumeMounts": "volumeMounts", "podLabels": "labels",
		"extraVolumes": "volumes", "extraVolumeMounts": "volumeMounts",
		"extraInitContainers": "initContainers"})
	if annotations := in.at("podAnnotations"); annotations != nil {
		kept := map[string]any{}
		for _, key := range annotations.keys {
			if strings.HasPrefix(key, "bigbang.dev/") {
				t.unnecessary(annotations.fields[key], "it restarts pods when Big Bang's Istio changes")
				continue
			}
			kept[key] = annotations.fields[key].string()
			t.mark(annotations.fields[key], Translated, "", "spec.pod.annotations")
		}
		if len(kept) > 0 {
			t.config.set("spec.pod.annotations", kept, annotations.sourceKeys()...)
		}
	}
	t.podSecurity(in.at("securityContext"), "spec.pod.securityContext")
	t.podSecurity(in.at("containerSecurityContext"), "spec.pod.containerSecurityContext")
	t.off(in.at("updateJob"), "the operator's update job is always off")
	t.off(in.at("waitJob"), "there is no such job")
	t.off(in.at("bbtests"), "tests of the chart")
	if openshift := in.at("openshift"); openshift.bool() {
		t.notTranslated(openshift, "grant the SecurityContextConstraints yourself (oc adm policy add-scc-to-user nonroot-v2 "+
			"-z "+t.name+" -n "+t.namespace+"), and keep the NetworkAttachmentDefinition istio-cni; docs/from-bigbang.md")
	} else {
		t.unnecessary(openshift, "the default")
	}
}

// podFields translates values that a pod has under the same name or another one.
func (t *translation) podFields(in *value, fields map[string]string) {
	for _, key := range sortedKeys(fields) {
		v := in.at(key)
		if v.empty() {
			t.unnecessary(v, "empty")
			continue
		}
		if fields[key] == "volumeMounts" {
			t.mounts(v)
			continue
		}
		plain := v.plain()
		if key == "extraInitContainers" || fields[key] == "sidecars" {
			plain = t.withoutSecrets(plain, v)
		}
		t.set("spec.pod."+fields[key], plain, v)
	}
}

// hiding are directories whose files the server needs: a volume mounted there hides them.
var hiding = []string{"/etc", "/etc/ssl", "/etc/ssl/certs", "/etc/pki", "/etc/pki/tls", "/etc/pki/tls/certs",
	"/etc/pki/ca-trust", "/etc/pki/ca-trust/extracted", "/", "/mattermost", "/mattermost/bin", "/mattermost/client",
	"/mattermost/fonts", "/mattermost/i18n", "/mattermost/templates"}

// mounts translates the mounts of volumes, except those that would stop the server or hide the certificates of the
// image.
func (t *translation) mounts(list *value) {
	var kept []any
	for _, mount := range list.all() {
		switch at := path.Clean(mount.at("mountPath").string()); {
		case at == "/mattermost/data":
			t.notTranslated(mount, "the operator mounts the files there: name the claim in "+
				"spec.objectStorage.inCluster.existingClaim")
		case slices.Contains(hiding, at):
			t.notTranslated(mount, "hides files of the image there, such as the CA certificates that it trusts: set the field "+
				"ca of sso, database, objectStorage or email, or mount single files with subPath in spec.pod.volumeMounts")
		default:
			kept = append(kept, mount.plain())
			t.mark(mount, Translated, "", "spec.pod.volumeMounts")
		}
	}
	if len(kept) > 0 {
		t.config.set("spec.pod.volumeMounts", kept, list.sourceKeys()...)
	}
}

// limits adds limits to a container that has none, which mattermost-fn rejects.
func (t *translation) limits(container map[string]any) {
	resources, _ := container["resources"].(map[string]any)
	if resources == nil {
		resources = map[string]any{}
		container["resources"] = resources
	}
	limits, _ := resources["limits"].(map[string]any)
	if limits == nil {
		limits = map[string]any{}
		resources["limits"] = limits
	}
	for name, limit := range sorted(map[string]string{"cpu": "1", "memory": "512Mi"}) {
		if limits[name] == nil {
			limits[name] = limit
			t.todo("container %v has no limit of %s: it gets %s here; correct it", container["name"], name, limit)
		}
	}
}

// withoutSecrets moves plain secrets in the environment of containers to a Secret.
func (t *translation) withoutSecrets(containers any, from *value) any {
	list, _ := containers.([]any)
	for _, container := range list {
		object, ok := container.(map[string]any)
		if !ok {
			continue // mattermost-fn check reports it
		}
		env, _ := object["env"].([]any)
		t.limits(object)
		for _, entry := range env {
			variable, _ := entry.(map[string]any)
			name, _ := variable["name"].(string)
			text, isText := variable["value"].(string)
			if !isText || !mayBeSecret(name, text) {
				continue
			}
			delete(variable, "value")
			variable["valueFrom"] = secretKeyRef(t.keep(t.credentialsName(), name, text, from))
		}
	}
	return containers
}

// podSecurity translates a security context, without what mattermost-fn sets as well.
func (t *translation) podSecurity(context *value, field string) {
	if context == nil {
		return
	}
	defaults := map[string]string{"runAsNonRoot": "true", "runAsUser": "2000", "runAsGroup": "2000", "fsGroup": "2000",
		"allowPrivilegeEscalation": "false"}
	kept := map[string]any{}
	for _, key := range context.keys {
		v := context.fields[key]
		switch {
		case v.empty(), v.kind == yaml.ScalarNode && defaults[key] == v.string(), key == "enabled",
			key == "readOnlyRootFilesystem" && t.config.has("spec.pod.readOnlyRootFilesystem"):
			t.unnecessary(v, "mattermost-fn sets the same value")
		case key == "capabilities" && v.at("add").empty():
			t.unnecessary(v, "mattermost-fn drops all capabilities")
		case key == "seccompProfile" && v.at("type").string() == "RuntimeDefault":
			t.unnecessary(v, "mattermost-fn sets the same value")
		default:
			kept[key] = v.plain()
			t.mark(v, Translated, "", field)
		}
	}
	if len(kept) > 0 {
		t.config.set(field, kept, context.sourceKeys()...)
	}
}

func (t *translation) bigBangEnvironment(in *value) {
	if application := in.at("mattermostApplicationSettings"); application != nil {
		t.notTranslated(application, "set them in spec.settings, by section and key of config.json")
	}
	envs := in.at("mattermostEnvs")
	for _, key := range envs.keysOf() {
		if v := envs.fields[key]; key == "MM_GITLABSETTINGS_SCOPE" && !t.config.has("spec.sso.enabled") {
			t.unnecessary(v, "single sign-on is off; the umbrella always sets it")
		} else if !v.isNull() {
			t.variables = append(t.variables, variable{name: key, text: v.string(), from: v})
		}
	}
	t.variableList(in.at("existingSecretEnvs"))
	t.variableList(firstOf(in.at("extraEnvVars"), in.at("extraEnv")))
}

// keysOf returns the keys of a mapping; none if there is none.
func (v *value) keysOf() []string {
	if v == nil {
		return nil
	}
	return v.keys
}
