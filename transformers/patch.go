// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/api/filters/patchjson6902"
	"sigs.k8s.io/kustomize/api/filters/patchstrategicmerge"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// Patch applies a kustomize patch, strategic merge or JSON 6902, to the objects that it matches, with kustomize's own
// filters, and returns all objects in order. A patch that matches no object is an error, which lists the objects.
// Errors never quote the patch, because it may contain a secret.
func Patch(objects []*yaml.RNode, patch types.Patch) ([]*yaml.RNode, error) {
	parsed, err := yaml.Parse(patch.Patch)
	isList := err == nil && parsed.YNode().Kind == yaml.SequenceNode
	switch {
	case err != nil || !isList && parsed.YNode().Kind != yaml.MappingNode:
		return nil, errors.New("must be a strategic merge patch (an object with apiVersion, kind and metadata.name) " +
			"or a JSON 6902 patch (a list of {op, path, value})")
	case isList && patch.Target == nil:
		return nil, errors.New("a JSON 6902 patch requires a target, such as {kind: Mattermost}")
	}
	matches, err := matcher(parsed, patch.Target)
	if err != nil {
		return nil, err
	}
	var patched []*yaml.RNode
	found := false
	for _, object := range objects {
		matching, err := matches(object)
		if err != nil {
			return nil, err
		}
		if !matching {
			patched = append(patched, object)
			continue
		}
		found = true
		before := object.GetKind() + " " + object.GetName()
		after, err := apply(object, parsed, patch.Patch, isList)
		if err != nil {
			return nil, err
		}
		if after == nil {
			continue
		}
		if !isObject(after.YNode()) {
			return nil, fmt.Errorf("%s is not a valid object after the patch: apiVersion, kind and metadata.name must be "+
				"strings, metadata.labels and metadata.annotations must be mappings with string values", before)
		}
		patched = append(patched, after)
	}
	if !found {
		return nil, fmt.Errorf("matches none of the emitted objects (%s)", names(objects))
	}
	return patched, nil
}

// matcher returns a function that reports whether a patch applies to an object: one that the target selects, or without
// a target the one that the patch names.
func matcher(patch *yaml.RNode, target *types.Selector) (func(*yaml.RNode) (bool, error), error) {
	if target == nil {
		id := resid.FromRNode(patch)
		return func(object *yaml.RNode) (bool, error) { return resid.FromRNode(object) == id, nil }, nil
	}
	regex, err := types.NewSelectorRegex(target)
	if err != nil {
		return nil, errors.New("invalid target: kind, name, namespace, group and version must be regular expressions")
	}
	return func(object *yaml.RNode) (bool, error) {
		id := resid.FromRNode(object)
		if !regex.MatchGvk(id.Gvk) || !regex.MatchName(id.Name) || !regex.MatchNamespace(id.Namespace) {
			return false, nil
		}
		labels, err := object.MatchesLabelSelector(target.LabelSelector)
		if err != nil {
			return false, errors.New("invalid labelSelector of the target; " +
				"write, for example, app.kubernetes.io/component=server")
		}
		annotations, err := object.MatchesAnnotationSelector(target.AnnotationSelector)
		if err != nil {
			return false, errors.New("invalid annotationSelector of the target")
		}
		return labels && annotations, nil
	}, nil
}

// apply patches one object, and returns nil if the patch deletes it. As in kustomize, a strategic merge patch does not
// change kind, name or namespace.
func apply(object, patch *yaml.RNode, text string, isList bool) (*yaml.RNode, error) {
	if !isList {
		named := patch.Copy()
		named.SetKind(object.GetKind())
		named.SetApiVersion(object.GetApiVersion())
		if err := errors.Join(named.SetName(object.GetName()), named.SetNamespace(object.GetNamespace())); err != nil {
			return nil, errors.New("the patch has invalid metadata")
		}
		after, err := patchstrategicmerge.Filter{Patch: named}.Filter([]*yaml.RNode{object})
		if err != nil {
			return nil, fmt.Errorf("cannot be merged into %s %s: a field has another type there",
				object.GetKind(), object.GetName())
		}
		if len(after) == 0 || after[0].IsNilOrEmpty() {
			return nil, nil
		}
		return after[0], nil
	}
	after, err := patchjson6902.Filter{Patch: text}.Filter([]*yaml.RNode{object.Copy()})
	if err != nil {
		return nil, fmt.Errorf("an operation does not apply to %s %s: its path does not exist there, "+
			"or the operation is invalid", object.GetKind(), object.GetName())
	}
	merge(object.YNode(), after[0].YNode(), exact) // the filter converts to JSON and loses the order of fields
	return object, nil
}

// isObject reports whether hosts and the function can process a node: it has an apiVersion, a kind and a name, and the
// values of labels and annotations, if any, are strings.
func isObject(node *yaml.Node) bool {
	for _, path := range [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}} {
		value := resourcelist.Field(node, path...)
		if resourcelist.Text(value) == "" || value.ShortTag() != yaml.NodeTagString {
			return false
		}
	}
	for _, field := range []string{"labels", "annotations"} {
		mapping := resourcelist.Field(node, "metadata", field)
		if mapping == nil {
			continue
		}
		if mapping.Kind != yaml.MappingNode {
			return false
		}
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if mapping.Content[i+1].ShortTag() != yaml.NodeTagString {
				return false
			}
		}
	}
	return true
}

// names lists the objects that a patch could match.
func names(objects []*yaml.RNode) string {
	var all []string
	for _, object := range objects {
		all = append(all, object.GetKind()+" "+object.GetName())
	}
	return strings.Join(all, ", ")
}
