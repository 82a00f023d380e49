// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "strings"

// setAzureFromSettings sets objectStorage.azure from settings or env that store files in Azure Blob Storage, unless
// objectStorage says where files are. The access key stays where it is.
func (s *MattermostConfigSpec) setAzureFromSettings() {
	storage := s.ObjectStorage
	if storage.InCluster != nil || storage.Azure != nil || storage.IsExternal() ||
		s.fileSetting("DriverName").text() != "azureblob" {
		return
	}
	azure := &AzureStorage{
		Account:    s.fileSetting("AzureStorageAccount").text(),
		Container:  s.fileSetting("AzureContainer").text(),
		Cloud:      s.fileSetting("AzureCloud").text(),
		Endpoint:   s.fileSetting("AzureEndpoint").text(),
		PathPrefix: s.fileSetting("AzurePathPrefix").text(),
	}
	if azure.Account == "" || azure.Container == "" || azure.Cloud == AzureCustom && azure.Endpoint == "" {
		return // missing, which is reported, or in a Secret, so that the host is not known
	}
	if noTLS := s.fileSetting("AzureSSL").text() == "false"; noTLS && azure.Endpoint != "" &&
		!strings.Contains(azure.Endpoint, "://") {
		azure.Endpoint = "http://" + azure.Endpoint
	}
	storage.Azure, storage.azureFromSettings = azure, true
	storage.azureIdentity = s.fileSetting("AzureAuthMode").text() == "default_credential"
}

// IsAzureFromSettings reports whether azure was set from settings or env, which set the server's variables.
func (o *ObjectStorage) IsAzureFromSettings() bool { return o.azureFromSettings }

// UsesAzureIdentity reports whether files are stored at Azure without a key, with the identity of the pods.
func (o *ObjectStorage) UsesAzureIdentity() bool {
	return o.Azure != nil && (o.azureIdentity || !o.azureFromSettings && o.Azure.AccessKey == nil)
}

// fileSetting returns what env, or else settings, has for a key of FileSettings.
func (s *MattermostConfigSpec) fileSetting(key string) SettingValue {
	value := s.Settings["FileSettings"][key]
	for _, variable := range s.Env {
		if !strings.EqualFold(variable.Name, "MM_FILESETTINGS_"+key) {
			continue
		}
		value = SettingValue{Value: variable.Value}
		if from := variable.ValueFrom; from != nil {
			value = SettingValue{}
			if ref := from.SecretKeyRef; ref != nil {
				value.SecretKeyRef = &KeyRef{Name: ref.Name, Key: ref.Key}
			}
		}
	}
	return value
}

// text returns a plain string or boolean as text; empty for anything else.
func (s SettingValue) text() string {
	switch value := s.Value.(type) {
	case string:
		return value
	case bool:
		if !value {
			return "false"
		}
		return "true"
	}
	return ""
}
