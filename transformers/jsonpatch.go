// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
	k8syaml "sigs.k8s.io/yaml"
)

// jsonPatch is a JSON 6902 patch. It is applied to the nodes of an object, in place.
//
// kustomize's filter converts the whole object to JSON and back for every patch, which takes quadratic time, and loses
// the order of its fields. It also accepts a replace of a path that does not exist, which RFC 6902 forbids (section
// 4.3): with a misspelled path it adds a field that nothing reads. Otherwise the result is the same, which a test
// compares.
type jsonPatch []operation

// operation is one operation of a JSON 6902 patch.
type operation struct {
	op         string
	path, from []string
	value      *yaml.Node
}

// parseJSONPatch parses a patch, in YAML or JSON. Errors do not quote it, because it may contain a secret.
func parseJSONPatch(text string) (jsonPatch, error) {
	var raw []map[string]json.RawMessage
	data, err := k8syaml.YAMLToJSON([]byte(text))
	if err == nil {
		err = json.Unmarshal(data, &raw)
	}
	if err != nil {
		return nil, errors.New("must be a list of operations, each with op, path and, for add, replace and test, a " +
			"value")
	}
	var patch jsonPatch
	for i, fields := range raw {
		operation, err := parseOperation(fields)
		if err != nil {
			return nil, fmt.Errorf("operation %d %w", i+1, err)
		}
		patch = append(patch, operation)
	}
	return patch, nil
}

func parseOperation(fields map[string]json.RawMessage) (operation, error) {
	var parsed operation
	var path, from string
	for name, into := range map[string]*string{"op": &parsed.op, "path": &path, "from": &from} {
		if raw, ok := fields[name]; ok && json.Unmarshal(raw, into) != nil {
			return parsed, fmt.Errorf("must have a string in the field %s", name)
		}
	}
	if !slices.Contains([]string{"add", "remove", "replace", "move", "copy", "test"}, parsed.op) {
		return parsed, errors.New("must have one of add, remove, replace, move, copy and test in the field op")
	}
	required := map[string][]string{
		"add": {"path", "value"}, "remove": {"path"}, "replace": {"path", "value"}, "test": {"path", "value"},
		"move": {"path", "from"}, "copy": {"path", "from"},
	}[parsed.op]
	for _, name := range required {
		if _, ok := fields[name]; !ok {
			return parsed, fmt.Errorf("(%s) requires the field %s", parsed.op, name)
		}
	}
	var ok bool
	if parsed.path, ok = pointer(path); !ok {
		return parsed, fmt.Errorf("(%s) must have a path that begins with /, such as /spec/replicas", parsed.op)
	}
	if parsed.from, ok = pointer(from); !ok {
		return parsed, fmt.Errorf("(%s) must have a field from that begins with /, such as /spec/replicas", parsed.op)
	}
	if raw, ok := fields["value"]; ok {
		value, err := fromJSON(raw)
		if err != nil {
			return parsed, fmt.Errorf("(%s) has a value that cannot be read", parsed.op)
		}
		parsed.value = value
	}
	return parsed, nil
}

// pointer splits a JSON pointer (RFC 6901). The empty one refers to the whole object.
func pointer(text string) ([]string, bool) {
	if text == "" {
		return nil, true
	}
	if text[0] != '/' {
		return nil, false
	}
	tokens := strings.Split(text[1:], "/")
	for i, token := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return tokens, true
}

// fromJSON returns a value as a node in the style of generated objects.
func fromJSON(raw json.RawMessage) (*yaml.Node, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	node := &yaml.Node{}
	if err := node.Encode(withNumbers(value)); err != nil {
		return nil, err
	}
	return node, nil
}

// withNumbers replaces numbers in JSON with Go's, as precisely as possible.
func withNumbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if number, err := strconv.ParseInt(value.String(), 10, 64); err == nil {
			return number
		}
		if number, err := strconv.ParseUint(value.String(), 10, 64); err == nil {
			return number
		}
		number, _ := value.Float64()
		return number
	case []any:
		for i := range value {
			value[i] = withNumbers(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = withNumbers(value[key])
		}
	}
	return value
}

// apply applies the operations in order to an object, in place. If one does not apply, the object is incomplete.
// Copied is the number of nodes that may still be copied within objects.
func (p jsonPatch) apply(root *yaml.Node, copied *int) error {
	for i, operation := range p {
		if problem := operation.apply(root, copied); problem != "" {
			return fmt.Errorf("operation %d (%s) %s", i+1, operation.op, problem)
		}
	}
	return nil
}

// apply applies one operation and returns why it does not apply.
func (o operation) apply(root *yaml.Node, copied *int) (problem string) {
	switch o.op {
	case "add":
		return add(root, o.path, yaml.CopyYNode(o.value))
	case "remove":
		return removeAt(root, o.path)
	}
	source := o.path
	if o.from != nil {
		source = o.from
	}
	found, missing := lookup(root, source)
	if missing != "" {
		return missing
	}
	switch o.op {
	case "replace":
		*found = *yaml.CopyYNode(o.value)
	case "test":
		if !sameValue(found, o.value) {
			return "fails: the value there is another"
		}
	case "copy":
		if *copied -= size(found); *copied < 0 {
			return "copies too much: the patches of a configuration may copy 100000 values"
		}
		return add(root, o.path, yaml.CopyYNode(found))
	case "move":
		if len(o.path) > len(o.from) && slices.Equal(o.path[:len(o.from)], o.from) {
			return "moves a value into itself"
		}
		moved := yaml.CopyYNode(found)
		if problem := removeAt(root, o.from); problem != "" {
			return problem
		}
		return add(root, o.path, moved)
	}
	return ""
}

// maxCopied is the number of nodes that the patches of a configuration may copy. Without a limit, a few operations that
// copy an object into itself would fill the memory.
const maxCopied = 100_000

func size(node *yaml.Node) int {
	total := 1
	for _, child := range node.Content {
		total += size(child)
	}
	return total
}

// lookup returns the node at a path. If there is none, it returns the problem, with the part of the path that exists:
// that part is known from the object, the rest could be a secret.
func lookup(root *yaml.Node, path []string) (*yaml.Node, string) {
	node := root
	for i, token := range path {
		var next *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			if at := indexOf(node, token); at >= 0 {
				next = node.Content[at+1]
			}
		case yaml.SequenceNode:
			if at, ok := element(token, len(node.Content)); ok {
				next = node.Content[at]
			}
		}
		if next == nil {
			return nil, missing(path[:i])
		}
		node = next
	}
	return node, ""
}

func missing(existing []string) string {
	if len(existing) == 0 {
		return "does not apply: its path does not exist"
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	text := ""
	for _, token := range existing {
		text += "/" + escape.Replace(token)
	}
	return "does not apply: its path exists only up to " + text
}

// element returns the index of an element for the token of a pointer. Like kustomize, it accepts -1 for the last
// element.
func element(token string, length int) (int, bool) {
	at, err := strconv.Atoi(token)
	if err != nil || at < -length || at >= length || token != strconv.Itoa(at) {
		return 0, false
	}
	if at < 0 {
		at += length
	}
	return at, true
}

func add(root *yaml.Node, path []string, value *yaml.Node) (problem string) {
	if len(path) == 0 {
		*root = *value
		return ""
	}
	parent, problem := lookup(root, path[:len(path)-1])
	if problem != "" {
		return problem
	}
	last := path[len(path)-1]
	switch parent.Kind {
	case yaml.MappingNode:
		if at := indexOf(parent, last); at >= 0 {
			parent.Content[at+1] = value
			return ""
		}
		key := &yaml.Node{}
		key.SetString(last)
		parent.Content = append(parent.Content, key, value)
		parent.Style = 0 // an empty mapping is written as {}
		return ""
	case yaml.SequenceNode:
		at, ok := len(parent.Content), last == "-"
		if !ok {
			at, ok = element(last, len(parent.Content)+1)
		}
		if !ok {
			return "does not apply: there is no such place in the list"
		}
		parent.Content = slices.Insert(parent.Content, at, value)
		parent.Style = 0
		return ""
	}
	return missing(path[:len(path)-1])
}

func removeAt(root *yaml.Node, path []string) (problem string) {
	if len(path) == 0 {
		return "cannot remove the whole object; write $patch: delete in a strategic merge patch"
	}
	if _, problem := lookup(root, path); problem != "" {
		return problem
	}
	parent, _ := lookup(root, path[:len(path)-1])
	last := path[len(path)-1]
	if parent.Kind == yaml.MappingNode {
		remove(parent, last)
		return ""
	}
	at, _ := element(last, len(parent.Content))
	parent.Content = slices.Delete(parent.Content, at, at+1)
	return ""
}

// sameValue compares values as JSON does: mappings without their order, numbers by their value.
func sameValue(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(a.Content); i += 2 {
			at := indexOf(b, a.Content[i].Value)
			if at < 0 || !sameValue(a.Content[i+1], b.Content[at+1]) {
				return false
			}
		}
		return true
	case yaml.SequenceNode:
		for i := range a.Content {
			if !sameValue(a.Content[i], b.Content[i]) {
				return false
			}
		}
		return true
	}
	var left, right any
	if a.Decode(&left) != nil || b.Decode(&right) != nil {
		return false
	}
	if x, ok := number(left); ok {
		y, isNumber := number(right)
		return isNumber && x == y
	}
	return left == right
}

func number(value any) (float64, bool) {
	switch value := value.(type) {
	case int:
		return float64(value), true
	case int64:
		return float64(value), true
	case uint64:
		return float64(value), true
	case float64:
		return value, true
	}
	return 0, false
}
