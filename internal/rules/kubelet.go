// SPDX-License-Identifier: Apache-2.0

package rules

import (
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/kubelet"
)

// literal returns the value of a variable of spec.env; ok is false if only the cluster knows it.
func literal(variable corev1.EnvVar) (text string, ok bool) {
	if variable.ValueFrom != nil {
		return "", false
	}
	return kubelet.Literal(variable.Value)
}

// expandedNames finds names that CloudNativePG puts unescaped into the command of the pod that creates the database
// (cloudnative-pg, pkg/specs/jobs.go: --app-db-name, --app-user), while everything else uses them as they are.
func expandedNames(s *subject) {
	in := s.spec.Database.InCluster
	if in == nil || in.Engine != v1alpha1.EngineCloudNativePG {
		return
	}
	for _, name := range []struct{ field, value string }{
		{"spec.database.username", s.spec.Database.Username.Value}, {"spec.database.database", s.spec.Database.Database},
	} {
		if kubelet.Escape(name.value) != name.value {
			s.errorf(name.field, "contains $$ or $(, which the kubelet replaces in the command with which CloudNativePG "+
				"creates the database, so that it would get another name; choose a name without them")
		}
	}
}
