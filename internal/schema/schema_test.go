// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// editorSchema returns the JSON Schema as an editor parses it.
func editorSchema(t *testing.T) map[string]any {
	t.Helper()
	text, err := JSON()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// at returns the schema of a field.
func at(t *testing.T, schema map[string]any, path string) map[string]any {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		properties, _ := schema["properties"].(map[string]any)
		next, ok := properties[name].(map[string]any)
		if !ok {
			t.Fatalf("%s: no field %s", path, name)
		}
		schema = next
	}
	return schema
}

func TestJSON(t *testing.T) {
	schema := editorSchema(t)
	for key, want := range map[string]string{
		"$schema": "http://json-schema.org/draft-07/schema#",
		"$id":     "https://mattermost.bigbang.dev/v1alpha1/mattermostconfig.json",
		"title":   "MattermostConfig",
	} {
		if schema[key] != want {
			t.Errorf("%s: got %v, want %s", key, schema[key], want)
		}
	}
	for path, want := range map[string]string{
		"":         `["apiVersion","kind","metadata","spec"]`,
		"metadata": `["name"]`,
	} {
		node := schema
		if path != "" {
			node = at(t, schema, path)
		}
		if got, _ := json.Marshal(node["required"]); string(got) != want {
			t.Errorf("%q requires %s, want %s", path, got, want)
		}
	}
	const (
		inSecret = `{"additionalProperties":false,"properties":{"secretKeyRef":` +
			`{"additionalProperties":false,"properties":{"key":{"type":"string"},"name":{"type":"string"}},` +
			`"required":["key","name"],"type":"object"}` +
			`},"required":["secretKeyRef"],"type":"object"}`
		inStore = `{"additionalProperties":false,"properties":{"externalSecret":` +
			`{"additionalProperties":false,"properties":{"key":{"type":"string"},"property":{"type":"string"},"store":` +
			`{"additionalProperties":false,"properties":{"kind":{"enum":["SecretStore","ClusterSecretStore"],` +
			`"type":"string"},"name":{"type":"string"}},"required":["name"],"type":"object"}` +
			`},"required":["key","store"],"type":"object"}},"required":["externalSecret"],"type":"object"}`
	)
	for path, want := range map[string]string{
		"apiVersion": `{"const":"mattermost.bigbang.dev/v1alpha1","type":"string"}`,
		"kind":       `{"const":"MattermostConfig","type":"string"}`,
		"metadata.name": `{"examples":["mattermost"],"pattern":"^[a-z]([a-z0-9-]{0,43}[a-z0-9])?$",` +
			`"type":"string"}`,
		"metadata.namespace": `{"default":"mattermost","examples":["mattermost"],"type":"string"}`,
		"metadata.labels":    `{"additionalProperties":{"type":"string"},"type":"object"}`,
		"spec.domain": `{"examples":["example.com"],"pattern":"^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?$",` +
			`"type":"string"}`,
		"spec.replicas": `{"minimum":1,"type":"integer"}`,
		"spec.profile": `{"default":"bigbang",` +
			`"enum":["bigbang","community"],"type":"string"}`,
		"spec.pod.affinity":                                  `{"type":"object"}`,
		"spec.pod.volumes":                                   `{}`,
		"spec.settings.ServiceSettings.SiteURL":              `{"type":"string"}`,
		"spec.settings.ServiceSettings.EnableLocalMode":      `{"default":false,"type":"boolean"}`,
		"spec.settings.ServiceSettings.MaximumLoginAttempts": `{"default":10,"type":"integer"}`,
		"spec.settings.ServiceSettings.TrustedProxyIPHeader": `{"items":{"type":"string"},"type":"array"}`,
		"spec.settings.LdapSettings.BindPassword": `{"oneOf":[{"type":"string"},` + inSecret +
			`,` + inStore + `]}`,
		"spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPUsername": `{"type":"string"}`,
		"spec.enterprise.license": `{"oneOf":[{"type":"string"},` + inStore + `,` + inSecret +
			`,{"additionalProperties":false,"properties":{"uploaded":{"enum":[true],"type":"boolean"}},` +
			`"required":["uploaded"],"type":"object"}]}`,
	} {
		node := at(t, schema, path)
		if node["description"] == nil {
			t.Errorf("%s has no description", path)
		}
		got, _ := json.Marshal(withoutDescriptions(node))
		if string(got) != want {
			t.Errorf("%s: got %s\nwant %s", path, got, want)
		}
	}
	size := at(t, schema, "spec.database.inCluster.storage.size")
	if got, _ := json.Marshal(size["anyOf"]); string(got) != `[{"type":"integer"},{"type":"string"}]` ||
		size["type"] != nil {
		t.Errorf("schema of a quantity: %v", size)
	}
}

func TestJSONText(t *testing.T) {
	text, err := JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := JSON()
	if err != nil || !bytes.Equal(text, again) {
		t.Error("two calls differ")
	}
	for _, unwanted := range []string{"x-kubernetes", `\u003c`, ": null", "mostest"} {
		if bytes.Contains(text, []byte(unwanted)) {
			t.Errorf("the schema contains %s", unwanted)
		}
	}
	if !bytes.HasPrefix(text, []byte("{\n  \"$schema\"")) || !bytes.HasSuffix(text, []byte("}\n")) {
		t.Errorf("not indented: %.100s", text)
	}
}

// Every object either rejects fields that it does not list, or is a map, or is listed here because Kubernetes' own
// schema is too large to repeat.
func TestJSONIsClosed(t *testing.T) {
	open := []string{
		"spec.plugins.settings", "spec.pod.affinity", "spec.pod.containerSecurityContext", "spec.pod.dnsConfig",
		"spec.pod.envFrom", "spec.pod.initContainers", "spec.pod.lifecycle", "spec.pod.securityContext",
		"spec.pod.sidecars", "spec.pod.topologySpreadConstraints", "spec.pod.volumes",
		// Maps whose keys are the user's own.
		"spec.settings.ContentFlaggingSettings.NotificationSettings.EventTargetMapping",
		"spec.settings.ExperimentalAuditSettings.AdvancedLoggingJSON", "spec.settings.LogSettings.AdvancedLoggingJSON",
		"spec.settings.PluginSettings.PluginStates", "spec.settings.PluginSettings.Plugins",
	}
	var found []string
	objects := 0
	var walk func(path string, node map[string]any)
	walk = func(path string, node map[string]any) {
		properties, _ := node["properties"].(map[string]any)
		additional, hasAdditional := node["additionalProperties"]
		switch {
		case len(properties) > 0:
			objects++
			if node["type"] != "object" || additional != false {
				t.Errorf("%s lists fields and accepts others: type %v, additionalProperties %v", path, node["type"], additional)
			}
		case node["type"] == "object" && !hasAdditional,
			node["type"] == nil && node["oneOf"] == nil && node["anyOf"] == nil:
			found = append(found, path)
		}
		for name, property := range properties {
			walk(strings.TrimPrefix(path+"."+name, "."), property.(map[string]any))
		}
		if items, ok := node["items"].(map[string]any); ok {
			walk(path+"[]", items)
		}
		if values, ok := additional.(map[string]any); ok {
			walk(path+".*", values)
		}
		for _, keyword := range []string{"oneOf", "anyOf"} {
			forms, _ := node[keyword].([]any)
			for _, form := range forms {
				if form := form.(map[string]any); len(form) == 1 && form["required"] != nil {
					continue // only requires a field of the object
				}
				walk(path+"|", form.(map[string]any))
			}
		}
	}
	walk("", editorSchema(t))
	if objects < 30 {
		t.Errorf("only %d objects seen", objects)
	}
	slices.Sort(found)
	if !slices.Equal(found, open) {
		t.Errorf("open objects: %v\nwant: %v", found, open)
	}
}

func TestEveryFieldIsDescribed(t *testing.T) {
	root, err := loadSchema()
	if err != nil {
		t.Fatal(err)
	}
	var walk func(path string, node *schemaNode)
	walk = func(path string, node *schemaNode) {
		for _, name := range node.fields() {
			field := node.Properties[name]
			if field.Description == "" {
				t.Errorf("%s.%s has no description in the CRD", path, name)
			}
			walk(path+"."+name, field.element())
		}
	}
	walk("", root)
}

// withoutDescriptions copies a schema without its descriptions.
func withoutDescriptions(value any) any {
	switch value := value.(type) {
	case map[string]any:
		rest := map[string]any{}
		for key, inner := range value {
			if _, text := inner.(string); key != "description" || !text {
				rest[key] = withoutDescriptions(inner)
			}
		}
		return rest
	case []any:
		var rest []any
		for _, inner := range value {
			rest = append(rest, withoutDescriptions(inner))
		}
		return rest
	}
	return value
}
