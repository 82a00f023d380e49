package v1alpha1

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/settings"
)

func TestAllSettings(t *testing.T) {
	given := Settings{
		"ServiceSettings": {"SiteURL": {Value: "https://a"}, "AllowCorsFrom": {Value: ""}},
		"MessageExportSettings": {
			"ExportFormat": {Value: "csv"},
			"GlobalRelaySettings": {Value: map[string]any{
				"SMTPPassword": &KeyRef{Name: "relay", Key: "password"}, "CustomSMTPPort": "25", "Unknown": int64(1),
			}},
		},
		// A map is one setting, whatever is in it.
		"PluginSettings": {"PluginStates": {Value: map[string]any{"playbooks": map[string]any{"Enable": false}}}},
		// So is a mapping where none belongs: the rules say so.
		"TeamSettings":            {"SiteName": {Value: map[string]any{"a": "b"}}},
		"AutoTranslationSettings": {"LibreTranslate": {Value: map[string]any{"URL": "http://t", "APIKey": &ExternalRef{Store: StoreRef{Name: "vault"}, Key: "k"}}}},
		"ClusterSettings":         {"ClusterName": {SecretKeyRef: &KeyRef{Name: "c", Key: "n"}}},
		"NoSuchSettings":          {"Group": {Value: map[string]any{"A": true}}},
	}
	var got strings.Builder
	for _, one := range given.All() {
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

// A reference to a store has the kind of store that an ExternalSecret takes by default, wherever it stands.
func TestStoreKinds(t *testing.T) {
	config := &MattermostConfig{Spec: MattermostConfigSpec{
		SSO: &SSO{ClientSecret: &SecretValue{ExternalSecret: &ExternalRef{}}},
		Settings: Settings{
			"EmailSettings":         {"SMTPPassword": {ExternalSecret: &ExternalRef{Store: StoreRef{Kind: KindClusterSecretStore}}}},
			"MessageExportSettings": {"GlobalRelaySettings": {Value: map[string]any{"SMTPPassword": &ExternalRef{}}}},
		},
	}}
	config.SetDefaults()
	got := map[string]StoreKind{}
	EachExternal(config, func(field string, ref *ExternalRef) { got[field] = ref.Store.Kind })
	want := map[string]StoreKind{
		"spec.sso.clientSecret":                                                KindSecretStore,
		"spec.settings.EmailSettings.SMTPPassword":                             KindClusterSecretStore,
		"spec.settings.MessageExportSettings.GlobalRelaySettings.SMTPPassword": KindSecretStore,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Every setting can be explained, and every one that can be set stands in the schema for editors.
func TestEverySettingIsExplained(t *testing.T) {
	schema := editorSchema(t)
	seen := 0
	for setting := range settings.All() {
		seen++
		path := "spec.settings." + setting.Name()
		text, err := Explain(path)
		if err != nil || !strings.Contains(text, "\nVARIABLE: "+setting.Env+"\n") {
			t.Errorf("%s: %v\n%s", path, err, text)
		}
		if setting.Unsettable == "" && at(t, schema, path)["description"] == nil {
			t.Errorf("%s has no description", path)
		}
	}
	if seen < 600 {
		t.Errorf("only %d settings", seen)
	}
	if settings := at(t, schema, "spec.settings.SqlSettings")["properties"].(map[string]any); settings["ReplicaLagSettings"] != nil {
		t.Error("an editor offers what cannot be set")
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "0001-01-01 00:00:00 +0000 UTC",
		"2026-11-23":                "2026-11-23 00:00:00 +0000 UTC",
		"2026-11-23T08:00:00Z":      "2026-11-23 08:00:00 +0000 UTC",
		"2026-11-23T08:00:00+02:00": "2026-11-23 06:00:00 +0000 UTC",
	} {
		if got, err := ParseTime(text); err != nil || got.String() != want {
			t.Errorf("%q is %v (%v), want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"tomorrow", "23.11.2026", "2026-11-23 08:00", "2026-02-30"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
