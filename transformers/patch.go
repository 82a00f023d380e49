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

// Patch applies one of kustomize's patches, strategic merge or JSON 6902, to the objects it is for, by kustomize's own
// filters, and returns all objects in their order. A patch that is for none of them is an error that lists them. No error
// repeats the patch, which may hold a secret.
func Patch(objects []*yaml.RNode, patch types.Patch) ([]*yaml.RNode, error) {
	parsed, err := yaml.Parse(patch.Patch)
	isList := err == nil && parsed.YNode().Kind == yaml.SequenceNode
	switch {
	case err != nil || !isList && parsed.YNode().Kind != yaml.MappingNode:
		return nil, errors.New("it is neither a strategic merge patch (an object with apiVersion, kind and metadata.name) nor JSON 6902 (a list of {op, path, value})")
	case isList && patch.Target == nil:
		return nil, errors.New("a JSON 6902 patch needs a target, such as {kind: Mattermost}")
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
			return nil, fmt.Errorf("it makes of %s what is no object any more: apiVersion, kind and metadata.name are text, metadata.labels and metadata.annotations hold text", before)
		}
		patched = append(patched, after)
	}
	if !found {
		return nil, fmt.Errorf("it matches nothing that is emitted (%s)", names(objects))
	}
	return patched, nil
}

// matcher says which objects a patch is for: those that the target selects, else the one that the patch names.
func matcher(patch *yaml.RNode, target *types.Selector) (func(*yaml.RNode) (bool, error), error) {
	if target == nil {
		id := resid.FromRNode(patch)
		return func(object *yaml.RNode) (bool, error) { return resid.FromRNode(object) == id, nil }, nil
	}
	regex, err := types.NewSelectorRegex(target)
	if err != nil {
		return nil, errors.New("the target cannot be read: kind, name, namespace, group and version are regular expressions")
	}
	return func(object *yaml.RNode) (bool, error) {
		id := resid.FromRNode(object)
		if !regex.MatchGvk(id.Gvk) || !regex.MatchName(id.Name) || !regex.MatchNamespace(id.Namespace) {
			return false, nil
		}
		labels, err := object.MatchesLabelSelector(target.LabelSelector)
		if err != nil {
			return false, errors.New("the target's labelSelector cannot be read; write for example app.kubernetes.io/component=server")
		}
		annotations, err := object.MatchesAnnotationSelector(target.AnnotationSelector)
		if err != nil {
			return false, errors.New("the target's annotationSelector cannot be read")
		}
		return labels && annotations, nil
	}, nil
}

// apply patches one object; nil where the patch deletes it. As in kustomize, a strategic merge patch changes neither kind
// nor name nor namespace.
func apply(object, patch *yaml.RNode, text string, isList bool) (*yaml.RNode, error) {
	if !isList {
		named := patch.Copy()
		named.SetKind(object.GetKind())
		named.SetApiVersion(object.GetApiVersion())
		if err := errors.Join(named.SetName(object.GetName()), named.SetNamespace(object.GetNamespace())); err != nil {
			return nil, errors.New("its metadata cannot be read")
		}
		after, err := patchstrategicmerge.Filter{Patch: named}.Filter([]*yaml.RNode{object})
		if err != nil {
			return nil, fmt.Errorf("it cannot be merged into %s %s: a field is of another form there", object.GetKind(), object.GetName())
		}
		if len(after) == 0 || after[0].IsNilOrEmpty() {
			return nil, nil
		}
		return after[0], nil
	}
	after, err := patchjson6902.Filter{Patch: text}.Filter([]*yaml.RNode{object.Copy()})
	if err != nil {
		return nil, fmt.Errorf("an operation of it does not apply to %s %s: its path does not exist there, or it is no operation", object.GetKind(), object.GetName())
	}
	merge(object.YNode(), after[0].YNode(), exact) // the patch goes through JSON, which forgets the order of fields
	return object, nil
}

// isObject says whether a node is one that hosts and we can go on with: it has a kind and a name, and labels and
// annotations that hold text, if it has any.
func isObject(node *yaml.Node) bool {
	for _, path := range [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}} {
		if value := resourcelist.Field(node, path...); resourcelist.Text(value) == "" || value.ShortTag() != yaml.NodeTagString {
			return false
		}
	}
	for _, field := range []string{"labels", "annotations"} {
		texts := resourcelist.Field(node, "metadata", field)
		if texts == nil {
			continue
		}
		if texts.Kind != yaml.MappingNode {
			return false
		}
		for i := 0; i+1 < len(texts.Content); i += 2 {
			if texts.Content[i+1].ShortTag() != yaml.NodeTagString {
				return false
			}
		}
	}
	return true
}

// names lists the objects that a patch could be for.
func names(objects []*yaml.RNode) string {
	var all []string
	for _, object := range objects {
		all = append(all, object.GetKind()+" "+object.GetName())
	}
	return strings.Join(all, ", ")
}
