// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"fmt"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// serviceAccount requires the user's ServiceAccount, if the function does not see it, and the identity at Amazon that
// pods have without keys.
func (c *checklist) serviceAccount() {
	p, files := c.Plan, c.Spec.ObjectStorage
	if p.ServiceAccount.Unseen {
		with := ""
		switch {
		case p.Files.S3 == nil:
		case files.RoleARN != "":
			with = fmt.Sprintf(" with the annotation %s: %s", plan.RoleAnnotation, files.RoleARN)
		default:
			with = fmt.Sprintf(" with the annotation %s, which the operator requires, empty for no role", plan.RoleAnnotation)
		}
		c.addDetails(c.object("ServiceAccount", p.Namespace, p.Name), Kubernetes, "spec.serviceAccount.create",
			"ServiceAccount %s%s must exist in namespace %s before the servers start", p.Name, with, p.Namespace)
	}
	for _, name := range sortedKeys(c.Spec.ServiceAccount.Annotations) {
		value := c.Spec.ServiceAccount.Annotations[name]
		c.addDetails(result.Prerequisite{ID: "identity/" + name, Name: value}, Kubernetes,
			"spec.serviceAccount.annotations", "if %s: %s is an identity, it must admit ServiceAccount %s in namespace %s",
			name, value, p.Name, p.Namespace)
	}
	const field = "spec.objectStorage.credentials"
	what := "read and write the bucket " + files.Bucket
	switch files.Credentials {
	case v1alpha1.CredentialsPodIdentity:
		for _, account := range c.accounts() {
			c.addDetails(result.Prerequisite{
				ID: "pod-identity/" + account, Kind: "ServiceAccount", Namespace: p.Namespace, Name: account,
				Command: fmt.Sprintf("aws eks create-pod-identity-association --cluster-name CLUSTER --namespace %s "+
					"--service-account %s --role-arn ARN", p.Namespace, account),
			}, Kubernetes, field, "associate an IAM role that may %s with ServiceAccount %s in namespace %s, before its pods "+
				"start (EKS Pod Identity)", what, account, p.Namespace)
		}
	case v1alpha1.CredentialsNodeRole:
		c.add("node-role", Kubernetes, field, "the IAM role of the nodes must allow to %s, and their metadata service must "+
			"answer pods: HttpPutResponseHopLimit 2 or more", what)
	}
}

// accounts returns the names of the ServiceAccounts whose pods use the object storage.
func (c *checklist) accounts() []string {
	accounts := []string{c.Plan.Name}
	if cluster := c.Plan.Database.CloudNativePG; cluster != nil && cluster.Archive != nil {
		accounts = append(accounts, cluster.Name)
	}
	return accounts
}
