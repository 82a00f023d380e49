// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// serviceAccount returns the ServiceAccount with the annotation for an IAM role. It must have the installation's name.
// If useServiceAccount is set, the operator neither creates nor changes it (mattermost-operator,
// controllers/mattermost/mattermost/file_store.go). Without a role the operator creates its own, and would overwrite an
// existing one.
func serviceAccount(p *plan.Plan) []Object {
	if p.Files.S3 == nil || p.Files.S3.RoleARN == "" {
		return nil
	}
	object := &corev1.ServiceAccount{
		TypeMeta:   typeMeta("v1", "ServiceAccount"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentServer, p.Name),
	}
	object.Annotations["eks.amazonaws.com/role-arn"] = p.Files.S3.RoleARN
	return []Object{object}
}
