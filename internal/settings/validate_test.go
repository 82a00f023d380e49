// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"slices"
	"strings"
	"testing"
)

// validity lists for every rule values that the server accepts, and values that it rejects with part of the error.
var validity = map[string]struct {
	good []string
	bad  map[string]string
}{
	"ServiceSettings.SiteURL": {
		[]string{"", "https://chat.example.com", "http://localhost:8065/sub"},
		map[string]string{
			"chat.example.com": `is "chat.example.com", which is not a URL; write one with a scheme, ` +
				`such as https://chat.example.com`},
	},
	"ServiceSettings.WebsocketURL": {[]string{"", "wss://chat.example.com"}, map[string]string{"chat": "not a"}},
	"ServiceSettings.ListenAddress": {
		[]string{":8065", "127.0.0.1:80", "[::1]:8065", "chat:0", "chat.example.com.:65535", "a_b:1"},
		map[string]string{
			"8065": `is "8065", which is not an address to listen on`, ":http": "not a", ":65536": "not a", ":-1": "not a",
			"::1:8065": "not a", "[::1:80": "not a", "[chat]:80": "not a", "-a:80": "not a", "a..b:80": "not a",
			"a b:80": "not a", "123:80": "not a",
			strings.Repeat("a", 64) + ":80": "not a", strings.Repeat("a.", 127) + ":80": "not a", "": "not a", ":": "not a",
		},
	},
	"ServiceSettings.ConnectionSecurity": {[]string{"", "TLS"},
		map[string]string{"STARTTLS": `is "STARTTLS", which the server rejects (one of "", TLS)`}},
	"ServiceSettings.TLSOverwriteCiphers": {
		[]string{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"},
		map[string]string{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 AES": `contains "AES", which the server does not know`},
	},
	"ServiceSettings.ReadTimeout": {[]string{"1"},
		map[string]string{"0": "is 0, which the server rejects; must be 1 or more", "-1": "is -1"}},
	"ServiceSettings.WriteTimeout":            {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.MaximumLoginAttempts":    {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.MaximumPayloadSizeBytes": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.MaximumURLLength":        {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.TimeBetweenUserTypingUpdatesMilliseconds": {[]string{"1000"},
		map[string]string{"999": "1000 or more"}},
	"ServiceSettings.OutgoingIntegrationRequestsTimeout":    {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.PersistentNotificationIntervalMinutes": {[]string{"2"}, map[string]string{"1": "2 or more"}},
	"ServiceSettings.PersistentNotificationMaxCount":        {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.PersistentNotificationMaxRecipients":   {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.ExperimentalGroupUnreadChannels": {[]string{"default_on"},
		map[string]string{"on": "one of disabled, default_on, default_off"}},
	"ServiceSettings.CollapsedThreads": {[]string{"disabled", "always_on"},
		map[string]string{"true": "one of disabled, default_on, default_off, always_on", "": `is ""`}},
	"TeamSettings.SiteName": {[]string{"", strings.Repeat("a", 30)},
		map[string]string{strings.Repeat("ä", 16): "has 32 bytes, and the server rejects more than 30"}},
	"TeamSettings.MaxUsersPerTeam":            {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.MaxChannelsPerTeam":         {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.MaxNotificationsPerChannel": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.UserStatusAwayTimeout":      {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.RestrictDirectMessage": {[]string{"any", "team"},
		map[string]string{"all": "one of any, team"}},
	"TeamSettings.TeammateNameDisplay": {[]string{"full_name"},
		map[string]string{"nickname": "one of username, nickname_full_name, full_name"}},
	"TeamSettings.ExperimentalViewArchivedChannels": {[]string{"true", "1"},
		map[string]string{"false": "is false, and the server does not start with it: " +
			"archived channels are always visible since 11.0", "0": "is false"}},
	"ExperimentalSettings.ClientSideCertEnable": {[]string{"false"},
		map[string]string{"true": "is true, and the server does not start with it: login with client certificates " +
			"was removed in 11.0"}},
	"ExperimentalSettings.LinkMetadataTimeoutMilliseconds": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.DriverName": {[]string{"postgres"},
		map[string]string{
			"mysql":      `is "mysql", which the server rejects (must be postgres): MySQL is not supported since 11.0`,
			"postgresql": "must be postgres"}},
	"SqlSettings.DataSource": {[]string{"postgres://u:p@h/d"},
		map[string]string{"": "is empty, which the server rejects"}},
	"SqlSettings.MaxIdleConns":          {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.MaxOpenConns":          {[]string{"2", "100"}, map[string]string{"1": "with 1 it waits forever"}},
	"SqlSettings.QueryTimeout":          {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.AnalyticsQueryTimeout": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.ConnMaxLifetimeMilliseconds": {[]string{"0"},
		map[string]string{"-1": "is -1, which the server rejects; must be 0 or more"}},
	"SqlSettings.ConnMaxIdleTimeMilliseconds": {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"SqlSettings.AtRestEncryptKey": {[]string{"", strings.Repeat("k", 32)},
		map[string]string{strings.Repeat("k", 31): "is too short: it has 31 characters, " +
			"and the server rejects less than 32; remove the setting to have one generated"}},
	"FileSettings.PublicLinkSalt": {[]string{"", strings.Repeat("s", 32)}, map[string]string{"s": "is too short"}},
	"LogSettings.AdvancedLoggingJSON": {
		[]string{"{}",
			`{"a":{"type":"console","format":"json","levels":[{"id":5,"name":"debug"},{"id":144,"name":"LDAPTrace"}]}}`},
		map[string]string{
			`{"b":{"type":"none","levels":[{"id":100,"name":"audit-api"}]}}`: `has the level audit-api (id 100) in its target ` +
				`"b", which belongs to the audit log; move it to ExperimentalAuditSettings.AdvancedLoggingJSON`,
			`{"b":{"type":"none","levels":[{"id":99}]}}`:  "the server rejects",
			`{"b":{"type":"none","levels":[{"id":109}]}}`: "the server rejects",
			`{"b":{"Type":"None","Levels":[{"ID":103}]}}`: `has the level 103 in its target "b"`,
			"[]": "is JSON, but not an object",
		},
	},
	"ExperimentalAuditSettings.AdvancedLoggingJSON": {
		[]string{"{}",
			`{"a":{"type":"file","format":"json","options":{"filename":"a.log"},"levels":[{"id":100,"name":"audit-api"}]}}`},
		map[string]string{
			`{"a":{"type":"none","levels":[{"id":5,"name":"debug"}]}}`: `has the level debug (id 5) in its target "a", ` +
				`which does not belong to the audit log`,
			`{"a":{"type":"none","levels":[{"id":99}]}}`:  `has the level 99 in its target "a"`,
			`{"a":{"type":"none","levels":[{"id":104}]}}`: `has the level 104 in its target "a"`},
	},
	"PasswordSettings.MinimumLength": {[]string{"5", "72"},
		map[string]string{"4": "is 4, which the server rejects; must be 5 to 72", "73": "5 to 72"}},
	"FileSettings.DriverName": {[]string{"local", "amazons3", "azureblob"},
		map[string]string{"s3": "one of local, amazons3, azureblob"}},
	"FileSettings.Directory": {[]string{"/mattermost/data"},
		map[string]string{"": "is empty", "/data ": `is "/data ", and the server rejects spaces around it`}},
	"FileSettings.MaxFileSize": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"FileSettings.MaxImageDecoderConcurrency": {[]string{"-1", "1"},
		map[string]string{"0": "is 0, which the server rejects; must be 1 or more, or -1", "-2": "is -2"}},
	"FileSettings.AmazonS3RequestTimeoutMilliseconds": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"FileSettings.AmazonS3PathPrefix":                 {[]string{"", "a/b"}, map[string]string{" a": "spaces"}},
	"FileSettings.AmazonS3StorageClass": {[]string{"", "GLACIER_IR"},
		map[string]string{"standard": `one of "", STANDARD`}},
	"FileSettings.ExportAmazonS3StorageClass": {[]string{"STANDARD_IA"},
		map[string]string{"COLD": `one of "", STANDARD`}},
	"FileSettings.AzurePathPrefix": {[]string{"", "a.b/c"},
		map[string]string{"a/../b": "two dots", "a ": "spaces"}},
	"EmailSettings.ConnectionSecurity": {[]string{"", "PLAIN", "TLS", "STARTTLS"},
		map[string]string{"tls": `one of "", PLAIN, TLS, STARTTLS`}},
	"EmailSettings.EmailBatchingInterval":   {[]string{"30"}, map[string]string{"29": "30 or more"}},
	"EmailSettings.EmailBatchingBufferSize": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"EmailSettings.EmailNotificationContentsType": {[]string{"generic"},
		map[string]string{"none": "one of full, generic"}},
	"RateLimitSettings.PerSec": {[]string{"1"},
		map[string]string{"0": "1 or more", "1000000001": "1 to 1000000000"}},
	"RateLimitSettings.MaxBurst":        {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"RateLimitSettings.MemoryStoreSize": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"LdapSettings.ConnectionSecurity": {[]string{"", "TLS", "STARTTLS"},
		map[string]string{"PLAIN": `one of "", TLS, STARTTLS`}},
	"LdapSettings.SyncIntervalMinutes":  {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"LdapSettings.MaxPageSize":          {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"LdapSettings.MaximumLoginAttempts": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"LdapSettings.UserFilter": {
		[]string{
			"", "(objectClass=*)", "(&(objectClass=user)(|(mail=*@example.com)(!(cn=a))))", "(cn>=b)", "(cn~=b)", "(&)",
			`(cn=\28a\29)`, "(memberOf:1.2.840.113556.1.4.1941:=CN=a,OU=b)", "(cn=a(b)", "(!cn=a)", "((cn=a))",
		},
		map[string]string{
			"objectClass=*": "is not an LDAP filter: it lacks an opening parenthesis; " +
				"write one such as (&(objectClass=user)(mail=*))",
			"(objectClass=*":    "it lacks a closing parenthesis",
			"(&(a=b)(c=d)":      "it lacks a closing parenthesis",
			"(a=b)(c=d)":        "it has trailing text after the last parenthesis",
			"(a=b) ":            "it has trailing text after the last parenthesis",
			"(objectClass)":     "it lacks an attribute and an equals sign between two parentheses",
			"()":                "it lacks an attribute",
			"(=b)":              "it lacks an attribute",
			`(cn=\)`:            "it has a backslash that is not followed by two hexadecimal digits",
			`(cn=a\2g)`:         "it has a backslash",
			"(&(a=b) (c=d))":    "it lacks a closing parenthesis",
			"(!(a=b)(c=d))":     "it lacks a closing parenthesis",
			"(&(a=b)(!(c=d))))": "it has trailing text",
			"(|(a)(b=c))":       "it lacks an attribute",
			"(!(a))":            "it lacks an attribute",
		},
	},
	"LdapSettings.GuestFilter": {[]string{"(a=b)"},
		map[string]string{"a": "not an LDAP filter"}},
	"LdapSettings.AdminFilter": {[]string{"(a=b)"},
		map[string]string{"a": "not an LDAP filter"}},
	"SamlSettings.IdpURL": {[]string{"", "https://idp.example.com/sso"},
		map[string]string{"idp.example.com": "is not a URL", "https://": "not a URL", "ldap://a": "not a URL"}},
	"SamlSettings.AssertionConsumerServiceURL": {[]string{"https://chat.example.com/login/sso/saml"},
		map[string]string{"/login": "not a URL"}},
	"SamlSettings.GuestAttribute": {[]string{"", "usertype=guest"},
		map[string]string{"guest": `is "guest", but the server expects one attribute and its value`,
			"a=b=c": "one attribute"}},
	"SamlSettings.AdminAttribute": {[]string{"a=b"}, map[string]string{"a": "one attribute"}},
	"SamlSettings.SignatureAlgorithm": {[]string{"RSAwithSHA512"},
		map[string]string{"SHA256": "one of RSAwithSHA1"}},
	"SamlSettings.CanonicalAlgorithm": {[]string{"Canonical1.1"},
		map[string]string{"1.0": "one of Canonical1.0"}},
	"CacheSettings.CacheType": {[]string{"lru", "redis"},
		map[string]string{"valkey": "one of lru, redis"}},
	"MetricsSettings.ClientSideUserIds": {[]string{"abcdefghijklmnopqrstuvwx12",
		"ABCDEFGHIJKLMNOPQRSTUVWX12"}, map[string]string{"admin": "is not a user's id", "a b c d e f": "has 6 ids"}},
	"ElasticsearchSettings.Backend": {[]string{"elasticsearch", "opensearch"},
		map[string]string{"": "one of elasticsearch, opensearch"}},
	"ElasticsearchSettings.PostsAggregatorJobStartTime": {[]string{"03:00", "23:59"},
		map[string]string{"3am": `is "3am", which is not a time of day; write hours and minutes, such as 02:00`,
			"24:00": "not a time of day", "": "not a time of day"}},
	"ElasticsearchSettings.AggregatePostsAfterDays": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.LiveIndexingBatchSize":   {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.BatchSize":               {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.RequestTimeoutSeconds":   {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.IgnoredPurgeIndexes": {[]string{"", "a,b-c"},
		map[string]string{"a,-b": `contains "-b"`}},
	"DataRetentionSettings.MessageRetentionDays":  {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.MessageRetentionHours": {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.FileRetentionDays":     {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.FileRetentionHours":    {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.DeletionJobStartTime": {[]string{"02:00"},
		map[string]string{"2": "not a time of day"}},
	"MessageExportSettings.ExportFormat": {[]string{"globalrelay-zip"},
		map[string]string{"Actiance": "one of actiance, globalrelay, globalrelay-zip, csv"}},
	"MessageExportSettings.DailyRunTime": {[]string{"01:00"},
		map[string]string{"1 am": "not a time of day"}},
	"MessageExportSettings.BatchSize":           {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"MessageExportSettings.ExportFromTimestamp": {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"MessageExportSettings.GlobalRelaySettings.CustomerType": {[]string{"A9", "A10", "CUSTOM"},
		map[string]string{"A11": "one of A9, A10, CUSTOM"}},
	"PluginSettings.PluginStates": {[]string{"{}", `{"a":{"enable":true}}`},
		map[string]string{
			`{"a":{"Enable":true},"b":{"Enabled":true}}`: `has a state of "b" without Enable, which switches the plugin off`}},
	"DisplaySettings.CustomURLSchemes": {[]string{"git smb x-y+z.1"},
		map[string]string{"git://": `contains "git://", which is not a URL scheme`, "1a": "not a URL scheme"}},
	"ImageProxySettings.ImageProxyType": {[]string{"local", "atmos/camo"},
		map[string]string{"camo": "one of local, atmos/camo"}},
	"ImportSettings.Directory":     {[]string{"./import"}, map[string]string{"": "is empty"}},
	"ImportSettings.RetentionDays": {[]string{"1"}, map[string]string{"0": "1 or more"}},

	"ServiceSettings.MinimumDesktopAppVersion": {
		[]string{"", "5.10.0", "0.0.0", "5.10.0-rc.1", "5.10.0-rc.1+build.07", "5.10.0+abc"},
		map[string]string{"5": `is "5", which is not a semantic version; write all three numbers, such as 5.10.0`,
			"5.1": "not a semantic", "v5.1.0": "not a semantic",
			"05.1.0": "not a semantic", "5.1.0-01": "not a semantic", "5.1.0-": "not a semantic", "5.1.0+": "not a semantic",
			"5.1.0 ": "not a semantic", "5.1.0.0": "not a semantic"},
	},
	"ServiceSettings.DCRRedirectURIAllowlist": {
		[]string{"https://a.example.com/cb http://localhost:*/cb", "https://*.example.com/**",
			"https://a.example.com/{b,c}/**"},
		map[string]string{"chat.example.com": `contains "chat.example.com", which is not a URL pattern`,
			"https://a ftp://b": `contains "ftp://b"`, "https://": "not a URL pattern",
			"https://a/***": "not a URL pattern", "": `contains ""`, "https://a\tb": "not a URL pattern"},
	},
	"ServiceSettings.MaximumPersonalAccessTokenLifetimeDays": {[]string{"0", "36500"},
		map[string]string{"-1": "0 to 36500", "36501": "0 to 36500"}},
	"TeamSettings.LockProfileFieldsForEmailUsers": {[]string{"none", "all"},
		map[string]string{"": "one of none, name_and_username, all"}},
	"ExperimentalAuditSettings.FileName": {[]string{"", "audit.log"},
		map[string]string{`logs\`: "ends with a backslash"}},
	"FileSettings.ExportDirectory":          {[]string{"", "./data"}, map[string]string{" /data": "spaces"}},
	"FileSettings.ExtractContentTimeout":    {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"FileSettings.ExportAmazonS3PathPrefix": {[]string{""}, map[string]string{"a ": "spaces"}},
	"FileSettings.AzureRequestTimeoutMilliseconds": {[]string{"1", "600000"},
		map[string]string{"0": "1 to 600000", "600001": "1 to 600000"}},
	"FileSettings.AzureAuthMode": {[]string{"shared_key"},
		map[string]string{"": "one of shared_key, default_credential"}},
	"FileSettings.AzureCloud": {[]string{"", "government"},
		map[string]string{"china": `one of "", commercial`}},
	"FileSettings.ExportAzureRequestTimeoutMilliseconds": {[]string{"1"}, map[string]string{"0": "1 to 600000"}},
	"FileSettings.ExportAzureAuthMode": {[]string{"default_credential"},
		map[string]string{"key": "one of shared_key"}},
	"FileSettings.ExportAzureCloud":      {[]string{"custom"}, map[string]string{"x": "one of"}},
	"FileSettings.ExportAzurePathPrefix": {[]string{""}, map[string]string{"..": "two dots"}},
	"FileSettings.ExportDriverName": {[]string{"local", "azureblob"},
		map[string]string{"xtest": `is "xtest", which the server rejects (one of local, amazons3, azureblob)`}},
	"FileSettings.AmazonS3Endpoint": {
		[]string{"s3.amazonaws.com", "minio.example.com:9000", "10.0.0.1", "[fd00::1]:9000", "minio/"},
		map[string]string{"https://s3.example.com": `is "https://s3.example.com", which is not the host of an S3 service`,
			"s3.example.com/bucket": "not the host", "": "not the host", "-a": "not the host", "a:b": "not the host"},
	},
	"FileSettings.ExportAmazonS3Endpoint": {[]string{"s3.amazonaws.com"}, map[string]string{"http://a": "not the host"}},
	"IntuneSettings.TenantId": {[]string{"", "01234567-89ab-CDEF-0123-456789abcdef"},
		map[string]string{"0123": "not a UUID"}},
	"IntuneSettings.ClientId": {[]string{"01234567-89ab-cdef-0123-456789abcdef"},
		map[string]string{"g1234567-89ab-cdef-0123-456789abcdef": "not a UUID"}},
	"IntuneSettings.AuthService": {[]string{"", "saml", "office365"},
		map[string]string{"gitlab": "one of office365, saml"}},
	"NativeAppSettings.AppDownloadLink": {[]string{"", "https://a.example.com/x", "itms-apps://a/b"},
		map[string]string{"x.example.com/app": "not a URL with a host", "/a": "not a URL", "mailto:a@b": "not a URL",
			"https:///a": "not a URL"}},

	"NativeAppSettings.AndroidAppDownloadLink": {[]string{""},
		map[string]string{"a": "not a URL with a host"}},
	"NativeAppSettings.IosAppDownloadLink": {[]string{""},
		map[string]string{"a": "not a URL with a host"}},
	"AutoTranslationSettings.Provider": {[]string{"", "libretranslate", "agents"},
		map[string]string{"deepl": "one of libretranslate, agents"}},
	"AutoTranslationSettings.TimeoutMs": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"AutoTranslationSettings.Workers":   {[]string{"1", "64"}, map[string]string{"65": "1 to 64"}},
	"AutoTranslationSettings.LibreTranslate.URL": {[]string{"", "http://a"},
		map[string]string{"t.example.com": "not a URL"}},
	"WranglerSettings.AllowedEmailDomain": {[]string{"example.com a.co example.co.uk", "localhost"},
		map[string]string{"a": `contains "a", which the server does not accept as a domain`,
			"example.com b:1": `contains "b:1"`, "": `contains ""`}},
	"AIRecapSettings.DefaultLimits.MaxRecapsPerDay": {[]string{"-1", "1"},
		map[string]string{"0": "1 or more, or -1 for no limit"}},
	"AIRecapSettings.DefaultLimits.MaxScheduledRecaps":  {[]string{"-1"}, map[string]string{"0": "or -1"}},
	"AIRecapSettings.DefaultLimits.MaxChannelsPerRecap": {[]string{"-1"}, map[string]string{"-2": "or -1"}},
	"AIRecapSettings.DefaultLimits.MaxPostsPerRecap":    {[]string{"-1"}, map[string]string{"0": "or -1"}},
	"AIRecapSettings.DefaultLimits.MaxTokensPerRecap":   {[]string{"-1"}, map[string]string{"0": "or -1"}},
	"AIRecapSettings.DefaultLimits.MaxPostsPerDay":      {[]string{"-1"}, map[string]string{"0": "or -1"}},
	"AIRecapSettings.DefaultLimits.CooldownMinutes":     {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"MobileEphemeralModeSettings.DisconnectionTimeoutSeconds": {[]string{"0", "600"},
		map[string]string{"601": "0 to 600"}},
	"MobileEphemeralModeSettings.OfflinePersistenceTimerHours": {[]string{"72"}, map[string]string{"73": "0 to 72"}},
	"MobileEphemeralModeSettings.AutoCacheCleanupDays":         {[]string{"60"}, map[string]string{"61": "0 to 60"}},
	"LogSettings.ConsoleLevel": {[]string{"INFO", "stdlog"},
		map[string]string{"foo": `is "foo", which is not a log level (one of panic, fatal`, "critical": "not a log level",
			"": "not a log level"}},
	"LogSettings.FileLevel":    {[]string{"trace"}, map[string]string{"4": "not a log level"}},
	"LogSettings.MaxFieldSize": {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"SqlSettings.ReplicaMonitorIntervalSeconds": {[]string{"1"},
		map[string]string{"0": "it crashes", "9223372037": "it crashes"}},
	"EmailSettings.PushNotificationBuffer": {[]string{"0"}, map[string]string{"-1": "it crashes"}},
	"ServiceSettings.Forward80To443":       {[]string{"false"}, map[string]string{"true": "listens on port 8065"}},
	"ServiceSettings.UseLetsEncrypt": {[]string{"false"},
		map[string]string{"true": "needs ServiceSettings.Forward80To443"}},
	"ServiceSettings.LocalModeSocketLocation": {[]string{"/var/tmp/mattermost_local.socket"},
		map[string]string{"": "1 to 107", strings.Repeat("a", 108): "1 to 107"}},
	notificationTargets: {
		[]string{`{"flagged":["reviewers"]}`, `{"flagged":["author","reviewers"],"removed":[]}`},
		map[string]string{"{}": "does not notify the reviewers", `{"assigned":["reviewers"]}`: "does not notify",
			`{"flagged":["reviewers"],"x":[]}`: `the event "x"`, `{"flagged":["reviewers","x"]}`: `the target "x" at "flagged"`},
	},
}

func TestValidate(t *testing.T) {
	for name, test := range validity {
		t.Run(name, func(t *testing.T) {
			s := setting(t, name)
			for _, value := range test.good {
				if err := objection(s, value); err != nil {
					t.Errorf("%q %v", value, err)
				}
			}
			if len(test.bad) == 0 {
				t.Error("no bad value is tried")
			}
			for value, want := range test.bad {
				if err := objection(s, value); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%q %v\nwant %s", value, err, want)
				}
			}
		})
	}
}

// objection is what the server says of a value, with every switch on that makes it look.
func objection(s Setting, value string) error {
	if err := s.Validate(value, Newest); err != nil {
		return err
	}
	for _, c := range constraints {
		if c.name == s.Name() && c.holdsIn(Newest) {
			if err := c.check(s, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestConstraints misses a constraint without a test, one of no setting, and one that says nothing or several things.
func TestConstraints(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range constraints {
		s := setting(t, c.name)
		if _, tested := validity[c.name]; !tested {
			t.Errorf("%s: the constraint has no test", c.name)
		}
		seen[c.name] = true
		kinds := 0
		for _, is := range []bool{c.form != nil, c.oneOf != nil, c.shortest > 0, c.longest > 0, c.max != 0} {
			if is {
				kinds++
			}
		}
		if kinds != 1 {
			t.Errorf("%s: the constraint has %d kinds, want one", c.name, kinds)
		}
		if c.max != 0 && s.Type != Int {
			t.Errorf("%s: bounds of a number, but it is %s", c.name, s.Type)
		}
		if s.Sensitive && c.shortest == 0 && c.name != "SqlSettings.DataSource" {
			t.Errorf("%s: the constraint may show a secret", c.name)
		}
		for _, condition := range c.while {
			if other := setting(t, condition.name); other.Type != Bool && other.Type != String {
				t.Errorf("%s: the condition %s is %s", c.name, condition.name, other.Type)
			}
		}
	}
	for name := range validity {
		if !seen[name] {
			t.Errorf("%s: a test without a constraint", name)
		}
	}
	for _, name := range commasBelong {
		if s := setting(t, name); s.Type != List {
			t.Errorf("%s is no list", name)
		}
	}
}

func TestValidateCommas(t *testing.T) {
	err := setting(t, "AutoTranslationSettings.TargetLanguages").Validate("en,de fr", Newest)
	const want = `has the element "en,de": elements are separated by single spaces, not by commas`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for name, value := range map[string]string{
		"ServiceSettings.DCRRedirectURIAllowlist": "https://a.example.com/{b,c}/**",
		"SqlSettings.DataSourceReplicas":          "postgres://a,b/d",
		"LocalizationSettings.AvailableLocales":   "en,de", // a string, which the server splits itself
	} {
		if err := setting(t, name).Validate(value, Newest); err != nil {
			t.Errorf("%s %v", name, err)
		}
	}
}

// TestValidateSaysFirstWhatCheckEnvSays holds that a value which cannot be read is not held against a rule.
func TestValidateSaysFirstWhatCheckEnvSays(t *testing.T) {
	for s := range All() {
		if !slices.Contains([]Type{Bool, Int, Map, JSON}, s.Type) {
			continue
		}
		read, valid := s.CheckEnv("?"), s.Validate("?", Newest)
		if read == nil || valid == nil || read.Error() != valid.Error() {
			t.Errorf("%s: CheckEnv says %v, Validate %v", s.Name(), read, valid)
		}
	}
}
