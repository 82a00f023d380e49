package settings

import (
	"slices"
	"strings"
	"testing"
)

// validity holds every rule with values that the server takes and values that it refuses; behind each of these stands
// what the error says.
var validity = map[string]struct {
	good []string
	bad  map[string]string
}{
	"ServiceSettings.SiteURL": {
		[]string{"", "https://chat.example.com", "http://localhost:8065/sub"},
		map[string]string{"chat.example.com": `is "chat.example.com", which is no address; write one with a scheme, such as https://chat.example.com`},
	},
	"ServiceSettings.WebsocketURL": {[]string{"", "wss://chat.example.com"}, map[string]string{"chat": "no address"}},
	"ServiceSettings.ListenAddress": {
		[]string{":8065", "127.0.0.1:80", "[::1]:8065", "chat:0", "chat.example.com.:65535", "a_b:1"},
		map[string]string{
			"8065": `is "8065", which is no address to listen at`, ":http": "no address", ":65536": "no address", ":-1": "no address",
			"::1:8065": "no address", "[::1:80": "no address", "[chat]:80": "no address", "-a:80": "no address", "a..b:80": "no address", "a b:80": "no address", "123:80": "no address",
			strings.Repeat("a", 64) + ":80": "no address", strings.Repeat("a.", 127) + ":80": "no address", "": "no address", ":": "no address",
		},
	},
	"ServiceSettings.ConnectionSecurity": {[]string{"", "TLS"}, map[string]string{"STARTTLS": `is "STARTTLS", which the server refuses (one of "", TLS)`}},
	"ServiceSettings.TLSOverwriteCiphers": {
		[]string{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"},
		map[string]string{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 AES": `holds "AES", which the server does not know`},
	},
	"ServiceSettings.ReadTimeout":                              {[]string{"1"}, map[string]string{"0": "is 0, which the server refuses; write 1 or more", "-1": "is -1"}},
	"ServiceSettings.WriteTimeout":                             {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.MaximumLoginAttempts":                     {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.MaximumPayloadSizeBytes":                  {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.MaximumURLLength":                         {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.TimeBetweenUserTypingUpdatesMilliseconds": {[]string{"1000"}, map[string]string{"999": "1000 or more"}},
	"ServiceSettings.OutgoingIntegrationRequestsTimeout":       {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.PersistentNotificationIntervalMinutes":    {[]string{"2"}, map[string]string{"1": "2 or more"}},
	"ServiceSettings.PersistentNotificationMaxCount":           {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.PersistentNotificationMaxRecipients":      {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ServiceSettings.ExperimentalGroupUnreadChannels":          {[]string{"default_on"}, map[string]string{"on": "one of disabled, default_on, default_off"}},
	"ServiceSettings.CollapsedThreads":                         {[]string{"disabled", "always_on"}, map[string]string{"true": "one of disabled, default_on, default_off, always_on", "": `is ""`}},
	"TeamSettings.SiteName":                                    {[]string{"", strings.Repeat("a", 30)}, map[string]string{strings.Repeat("ä", 16): "has 32 bytes, and the server refuses more than 30"}},
	"TeamSettings.MaxUsersPerTeam":                             {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.MaxChannelsPerTeam":                          {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.MaxNotificationsPerChannel":                  {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.UserStatusAwayTimeout":                       {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"TeamSettings.RestrictDirectMessage":                       {[]string{"any", "team"}, map[string]string{"all": "one of any, team"}},
	"TeamSettings.TeammateNameDisplay":                         {[]string{"full_name"}, map[string]string{"nickname": "one of username, nickname_full_name, full_name"}},
	"TeamSettings.ExperimentalViewArchivedChannels":            {[]string{"true", "1"}, map[string]string{"false": "is false, and the server refuses to start with that: archived channels can be seen since 11.0", "0": "is false"}},
	"ExperimentalSettings.ClientSideCertEnable":                {[]string{"false"}, map[string]string{"true": "is true, and the server refuses to start with that: logging in with client certificates is gone since 11.0"}},
	"ExperimentalSettings.LinkMetadataTimeoutMilliseconds":     {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.DriverName":                                   {[]string{"postgres"}, map[string]string{"mysql": `is "mysql", which the server refuses (only postgres is taken): there is no MySQL since 11.0`, "postgresql": "only postgres"}},
	"SqlSettings.DataSource":                                   {[]string{"postgres://u:p@h/d"}, map[string]string{"": "is empty, which the server refuses"}},
	"SqlSettings.MaxIdleConns":                                 {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.MaxOpenConns":                                 {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.QueryTimeout":                                 {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.AnalyticsQueryTimeout":                        {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"SqlSettings.ConnMaxLifetimeMilliseconds":                  {[]string{"0"}, map[string]string{"-1": "is -1, which the server refuses; write 0 or more"}},
	"SqlSettings.ConnMaxIdleTimeMilliseconds":                  {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"SqlSettings.AtRestEncryptKey":                             {[]string{"", strings.Repeat("k", 32)}, map[string]string{strings.Repeat("k", 31): "is too short: it has 31 characters, and the server refuses less than 32; leave the setting out to have one made"}},
	"FileSettings.PublicLinkSalt":                              {[]string{"", strings.Repeat("s", 32)}, map[string]string{"s": "is too short"}},
	"LogSettings.AdvancedLoggingJSON": {
		[]string{"{}", `{"a":{"type":"console","levels":[{"id":5,"name":"debug"},{"id":144,"name":"LDAPTrace"}]}}`, `{"a":{"levels":[{"id":99},{"id":110}]}}`},
		map[string]string{
			`{"b":{"levels":[{"id":100,"name":"audit-api"}]}}`: `has the level audit-api in its target "b", which belongs to the audit log; move it to ExperimentalAuditSettings.AdvancedLoggingJSON`,
			`{"b":{"Levels":[{"ID":103}]}}`:                    `has the level 103 in its target "b"`,
			`{"b":{"levels":[{"id":100}]}}`:                    `has the level 100 in its target "b"`,
			`{"b":{"levels":[{"id":109}]}}`:                    `has the level 109 in its target "b"`,
			"[]":                                               "is JSON, but no object",
		},
	},
	"ExperimentalAuditSettings.AdvancedLoggingJSON": {
		[]string{"{}", `{"a":{"type":"file","levels":[{"id":100,"name":"audit-api"}]}}`, `{"a":{"levels":[{"id":100},{"id":109}]}}`},
		map[string]string{
			`{"a":{"levels":[{"id":5,"name":"debug"}]}}`: `has the level debug in its target "a", which does not belong to the audit log`,
			`{"a":{"levels":[{"id":99}]}}`:               `has the level 99 in its target "a"`,
			`{"a":{"levels":[{"id":110}]}}`:              `has the level 110 in its target "a"`,
		},
	},
	"PasswordSettings.MinimumLength":                  {[]string{"5", "72"}, map[string]string{"4": "is 4, which the server refuses; write 5 to 72", "73": "5 to 72"}},
	"FileSettings.DriverName":                         {[]string{"local", "amazons3", "azureblob"}, map[string]string{"s3": "one of local, amazons3, azureblob"}},
	"FileSettings.Directory":                          {[]string{"/mattermost/data"}, map[string]string{"": "is empty", "/data ": `is "/data ", and the server refuses blanks around it`}},
	"FileSettings.MaxFileSize":                        {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"FileSettings.MaxImageDecoderConcurrency":         {[]string{"-1", "1"}, map[string]string{"0": "is 0, which the server refuses; write 1 or more, or -1", "-2": "is -2"}},
	"FileSettings.AmazonS3RequestTimeoutMilliseconds": {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"FileSettings.AmazonS3PathPrefix":                 {[]string{"", "a/b"}, map[string]string{" a": "blanks"}},
	"FileSettings.AmazonS3StorageClass":               {[]string{"", "GLACIER_IR"}, map[string]string{"standard": `one of "", STANDARD`}},
	"FileSettings.ExportAmazonS3StorageClass":         {[]string{"STANDARD_IA"}, map[string]string{"COLD": `one of "", STANDARD`}},
	"FileSettings.AzurePathPrefix":                    {[]string{"", "a.b/c"}, map[string]string{"a/../b": "two dots", "a ": "blanks"}},
	"EmailSettings.ConnectionSecurity":                {[]string{"", "PLAIN", "TLS", "STARTTLS"}, map[string]string{"tls": `one of "", PLAIN, TLS, STARTTLS`}},
	"EmailSettings.EmailBatchingInterval":             {[]string{"30"}, map[string]string{"29": "30 or more"}},
	"EmailSettings.EmailBatchingBufferSize":           {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"EmailSettings.EmailNotificationContentsType":     {[]string{"generic"}, map[string]string{"none": "one of full, generic"}},
	"RateLimitSettings.PerSec":                        {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"RateLimitSettings.MaxBurst":                      {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"RateLimitSettings.MemoryStoreSize":               {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"LdapSettings.ConnectionSecurity":                 {[]string{"", "TLS", "STARTTLS"}, map[string]string{"PLAIN": `one of "", TLS, STARTTLS`}},
	"LdapSettings.SyncIntervalMinutes":                {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"LdapSettings.MaxPageSize":                        {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"LdapSettings.MaximumLoginAttempts":               {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"LdapSettings.UserFilter": {
		[]string{
			"", "(objectClass=*)", "(&(objectClass=user)(|(mail=*@example.com)(!(cn=a))))", "(cn>=b)", "(cn~=b)", "(&)",
			`(cn=\28a\29)`, "(memberOf:1.2.840.113556.1.4.1941:=CN=a,OU=b)", "(cn=a(b)", "(!cn=a)", "((cn=a))",
		},
		map[string]string{
			"objectClass=*":     "is no LDAP filter: it lacks an opening parenthesis; write one such as (&(objectClass=user)(mail=*))",
			"(objectClass=*":    "it lacks a closing parenthesis",
			"(&(a=b)(c=d)":      "it lacks a closing parenthesis",
			"(a=b)(c=d)":        "it goes on behind its last parenthesis",
			"(a=b) ":            "it goes on behind its last parenthesis",
			"(objectClass)":     "it lacks an attribute and an equals sign between two parentheses",
			"()":                "it lacks an attribute",
			"(=b)":              "it lacks an attribute",
			`(cn=\)`:            "it has a backslash without two hexadecimal digits behind it",
			`(cn=a\2g)`:         "it has a backslash",
			"(&(a=b) (c=d))":    "it lacks a closing parenthesis",
			"(!(a=b)(c=d))":     "it lacks a closing parenthesis",
			"(&(a=b)(!(c=d))))": "it goes on",
			"(|(a)(b=c))":       "it lacks an attribute",
			"(!(a))":            "it lacks an attribute",
		},
	},
	"LdapSettings.GuestFilter":                               {[]string{"(a=b)"}, map[string]string{"a": "no LDAP filter"}},
	"LdapSettings.AdminFilter":                               {[]string{"(a=b)"}, map[string]string{"a": "no LDAP filter"}},
	"SamlSettings.IdpURL":                                    {[]string{"", "https://idp.example.com/sso"}, map[string]string{"idp.example.com": "is no web address", "https://": "no web address", "ldap://a": "no web address"}},
	"SamlSettings.AssertionConsumerServiceURL":               {[]string{"https://chat.example.com/login/sso/saml"}, map[string]string{"/login": "no web address"}},
	"SamlSettings.GuestAttribute":                            {[]string{"", "usertype=guest"}, map[string]string{"guest": `is "guest", and the server takes one attribute and its value`, "a=b=c": "one attribute"}},
	"SamlSettings.AdminAttribute":                            {[]string{"a=b"}, map[string]string{"a": "one attribute"}},
	"SamlSettings.SignatureAlgorithm":                        {[]string{"RSAwithSHA512"}, map[string]string{"SHA256": "one of RSAwithSHA1"}},
	"SamlSettings.CanonicalAlgorithm":                        {[]string{"Canonical1.1"}, map[string]string{"1.0": "one of Canonical1.0"}},
	"CacheSettings.CacheType":                                {[]string{"lru", "redis"}, map[string]string{"valkey": "one of lru, redis"}},
	"MetricsSettings.ClientSideUserIds":                      {[]string{"abcdefghijklmnopqrstuvwx12"}, map[string]string{"admin": "is no user's id", "ABCDEFGHIJKLMNOPQRSTUVWX12": "is no user's id", "a b c d e f": "holds 6 ids"}},
	"ElasticsearchSettings.Backend":                          {[]string{"elasticsearch", "opensearch"}, map[string]string{"": "one of elasticsearch, opensearch"}},
	"ElasticsearchSettings.PostsAggregatorJobStartTime":      {[]string{"03:00", "23:59"}, map[string]string{"3am": `is "3am", which is no time of day; write hours and minutes, such as 02:00`, "24:00": "no time of day", "": "no time of day"}},
	"ElasticsearchSettings.AggregatePostsAfterDays":          {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.LiveIndexingBatchSize":            {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.BatchSize":                        {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.RequestTimeoutSeconds":            {[]string{"1"}, map[string]string{"0": "1 or more"}},
	"ElasticsearchSettings.IgnoredPurgeIndexes":              {[]string{"", "a,b-c"}, map[string]string{"a,-b": `holds "-b"`}},
	"DataRetentionSettings.MessageRetentionDays":             {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.MessageRetentionHours":            {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.FileRetentionDays":                {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.FileRetentionHours":               {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"DataRetentionSettings.DeletionJobStartTime":             {[]string{"02:00"}, map[string]string{"2": "no time of day"}},
	"MessageExportSettings.ExportFormat":                     {[]string{"globalrelay-zip"}, map[string]string{"Actiance": "one of actiance, globalrelay, globalrelay-zip, csv"}},
	"MessageExportSettings.DailyRunTime":                     {[]string{"01:00"}, map[string]string{"1 am": "no time of day"}},
	"MessageExportSettings.BatchSize":                        {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"MessageExportSettings.ExportFromTimestamp":              {[]string{"0"}, map[string]string{"-1": "0 or more"}},
	"MessageExportSettings.GlobalRelaySettings.CustomerType": {[]string{"A9", "A10", "CUSTOM"}, map[string]string{"A11": "one of A9, A10, CUSTOM"}},
	"PluginSettings.PluginStates":                            {[]string{"{}", `{"a":{"enable":true}}`}, map[string]string{`{"a":{"Enable":true},"b":{"Enabled":true}}`: `has a state of "b" without Enable, which switches the plugin off`}},
	"DisplaySettings.CustomURLSchemes":                       {[]string{"git smb x-y+z.1"}, map[string]string{"git://": `holds "git://", which is no scheme`, "1a": "no scheme"}},
	"ImageProxySettings.ImageProxyType":                      {[]string{"local", "atmos/camo"}, map[string]string{"camo": "one of local, atmos/camo"}},
	"ImportSettings.Directory":                               {[]string{"./import"}, map[string]string{"": "is empty"}},
	"ImportSettings.RetentionDays":                           {[]string{"1"}, map[string]string{"0": "1 or more"}},
}

func TestValidate(t *testing.T) {
	for name, test := range validity {
		t.Run(name, func(t *testing.T) {
			s := setting(t, name)
			for _, value := range test.good {
				if err := s.Validate(value); err != nil {
					t.Errorf("%q %v", value, err)
				}
			}
			if len(test.bad) == 0 {
				t.Error("no bad value is tried")
			}
			for value, want := range test.bad {
				if err := s.Validate(value); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%q %v\nwant %s", value, err, want)
				}
			}
		})
	}
}

// TestRules misses a rule without a test, one of no setting, and one that says nothing or several things.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules {
		s := setting(t, r.name)
		if _, tested := validity[r.name]; !tested {
			t.Errorf("%s: the rule has no test", r.name)
		}
		if seen[r.name] {
			t.Errorf("%s: there are two rules", r.name)
		}
		seen[r.name] = true
		said := 0
		for _, says := range []bool{r.form != nil, r.oneOf != nil, r.shortest > 0, r.longest > 0, r.max != 0} {
			if says {
				said++
			}
		}
		if said != 1 {
			t.Errorf("%s: the rule says %d things", r.name, said)
		}
		if r.max != 0 && s.Type != Int {
			t.Errorf("%s: bounds of a number, but it is %s", r.name, s.Type)
		}
		if s.Sensitive && r.shortest == 0 && r.name != "SqlSettings.DataSource" {
			t.Errorf("%s: the rule may show a secret", r.name)
		}
	}
	for name := range validity {
		if !seen[name] {
			t.Errorf("%s: a test without a rule", name)
		}
	}
	for _, name := range commasBelong {
		if s := setting(t, name); s.Type != List {
			t.Errorf("%s is no list", name)
		}
	}
}

func TestValidateCommas(t *testing.T) {
	err := setting(t, "AutoTranslationSettings.TargetLanguages").Validate("en,de fr")
	const want = `has the element "en,de": commas do not part elements, so it is one; write single spaces instead`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for name, value := range map[string]string{
		"ServiceSettings.DCRRedirectURIAllowlist": "https://{a,b}.example.com/**",
		"SqlSettings.DataSourceReplicas":          "postgres://a,b/d",
		"LocalizationSettings.AvailableLocales":   "en,de", // a string, which the server parts itself
	} {
		if err := setting(t, name).Validate(value); err != nil {
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
		read, valid := s.CheckEnv("?"), s.Validate("?")
		if read == nil || valid == nil || read.Error() != valid.Error() {
			t.Errorf("%s: CheckEnv says %v, Validate %v", s.Name(), read, valid)
		}
	}
}
