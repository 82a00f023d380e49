package settings

import (
	"fmt"
	"strconv"
	"strings"
)

// Conflict is a combination of settings that keeps the server from starting, although each by itself may be fine.
type Conflict struct {
	// Envs are the variables of the settings, the one that the message begins with first.
	Envs []string
	// Message says what does not go together and what to do.
	Message string
}

// Conflicts returns the combinations that the server refuses (Config.IsValid in server/public/model/config.go), in a fixed
// order. The function get returns the value of an environment variable and whether it is set; a variable that is not set
// has the default of its setting. What the operator sets by itself has to come from get too: it always sets
// MM_CLUSTERSETTINGS_ENABLE=true, and MM_SERVICESETTINGS_SITEURL where it knows the host.
//
// A value that nobody knows while building, such as one from a Secret, is best given as any text that is not empty. A
// value that the server could not read counts as the default, since that is what the server uses then. No message shows a
// value that is sensitive.
func Conflicts(get func(env string) (string, bool)) []Conflict {
	c := conflicts{get: get}
	c.email()
	c.web()
	c.elasticsearch()
	c.retention()
	c.messageExport()
	c.ldap()
	c.saml()
	c.cache()
	c.guests()
	c.localization()
	c.imageProxy()
	c.support()
	return c.found
}

// conflicts gathers what is found.
type conflicts struct {
	get   func(env string) (string, bool)
	found []Conflict
}

// report adds a conflict between the named settings.
func (c *conflicts) report(names []string, format string, args ...any) {
	envs := make([]string, len(names))
	for i, name := range names {
		envs[i] = named(name).Env
	}
	c.found = append(c.found, Conflict{Envs: envs, Message: fmt.Sprintf(format, args...)})
}

// named returns a setting by its full name, such as ServiceSettings.SiteURL. A test holds every name against the table.
func named(name string) Setting {
	section, key, _ := strings.Cut(name, ".")
	s, _ := Find(section, key)
	return s
}

// text is the value that the server uses for a setting.
func (c *conflicts) text(name string) string {
	s := named(name)
	if value, set := c.get(s.Env); set && s.parses(value) {
		return value
	}
	value, _ := s.DefaultValue()
	return value
}

func (c *conflicts) is(name string) bool {
	on, _ := strconv.ParseBool(c.text(name))
	return on
}

func (c *conflicts) number(name string) int64 {
	number, _ := strconv.ParseInt(c.text(name), 10, 64)
	return number
}

// needs reports those of the settings that are empty while another setting asks for them.
func (c *conflicts) needs(cause, because string, names ...string) {
	var missing []string
	for _, name := range names {
		if c.text(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		c.report(append([]string{cause}, missing...), "%s needs %s, and without the server does not start; set %s",
			because, enumerate(missing), themOrIt(missing))
	}
}

// enumerate writes names as a person would: A, B and C.
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

func (c *conflicts) email() {
	const batching = "EmailSettings.EnableEmailBatching"
	if !c.is(batching) {
		return
	}
	// Each server would send its own batches.
	if c.is("ClusterSettings.Enable") {
		c.report([]string{batching, "ClusterSettings.Enable"},
			"%s does not go with ClusterSettings.Enable, which the Mattermost operator always sets, and the server does not start; set one of them to false", batching)
	}
	c.needs(batching, batching, "ServiceSettings.SiteURL")
}

func (c *conflicts) web() {
	const cookies, security = "ServiceSettings.AllowCookiesForSubdomains", "ServiceSettings.ConnectionSecurity"
	if c.is(cookies) {
		c.needs(cookies, cookies, "ServiceSettings.SiteURL")
	}
	if c.text(security) == "TLS" && !c.is("ServiceSettings.UseLetsEncrypt") {
		c.needs(security, security+"=TLS", "ServiceSettings.TLSCertFile", "ServiceSettings.TLSKeyFile")
	}
	const threads, follow = "ServiceSettings.CollapsedThreads", "ServiceSettings.ThreadAutoFollow"
	if mode := c.text(threads); mode != "disabled" && !c.is(follow) {
		c.report([]string{threads, follow}, "%s=%s needs %s, and without the server does not start; set it to true, or %s to disabled", threads, mode, follow, threads)
	}
}

func (c *conflicts) elasticsearch() {
	const section = "ElasticsearchSettings."
	for _, pair := range [...][2]string{
		{"EnableSearching", "EnableIndexing"},
		{"EnableAutocomplete", "EnableIndexing"},
		{"EnableCJKAnalyzers", "EnableSearching"},
	} {
		if on, needed := section+pair[0], section+pair[1]; c.is(on) && !c.is(needed) {
			c.report([]string{on, needed}, "%s needs %s, and without the server does not start; set it to true", on, needed)
		}
	}
	if c.is(section + "EnableIndexing") {
		c.needs(section+"EnableIndexing", section+"EnableIndexing", section+"ConnectionURL")
	}
	const search, index = section + "GlobalSearchPrefix", section + "IndexPrefix"
	if wanted := c.text(search); wanted != "" && !strings.HasPrefix(c.text(index), wanted) {
		c.report([]string{search, index}, "%s is %q, but %s (%q) does not begin with it, and the server does not start; let one begin with the other", search, wanted, index, c.text(index))
	}
}

// retention wants either days or hours, for messages and for files: whether anything is deleted does not matter.
func (c *conflicts) retention() {
	for _, what := range [...]string{"MessageRetention", "FileRetention"} {
		days, hours := "DataRetentionSettings."+what+"Days", "DataRetentionSettings."+what+"Hours"
		switch d, h := c.number(days), c.number(hours); {
		case d > 0 && h > 0:
			c.report([]string{hours, days}, "%s is %d and %s is %d, and the server takes only one of them; set the other to 0", hours, h, days, d)
		case d == 0 && h == 0:
			c.report([]string{days, hours}, "%s and %s are both 0, and the server does not start; set one of them", days, hours)
		}
	}
}

func (c *conflicts) messageExport() {
	const export, format, relay = "MessageExportSettings.EnableExport", "MessageExportSettings.ExportFormat", "MessageExportSettings.GlobalRelaySettings."
	if !c.is(export) || c.text(format) != "globalrelay" {
		return
	}
	if !strings.Contains(c.text(relay+"EmailAddress"), "@") {
		c.report([]string{format, relay + "EmailAddress"}, "%s=globalrelay needs an e-mail address in %sEmailAddress, and without the server does not start; set it", format, relay)
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
	// Both are on unless switched off.
	if c.is(section + "Verify") {
		c.needs(section+"Verify", section+"Verify (on by default)", section+"AssertionConsumerServiceURL")
	}
	if c.is(section + "Encrypt") {
		c.needs(section+"Encrypt", section+"Encrypt (on by default)", section+"PrivateKeyFile", section+"PublicCertificateFile")
	}
}

func (c *conflicts) cache() {
	const kind, address, database = "CacheSettings.CacheType", "CacheSettings.RedisAddress", "CacheSettings.RedisDB"
	if c.text(kind) != "redis" {
		return
	}
	c.needs(kind, kind+"=redis", address)
	if number := c.number(database); number < 0 {
		c.report([]string{kind, database}, "%s=redis needs a %s of 0 or more, but it is %d, and the server does not start; set it, to 0 if Redis serves nothing else", kind, database, number)
	}
}

func (c *conflicts) guests() {
	const link, factor = "GuestAccountsSettings.EnableGuestMagicLink", "GuestAccountsSettings.EnforceMultifactorAuthentication"
	if c.is(link) && c.is(factor) {
		c.report([]string{link, factor}, "%s does not go with %s, and the server does not start; set one of them to false", link, factor)
	}
}

// localization is as it was read in the source of 10.6: the locale need only stand somewhere in the text.
func (c *conflicts) localization() {
	const available, client = "LocalizationSettings.AvailableLocales", "LocalizationSettings.DefaultClientLocale"
	if locales, locale := c.text(available), c.text(client); locales != "" && !strings.Contains(locales, locale) {
		c.report([]string{available, client}, "%s is %q and lacks %s (%s), and the server does not start; add it", available, locales, client, locale)
	}
}

// imageProxy is as it was read in the source of 10.6.
func (c *conflicts) imageProxy() {
	const kind = "ImageProxySettings.ImageProxyType"
	if c.is("ImageProxySettings.Enable") && c.text(kind) == "atmos/camo" {
		c.needs(kind, kind+"=atmos/camo", "ImageProxySettings.RemoteImageProxyURL", "ImageProxySettings.RemoteImageProxyOptions")
	}
}

// support is as it was read in the source of 10.6.
func (c *conflicts) support() {
	const kind, mail, link = "SupportSettings.ReportAProblemType", "SupportSettings.ReportAProblemMail", "SupportSettings.ReportAProblemLink"
	switch c.text(kind) {
	case "email":
		if !strings.Contains(c.text(mail), "@") {
			c.report([]string{kind, mail}, "%s=email needs an e-mail address in %s, and without the server does not start; set it", kind, mail)
		}
	case "link":
		if !isWebAddress(c.text(link)) {
			c.report([]string{kind, link}, "%s=link needs a web address in %s, and without the server does not start; set it", kind, link)
		}
	}
}
