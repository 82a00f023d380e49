// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// azureHosts are the domains of storage accounts, and of the service that gives identities their tokens, by cloud.
var azureHosts = map[string]struct{ storage, login string }{
	v1alpha1.AzureCommercial: {".blob.core.windows.net", "login.microsoftonline.com"},
	v1alpha1.AzureGovernment: {".blob.core.usgovcloudapi.net", "login.microsoftonline.us"},
	v1alpha1.AzureCustom:     {"", "login.microsoftonline.com"},
}

// AzureClientIDAnnotation is the annotation of a ServiceAccount with its identity at Azure (azure-workload-identity).
const AzureClientIDAnnotation = "azure.workload.identity/client-id"

// labelWorkloadIdentity lets the webhook of Microsoft Entra Workload ID give a pod the identity of its ServiceAccount.
const labelWorkloadIdentity = "azure.workload.identity/use"

// azureDriver is the value of FileSettings.DriverName for Azure Blob Storage.
const azureDriver = "azureblob"

// AzureStorageHost returns the host of a storage account in a cloud; for an unknown cloud, in the commercial one.
func AzureStorageHost(account, cloud string) string {
	hosts, found := azureHosts[cloud]
	if !found {
		hosts = azureHosts[v1alpha1.AzureCommercial]
	}
	return account + hosts.storage
}

// azure stores files in Azure Blob Storage. The operator knows only S3: it gets the same place as an S3 service, and
// the server's own variables override the driver, with which it ignores the others (mattermost-operator 1.25.9,
// pkg/mattermost/helpers.go, mergeEnvVars; server/platform/shared/filestore/filesstore.go).
func (b *builder) azure(azure *v1alpha1.AzureStorage) {
	hosts := azureHosts[azure.Cloud]
	endpoint := v1alpha1.ServiceURL{Host: AzureStorageHost(azure.Account, azure.Cloud), Port: 443, TLS: true}
	if azure.Cloud == v1alpha1.AzureCustom {
		var err error
		if endpoint, err = v1alpha1.ParseServiceURL(azure.Endpoint); err != nil {
			return // reported by the rules
		}
	}
	b.Files.S3 = &S3{Address: endpoint.Address(), Bucket: azure.Container}
	b.Files.IsAzure = true
	b.destination(Destination{
		Kind: DestinationObjectStorage, Host: endpoint.Host, Port: endpoint.Port, TLS: endpoint.TLS,
	})
	if b.spec.ObjectStorage.UsesAzureIdentity() {
		b.destination(Destination{Kind: DestinationAzureLogin, Host: hosts.login, Port: 443, TLS: true})
	}
	if b.spec.ObjectStorage.IsAzureFromSettings() { // which set the variables
		value := "see MM_FILESETTINGS_AZUREACCESSKEY"
		if b.spec.ObjectStorage.UsesAzureIdentity() {
			value = ""
		}
		b.operatorKeys(value)
		return
	}
	b.azureSettings(azure, endpoint)
}

// azureSettings sets the server's settings of a container, and its key.
func (b *builder) azureSettings(azure *v1alpha1.AzureStorage, endpoint v1alpha1.ServiceURL) {
	const section, field = "FileSettings", "spec.objectStorage.azure."
	b.set(section, "DriverName", azureDriver, "spec.objectStorage.azure")
	b.set(section, "AzureStorageAccount", azure.Account, field+"account")
	b.set(section, "AzureContainer", azure.Container, field+"container")
	b.set(section, "AzureCloud", azure.Cloud, field+"cloud")
	if azure.Cloud == v1alpha1.AzureCustom {
		b.set(section, "AzureEndpoint", endpoint.Address(), field+"endpoint")
		b.set(section, "AzureSSL", endpoint.TLS, field+"endpoint")
	}
	if azure.PathPrefix != "" {
		b.set(section, "AzurePathPrefix", azure.PathPrefix, field+"pathPrefix")
	}
	if azure.AccessKey == nil {
		b.set(section, "AzureAuthMode", "default_credential", field+"accessKey")
		b.operatorKeys("")
		return
	}
	b.setSecretEnv("MM_FILESETTINGS_AZUREACCESSKEY", b.azureKey(azure), field+"accessKey")
}

// azureKey returns where the key of the account is.
func (b *builder) azureKey(azure *v1alpha1.AzureStorage) v1alpha1.KeyRef {
	const component = ownership.ComponentObjectStorage
	name := b.filesSecretName()
	ref := v1alpha1.KeyRef{Name: name, Key: keySecretKey}
	switch key := azure.AccessKey; {
	case key.SecretKeyRef != nil:
		b.checkSecret(*key.SecretKeyRef, "spec.objectStorage.azure.accessKey")
		b.operatorKeys("see MM_FILESETTINGS_AZUREACCESSKEY")
		return *key.SecretKeyRef
	case key.ExternalSecret != nil:
		external := b.externalSecret(name, component)
		external.fetch(keySecretKey, *key.ExternalSecret)
		external.put(keySecretKey, insert(keySecretKey))
		external.put(keyAccessKey, azure.Account)
	default:
		b.putSecret(name, component, keySecretKey, key.Value)
		b.putSecret(name, component, keyAccessKey, azure.Account)
	}
	b.Files.S3.Secret = name
	return ref
}

// operatorKeys emits the Secret with keys of an S3 service that the operator requires, with a value that nothing uses.
// With useServiceAccount it requires none.
func (b *builder) operatorKeys(value string) {
	if !b.ServiceAccount.OfOperator() {
		return
	}
	b.Files.S3.Secret = b.filesSecretName()
	for _, key := range []string{keyAccessKey, keySecretKey} {
		b.putSecret(b.Files.S3.Secret, ownership.ComponentObjectStorage, key, value)
	}
}
