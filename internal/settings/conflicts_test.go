// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// unknown is a value that is known in the cluster only.
const unknown = "(unknown)"

func TestConflicts(t *testing.T) {
	const retention, relay, elastic = "DataRetentionSettings.", "MessageExportSettings.GlobalRelaySettings.",
		"ElasticsearchSettings."
	const translation = "AutoTranslationSettings."
	ldap := func(overrides ...string) []string {
		return append([]string{"LdapSettings.Enable=true", "LdapSettings.LdapServer=ldap.example.com",
			"LdapSettings.BaseDN=dc=example", "LdapSettings.EmailAttribute=mail",
			"LdapSettings.UsernameAttribute=uid", "LdapSettings.IdAttribute=uid", "LdapSettings.LoginIdAttribute=uid"},
			overrides...)
	}
	saml := func(overrides ...string) []string {
		return append([]string{"SamlSettings.Enable=true", "SamlSettings.IdpURL=https://idp.example.com",
			"SamlSettings.IdpDescriptorURL=https://idp.example.com", "SamlSettings.IdpCertificateFile=idp.crt",
			"SamlSettings.EmailAttribute=email", "SamlSettings.UsernameAttribute=username",
			"SamlSettings.ServiceProviderIdentifier=mattermost",
			"SamlSettings.AssertionConsumerServiceURL=https://chat.example.com/login/sso/saml",
			"SamlSettings.PrivateKeyFile=sp.key", "SamlSettings.PublicCertificateFile=sp.crt"}, overrides...)
	}
	export := func(overrides ...string) []string {
		return append([]string{"MessageExportSettings.EnableExport=true", "MessageExportSettings.ExportFormat=globalrelay",
			relay + "EmailAddress=a@b", relay + "SMTPUsername=u", relay + "SMTPPassword=hunter2"}, overrides...)
	}
	intune := func(overrides ...string) []string {
		return append([]string{"IntuneSettings.Enable=true", "IntuneSettings.AuthService=office365",
			"IntuneSettings.TenantId=12345678-1234-1234-1234-123456789012",
			"IntuneSettings.ClientId=12345678-1234-1234-1234-123456789012"}, overrides...)
	}
	azure := func(overrides ...string) []string {
		return append([]string{"FileSettings.DriverName=azureblob", "FileSettings.AzureStorageAccount=example",
			"FileSettings.AzureContainer=files", "FileSettings.AzureAccessKey=aHVudGVyMg=="}, overrides...)
	}
	for _, test := range []struct {
		name string
		set  []string
		want []string // the variables without MM_ and the message of each conflict
	}{
		{"nothing set", nil, nil},
		{"what the operator sets", []string{"ClusterSettings.Enable=true",
			"ServiceSettings.SiteURL=https://chat.example.com"}, nil},

		{"batching in a cluster", []string{"EmailSettings.EnableEmailBatching=true", "ClusterSettings.Enable=true",
			"ServiceSettings.SiteURL=https://a"},
			[]string{"EMAILSETTINGS_ENABLEEMAILBATCHING CLUSTERSETTINGS_ENABLE: EmailSettings.EnableEmailBatching " +
				"conflicts with ClusterSettings.Enable, which the Mattermost operator always sets, " +
				"and the server does not start; " +
				"set one of them to false"}},
		{"batching alone", []string{"EmailSettings.EnableEmailBatching=true", "ServiceSettings.SiteURL=https://a"}, nil},
		{"batching without a site", []string{"EmailSettings.EnableEmailBatching=1"},
			[]string{"EMAILSETTINGS_ENABLEEMAILBATCHING SERVICESETTINGS_SITEURL: EmailSettings.EnableEmailBatching needs " +
				"ServiceSettings.SiteURL, and without it the server does not start; set it"}},
		{"batching that the server cannot read", []string{"EmailSettings.EnableEmailBatching=yes"}, nil},
		{"cookies without a site", []string{"ServiceSettings.AllowCookiesForSubdomains=true"},
			[]string{"SERVICESETTINGS_ALLOWCOOKIESFORSUBDOMAINS SERVICESETTINGS_SITEURL: " +
				"ServiceSettings.AllowCookiesForSubdomains needs ServiceSettings.SiteURL, " +
				"and without it the server does not start; set it"}},
		{"TLS without files", []string{"ServiceSettings.ConnectionSecurity=TLS", "ServiceSettings.TLSCertFile=a"},
			[]string{"SERVICESETTINGS_CONNECTIONSECURITY SERVICESETTINGS_TLSKEYFILE: ServiceSettings.ConnectionSecurity=TLS " +
				"needs ServiceSettings.TLSKeyFile, and without it the server does not start; set it"}},
		{"TLS by Let's Encrypt", []string{"ServiceSettings.ConnectionSecurity=TLS", "ServiceSettings.UseLetsEncrypt=true"},
			nil},
		{"threads without following", []string{"ServiceSettings.ThreadAutoFollow=false"},
			[]string{"SERVICESETTINGS_COLLAPSEDTHREADS SERVICESETTINGS_THREADAUTOFOLLOW: " +
				"ServiceSettings.CollapsedThreads=always_on needs ServiceSettings.ThreadAutoFollow, " +
				"and without it the server does not start; set it to true, or ServiceSettings.CollapsedThreads to disabled"}},
		{"neither threads nor following", []string{"ServiceSettings.ThreadAutoFollow=false",
			"ServiceSettings.CollapsedThreads=disabled"}, nil},

		{"searching without indexing", []string{elastic + "EnableSearching=true", elastic + "EnableAutocomplete=true"},
			[]string{
				"ELASTICSEARCHSETTINGS_ENABLESEARCHING ELASTICSEARCHSETTINGS_ENABLEINDEXING: " +
					"ElasticsearchSettings.EnableSearching needs ElasticsearchSettings.EnableIndexing, " +
					"and without it the server does not start; set it to true",
				"ELASTICSEARCHSETTINGS_ENABLEAUTOCOMPLETE ELASTICSEARCHSETTINGS_ENABLEINDEXING: " +
					"ElasticsearchSettings.EnableAutocomplete needs ElasticsearchSettings.EnableIndexing, " +
					"and without it the server does not start; set it to true"}},
		{"CJK without searching", []string{elastic + "EnableCJKAnalyzers=true"},
			[]string{"ELASTICSEARCHSETTINGS_ENABLECJKANALYZERS ELASTICSEARCHSETTINGS_ENABLESEARCHING: " +
				"ElasticsearchSettings.EnableCJKAnalyzers needs ElasticsearchSettings.EnableSearching, " +
				"and without it the server does not start; set it to true"}},
		{"all of Elasticsearch", []string{elastic + "EnableIndexing=true", elastic + "EnableSearching=true",
			elastic + "EnableAutocomplete=true", elastic + "EnableCJKAnalyzers=true", elastic + "IndexPrefix=all_one_",
			elastic + "GlobalSearchPrefix=all_"}, nil},
		{"indexing nowhere", []string{elastic + "EnableIndexing=true", elastic + "ConnectionURL="},
			[]string{"ELASTICSEARCHSETTINGS_ENABLEINDEXING ELASTICSEARCHSETTINGS_CONNECTIONURL: " +
				"ElasticsearchSettings.EnableIndexing needs ElasticsearchSettings.ConnectionURL, " +
				"and without it the server does not start; set it"}},
		{"a search prefix without an index prefix", []string{elastic + "GlobalSearchPrefix=all_"},
			[]string{
				`ELASTICSEARCHSETTINGS_GLOBALSEARCHPREFIX ELASTICSEARCHSETTINGS_INDEXPREFIX: ` +
					`ElasticsearchSettings.GlobalSearchPrefix is "all_", but ElasticsearchSettings.IndexPrefix ("") does not begin ` +
					`with it, and the server does not start; one must begin with the other`}},
		{"a search prefix of another index prefix", []string{elastic + "GlobalSearchPrefix=all_",
			elastic + "IndexPrefix=one_"},
			[]string{
				`ELASTICSEARCHSETTINGS_GLOBALSEARCHPREFIX ELASTICSEARCHSETTINGS_INDEXPREFIX: ` +
					`ElasticsearchSettings.GlobalSearchPrefix is "all_", but ElasticsearchSettings.IndexPrefix ("one_") does not ` +
					`begin with it, and the server does not start; one must begin with the other`}},

		{"hours with the default days", []string{retention + "MessageRetentionHours=24"},
			[]string{"DATARETENTIONSETTINGS_MESSAGERETENTIONHOURS DATARETENTIONSETTINGS_MESSAGERETENTIONDAYS: " +
				"DataRetentionSettings.MessageRetentionHours is 24 and DataRetentionSettings.MessageRetentionDays is 365, " +
				"and the server accepts only one of them; set the other to 0"}},
		{"hours instead of days", []string{retention + "MessageRetentionHours=24", retention + "MessageRetentionDays=0"},
			nil},
		{"neither hours nor days", []string{retention + "FileRetentionDays=0"},
			[]string{"DATARETENTIONSETTINGS_FILERETENTIONDAYS DATARETENTIONSETTINGS_FILERETENTIONHOURS: " +
				"DataRetentionSettings.FileRetentionDays and DataRetentionSettings.FileRetentionHours are both 0, " +
				"and the server does not start; set one of them"}},

		{"an export to Global Relay", export(), nil},
		{"an export that is off", append(export(), "MessageExportSettings.EnableExport=false", relay+"EmailAddress="), nil},
		{"an export in another format", []string{"MessageExportSettings.EnableExport=true"}, nil},
		{"an export without an address", export(relay + "EmailAddress=b"),
			[]string{"MESSAGEEXPORTSETTINGS_EXPORTFORMAT MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_EMAILADDRESS: " +
				"MessageExportSettings.ExportFormat=globalrelay needs an e-mail address in " +
				"MessageExportSettings.GlobalRelaySettings.EmailAddress, and without it the server does not start; set it"}},
		{"an export without a password", export(relay+"SMTPPassword=", relay+"SMTPUsername="),
			[]string{"MESSAGEEXPORTSETTINGS_EXPORTFORMAT MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_SMTPUSERNAME " +
				"MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_SMTPPASSWORD: MessageExportSettings.ExportFormat=globalrelay needs " +
				"MessageExportSettings.GlobalRelaySettings.SMTPUsername and " +
				"MessageExportSettings.GlobalRelaySettings.SMTPPassword, and without it the server does not start; set them"}},
		{"an export to a server of one's own", export(relay+"CustomerType=CUSTOM", relay+"CustomSMTPServerName=smtp"), nil},
		{"an export to no server", export(relay + "CustomerType=CUSTOM"),
			[]string{"MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMERTYPE " +
				"MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMSMTPSERVERNAME: " +
				"MessageExportSettings.GlobalRelaySettings.CustomerType=CUSTOM needs " +
				"MessageExportSettings.GlobalRelaySettings.CustomSMTPServerName, " +
				"and without it the server does not start; set it"}},

		{"LDAP", ldap(), nil},
		{"LDAP that lacks something", ldap("LdapSettings.BaseDN=", "LdapSettings.IdAttribute=",
			"LdapSettings.LoginIdAttribute="),
			[]string{"LDAPSETTINGS_ENABLE LDAPSETTINGS_BASEDN LDAPSETTINGS_IDATTRIBUTE LDAPSETTINGS_LOGINIDATTRIBUTE: " +
				"LdapSettings.Enable needs LdapSettings.BaseDN, LdapSettings.IdAttribute and LdapSettings.LoginIdAttribute, " +
				"and without it the server does not start; set them"}},
		{"LDAP that is off", ldap("LdapSettings.Enable=false", "LdapSettings.BaseDN="), nil},

		{"SAML", saml(), nil},
		{"SAML that lacks something", saml("SamlSettings.IdpCertificateFile="),
			[]string{"SAMLSETTINGS_ENABLE SAMLSETTINGS_IDPCERTIFICATEFILE: " +
				"SamlSettings.Enable needs SamlSettings.IdpCertificateFile, and without it the server does not start; set it"}},
		{"SAML without the files of encryption", saml("SamlSettings.PrivateKeyFile=", "SamlSettings.PublicCertificateFile="),
			[]string{"SAMLSETTINGS_ENCRYPT SAMLSETTINGS_PRIVATEKEYFILE SAMLSETTINGS_PUBLICCERTIFICATEFILE: " +
				"SamlSettings.Encrypt (on by default) needs SamlSettings.PrivateKeyFile and SamlSettings.PublicCertificateFile, " +
				"and without it the server does not start; set them"}},
		{"SAML without an address to answer to", saml("SamlSettings.AssertionConsumerServiceURL="),
			[]string{"SAMLSETTINGS_VERIFY SAMLSETTINGS_ASSERTIONCONSUMERSERVICEURL: SamlSettings.Verify (on by default) needs " +
				"SamlSettings.AssertionConsumerServiceURL, and without it the server does not start; set it"}},
		{"SAML that neither verifies nor encrypts", saml("SamlSettings.Verify=false", "SamlSettings.Encrypt=false",
			"SamlSettings.PrivateKeyFile=", "SamlSettings.AssertionConsumerServiceURL="), nil},

		{"Redis", []string{"CacheSettings.CacheType=redis", "CacheSettings.RedisAddress=redis:6379",
			"CacheSettings.RedisDB=0"}, nil},
		{"Redis without anything", []string{"CacheSettings.CacheType=redis"}, []string{
			"CACHESETTINGS_CACHETYPE CACHESETTINGS_REDISADDRESS: CacheSettings.CacheType=redis needs " +
				"CacheSettings.RedisAddress, and without it the server does not start; set it",
			"CACHESETTINGS_CACHETYPE CACHESETTINGS_REDISDB: CacheSettings.CacheType=redis needs a CacheSettings.RedisDB of 0 " +
				"or more, but it is -1, and the server does not start; set it, to 0 if Redis is used for nothing else"}},

		{"magic links and a second factor", []string{"GuestAccountsSettings.EnableGuestMagicLink=true",
			"GuestAccountsSettings.EnforceMultifactorAuthentication=true"},
			[]string{"GUESTACCOUNTSSETTINGS_ENABLEGUESTMAGICLINK GUESTACCOUNTSSETTINGS_ENFORCEMULTIFACTORAUTHENTICATION: " +
				"GuestAccountsSettings.EnableGuestMagicLink conflicts with " +
				"GuestAccountsSettings.EnforceMultifactorAuthentication, and the server does not start; set one of them to false"}},
		{"magic links", []string{"GuestAccountsSettings.EnableGuestMagicLink=true"}, nil},

		{"locales that lack the client's", []string{"LocalizationSettings.AvailableLocales=de,fr"},
			[]string{
				`LOCALIZATIONSETTINGS_AVAILABLELOCALES LOCALIZATIONSETTINGS_DEFAULTCLIENTLOCALE: ` +
					`LocalizationSettings.AvailableLocales is "de,fr" and lacks LocalizationSettings.DefaultClientLocale (en), ` +
					`which the server adds; add it, or set another default [dormant]`}},
		{"locales", []string{"LocalizationSettings.AvailableLocales=de,en"}, nil},
		{"an image proxy without an address", []string{"ImageProxySettings.Enable=true",
			"ImageProxySettings.ImageProxyType=atmos/camo", "ImageProxySettings.RemoteImageProxyOptions=key"},
			[]string{"IMAGEPROXYSETTINGS_IMAGEPROXYTYPE IMAGEPROXYSETTINGS_REMOTEIMAGEPROXYURL: " +
				"ImageProxySettings.ImageProxyType=atmos/camo needs ImageProxySettings.RemoteImageProxyURL, " +
				"and without it the server does not start; set it"}},
		{"the local image proxy", []string{"ImageProxySettings.Enable=true"}, nil},
		{"reports by mail to nobody", []string{"SupportSettings.ReportAProblemType=email"},
			[]string{"SUPPORTSETTINGS_REPORTAPROBLEMTYPE SUPPORTSETTINGS_REPORTAPROBLEMMAIL: " +
				"SupportSettings.ReportAProblemType=email needs an e-mail address in lower case in " +
				"SupportSettings.ReportAProblemMail, and without it the server does not start; set it"}},
		{"reports by mail", []string{"SupportSettings.ReportAProblemType=email",
			"SupportSettings.ReportAProblemMail=help@example.com"}, nil},
		{"reports by a link to nowhere", []string{"SupportSettings.ReportAProblemType=link",
			"SupportSettings.ReportAProblemLink=help"},
			[]string{"SUPPORTSETTINGS_REPORTAPROBLEMTYPE SUPPORTSETTINGS_REPORTAPROBLEMLINK: " +
				"SupportSettings.ReportAProblemType=link needs a URL in SupportSettings.ReportAProblemLink, " +
				"and without it the server does not start; set it"}},
		{"reports by a link", []string{"SupportSettings.ReportAProblemType=link"}, nil},

		{"Intune", intune("Office365Settings.Enable=true"), nil},
		{"Intune without its way to log in", intune(),
			[]string{"INTUNESETTINGS_AUTHSERVICE OFFICE365SETTINGS_ENABLE: IntuneSettings.AuthService=office365 needs " +
				"Office365Settings.Enable, and without it the server does not start; set it to true"}},
		{"Intune without an application", intune("Office365Settings.Enable=true", "IntuneSettings.ClientId="),
			[]string{"INTUNESETTINGS_ENABLE INTUNESETTINGS_CLIENTID: IntuneSettings.Enable needs IntuneSettings.ClientId, " +
				"and without it the server does not start; set it"}},
		{"Intune that is off", intune("IntuneSettings.Enable=false", "IntuneSettings.ClientId="), nil},

		{"an audit file", []string{"ExperimentalAuditSettings.FileEnabled=true",
			"ExperimentalAuditSettings.FileName=audit.log"}, nil},
		{"an audit file without a name", []string{"ExperimentalAuditSettings.FileEnabled=true"},
			[]string{"EXPERIMENTALAUDITSETTINGS_FILEENABLED EXPERIMENTALAUDITSETTINGS_FILENAME: " +
				"ExperimentalAuditSettings.FileEnabled needs ExperimentalAuditSettings.FileName, " +
				"and without it the server does not start; set it"}},

		{"translation", []string{translation + "Enable=true", translation + "Provider=libretranslate",
			translation + "LibreTranslate.URL=https://translate.example.com"}, nil},
		{"translation by nobody", []string{translation + "Enable=true"},
			[]string{"AUTOTRANSLATIONSETTINGS_ENABLE AUTOTRANSLATIONSETTINGS_PROVIDER: AutoTranslationSettings.Enable needs " +
				"AutoTranslationSettings.Provider, and without it the server does not start; set it"}},
		{"translation by a server without an address", []string{translation + "Enable=true",
			translation + "Provider=libretranslate"},
			[]string{"AUTOTRANSLATIONSETTINGS_PROVIDER AUTOTRANSLATIONSETTINGS_LIBRETRANSLATE_URL: " +
				"AutoTranslationSettings.Provider=libretranslate needs AutoTranslationSettings.LibreTranslate.URL, " +
				"and without it the server does not start; set it"}},
		{"translation by an unknown agent", []string{translation + "Enable=true", translation + "Provider=agents"},
			[]string{"AUTOTRANSLATIONSETTINGS_PROVIDER AUTOTRANSLATIONSETTINGS_AGENTS_LLMSERVICEID: " +
				"AutoTranslationSettings.Provider=agents needs AutoTranslationSettings.Agents.LLMServiceID, " +
				"and without it the server does not start; set it"}},

		{"files in Azure", azure(), nil},
		{"files in Azure with half a key", azure("FileSettings.AzureAccessKey=aHVudGVyMg"),
			[]string{"FILESETTINGS_DRIVERNAME FILESETTINGS_AZUREACCESSKEY: FileSettings.DriverName=azureblob needs the access " +
				"key as Azure shows it, in base64, in FileSettings.AzureAccessKey, and with anything else the server does not " +
				"start; copy it whole, including the = at its end"}},
		{"a key that is not used", azure("FileSettings.AzureAccessKey=x",
			"FileSettings.AzureAuthMode=default_credential"), nil},
		{"files in no container", azure("FileSettings.AzureContainer="),
			[]string{"FILESETTINGS_DRIVERNAME FILESETTINGS_AZURECONTAINER: FileSettings.DriverName=azureblob needs " +
				"FileSettings.AzureContainer, and without it the server does not start; set it"}},
		{"files of no account", azure("FileSettings.AzureStorageAccount=A"),
			[]string{"FILESETTINGS_DRIVERNAME FILESETTINGS_AZURESTORAGEACCOUNT: FileSettings.DriverName=azureblob needs the " +
				"name of a storage account in FileSettings.AzureStorageAccount, of 3 to 24 lower-case letters and digits, " +
				"and without it the server does not start; set it"}},
		{"feature flags that are fetched without a pause",
			[]string{"ServiceSettings.SplitKey=key", "ServiceSettings.FeatureFlagSyncIntervalSeconds=0"},
			[]string{"SERVICESETTINGS_FEATUREFLAGSYNCINTERVALSECONDS SERVICESETTINGS_SPLITKEY: " +
				"ServiceSettings.FeatureFlagSyncIntervalSeconds is 0, with which the server crashes while " +
				"ServiceSettings.SplitKey is set; must be 1 or more"}},

		{"a value of a section that is off", []string{"SamlSettings.IdpURL=idp"},
			[]string{"SAMLSETTINGS_IDPURL: SamlSettings.IdpURL is \"idp\", which is not a URL; " +
				"it must begin with https:// or http://; it will not start once SamlSettings.Enable is true [dormant]"}},
		{"the same of a section that is on", saml("SamlSettings.IdpURL=idp"),
			[]string{"SAMLSETTINGS_IDPURL SAMLSETTINGS_ENABLE: SamlSettings.IdpURL is \"idp\", which is not a URL; " +
				"it must begin with https:// or http:// (SamlSettings.Enable is true)"}},

		{"what only the cluster knows is as it should be",
			append(ldap("LdapSettings.BaseDN="+unknown, "LdapSettings.UserFilter="+unknown),
				"EmailSettings.EnableEmailBatching=true",
				"ServiceSettings.SiteURL="+unknown, "CacheSettings.CacheType=redis", "CacheSettings.RedisAddress="+unknown,
				"CacheSettings.RedisDB="+unknown, retention+"MessageRetentionHours="+unknown), nil},
		{"a switch that only the cluster knows asks for nothing", []string{"LdapSettings.Enable=" + unknown,
			"SamlSettings.Enable=" + unknown, "CacheSettings.CacheType=" + unknown}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			environment := map[string]string{}
			for _, assignment := range test.set {
				name, value, _ := strings.Cut(assignment, "=")
				environment[setting(t, name).Env] = value
			}
			var got []string
			for _, conflict := range Conflicts(Newest, func(env string) (Value, bool) {
				value, set := environment[env]
				return Value{Text: value, Known: value != unknown}, set
			}) {
				message := conflict.Message
				if conflict.Dormant {
					message += " [dormant]"
				}
				got = append(got, strings.ReplaceAll(strings.Join(conflict.Envs, " "), "MM_", "")+": "+message)
				if strings.Contains(conflict.Message, "hunter2") {
					t.Error("a secret is shown")
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(test.want, "\n     "))
			}
		})
	}
}

// TestConflictsAsksForSettings holds that every variable that Conflicts asks for is that of a setting, with a default.
func TestConflictsAsksForSettings(t *testing.T) {
	on := map[string]string{
		"MM_CACHESETTINGS_CACHETYPE": "redis", "MM_MESSAGEEXPORTSETTINGS_EXPORTFORMAT": "globalrelay",
		"MM_SERVICESETTINGS_CONNECTIONSECURITY":                     "TLS",
		"MM_MESSAGEEXPORTSETTINGS_GLOBALRELAYSETTINGS_CUSTOMERTYPE": "CUSTOM",
		"MM_IMAGEPROXYSETTINGS_IMAGEPROXYTYPE":                      "atmos/camo",
	}
	asked := 0
	Conflicts(Newest, func(env string) (Value, bool) {
		asked++
		s, found := FindEnv(env)
		if !found {
			t.Errorf("%q is no variable", env)
		}
		if _, ok := s.DefaultValue(); !ok {
			t.Errorf("%s has no default", s.Name())
		}
		if value, set := on[env]; set {
			return Value{value, true}, true
		}
		return Value{"true", true}, s.Type == Bool
	})
	if asked < 40 {
		t.Errorf("only %d variables were asked for", asked)
	}
}

// TestNames looks for every name of a setting in the sources, so that a misspelled one is missed.
func TestNames(t *testing.T) {
	for _, file := range []string{"conflicts.go", "constraints.go", "encode.go", "env.go", "features.go", "forms.go",
		"logging.go", "secret.go", "settings.go", "validate.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`"([A-Z]\w*Settings\.[\w.]*\w)"`).FindAllStringSubmatch(string(source), -1) {
			section, key, _ := strings.Cut(match[1], ".")
			if _, found := Find(section, key); !found && !IsGroup(section, key) {
				t.Errorf("%s: no setting %s", file, match[1])
			}
		}
	}
}
