// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"slices"
	"strings"
)

// setAzureFromSettings sets objectStorage.azure from settings or env that store files in Azure Blob Storage, unless
// objectStorage says where files are. The access key stays where it is.
func (s *MattermostConfigSpec) setAzureFromSettings() {
	storage := s.ObjectStorage
	if storage.InCluster != nil || storage.Azure != nil || storage.IsExternal() ||
		s.fileSetting("DriverName") != "azureblob" {
		return
	}
	azure := &AzureStorage{
		Account:    s.fileSetting("AzureStorageAccount"),
		Container:  s.fileSetting("AzureContainer"),
		Cloud:      s.fileSetting("AzureCloud"),
		Endpoint:   s.fileSetting("AzureEndpoint"),
		PathPrefix: s.fileSetting("AzurePathPrefix"),
	}
	if azure.Account == "" || azure.Container == "" || azure.Cloud == AzureCustom && azure.Endpoint == "" {
		return // missing, which is reported, or in a Secret, so that the host is not known
	}
	if noTLS := s.fileSetting("AzureSSL") == "false"; noTLS && azure.Endpoint != "" &&
		!strings.Contains(azure.Endpoint, "://") {
		azure.Endpoint = "http://" + azure.Endpoint
	}
	storage.Azure, storage.azureFromSettings = azure, true
	storage.azureIdentity = s.fileSetting("AzureAuthMode") == "default_credential"
}

// IsAzureFromSettings reports whether azure was set from settings or env, which set the server's variables.
func (o *ObjectStorage) IsAzureFromSettings() bool { return o.azureFromSettings }

// UsesAzureIdentity reports whether files are stored at Azure without a key, with the identity of the pods.
func (o *ObjectStorage) UsesAzureIdentity() bool {
	return o.Azure != nil && (o.azureIdentity || !o.azureFromSettings && o.Azure.AccessKey == nil)
}

// Setting returns what env, or else settings, has for a key of a section; false if neither has it.
func (s *MattermostConfigSpec) Setting(section, key string) (SettingValue, bool) {
	name := "MM_" + strings.ToUpper(section+"_"+key)
	for _, variable := range slices.Backward(s.Env) {
		if variable.Name != name {
			continue
		}
		if from := variable.ValueFrom; from == nil {
			return SettingValue{Value: variable.Value}, true
		} else if ref := from.SecretKeyRef; ref != nil {
			return SettingValue{SecretKeyRef: &KeyRef{Name: ref.Name, Key: ref.Key}}, true
		}
		return SettingValue{}, true
	}
	value, given := s.Settings[section][key]
	return value, given
}

// fileSetting returns the plain text that env, or else settings, has for a key of FileSettings; empty for none.
func (s *MattermostConfigSpec) fileSetting(key string) string {
	value, _ := s.Setting("FileSettings", key)
	return value.text()
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
