package v1alpha1

// LDAP is logging in against AD or another LDAP directory. Licensed (ldap).
type LDAP struct {
	// Whether people log in with their directory account.
	Enabled bool `json:"enabled,omitempty"`

	// The directory server's host name.
	Server string `json:"server,omitempty"`

	// The port. Default: 636 with connectionSecurity TLS, else 389.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// How the connection is encrypted: TLS, STARTTLS or None. Default: TLS.
	// +kubebuilder:validation:Enum=TLS;STARTTLS;None
	ConnectionSecurity string `json:"connectionSecurity,omitempty"`

	// The certificate authority of the directory, where the system does not know it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// Where users are looked for, such as "ou=people,dc=example,dc=com".
	BaseDN string `json:"baseDN,omitempty"`

	// The account that looks them up. Default: anonymous.
	BindUsername string `json:"bindUsername,omitempty"`

	// Its password.
	BindPassword *SecretValue `json:"bindPassword,omitempty"`

	// Which of them may log in, such as "(memberOf=cn=chat,ou=groups,dc=example,dc=com)". Default: all.
	UserFilter string `json:"userFilter,omitempty"`

	// Which of them are guests. Default: none.
	GuestFilter string `json:"guestFilter,omitempty"`

	// Which of them are system administrators. Default: none.
	AdminFilter string `json:"adminFilter,omitempty"`

	// Which groups can be linked to teams and channels. Needs the feature ldap_groups. Default: none.
	GroupFilter string `json:"groupFilter,omitempty"`

	// The attribute that never changes, such as objectGUID.
	IDAttribute string `json:"idAttribute,omitempty"`

	// The attribute that people type to log in, such as sAMAccountName. Default: usernameAttribute.
	LoginIDAttribute string `json:"loginIDAttribute,omitempty"`

	// The attribute with the user name, such as sAMAccountName.
	UsernameAttribute string `json:"usernameAttribute,omitempty"`

	// The attribute with the e-mail address. Default: mail.
	EmailAttribute string `json:"emailAttribute,omitempty"`

	// The attribute with the first name. Default: none.
	FirstNameAttribute string `json:"firstNameAttribute,omitempty"`

	// The attribute with the last name. Default: none.
	LastNameAttribute string `json:"lastNameAttribute,omitempty"`

	// How often accounts are brought up to date, in minutes. Default: 60.
	// +kubebuilder:validation:Minimum=1
	SyncIntervalMinutes *int32 `json:"syncIntervalMinutes,omitempty"`
}

// SAML is single sign-on with SAML 2.0. Licensed (saml).
type SAML struct {
	// Whether people log in with SAML.
	Enabled bool `json:"enabled,omitempty"`

	// Where people are sent to log in.
	IdpURL string `json:"idpURL,omitempty"`

	// The identity provider's name of itself, its entity id.
	IdpDescriptorURL string `json:"idpDescriptorURL,omitempty"`

	// Where the identity provider publishes its metadata, for the System Console's use.
	IdpMetadataURL string `json:"idpMetadataURL,omitempty"`

	// The name under which the identity provider's certificate was uploaded: the server reads it from its database, so it must be
	// uploaded once in the System Console or with mmctl. Default: saml-idp.crt.
	IdpCertificateFile string `json:"idpCertificateFile,omitempty"`

	// Our name at the identity provider. Default: the site's address.
	ServiceProviderIdentifier string `json:"serviceProviderIdentifier,omitempty"`

	// Whether answers are encrypted, with a key that was uploaded as privateKeyFile and publicCertificateFile. Default: false, since
	// TLS encrypts the way already.
	Encrypt bool `json:"encrypt,omitempty"`

	// Whether requests are signed with the same key. Default: false.
	SignRequest bool `json:"signRequest,omitempty"`

	// The name under which our private key was uploaded. Default: saml-private.key where it is needed.
	PrivateKeyFile string `json:"privateKeyFile,omitempty"`

	// The name under which our certificate was uploaded. Default: saml-public.crt where it is needed.
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

	// Attribute and value that make a guest, such as "role=guest". Default: none.
	GuestAttribute string `json:"guestAttribute,omitempty"`

	// Attribute and value that make a system administrator, such as "role=admin". Default: none.
	AdminAttribute string `json:"adminAttribute,omitempty"`

	// What the login button says. Default: SAML.
	ButtonText string `json:"buttonText,omitempty"`
}

// OpenID is single sign-on with OpenID Connect, beside the one that sso describes. Licensed (openid).
type OpenID struct {
	// Whether people log in with OpenID Connect.
	Enabled bool `json:"enabled,omitempty"`

	// The issuer, such as https://login.example.com/auth/realms/my-realm.
	IssuerURL string `json:"issuerURL,omitempty"`

	// The client's id at the identity provider.
	ClientID string `json:"clientID,omitempty"`

	// The client's secret at the identity provider.
	ClientSecret *SecretValue `json:"clientSecret,omitempty"`

	// The scope that is asked for. Default: profile openid email.
	Scope string `json:"scope,omitempty"`

	// Whether the user name is preferred_username instead of the first part of the e-mail address. Default: false.
	UsePreferredUsername bool `json:"usePreferredUsername,omitempty"`

	// What the login button says. Default: Log in with OpenID.
	ButtonText string `json:"buttonText,omitempty"`

	// The certificate authority of the identity provider, where the system does not know it.
	CA *CertificateAuthority `json:"ca,omitempty"`
}

// Email is how the server sends e-mail. Absent: it sends none.
type Email struct {
	// The SMTP server's host name.
	Server string `json:"server,omitempty"`

	// The port. Default: 465 with connectionSecurity TLS, else 587.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// How the connection is encrypted: STARTTLS, TLS or None. Default: STARTTLS.
	// +kubebuilder:validation:Enum=STARTTLS;TLS;None
	ConnectionSecurity string `json:"connectionSecurity,omitempty"`

	// The certificate authority of the SMTP server, where the system does not know it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// The account. Beside password; without both the server does not log in.
	Username string `json:"username,omitempty"`

	// The account's password.
	Password *SecretValue `json:"password,omitempty"`

	// The sender's address, such as chat@example.com.
	From string `json:"from,omitempty"`

	// The sender's name. Default: Mattermost.
	FromName string `json:"fromName,omitempty"`

	// Where answers go. Default: from.
	ReplyTo string `json:"replyTo,omitempty"`

	// Whether people are told of messages by e-mail. Default: true.
	Notifications *bool `json:"notifications,omitempty"`

	// What such an e-mail holds: full, or generic, which leaves the message out and is licensed (email_notification_contents).
	// Default: full.
	// +kubebuilder:validation:Enum=full;generic
	Contents string `json:"contents,omitempty"`

	// Whether addresses must be confirmed before the first login. Default: false.
	RequireVerification bool `json:"requireVerification,omitempty"`
}

// Push is how phones are told of messages. Absent: they are not.
type Push struct {
	// The push proxy: hosted-global, hosted-us, hosted-eu or hosted-ap for Mattermost's own (licensed, mhpns), or the URL of one of
	// yours. Default: hosted-global.
	Server string `json:"server,omitempty"`

	// What a notification holds: full, generic_no_channel (only the sender), generic, or id_loaded, which fetches the message
	// from the server and is licensed (id_loaded). Default: generic, since it passes through Apple and Google.
	// +kubebuilder:validation:Enum=full;generic;generic_no_channel;id_loaded
	Contents string `json:"contents,omitempty"`
}

// Compliance is what is kept for auditors.
type Compliance struct {
	// Whether administrators can run compliance reports. Licensed (compliance).
	Monitoring bool `json:"monitoring,omitempty"`

	// A daily export of all messages. Licensed (message_export).
	Export *ComplianceExport `json:"export,omitempty"`
}

// ComplianceExport is a daily export of all messages.
type ComplianceExport struct {
	// Whether it runs.
	Enabled bool `json:"enabled,omitempty"`

	// The form: actiance, csv, globalrelay or globalrelay-zip. Default: actiance.
	// +kubebuilder:validation:Enum=actiance;csv;globalrelay;globalrelay-zip
	Format string `json:"format,omitempty"`

	// When, as HH:MM in the server's time zone. Default: 01:00.
	DailyRunTime string `json:"dailyRunTime,omitempty"`

	// Where Global Relay takes it, for the format globalrelay.
	GlobalRelay *GlobalRelay `json:"globalRelay,omitempty"`
}

// GlobalRelay is an account at Global Relay.
type GlobalRelay struct {
	// The kind of account: A9, A10 or CUSTOM.
	// +kubebuilder:validation:Enum=A9;A10;CUSTOM
	CustomerType string `json:"customerType,omitempty"`

	// The address that takes the export.
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

// Retention deletes what is old. Licensed (data_retention). What is deleted is gone.
type Retention struct {
	// After how many days messages are deleted. Absent: never. Beside messageHours: an error.
	// +kubebuilder:validation:Minimum=1
	MessageDays *int32 `json:"messageDays,omitempty"`

	// After how many hours messages are deleted, instead of messageDays.
	// +kubebuilder:validation:Minimum=1
	MessageHours *int32 `json:"messageHours,omitempty"`

	// After how many days files are deleted. Absent: never. Beside fileHours: an error.
	// +kubebuilder:validation:Minimum=1
	FileDays *int32 `json:"fileDays,omitempty"`

	// After how many hours files are deleted, instead of fileDays.
	// +kubebuilder:validation:Minimum=1
	FileHours *int32 `json:"fileHours,omitempty"`

	// When, as HH:MM in the server's time zone. Default: 02:00.
	DeletionTime string `json:"deletionTime,omitempty"`

	// Whether pinned messages are kept. Default: false.
	KeepPinned bool `json:"keepPinned,omitempty"`
}

// Guests are people who see only what they are invited to. Licensed (guest_accounts).
type Guests struct {
	// Whether guests can be invited.
	Enabled bool `json:"enabled,omitempty"`

	// The domains that guests' addresses may have. Default: any.
	Domains []string `json:"domains,omitempty"`

	// Whether guests may have accounts with e-mail and password. Default: true.
	EmailAccounts *bool `json:"emailAccounts,omitempty"`

	// Whether guests need a second factor, which must be enforced for everybody too. Default: false.
	EnforceMFA bool `json:"enforceMFA,omitempty"`

	// Whether the word GUEST beside their names is left out. Default: false.
	HideTags bool `json:"hideTags,omitempty"`
}

// Redis is a cache that several servers share. Licensed (cluster): without it the server does not start.
type Redis struct {
	// The address as host:port.
	Address string `json:"address,omitempty"`

	// The password. Default: none.
	Password *SecretValue `json:"password,omitempty"`

	// The number of the database, 0 or more. Default: 0.
	// +kubebuilder:validation:Minimum=0
	Database *int32 `json:"database,omitempty"`

	// What the names of the keys begin with, where several installations share the service.
	Prefix string `json:"prefix,omitempty"`
}

// Plugins extend the server.
type Plugins struct {
	// Whether plugins run. Default: true.
	Enabled *bool `json:"enabled,omitempty"`

	// Whether administrators can upload plugins. Default: true, as the operator sets it.
	Uploads *bool `json:"uploads,omitempty"`

	// Whether administrators can install from the marketplace. Default: true.
	Marketplace *bool `json:"marketplace,omitempty"`

	// Whether only signed plugins run. Default: false.
	RequireSignature bool `json:"requireSignature,omitempty"`

	// Which plugins are on or off, by id, such as {playbooks: false}. Those that come with the server keep their state unless they
	// are named.
	States map[string]bool `json:"states,omitempty"`

	// Settings of plugins, by id. They replace what the System Console holds, for all plugins together.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	Settings map[string]SettingValue `json:"settings,omitempty"`
}

// Settings are sections of Mattermost's own config.json, by section and key, such as
// {ServiceSettings: {EnableUserAccessTokens: true}}. Every name and type is known and checked; docs/settings.md lists
// them. A password, key or salt may be {secretKeyRef: {name, key}} or {externalSecret: {store: {name}, key}}.
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

	// SecretKeyRef is set instead for a value that stands in a Secret.
	SecretKeyRef *KeyRef `json:"secretKeyRef,omitempty"`

	// ExternalSecret is set instead for a value that External Secrets fetches.
	ExternalSecret *ExternalRef `json:"externalSecret,omitempty"`
}

// IsPlain says that the value itself stands in the configuration.
func (s SettingValue) IsPlain() bool { return s.SecretKeyRef == nil && s.ExternalSecret == nil }
