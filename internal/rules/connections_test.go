// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// looksLikeService matches the keys of settings that may name a service.
var looksLikeService = regexp.MustCompile(`URI|(?i:url|host|server$|servername|endpoint|address|link|datasource|` +
	`proxy|corsfrom|advancedlogging|^plugins$|drivername|internalconnections|frameancestors|s3region|` +
	`azure(storageaccount|cloud))`)

// Every setting that may name a service is one to which the servers connect, or is known not to be.
func TestEverySettingOfAServiceIsClassified(t *testing.T) {
	known := map[string]bool{}
	for s := range settings.All() {
		known[s.Name()] = true
		isText := s.Type != settings.Bool && s.Type != settings.Int
		if !isText || !looksLikeService.MatchString(s.Key) && !strings.Contains(s.Default, "://") ||
			s.Name() == "SqlSettings.DriverName" {
			continue
		}
		_, contacted := contacts[s.Env]
		_, other := notContacted[s.Name()]
		if contacted == other {
			t.Errorf("%s: in contacts %t, in notContacted %t; want one of them", s.Name(), contacted, other)
		}
	}
	for name := range notContacted {
		if !known[name] {
			t.Errorf("%s is not a setting", name)
		}
	}
	for name := range contacts {
		if _, ok := settings.FindEnv(name); !ok && strings.HasPrefix(name, "MM_") &&
			!strings.HasPrefix(name, "MM_CALLS_") && name != settings.AdditionalAudit {
			t.Errorf("%s is not the variable of a setting", name)
		}
	}
}

// verified are configurations in which a service of the cluster is contacted with TLS, by the variable that names it.
var verified = map[string]string{
	"MM_EMAILSETTINGS_SMTPSERVER": "{EmailSettings: {SendEmailNotifications: true, SMTPServer: a.b.svc, " +
		"ConnectionSecurity: TLS}}",
	"MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER": "{EmailSettings: {SendPushNotifications: true, " +
		"PushNotificationServer: 'https://a.b.svc'}}",
	"MM_LDAPSETTINGS_LDAPSERVER":             "{LdapSettings: {Enable: true, LdapServer: a.b.svc, ConnectionSecurity: STARTTLS}}",
	"MM_ELASTICSEARCHSETTINGS_CONNECTIONURL": "{ElasticsearchSettings: {ConnectionURL: 'https://a.b.svc'}}",
	"MM_SQLSETTINGS_DATASOURCEREPLICAS":      "{SqlSettings: {DataSourceReplicas: ['postgres://a.b.svc/c?sslmode=verify-ca']}}",
	"MM_SQLSETTINGS_DATASOURCESEARCHREPLICAS": "{SqlSettings: {DataSourceSearchReplicas: " +
		"['postgres://a.b.svc/c?sslmode=verify-full']}}",
	"MM_GITLABSETTINGS_TOKENENDPOINT":        "{GitLabSettings: {Enable: true, TokenEndpoint: 'https://a.b.svc'}}",
	"MM_GITLABSETTINGS_USERAPIENDPOINT":      "{GitLabSettings: {Enable: true, UserAPIEndpoint: 'https://a.b.svc'}}",
	"MM_GITLABSETTINGS_DISCOVERYENDPOINT":    "{GitLabSettings: {Enable: true, DiscoveryEndpoint: 'https://a.b.svc'}}",
	"MM_OPENIDSETTINGS_TOKENENDPOINT":        "{OpenIdSettings: {Enable: true, TokenEndpoint: 'https://a.b.svc'}}",
	"MM_OPENIDSETTINGS_USERAPIENDPOINT":      "{OpenIdSettings: {Enable: true, UserAPIEndpoint: 'https://a.b.svc'}}",
	"MM_OPENIDSETTINGS_DISCOVERYENDPOINT":    "{OpenIdSettings: {Enable: true, DiscoveryEndpoint: 'https://a.b.svc'}}",
	"MM_GOOGLESETTINGS_TOKENENDPOINT":        "{GoogleSettings: {Enable: true, TokenEndpoint: 'https://a.b.svc'}}",
	"MM_GOOGLESETTINGS_USERAPIENDPOINT":      "{GoogleSettings: {Enable: true, UserAPIEndpoint: 'https://a.b.svc'}}",
	"MM_GOOGLESETTINGS_DISCOVERYENDPOINT":    "{GoogleSettings: {Enable: true, DiscoveryEndpoint: 'https://a.b.svc'}}",
	"MM_OFFICE365SETTINGS_TOKENENDPOINT":     "{Office365Settings: {Enable: true, TokenEndpoint: 'https://a.b.svc'}}",
	"MM_OFFICE365SETTINGS_USERAPIENDPOINT":   "{Office365Settings: {Enable: true, UserAPIEndpoint: 'https://a.b.svc'}}",
	"MM_OFFICE365SETTINGS_DISCOVERYENDPOINT": "{Office365Settings: {Enable: true, DiscoveryEndpoint: 'https://a.b.svc'}}",
	"MM_FILESETTINGS_DRIVERNAME":             "{FileSettings: {DriverName: amazons3, AmazonS3Endpoint: a.b.svc}}",
	"MM_FILESETTINGS_EXPORTDRIVERNAME": "{FileSettings: {DedicatedExportStore: true, ExportDriverName: azureblob, " +
		"ExportAzureCloud: custom, ExportAzureEndpoint: 'https://a.b.svc'}}",
	"MM_LOGSETTINGS_ADVANCEDLOGGINGJSON": "{LogSettings: {AdvancedLoggingJSON: {a: {type: syslog, format: plain, options: " +
		"{host: a.b.svc, port: 1, tls: true}, levels: [{id: 4, name: info}]}}}}",
	"MM_EXPERIMENTALAUDITSETTINGS_ADVANCEDLOGGINGJSON": "{ExperimentalAuditSettings: {AdvancedLoggingJSON: {a: {type: tcp, " +
		"format: json, options: {host: a.b.svc, port: 1, tls: true}, levels: [{id: 100, name: audit-api}]}}}}",
	"MM_IMAGEPROXYSETTINGS_REMOTEIMAGEPROXYURL": "{ImageProxySettings: {Enable: true, RemoteImageProxyURL: " +
		"'https://a.b.svc'}}",
	"MM_AUTOTRANSLATIONSETTINGS_LIBRETRANSLATE_URL": "{AutoTranslationSettings: {Enable: true, LibreTranslate.URL: " +
		"'https://a.b.svc'}}",
	"MM_PLUGINSETTINGS_MARKETPLACEURL":       "{PluginSettings: {MarketplaceURL: 'https://a.b.svc'}}",
	"MM_PLUGINSETTINGS_CHIMERAOAUTHPROXYURL": "{PluginSettings: {ChimeraOAuthProxyURL: 'https://a.b.svc'}}",
	"MM_PLUGINSETTINGS_PLUGINS":              "{PluginSettings: {Plugins: {a: {url: 'https://a.b.svc'}}}}",
	"MM_ANNOUNCEMENTSETTINGS_NOTICESURL":     "{AnnouncementSettings: {NoticesURL: 'https://a.b.svc'}}",
}

// unverified are the other contacts by settings, with the reason: no certificate is verified, or it is a public one.
var unverified = map[string]string{
	"MM_CACHESETTINGS_REDISADDRESS":                                     "the server has no TLS to Redis",
	"MM_GOOGLESETTINGS_ENABLE":                                          "public services",
	"MM_OFFICE365SETTINGS_ENABLE":                                       "public services",
	"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMSMTPSERVERNAME": "no setting for TLS",
	"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMERTYPE":         "a public service",
	"MM_SERVICESETTINGS_ALLOWEDUNTRUSTEDINTERNALCONNECTIONS":            "hosts without a protocol",
}

// Every service that a setting names is contacted with TLS in one of these configurations, and the rule about unknown
// authorities reports it there, once. With the setting that switches the verification off it does not.
func TestUnknownAuthoritiesOfEverySetting(t *testing.T) {
	report := func(t *testing.T, spec string) []string {
		node, err := yaml.Parse("apiVersion: " + v1alpha1.APIVersion + "\nkind: MattermostConfig\nspec:\n  settings: " + spec)
		if err != nil {
			t.Fatal(err)
		}
		config := &v1alpha1.MattermostConfig{}
		if _, problems := decode.Strict(node.YNode(), config); len(problems) > 0 {
			t.Fatal(spec, problems)
		}
		config.SetDefaults()
		reporter := &result.Reporter{}
		newSubject(config, func(string) bool { return false }, reporter).withoutAuthority()
		var messages []string
		for _, r := range reporter.Results {
			messages = append(messages, r.Message)
		}
		return messages
	}
	for name, contact := range contacts {
		setting, isSetting := settings.FindEnv(name)
		// The switches of Mattermost's own services are for public hosts, their addresses for any.
		isSwitch := strings.HasPrefix(contact.field, "spec.onlineServices.") && verified[name] == ""
		if !isSetting || unverified[name] != "" || isSwitch {
			continue
		}
		t.Run(setting.Name(), func(t *testing.T) {
			spec := verified[name]
			if got := report(t, spec); len(got) != 1 || !strings.Contains(got[0], "a.b.svc is a service of this cluster") {
				t.Errorf("%s: got %q", spec, got)
			}
			off, _ := settings.FindEnv(cmp.Or(contact.unverified, insecureConnections))
			section, key, _ := strings.Cut(off.Name(), ".")
			if strings.HasPrefix(spec, "{"+section) {
				spec = strings.Replace(spec, section+": {", section+": {"+key+": true, ", 1)
			} else {
				spec = "{" + section + ": {" + key + ": true}, " + spec[1:]
			}
			// The setting for HTTP does not apply to others.
			isOther := strings.Contains(name, "ADVANCEDLOGGING") || strings.Contains(name, "DATASOURCE")
			if got := report(t, spec); (len(got) != 0) != isOther {
				t.Errorf("%s: got %q", spec, got)
			}
		})
	}
}
