// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/base64"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/settings"
)

var (
	azureAccount   = pattern(`^[a-z0-9]{3,24}$`)
	azureContainer = pattern(`^[a-z0-9]([a-z0-9]|-[a-z0-9]){2,62}$`)
)

// azureStorage checks a container in Azure Blob Storage as the server does when it starts (server/platform/shared/
// filestore).
func azureStorage(s *subject, azure *v1alpha1.AzureStorage) {
	const parent = "spec.objectStorage"
	const field = parent + ".azure."
	if s.given(parent + ".inCluster") {
		s.conflictf(parent+".azure", "inCluster", "conflicts with spec.objectStorage.inCluster; set only one")
	}
	for _, other := range s.givenOf(parent, append([]string{"bucket", "region", "pathPrefix", "serverSideEncryption"},
		outsideObjectStorage...)...) {
		s.conflictf(parent+"."+other, other,
			"is for an S3 service, and conflicts with spec.objectStorage.azure; set only one")
	}
	if s.release().Before(settings.AzureSince) {
		s.errorf(parent+".azure", "needs version %d.%d or newer; set spec.version, or use an S3 service",
			settings.AzureSince.Major, settings.AzureSince.Minor)
	}
	if !azureAccount().MatchString(azure.Account) {
		s.errorf(field+"account", "%q is not a storage account; write its name of 3 to 24 lower-case letters and digits",
			azure.Account)
	}
	if !azureContainer().MatchString(azure.Container) || len(azure.Container) > 63 {
		s.errorf(field+"container", "%q is not a container; write 3 to 63 lower-case letters, digits and single hyphens",
			azure.Container)
	}
	if prefix := azure.PathPrefix; strings.TrimSpace(prefix) != prefix || strings.Contains(prefix, "..") ||
		strings.HasPrefix(prefix, "/") {
		s.errorf(field+"pathPrefix", "%q begins with a slash, has two dots or spaces around it; remove them", prefix)
	}
	azureEndpoint(s, azure)
	if key := azure.AccessKey; key != nil && key.Value != "" {
		if _, err := base64.StdEncoding.DecodeString(key.Value); err != nil {
			s.errorf(field+"accessKey", "is not base64, with which the server does not start; copy the key as Azure shows it, "+
				"including the = at its end")
		}
	}
}

// azureIdentity checks the identity of the pods, if there is no key.
func azureIdentity(s *subject, field, message string) {
	if s.spec.ObjectStorage.UsesAzureIdentity() && s.spec.ServiceAccount.Annotations[plan.AzureClientIDAnnotation] == "" &&
		!isFalse(s.spec.ServiceAccount.Create) {
		s.errorf(field, message+" spec.serviceAccount.annotations to {%s: ID}", plan.AzureClientIDAnnotation)
	}
}

func azureEndpoint(s *subject, azure *v1alpha1.AzureStorage) {
	const field = "spec.objectStorage.azure.endpoint"
	custom := azure.Cloud == v1alpha1.AzureCustom
	switch {
	case !custom && azure.Endpoint != "":
		s.errorf(field, "is for cloud: custom only, and cloud is %s; set only one", azure.Cloud)
	case custom && azure.Endpoint == "":
		s.errorf(field, "is required with cloud: custom; set it to the URL of the service")
	case custom:
		if u, err := v1alpha1.ParseServiceURL(azure.Endpoint); err != nil {
			s.errorf(field, "%v; write for example https://files.blob.core.example.com", err)
		} else if !u.TLS && !inCluster(u.Host) {
			s.warnf(field, "begins with http://, so files are sent unencrypted; use https://")
		}
	}
}
