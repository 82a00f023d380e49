// SPDX-License-Identifier: Apache-2.0

// Package ruleid names the ids of all rules, for the packages that report by them. Package rules registers what each is
// about.
package ruleid

// The ids are in their order. An id never changes its meaning, and the id of a removed rule is not used again: users
// search for it, and silence it in spec.allow.
const (
	Prerequisite          = "MM000" // external prerequisite
	Names                 = "MM001" // name that the cluster or an operator rejects
	Site                  = "MM002" // missing, duplicate or invalid site
	Image                 = "MM003" // image or version that is not pinned or is invalid
	Enumerations          = "MM004" // value that is not allowed
	Replicas              = "MM005" // several servers without a license
	Edition               = "MM006" // edition that lacks a requested feature
	MissingLicense        = "MM007" // enterprise without a license, or a license without enterprise
	LicensedFeatures      = "MM008" // licensed feature that the license lacks
	SingleSignOn          = "MM009" // single sign-on that does not work
	LoginWays             = "MM010" // no way to log in
	DatabaseForm          = "MM011" // incomplete or ambiguous database
	DatabaseConnection    = "MM012" // database connection that does not work or is not safe
	ObjectStorageForm     = "MM013" // incomplete or ambiguous object storage
	ObjectStorageEndpoint = "MM014" // object storage that cannot be reached
	VolumeReplicas        = "MM015" // several servers on one volume
	InClusterSettings     = "MM016" // database or object storage in the cluster with settings of another engine
	Backup                = "MM017" // backup without a destination or a schedule
	Elasticsearch         = "MM018" // Elasticsearch connection that does not work
	Route                 = "MM019" // route without a gateway or class
	Mesh                  = "MM020" // conflicting service mesh settings
	NetworkPolicies       = "MM021" // network policy with an unknown peer, or one that blocks everyone
	CABundles             = "MM022" // certificate authority that is ambiguous, missing or not PEM
	SecretText            = "MM023" // secret that is not the intended value
	PlainSecrets          = "MM024" // plain-text secret
	Resources             = "MM025" // missing or implausible CPU and memory limits
	References            = "MM026" // reference to an object or key that cannot exist
	Logging               = "MM027" // logs that Fluent Bit cannot parse or send
	Environment           = "MM028" // environment variable that the cluster rejects
	Pods                  = "MM029" // pods that the operator or the server cannot run
	Collisions            = "MM030" // object of yours that the operator would delete or overwrite
	UncheckedTLS          = "MM031" // TLS that is disabled or not verified
	Unmaintained          = "MM032" // unmaintained software
	Unused                = "MM033" // setting without effect
	HarmfulEnvironment    = "MM034" // server setting that conflicts with the deployment
	PodSecurity           = "MM035" // containers that violate the restricted pod security standard
	Unreachable           = "MM036" // service that the network policies or the mesh block
	LicenseContents       = "MM037" // license that cannot be read, has expired, or has too few seats
	MattermostSettings    = "MM038" // unknown setting or invalid value
	EnvironmentSettings   = "MM039" // environment variable that Mattermost ignores or cannot parse
	Conflicts             = "MM040" // conflicting settings
	LDAP                  = "MM041" // LDAP that does not work
	SAML                  = "MM042" // SAML that does not work
	OpenID                = "MM043" // OpenID Connect that does not work
	Email                 = "MM044" // e-mail that cannot be sent
	Push                  = "MM045" // push notifications that cannot be sent
	Compliance            = "MM046" // compliance export that does not run
	Retention             = "MM047" // conflicting retention
	Guests                = "MM048" // guests that cannot log in
	Redis                 = "MM049" // Redis cache that does not work
	Plugins               = "MM050" // plugins that do not run
	SetTwice              = "MM051" // same server variable set twice
	Allow                 = "MM052" // unknown rule
	Patch                 = "MM053" // patch that matches nothing or does not apply
	ExternalSecrets       = "MM054" // value that External Secrets cannot fetch or assemble
	PostgresEnvironment   = "MM060" // variable of libpq that the server's PostgreSQL driver refuses or ignores
	SavedSecrets          = "MM061" // secret that the server saves in clear text
	ExpandedNames         = "MM065" // name that the kubelet would change
	UncheckedLicense      = "MM066" // license whose contents are not known
	BackupForm            = "MM067" // backups by code that CloudNativePG removes
	Restore               = "MM068" // database that is not restored or imported
	DatabaseParameters    = "MM069" // parameter that the database in the cluster does not start with
	BuiltOutput           = "MM070" // emitted objects that no longer fit together
	HashSuffix            = "MM071" // reference to a name that kustomize changes
	BigBangLogging        = "MM072" // log objects that nothing in Big Bang reads
	UnsetFields           = "MM073" // field without a value
	JobServer             = "MM075" // dedicated job server that is killed
	UnknownAuthorities    = "MM076" // TLS to a service of the cluster whose authority is not known
	SelectedTwice         = "MM077" // FluentBitConfig that selects the installation's objects too
	ServiceAccount        = "MM078" // ServiceAccount without the intended identity
	OutsideClients        = "MM079" // Service or port that clients outside the cluster cannot use
	Upgrade               = "MM080" // change between the version that runs and the configured one
	Proxied               = "MM083" // service of the cluster behind a proxy
	ReadOnlyPaths         = "MM086" // path on a read-only file system that the server writes to
)
