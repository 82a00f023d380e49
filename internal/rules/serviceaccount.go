// SPDX-License-Identifier: Apache-2.0

package rules

import "bigbang.dev/mattermost-fn/internal/plan"

// serviceAccount checks the ServiceAccount of the servers.
func serviceAccount(s *subject) {
	const field = "spec.serviceAccount.annotations"
	account, files := s.spec.ServiceAccount, s.spec.ObjectStorage
	if isFalse(account.Create) && len(account.Annotations) > 0 {
		s.errorf(field, "has no effect with create: false, which leaves the ServiceAccount as it is; "+
			"set the annotations there, or remove create")
	}
	if _, ok := account.Annotations[plan.RoleAnnotation]; !ok {
		return
	}
	switch role := entry(field, plan.RoleAnnotation); {
	case files.RoleARN != "":
		s.errorf(role, "conflicts with spec.objectStorage.roleARN; set only one")
	case files.Credentials != "":
		s.errorf(role, "gives the pods a role, but spec.objectStorage.credentials: %s uses another one; "+
			"set spec.objectStorage.roleARN instead of both", files.Credentials)
	}
}
