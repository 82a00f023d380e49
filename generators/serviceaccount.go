package generators

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// serviceAccount emits the ServiceAccount that carries an IAM role. The operator wants it under the installation's own
// name and, when told to use it, neither makes nor changes it (mattermost-operator, controllers/mattermost/mattermost/file_store.go). Without a role the operator makes
// its own, and would strip one that is there.
func serviceAccount(p *plan.Plan) []Object {
	if p.Files.S3 == nil || p.Files.S3.RoleARN == "" {
		return nil
	}
	object := &corev1.ServiceAccount{TypeMeta: typeMeta("v1", "ServiceAccount"), ObjectMeta: p.ObjectMeta(ownership.ComponentServer, p.Name)}
	object.Annotations["eks.amazonaws.com/role-arn"] = p.Files.S3.RoleARN
	return []Object{object}
}
