// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// value is one node of an input: a mapping, a list or a scalar, with the place that it came from.
type value struct {
	// path in the document, such as sso.client_id or tolerations[0].key.
	path string
	// label is added to the path in comments, such as the name of a variable in a list.
	label string
	// file and line where the value is.
	file string
	line int

	kind yaml.Kind
	// text is the scalar as it is written, and tag its YAML type, such as !!bool.
	text, tag string
	// keys are those of a mapping, in their order.
	keys   []string
	fields map[string]*value
	items  []*value

	// origins are the values of the input that an assembled value was made of, as the umbrella assembles those for the
	// package.
	origins []*value
	// entry is what became of the value; nil if nothing is decided yet, or only for what is in it.
	entry *Entry
}

// maxValues limits the number of values of one document with aliases expanded, and maxNesting their depth.
const (
	maxValues  = 100_000
	maxNesting = 100
)

// parseDocuments reads the YAML documents of a file. Errors name file and line, and never repeat what is in the file.
func parseDocuments(file string, data []byte) ([]*value, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var documents []*value
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		switch {
		case errors.Is(err, io.EOF):
			return documents, nil
		case err != nil:
			// The message of a parser may quote the line.
			return nil, fmt.Errorf("%s: %snot valid YAML; correct it, for example with a linter", file, lineOf(err))
		case len(node.Content) == 0:
			continue
		}
		left := maxValues
		document, err := newValue(file, "", node.Content[0], &left, 0)
		if err != nil {
			return nil, err
		}
		if document.kind == yaml.ScalarNode && document.isNull() {
			continue
		}
		if document.kind != yaml.MappingNode {
			return nil, fmt.Errorf("%s:%d: expected a mapping: the values of a chart, or a resource", file, document.line)
		}
		documents = append(documents, document)
	}
}

var parserLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`line (\d+)`) })

func lineOf(err error) string {
	if found := parserLine().FindStringSubmatch(err.Error()); found != nil {
		return "line " + found[1] + ": "
	}
	return ""
}

func newValue(file, path string, node *yaml.Node, left *int, depth int) (*value, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if *left--; *left < 0 || depth > maxNesting {
		return nil, fmt.Errorf("%s:%d: more than %d values, or %d levels of nesting, with aliases expanded; "+
			"import the values of Mattermost only", file, node.Line, maxValues, maxNesting)
	}
	v := &value{path: path, file: file, line: node.Line, kind: node.Kind, text: node.Value, tag: node.ShortTag()}
	switch node.Kind {
	case yaml.MappingNode:
		v.fields = map[string]*value{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.ShortTag() == "!!merge" {
				if err := v.merge(file, path, node.Content[i+1], left, depth); err != nil {
					return nil, err
				}
				continue
			}
			inner, err := newValue(file, join(path, key.Value), node.Content[i+1], left, depth+1)
			if err != nil {
				return nil, err
			}
			inner.line = key.Line
			v.set(key.Value, inner)
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			inner, err := newValue(file, fmt.Sprintf("%s[%d]", path, i), item, left, depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, inner)
		}
	}
	return v, nil
}

// merge adds the fields of a merge key (<<) that the mapping does not have itself.
func (v *value) merge(file, path string, node *yaml.Node, left *int, depth int) error {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	sources := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		sources = node.Content
	}
	for _, source := range sources {
		merged, err := newValue(file, path, source, left, depth+1)
		if err != nil {
			return err
		}
		for _, key := range merged.keys {
			if _, there := v.fields[key]; !there {
				v.set(key, merged.fields[key])
			}
		}
	}
	return nil
}

func (v *value) set(key string, inner *value) {
	if _, there := v.fields[key]; !there {
		v.keys = append(v.keys, key)
	}
	v.fields[key] = inner
}

// join appends a key to a path. A key with a dot is quoted, so that paths are unambiguous.
func join(path, key string) string {
	if strings.ContainsAny(key, ".[]\"") || key == "" {
		return path + "[" + strconv.Quote(key) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// isNull reports whether the value is null, with which Helm removes a default.
func (v *value) isNull() bool { return v.kind == yaml.ScalarNode && v.tag == "!!null" }

// isEmpty reports whether there is nothing in the value: null, an empty string, mapping or list.
func (v *value) isEmpty() bool {
	switch v.kind {
	case yaml.MappingNode:
		return len(v.keys) == 0
	case yaml.SequenceNode:
		return len(v.items) == 0
	}
	return v.isNull() || v.text == ""
}

// at returns the value at a path of keys; nil if there is none, or if it is null.
func (v *value) at(keys ...string) *value {
	for _, key := range keys {
		if v == nil || v.kind != yaml.MappingNode {
			return nil
		}
		v = v.fields[key]
	}
	if v == nil || v.isNull() {
		return nil
	}
	return v
}

// string returns a scalar as text; empty if there is none.
func (v *value) string() string {
	if v == nil || v.kind != yaml.ScalarNode || v.isNull() {
		return ""
	}
	return v.text
}

// bool returns a scalar as Go templates test it: false for absent, false, empty, 0 and "false".
func (v *value) bool() bool {
	text := strings.ToLower(v.string())
	return text != "" && text != "false" && text != "0" && text != "no" && text != "off"
}

// isFalse reports whether the value is there and false.
func (v *value) isFalse() bool {
	return v != nil && v.kind == yaml.ScalarNode && !v.isNull() && !v.bool()
}

// int returns a whole number, and whether it is one. Helm passes 3.0 for 3 in some files.
func (v *value) int() (int64, bool) {
	number, err := strconv.ParseFloat(v.string(), 64)
	if err != nil || number != float64(int64(number)) {
		return 0, false
	}
	return int64(number), true
}

// plain returns the value as Go's own types: map[string]any, []any, string, bool, int64, float64 or nil. Strings that
// are quoted in YAML stay strings.
func (v *value) plain() any {
	switch v.kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for _, key := range v.keys {
			object[key] = v.fields[key].plain()
		}
		return object
	case yaml.SequenceNode:
		list := make([]any, 0, len(v.items))
		for _, item := range v.items {
			list = append(list, item.plain())
		}
		return list
	}
	switch v.tag {
	case "!!null":
		return nil
	case "!!bool":
		return v.bool()
	case "!!int":
		if number, err := strconv.ParseInt(v.text, 0, 64); err == nil {
			return number
		}
	case "!!float":
		if number, err := strconv.ParseFloat(v.text, 64); err == nil {
			return number
		}
	}
	return v.text
}

// leaves calls yield for every value without values in it: scalars, and empty mappings and lists.
func (v *value) leaves(yield func(*value)) {
	v.leavesExcept(func(*value) bool { return false }, yield)
}

// leavesExcept is leaves without the values that skip selects, and those in them.
func (v *value) leavesExcept(skip func(*value) bool, yield func(*value)) {
	switch {
	case skip(v):
	case v.kind == yaml.MappingNode && len(v.keys) > 0:
		for _, key := range v.keys {
			v.fields[key].leavesExcept(skip, yield)
		}
	case v.kind == yaml.SequenceNode && len(v.items) > 0:
		for _, item := range v.items {
			item.leavesExcept(skip, yield)
		}
	default:
		yield(v)
	}
}

// overlay merges later values over these as Helm does: mappings key by key, everything else is replaced, null removes.
// It returns the result; replaced reports every value that is no longer in it, and what replaced it.
func overlay(base, over *value, replaced func(old, new *value)) *value {
	if base == nil {
		return over
	}
	if base.kind != yaml.MappingNode || over.kind != yaml.MappingNode {
		replaced(base, over)
		return over
	}
	result := *base
	result.keys, result.fields = slices.Clone(base.keys), map[string]*value{}
	for _, key := range base.keys {
		result.fields[key] = base.fields[key]
	}
	// What is decided about the merged mapping is decided about those that it was merged from. A mapping that was
	// assembled is in no file.
	result.origins, result.entry = nil, nil
	for _, origin := range []*value{base, over} {
		if origin.file != "" || len(origin.origins) > 0 {
			result.origins = append(result.origins, origin)
		}
	}
	for _, key := range over.keys {
		result.set(key, overlay(result.fields[key], over.fields[key], replaced))
	}
	return &result
}

// pattern returns the path with indexes removed, as keys are named in the table.
func (v *value) pattern() string {
	return indexes().ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(v.path, `["`, "."), `"]`, ""), "[]")
}

var indexes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[\d+\]`) })
