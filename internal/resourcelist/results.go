// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"slices"
	"strconv"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/result"
)

// addResults appends the results that the list does not already contain.
func addResults(list *yaml.Node, results result.Results) {
	before := list.Content
	for _, r := range results {
		node := resultNode(r)
		if !slices.ContainsFunc(before, func(existing *yaml.Node) bool { return same(existing, node) }) {
			list.Content = append(list.Content, node)
		}
	}
}

// same reports whether both nodes have the same contents. Results contain no lists.
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

// resultNode returns a result in the form of the KRM function specification, with the specification's order of fields.
func resultNode(r result.Result) *yaml.Node {
	node := mapping("message", stringNode(r.Text()), "severity", stringNode(string(r.Severity)))
	if r.Resource.Kind != "" {
		ref := mapping("apiVersion", stringNode(r.Resource.APIVersion), "kind", stringNode(r.Resource.Kind),
			"name", stringNode(r.Resource.Name))
		if r.Resource.Namespace != "" {
			ref.Content = append(ref.Content, stringNode("namespace"), stringNode(r.Resource.Namespace))
		}
		node.Content = append(node.Content, stringNode("resourceRef"), ref)
	}
	if r.Field != "" {
		node.Content = append(node.Content, stringNode("field"), mapping("path", stringNode(r.Field)))
	}
	if r.File != "" {
		file := mapping("path", stringNode(r.File))
		if r.FileIndex > 0 {
			index := &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagInt, Value: strconv.Itoa(r.FileIndex)}
			file.Content = append(file.Content, stringNode("index"), index)
		}
		node.Content = append(node.Content, stringNode("file"), file)
	}
	if r.Rule != "" {
		node.Content = append(node.Content, stringNode("tags"), mapping("rule", stringNode(r.Rule)))
	}
	return node
}

func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	for i := 0; i < len(pairs); i += 2 {
		node.Content = append(node.Content, stringNode(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return node
}

func stringNode(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: value}
}
