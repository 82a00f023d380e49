// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// Patcher applies the patches of one configuration to its generated objects, before these are merged into the list. A
// patch changes what the function emits and nothing else: it cannot give an object the type or the name of another one,
// nor ownership metadata of another configuration.
type Patcher struct {
	objects []*patchedObject
	// copied is the number of nodes that JSON 6902 patches may still copy.
	copied int
}

// patchedObject is a generated object.
type patchedObject struct {
	node *yaml.RNode
	// id does not change.
	id resid.ResId
	// metadata is the ownership metadata that was generated.
	metadata map[string]string
	// generated is a copy of the object as it was generated, from the first patch on.
	generated *yaml.Node
	// deleted is true if a patch deleted the object.
	deleted bool
}

// NewPatcher returns a Patcher for generated objects, which it changes in place.
func NewPatcher(objects []*yaml.RNode) *Patcher {
	p := &Patcher{copied: maxCopied}
	for _, node := range objects {
		object := &patchedObject{node: node, id: resid.FromRNode(node), metadata: map[string]string{}}
		for _, key := range metadataKeys(node.YNode()) {
			if ownership.IsMetadata(key.key) {
				object.metadata[key.key] = resourcelist.Text(resourcelist.Field(node.YNode(), "metadata", key.field,
					key.key))
			}
		}
		p.objects = append(p.objects, object)
	}
	return p
}

// Objects returns the objects that no patch deleted, in order.
func (p *Patcher) Objects() []*yaml.RNode {
	var objects []*yaml.RNode
	for _, object := range p.objects {
		if !object.deleted {
			objects = append(objects, object.node)
		}
	}
	return objects
}

// Apply applies a kustomize patch, strategic merge or JSON 6902, to the objects that it matches. A patch that matches
// no object is an error, which lists the objects. After an error the objects are incomplete. Errors never quote the
// patch, because it may contain a secret.
func (p *Patcher) Apply(patch types.Patch) error {
	parsed, err := yaml.Parse(patch.Patch)
	isList := err == nil && parsed.YNode().Kind == yaml.SequenceNode
	switch {
	case err != nil || !isList && parsed.YNode().Kind != yaml.MappingNode:
		return errors.New("must be a strategic merge patch (an object with apiVersion, kind and metadata.name) " +
			"or a JSON 6902 patch (a list of {op, path, value})")
	case isList && patch.Target == nil:
		return errors.New("a JSON 6902 patch requires a target, such as {kind: Mattermost}")
	}
	var operations jsonPatch
	if isList {
		if operations, err = parseJSONPatch(patch.Patch); err != nil {
			return err
		}
	}
	matches, err := matcher(parsed, patch.Target)
	if err != nil {
		return err
	}
	found, changes := false, scopeOf(parsed.YNode(), operations)
	for _, object := range p.objects {
		if object.deleted {
			continue
		}
		matching, err := matches(object)
		if err != nil {
			return err
		}
		if !matching {
			continue
		}
		found = true
		if object.generated == nil {
			object.generated = yaml.CopyYNode(object.node.YNode())
		}
		if isList {
			if err = operations.apply(object.node.YNode(), &p.copied); err != nil {
				err = fmt.Errorf("%s: %w", object, err)
			}
		} else {
			err = object.merge(parsed)
		}
		if err == nil && !object.deleted {
			if err = object.check(changes); err == nil {
				err = object.checkDeploymentPatch()
			}
		}
		if err != nil {
			return err
		}
	}
	if !found {
		return p.noMatch(parsed, patch.Target)
	}
	return nil
}

// matcher returns a function that reports whether a patch applies to an object: one that the target selects, or without
// a target the one that the patch names.
func matcher(patch *yaml.RNode, target *types.Selector) (func(*patchedObject) (bool, error), error) {
	if target == nil {
		id := resid.FromRNode(patch)
		return func(object *patchedObject) (bool, error) { return object.id == id, nil }, nil
	}
	regex, err := types.NewSelectorRegex(target)
	if err != nil {
		return nil, errors.New("invalid target: kind, name, namespace, group and version must be regular expressions")
	}
	return func(object *patchedObject) (bool, error) {
		id := object.id
		if !regex.MatchGvk(id.Gvk) || !regex.MatchName(id.Name) || !regex.MatchNamespace(id.Namespace) {
			return false, nil
		}
		if target.LabelSelector != "" {
			if matches, err := object.node.MatchesLabelSelector(target.LabelSelector); err != nil {
				return false, errors.New("invalid labelSelector of the target; " +
					"write, for example, app.kubernetes.io/component=server")
			} else if !matches {
				return false, nil
			}
		}
		if target.AnnotationSelector != "" {
			matches, err := object.node.MatchesAnnotationSelector(target.AnnotationSelector)
			if err != nil {
				return false, errors.New("invalid annotationSelector of the target")
			}
			return matches, nil
		}
		return true, nil
	}, nil
}

// merge applies a strategic merge patch. As in kustomize, it does not change kind, name or namespace.
func (o *patchedObject) merge(patch *yaml.RNode) error {
	named := patch.Copy()
	named.SetKind(o.id.Kind)
	named.SetApiVersion(o.node.GetApiVersion())
	if err := errors.Join(named.SetName(o.id.Name), named.SetNamespace(o.id.Namespace)); err != nil {
		return errors.New("the patch has invalid metadata")
	}
	lists := o.listsIn(patch.YNode())
	after, err := strategicMerge(o.node, named)
	if err != nil {
		return fmt.Errorf("cannot be merged into %s: a field has another type there", o)
	}
	if after == nil {
		o.deleted = true
		return nil
	}
	o.node = after
	return o.checkLists(lists)
}

// scope is what a patch may have changed of the identity and the metadata of an object.
type scope struct {
	// whole is true for everything; otherwise only the labels and annotations in keys.
	whole bool
	keys  []metadataKey
}

// metadataKey is a label or an annotation.
type metadataKey struct{ field, key string }

// add adds a path that a patch changes. A check of everything for each of many patches would take quadratic time.
func (s *scope) add(path []string) {
	switch {
	case len(path) >= 3 && path[0] == "metadata" && (path[1] == "labels" || path[1] == "annotations"):
		s.keys = append(s.keys, metadataKey{path[1], path[2]})
	case len(path) == 0, path[0] == "apiVersion", path[0] == "kind", path[0] == "metadata":
		s.whole = true
	}
}

// scopeOf returns the scope of a patch.
func scopeOf(patch *yaml.Node, operations jsonPatch) scope {
	var s scope
	for _, operation := range operations {
		s.add(operation.path)
		if operation.op == "move" {
			s.add(operation.from)
		}
	}
	if operations != nil {
		return s
	}
	// A strategic merge patch changes neither type nor name, unless it replaces the mapping that contains them.
	metadata := resourcelist.Field(patch, "metadata")
	s.whole = hasDirective(patch)
	for _, field := range []string{"labels", "annotations"} {
		switch mapping := resourcelist.Field(metadata, field); {
		case metadata != nil && hasDirective(metadata):
			s.whole = true
		case mapping == nil:
		case mapping.Kind != yaml.MappingNode || hasDirective(mapping):
			s.whole = true
		default:
			for i := 0; i+1 < len(mapping.Content); i += 2 {
				s.add([]string{"metadata", field, mapping.Content[i].Value})
			}
		}
	}
	return s
}

// check returns an error if a patch made another object of the object, or an invalid one.
func (o *patchedObject) check(s scope) error {
	keys := s.keys
	if s.whole {
		if err := o.checkIdentity(); err != nil {
			return err
		}
		keys = metadataKeys(o.node.YNode())
	}
	for _, key := range keys {
		value := resourcelist.Field(o.node.YNode(), "metadata", key.field, key.key)
		switch generated, ok := o.metadata[key.key]; {
		case value == nil: // removed
		case value.Kind != yaml.ScalarNode || value.ShortTag() != yaml.NodeTagString:
			return o.invalid()
		case ownership.IsMetadata(key.key) && (!ok || generated != value.Value):
			return fmt.Errorf("sets metadata.%s[%s] of %s, by which later runs recognize what they manage; "+
				"a patch may only remove it, which makes the object yours", key.field, key.key, o)
		}
	}
	return nil
}

func (o *patchedObject) invalid() error {
	return fmt.Errorf("%s is not a valid object after the patch: apiVersion, kind and metadata.name must be "+
		"strings, metadata.labels and metadata.annotations must be mappings with string values", o)
}

// checkIdentity returns an error if hosts and the function cannot process the object, or if it has another identity.
func (o *patchedObject) checkIdentity() error {
	node := o.node.YNode()
	for _, path := range [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}} {
		value := resourcelist.Field(node, path...)
		if resourcelist.Text(value) == "" || value.ShortTag() != yaml.NodeTagString {
			return o.invalid()
		}
	}
	for _, field := range []string{"labels", "annotations"} {
		if mapping := resourcelist.Field(node, "metadata", field); mapping != nil && mapping.Kind != yaml.MappingNode {
			return o.invalid()
		}
	}
	id := resid.FromRNode(o.node)
	for _, identity := range []struct{ what, before, after string }{
		{"API group", o.id.Group, id.Group}, {"kind", o.id.Kind, id.Kind},
		{"namespace", o.id.Namespace, id.Namespace}, {"name", o.id.Name, id.Name},
	} {
		if identity.before != identity.after {
			return fmt.Errorf("changes the %s of %s, which would make it another object; "+
				"write an object of your own next to the configuration instead", identity.what, o)
		}
	}
	return nil
}

// metadataKeys returns the labels and annotations of an object.
func metadataKeys(object *yaml.Node) []metadataKey {
	var keys []metadataKey
	for _, field := range []string{"labels", "annotations"} {
		mapping := resourcelist.Field(object, "metadata", field)
		if mapping == nil || mapping.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			keys = append(keys, metadataKey{field, mapping.Content[i].Value})
		}
	}
	return keys
}

// String returns kind and name.
func (o *patchedObject) String() string { return o.id.Kind + " " + o.id.Name }

// names lists the objects that a patch could match.
func (p *Patcher) names() string {
	var all []string
	for _, object := range p.objects {
		if !object.deleted {
			all = append(all, object.String())
		}
	}
	return strings.Join(all, ", ")
}
