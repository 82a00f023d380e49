package resourcelist

import (
	"slices"
	"strconv"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/result"
)

// addResults adds results to a list of them, those left out that it came with.
func addResults(list *yaml.Node, results result.Results) {
	before := list.Content
	for _, r := range results {
		node := resultNode(r)
		if !slices.ContainsFunc(before, func(existing *yaml.Node) bool { return same(existing, node) }) {
			list.Content = append(list.Content, node)
		}
	}
}

// same says whether both nodes say the same; a result holds no lists.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := 0; i+1 < len(b.Content); i += 2 {
		value := Field(a, b.Content[i].Value)
		if value == nil || !same(value, b.Content[i+1]) {
			return false
		}
	}
	return true
}

// resultNode is one result in the form of the function specification, its fields in the specification's order.
func resultNode(r result.Result) *yaml.Node {
	node := mapping("message", text(r.Text()), "severity", text(string(r.Severity)))
	if r.Resource.Kind != "" {
		ref := mapping("apiVersion", text(r.Resource.APIVersion), "kind", text(r.Resource.Kind), "name", text(r.Resource.Name))
		if r.Resource.Namespace != "" {
			ref.Content = append(ref.Content, text("namespace"), text(r.Resource.Namespace))
		}
		node.Content = append(node.Content, text("resourceRef"), ref)
	}
	if r.Field != "" {
		node.Content = append(node.Content, text("field"), mapping("path", text(r.Field)))
	}
	if r.File != "" {
		file := mapping("path", text(r.File))
		if r.FileIndex > 0 {
			file.Content = append(file.Content, text("index"), &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagInt, Value: strconv.Itoa(r.FileIndex)})
		}
		node.Content = append(node.Content, text("file"), file)
	}
	if r.Rule != "" {
		node.Content = append(node.Content, text("tags"), mapping("rule", text(r.Rule)))
	}
	return node
}

func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	for i := 0; i < len(pairs); i += 2 {
		node.Content = append(node.Content, text(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return node
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: value}
}
