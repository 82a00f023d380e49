// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/jsonfield"
)

// draft is a configuration in the making: a tree of fields, each with the keys that it came from.
type draft struct {
	fields map[string]*draft
	// value of a field that is not a mapping of fields: a scalar, a list, or a mapping with keys of the user.
	value any
	// from are the keys that the value came from, or why it is there.
	from []string
}

// place returns the field at a path, which is created if it is not there.
func (d *draft) place(path []string) *draft {
	for _, key := range path {
		if d.fields == nil {
			d.fields = map[string]*draft{}
		}
		inner := d.fields[key]
		if inner == nil {
			inner = &draft{}
			d.fields[key] = inner
		}
		d = inner
	}
	return d
}

// set sets a field, and says where the value came from.
func (d *draft) set(path string, value any, from ...string) {
	d.setAt(strings.Split(path, "."), value, from...)
}

func (d *draft) setAt(path []string, value any, from ...string) {
	field := d.place(path)
	field.value, field.from, field.fields = value, from, nil
}

// get returns the field at a path; nil if it is not set.
func (d *draft) get(path ...string) *draft {
	for _, key := range path {
		if d = d.fields[key]; d == nil {
			return nil
		}
	}
	return d
}

// valueOrNil returns the value of a field; nil if there is no such field.
func (d *draft) valueOrNil() any {
	if d == nil {
		return nil
	}
	return d.value
}

// has reports whether a field is set.
func (d *draft) has(path string) bool { return d.get(strings.Split(path, ".")...) != nil }

// text returns the value of a field as text; empty if it is not set.
func (d *draft) text(path string) string {
	field := d.get(strings.Split(path, ".")...)
	if field == nil || field.value == nil {
		return ""
	}
	return fmt.Sprint(field.value)
}

// remove removes a field, and mappings that are empty then.
func (d *draft) remove(path ...string) {
	inner := d.fields[path[0]]
	if inner == nil {
		return
	}
	if len(path) > 1 {
		inner.remove(path[1:]...)
		if len(inner.fields) > 0 || inner.value != nil {
			return
		}
	}
	delete(d.fields, path[0])
}

// node returns the configuration as YAML, in the order of the types' fields, with comments.
func (d *draft) node(t reflect.Type) (*yaml.Node, error) {
	if d.fields == nil {
		return valueNode(d.value)
	}
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	order, types := orderOf(t)
	keys := slices.SortedFunc(maps.Keys(d.fields), func(a, b string) int {
		at, bt := slices.Index(order, a), slices.Index(order, b)
		if at < 0 || bt < 0 || at == bt {
			return strings.Compare(a, b)
		}
		return at - bt
	})
	for _, key := range keys {
		field := d.fields[key]
		inner, err := field.node(types[key])
		if err != nil {
			return nil, err
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}
		if comment := field.comment(); comment != "" {
			if inner.Kind == yaml.ScalarNode && !strings.Contains(inner.Value, "\n") {
				inner.LineComment = comment
			} else {
				name.HeadComment = comment
			}
		}
		node.Content = append(node.Content, name, inner)
	}
	return node, nil
}

// longestComment limits how many keys a comment names.
const longestComment = 3

func (d *draft) comment() string {
	if len(d.from) == 0 {
		return ""
	}
	from := slices.Compact(slices.Clone(d.from))
	more := ""
	if len(from) > longestComment {
		more = fmt.Sprintf(" and %d more", len(from)-longestComment)
		from = from[:longestComment]
	}
	return "# " + printable(strings.Join(from, ", ")) + more
}

// orderOf returns the names of the fields of a type in their order, and their types.
func orderOf(t reflect.Type) ([]string, map[string]reflect.Type) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return nil, nil
	}
	types := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return nil, types
	}
	if t == reflect.TypeFor[v1alpha1.MattermostConfig]() {
		types["metadata"] = reflect.TypeFor[metav1.ObjectMeta]()
		types["spec"] = reflect.TypeFor[v1alpha1.MattermostConfigSpec]()
		return []string{"apiVersion", "kind", "metadata", "spec"}, types
	}
	var names []string
	for _, field := range jsonfield.Of(t) {
		names = append(names, field.Name)
		types[field.Name] = t.FieldByIndex(field.Index).Type
	}
	return names, types
}

// valueNode converts a value by its JSON form: Kubernetes' types, mappings, lists and scalars.
func valueNode(value any) (*yaml.Node, error) {
	plain := jsonPlain(value)
	if plain == nil && value != nil {
		return nil, fmt.Errorf("internal error: %T cannot be written", value)
	}
	return plainNode(plain), nil
}

func plainNode(plain any) *yaml.Node {
	switch plain := plain.(type) {
	case map[string]any:
		node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		keys := slices.SortedFunc(maps.Keys(plain), func(a, b string) int {
			return cmp.Or(cmp.Compare(boolRank(a != "name"), boolRank(b != "name")), strings.Compare(a, b))
		})
		for _, key := range keys {
			node.Content = append(node.Content, textNode(key), plainNode(plain[key]))
		}
		if len(plain) == 0 {
			node.Style = yaml.FlowStyle
		}
		return node
	case []any:
		node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range plain {
			node.Content = append(node.Content, plainNode(item))
		}
		if len(plain) == 0 {
			node.Style = yaml.FlowStyle
		}
		return node
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(plain)}
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(plain.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: plain.String()}
	case string:
		return textNode(plain)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

// boolRank orders false before true.
func boolRank(later bool) int {
	if later {
		return 1
	}
	return 0
}

// textNode returns a string, quoted wherever a YAML 1.1 reader would read something else.
func textNode(text string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if strings.Contains(text, "\n") {
		node.Style = yaml.LiteralStyle
	} else if yaml.IsYaml1_1NonString(node) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// jsonPlain returns a value in the form in which plainNode reads it.
func jsonPlain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var plain any
	if decoder.Decode(&plain) != nil {
		return nil
	}
	return plain
}
