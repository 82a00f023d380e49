// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"maps"
	"net/mail"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/settings"
)

var (
	timeOfDay = pattern(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	// pluginID is the server's own pattern (model.IsValidPluginId).
	pluginID = pattern(`^[a-zA-Z0-9-_.]{3,190}$`)
)

const (
	guestsAreOff  = "has no effect unless spec.guests.enabled is true; set that, or remove it"
	pluginsAreOff = "has no effect while spec.plugins.enabled is false; remove it, or set that to true"
)

// requiredField is a field that a section requires.
type requiredField struct{ name, value, example string }

// required reports required fields that are missing from a section.
func (s *subject) required(section string, fields ...requiredField) {
	for _, field := range fields {
		if field.value == "" {
			s.errorf(section+"."+field.name, "is required, for example %s", field.example)
		}
	}
}

// host reports a host name that is not one.
func (s *subject) host(field, text string) {
	if text != "" {
		if err := v1alpha1.CheckHost(text); err != nil {
			s.errorf(field, "%v", err)
		}
	}
}

// portNumber reports a port that is not one.
func (s *subject) portNumber(field string, port *int32) {
	if port != nil && (*port < 1 || *port > 65535) {
		s.errorf(field, "%d is not a port; expected 1 to 65535", *port)
	}
}

func ldap(s *subject) {
	ldap := s.spec.LDAP
	if ldap == nil || !ldap.Enabled {
		return
	}
	s.required("spec.ldap",
		requiredField{"server", ldap.Server, "ldap.example.com"},
		requiredField{"baseDN", ldap.BaseDN, `"ou=people,dc=example,dc=com"`},
		requiredField{"idAttribute", ldap.IDAttribute, "objectGUID, or entryUUID outside Active Directory"},
		requiredField{"usernameAttribute", ldap.UsernameAttribute, "sAMAccountName, or uid outside Active Directory"},
	)
	s.host("spec.ldap.server", ldap.Server)
	s.portNumber("spec.ldap.port", ldap.Port)
	if (ldap.BindUsername == "") != (ldap.BindPassword == nil) {
		s.errorf("spec.ldap.bindPassword", "requires both bindUsername and bindPassword, or neither for an anonymous search")
	}
	for _, given := range []struct{ field, text string }{
		{"userFilter", ldap.UserFilter}, {"guestFilter", ldap.GuestFilter}, {"adminFilter", ldap.AdminFilter},
		{"groupFilter", ldap.GroupFilter},
	} {
		if err := settings.CheckLDAPFilter(given.text); err != nil {
			s.errorf("spec.ldap."+given.field, "%v", err)
		}
	}
	if ldap.GuestFilter != "" && !orEmpty(s.spec.Guests).Enabled {
		s.warnf("spec.ldap.guestFilter", guestsAreOff)
	}
	if ldap.SyncIntervalMinutes != nil && *ldap.SyncIntervalMinutes < 1 {
		s.errorf("spec.ldap.syncIntervalMinutes", "must be at least 1, got %d", *ldap.SyncIntervalMinutes)
	}
}

func saml(s *subject) {
	saml := s.spec.SAML
	if saml == nil || !saml.Enabled {
		return
	}
	s.required("spec.saml",
		requiredField{"idpURL", saml.IdpURL, "https://login.example.com/auth/realms/my-realm/protocol/saml"},
		requiredField{"idpDescriptorURL", saml.IdpDescriptorURL, "https://login.example.com/auth/realms/my-realm"},
	)
	for _, address := range []struct{ field, text string }{{"idpURL", saml.IdpURL},
		{"idpMetadataURL", saml.IdpMetadataURL}} {
		if address.text == "" {
			continue
		}
		// Some identity providers distinguish clients by a query, such as Google's idpid.
		if u, err := v1alpha1.ParseQueryURL(address.text); err != nil {
			s.errorf("spec.saml."+address.field, "%v", err)
		} else if !u.TLS && !inCluster(u.Host) {
			s.errorf("spec.saml."+address.field, "begins with http://, so a man-in-the-middle can log in as any user; "+
				"use https://")
		}
	}
	for _, pair := range []struct{ field, text string }{{"guestAttribute", saml.GuestAttribute},
		{"adminAttribute", saml.AdminAttribute}} {
		if name, value, found := strings.Cut(pair.text, "="); pair.text != "" &&
			(!found || name == "" || value == "" || strings.Contains(value, "=")) {
			s.errorf("spec.saml."+pair.field, "%q is not an attribute and its value; write them with one equals sign, "+
				"for example role=guest", pair.text)
		}
	}
	if saml.GuestAttribute != "" && !orEmpty(s.spec.Guests).Enabled {
		s.warnf("spec.saml.guestAttribute", guestsAreOff)
	}
}

func openID(s *subject) {
	openID := s.spec.OpenID
	if openID == nil || !openID.Enabled {
		return
	}
	if s.spec.SSO.Enabled && s.spec.SSO.Provider == v1alpha1.SSOOpenID {
		s.errorf("spec.openid.enabled", "conflicts with spec.sso with provider openid, which is the same; set only one")
	}
	if openID.ClientID == nil {
		s.errorf("spec.openid.clientID", "is required; set it to the client's ID at the identity provider")
	}
	s.required("spec.openid",
		requiredField{"issuerURL", openID.IssuerURL, "https://login.example.com/auth/realms/my-realm"},
	)
	clientID(s, "spec.openid.clientID", openID.ClientID)
	if openID.ClientSecret == nil {
		s.errorf("spec.openid.clientSecret", "is required; set it to a string, {secretKeyRef: {name, "+
			"key}} or {externalSecret: {store: {name}, key}}")
	}
	if openID.IssuerURL != "" {
		address(s, "spec.openid.issuerURL", openID.IssuerURL, v1alpha1.ParseServiceURL)
	}
	if !containsWord(openID.Scope, "openid") {
		s.errorf("spec.openid.scope", "%q does not contain openid, so the identity provider would not use OpenID Connect; "+
			"write \"profile openid email\"", openID.Scope)
	}
}

// switches must be on for a service to be used. Without its own section each is off.
var switches = map[string][]string{
	"MM_EMAILSETTINGS_SMTPSERVER":             {"MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS"},
	"MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER": {"MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS"},
	"MM_LDAPSETTINGS_LDAPSERVER":              {"MM_LDAPSETTINGS_ENABLE", "MM_LDAPSETTINGS_ENABLESYNC"},
}

// idle reports whether nothing switches the use of a service on, which a variable names.
func (s *subject) idle(name string) bool {
	own := s.spec.Email != nil
	switch name {
	case "MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER":
		own = s.spec.Push != nil
	case "MM_LDAPSETTINGS_LDAPSERVER":
		own = orEmpty(s.spec.LDAP).Enabled
	}
	toggles, ok := switches[name]
	return ok && !own && !slices.ContainsFunc(toggles, s.isSwitchedOn)
}

// idleService reports a service that a variable names but nothing uses.
func (s *subject) idleService(name, message string) {
	if service, named := s.variable(name); named && (!service.known || service.value != "") && s.idle(name) {
		s.warnf(service.field, "%s"+message, service.prefix())
	}
}

func email(s *subject) {
	email := s.spec.Email
	if email == nil {
		s.idleService("MM_EMAILSETTINGS_SMTPSERVER",
			"names a mail server, but without spec.email the server sends no e-mail; configure the mail server there, "+
				"or set EmailSettings.SendEmailNotifications to true as well")
		return
	}
	s.required("spec.email",
		requiredField{"server", email.Server, "smtp.example.com"},
		requiredField{"from", email.From, "chat@example.com"},
	)
	s.host("spec.email.server", email.Server)
	s.portNumber("spec.email.port", email.Port)
	if (email.Username == "") != (email.Password == nil) {
		s.errorf("spec.email.password", "requires both username and password, or neither for a server without authentication")
	}
	for _, address := range []struct{ field, text string }{{"from", email.From}, {"replyTo", email.ReplyTo}} {
		if address.field == "replyTo" && !s.given("spec.email.replyTo") {
			continue // the default is the address in from
		}
		if parsed, err := mail.ParseAddress(address.text); address.text != "" &&
			(err != nil || parsed.Address != address.text) {
			s.errorf("spec.email."+address.field, "%q is not only an e-mail address; write for example chat@example.com",
				address.text)
		}
	}
}

func push(s *subject) {
	push := s.spec.Push
	if push == nil {
		s.idleService("MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER",
			"names a push proxy, but without spec.push the server sends no notifications; name it there, "+
				"or set EmailSettings.SendPushNotifications to true as well")
		return
	}
	switch push.Server {
	case "hosted-us", "hosted-eu", "hosted-ap", "hosted-global":
		return
	}
	if u, err := v1alpha1.ParseServiceURL(push.Server); err != nil {
		s.errorf("spec.push.server", "%q is neither one of hosted-global, hosted-us, hosted-eu, "+
			"hosted-ap nor the URL of a push proxy: %v", push.Server, err)
	} else if !u.TLS && !inCluster(u.Host) {
		s.warnf("spec.push.server", "begins with http://, so notifications are sent unencrypted; use https://")
	}
}

func compliance(s *subject) {
	if s.spec.Compliance == nil || s.spec.Compliance.Export == nil || !s.spec.Compliance.Export.Enabled {
		return
	}
	export := s.spec.Compliance.Export
	clock(s, "spec.compliance.export.dailyRunTime", export.DailyRunTime)
	relays := export.Format == "globalrelay" // globalrelay-zip is stored like the others
	relay := export.GlobalRelay
	switch {
	case relays && relay == nil:
		s.errorf("spec.compliance.export.globalRelay", "is required for the format globalrelay; set the account, "+
			"or use another format")
	case !relays && relay != nil:
		s.warnf("spec.compliance.export.globalRelay", "is not used by the format %s; remove it, or set format: globalrelay",
			export.Format)
	}
	if relay == nil || !relays {
		return
	}
	const section = "spec.compliance.export.globalRelay"
	s.required(section,
		requiredField{"customerType", relay.CustomerType, "A10"},
		requiredField{"emailAddress", relay.EmailAddress, "export@example.com"},
		requiredField{"username", relay.Username, "chat@example.com"},
	)
	if relay.EmailAddress != "" && !strings.Contains(relay.EmailAddress, "@") {
		s.errorf(section+".emailAddress", "%q is not an e-mail address; write for example export@example.com",
			relay.EmailAddress)
	}
	if relay.Password == nil {
		s.errorf(section+".password", "is required; set it to a string, {secretKeyRef: {name, key}} or {externalSecret: "+
			"{store: {name}, key}}")
	}
	if relay.CustomerType == "CUSTOM" {
		s.required(section, requiredField{"server", relay.Server, "smtp.example.com"})
		s.host(section+".server", relay.Server)
		s.portNumber(section+".port", relay.Port)
	} else if relay.Server != "" && relay.CustomerType != "" {
		s.warnf(section+".server", "is not used by the customer type %s, which has a fixed server; remove it, "+
			"or set customerType: CUSTOM", relay.CustomerType)
	}
}

// clock reports a time of day that is not one.
func clock(s *subject, field, text string) {
	if !timeOfDay().MatchString(text) {
		s.errorf(field, "%q is not a time of day; write hours and minutes, such as \"01:00\", in quotes", text)
	}
}

func oldMessages(s *subject) {
	retention := s.spec.Retention
	if retention == nil {
		return
	}
	clock(s, "spec.retention.deletionTime", retention.DeletionTime)
	for _, age := range []struct {
		what        string
		days, hours *int32
	}{
		{"message", retention.MessageDays, retention.MessageHours},
		{"file", retention.FileDays, retention.FileHours},
	} {
		field := "spec.retention." + age.what
		switch {
		case age.days != nil && age.hours != nil:
			s.conflictf(field+"Hours", age.what+"Days", "conflicts with %sDays, and the server does not start with both; "+
				"set only one", age.what)
		case age.days != nil && *age.days < 1:
			s.errorf(field+"Days", "must be at least 1, got %d; remove it to keep everything", *age.days)
		case age.hours != nil && *age.hours < 1:
			s.errorf(field+"Hours", "must be at least 1, got %d; remove it to keep everything", *age.hours)
		}
	}
	if retention.MessageDays == nil && retention.MessageHours == nil && retention.FileDays == nil &&
		retention.FileHours == nil {
		s.errorf("spec.retention", "has neither messageDays nor fileDays, so nothing would be deleted; set one of them, "+
			"or remove retention")
	}
	if s.spec.Compliance != nil && s.spec.Compliance.Export != nil && s.spec.Compliance.Export.Enabled &&
		(retention.MessageHours != nil && *retention.MessageHours < 48 || retention.MessageDays != nil &&
			*retention.MessageDays < 2) {
		s.warnf("spec.retention", "may delete messages before the daily compliance export has read them; "+
			"keep them for at least two days")
	}
}

func guests(s *subject) {
	guests := s.spec.Guests
	if guests == nil || !guests.Enabled {
		return
	}
	for i, domain := range guests.Domains {
		if err := v1alpha1.CheckHost(domain); err != nil {
			s.errorf(index("spec.guests.domains", i), "%v; write for example example.com, without @", err)
		}
	}
	ldap, saml := orEmpty(s.spec.LDAP), orEmpty(s.spec.SAML)
	external := ldap.Enabled && ldap.GuestFilter != "" || saml.Enabled && saml.GuestAttribute != ""
	if !*guests.EmailAccounts && !external {
		s.errorf("spec.guests.emailAccounts", "is false, and neither LDAP nor SAML defines guests, "+
			"so nobody could be a guest. Set it to true, or set spec.ldap.guestFilter or spec.saml.guestAttribute")
	}
	if everybody, ok := s.variable("MM_SERVICESETTINGS_ENFORCEMULTIFACTORAUTHENTICATION"); guests.EnforceMFA &&
		(!ok || everybody.known && !isOn(everybody.value)) {
		s.warnf("spec.guests.enforceMFA", "has no effect: the server requires a second factor from guests only if it "+
			"requires one from everyone; set ServiceSettings.EnableMultifactorAuthentication and "+
			"EnforceMultifactorAuthentication to true in spec.settings")
	}
}

func redisCache(s *subject) {
	redis := s.spec.Redis
	if redis == nil {
		return
	}
	if redis.Address == "" {
		s.errorf("spec.redis.address", "is required, for example redis.databases.svc.cluster.local:6379")
	} else if strings.Contains(redis.Address, "://") {
		s.errorf("spec.redis.address", "has a scheme; write only host:port")
	} else if _, port, err := v1alpha1.ParseHostPort(redis.Address, 0); err != nil {
		s.errorf("spec.redis.address", "%v; write host:port", err)
	} else if port == 0 {
		s.errorf("spec.redis.address", "%q has no port, and the server has no default; write %s:6379", redis.Address,
			redis.Address)
	}
	if redis.Database != nil && *redis.Database < 0 {
		s.errorf("spec.redis.database", "must be at least 0, got %d", *redis.Database)
	}
}

func plugins(s *subject) {
	plugins := s.spec.Plugins
	if plugins == nil {
		return
	}
	off := plugins.Enabled != nil && !*plugins.Enabled
	for _, id := range slices.Sorted(maps.Keys(plugins.States)) {
		if !pluginID().MatchString(id) {
			s.errorf("spec.plugins.states", "%q is not a plugin ID; write 3 to 190 letters, digits, dots, "+
				"hyphens and underscores", id)
		}
	}
	if off && len(plugins.States) > 0 {
		s.warnf("spec.plugins.states", pluginsAreOff)
	}
	for _, id := range slices.Sorted(maps.Keys(plugins.Settings)) {
		if _, ok := plugins.Settings[id].Value.(map[string]any); !ok || plugins.Settings[id].ContainsReference() {
			s.errorf("spec.plugins.settings", "%s: expected a mapping of the plugin's settings. "+
				"A secret cannot be referenced here: enter it in the System Console, or name the whole variable in spec.env", id)
		}
	}
	if off && s.spec.Plugins.Uploads != nil && *s.spec.Plugins.Uploads {
		s.warnf("spec.plugins.uploads", pluginsAreOff)
	}
}
