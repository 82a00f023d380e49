package generators

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Manifest turns a typed object into YAML nodes: fields in the order of their type, apiVersion before kind, without the
// things that a type prints but a manifest must not hold: status, nulls, and structs that are empty only because Go
// cannot leave them out.
func Manifest(object Object) (*yaml.RNode, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	node, err := manifestNode(decoder)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), err)
	}
	orderTopLevel(node)
	return yaml.NewRNode(node), nil
}

// manifestNode reads one JSON value as YAML, keeping the order of fields; nil for null.
func manifestNode(decoder *json.Decoder) (*yaml.Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch value := token.(type) {
	case json.Delim:
		if value == '[' {
			return manifestList(decoder)
		}
		return manifestMapping(decoder)
	case string:
		return scalarNode(yaml.NodeTagString, value), nil
	case json.Number:
		tag := yaml.NodeTagInt
		if strings.ContainsAny(value.String(), ".eE") {
			tag = yaml.NodeTagFloat
		}
		return scalarNode(tag, value.String()), nil
	case bool:
		return scalarNode(yaml.NodeTagBool, fmt.Sprint(value)), nil
	}
	return nil, nil
}

func manifestList(decoder *json.Decoder) (*yaml.Node, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: yaml.NodeTagSeq}
	for decoder.More() {
		element, err := manifestNode(decoder)
		if err != nil {
			return nil, err
		}
		if element != nil { // kustomize refuses a null in any list
			list.Content = append(list.Content, element)
		}
	}
	_, err := decoder.Token()
	return list, err
}

func manifestMapping(decoder *json.Decoder) (*yaml.Node, error) {
	mapping := &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := manifestNode(decoder)
		if err != nil {
			return nil, err
		}
		if value == nil || (emptyStructs[key.(string)] && value.Kind == yaml.MappingNode && len(value.Content) == 0) {
			continue
		}
		mapping.Content = append(mapping.Content, scalarNode(yaml.NodeTagString, key.(string)), value)
	}
	_, err := decoder.Token()
	return mapping, err
}

// emptyStructs are fields whose Go type is a struct without omitempty, and that mean nothing when they are empty. Other
// empty mappings mean something: emptyDir, podSelector, the spec of an AuthorizationPolicy.
var emptyStructs = map[string]bool{"status": true, "resources": true, "strategy": true, "updateStrategy": true, "ca": true, "cert": true}

// orderTopLevel puts apiVersion, kind and metadata first: Go's TypeMeta has kind before apiVersion.
func orderTopLevel(node *yaml.Node) {
	var first, rest []*yaml.Node
	for _, name := range []string{"apiVersion", "kind", "metadata"} {
		for i := 0; i < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				first = append(first, node.Content[i], node.Content[i+1])
			}
		}
	}
	for i := 0; i < len(node.Content); i += 2 {
		switch node.Content[i].Value {
		case "apiVersion", "kind", "metadata", "status":
		default:
			rest = append(rest, node.Content[i], node.Content[i+1])
		}
	}
	node.Content = append(first, rest...)
}

func scalarNode(tag, value string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
	beginning := value[:min(len(value), len("yes")+1)] // a value may be a file of many kilobytes
	switch strings.ToLower(beginning) {
	case "y", "n", "yes", "no", "on", "off", "<<", "=":
		// Text in YAML 1.2, by which this is written; something else in YAML 1.1, by which kubectl reads.
		node.Style = yaml.DoubleQuotedStyle
	}
	if strings.Contains(value, "\n") && strings.ContainsAny(value[:1], " \t\n") {
		// The encoder would write a block whose beginning is not readable.
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}
