// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"net"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// ownLogging translates the configuration of Fluent Bit that mattermost-fn emitted.
func (t *translation) ownLogging() {
	const field = "spec.logging.fluentBit."
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	if files := t.cluster.find("", "ConfigMap", names.LogConfigName()); files.isOurs() {
		t.set(field+"form", string(v1alpha1.FluentBitConfigMap), files)
		t.ownField(field+"namespace", files.at("metadata", "namespace"), files)
	} else if t.hasManifests() && t.cluster.find("fluentbit.fluent.io", "FluentBitConfig", t.name) == nil {
		t.config.set(field+"enabled", false, "the input has no FluentBitConfig")
		t.change("no configuration of Fluent Bit is in the input, so spec.logging.fluentBit.enabled is false")
	}
	var outputs []any
	var from []*value
	for _, output := range t.cluster.all("fluentbit.fluent.io", "Output") {
		if output.isOurs() {
			outputs = append(outputs, t.ownOutput(output))
			from = append(from, output)
		}
	}
	if len(outputs) > 0 {
		t.set(field+"outputs", outputs, from...)
	}
}

// ownOutput returns the element of spec.logging.fluentBit.outputs that an Output follows from.
func (t *translation) ownOutput(output *value) map[string]any {
	search := output.at("spec", "es")
	scheme := "http"
	if search.at("tls") != nil {
		scheme = "https"
	}
	name := strings.TrimPrefix(output.at("metadata", "name").string(), t.name+"-")
	element := map[string]any{
		"name": name,
		"url": scheme + "://" + net.JoinHostPort(search.at("host").string(), search.at("port").string()) +
			search.at("path").string(),
	}
	if prefix := search.at("logstashPrefix"); prefix != nil {
		element["indexPrefix"] = prefix.string()
	}
	if file := search.at("tls", "caFile"); file != nil {
		element["caFile"] = file.string()
	}
	if verify := search.at("tls", "verify"); verify.isFalse() {
		element["skipTLSVerify"] = true
	}
	keyOf := func(field string) (v1alpha1.KeyRef, bool) {
		ref := search.at(field, "valueFrom", "secretKeyRef")
		return v1alpha1.KeyRef{Name: ref.at("name").string(), Key: ref.at("key").string()}, ref != nil
	}
	if ref, known := keyOf("httpPassword"); known {
		element["password"] = t.logPassword(ref, name, output)
	}
	if ref, known := keyOf("httpUser"); known {
		if user, known := t.logUser(ref); known {
			element["username"] = user
		} else {
			t.todo("the user of %s is not in the input: set username in spec.logging.fluentBit.outputs", output.where())
		}
	}
	return element
}

// logPassword returns a reference to the password of an output. Its key in the Secret of the credentials has the name
// of the output: several passwords have the same key.
func (t *translation) logPassword(ref v1alpha1.KeyRef, name string, output *value) any {
	key := name + "-log-password"
	secret := t.cluster.find("", "Secret", ref.Name)
	if text, known := t.cluster.secretKey(ref.Name, ref.Key); known && secret.isOurs() {
		return secretKeyRef(t.keep(t.credentialsName(), key, text, secret))
	}
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	emitted := ref.Name == names.LogSecretName(name) // which the configuration must not name
	if emitted && t.cluster.find("external-secrets.io", "ExternalSecret", ref.Name) == nil {
		t.todo("Secret %s, key %q: copy the value to Secret %s, key %q", ref.Name, ref.Key, t.credentialsName(), key)
		return secretKeyRef(t.refer(v1alpha1.KeyRef{Name: t.credentialsName(), Key: key}))
	}
	return t.own(ref, output)
}

// logUser returns the user of an output, from the Secret or from the template of the ExternalSecret.
func (t *translation) logUser(ref v1alpha1.KeyRef) (string, bool) {
	external := t.cluster.find("external-secrets.io", "ExternalSecret", ref.Name)
	if template := external.at("spec", "target", "template", "data", ref.Key); template != nil &&
		!strings.Contains(template.string(), "{{") {
		return template.string(), true
	}
	return t.cluster.secretKey(ref.Name, ref.Key)
}
