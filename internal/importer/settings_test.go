// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/importer"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// samples are values of settings that are not the defaults of their fields.
var samples = map[string]string{
	"LdapSettings.Enable": "true", "LdapSettings.LdapServer": "ldap.example.com", "LdapSettings.LdapPort": "3389",
	"LdapSettings.ConnectionSecurity": "STARTTLS", "LdapSettings.BaseDN": "dc=example", "LdapSettings.IdAttribute": "id",
	"LdapSettings.UsernameAttribute": "uid", "LdapSettings.UserFilter": "(a=b)", "LdapSettings.GuestFilter": "(c=d)",
	"LdapSettings.GroupFilter": "(e=f)", "LdapSettings.SyncIntervalMinutes": "7",
	"SamlSettings.Enable": "true", "SamlSettings.Encrypt": "true", "SamlSettings.SignRequest": "true",
	"SamlSettings.IdpURL": "https://idp.example.com/sso", "SamlSettings.IdpDescriptorURL": "https://idp.example.com",
	"SamlSettings.IdpMetadataURL": "https://idp.example.com/metadata", "SamlSettings.GuestAttribute": "a=b",
	"OpenIdSettings.Enable": "true", "OpenIdSettings.Scope": "openid email", "OpenIdSettings.UsePreferredUsername": "true",
	"OpenIdSettings.DiscoveryEndpoint": "https://id.example.com/realms/a/.well-known/openid-configuration",
	"GitLabSettings.Enable":            "true", "GitLabSettings.AuthEndpoint": "https://login.example.com/oauth/authorize",
	"GitLabSettings.TokenEndpoint":   "https://login.example.com/oauth/token",
	"GitLabSettings.UserAPIEndpoint": "https://login.example.com/api/v4/user", "GitLabSettings.Scope": "api",
	"ElasticsearchSettings.EnableIndexing": "true",
	"ElasticsearchSettings.ConnectionURL":  "https://search.example.com:9200",
	"ElasticsearchSettings.Backend":        "opensearch", "ElasticsearchSettings.SkipTLSVerification": "true",
	"EmailSettings.SMTPServer": "smtp.example.com", "EmailSettings.SMTPPort": "2525",
	"EmailSettings.ConnectionSecurity": "TLS", "EmailSettings.FeedbackEmail": "chat@example.com",
	"EmailSettings.ReplyToAddress": "reply@example.com", "EmailSettings.SendEmailNotifications": "true",
	"EmailSettings.EmailNotificationContentsType": "generic", "EmailSettings.RequireEmailVerification": "true",
	"EmailSettings.PushNotificationServer":   "https://eu.push.mattermost.com",
	"EmailSettings.PushNotificationContents": "id_loaded", "ComplianceSettings.Enable": "true",
	"MessageExportSettings.EnableExport": "true", "MessageExportSettings.ExportFormat": "globalrelay",
	"MessageExportSettings.DailyRunTime":                             "03:00",
	"MessageExportSettings.GlobalRelaySettings.CustomerType":         "CUSTOM",
	"MessageExportSettings.GlobalRelaySettings.EmailAddress":         "export@example.com",
	"MessageExportSettings.GlobalRelaySettings.CustomSMTPServerName": "relay.example.com",
	"MessageExportSettings.GlobalRelaySettings.CustomSMTPPort":       "2526",
	"DataRetentionSettings.MessageRetentionDays":                     "30",
	"DataRetentionSettings.FileRetentionDays":                        "60",
	"DataRetentionSettings.DeletionJobStartTime":                     "04:00",
	"DataRetentionSettings.PreservePinnedPosts":                      "true",
	"GuestAccountsSettings.Enable":                                   "true",
	"GuestAccountsSettings.AllowEmailAccounts":                       "true",
	"GuestAccountsSettings.EnforceMultifactorAuthentication":         "true", "GuestAccountsSettings.HideTags": "true",
	"GuestAccountsSettings.RestrictCreationToDomains": "a.example.com,b.example.com",
	"CacheSettings.RedisAddress":                      "redis.example.com:6379", "CacheSettings.RedisDB": "3",
	"PluginSettings.Enable": "true", "PluginSettings.EnableUploads": "false", "PluginSettings.EnableMarketplace": "false",
	"PluginSettings.RequirePluginSignature": "true", "LogSettings.ConsoleLevel": "WARN",
	"LogSettings.ConsoleJson": "false",
	// settings without a field that a feature needs
	"EmailSettings.SendPushNotifications": "true", "EmailSettings.EnableSMTPAuth": "true",
	"CacheSettings.CacheType":                     "redis",
	"DataRetentionSettings.EnableMessageDeletion": "true", "DataRetentionSettings.EnableFileDeletion": "true",
	"DataRetentionSettings.MessageRetentionHours": "0", "DataRetentionSettings.FileRetentionHours": "0",
}

// Every setting that a field describes reaches the server with the value that it had, whether it was translated to the
// field or to a setting.
func TestSettingsAreKept(t *testing.T) {
	want := map[string]string{}
	for name := range importer.SettingFields() {
		if _, known := samples[name]; !known {
			want[name] = "sample"
		}
	}
	for name, sample := range samples {
		want[name] = sample
	}
	var resource strings.Builder
	resource.WriteString(`apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata: {name: chat, namespace: chat}
spec:
  version: 11.10.0
  licenseSecret: license
  ingress: {enabled: true, host: chat.example.com, ingressClass: nginx}
  database: {external: {secret: chat-db}}
  fileStore: {external: {url: s3.eu-central-1.amazonaws.com, bucket: chat, secret: chat-s3}}
  mattermostEnv:
`)
	for name, value := range want {
		section, key, _ := strings.Cut(name, ".")
		setting, ok := settings.Find(section, key)
		if !ok {
			t.Fatal(name)
		}
		if setting.Sensitive {
			fmt.Fprintf(&resource, "  - {name: %s, valueFrom: {secretKeyRef: {name: all, key: %[1]s}}}\n", setting.Env)
		} else {
			fmt.Fprintf(&resource, "  - {name: %s, value: %q}\n", setting.Env, value)
		}
	}
	files := []importer.File{{Name: "f.yaml", Data: []byte(resource.String())}}
	imported, err := importer.Import(files, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, object := range parseObjects(t, render(t, imported.Config)) {
		if text(object["kind"]) != "Mattermost" {
			continue
		}
		for _, variable := range list(in(object["spec"], "mattermostEnv")) {
			env[text(in(variable, "name"))] = text(in(variable, "value")) + text(in(variable, "valueFrom", "secretKeyRef"))
		}
	}
	translated := 0
	for _, entry := range imported.Report.Keys {
		if len(entry.Fields) == 1 && !strings.HasPrefix(entry.Fields[0], "spec.settings.") {
			translated++
		}
	}
	if translated < len(importer.SettingFields())-10 {
		t.Errorf("only %d values were translated to fields", translated)
	}
	for name, value := range want {
		section, key, _ := strings.Cut(name, ".")
		setting, _ := settings.Find(section, key)
		if setting.Sensitive {
			value = fmt.Sprintf(`{"key":"%s","name":"all"}`, setting.Env)
		}
		if got := env[setting.Env]; got != value && (got != "" || defaultText(setting) != value) {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	if t.Failed() {
		t.Logf("%s", imported.Config)
	}
}
