// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sample is a value of each type, as YAML gives it.
func sample(s Setting) any {
	switch s.Type {
	case Bool:
		return true
	case Int:
		return int64(7)
	case List:
		return []any{"one", "two"}
	case Map, JSON:
		var object map[string]any
		if err := json.Unmarshal([]byte(s.exampleObject()), &object); err != nil {
			panic(err)
		}
		return object
	}
	return "text"
}

// TestTable holds every row against what the server does with a name: it takes it apart at the underscores and looks
// for a field with each part, in upper case, so no part of a name may hold one (server/config/environment.go,
// applyEnvKey).
func TestTable(t *testing.T) {
	unsettable := 0
	for s := range All() {
		t.Run(s.Name(), func(t *testing.T) {
			parts := append([]string{s.Section}, strings.Split(s.Key, ".")...)
			for _, part := range parts {
				if part == "" || strings.ContainsAny(part, "_ ") {
					t.Errorf("%q is no name of a field", part)
				}
			}
			if want := "MM_" + strings.ToUpper(strings.Join(parts, "_")); s.Env != want {
				t.Errorf("its variable is %s, want %s", s.Env, want)
			}
			if got, found := Find(s.Section, s.Key); !found || got != s {
				t.Errorf("Find returns %v, %t", got, found)
			}
			for _, name := range []string{s.Env, strings.ToLower(s.Env)} {
				if got, found := FindEnv(name); !found || got != s {
					t.Errorf("FindEnv(%s) returns %v, %t", name, got, found)
				}
			}
			if got, found := ShadowedBy(s.Env); found {
				t.Errorf("the setting itself is shadowed by %s", got.Name())
			}
			if got, found := ShadowedBy(s.Env + "_OLD_1"); !found || got != s {
				t.Errorf("%s_OLD_1 is shadowed by %v, %t", s.Env, got, found)
			}
			if !slices.Contains(In(s.Section), s) || !slices.Contains(Sections(), s.Section) {
				t.Error("it is not in its section")
			}
			if IsGroup(s.Section, s.Key) {
				t.Error("it is a group too")
			}
			if group, _, nested := strings.Cut(s.Key, "."); nested && !IsGroup(s.Section, group) {
				t.Errorf("%s is no group", group)
			}
			checkDefault(t, s)
			if s.Unsettable != "" {
				unsettable++
				if _, err := s.Encode(sample(s)); err == nil {
					t.Error("it is encoded, but cannot be set by environment")
				}
				if err := s.CheckEnv("true"); err == nil || !strings.Contains(err.Error(), s.Unsettable) {
					t.Errorf("CheckEnv says %v", err)
				}
				return
			}
			encoded, err := s.Encode(sample(s))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.CheckEnv(encoded); err != nil {
				t.Errorf("Encode makes %q, which %v", encoded, err)
			}
		})
	}
	if unsettable != 3 {
		t.Errorf("%d settings cannot be set by environment, want 3", unsettable)
	}
}

// checkDefault reads a default as its type, and holds it against the rules.
func checkDefault(t *testing.T, s Setting) {
	t.Helper()
	if slices.Contains([]string{DefaultRandom, DefaultUnset, DefaultUnknown}, s.Default) {
		if value, ok := s.DefaultValue(); ok {
			t.Errorf("%s has the value %q", s.Default, value)
		}
		return
	}
	target := map[Type]any{
		String: new(string), Bool: new(bool), Int: new(int64), List: new([]string), Map: new(map[string]any),
		JSON:    new(map[string]any),
		Objects: new([]map[string]any),
	}[s.Type]
	if err := json.Unmarshal([]byte(s.Default), target); err != nil {
		t.Errorf("the default %s is not %s: %v", s.Default, s.Type, err)
	}
	value, ok := s.DefaultValue()
	if !ok {
		// The environment can say all but an empty list, one with spaces in it, and objects.
		if s.Type != List && s.Type != Objects {
			t.Errorf("the default %s cannot be set", s.Default)
		}
		return
	}
	if err := s.Validate(value, Newest); err != nil {
		t.Errorf("the default %s %v", s.Default, err)
	}
	if feature := s.FeatureFor(value); feature != "" {
		t.Errorf("the default %s needs the feature %s", s.Default, feature)
	}
}

func TestCounts(t *testing.T) {
	count := map[string]int{}
	for s := range All() {
		count["settings"]++
		count["type "+s.Type.String()]++
		if s.Sensitive {
			count["sensitive"]++
		}
		if s.Feature != "" {
			count["with a feature"]++
		}
	}
	count["sections"], count["removed"], count["phantoms"] = len(Sections()), len(removed), len(phantoms)
	want := map[string]int{
		"settings": 693, "sections": 48, "removed": 79, "phantoms": 24, "sensitive": 24, "with a feature": 238,
		"type a string": 256, "type true or false": 290, "type an integer": 126, "type a list of strings": 15,
		"type an object": 5, "type a list of objects": 1,
	}
	if fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", count, want)
	}
}

// TestLicenseData holds what the table says of licenses against the keys of a license file and the names of plans.
func TestLicenseData(t *testing.T) {
	features := strings.Fields(
		`advanced_logging announcement auto_translation cluster compliance custom_permissions_schemes
		custom_terms_of_service data_retention elastic_search email_notification_contents google_oauth guest_accounts
		guest_accounts_permissions id_loaded ldap ldap_groups lock_teammate_name_display message_export metrics mfa mhpns
		office365_oauth openid outgoing_oauth_connections remote_cluster_service saml shared_channels theme_management`)
	plans := []string{"", "all", "any license", "Enterprise", "Enterprise Advanced", "Entry or Professional",
		"Entry or Enterprise", "Entry or Enterprise Advanced"}
	for s := range All() {
		if s.Feature != "" && !slices.Contains(features, s.Feature) {
			t.Errorf("%s: %q is no key of a license file", s.Name(), s.Feature)
		}
		if !slices.Contains(plans, s.Plan) {
			t.Errorf("%s: %q is no plan", s.Name(), s.Plan)
		}
	}
}

// TestSecrets misses a setting whose name says that it is a secret.
func TestSecrets(t *testing.T) {
	for s := range All() {
		name := strings.ToLower(s.Key[strings.LastIndexByte(s.Key, '.')+1:])
		named := name == "secret" || strings.HasSuffix(name, "password") || strings.HasSuffix(name, "secretaccesskey") ||
			strings.HasSuffix(name, "accesskey") || strings.HasSuffix(name, "apikey") || strings.HasSuffix(name, "salt") ||
			strings.HasPrefix(name, "datasource") || strings.HasSuffix(name, "encryptkey")
		if named && s.Type != Bool && !s.Sensitive {
			t.Errorf("%s is not sensitive", s.Name())
		}
	}
}

func TestFindMisses(t *testing.T) {
	for _, test := range [][2]string{
		{"", ""}, {"ServiceSettings", ""}, {"ServiceSettings", "siteurl"}, {"Servicesettings", "SiteURL"},
		{"ServiceSettings", "Zz"},
		{"MessageExportSettings", "GlobalRelaySettings"}, {"ZzzSettings", "Enable"}, {"SqlSettings", "SiteURL"},
	} {
		if s, found := Find(test[0], test[1]); found {
			t.Errorf("Find(%q, %q) returns %s", test[0], test[1], s.Name())
		}
	}
	for _, name := range []string{"", "MM_", "SERVICESETTINGS_SITEURL", "MM_SERVICESETTINGS",
		"MM_SERVICESETTINGS_SITEURL_", "MM_ZZZ"} {
		if s, found := FindEnv(name); found {
			t.Errorf("FindEnv(%q) returns %s", name, s.Name())
		}
	}
	if got := In("ZzzSettings"); got != nil {
		t.Errorf("In returns %v", got)
	}
}

func TestInIsACopy(t *testing.T) {
	In("ServiceSettings")[0].Section = "changed"
	if s, found := Find("ServiceSettings", "SiteURL"); !found || s.Section != "ServiceSettings" {
		t.Error("the table was changed")
	}
}

func TestAllStops(t *testing.T) {
	seen := 0
	for range All() {
		seen++
		break
	}
	if seen != 1 {
		t.Errorf("%d settings were seen", seen)
	}
}

func TestIsGroup(t *testing.T) {
	for _, test := range []struct {
		section, key string
		want         bool
	}{
		{"MessageExportSettings", "GlobalRelaySettings", true},
		{"AIRecapSettings", "DefaultLimits", true},
		{"ContentFlaggingSettings", "AdditionalSettings", true},
		{"MessageExportSettings", "GlobalRelay", false},
		{"MessageExportSettings", "ExportFormat", false},
		{"PluginSettings", "PluginStates", false},
		{"ServiceSettings", "GlobalRelaySettings", false},
		{"", "", false},
	} {
		if got := IsGroup(test.section, test.key); got != test.want {
			t.Errorf("IsGroup(%q, %q) = %t", test.section, test.key, got)
		}
	}
}

func TestUnneeded(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  bool
	}{
		{"ServiceSettings.TrustedProxyIPHeader", []any{}, true},
		{"ServiceSettings.TrustedProxyIPHeader", []any{"X-Real-IP"}, false},
		{"SqlSettings.ReplicaLagSettings", []any{}, true},
		{"AutoTranslationSettings.TargetLanguages", []any{}, false}, // the default is en
		{"AutoTranslationSettings.TargetLanguages", []any{"en"}, false},
		{"ContentFlaggingSettings.AdditionalSettings.Reasons", []any{"Other"}, false},
		{"TeamSettings.SiteName", "", false},
	} {
		if got := setting(t, test.name).Unneeded(test.value); got != test.want {
			t.Errorf("%s: %v is unneeded: %t", test.name, test.value, got)
		}
	}
}

func TestReserved(t *testing.T) {
	for _, name := range []string{
		"MM_CONFIG", "MM_LICENSE", "MM_SERVICEENVIRONMENT", "MM_CUSTOM_DEFAULTS_PATH", "MM_INSTALL_TYPE",
		"MM_CLOUD_FILESTORE_BIFROST", "MM_EXPERIMENTALAUDITSETTINGS_ADDITIONAL",
		"MM_LOG_PATH", "MM_FEATUREFLAGS_SOMETHINGNEW", "MM_CALLS_ICE_HOST_OVERRIDE", "mm_license",
	} {
		if !Reserved(name) {
			t.Errorf("%s is not reserved", name)
		}
	}
	for _, name := range []string{"MM_LICENSES", "MM_CALLS", "MM_CALLS_", "MM_FEATUREFLAGS_", "MM_FEATUREFLAG_X",
		"MM_SERVICESETTINGS_SITEURL", "CONFIG", ""} {
		if Reserved(name) {
			t.Errorf("%s is reserved", name)
		}
	}
	for s := range All() {
		if Reserved(s.Env) && s.Section != "FeatureFlags" {
			t.Errorf("%s is reserved, but a setting", s.Env)
		}
	}
}

func TestShadowedBy(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"MM_SQLSETTINGS_DATASOURCE_OLD", "SqlSettings.DataSource"},
		{"mm_sqlsettings_datasource_old", "SqlSettings.DataSource"},
		{"MM_SQLSETTINGS_DATASOURCE_", "SqlSettings.DataSource"},
		{"MM_PLUGINSETTINGS_PLUGINSTATES_COM_MATTERMOST_CALLS", "PluginSettings.PluginStates"},
		{"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_SMTPPASSWORD_FILE",
			"MessageExportSettings.GlobalRelaySettings.SMTPPassword"},
		{"MM_SQLSETTINGS_REPLICALAGSETTINGS_0", "SqlSettings.ReplicaLagSettings"},
		{"MM_SQLSETTINGS_DATASOURCEOLD", ""},
		{"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_X", ""},
		{"MM_SERVICESETTINGS", ""},
		{"", ""},
	} {
		got, found := ShadowedBy(test.name)
		if found != (test.want != "") || found && got.Name() != test.want {
			t.Errorf("%s is shadowed by %q, want %q", test.name, got.Name(), test.want)
		}
	}
}

func TestRemovedAndPhantomsAreNoSettings(t *testing.T) {
	for _, r := range removed {
		if _, found := Find(r.Section, r.Key); found {
			t.Errorf("%s is a setting", r.Name())
		}
		if _, found := FindEnv(r.Env); found {
			t.Errorf("%s is a setting's variable", r.Env)
		}
		if got, found := FindRemoved(r.Section, r.Key); !found || got != r {
			t.Errorf("FindRemoved returns %v for %s", got, r.Name())
		}
		if got, found := FindRemovedEnv(strings.ToLower(r.Env)); !found || got != r {
			t.Errorf("FindRemovedEnv returns %v for %s", got, r.Env)
		}
		if section, key, found := strings.Cut(r.Replacement, "."); found {
			if _, known := Find(section, key); !known {
				t.Errorf("%s: no such setting as %s", r.Name(), r.Replacement)
			}
		}
	}
	for _, p := range phantoms {
		if _, found := FindEnv(p.Env); found || Reserved(p.Env) {
			t.Errorf("%s is real", p.Env)
		}
		if got, found := FindPhantom(strings.ToLower(p.Env)); !found || got != p {
			t.Errorf("FindPhantom returns %v for %s", got, p.Env)
		}
		if p.Meant != "" {
			if _, known := FindEnv(p.Meant); !known {
				t.Errorf("%s: no such variable as %s", p.Env, p.Meant)
			}
		} else if p.Because == "" {
			t.Errorf("%s: neither another variable nor a reason", p.Env)
		}
	}
	if _, found := FindRemoved("ServiceSettings", "SiteURL"); found {
		t.Error("SiteURL was removed")
	}
	if _, found := FindRemovedEnv("MM_SERVICESETTINGS_SITEURL"); found {
		t.Error("the site URL's variable was removed")
	}
	if _, found := FindPhantom("MM_SERVICESETTINGS_SITEURL"); found {
		t.Error("the site URL's variable is a phantom")
	}
}

func TestWhy(t *testing.T) {
	was := func(section, key string) string {
		r, _ := FindRemoved(section, key)
		return r.Why()
	}
	never := func(name string) string {
		p, _ := FindPhantom(name)
		return p.Why()
	}
	for _, test := range []struct{ got, want string }{
		{was("ServiceSettings", "BurnOnReadDurationMinutes"), "was removed from Mattermost: 11.2 still had it, " +
			"11.10 ignores it; it counts seconds; use ServiceSettings.BurnOnReadDurationSeconds"},
		{was("TeamSettings", "EnableTeamCreation"), "was removed before Mattermost 9.5, and the server ignores it; " +
			"it became a permission, which the System Console sets; remove it"},
		{was("ServiceSettings", "EnableOpenTracing"), "was removed from Mattermost: 9.11 still had it, " +
			"11.10 ignores it; remove it"},
		{never("MM_SERVICESETTINGS_FORGOTPASSWORDLINK"), "is in Mattermost's documentation, " +
			"but the server does not know it; use MM_SUPPORTSETTINGS_FORGOTPASSWORDLINK"},
		{never("MM_SERVICESETTINGS_ENFORCEINCOMINGWEBHOOKCHANNELLOCKING"),
			"is in Mattermost's documentation, but the server does not know it; the server has no such setting; remove it"},
	} {
		if test.got != test.want {
			t.Errorf("got  %s\nwant %s", test.got, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"ServiceSetting", "ServiceSettings"},
		{"servicesettings", "ServiceSettings"},
		{"SQLSettings", "SqlSettings"},
		{"ElasticSearchSettings", "ElasticsearchSettings"},
		{"Podinfo", ""},
	} {
		if got := NearestSection(test.name); got != test.want {
			t.Errorf("NearestSection(%q) = %q, want %q", test.name, got, test.want)
		}
	}
	for _, test := range []struct{ section, key, want string }{
		{"ServiceSettings", "SiteUrl", "ServiceSettings.SiteURL"},
		{"ServiceSettings", "EnableUserAcessTokens", "ServiceSettings.EnableUserAccessTokens"},
		{"MessageExportSettings", "GlobalRelaySettings.SmtpPassword",
			"MessageExportSettings.GlobalRelaySettings.SMTPPassword"},
		{"SqlSettings", "MinimumHashtagLength", "ServiceSettings.MinimumHashtagLength"},
		{"Unknown", "MinimumHashtagLength", "ServiceSettings.MinimumHashtagLength"},
		{"ClusterSettings", "ListenAddress", ""}, // two other sections have one
		{"ServiceSettings", "Quux", ""},
		{"TeamSettings", "EnableTeamCreatoin", ""}, // not EnableUserCreation: another word
		{"TeamSettings", "EnableUserCreatoin", "TeamSettings.EnableUserCreation"},
		{"ServiceSettings", "EnableUser", ""},
	} {
		got, found := NearestKey(test.section, test.key)
		if found != (test.want != "") || found && got.Name() != test.want {
			t.Errorf("NearestKey(%q, %q) = %q, want %q", test.section, test.key, got.Name(), test.want)
		}
	}
	for _, test := range []struct{ name, want string }{
		{"MM_SERVICESETTINGS_SITE_URL", "MM_SERVICESETTINGS_SITEURL"},
		{"MM_SERVICE_SETTINGS_SITEURL", "MM_SERVICESETTINGS_SITEURL"},
		{"MM_SERVICESETTINGS_SITEURI", "MM_SERVICESETTINGS_SITEURL"},
		{"MM_SERVICESETTING_SITEURL", "MM_SERVICESETTINGS_SITEURL"},
		{"mm_servicesettings_siteuri", "MM_SERVICESETTINGS_SITEURL"},
		{"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_SMTPPASWORD",
			"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_SMTPPASSWORD"},
		{"MM_SQLSETTINGS_MINIMUMHASHTAGLENGTH", "MM_SERVICESETTINGS_MINIMUMHASHTAGLENGTH"},
		{"MM_SERVICESETTINGS_QUUX", ""},
		{"MM_FOO", ""},
		{"", ""},
	} {
		got, found := NearestEnv(test.name)
		if found != (test.want != "") || got.Env != test.want {
			t.Errorf("NearestEnv(%q) = %q, want %q", test.name, got.Env, test.want)
		}
	}
}

func TestMergePluginStates(t *testing.T) {
	states := PluginStates()
	var names []string
	for name, state := range states {
		names = append(names, name)
		if fmt.Sprint(state) != "map[Enable:true]" {
			t.Errorf("%s has the state %v", name, state)
		}
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "com.mattermost.calls com.mattermost.nps mattermost-ai playbooks" {
		t.Errorf("the prepackaged plugins are %s", got)
	}

	given := map[string]any{"playbooks": map[string]any{"Enable": false}, "mine": map[string]any{"Enable": true}}
	s, _ := Find("PluginSettings", "PluginStates")
	encoded, err := s.Encode(MergePluginStates(given))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"com.mattermost.calls":{"Enable":true},"com.mattermost.nps":{"Enable":true},` +
		`"mattermost-ai":{"Enable":true},"mine":{"Enable":true},"playbooks":{"Enable":false}}`
	if encoded != want {
		t.Errorf("got  %s\nwant %s", encoded, want)
	}
	if len(given) != 2 {
		t.Error("what was given is changed")
	}
	if encoded, err = s.Encode(MergePluginStates(nil)); err != nil || encoded != s.Default {
		t.Errorf("nothing over the defaults is %s, %v", encoded, err)
	}
}

func TestFeatureFor(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"LdapSettings.Enable", "true", "ldap"},
		{"LdapSettings.Enable", "false", ""},
		{"LdapSettings.LdapServer", "ldap.example.com", "ldap"},
		{"LdapSettings.LdapServer", "", ""},
		{"LdapSettings.GroupFilter", "(objectClass=group)", "ldap_groups"},
		{"LdapSettings.LdapPort", "389", ""},
		{"LdapSettings.LdapPort", "636", "ldap"},
		{"GitLabSettings.Enable", "true", "openid"},
		{"CacheSettings.CacheType", "lru", ""},
		{"CacheSettings.CacheType", "redis", "cluster"},
		{"EmailSettings.PushNotificationContents", "generic", ""},
		{"EmailSettings.PushNotificationContents", "id_loaded", "id_loaded"},
		{"EmailSettings.PushNotificationServer", "https://push-test.mattermost.com", ""},
		{"EmailSettings.PushNotificationServer", "https://global.push.mattermost.com", "mhpns"},
		{"EmailSettings.PushNotificationServer", "https://push.example.com", ""},
		{"LogSettings.AdvancedLoggingJSON", `{"a":{"type":"console"},"b":{"Type":"file"}}`, ""},
		{"LogSettings.AdvancedLoggingJSON", `{"a":{"type":"console"},"b":{"type":"syslog"}}`, "advanced_logging"},
		{"ExperimentalAuditSettings.AdvancedLoggingJSON", `{"a":{"type":"file"}}`, "advanced_logging"},
		{"MetricsSettings.ClientSideUserIds", "abcdefghijklmnopqrstuvwxyz", "metrics"},
		{"ServiceSettings.SiteURL", "https://chat.example.com", ""},
	} {
		if got := setting(t, test.name).FeatureFor(test.value); got != test.want {
			t.Errorf("%s=%s needs %q, want %q", test.name, test.value, got, test.want)
		}
	}
}

// setting returns a setting by its full name.
func setting(t *testing.T, name string) Setting {
	t.Helper()
	s := named(name)
	if s.Env == "" {
		t.Fatalf("no setting %s", name)
	}
	return s
}
