// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"fmt"
	"slices"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/nearest"
)

// noMatch returns the error about a patch that matches no object: the part of it that is wrong, if an object is near,
// otherwise the objects that it could match.
func (p *Patcher) noMatch(patch *yaml.RNode, target *types.Selector) error {
	var kind, name, namespace string
	if target != nil {
		kind, name, namespace = target.Kind, target.Name, target.Namespace
	} else {
		kind, name, namespace = patch.GetKind(), patch.GetName(), patch.GetNamespace()
	}
	var kinds []string
	for _, object := range p.objects {
		if object.deleted {
			continue
		}
		id := object.id
		kinds = append(kinds, id.Kind)
		if id.Kind != kind || name != "" && id.Name != name {
			continue
		}
		switch {
		case target == nil && patch.GetApiVersion() != object.node.GetApiVersion():
			return fmt.Errorf("does not match %s: its apiVersion is %s", object, object.node.GetApiVersion())
		case target == nil && namespace == "":
			return fmt.Errorf("does not match %s, which is in a namespace: add metadata.namespace: %s, "+
				"or select it with target: {kind: %s}", object, id.Namespace, kind)
		case namespace != "" && namespace != id.Namespace:
			return fmt.Errorf("does not match %s: its namespace is %s", object, id.Namespace)
		}
	}
	hint := ""
	if near := nearest.Nearest(kind, kinds); kind != "" && near != "" && !slices.Contains(kinds, kind) {
		hint = fmt.Sprintf("; did you mean kind %s?", near)
	}
	return fmt.Errorf("matches none of the emitted objects (%s)%s", p.names(), hint)
}
