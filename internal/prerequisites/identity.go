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
	c.annotations()
	c.role()
	const field = "spec.objectStorage.credentials"
	what := rights(files.Bucket)
	switch files.Credentials {
	case v1alpha1.CredentialsPodIdentity:
		for _, account := range c.accounts() {
			c.addDetails(result.Prerequisite{
				ID: "pod-identity/" + account, Kind: "ServiceAccount", Namespace: p.Namespace, Name: account,
				Command: fmt.Sprintf("aws eks create-pod-identity-association --cluster-name CLUSTER --namespace %s "+
					"--service-account %s --role-arn ARN", p.Namespace, account),
			}, Kubernetes, field, "associate an IAM role that allows %s with ServiceAccount %s in namespace %s, before its "+
				"pods start (EKS Pod Identity)", what, account, p.Namespace)
		}
	case v1alpha1.CredentialsNodeRole:
		c.add("node-role", Kubernetes, field, "the IAM role of the nodes must allow %s, and their metadata service must "+
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

// annotations lists what the identities in the annotations of the ServiceAccount need.
func (c *checklist) annotations() {
	p := c.Plan
	const field = "spec.serviceAccount.annotations"
	for _, name := range sortedKeys(c.Spec.ServiceAccount.Annotations) {
		value := c.Spec.ServiceAccount.Annotations[name]
		if name == plan.AzureClientIDAnnotation && value != "" {
			c.azureIdentity(field, value)
			continue
		}
		c.addDetails(result.Prerequisite{ID: "identity/" + name, Name: value}, Kubernetes,
			field, "if %s: %s is an identity, it must admit ServiceAccount %s in namespace %s",
			name, value, p.Name, p.Namespace)
	}
}

// azureIdentity lists what Microsoft Entra Workload ID needs.
func (c *checklist) azureIdentity(field, id string) {
	p := c.Plan
	c.addDetails(result.Prerequisite{
		ID: "azure-webhook", Kind: "MutatingWebhookConfiguration", Name: "azure-wi-webhook-mutating-webhook-configuration",
		Command: "kubectl get mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration",
	}, Kubernetes, field, "the webhook of Microsoft Entra Workload ID must run in the cluster before the servers start "+
		"(in AKS --enable-oidc-issuer --enable-workload-identity): it gives the pods their token")
	c.addDetails(result.Prerequisite{
		ID: "azure-federated-credential", Kind: "ServiceAccount", Namespace: p.Namespace, Name: p.Name,
		Command: fmt.Sprintf("az identity federated-credential create --name %s --identity-name IDENTITY "+
			"--resource-group GROUP --issuer ISSUER --subject system:serviceaccount:%s:%s "+
			"--audience api://AzureADTokenExchange", p.Name, p.Namespace, p.Name),
	}, Kubernetes, field, "the identity %s must have a federated credential for ServiceAccount %s in namespace %s, with "+
		"the issuer of the cluster", id, p.Name, p.Namespace)
	if azure := c.Spec.ObjectStorage.Azure; azure != nil && c.Spec.ObjectStorage.UsesAzureIdentity() {
		c.addDetails(result.Prerequisite{
			ID: "azure-role", Name: azure.Account,
			Command: "az role assignment create --assignee " + argument(id) +
				" --role 'Storage Blob Data Contributor' --scope ACCOUNT_ID",
		}, Kubernetes, field, "the identity %s must have the role Storage Blob Data Contributor for the storage account %s",
			id, azure.Account)
	}
}

// role lists what the IAM role that the ServiceAccounts name needs (docs/cookbook.md).
func (c *checklist) role() {
	p, files := c.Plan, c.Spec.ObjectStorage
	if files.RoleARN == "" || p.Files.S3 == nil {
		return
	}
	for _, account := range c.accounts() {
		c.addDetails(result.Prerequisite{
			ID: "role/" + account, Kind: "ServiceAccount", Namespace: p.Namespace, Name: account,
			Command: "aws iam update-assume-role-policy --role-name ROLE --policy-document file://FILE",
		}, Kubernetes, "spec.objectStorage.roleARN", "the IAM role %s must trust system:serviceaccount:%s:%s of the "+
			"cluster's OIDC provider, and allow %s", files.RoleARN, p.Namespace, account, rights(files.Bucket))
	}
}

// rights are those that the servers and the backups need.
func rights(bucket string) string {
	return "s3:ListBucket on the bucket " + bucket + " and s3:GetObject, s3:PutObject, s3:DeleteObject, " +
		"s3:AbortMultipartUpload and s3:ListMultipartUploadParts in it"
}

// bucket lists the bucket or container for files, which nothing here creates. That of a MinIO Tenant is its own.
func (c *checklist) bucket() {
	files := c.Spec.ObjectStorage
	switch s3 := c.Plan.Files.S3; {
	case s3 == nil || c.Plan.Files.MinIO != nil || s3.Bucket == "":
	case c.Plan.Files.IsAzure:
		account := "ACCOUNT"
		if files.Azure != nil {
			account = argument(files.Azure.Account)
		}
		c.addDetails(result.Prerequisite{
			ID: "container", Name: s3.Bucket,
			Command: "az storage container show --auth-mode login --account-name " + account + " --name " + argument(s3.Bucket),
		}, Kubernetes, "spec.objectStorage.azure.container", "the container %s must exist at %s before the servers start",
			s3.Bucket, s3.Address)
	default:
		command := "aws s3api head-bucket --bucket " + argument(s3.Bucket)
		if files.Endpoint != "" {
			command += " --endpoint-url " + argument(files.Endpoint)
		}
		c.addDetails(result.Prerequisite{ID: "bucket", Name: s3.Bucket, Command: command}, Kubernetes,
			"spec.objectStorage.bucket", "the bucket %s must exist at %s before the servers start", s3.Bucket, s3.Address)
	}
}
