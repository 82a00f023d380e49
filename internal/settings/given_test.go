// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

func TestFlatten(t *testing.T) {
	given := v1alpha1.Settings{
		"ServiceSettings": {"SiteURL": {Value: "https://a"}, "AllowCorsFrom": {Value: ""}},
		"MessageExportSettings": {
			"ExportFormat": {Value: "csv"},
			"GlobalRelaySettings": {Value: map[string]any{
				"SMTPPassword": &v1alpha1.KeyRef{Name: "relay", Key: "password"}, "CustomSMTPPort": "25", "Unknown": int64(1),
			}},
		},
		// A map is one setting, whatever is in it.
		"PluginSettings": {"PluginStates": {Value: map[string]any{"playbooks": map[string]any{"Enable": false}}}},
		// So is a mapping where none belongs: the rules say so.
		"TeamSettings": {"SiteName": {Value: map[string]any{"a": "b"}}},
		"AutoTranslationSettings": {"LibreTranslate": {Value: map[string]any{"URL": "http://t",
			"APIKey": &v1alpha1.ExternalRef{Store: v1alpha1.StoreRef{Name: "vault"}, Key: "k"}}}},
		"ClusterSettings": {"ClusterName": {SecretKeyRef: &v1alpha1.KeyRef{Name: "c", Key: "n"}}},
		"NoSuchSettings":  {"Group": {Value: map[string]any{"A": true}}},
	}
	var got strings.Builder
	for _, one := range Flatten(given) {
		value := fmt.Sprint(one.Value.Value)
		if ref := one.Value.SecretKeyRef; ref != nil {
			value = ref.Name + "/" + ref.Key
		}
		if ref := one.Value.ExternalSecret; ref != nil {
			value = ref.Store.Name + ":" + ref.Key
		}
		fmt.Fprintf(&got, "%s | %s | %s | %s\n", one.Field, one.Section, one.Key, value)
	}
	want := `spec.settings.AutoTranslationSettings.LibreTranslate.APIKey | AutoTranslationSettings | LibreTranslate.APIKey | vault:k
spec.settings.AutoTranslationSettings.LibreTranslate.URL | AutoTranslationSettings | LibreTranslate.URL | http://t
spec.settings.ClusterSettings.ClusterName | ClusterSettings | ClusterName | c/n
spec.settings.MessageExportSettings.ExportFormat | MessageExportSettings | ExportFormat | csv
spec.settings.MessageExportSettings.GlobalRelaySettings.CustomSMTPPort | MessageExportSettings | GlobalRelaySettings.CustomSMTPPort | 25
spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword | MessageExportSettings | GlobalRelaySettings.SMTPPassword | relay/password
spec.settings.MessageExportSettings.GlobalRelaySettings.Unknown | MessageExportSettings | GlobalRelaySettings.Unknown | 1
spec.settings.NoSuchSettings.Group | NoSuchSettings | Group | map[A:true]
spec.settings.PluginSettings.PluginStates | PluginSettings | PluginStates | map[playbooks:map[Enable:false]]
spec.settings.ServiceSettings.AllowCorsFrom | ServiceSettings | AllowCorsFrom | 
spec.settings.ServiceSettings.SiteURL | ServiceSettings | SiteURL | https://a
spec.settings.TeamSettings.SiteName | TeamSettings | SiteName | map[a:b]
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
