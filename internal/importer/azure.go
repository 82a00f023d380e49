// SPDX-License-Identifier: Apache-2.0

package importer

// azureVariables translates the variables of files in Azure Blob Storage, which replace the file store of the operator
// and of charts.
func (t *translation) azureVariables() {
	const prefix, field = "MM_FILESETTINGS_AZURE", "spec.objectStorage.azure."
	driver := t.find("MM_FILESETTINGS_DRIVERNAME")
	if driver == nil || driver.valueFrom != nil || driver.text != "azureblob" {
		return
	}
	if t.config.has("spec.objectStorage") {
		t.config.remove("spec", "objectStorage")
		t.refield("spec.objectStorage", "spec.objectStorage.azure")
	}
	for name, to := range sorted(map[string]string{
		"STORAGEACCOUNT": "account", "CONTAINER": "container", "CLOUD": "cloud", "PATHPREFIX": "pathPrefix",
	}) {
		if v := t.find(prefix + name); v != nil && v.valueFrom == nil {
			v = t.take(prefix + name)
			t.setVariable(field+to, v.text, *v)
		}
	}
	if endpoint := t.find(prefix + "ENDPOINT"); endpoint != nil && endpoint.valueFrom == nil && endpoint.text != "" {
		endpoint = t.take(prefix + "ENDPOINT")
		scheme := "https://"
		if ssl := t.find(prefix + "SSL"); ssl != nil && ssl.text == "false" {
			scheme = "http://"
		}
		t.setVariable(field+"endpoint", scheme+endpoint.text, *endpoint)
	}
	if key := t.take(prefix + "ACCESSKEY"); key != nil {
		if ref := key.ref(); ref != nil {
			t.setVariable(field+"accessKey", t.own(*ref, key.from), *key)
		} else {
			t.setVariable(field+"accessKey", secretKeyRef(t.keep(t.credentialsName(), "azure-key", key.text, key.from)), *key)
		}
	}
	if ssl := t.take(prefix + "SSL"); ssl != nil {
		t.mark(ssl.from, Translated, "", field+"endpoint")
	}
	if mode := t.take(prefix + "AUTHMODE"); mode != nil {
		t.mark(mode.from, Translated, "", field+"accessKey")
	}
}
