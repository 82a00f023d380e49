// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import "testing"

// A reference to a store gets the default kind of an ExternalSecret, wherever the reference is.
func TestStoreKinds(t *testing.T) {
	field, setting, inGroup := &ExternalRef{}, &ExternalRef{Store: StoreRef{Kind: KindClusterSecretStore}}, &ExternalRef{}
	config := &MattermostConfig{Spec: MattermostConfigSpec{
		SSO: &SSO{ClientSecret: &SecretValue{ExternalSecret: field}},
		Settings: Settings{
			"EmailSettings":         {"SMTPPassword": {ExternalSecret: setting}},
			"MessageExportSettings": {"GlobalRelaySettings": {Value: map[string]any{"SMTPPassword": inGroup}}},
		},
	}}
	config.SetDefaults()
	for _, test := range []struct {
		name string
		ref  *ExternalRef
		want StoreKind
	}{
		{"a field", field, KindSecretStore},
		{"a setting with a kind", setting, KindClusterSecretStore},
		{"a setting in a group", inGroup, KindSecretStore},
	} {
		if got := test.ref.Store.Kind; got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestParseTime(t *testing.T) {
	for value, want := range map[string]string{
		"":                          "0001-01-01 00:00:00 +0000 UTC",
		"2026-11-23":                "2026-11-23 00:00:00 +0000 UTC",
		"2026-11-23T08:00:00Z":      "2026-11-23 08:00:00 +0000 UTC",
		"2026-11-23T08:00:00+02:00": "2026-11-23 06:00:00 +0000 UTC",
	} {
		if got, err := ParseTime(value); err != nil || got.String() != want {
			t.Errorf("ParseTime(%q): got %v, %v, want %s", value, got, err, want)
		}
	}
	for _, value := range []string{"tomorrow", "23.11.2026", "2026-11-23 08:00", "2026-02-30"} {
		if got, err := ParseTime(value); err == nil {
			t.Errorf("ParseTime(%q): got %v, want an error", value, got)
		}
	}
}
