// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// maxNodes limits the number of nodes that the aliases of one object may expand to; aliases beyond it are kept.
const maxNodes = 100_000

// Expand replaces aliases and merge keys (<<) with copies of the nodes that they refer to, so that a change at one
// place of an object has no effect on another.
func Expand(object *yaml.Node) {
	(&expander{}).expand(object)
}

type expander struct {
	nodes int
	// open lists the anchors that enclose the current node. An alias to one of them is kept: expanding it would not end.
	open []*yaml.Node
}

func (e *expander) expand(node *yaml.Node) {
	if e.nodes++; e.nodes > maxNodes || node.Kind == yaml.AliasNode && slices.Contains(e.open, node.Alias) {
		return
	}
	anchor := node
	if node.Kind == yaml.AliasNode {
		anchor = node.Alias
		e.replace(node)
	}
	if anchor.Anchor != "" {
		e.open = append(e.open, anchor)
		defer func() { e.open = e.open[:len(e.open)-1] }()
	}
	for _, child := range node.Content {
		e.expand(child)
	}
	if node.Kind == yaml.MappingNode {
		unmerge(node)
	}
}

// replace turns an alias into a copy of the node that it refers to.
func (e *expander) replace(node *yaml.Node) {
	head, line, foot := node.HeadComment, node.LineComment, node.FootComment
	*node = *yaml.CopyYNode(node.Alias)
	node.HeadComment, node.LineComment, node.FootComment = head, line, foot
	withoutAnchors(node)
}

func withoutAnchors(node *yaml.Node) {
	node.Anchor = ""
	for _, child := range node.Content {
		withoutAnchors(child)
	}
}

// unmerge replaces the merge keys of a mapping with the fields that they add.
func unmerge(mapping *yaml.Node) {
	var own, sources []*yaml.Node
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		switch {
		case key.ShortTag() != yaml.MergeTag:
			own = append(own, key, value)
		case value.Kind == yaml.SequenceNode:
			sources = append(sources, value.Content...)
		default:
			sources = append(sources, value)
		}
	}
	mapping.Content = own
	for _, source := range sources {
		for i := 0; source.Kind == yaml.MappingNode && i+1 < len(source.Content); i += 2 {
			if Field(mapping, source.Content[i].Value) == nil {
				mapping.Content = append(mapping.Content, source.Content[i], source.Content[i+1])
			}
		}
	}
}
