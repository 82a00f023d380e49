// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Value is the value of an environment variable.
type Value struct {
	Text string
	// Known is false if the value is known only in the cluster, such as one from a Secret.
	Known bool
}

// Conflict is a combination of settings with which the server does not start, although each may be valid on its own.
type Conflict struct {
	// Envs are the variables of the settings. The message begins with the first one.
	Envs []string
	// Message describes the conflict and the fix.
	Message string
	// Dormant is true if the server starts nevertheless: it checks the first setting only when another one is switched
	// on, or corrects it.
	Dormant bool
}

// Conflicts returns the combinations that a server of the release rejects (Config.IsValid in server/public/model/
// config.go), in a fixed order. The function get returns the value of an environment variable and whether it is set; a
// variable that is not set has the default of its setting. The function get must include what the operator sets: it
// always sets MM_CLUSTERSETTINGS_ENABLE=true, and MM_SERVICESETTINGS_SITEURL if it knows the host.
//
// A value that the server cannot parse counts as the default, which the server uses then. A value that is not known
// counts as not empty and has no conflicts. No message shows a sensitive value.
func Conflicts(release Release, get func(env string) (Value, bool)) []Conflict {
	c := conflicts{release: release, get: get}
	c.email()
	c.web()
	c.elasticsearch()
	c.retention()
	c.messageExport()
	c.ldap()
	c.saml()
	c.intune()
	c.cache()
	c.guests()
	c.localization()
	c.imageProxy()
	c.support()
	c.audit()
	c.autoTranslation()
	c.files()
	c.featureFlags()
	c.conditional()
	return c.found
}

// conflicts collects the conflicts that are found.
type conflicts struct {
	release Release
	get     func(env string) (Value, bool)
	found   []Conflict
}

// report adds a conflict between the named settings.
func (c *conflicts) report(names []string, format string, args ...any) {
	c.found = append(c.found, Conflict{Envs: envs(names), Message: fmt.Sprintf(format, args...)})
}

// dormant adds a conflict with which the server still starts.
func (c *conflicts) dormant(names []string, format string, args ...any) {
	c.found = append(c.found, Conflict{Envs: envs(names), Message: fmt.Sprintf(format, args...), Dormant: true})
}

func envs(names []string) []string {
	envs := make([]string, len(names))
	for i, name := range names {
		envs[i] = named(name).Env
	}
	return envs
}

// named returns a setting by its full name, such as ServiceSettings.SiteURL. A test checks every name against the
// table.
func named(name string) Setting {
	section, key, _ := strings.Cut(name, ".")
	s, _ := Find(section, key)
	return s
}

// value is what the server uses for a setting.
func (c *conflicts) value(name string) Value {
	s := named(name)
	if value, set := c.get(s.Env); set && s.Presence(c.release) != Absent && (!value.Known || s.parses(value.Text)) {
		return value
	}
	text, _ := s.DefaultValue()
	return Value{Text: text, Known: true}
}

// text is the value of a setting, empty where it is not known.
func (c *conflicts) text(name string) string { return c.value(name).Text }

// is reports whether a switch is known to be on.
func (c *conflicts) is(name string) bool {
	on, _ := strconv.ParseBool(c.text(name))
	return on
}

// isOff reports whether a switch is known to be off.
func (c *conflicts) isOff(name string) bool {
	on, err := strconv.ParseBool(c.text(name))
	return err == nil && !on
}

// number is the value of a setting, and whether it is known.
func (c *conflicts) number(name string) (int64, bool) {
	number, err := strconv.ParseInt(c.text(name), 10, 64)
	return number, err == nil
}

// lacks reports whether a setting is known not to be as wanted.
func (c *conflicts) lacks(name string, wanted func(text string) bool) bool {
	value := c.value(name)
	return value.Known && !wanted(value.Text)
}

// isEmpty reports whether a setting is known to be empty.
func (c *conflicts) isEmpty(name string) bool {
	value := c.value(name)
	return value.Known && value.Text == ""
}

// needs reports those of the settings that are empty while another setting asks for them.
func (c *conflicts) needs(cause, because string, names ...string) {
	var missing []string
	for _, name := range names {
		if c.isEmpty(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		c.report(append([]string{cause}, missing...), "%s needs %s, and without it the server does not start; set %s",
			because, enumerate(missing), themOrIt(missing))
	}
}

// needsOn reports that a switch is off while another setting asks for it.
func (c *conflicts) needsOn(cause, because, name string) {
	if c.isOff(name) {
		c.report([]string{cause, name}, "%s needs %s, and without it the server does not start; set it to true",
			because, name)
	}
}

// enumerate joins names: A, B and C.
func enumerate(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func themOrIt(names []string) string {
	if len(names) == 1 {
		return "it"
	}
	return "them"
}

// conditional checks every value that is set against the constraints that depend on other settings.
func (c *conflicts) conditional() {
	for i := range constraints {
		constraint := &constraints[i]
		if len(constraint.while) == 0 || !constraint.holdsIn(c.release) {
			continue
		}
		s := named(constraint.name)
		value, set := c.get(s.Env)
		if !set || !value.Known || s.CheckEnv(value.Text) != nil {
			continue
		}
		if err := constraint.check(s, value.Text); err != nil {
			c.reportConditional(constraint, err)
		}
	}
}

func (c *conflicts) reportConditional(constraint *constraint, err error) {
	names, conditions, hold := []string{constraint.name}, []string{}, true
	for _, condition := range constraint.while {
		names = append(names, condition.name)
		conditions = append(conditions, fmt.Sprintf("%s is %s", condition.name, condition.value))
		hold = hold && c.has(condition)
	}
	if hold {
		c.report(names, "%s %v (%s)", constraint.name, err, strings.Join(conditions, ", "))
		return
	}
	c.dormant(names[:1], "%s %v; it will not start once %s", constraint.name, err, strings.Join(conditions, " and "))
}

// has reports whether a condition is known to hold.
func (c *conflicts) has(condition condition) bool {
	if named(condition.name).Type == Bool {
		return c.is(condition.name)
	}
	return c.text(condition.name) == condition.value
}

func (c *conflicts) email() {
	const batching = "EmailSettings.EnableEmailBatching"
	if !c.is(batching) {
		return
	}
	// Each server would send its own batches.
	if c.is("ClusterSettings.Enable") {
		c.report([]string{batching, "ClusterSettings.Enable"},
			"%s conflicts with ClusterSettings.Enable, which the Mattermost operator always sets, "+
				"and the server does not start; set one of them to false", batching)
	}
	c.needs(batching, batching, "ServiceSettings.SiteURL")
}

func (c *conflicts) web() {
	const cookies, security = "ServiceSettings.AllowCookiesForSubdomains", "ServiceSettings.ConnectionSecurity"
	if c.is(cookies) {
		c.needs(cookies, cookies, "ServiceSettings.SiteURL")
	}
	if c.text(security) == "TLS" && c.isOff("ServiceSettings.UseLetsEncrypt") {
		c.needs(security, security+"=TLS", "ServiceSettings.TLSCertFile", "ServiceSettings.TLSKeyFile")
	}
	const threads, follow = "ServiceSettings.CollapsedThreads", "ServiceSettings.ThreadAutoFollow"
	if mode := c.value(threads); mode.Known && mode.Text != "disabled" && c.isOff(follow) {
		c.report([]string{threads, follow}, "%s=%s needs %s, and without it the server does not start; "+
			"set it to true, or %s to disabled", threads, mode.Text, follow, threads)
	}
}

func (c *conflicts) elasticsearch() {
	const section = "ElasticsearchSettings."
	for _, pair := range [...][2]string{
		{"EnableSearching", "EnableIndexing"},
		{"EnableAutocomplete", "EnableIndexing"},
		{"EnableCJKAnalyzers", "EnableSearching"},
	} {
		if on := section + pair[0]; c.is(on) {
			c.needsOn(on, on, section+pair[1])
		}
	}
	if c.is(section + "EnableIndexing") {
		c.needs(section+"EnableIndexing", section+"EnableIndexing", section+"ConnectionURL")
	}
	const search, index = section + "GlobalSearchPrefix", section + "IndexPrefix"
	if wanted := c.text(search); wanted != "" && c.lacks(index,
		func(prefix string) bool { return strings.HasPrefix(prefix, wanted) }) {
		c.report([]string{search, index}, "%s is %q, but %s (%q) does not begin with it, and the server does not start; "+
			"one must begin with the other", search, wanted, index, c.text(index))
	}
}

// retention requires either days or hours, for messages and for files, even if nothing is deleted.
func (c *conflicts) retention() {
	for _, what := range [...]string{"MessageRetention", "FileRetention"} {
		days, hours := "DataRetentionSettings."+what+"Days", "DataRetentionSettings."+what+"Hours"
		d, known := c.number(days)
		h, alsoKnown := c.number(hours)
		switch {
		case !known || !alsoKnown:
		case d > 0 && h > 0:
			c.report([]string{hours, days}, "%s is %d and %s is %d, and the server accepts only one of them; set the other to 0",
				hours, h, days, d)
		case d == 0 && h == 0:
			c.report([]string{days, hours}, "%s and %s are both 0, and the server does not start; set one of them", days, hours)
		}
	}
}

func (c *conflicts) messageExport() {
	const export, format, relay = "MessageExportSettings.EnableExport", "MessageExportSettings.ExportFormat",
		"MessageExportSettings.GlobalRelaySettings."
	if !c.is(export) || c.text(format) != "globalrelay" {
		return
	}
	if c.lacks(relay+"EmailAddress", func(address string) bool { return strings.Contains(address, "@") }) {
		c.report([]string{format, relay + "EmailAddress"}, "%s=globalrelay needs an e-mail address in %sEmailAddress, "+
			"and without it the server does not start; set it", format, relay)
	}
	c.needs(format, format+"=globalrelay", relay+"CustomerType", relay+"SMTPUsername", relay+"SMTPPassword")
	if c.text(relay+"CustomerType") == "CUSTOM" {
		c.needs(relay+"CustomerType", relay+"CustomerType=CUSTOM", relay+"CustomSMTPServerName", relay+"CustomSMTPPort")
	}
}

func (c *conflicts) ldap() {
	const section = "LdapSettings."
	if c.is(section + "Enable") {
		c.needs(section+"Enable", section+"Enable", section+"LdapServer", section+"BaseDN", section+"EmailAttribute",
			section+"UsernameAttribute", section+"IdAttribute", section+"LoginIdAttribute")
	}
}

func (c *conflicts) saml() {
	const section = "SamlSettings."
	if !c.is(section + "Enable") {
		return
	}
	c.needs(section+"Enable", section+"Enable", section+"IdpURL", section+"IdpDescriptorURL", section+"IdpCertificateFile",
		section+"EmailAttribute", section+"UsernameAttribute", section+"ServiceProviderIdentifier")
	// Both are on by default.
	if c.is(section + "Verify") {
		c.needs(section+"Verify", section+"Verify (on by default)", section+"AssertionConsumerServiceURL")
	}
	if c.is(section + "Encrypt") {
		c.needs(section+"Encrypt", section+"Encrypt (on by default)", section+"PrivateKeyFile",
			section+"PublicCertificateFile")
	}
}

// intune requires the login method that it extends to be enabled.
func (c *conflicts) intune() {
	const section, service = "IntuneSettings.", "IntuneSettings.AuthService"
	if !c.is(section + "Enable") {
		return
	}
	c.needs(section+"Enable", section+"Enable", section+"TenantId", section+"ClientId", service)
	switch c.text(service) {
	case "office365":
		c.needsOn(service, service+"=office365", "Office365Settings.Enable")
	case "saml":
		c.needsOn(service, service+"=saml", "SamlSettings.Enable")
	}
}

func (c *conflicts) cache() {
	const kind, address, database = "CacheSettings.CacheType", "CacheSettings.RedisAddress", "CacheSettings.RedisDB"
	if c.text(kind) != "redis" {
		return
	}
	c.needs(kind, kind+"=redis", address)
	if number, known := c.number(database); known && number < 0 {
		c.report([]string{kind, database}, "%s=redis needs a %s of 0 or more, but it is %d, and the server does not start; "+
			"set it, to 0 if Redis is used for nothing else", kind, database, number)
	}
}

func (c *conflicts) guests() {
	const link, factor = "GuestAccountsSettings.EnableGuestMagicLink",
		"GuestAccountsSettings.EnforceMultifactorAuthentication"
	if c.is(link) && c.is(factor) {
		c.report([]string{link, factor}, "%s conflicts with %s, and the server does not start; set one of them to false",
			link, factor)
	}
}

// localization: the server corrects a list that lacks the default locale before it checks the list
// (server/config/utils.go, fixInvalidLocales). Setting.Caution reports unknown locales.
func (c *conflicts) localization() {
	const available, client = "LocalizationSettings.AvailableLocales", "LocalizationSettings.DefaultClientLocale"
	list, locale := c.text(available), c.text(client)
	if list != "" && knownLocales(list) == nil && knownLocale(locale) == nil &&
		!slices.Contains(strings.Split(list, ","), locale) {
		c.dormant([]string{available, client}, "%s is %q and lacks %s (%s), which the server adds; add it, "+
			"or set another default", available, list, client, locale)
	}
}

func (c *conflicts) imageProxy() {
	const kind = "ImageProxySettings.ImageProxyType"
	if c.is("ImageProxySettings.Enable") && c.text(kind) == "atmos/camo" {
		c.needs(kind, kind+"=atmos/camo", "ImageProxySettings.RemoteImageProxyURL",
			"ImageProxySettings.RemoteImageProxyOptions")
	}
}

func (c *conflicts) support() {
	const kind, mail, link = "SupportSettings.ReportAProblemType", "SupportSettings.ReportAProblemMail",
		"SupportSettings.ReportAProblemLink"
	switch c.text(kind) {
	case "email":
		if c.lacks(mail, isEmail) {
			c.report([]string{kind, mail}, "%s=email needs an e-mail address in lower case in %s, "+
				"and without it the server does not start; set it", kind, mail)
		}
	case "link":
		if c.lacks(link, isWebAddress) {
			c.report([]string{kind, link}, "%s=link needs a URL in %s, and without it the server does not start; set it",
				kind, link)
		}
	}
}

func (c *conflicts) audit() {
	const on = "ExperimentalAuditSettings.FileEnabled"
	if c.is(on) {
		c.needs(on, on, "ExperimentalAuditSettings.FileName")
	}
}

func (c *conflicts) autoTranslation() {
	const on, provider = "AutoTranslationSettings.Enable", "AutoTranslationSettings.Provider"
	if !c.is(on) {
		return
	}
	c.needs(on, on, provider)
	switch c.text(provider) {
	case "libretranslate":
		c.needs(provider, provider+"=libretranslate", "AutoTranslationSettings.LibreTranslate.URL")
	case "agents":
		c.needs(provider, provider+"=agents", "AutoTranslationSettings.Agents.LLMServiceID")
	}
}

// files requires all parts of a connection to Azure Blob Storage. The server checks the parts of the account when it
// creates the store (platform/shared/filestore, CheckMandatoryAzureFields), the rest with the configuration.
func (c *conflicts) files() {
	if c.release.Before(AzureSince) {
		return
	}
	c.azure("", true)
	c.azure("Export", c.is("FileSettings.DedicatedExportStore"))
}

func (c *conflicts) azure(store string, used bool) {
	driver, prefix := "FileSettings."+store+"DriverName", "FileSettings."+store+"Azure"
	cloud, account := prefix+"Cloud", prefix+"StorageAccount"
	if c.text(cloud) == "custom" {
		c.needs(cloud, cloud+"=custom", prefix+"Endpoint")
	}
	if c.text(driver) != "azureblob" {
		return
	}
	because := driver + "=azureblob"
	if c.lacks(cloud, func(text string) bool { return text == "custom" }) && c.lacks(account, azureAccount().MatchString) {
		c.report([]string{driver, account}, "%s needs the name of a storage account in %s, "+
			"of 3 to 24 lower-case letters and digits, and without it the server does not start; set it", because, account)
	}
	if used {
		c.needs(driver, because, prefix+"Container")
		if c.text(cloud) == "custom" {
			c.needs(driver, because, account)
		}
		if c.text(prefix+"AuthMode") == "shared_key" {
			c.needs(driver, because, prefix+"AccessKey")
			if c.lacks(prefix+"AccessKey", isBase64) {
				c.report([]string{driver, prefix + "AccessKey"}, "%s needs the access key as Azure shows it, in base64, in "+
					"%sAccessKey, and with anything else the server does not start; copy it whole, including the = at its end",
					because, prefix)
			}
		}
	}
}

// isBase64 reports whether Azure's library accepts an account key (azblob.NewSharedKeyCredential). An empty key is
// reported as missing.
func isBase64(text string) bool {
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}

// featureFlags: the job that fetches feature flags crashes the server if the interval is not positive (platform/
// feature_flags.go).
func (c *conflicts) featureFlags() {
	const key, interval = "ServiceSettings.SplitKey", "ServiceSettings.FeatureFlagSyncIntervalSeconds"
	if seconds, known := c.number(interval); known && seconds < 1 && !c.isEmpty(key) {
		c.report([]string{interval, key}, "%s is %d, with which the server crashes while %s is set; must be 1 or more",
			interval, seconds, key)
	}
}
