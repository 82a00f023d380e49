// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// bigBangUmbrella translates the values of Big Bang's umbrella: it assembles those of the package as the umbrella does,
// lays the user's own over them, and translates the result.
func (t *translation) bigBangUmbrella(in *value) {
	addon := in.at("addons", "mattermost")
	if addon == nil {
		addon = &value{kind: yaml.MappingNode, fields: map[string]*value{}}
	}
	if enabled := addon.at("enabled"); enabled.bool() {
		t.unnecessary(enabled, "the configuration is the installation")
	} else {
		t.notTranslated(enabled, "the package is off: remove the configuration if there is nothing to import")
	}
	t.umbrellaVersion(addon)
	assembled := t.assemble(in, addon)
	assembled = overlay(assembled, nonNil(addon.at("values")), func(old, replacement *value) {
		old.leaves(func(leaf *value) {
			for _, origin := range leaf.origins {
				t.unnecessary(origin, "addons.mattermost.values."+replacement.pattern()[strings.LastIndex(
					replacement.pattern(), "values.")+len("values."):]+" wins")
			}
		})
	})
	t.umbrellaDatabase(addon)
	t.umbrellaStorage(addon)
	t.bigBangPackage(assembled)
	t.umbrellaRegistry(in)
	t.todo("the umbrella owns Namespace %s: keep it when addons.mattermost.enabled becomes false; docs/from-bigbang.md",
		t.namespace)
}

// nonNil returns an empty mapping for a value that is not there.
func nonNil(v *value) *value {
	if v == nil {
		return &value{kind: yaml.MappingNode, fields: map[string]*value{}}
	}
	return v
}

// umbrellaVersion takes the version of the server from the tag of the chart, such as 11.5.1-bb.0.
func (t *translation) umbrellaVersion(addon *value) {
	for _, tag := range []*value{addon.at("git", "tag"), addon.at("helmRepo", "tag")} {
		version, _, ok := strings.Cut(tag.string(), "-bb.")
		if !ok {
			continue
		}
		if _, _, err := v1alpha1.ParseVersion(version); err == nil && v1alpha1.AtLeast(version, 11, 0) {
			t.set("spec.version", version, tag)
			return
		}
	}
}

// assembly is the package's values in the making.
type assembly struct{ root *value }

// put adds a value at a path of keys, which came from values of the umbrella.
func (a *assembly) put(content any, path string, from ...*value) {
	at := a.root
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		inner := at.fields[key]
		if inner == nil {
			inner = &value{kind: yaml.MappingNode, fields: map[string]*value{}, path: join(at.path, key)}
			at.set(key, inner)
		}
		at = inner
	}
	var origins []*value
	for _, origin := range from {
		if origin != nil {
			origins = append(origins, origin)
		}
	}
	at.set(keys[len(keys)-1], newPlain(content, origins))
}

// newPlain returns a value for a string, a bool or a list of strings. One without an origin names the umbrella.
func newPlain(content any, origins []*value) *value {
	v := &value{path: "the umbrella's default", kind: yaml.ScalarNode, origins: origins}
	switch content := content.(type) {
	case bool:
		v.tag, v.text = "!!bool", "false"
		if content {
			v.text = "true"
		}
	case string:
		v.tag, v.text = "!!str", content
	case []string:
		v.kind = yaml.SequenceNode
		for _, text := range content {
			v.items = append(v.items, newPlain(text, origins))
		}
	}
	return v
}

// assemble returns the values that the umbrella passes to the package.
func (t *translation) assemble(in, addon *value) *value {
	a := &assembly{root: &value{kind: yaml.MappingNode, fields: map[string]*value{}}}
	domain := firstOf(in.at("domain"), in.at("hostname"))
	if domain != nil {
		a.put(domain.string(), "domain", domain)
	}
	t.unnecessary(in.at("hostname"), "domain wins")
	t.assembleMesh(a, in, addon)
	policies := in.at("networkPolicies", "enabled")
	a.put(policies == nil || policies.bool(), "networkPolicies.enabled", policies)
	if !addon.at("database", "host").empty() {
		a.put(true, "networkPolicies.egress.from.mattermost.to.definition.database-subnets")
	}
	t.assembleSSO(a, in, addon)
	monitoring := in.at("monitoring", "enabled")
	a.put(monitoring == nil || monitoring.bool(), "monitoring.enabled", monitoring)
	if monitoring == nil || monitoring.bool() {
		a.put("https", "monitoring.serviceMonitor.scheme")
		a.put("/etc/prom-certs/root-cert.pem", "monitoring.serviceMonitor.tlsConfig.caFile")
		a.put("/etc/prom-certs/cert-chain.pem", "monitoring.serviceMonitor.tlsConfig.certFile")
		a.put("/etc/prom-certs/key.pem", "monitoring.serviceMonitor.tlsConfig.keyFile")
		a.put(true, "monitoring.serviceMonitor.tlsConfig.insecureSkipVerify")
	}
	for _, key := range []string{"enabled", "license", "existingSecret"} {
		if v := addon.at("enterprise", key); v != nil {
			a.copy("enterprise."+key, v)
		}
	}
	search := addon.at("elasticsearch", "enabled")
	if search != nil {
		a.copy("elasticsearch.enabled", search)
		if logging := in.at("elasticsearchKibana", "enabled"); logging != nil {
			t.unnecessary(logging, "addons.mattermost.elasticsearch.enabled decides")
		}
	}
	a.put(addon.at("database", "host").empty(), "postgresql.install")
	a.put(addon.at("objectStorage", "endpoint").empty(), "minio.install")
	if openshift := in.at("openshift"); openshift != nil {
		a.put(openshift.bool(), "openshift", openshift)
	}
	if policy := in.at("imagePullPolicy"); policy != nil {
		a.copy("image.imagePullPolicy", policy)
	}
	return a.root
}

// copy adds a value of the umbrella as it is.
func (a *assembly) copy(path string, v *value) {
	leaf := *v
	leaf.origins, leaf.entry = []*value{v}, nil
	a.put("", path)
	at := a.root
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		at = at.fields[key]
	}
	at.fields[keys[len(keys)-1]] = &leaf
}

// assembleMesh adds what the umbrella derives from Istio's packages.
func (t *translation) assembleMesh(a *assembly, in, addon *value) {
	istio := in.at("istio")
	enabled := firstOf(in.at("istiod", "enabled"), istio.at("enabled"))
	on := enabled == nil || enabled.bool()
	a.put(on, "istio.enabled", in.at("istiod", "enabled"), istio.at("enabled"))
	if injection := firstOf(addon.at("values", "istio", "injection"), istio.at("injection")); injection == nil {
		a.put("enabled", "istio.injection")
	} else {
		a.copy("istio.injection", injection)
	}
	ambient := firstOf(in.at("istiod", "values", "ambient", "enabled"), istio.at("ambient", "enabled"))
	if ambient.bool() {
		a.put(true, "istio.ambient.enabled", ambient)
	} else {
		t.unnecessary(ambient, "the default")
	}
	for _, hardened := range []*value{in.at("istiod", "values", "hardened", "enabled"),
		istio.at("values", "hardened", "enabled"), in.at("istioCore", "values", "hardened", "enabled")} {
		if hardened.bool() {
			a.put(true, "istio.sidecar.enabled", hardened)
			a.put(true, "istio.authorizationPolicies.enabled", hardened)
			a.put(true, "istio.authorizationPolicies.generateFromNetpol", hardened)
		} else {
			t.unnecessary(hardened, "the default")
		}
	}
	gateway := addon.at("ingress", "gateway")
	switch name := gateway.string(); {
	case gateway.empty():
		t.unnecessary(gateway, "empty")
		a.put([]string{bigBangGateway}, "routes.inbound.chat.gateways")
	default:
		// The umbrella names gateways by their first word since 2025.
		name = strings.TrimSuffix(name, "-ingressgateway")
		a.put([]string{"istio-gateway/" + name + "-ingressgateway"}, "routes.inbound.chat.gateways", gateway)
	}
}

// assembleSSO adds what the umbrella derives from its global section sso.
func (t *translation) assembleSSO(a *assembly, in, addon *value) {
	sso := addon.at("sso")
	if sso == nil {
		return
	}
	for _, key := range []string{"enabled", "client_id", "client_secret"} {
		if v := sso.at(key); v != nil {
			a.copy("sso."+key, v)
		}
	}
	if !sso.at("enabled").bool() {
		return
	}
	url := firstOf(in.at("sso", "url"))
	issuer := strings.TrimRight(url.string(), "/")
	if host := in.at("sso", "oidc", "host"); url == nil && host != nil { // before 2023
		realm := in.at("sso", "oidc", "realm")
		issuer = "https://" + host.string() + "/auth/realms/" + realm.string()
		t.mark(host, Translated, "", "spec.sso.issuerURL")
		t.mark(realm, Translated, "", "spec.sso.issuerURL")
	}
	if issuer == "" {
		issuer = "https://login.dso.mil/auth/realms/baby-yoda"
		t.todo("the values name no identity provider: the umbrella's default is spec.sso.issuerURL %s; correct it", issuer)
	}
	for key, end := range sorted(map[string]string{"auth_endpoint": "auth", "token_endpoint": "token",
		"user_api_endpoint": "userinfo"}) {
		a.put(issuer+"/protocol/openid-connect/"+end, "sso."+key, url)
	}
	if ca := firstOf(in.at("sso", "certificateAuthority", "cert"), in.at("sso", "certificate_authority")); !ca.empty() {
		t.config.set("spec.sso.ca.pem", strings.TrimSpace(ca.string())+"\n", ca.sourceKeys()...)
		t.mark(ca, Translated, "", "spec.sso.ca.pem")
	}
}

// umbrellaDatabase translates the database that the umbrella is given, from which it makes a Secret.
func (t *translation) umbrellaDatabase(addon *value) {
	database := addon.at("database")
	if database.at("host").empty() {
		t.off(database, "addons.mattermost.database.host is empty")
		return
	}
	t.databaseFields(database)
	private := []any{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
	t.config.set("spec.networkPolicies.egress.database", private, "the umbrella's default")
}

// umbrellaStorage translates the object storage that the umbrella is given.
func (t *translation) umbrellaStorage(addon *value) {
	storage := addon.at("objectStorage")
	if storage.at("endpoint").empty() {
		t.off(storage, "addons.mattermost.objectStorage.endpoint is empty")
		return
	}
	t.s3(storage.at("endpoint"), storage.at("bucket"), true)
	if !storage.at("accessKey").empty() {
		t.secret("spec.objectStorage.accessKey", "accesskey", storage.at("accessKey"))
	}
	if !storage.at("accessSecret").empty() {
		t.secret("spec.objectStorage.accessSecret", "secretkey", storage.at("accessSecret"))
	}
	if role := storage.at("iamProfile"); role != nil {
		t.notTranslated(role, "set spec.objectStorage.roleARN to the ARN of the role")
	}
}

// umbrellaRegistry translates the registries for which the umbrella makes the pull secret.
func (t *translation) umbrellaRegistry(in *value) {
	registry := in.at("registryCredentials")
	if registry.empty() {
		if !t.config.has("spec.image.pullSecrets") {
			t.config.set("spec.image.pullSecrets", []any{}, "no registryCredentials")
		}
		t.off(registry, "empty")
		return
	}
	registry.leaves(func(leaf *value) {
		if leaf.empty() {
			t.unnecessary(leaf, "empty")
			return
		}
		t.mark(leaf, NotTranslated, "the umbrella makes the pull secret private-registry of it in namespace "+t.namespace+
			", and removes that with its package: create it yourself (kubectl create secret docker-registry)")
	})
}
