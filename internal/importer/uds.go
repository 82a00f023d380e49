// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"net/url"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// udsPackage translates the values of the UDS package (10.12.0-uds.0): its own chart, the values that it passes to
// Mattermost's Enterprise Edition chart under common, and Zarf's variables under variables.
func (t *translation) udsPackage(in *value) {
	variables, app := in.at("variables"), in.at("common", "mattermostApp")
	t.udsSite(in, variables)
	t.config.set("spec.image.pullSecrets", []any{}, "Zarf adds the pull secret to pods")
	t.imageName(app.at("image", "repository"))
	t.imageTag(app.at("image", "tag"))
	t.license(firstOf(in.at("mattermostLicense"), in.at("common", "global", "mattermostLicense"),
		variables.at("MM_LICENSE")),
		nil)
	t.replicas(app.at("replicaCount"), nil)
	t.copyTo("spec.resources", app.at("resources"))
	t.podSecurity(app.at("securityContext"), "spec.pod.securityContext")
	t.udsDatabase(in, variables)
	t.udsFiles(in, variables)
	t.udsSSO(in)
	t.boolTo("spec.plugins.uploads", in.at("config", "enablePluginUploads"))
	t.config.set("spec.route.gateways", []any{"istio-tenant-gateway/tenant-gateway"}, "of UDS Core")
	t.config.set("spec.istio.injection", true, "UDS Core's default")
	t.config.set("spec.istio.mtls", "STRICT", "UDS Core's default")
	t.config.set("spec.networkPolicies.enabled", true, "of the UDS Package resource")
	t.todo("UDS Core's operator makes the route, the client and the network policies from the Package resource. Remove " +
		"that resource, or set spec.route.type none and spec.networkPolicies.enabled false to keep it")
	t.environmentValues(in.at("extraEnv"))
	t.udsCalls(in.at("rtcService"))
	t.chartServiceAccount(in.at("common", "serviceAccount"))
	if t.config.text("spec.enterprise.enabled") == "true" {
		t.config.set("spec.monitoring.enabled", true, "of the UDS Package resource")
	}
}

func (t *translation) udsSite(in, variables *value) {
	domain := firstOf(in.at("domain"), variables.at("DOMAIN"))
	subdomain := firstOf(in.at("subdomain"), variables.at("SUBDOMAIN"))
	if domain == nil || isTemplate(domain.string()) {
		t.notTranslated(domain, "is filled in by Zarf: set spec.domain or spec.host")
		t.unnecessary(subdomain, "spec.host needs the domain")
		return
	}
	if subdomain.empty() || subdomain.string() == "chat" {
		t.textTo("spec.domain", domain)
		t.mark(subdomain, Translated, "", "spec.domain")
		return
	}
	t.set("spec.host", subdomain.string()+"."+domain.string(), domain, subdomain)
}

// isTemplate reports whether a value is filled in by another program.
func isTemplate(text string) bool {
	return strings.Contains(text, "###") || strings.Contains(text, "{{") || strings.Contains(text, "${")
}

// license translates a license: the text itself, or {name, key} of a Secret.
func (t *translation) license(text, existing *value) {
	switch {
	case !existing.at("name").empty():
		ref := v1alpha1.KeyRef{Name: existing.at("name").string(), Key: existing.at("key").string()}
		if ref.Key == "" {
			ref.Key = "license"
		}
		t.config.set("spec.enterprise.enabled", true, existing.sourceKeys()...)
		t.set("spec.enterprise.license", secretKeyRef(t.refer(ref)), existing.at("name"), existing.at("key"))
		t.unnecessary(text, "the license is in a Secret")
	case !text.empty() && isTemplate(text.string()):
		t.notTranslated(text, "is filled in by another program: set spec.enterprise")
	case !text.empty():
		t.config.set("spec.enterprise.enabled", true, text.sourceKeys()...)
		t.set("spec.enterprise.license", secretKeyRef(t.keep(t.licenseSecretName(), "license", text.string(), text)), text)
	default:
		t.unnecessary(text, "empty")
		t.off(existing, "empty")
	}
}

func (t *translation) udsDatabase(in, variables *value) {
	postgres := in.at("postgres")
	if postgres.at("host").empty() {
		t.todo("the values name no database: set spec.database")
		return
	}
	t.textTo("spec.database.host", postgres.at("host"))
	if port, ok := postgres.at("port").int(); ok && port != 5432 {
		t.set("spec.database.port", port, postgres.at("port"))
	} else {
		t.unnecessary(postgres.at("port"), "the default")
	}
	existing := postgres.at("existingSecret")
	if existing.at("usernameKey").empty() {
		t.textTo("spec.database.username", postgres.at("username"))
	} else {
		ref := v1alpha1.KeyRef{Name: existing.at("name").string(), Key: existing.at("usernameKey").string()}
		t.set("spec.database.username", secretKeyRef(t.refer(ref)), existing.at("usernameKey"))
		t.unnecessary(postgres.at("username"), "the name is in a Secret")
	}
	t.textTo("spec.database.database", postgres.at("dbName"))
	t.queryTo(postgres.at("connectionOptions"))
	switch password := firstOf(postgres.at("password"), variables.at("DB_PASSWORD")); {
	case !existing.at("name").empty():
		ref := v1alpha1.KeyRef{Name: existing.at("name").string(), Key: existing.at("passwordKey").string()}
		if ref.Key == "" {
			ref.Key = "password"
		}
		t.set("spec.database.password", secretKeyRef(t.refer(ref)), existing.at("name"), existing.at("passwordKey"))
		t.unnecessary(password, "the password is in a Secret")
	case !password.empty():
		t.secret("spec.database.password", "database-password", password)
	}
}

// queryTo translates parameters as in a URL, such as ?connect_timeout=10&sslmode=require.
func (t *translation) queryTo(options *value) {
	if options.empty() {
		t.unnecessary(options, "empty")
		return
	}
	query, err := url.ParseQuery(strings.TrimPrefix(options.string(), "?"))
	if err != nil {
		t.notTranslated(options, "is not a list of name=value separated by &: set spec.database.parameters")
		return
	}
	parameters := map[string]any{}
	for _, name := range sortedKeys(query) {
		if name != "sslmode" {
			parameters[name] = query.Get(name)
		}
	}
	if mode := query.Get("sslmode"); mode != "" {
		t.set("spec.database.sslMode", mode, options)
	}
	if len(parameters) > 0 {
		t.set("spec.database.parameters", parameters, options)
	}
}

func (t *translation) udsFiles(in, variables *value) {
	storage := in.at("objectStorage")
	if storage.at("bucket").empty() {
		t.todo("the values name no bucket: set spec.objectStorage")
		return
	}
	secure := storage.at("secure")
	if !storage.at("endpoint").empty() {
		t.s3(storage.at("endpoint"), storage.at("bucket"), secure == nil || secure.bool())
		t.mark(secure, Translated, "", "spec.objectStorage.endpoint")
	} else {
		t.textTo("spec.objectStorage.bucket", storage.at("bucket"))
	}
	t.textTo("spec.objectStorage.region", storage.at("region"))
	ref := storage.at("secretRef")
	if !ref.at("enabled").bool() {
		t.off(ref, "objectStorage.secretRef.enabled is not true")
		if key := firstOf(storage.at("accessKey"), variables.at("ACCESS_KEY")); !key.empty() {
			t.secret("spec.objectStorage.accessKey", "accesskey", key)
		}
		if key := firstOf(storage.at("secretKey"), variables.at("SECRET_KEY")); !key.empty() {
			t.secret("spec.objectStorage.accessSecret", "secretkey", key)
		}
		return
	}
	for field, key := range sorted(map[string]*value{"accessKey": ref.at("secretIDKey"),
		"accessSecret": ref.at("secretPasswordKey")}) {
		place := v1alpha1.KeyRef{Name: ref.at("secretName").string(), Key: key.string()}
		t.set("spec.objectStorage."+field, secretKeyRef(t.refer(place)), ref.at("secretName"), key, ref.at("enabled"))
	}
	t.unnecessary(storage.at("accessKey"), "the key is in a Secret")
	t.unnecessary(storage.at("secretKey"), "the key is in a Secret")
}

func (t *translation) udsSSO(in *value) {
	sso := in.at("sso")
	if !sso.at("enabled").bool() {
		t.off(sso, "sso.enabled is not true")
		return
	}
	protocol := strings.ToLower(sso.at("protocol").string())
	if strings.Contains(protocol, "saml") {
		t.notTranslated(sso.at("protocol"), "set spec.saml")
		t.notTranslated(sso.at("enabled"), "set spec.saml")
		return
	}
	t.set("spec.sso.enabled", true, sso.at("enabled"))
	provider := "openid"
	if protocol == "gitlab" || protocol == "" && t.config.text("spec.enterprise.enabled") != "true" {
		provider = "gitlab"
	}
	t.set("spec.sso.provider", provider, sso.at("protocol"))
	secret := sso.at("secretName").string()
	if secret == "" {
		secret = "mattermost-sso"
	}
	t.set("spec.sso.clientID", secretKeyRef(t.refer(v1alpha1.KeyRef{Name: secret, Key: "id"})), sso.at("secretName"))
	t.set("spec.sso.clientSecret", secretKeyRef(t.refer(v1alpha1.KeyRef{Name: secret, Key: "secret"})),
		sso.at("secretName"))
	issuer := "https://sso.uds.dev/realms/uds"
	if domain := firstOf(in.at("domain"), in.at("variables", "DOMAIN")); !domain.empty() && !isTemplate(domain.string()) {
		issuer = "https://sso." + domain.string() + "/realms/uds"
	}
	t.config.set("spec.sso.issuerURL", issuer, "of UDS Core")
	t.todo("UDS Core's operator creates the client: check that Secret %s has the keys id and secret, and that the "+
		"issuer is %s", secret, issuer)
	if provider == "openid" {
		t.textTo("spec.sso.buttonText", sso.at("login_button_text"))
	}
	if color := sso.at("login_button_color"); !color.empty() && provider == "openid" {
		t.set("spec.settings.OpenIdSettings.ButtonColor", color.string(), color)
	}
	for field, key := range sorted(map[string]string{"emailSignUp": "enable_sign_up_with_email",
		"emailSignIn": "enable_sign_in_with_email", "usernameSignIn": "enable_sign_in_with_username"}) {
		t.boolTo("spec.sso."+field, sso.at(key))
	}
}

// environmentValues reads variables as a mapping or as a list.
func (t *translation) environmentValues(env *value) {
	if env == nil || len(env.keys) == 0 {
		t.variableList(env)
		return
	}
	for _, key := range env.keys {
		if v := env.fields[key]; v.kind == yaml.ScalarNode && !v.isNull() {
			t.variables = append(t.variables, variable{name: key, text: v.string(), from: v})
		}
	}
}
