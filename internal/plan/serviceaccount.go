// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// RoleAnnotation is the annotation of a ServiceAccount with the IAM role that EKS gives its pods. With
// useServiceAccount and an S3 service, the operator requires the annotation to exist, with whatever value
// (mattermost-operator 1.25.9, controllers/mattermost/mattermost/file_store.go).
const RoleAnnotation = "eks.amazonaws.com/role-arn"

// ServiceAccount is that of the servers' pods. Its name is always the installation's: the operator has no field for
// another one, and refuses a patch of it (mattermost-operator 1.25.9, apis/mattermost/v1beta1/patch_apply.go).
type ServiceAccount struct {
	// Emitted means that the ServiceAccount is emitted, with the Annotations.
	Emitted bool
	// Exists means that the ServiceAccount is the user's.
	Exists bool
	// Unseen means that the user's ServiceAccount is not among the resources.
	Unseen bool
	// Annotations of the emitted ServiceAccount.
	Annotations map[string]string
	// AutomountToken says whether the pods get a token; nil for Kubernetes' default.
	AutomountToken *bool
}

// OfOperator reports whether the operator manages the ServiceAccount: it removes what others set there. Otherwise the
// operator does not touch it.
func (s *ServiceAccount) OfOperator() bool { return !s.Emitted && !s.Exists }

// managesServiceAccount reports whether the operator manages the ServiceAccount.
func managesServiceAccount(spec *v1alpha1.MattermostConfigSpec) bool {
	account := spec.ServiceAccount
	return *account.Create && len(account.Annotations) == 0 && spec.ObjectStorage.RoleARN == ""
}

// serviceAccount decides who manages the ServiceAccount of the servers.
func (b *builder) serviceAccount() {
	account := b.spec.ServiceAccount
	b.ServiceAccount = ServiceAccount{AutomountToken: account.AutomountToken}
	switch {
	case managesServiceAccount(b.spec):
		return
	case !*account.Create:
		b.ServiceAccount.Exists = true
		b.checkServiceAccount()
		return
	}
	b.ServiceAccount.Emitted = true
	annotations := map[string]string{}
	if b.spec.ObjectStorage.InCluster == nil {
		annotations[RoleAnnotation] = b.spec.ObjectStorage.RoleARN // empty: the pods get no role
	}
	maps.Copy(annotations, account.Annotations)
	b.ServiceAccount.Annotations = annotations
	for name, value := range annotations {
		if value != "" { // admission webhooks read annotations when a pod is created
			key := "ServiceAccount/" + b.Name + "/" + name
			if name == RoleAnnotation {
				key = "ServiceAccount/" + b.Name + "/role"
			}
			b.known[key] = value
		}
	}
}

// checkServiceAccount reports what the user's ServiceAccount lacks, if it is among the resources.
func (b *builder) checkServiceAccount() {
	item := b.stream.Foreign("", "ServiceAccount", b.Namespace, b.Name)
	if b.ServiceAccount.Unseen = item == nil; b.ServiceAccount.Unseen || b.spec.ObjectStorage.InCluster != nil {
		return
	}
	role := resourcelist.Field(item.Node(), "metadata", "annotations", RoleAnnotation)
	switch wanted := b.spec.ObjectStorage.RoleARN; {
	case role == nil:
		b.report.Report(result.Error, "", "spec.serviceAccount.create", "ServiceAccount %s, which is among the resources, "+
			"has no annotation %s, which the operator requires; add it, with the value \"\" if the pods need no role",
			b.Name, RoleAnnotation)
	case wanted != "" && role.Value != wanted:
		b.report.Report(result.Error, "", "spec.objectStorage.roleARN", "ServiceAccount %s, which is among the resources, "+
			"has another value in the annotation %s, which decides; correct one of the two", b.Name, RoleAnnotation)
	}
}
