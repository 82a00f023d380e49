// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// Patterns of values that editors can check. They accept everything that the function accepts, also empty strings,
// which are as good as none.
const (
	hostPattern    = `^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?$`
	urlPattern     = `^(https?://[^\s]+)?$`
	namePattern    = `^[a-z]([a-z0-9-]{0,43}[a-z0-9])?$`
	versionPattern = `^(v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?)?$`
	bucketPattern  = `^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$`
)

var patterns = map[string]string{
	"metadata.name":             namePattern,
	"spec.domain":               hostPattern,
	"spec.host":                 hostPattern,
	"spec.version":              versionPattern,
	"spec.sso.issuerURL":        urlPattern,
	"spec.openid.issuerURL":     urlPattern,
	"spec.elasticsearch.url":    urlPattern,
	"spec.objectStorage.bucket": bucketPattern,
}

var examples = map[string][]any{
	"metadata.name":               {"mattermost"},
	"metadata.namespace":          {"mattermost"},
	"spec.domain":                 {"example.com"},
	"spec.host":                   {"chat.example.com"},
	"spec.version":                {v1alpha1.DefaultVersion},
	"spec.sso.issuerURL":          {"https://login.example.com/realms/example"},
	"spec.sso.clientID":           {"mattermost"},
	"spec.database.host":          {"db.example.com"},
	"spec.objectStorage.bucket":   {"mattermost"},
	"spec.objectStorage.endpoint": {"https://s3.example.com"},
	"spec.elasticsearch.url":      {"https://elasticsearch.example.com:9200"},
	"spec.email.server":           {"smtp.example.com"},
	"spec.route.gateways":         {[]any{"istio-gateway/public-ingressgateway"}},
}

// enrich adds what the definition for the API server does not have, because it would reject patches of overlays or
// write defaults into stored configurations: defaults, patterns, requirements and examples.
func (n *schemaNode) enrich() {
	n.Examples = []any{map[string]any{
		"apiVersion": v1alpha1.APIVersion, "kind": v1alpha1.Kind,
		"metadata": map[string]any{"name": "mattermost", "namespace": "mattermost"},
		"spec":     map[string]any{"domain": "example.com"},
	}}
	n.walkAll("", func(path string, node *schemaNode) {
		node.Description = oneLine(node.Description)
		if node.Default == nil {
			node.Default = node.statedDefault()
		}
		if pattern := patterns[path]; pattern != "" && node.Pattern == "" {
			node.Pattern = pattern
		}
		node.Examples = append(node.Examples, examples[path]...)
	})
	n.Description = oneLine(n.Description)
	spec := n.Properties["spec"]
	spec.OneOf = []*schemaNode{{Required: []string{"domain"}}, {Required: []string{"host"}}}
	required := func(path string, fields ...string) {
		node, _, err := n.find(strings.Split(path, "."))
		if err != nil {
			return
		}
		if node.Dependencies == nil {
			node.Dependencies = map[string][]string{}
		}
		node.Dependencies[fields[0]] = fields[1:]
	}
	required("spec.objectStorage", "accessKey", "accessSecret")
	required("spec.objectStorage", "accessSecret", "accessKey")
}

// walkAll calls visit for every field under a node, also of metadata.
func (n *schemaNode) walkAll(path string, visit func(path string, node *schemaNode)) {
	object := n.element()
	for _, name := range object.fields() {
		inner := strings.TrimPrefix(path+"."+name, ".")
		visit(inner, object.Properties[name])
		object.Properties[name].walkAll(inner, visit)
	}
}

// oneLine removes line breaks that only wrap the source. Editors show a description as it is.
func oneLine(text string) string {
	var paragraphs []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		paragraphs = append(paragraphs, strings.Join(strings.Fields(paragraph), " "))
	}
	return strings.Join(paragraphs, "\n\n")
}

// stated matches a default in a description that is a single value.
var stated = regexp.MustCompile(`Default: "?([^\s",]+?)"?\.(?:\s|$)`)

// statedDefault returns the default that the description states, if it is a value of the field's type.
func (n *schemaNode) statedDefault() any {
	found := stated.FindStringSubmatch(n.Description)
	if found == nil {
		return nil
	}
	switch text := found[1]; n.Type {
	case "boolean":
		if on, err := strconv.ParseBool(text); err == nil {
			return on
		}
	case "integer":
		if number, err := strconv.Atoi(text); err == nil {
			return number
		}
	case "string":
		if len(n.Enum) > 0 && !slices.Contains(n.Enum, any(text)) || slices.Contains([]string{"none", "derived",
			"generated"}, text) {
			return nil
		}
		return text
	}
	return nil
}

// defaultOf returns the default of a setting for editors; nil if it is not a plain value.
func defaultOf(setting settings.Setting) any {
	text := settingDefault(setting)
	var value any
	if setting.Sensitive || json.Unmarshal([]byte(text), &value) != nil {
		return nil
	}
	switch value := value.(type) {
	case bool:
		if setting.Type == settings.Bool {
			return value
		}
	case float64:
		if setting.Type == settings.Int {
			return int64(value)
		}
	case string:
		if setting.Type != settings.Bool && setting.Type != settings.Int && setting.Type != settings.List &&
			setting.Type != settings.Map && setting.Type != settings.JSON && value != "" {
			return value
		}
	}
	return nil
}
