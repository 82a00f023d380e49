// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// connectionSecurity returns the server's value: an empty string if the connection is not encrypted.
func connectionSecurity(text string) string {
	if text == "None" {
		return ""
	}
	return text
}

// ldap lets users log in with their directory account.
func (b *builder) ldap() {
	ldap := b.spec.LDAP
	if ldap == nil || !ldap.Enabled {
		return
	}
	const section = "LdapSettings"
	set, text := b.setters(section, "spec.ldap")
	set("Enable", true, "enabled")
	b.set(section, "EnableSync", true, noField)
	set("LdapServer", ldap.Server, "server")
	set("LdapPort", int64(*ldap.Port), "port")
	set("ConnectionSecurity", connectionSecurity(ldap.ConnectionSecurity), "connectionSecurity")
	set("BaseDN", ldap.BaseDN, "baseDN")
	text("BindUsername", ldap.BindUsername, "bindUsername")
	if ldap.BindPassword != nil {
		b.setSecret(section, "BindPassword", ldap.BindPassword, "spec.ldap.bindPassword")
	}
	text("UserFilter", ldap.UserFilter, "userFilter")
	text("GuestFilter", ldap.GuestFilter, "guestFilter")
	text("GroupFilter", ldap.GroupFilter, "groupFilter")
	if ldap.AdminFilter != "" {
		set("EnableAdminFilter", true, "adminFilter")
		set("AdminFilter", ldap.AdminFilter, "adminFilter")
	}
	set("IdAttribute", ldap.IDAttribute, "idAttribute")
	set("LoginIdAttribute", ldap.LoginIDAttribute, "loginIDAttribute")
	set("UsernameAttribute", ldap.UsernameAttribute, "usernameAttribute")
	set("EmailAttribute", ldap.EmailAttribute, "emailAttribute")
	text("FirstNameAttribute", ldap.FirstNameAttribute, "firstNameAttribute")
	text("LastNameAttribute", ldap.LastNameAttribute, "lastNameAttribute")
	if ldap.SyncIntervalMinutes != nil {
		set("SyncIntervalMinutes", int64(*ldap.SyncIntervalMinutes), "syncIntervalMinutes")
	}
	b.destination(Destination{Kind: DestinationLDAP, Host: ldap.Server, Port: *ldap.Port,
		TLS: ldap.ConnectionSecurity == "TLS"})
}

// saml lets users log in with SAML. Verification of responses is always on, which requires the URL that they are sent
// to.
func (b *builder) saml() {
	saml := b.spec.SAML
	if saml == nil || !saml.Enabled {
		return
	}
	const section = "SamlSettings"
	set, text := b.setters(section, "spec.saml")
	set("Enable", true, "enabled")
	b.set(section, "Verify", true, noField)
	set("Encrypt", saml.Encrypt, "encrypt")
	set("SignRequest", saml.SignRequest, "signRequest")
	set("IdpURL", saml.IdpURL, "idpURL")
	set("IdpDescriptorURL", saml.IdpDescriptorURL, "idpDescriptorURL")
	text("IdpMetadataURL", saml.IdpMetadataURL, "idpMetadataURL")
	set("IdpCertificateFile", saml.IdpCertificateFile, "idpCertificateFile")
	set("ServiceProviderIdentifier", orElse(saml.ServiceProviderIdentifier, b.Site.String()), "serviceProviderIdentifier")
	b.set(section, "AssertionConsumerServiceURL", b.SAMLAnswer(), noField)
	if saml.Encrypt || saml.SignRequest {
		set("PrivateKeyFile", saml.PrivateKeyFile, "privateKeyFile")
		set("PublicCertificateFile", saml.PublicCertificateFile, "publicCertificateFile")
	}
	set("EmailAttribute", saml.EmailAttribute, "emailAttribute")
	set("UsernameAttribute", saml.UsernameAttribute, "usernameAttribute")
	text("IdAttribute", saml.IDAttribute, "idAttribute")
	text("FirstNameAttribute", saml.FirstNameAttribute, "firstNameAttribute")
	text("LastNameAttribute", saml.LastNameAttribute, "lastNameAttribute")
	text("GuestAttribute", saml.GuestAttribute, "guestAttribute")
	if saml.AdminAttribute != "" {
		set("EnableAdminAttribute", true, "adminAttribute")
		set("AdminAttribute", saml.AdminAttribute, "adminAttribute")
	}
	set("LoginButtonText", saml.ButtonText, "buttonText")
}

// SAMLAnswer returns the URL to which the identity provider sends its responses.
func (p *Plan) SAMLAnswer() string { return p.Site.String() + "/login/sso/saml" }

// openID lets users log in with OpenID Connect in addition to what spec.sso describes.
func (b *builder) openID() {
	openID := b.spec.OpenID
	if openID == nil || !openID.Enabled {
		return
	}
	const section = "OpenIdSettings"
	b.set(section, "Enable", true, "spec.openid.enabled")
	if openID.ClientID.IsPlain() {
		b.set(section, "Id", openID.ClientID.Value, "spec.openid.clientID")
	} else {
		b.setSecret(section, "Id", openID.ClientID, "spec.openid.clientID")
	}
	b.setSecret(section, "Secret", openID.ClientSecret, "spec.openid.clientSecret")
	b.set(section, "Scope", openID.Scope, "spec.openid.scope")
	b.set(section, "DiscoveryEndpoint", discoveryEndpoint(openID.IssuerURL), "spec.openid.issuerURL")
	b.set(section, "UsePreferredUsername", openID.UsePreferredUsername, "spec.openid.usePreferredUsername")
	b.set(section, "ButtonText", openID.ButtonText, "spec.openid.buttonText")
	if u, err := v1alpha1.ParseServiceURL(openID.IssuerURL); err == nil {
		b.destination(Destination{Kind: DestinationOpenID, Host: u.Host, Port: u.Port, TLS: u.TLS})
	}
}

// email configures how the server sends e-mail. Without configuration it sends none: by default it would try a server
// on its own port 10025, as test@example.com.
func (b *builder) email() {
	email := b.spec.Email
	const section = "EmailSettings"
	if email == nil {
		b.set(section, "SendEmailNotifications", false, "spec.email")
		return
	}
	set, _ := b.setters(section, "spec.email")
	set("SendEmailNotifications", *email.Notifications, "notifications")
	set("SMTPServer", email.Server, "server")
	set("SMTPPort", strconv.Itoa(int(*email.Port)), "port")
	set("ConnectionSecurity", connectionSecurity(email.ConnectionSecurity), "connectionSecurity")
	set("EnableSMTPAuth", email.Password != nil, "password")
	if email.Password != nil {
		set("SMTPUsername", email.Username, "username")
		b.setSecret(section, "SMTPPassword", email.Password, "spec.email.password")
	}
	set("FeedbackEmail", email.From, "from")
	set("FeedbackName", email.FromName, "fromName")
	set("ReplyToAddress", email.ReplyTo, "replyTo")
	set("EmailNotificationContentsType", email.Contents, "contents")
	set("RequireEmailVerification", email.RequireVerification, "requireVerification")
	// The server does not start with batching and clustering both on, and the operator turns clustering on.
	b.set(section, "EnableEmailBatching", false, noField)
	b.destination(Destination{Kind: DestinationMail, Host: email.Server, Port: *email.Port,
		TLS: email.ConnectionSecurity == "TLS"})
}

// hostedPush are the URLs of Mattermost's own push proxies.
var hostedPush = map[string]string{
	"hosted-us":     "https://us.push.mattermost.com",
	"hosted-eu":     "https://eu.push.mattermost.com",
	"hosted-ap":     "https://ap.push.mattermost.com",
	"hosted-global": "https://global.push.mattermost.com",
}

// push configures notifications on phones. Without configuration they are off.
func (b *builder) push() {
	push := b.spec.Push
	const section = "EmailSettings"
	if push == nil {
		b.set(section, "SendPushNotifications", false, "spec.push")
		return
	}
	server := orElse(hostedPush[push.Server], push.Server)
	b.set(section, "SendPushNotifications", true, "spec.push")
	b.set(section, "PushNotificationServer", server, "spec.push.server")
	b.set(section, "PushNotificationContents", push.Contents, "spec.push.contents")
	if u, err := v1alpha1.ParseServiceURL(server); err == nil {
		b.destination(Destination{Kind: DestinationPush, Host: u.Host, Port: u.Port, TLS: u.TLS})
	}
}

// compliance configures the export of messages for auditors.
func (b *builder) compliance() {
	compliance := b.spec.Compliance
	if compliance == nil {
		return
	}
	if compliance.Monitoring {
		b.set("ComplianceSettings", "Enable", true, "spec.compliance.monitoring")
	}
	export := compliance.Export
	if export == nil || !export.Enabled {
		return
	}
	const section = "MessageExportSettings"
	b.set(section, "EnableExport", true, "spec.compliance.export.enabled")
	b.set(section, "ExportFormat", export.Format, "spec.compliance.export.format")
	b.set(section, "DailyRunTime", export.DailyRunTime, "spec.compliance.export.dailyRunTime")
	relay := export.GlobalRelay
	if relay == nil {
		return
	}
	set := func(key string, value any, field string) {
		b.set(section, "GlobalRelaySettings."+key, value, "spec.compliance.export.globalRelay."+field)
	}
	set("CustomerType", relay.CustomerType, "customerType")
	set("EmailAddress", relay.EmailAddress, "emailAddress")
	set("SMTPUsername", relay.Username, "username")
	if relay.Password != nil {
		b.setSecret(section, "GlobalRelaySettings.SMTPPassword", relay.Password,
			"spec.compliance.export.globalRelay.password")
	}
	if host := GlobalRelayHost(relay.CustomerType); host != "" {
		b.destination(Destination{Kind: DestinationMail, Number: 2, Host: host, Port: PortGlobalRelay})
	}
	if relay.CustomerType == "CUSTOM" {
		set("CustomSMTPServerName", relay.Server, "server")
		set("CustomSMTPPort", strconv.Itoa(int(*relay.Port)), "port")
		b.destination(Destination{Kind: DestinationMail, Number: 2, Host: relay.Server, Port: *relay.Port})
	}
}

// PortGlobalRelay is the port of Global Relay's mail servers.
const PortGlobalRelay int32 = 25

// GlobalRelayHost returns the mail server for a type of account at Global Relay; empty for CUSTOM, which names its own
// (server/enterprise/message_export, GlobalRelayA9Server and GlobalRelayA10Server).
func GlobalRelayHost(customerType string) string {
	switch customerType {
	case "A9":
		return "mailarchivespool1.globalrelay.com"
	case "A10":
		return "feeds.globalrelay.com"
	}
	return ""
}

// retention configures the deletion of old messages and files. The server requires exactly one of days and hours to be
// above zero.
func (b *builder) retention() {
	retention := b.spec.Retention
	if retention == nil {
		return
	}
	const section = "DataRetentionSettings"
	age := func(what, field string, days, hours *int32) {
		if days == nil && hours == nil {
			return
		}
		enabledBy := field + "Days"
		if days == nil {
			enabledBy = field + "Hours"
		}
		b.set(section, "Enable"+what+"Deletion", true, "spec.retention."+enabledBy)
		b.set(section, what+"RetentionDays", orZero(days), "spec.retention."+field+"Days")
		b.set(section, what+"RetentionHours", orZero(hours), "spec.retention."+field+"Hours")
	}
	age("Message", "message", retention.MessageDays, retention.MessageHours)
	age("File", "file", retention.FileDays, retention.FileHours)
	b.set(section, "DeletionJobStartTime", retention.DeletionTime, "spec.retention.deletionTime")
	b.set(section, "PreservePinnedPosts", retention.KeepPinned, "spec.retention.keepPinned")
}

func orZero(n *int32) int64 {
	if n == nil {
		return 0
	}
	return int64(*n)
}

// guests allows guest accounts, which see only channels that they are invited to.
func (b *builder) guests() {
	guests := b.spec.Guests
	if guests == nil || !guests.Enabled {
		return
	}
	const section = "GuestAccountsSettings"
	b.set(section, "Enable", true, "spec.guests.enabled")
	b.set(section, "AllowEmailAccounts", *guests.EmailAccounts, "spec.guests.emailAccounts")
	b.set(section, "EnforceMultifactorAuthentication", guests.EnforceMFA, "spec.guests.enforceMFA")
	b.set(section, "HideTags", guests.HideTags, "spec.guests.hideTags")
	if len(guests.Domains) > 0 {
		b.set(section, "RestrictCreationToDomains", strings.Join(guests.Domains, ","), "spec.guests.domains")
	}
}

// redis configures a cache that the servers share.
func (b *builder) redis() {
	redis := b.spec.Redis
	if redis == nil {
		return
	}
	const section = "CacheSettings"
	b.set(section, "CacheType", "redis", "spec.redis")
	b.set(section, "RedisAddress", redis.Address, "spec.redis.address")
	// the server rejects its own default, -1
	b.set(section, "RedisDB", int64(*redis.Database), "spec.redis.database")
	if redis.Password != nil {
		b.setSecret(section, "RedisPassword", redis.Password, "spec.redis.password")
	}
	if redis.Prefix != "" {
		b.set(section, "RedisCachePrefix", redis.Prefix, "spec.redis.prefix")
	}
	if host, port, err := v1alpha1.ParseHostPort(redis.Address, 6379); err == nil {
		b.destination(Destination{Kind: DestinationRedis, Host: host, Port: port})
	}
}

// plugins configures plugins.
func (b *builder) plugins() {
	plugins := b.spec.Plugins
	if plugins == nil {
		return
	}
	const section = "PluginSettings"
	flag := func(key string, on *bool, field string) {
		if on != nil {
			b.set(section, key, *on, "spec.plugins."+field)
		}
	}
	flag("Enable", plugins.Enabled, "enabled")
	flag("EnableUploads", plugins.Uploads, "uploads")
	flag("EnableMarketplace", plugins.Marketplace, "marketplace")
	if plugins.RequireSignature {
		b.set(section, "RequirePluginSignature", true, "spec.plugins.requireSignature")
	}
	if len(plugins.States) > 0 {
		states := map[string]any{}
		for id, on := range plugins.States {
			states[id] = map[string]any{"Enable": on}
		}
		b.set(section, "PluginStates", settings.MergePluginStates(states), "spec.plugins.states")
	}
	if len(plugins.Settings) > 0 {
		all := map[string]any{}
		for id, value := range plugins.Settings {
			all[id] = value.Value
		}
		b.set(section, "Plugins", all, "spec.plugins.settings")
	}
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
