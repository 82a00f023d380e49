// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
)

// Azure Blob Storage by settings or variables emits the same objects as by spec.objectStorage.azure: no claim, no
// strategy Recreate, and the same policies and ServiceEntries.
func TestAzureBySettings(t *testing.T) {
	const around = "domain: a.b, networkPolicies: {enabled: true}, istio: {injection: true, egress: RegistryOnly}, " +
		"serviceAccount: {annotations: {azure.workload.identity/client-id: id}}, enterprise: {enabled: true, license: " +
		"{secretKeyRef: {name: license, key: license}}}, replicas: 2, "
	for _, test := range []struct{ name, field, other string }{
		{
			"a key", "{account: acc, container: files, cloud: government, accessKey: {secretKeyRef: {name: a, key: k}}}",
			"settings: {FileSettings: {DriverName: azureblob, AzureStorageAccount: acc, AzureContainer: files, " +
				"AzureCloud: government, AzureAccessKey: {secretKeyRef: {name: a, key: k}}}}",
		},
		{
			"an identity", "{account: acc, container: files, cloud: commercial, pathPrefix: chat}",
			"settings: {FileSettings: {DriverName: azureblob, AzureStorageAccount: acc, AzureContainer: files, " +
				"AzureCloud: commercial, AzurePathPrefix: chat, AzureAuthMode: default_credential}}",
		},
		{
			"a cloud of its own", "{account: acc, container: files, cloud: custom, endpoint: 'http://blob.example.com:8080', " +
				"accessKey: {secretKeyRef: {name: a, key: k}}}",
			"settings: {FileSettings: {DriverName: azureblob, AzureStorageAccount: acc, AzureContainer: files, " +
				"AzureCloud: custom, AzureEndpoint: 'blob.example.com:8080', AzureSSL: false, " +
				"AzureAccessKey: {secretKeyRef: {name: a, key: k}}}}",
		},
		{
			"variables", "{account: acc, container: files, cloud: commercial, accessKey: {secretKeyRef: {name: a, key: k}}}",
			"env: [{name: MM_FILESETTINGS_DRIVERNAME, value: azureblob}, {name: MM_FILESETTINGS_AZURESTORAGEACCOUNT, " +
				"value: acc}, {name: MM_FILESETTINGS_AZURECONTAINER, value: files}, {name: MM_FILESETTINGS_AZURECLOUD, value: " +
				"commercial}, {name: MM_FILESETTINGS_AZUREACCESSKEY, valueFrom: {secretKeyRef: {name: a, key: k}}}]",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := everything(t, "{"+around+"objectStorage: {azure: "+test.field+"}}")
			if got := everything(t, "{"+around+test.other+"}"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(want, "PersistentVolumeClaim") || strings.Contains(want, "Recreate") ||
				!strings.Contains(want, "chat-allow-to-object-storage") {
				t.Error(want)
			}
		})
	}
}

// everything returns the manifests of a configuration, with the server's variables in the order of their names.
func everything(t *testing.T, spec string) string {
	t.Helper()
	var text strings.Builder
	for _, object := range Generate(planOf(t, spec)) {
		if server, ok := object.(*mattermostv1beta1.Mattermost); ok {
			slices.SortFunc(server.Spec.MattermostEnv, func(a, b corev1.EnvVar) int {
				return strings.Compare(a.Name, b.Name)
			})
		}
		text.WriteString(manifest(t, object) + "---\n")
	}
	return text.String()
}
