// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// namespace returns the Namespace, if the configuration creates it.
func namespace(p *plan.Plan) []Object {
	if p.NamespaceObject == nil {
		return nil
	}
	object := &corev1.Namespace{
		TypeMeta:   typeMeta("v1", "Namespace"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentNamespace, p.Namespace),
	}
	object.Namespace = ""
	mergeMetadata(object.Labels, p.NamespaceObject.Labels)
	mergeMetadata(object.Annotations, p.NamespaceObject.Annotations)
	return []Object{object}
}
