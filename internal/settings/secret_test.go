// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"testing"
)

func TestIsSecret(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"EmailSettings.SMTPPassword", "x", true},
		{"PluginSettings.Plugins", `{"com.example":{"a":1}}`, true},
		{"PluginSettings.Plugins", "{}", false},
		{"PluginSettings.PluginStates", `{"a":{"Enable":true}}`, false},
		{"LogSettings.AdvancedLoggingJSON", `{"a":{}}`, true},
		{"ExperimentalAuditSettings.AdvancedLoggingJSON", `{"a":{}}`, true},
		{"ElasticsearchSettings.ConnectionURL", "https://u:p@es.example.com", true},
		{"ElasticsearchSettings.ConnectionURL", "https://token@es.example.com", true},
		{"ElasticsearchSettings.ConnectionURL", "https://u:p@ss@es.example.com", true},
		{"ElasticsearchSettings.ConnectionURL", "https://es.example.com/a@b", false},
		{"ImageProxySettings.RemoteImageProxyURL", "http://:p@camo", true},
		{"EmailSettings.FeedbackEmail", "chat@example.com", false},
		{"ServiceSettings.AllowCorsFrom", "https://a https://u:p@b", true},
	} {
		if got := setting(t, test.name).IsSecret(test.value); got != test.want {
			t.Errorf("%s=%s is a secret: %t", test.name, test.value, got)
		}
	}
}

func TestSecretMembers(t *testing.T) {
	for _, test := range []struct{ object, want string }{
		{`{"com.mattermost.plugin-jira":{"secret":"X","encryptionkey":"Y","enabled":true}}`,
			"[com.mattermost.plugin-jira.encryptionkey com.mattermost.plugin-jira.secret]"},
		{`{"t":{"type":"tcp","options":{"host":"h","password":"X"}}}`, "[t.options.password]"},
		{`{"a":{"bot_access_token":"X","tokenURL":"https://a","secretName":"s","token":"","maxTokens":5}}`,
			"[a.bot_access_token]"},
		{`{"a":{"services":[{"apiKey":"X"},{"url":"https://u:p@b"}]}}`, "[a.services.apiKey a.services.url]"},
		{`{"a":{"AWSSecretAccessKey":"X"}}`, "[a.AWSSecretAccessKey]"},
		{`{}`, "[]"},
		{`no object`, "[]"},
	} {
		if got := fmt.Sprint(SecretMembers(test.object)); got != test.want {
			t.Errorf("%s: got %s, want %s", test.object, got, test.want)
		}
	}
}

// TestSavedInClear holds against what the server of 11.6 said: that these two secrets, and none of the others, do not
// appear among what the environment sets.
func TestSavedInClear(t *testing.T) {
	var names []string
	for s := range All() {
		if s.Sensitive && s.SavedInClear() {
			names = append(names, s.Name())
		}
	}
	if got := fmt.Sprint(names); got != "[MessageExportSettings.GlobalRelaySettings.SMTPPassword "+
		"AutoTranslationSettings.LibreTranslate.APIKey]" {
		t.Error(got)
	}
}
