// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import corev1 "k8s.io/api/core/v1"

// LDAP configures login with accounts from AD or another LDAP directory. Licensed (ldap).
type LDAP struct {
	// Whether users log in with their directory account.
	Enabled bool `json:"enabled,omitempty"`

	// The host name of the directory server.
	Server string `json:"server,omitempty"`

	// The port. Default: 636 with connectionSecurity TLS, else 389.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// How the connection is encrypted: TLS, STARTTLS or None. Default: TLS.
	// +kubebuilder:validation:Enum=TLS;STARTTLS;None
	ConnectionSecurity string `json:"connectionSecurity,omitempty"`

	// The certificate authority of the directory server, if the system does not trust it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// The base DN of the search for users, such as "ou=people,dc=example,dc=com".
	BaseDN string `json:"baseDN,omitempty"`

	// The account that searches for users. Default: anonymous.
	BindUsername string `json:"bindUsername,omitempty"`

	// The account's password.
	BindPassword *SecretValue `json:"bindPassword,omitempty"`

	// The filter for users who may log in, such as "(memberOf=cn=chat,ou=groups,dc=example,dc=com)". Default: all.
	UserFilter string `json:"userFilter,omitempty"`

	// The filter for users who are guests. Default: none.
	GuestFilter string `json:"guestFilter,omitempty"`

	// The filter for users who are system administrators. Default: none.
	AdminFilter string `json:"adminFilter,omitempty"`

	// The filter for groups that can be linked to teams and channels. Requires the feature ldap_groups. Default: none.
	GroupFilter string `json:"groupFilter,omitempty"`

	// The attribute that identifies a user and never changes, such as objectGUID.
	IDAttribute string `json:"idAttribute,omitempty"`

	// The attribute that users enter to log in, such as sAMAccountName. Default: usernameAttribute.
	LoginIDAttribute string `json:"loginIDAttribute,omitempty"`

	// The attribute with the user name, such as sAMAccountName.
	UsernameAttribute string `json:"usernameAttribute,omitempty"`

	// The attribute with the e-mail address. Default: mail.
	EmailAttribute string `json:"emailAttribute,omitempty"`

	// The attribute with the first name. Default: none.
	FirstNameAttribute string `json:"firstNameAttribute,omitempty"`

	// The attribute with the last name. Default: none.
	LastNameAttribute string `json:"lastNameAttribute,omitempty"`

	// How often accounts are synchronized, in minutes. Default: 60.
	// +kubebuilder:validation:Minimum=1
	SyncIntervalMinutes *int32 `json:"syncIntervalMinutes,omitempty"`
}

// SAML configures single sign-on with SAML 2.0. Licensed (saml).
type SAML struct {
	// Whether users log in with SAML.
	Enabled bool `json:"enabled,omitempty"`

	// The URL that users are redirected to for login.
	IdpURL string `json:"idpURL,omitempty"`

	// The entity ID of the identity provider.
	IdpDescriptorURL string `json:"idpDescriptorURL,omitempty"`

	// The URL of the identity provider's metadata, which the System Console uses.
	IdpMetadataURL string `json:"idpMetadataURL,omitempty"`

	// The name under which the identity provider's certificate was uploaded. The server reads it from its database, so
	// it must be uploaded once in the System Console or with mmctl. Default: saml-idp.crt.
	IdpCertificateFile string `json:"idpCertificateFile,omitempty"`

	// The entity ID of this installation at the identity provider. Default: the site's URL.
	ServiceProviderIdentifier string `json:"serviceProviderIdentifier,omitempty"`

	// Whether assertions are encrypted, with a key that was uploaded as privateKeyFile and publicCertificateFile.
	// Default: false, since TLS already encrypts the connection.
	Encrypt bool `json:"encrypt,omitempty"`

	// Whether requests are signed with the same key. Default: false.
	SignRequest bool `json:"signRequest,omitempty"`

	// The name under which the private key of this installation was uploaded. Default: saml-private.key if it is
	// needed.
	PrivateKeyFile string `json:"privateKeyFile,omitempty"`

	// The name under which the certificate of this installation was uploaded. Default: saml-public.crt if it is needed.
	PublicCertificateFile string `json:"publicCertificateFile,omitempty"`

	// The attribute with the e-mail address. Default: email.
	EmailAttribute string `json:"emailAttribute,omitempty"`

	// The attribute with the user name. Default: username.
	UsernameAttribute string `json:"usernameAttribute,omitempty"`

	// The attribute that never changes. Default: the e-mail address.
	IDAttribute string `json:"idAttribute,omitempty"`

	// The attribute with the first name. Default: none.
	FirstNameAttribute string `json:"firstNameAttribute,omitempty"`

	// The attribute with the last name. Default: none.
	LastNameAttribute string `json:"lastNameAttribute,omitempty"`

	// The attribute and value that make a user a guest, such as "role=guest". Default: none.
	GuestAttribute string `json:"guestAttribute,omitempty"`

	// The attribute and value that make a user a system administrator, such as "role=admin". Default: none.
	AdminAttribute string `json:"adminAttribute,omitempty"`

	// The text of the login button. Default: SAML.
	ButtonText string `json:"buttonText,omitempty"`
}

// OpenID configures single sign-on with OpenID Connect, in addition to sso. Licensed (openid).
type OpenID struct {
	// Whether users log in with OpenID Connect.
	Enabled bool `json:"enabled,omitempty"`

	// The issuer, such as https://login.example.com/auth/realms/my-realm.
	IssuerURL string `json:"issuerURL,omitempty"`

	// The client's ID at the identity provider: a string, since it is not secret, or a reference to a Secret or store
	// that contains it.
	ClientID *SecretValue `json:"clientID,omitempty"`

	// The client's secret at the identity provider.
	ClientSecret *SecretValue `json:"clientSecret,omitempty"`

	// The requested scope. Default: profile openid email.
	Scope string `json:"scope,omitempty"`

	// Whether the user name is taken from preferred_username instead of the first part of the e-mail address. Default:
	// false.
	UsePreferredUsername bool `json:"usePreferredUsername,omitempty"`

	// The text of the login button. Default: Log in with OpenID.
	ButtonText string `json:"buttonText,omitempty"`

	// The certificate authority of the identity provider, if the system does not trust it.
	CA *CertificateAuthority `json:"ca,omitempty"`
}

// Email configures how the server sends e-mail. If unset, it sends none.
type Email struct {
	// The host name of the SMTP server.
	Server string `json:"server,omitempty"`

	// The port. Default: 465 with connectionSecurity TLS, else 587.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// How the connection is encrypted: STARTTLS, TLS or None. Default: STARTTLS.
	// +kubebuilder:validation:Enum=STARTTLS;TLS;None
	ConnectionSecurity string `json:"connectionSecurity,omitempty"`

	// The certificate authority of the SMTP server, if the system does not trust it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// The account. Set it together with password; without them the server does not log in.
	Username string `json:"username,omitempty"`

	// The account's password.
	Password *SecretValue `json:"password,omitempty"`

	// The e-mail address of the sender, such as chat@example.com.
	From string `json:"from,omitempty"`

	// The name of the sender. Default: Mattermost.
	FromName string `json:"fromName,omitempty"`

	// The e-mail address for replies. Default: from.
	ReplyTo string `json:"replyTo,omitempty"`

	// Whether users are notified of messages by e-mail. Default: true.
	Notifications *bool `json:"notifications,omitempty"`

	// What a notification contains: full, or generic, which omits the message and is licensed
	// (email_notification_contents). Default: full.
	// +kubebuilder:validation:Enum=full;generic
	Contents string `json:"contents,omitempty"`

	// Whether users must verify their e-mail address before the first login. Default: false.
	RequireVerification bool `json:"requireVerification,omitempty"`
}

// Push configures push notifications to mobile devices. If unset, none are sent.
type Push struct {
	// The push proxy: hosted-global, hosted-us, hosted-eu or hosted-ap for Mattermost's own (licensed, mhpns), or the
	// URL of another one. Default: hosted-global.
	Server string `json:"server,omitempty"`

	// What a notification contains: full, generic_no_channel (only the sender), generic, or id_loaded, which fetches
	// the message from the server and is licensed (id_loaded). Default: generic, since notifications pass through Apple
	// and Google.
	// +kubebuilder:validation:Enum=full;generic;generic_no_channel;id_loaded
	Contents string `json:"contents,omitempty"`
}

// Compliance configures reports and exports for auditors.
type Compliance struct {
	// Whether administrators can run compliance reports. Licensed (compliance).
	Monitoring bool `json:"monitoring,omitempty"`

	// A daily export of all messages. Licensed (message_export).
	Export *ComplianceExport `json:"export,omitempty"`
}

// ComplianceExport configures a daily export of all messages.
type ComplianceExport struct {
	// Whether the export runs.
	Enabled bool `json:"enabled,omitempty"`

	// The format: actiance, csv, globalrelay or globalrelay-zip. Default: actiance.
	// +kubebuilder:validation:Enum=actiance;csv;globalrelay;globalrelay-zip
	Format string `json:"format,omitempty"`

	// When the export runs, as HH:MM in the server's time zone. Default: 01:00.
	DailyRunTime string `json:"dailyRunTime,omitempty"`

	// The account at Global Relay that receives the export, for the format globalrelay.
	GlobalRelay *GlobalRelay `json:"globalRelay,omitempty"`
}

// GlobalRelay describes an account at Global Relay.
type GlobalRelay struct {
	// The kind of account: A9, A10 or CUSTOM.
	// +kubebuilder:validation:Enum=A9;A10;CUSTOM
	CustomerType string `json:"customerType,omitempty"`

	// The e-mail address that receives the export.
	EmailAddress string `json:"emailAddress,omitempty"`

	// The SMTP account.
	Username string `json:"username,omitempty"`

	// The SMTP account's password.
	Password *SecretValue `json:"password,omitempty"`

	// The SMTP server, for CUSTOM.
	Server string `json:"server,omitempty"`

	// The SMTP server's port, for CUSTOM. Default: 25.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`
}

// Retention deletes old messages and files. Licensed (data_retention). Deleted data cannot be restored.
type Retention struct {
	// The number of days after which messages are deleted. If unset, never. Conflicts with messageHours.
	// +kubebuilder:validation:Minimum=1
	MessageDays *int32 `json:"messageDays,omitempty"`

	// The number of hours after which messages are deleted. Conflicts with messageDays.
	// +kubebuilder:validation:Minimum=1
	MessageHours *int32 `json:"messageHours,omitempty"`

	// The number of days after which files are deleted. If unset, never. Conflicts with fileHours.
	// +kubebuilder:validation:Minimum=1
	FileDays *int32 `json:"fileDays,omitempty"`

	// The number of hours after which files are deleted. Conflicts with fileDays.
	// +kubebuilder:validation:Minimum=1
	FileHours *int32 `json:"fileHours,omitempty"`

	// When the deletion runs, as HH:MM in the server's time zone. Default: 02:00.
	DeletionTime string `json:"deletionTime,omitempty"`

	// Whether pinned messages are kept. Default: false.
	KeepPinned bool `json:"keepPinned,omitempty"`
}

// Guests configures users who see only the teams and channels that they are invited to. Licensed (guest_accounts).
type Guests struct {
	// Whether guests can be invited.
	Enabled bool `json:"enabled,omitempty"`

	// The e-mail domains that guests may have. Default: any.
	Domains []string `json:"domains,omitempty"`

	// Whether guests may have accounts with an e-mail address and a password. Default: true.
	EmailAccounts *bool `json:"emailAccounts,omitempty"`

	// Whether guests need a second factor. It has no effect unless a second factor is enforced for all users. Default:
	// false.
	EnforceMFA bool `json:"enforceMFA,omitempty"`

	// Whether the tag GUEST next to their names is hidden. Default: false.
	HideTags bool `json:"hideTags,omitempty"`
}

// Redis configures a cache that all servers share. Licensed (cluster): without a license the server does not start.
type Redis struct {
	// The address as host:port.
	Address string `json:"address,omitempty"`

	// The password. Default: none.
	Password *SecretValue `json:"password,omitempty"`

	// The number of the database, 0 or more. Default: 0.
	// +kubebuilder:validation:Minimum=0
	Database *int32 `json:"database,omitempty"`

	// The prefix of the names of the keys, if several installations share the service.
	Prefix string `json:"prefix,omitempty"`
}

// Calls configures the plugin Calls (1.10 or newer) for calls whose media go through the server itself. They are for
// one server, since each call is on one of them.
type Calls struct {
	// Whether clients reach the media port.
	Enabled bool `json:"enabled,omitempty"`

	// The host name or IP address at which clients reach the port, such as that of the load balancer. The server resolves
	// it. Default: the address that a STUN server of Mattermost sees, which is not that of a load balancer.
	Host string `json:"host,omitempty"`

	// The port, over UDP, with TCP as the fallback. Default: 8443.
	// +kubebuilder:validation:Minimum=80
	// +kubebuilder:validation:Maximum=49151
	Port *int32 `json:"port,omitempty"`

	// The Service for clients.
	Service *CallsService `json:"service,omitempty"`
}

// CallsService makes the port for media reachable.
type CallsService struct {
	// LoadBalancer: a load balancer for UDP and TCP. NodePort: a port of every node; nodePort is required. ClusterIP: only
	// inside the cluster, for a gateway of your own. Default: LoadBalancer.
	// +kubebuilder:validation:Enum=ClusterIP;LoadBalancer;NodePort
	Type corev1.ServiceType `json:"type,omitempty"`

	// Annotations of the Service.
	Annotations map[string]string `json:"annotations,omitempty"`

	// The port of the nodes, usually 30000 to 32767, to which clients connect. Required for NodePort, and only for it.
	// +kubebuilder:validation:Minimum=80
	// +kubebuilder:validation:Maximum=49151
	NodePort *int32 `json:"nodePort,omitempty"`
}

// Plugins configures the plugins of the server.
type Plugins struct {
	// Whether plugins run. Default: true.
	Enabled *bool `json:"enabled,omitempty"`

	// Whether administrators can upload plugins. Default: true, as the operator sets it.
	Uploads *bool `json:"uploads,omitempty"`

	// Whether administrators can install plugins from the marketplace. Default: true.
	Marketplace *bool `json:"marketplace,omitempty"`

	// Whether only signed plugins run. Default: false.
	RequireSignature bool `json:"requireSignature,omitempty"`

	// Which plugins are enabled, by ID, such as {playbooks: false}. Plugins that are part of the server keep their
	// state unless they are listed.
	States map[string]bool `json:"states,omitempty"`

	// Settings of plugins, by ID. They replace all plugin settings of the System Console, including those of plugins
	// that are not listed.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	Settings map[string]SettingValue `json:"settings,omitempty"`
}

// Settings contains Mattermost's own settings, by section and key of its config.json, such as {ServiceSettings:
// {EnableUserAccessTokens: true}}. Every name and value is checked; docs/settings.md lists them. A password, key or
// salt may be {secretKeyRef: {name, key}} or {externalSecret: {store: {name}, key}}.
//
// +kubebuilder:pruning:PreserveUnknownFields
type Settings map[string]map[string]SettingValue

// SettingValue is the value of a setting: a scalar, a list, or a mapping of further values.
//
// +kubebuilder:validation:XPreserveUnknownFields
// +kubebuilder:validation:Type=""
type SettingValue struct {
	// Value is a string, bool, int64, float64, []any or map[string]any, as the YAML gives it.
	Value any `json:"-"`

	// SecretKeyRef is set instead for a value in a Secret.
	SecretKeyRef *KeyRef `json:"secretKeyRef,omitempty"`

	// ExternalSecret is set instead for a value that External Secrets fetches.
	ExternalSecret *ExternalRef `json:"externalSecret,omitempty"`
}

// IsPlain reports whether the configuration contains the value itself.
func (s SettingValue) IsPlain() bool { return s.SecretKeyRef == nil && s.ExternalSecret == nil }

// OnlineServices are services of Mattermost, Inc. on the Internet that the servers call. True switches the server's
// setting on, and allows the connections in network policies, the mesh and the list of prerequisites. False switches
// the setting off. Default of each: false where networkPolicies or istio.egress block the service; otherwise the
// server's own default, which is on.
type OnlineServices struct {
	// Messages for users and administrators about releases, from notices.mattermost.com or the host of
	// AnnouncementSettings.NoticesURL.
	Notices *bool `json:"notices,omitempty"`

	// Warnings of security fixes, once a day, from securityupdatecheck.mattermost.com. The request contains the version,
	// and the numbers of users and teams.
	SecurityAlerts *bool `json:"securityAlerts,omitempty"`

	// The list of plugins in the System Console, from api.integrations.mattermost.com or the host of
	// PluginSettings.MarketplaceURL. Plugins are downloaded from hosts that the list names, which
	// networkPolicies.allow can allow.
	Marketplace *bool `json:"marketplace,omitempty"`

	// Reports of crashes to o94110.ingest.us.sentry.io, and of usage to pdat.matterlytics.com.
	Diagnostics *bool `json:"diagnostics,omitempty"`
}
