// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"strings"

	"sigs.k8s.io/kustomize/api/filters/patchstrategicmerge"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// strategicMerge merges a patch into an object in place, with kustomize's filter. The result is nil if the patch
// deletes the object. The patch must have the type of the object, by which kustomize knows the merge keys of its lists.
//
// The filter walks through the whole object, and through each mapping in quadratic time, so it gets only those fields
// of the object that the patch contains. They are merged independently of all others.
func strategicMerge(object, patch *yaml.RNode) (*yaml.RNode, error) {
	part := narrow(object.YNode(), patch.YNode())
	// The filter removes the directives from the patch.
	merged, err := patchstrategicmerge.Filter{Patch: patch.Copy()}.Filter([]*yaml.RNode{yaml.NewRNode(part)})
	if err != nil {
		return nil, err
	}
	if len(merged) == 0 || merged[0].IsNilOrEmpty() {
		return nil, nil
	}
	return yaml.NewRNode(widen(object.YNode(), patch.YNode(), merged[0].YNode())), nil
}

// isNarrowed reports whether a value and its patch are mappings that are merged field by field. A directive such as
// $patch: replace refers to the whole mapping.
func isNarrowed(value, patch *yaml.Node) bool {
	return value.Kind == yaml.MappingNode && patch.Kind == yaml.MappingNode && !hasDirective(patch)
}

// hasDirective reports whether a mapping of a strategic merge patch contains a directive such as $patch: delete.
func hasDirective(patch *yaml.Node) bool {
	for i := 0; i+1 < len(patch.Content) && patch.Kind == yaml.MappingNode; i += 2 {
		if strings.HasPrefix(patch.Content[i].Value, "$") {
			return true
		}
	}
	return false
}

// narrow returns a value with those fields only that the patch contains.
func narrow(value, patch *yaml.Node) *yaml.Node {
	if !isNarrowed(value, patch) {
		return value
	}
	part := &yaml.Node{Kind: yaml.MappingNode, Tag: value.Tag, Style: value.Style}
	for i := 0; i+1 < len(patch.Content); i += 2 {
		if at := indexOf(value, patch.Content[i].Value); at >= 0 {
			part.Content = append(part.Content, value.Content[at], narrow(value.Content[at+1], patch.Content[i+1]))
		}
	}
	return part
}

// widen returns the value after its part, which narrow returned, was merged.
func widen(value, patch, merged *yaml.Node) *yaml.Node {
	if !isNarrowed(value, patch) || merged.Kind != yaml.MappingNode {
		return merged
	}
	for i := 0; i+1 < len(patch.Content); i += 2 {
		key := patch.Content[i].Value
		at, mergedAt := indexOf(value, key), indexOf(merged, key)
		switch {
		case at < 0 && mergedAt >= 0:
			value.Content = append(value.Content, merged.Content[mergedAt], merged.Content[mergedAt+1])
			value.Style = 0 // an empty mapping is written as {}
		case at >= 0 && mergedAt >= 0:
			value.Content[at+1] = widen(value.Content[at+1], patch.Content[i+1], merged.Content[mergedAt+1])
		case at >= 0 && isNarrowed(value.Content[at+1], patch.Content[i+1]): // only the part became empty
			value.Content[at+1] = widen(value.Content[at+1], patch.Content[i+1], &yaml.Node{Kind: yaml.MappingNode})
		case at >= 0:
			remove(value, key)
		}
	}
	return value
}
