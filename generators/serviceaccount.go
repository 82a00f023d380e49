// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"maps"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// serviceAccount returns the ServiceAccount of the servers if it has annotations. With useServiceAccount the operator
// neither creates nor changes it; otherwise the operator creates its own, and would remove the annotations
// (mattermost-operator 1.25.9, controllers/mattermost/mattermost/mattermost.go, checkMattermostSA).
func serviceAccount(p *plan.Plan) []Object {
	if !p.ServiceAccount.Emitted {
		return nil
	}
	object := &corev1.ServiceAccount{
		TypeMeta:   typeMeta("v1", "ServiceAccount"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentServer, p.Name),
	}
	ours := maps.Clone(object.Annotations)
	maps.Copy(object.Annotations, p.ServiceAccount.Annotations)
	maps.Copy(object.Annotations, ours)
	return []Object{object}
}
