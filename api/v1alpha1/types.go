// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MattermostConfig describes one Mattermost installation: the URL of its site, where it stores its data, who may log
// in, and how large it is. mattermost-fn turns it into the Mattermost operator's resource and everything around it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=mattermostconfigs,scope=Namespaced,shortName=mmc
type MattermostConfig struct {
	metav1.TypeMeta `json:",inline"`

	// The name becomes the name of the installation and of its Service, and the beginning of every other name: a DNS
	// label of at most 45 characters. The namespace is that of the installation.
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// The desired installation. The minimum is {domain: example.com}.
	Spec MattermostConfigSpec `json:"spec"`
}

// MattermostConfigSpec describes the desired installation.
type MattermostConfigSpec struct {
	// The set of defaults. bigbang: Iron Bank images, the pull secret private-registry, Istio's public gateway.
	// community: Mattermost's own enterprise-edition image, no pull secret, a Gateway API HTTPRoute. Default: bigbang.
	Profile Profile `json:"profile,omitempty"`

	// The domain of the installation: the site is https://chat.<domain>. Set either domain or host.
	Domain string `json:"domain,omitempty"`

	// The full host name of the site, if it is not chat.<domain>. Set either domain or host.
	Host string `json:"host,omitempty"`

	// The version of the Mattermost server, such as "11.10.0". It is the tag of the image. Quote it. Default: the
	// version that this release was tested with.
	Version string `json:"version,omitempty"`

	// The image of the Mattermost server.
	Image *Image `json:"image,omitempty"`

	// The edition of the server in the image: enterprise (which runs as Mattermost Entry without a license) or team. It
	// decides which kinds of single sign-on, search and metrics are available. Default: derived from the name of the
	// image repository; enterprise for Iron Bank's image.
	Edition Edition `json:"edition,omitempty"`

	// Licensed features: more than one replica, metrics, Elasticsearch.
	Enterprise *Enterprise `json:"enterprise,omitempty"`

	// The number of Mattermost servers, 1 or more. More than one requires enterprise with a license: without one,
	// messages reach only users who are connected to the same server. Default: derived from users, else 1.
	// +kubebuilder:validation:Minimum=1
	Replicas *int32 `json:"replicas,omitempty"`

	// The number of users that the servers are sized for: 100, 1000, 5000, 10000 or 25000. It sets replicas and
	// resources, and resources and shared_buffers of a database in the cluster that does not exist yet. Each of them can
	// be overridden. It does not size volumes, backups and the number of database servers.
	// +kubebuilder:validation:Enum=100;1000;5000;10000;25000
	Users *int32 `json:"users,omitempty"`

	// CPU and memory of each Mattermost server. Default: derived from users, else 2 CPU and 4Gi, with requests equal to
	// limits. Null for limits.cpu removes the CPU limit, also of the container that waits for the database.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// Single sign-on.
	SSO *SSO `json:"sso,omitempty"`

	// The PostgreSQL database. If unset, it runs in the cluster, managed by the CloudNativePG operator.
	Database *Database `json:"database,omitempty"`

	// Where uploaded files are stored. If unset, in a volume in the cluster, for one replica.
	ObjectStorage *ObjectStorage `json:"objectStorage,omitempty"`

	// Search with Elasticsearch or OpenSearch. Requires enterprise.
	Elasticsearch *Elasticsearch `json:"elasticsearch,omitempty"`

	// Metrics, alerts and a dashboard. Metrics require enterprise.
	Monitoring *Monitoring `json:"monitoring,omitempty"`

	// The server's log, and how Fluent Bit processes it.
	Logging *Logging `json:"logging,omitempty"`

	// How the site is exposed.
	Route *Route `json:"route,omitempty"`

	// A Service for clients outside the cluster, in addition to the operator's.
	Service *Service `json:"service,omitempty"`

	// Istio settings for the servers. None of them is on by default.
	Istio *Istio `json:"istio,omitempty"`

	// Network policies: deny all traffic, then allow exactly what this configuration needs.
	NetworkPolicies *NetworkPolicies `json:"networkPolicies,omitempty"`

	// How Mattermost stays available when nodes are drained or fail.
	Availability *Availability `json:"availability,omitempty"`

	// Login with accounts from AD or another LDAP directory.
	LDAP *LDAP `json:"ldap,omitempty"`

	// Single sign-on with SAML 2.0.
	SAML *SAML `json:"saml,omitempty"`

	// Single sign-on with OpenID Connect, in addition to sso with provider gitlab.
	OpenID *OpenID `json:"openid,omitempty"`

	// How the server sends e-mail. If unset, it sends none.
	Email *Email `json:"email,omitempty"`

	// Push notifications to mobile devices. If unset, none are sent.
	Push *Push `json:"push,omitempty"`

	// Compliance reports and message exports for auditors.
	Compliance *Compliance `json:"compliance,omitempty"`

	// Deletion of old messages and files. If unset, nothing is deleted.
	Retention *Retention `json:"retention,omitempty"`

	// Guests: users who see only the teams and channels that they are invited to.
	Guests *Guests `json:"guests,omitempty"`

	// A cache that all servers share. If unset, each server has its own.
	Redis *Redis `json:"redis,omitempty"`

	// Plugins of the server.
	Plugins *Plugins `json:"plugins,omitempty"`

	// Calls whose audio and screens go through the server. For several servers use rtcd instead, in plugins.settings.
	Calls *Calls `json:"calls,omitempty"`

	// Services of Mattermost, Inc. on the Internet that the servers call.
	OnlineServices *OnlineServices `json:"onlineServices,omitempty"`

	// Mattermost's own settings, by section and key of its config.json. They override the other fields, except env and
	// patches.
	Settings Settings `json:"settings,omitempty"`

	// Additional environment variables of the server, as in a pod: the escape hatch. They override settings and all
	// other fields except patches. Names that begin with MM_ are checked like settings. $(NAME) refers to another
	// variable here; in the other fields it is taken literally.
	Env []corev1.EnvVar `json:"env,omitempty"`

	// Changes to the emitted objects, in kustomize's own formats, applied in order by kustomize's own code. They
	// override everything else. A patch that matches nothing is an error.
	Patches []Patch `json:"patches,omitempty"`

	// IDs of rules whose warnings and infos are suppressed, such as MM024. Errors are never suppressed.
	Allow []string `json:"allow,omitempty"`

	// The time that the configuration is checked for, as a date such as "2026-11-23" or a time such as
	// "2026-11-23T08:00:00Z": a license that has expired by then is an error. If unset, the function does not check
	// expiry, since it has no clock.
	EvaluationTime string `json:"evaluationTime,omitempty"`

	// Details of the server's pods.
	Pod *Pod `json:"pod,omitempty"`

	// The ServiceAccount of the server's pods.
	ServiceAccount *ServiceAccount `json:"serviceAccount,omitempty"`

	// The Namespace object.
	Namespace *Namespace `json:"namespace,omitempty"`

	// Annotations on emitted objects with data (database, volumes, object storage, Namespace, their passwords), with which
	// Argo CD, Flux, kpt, Config Sync and Helm keep them in the cluster when they are no longer in Git. Set false where
	// data may go, such as in preview environments. No annotation prevents that deleting the namespace deletes everything
	// in it. Default: true.
	DeletionProtection *bool `json:"deletionProtection,omitempty"`
}

// Profile selects a set of defaults.
// +kubebuilder:validation:Enum=bigbang;community
type Profile string

// The profiles.
const (
	// ProfileBigBang selects Iron Bank's images and Big Bang's gateways.
	ProfileBigBang Profile = "bigbang"
	// ProfileCommunity selects Mattermost's own images and the Gateway API.
	ProfileCommunity Profile = "community"
)

// Edition identifies the build of the server that an image contains.
// +kubebuilder:validation:Enum=enterprise;team
type Edition string

// The editions.
const (
	// EditionEnterprise is the enterprise build. Without a license it runs as Mattermost Entry from version 11 on.
	EditionEnterprise Edition = "enterprise"
	// EditionTeam is the open-source build. It has no single sign-on from version 11 on, and no licensed features.
	EditionTeam Edition = "team"
)

// Image selects the image that runs the server.
type Image struct {
	// The image without tag or digest. Default: registry1.dso.mil/ironbank/opensource/mattermost/mattermost, or
	// mattermost/mattermost-enterprise-edition in the community profile.
	Repository string `json:"repository,omitempty"`

	// The digest to pin, "sha256:" followed by 64 hexadecimal digits. It is used instead of the tag; version must still
	// state which version the image contains.
	Digest string `json:"digest,omitempty"`

	// When the image is pulled: IfNotPresent, Always or Never. Default: IfNotPresent.
	// +kubebuilder:validation:Enum=IfNotPresent;Always;Never
	PullPolicy corev1.PullPolicy `json:"pullPolicy,omitempty"`

	// Names of the Secrets with registry credentials. Default: private-registry in the bigbang profile, else none. An
	// empty list means none.
	PullSecrets *[]string `json:"pullSecrets,omitempty"`
}

// Enterprise enables the licensed features.
type Enterprise struct {
	// Whether this installation is licensed.
	Enabled bool `json:"enabled,omitempty"`

	// The contents of the license file, which begin with eyJ. If the function can read them, the features in the
	// license decide what may be used. For a license that was uploaded to Mattermost, set {uploaded: true}. A license
	// in env, as MM_LICENSE, needs nothing here.
	License *License `json:"license,omitempty"`

	// Whether the license's signature is verified, and with which of Mattermost's public keys: production, test or
	// none. Default: none.
	// +kubebuilder:validation:Enum=production;test;none
	Verify string `json:"verify,omitempty"`
}

// SSO configures single sign-on through an identity provider.
type SSO struct {
	// Whether users log in through the identity provider.
	Enabled bool `json:"enabled,omitempty"`

	// The protocol. gitlab: GitLab's OAuth protocol, with Keycloak, as in Big Bang, or with GitLab itself. openid:
	// OpenID Connect, which is licensed. Default: gitlab.
	Provider SSOProvider `json:"provider,omitempty"`

	// The client's ID at the identity provider: a string, since it is not secret, or a reference to a Secret or store
	// that contains it.
	ClientID *SecretValue `json:"clientID,omitempty"`

	// The client's secret at the identity provider.
	ClientSecret *SecretValue `json:"clientSecret,omitempty"`

	// The issuer, such as https://login.dso.mil/auth/realms/baby-yoda for a Keycloak realm. All endpoints are derived
	// from it.
	IssuerURL string `json:"issuerURL,omitempty"`

	// The URL that users are redirected to for login. Set it together with tokenEndpoint and userAPIEndpoint, instead
	// of issuerURL.
	AuthEndpoint string `json:"authEndpoint,omitempty"`

	// The URL at which the server exchanges the authorization code for a token.
	TokenEndpoint string `json:"tokenEndpoint,omitempty"`

	// The URL from which the server reads the user's attributes, such as https://gitlab.example.com/api/v4/user for
	// GitLab itself.
	UserAPIEndpoint string `json:"userAPIEndpoint,omitempty"`

	// The requested scope. Default: openid on an enterprise image, which Keycloak requires since version 20; empty on a
	// team image, which does not support it; read_user for GitLab itself; "profile openid email" for the openid
	// provider.
	Scope *string `json:"scope,omitempty"`

	// The text of the login button. Only for the openid provider. Default: Log in with single sign-on.
	ButtonText string `json:"buttonText,omitempty"`

	// The certificate authority of the identity provider, if the system does not trust it. It is added to the system's
	// certificate authorities and never replaces them.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// Whether users may still sign up with an e-mail address. Default: false if SSO is enabled, else the server's own
	// default.
	EmailSignUp *bool `json:"emailSignUp,omitempty"`

	// Whether users may still log in with an e-mail address. Default: false if SSO is enabled, else the server's own
	// default.
	EmailSignIn *bool `json:"emailSignIn,omitempty"`

	// Whether users may still log in with a user name. Default: false if SSO is enabled, else the server's own default.
	UsernameSignIn *bool `json:"usernameSignIn,omitempty"`
}

// SSOProvider selects a protocol for single sign-on.
// +kubebuilder:validation:Enum=gitlab;openid
type SSOProvider string

// The protocols for single sign-on.
const (
	// SSOGitLab is GitLab's OAuth protocol, used with Keycloak or GitLab itself.
	SSOGitLab SSOProvider = "gitlab"
	// SSOOpenID is OpenID Connect.
	SSOOpenID SSOProvider = "openid"
)

// CertificateAuthority provides one or more certificates. Set exactly one of its fields.
type CertificateAuthority struct {
	// The certificates in PEM format.
	PEM string `json:"pem,omitempty"`

	// A key of a ConfigMap in the same namespace that contains the certificates.
	ConfigMapKeyRef *KeyRef `json:"configMapKeyRef,omitempty"`

	// A key of a Secret in the same namespace that contains the certificates.
	SecretKeyRef *KeyRef `json:"secretKeyRef,omitempty"`
}

// KeyRef selects one key of a ConfigMap or Secret in the installation's namespace.
type KeyRef struct {
	// The object's name.
	Name string `json:"name"`

	// The key in its data.
	Key string `json:"key"`
}

// Database configures PostgreSQL: in the cluster (inCluster), external (host and the related fields), or in an existing
// Secret (existingSecret). Set at most one of the three. Default: in the cluster.
type Database struct {
	// A database that is emitted together with Mattermost.
	InCluster *InClusterDatabase `json:"inCluster,omitempty"`

	// The image with /bin/sh and pg_isready that waits for the database before the server starts. Only before version
	// 11.9, since which the server's own image waits. Default: PostgreSQL's; depends on the profile.
	WaitImage string `json:"waitImage,omitempty"`

	// The host name or IP address of an external database.
	Host string `json:"host,omitempty"`

	// The port. Default: 5432.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// The role that owns the database: its name, which is not secret, or a reference to a Secret that contains the
	// name, which only an external database supports. Default: mattermost.
	Username *SecretValue `json:"username,omitempty"`

	// The role's password. It may contain any character.
	Password *SecretValue `json:"password,omitempty"`

	// The name of the database. Default: mattermost.
	Database string `json:"database,omitempty"`

	// How the connection is encrypted: disable, allow, prefer, require, verify-ca or verify-full. Default: require.
	// +kubebuilder:validation:Enum=disable;allow;prefer;require;verify-ca;verify-full
	SSLMode string `json:"sslMode,omitempty"`

	// The certificate authority of the database, for verify-ca and verify-full, if the system does not trust it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// Additional connection parameters, such as {connect_timeout: "10"}.
	Parameters map[string]string `json:"parameters,omitempty"`

	// Read replicas as host or host:port. They are accessed with the same role, password, database and parameters.
	ReadReplicas []string `json:"readReplicas,omitempty"`

	// The name of an existing Secret in the same namespace that contains the whole connection string, including the
	// password, under the key DB_CONNECTION_STRING (postgres://user:password@host:port/database), and optionally
	// MM_SQLSETTINGS_DATASOURCE and MM_SQLSETTINGS_DATASOURCEREPLICAS. For a Secret with user and password under
	// separate keys, set host, username and password instead.
	ExistingSecret string `json:"existingSecret,omitempty"`
}

// DatabaseEngine selects what runs a database in the cluster.
// +kubebuilder:validation:Enum=cloudnative-pg;statefulset
type DatabaseEngine string

// The engines of a database in the cluster.
const (
	// EngineCloudNativePG is a Cluster of the CloudNativePG operator, which generates the password itself.
	EngineCloudNativePG DatabaseEngine = "cloudnative-pg"
	// EngineStatefulSet is a single PostgreSQL server without an operator.
	EngineStatefulSet DatabaseEngine = "statefulset"
)

// InClusterDatabase is a database that is emitted together with Mattermost.
type InClusterDatabase struct {
	// What runs the database. cloudnative-pg: the CloudNativePG operator, which must be installed; the password appears
	// in no manifest. statefulset: a single plain PostgreSQL server, for a laptop; password or generatePassword is
	// required. Default: cloudnative-pg.
	Engine DatabaseEngine `json:"engine,omitempty"`

	// The name of the Cluster. Another name is another database, which starts empty unless recover or import fills it;
	// the earlier one is kept. Only for cloudnative-pg. Default: the name of the installation followed by -db.
	// +kubebuilder:validation:Pattern=`^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$`
	Name string `json:"name,omitempty"`

	// The number of database servers: 1, or 3 for high availability. Only for cloudnative-pg. Default: 1.
	// +kubebuilder:validation:Minimum=1
	Instances *int32 `json:"instances,omitempty"`

	// Parameters of PostgreSQL, such as {work_mem: 16MB}. Some of them restart the database when they change, and those
	// that the deployment depends on cannot be set. Set maxConnections for max_connections. Default: shared_buffers is a
	// quarter of the memory if users decides the memory; all others are those of the operator and of PostgreSQL.
	Parameters map[string]string `json:"parameters,omitempty"`

	// The database's volume. Default: 10Gi of the default storage class.
	Storage *Storage `json:"storage,omitempty"`

	// The PostgreSQL image. Default: Iron Bank's for the profile bigbang; for community the operator's own choice with
	// cloudnative-pg, Docker's official one with statefulset. A database that exists keeps an image whose major version
	// or user is another than those of the default.
	Image string `json:"image,omitempty"`

	// The ID of the user and group that the image runs PostgreSQL as. It cannot change while the database exists.
	// Default: 1001 for Iron Bank's image, otherwise 26; 999 for statefulset with the profile community. On OpenShift,
	// which chooses it, set null.
	// +kubebuilder:validation:Minimum=1
	UserID *int64 `json:"userID,omitempty"`

	// The name of an existing Secret in the same namespace with the keys username and password for the role, instead of
	// the one that the operator creates. username must be spec.database.username. Only for cloudnative-pg.
	ExistingSecret string `json:"existingSecret,omitempty"`

	// The role's password. Only for statefulset, where password or generatePassword is required.
	Password *SecretValue `json:"password,omitempty"`

	// Whether External Secrets generates the role's password in the cluster, once, so that it appears in no file. Only
	// for statefulset, and only for a database that does not exist yet.
	GeneratePassword bool `json:"generatePassword,omitempty"`

	// CPU and memory of each database server. Default: 500m and 1Gi, or what spec.users needs, with requests equal to
	// limits. If it is not set, earlier values among the resources are kept, because PostgreSQL restarts when they change.
	// Null for limits.cpu removes the CPU limit.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// How many connections PostgreSQL accepts (max_connections). The Mattermost servers share all but 100, with at most
	// 100 for each server; the rest is for superusers, backups and metrics. It does not follow the number of servers,
	// because PostgreSQL restarts when it changes. If it is not set, an earlier value among the resources is kept while it
	// leaves 50 for each server. Default: 500, which is enough for 7 servers.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=262143
	MaxConnections *int32 `json:"maxConnections,omitempty"`

	// Backups to the object storage. Only for cloudnative-pg, and only with an external object storage.
	Backup *Backup `json:"backup,omitempty"`

	// Restores the database from the archive of backups when it is created. It has no effect on a database that exists:
	// set another name, or delete the existing Cluster first. Only for cloudnative-pg, and only with image.
	Recover *Recovery `json:"recover,omitempty"`

	// Copies another database into this one when it is created, with pg_dump and pg_restore. It has no effect on a
	// database that exists. Stop the servers first: what they write after the copy has begun is lost. Only for
	// cloudnative-pg.
	Import *DatabaseImport `json:"import,omitempty"`
}

// Recovery restores a database from an archive of backups. At most one of targetTime, targetLSN and targetImmediate may
// be set.
type Recovery struct {
	// The name of the directory in the archive that the backups are in: backup.serverName of the database that made them,
	// which is the name of its Cluster unless it was set. It must differ from backup.serverName of this database.
	// Required.
	From string `json:"from,omitempty"`

	// The name of an existing ObjectStore in the same namespace that describes the archive, if the backups are in another
	// bucket, directory or service. Default: the one that is emitted for spec.objectStorage.
	ObjectStore string `json:"objectStore,omitempty"`

	// The time to restore to, such as "2026-11-20T02:30:00Z". It must be before the last transaction in the archive.
	// Default: the end of the archive.
	TargetTime string `json:"targetTime,omitempty"`

	// The position in the write-ahead log to restore to, such as 0/7000060.
	TargetLSN string `json:"targetLSN,omitempty"`

	// Whether to stop as soon as the backup is consistent. Requires backupID.
	TargetImmediate bool `json:"targetImmediate,omitempty"`

	// The backup to start with, such as 20261119T020000. Default: the last one before the target.
	BackupID string `json:"backupID,omitempty"`
}

// DatabaseImport describes a database to copy. The role of this database owns everything in the copy; permissions of
// other roles are not copied.
type DatabaseImport struct {
	// The host name or IP address of the other database. Required.
	Host string `json:"host,omitempty"`

	// The port. Default: 5432.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// The name of the other database. Default: spec.database.database.
	Database string `json:"database,omitempty"`

	// The role that owns the other database, or a superuser. Default: spec.database.username.
	Username string `json:"username,omitempty"`

	// The password of that role. Required.
	Password *SecretValue `json:"password,omitempty"`

	// How the connection is encrypted: disable, allow, prefer, require, verify-ca or verify-full. Use disable for a
	// database without TLS, such as one of engine statefulset. Default: require.
	// +kubebuilder:validation:Enum=disable;allow;prefer;require;verify-ca;verify-full
	SSLMode string `json:"sslMode,omitempty"`

	// The certificate authority of the other database, for verify-ca and verify-full.
	CA *CertificateAuthority `json:"ca,omitempty"`
}

// BackupMethod selects what writes backups to the object storage.
// +kubebuilder:validation:Enum=plugin;barmanObjectStore
type BackupMethod string

// The methods of backups.
const (
	// BackupPlugin is the Barman Cloud plugin of CloudNativePG.
	BackupPlugin BackupMethod = "plugin"
	// BackupBuiltIn is CloudNativePG's own code, which a later version removes.
	BackupBuiltIn BackupMethod = "barmanObjectStore"
)

// Backup configures scheduled backups of the database to the object storage.
type Backup struct {
	// What writes the backups. plugin: the Barman Cloud plugin, which must be installed next to the CloudNativePG
	// operator: the operator stops managing a database whose plugin it does not know. barmanObjectStore: the operator's
	// own code, which is deprecated and will be removed. Both use the same archive. Default: plugin, unless a database
	// with barmanObjectStore is among the resources, which keeps it.
	Method BackupMethod `json:"method,omitempty"`

	// The schedule as a cron expression with six fields, seconds first, or @daily and the like. The operator's clock
	// counts, which is UTC. Default: "0 0 2 * * *", which is every night at 02:00.
	Schedule string `json:"schedule,omitempty"`

	// The name of the directory of this database in the archive. It must be new for every new database: CloudNativePG
	// archives nothing into a directory that another one has used. Change it when the database is restored, or deleted
	// and created again. Default: the name of the Cluster, or the one that a database among the resources has.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`
	ServerName string `json:"serverName,omitempty"`

	// CPU and memory of the plugin's container in each database pod. Default: 500m and 512Mi, with requests equal to
	// limits. Null for limits.cpu removes the CPU limit. Only for method plugin.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// How long backups are kept, such as 30d, 8w or 12m. Default: 30d.
	// +kubebuilder:validation:Pattern=`^[1-9][0-9]*[dwm]$`
	Retention string `json:"retention,omitempty"`
}

// Storage describes the size and the storage class of a volume.
type Storage struct {
	// The size, such as 10Gi.
	Size *resource.Quantity `json:"size,omitempty"`

	// The storage class. Default: the cluster's default.
	StorageClassName string `json:"storageClassName,omitempty"`
}

// ObjectStorage configures where uploaded files are stored: in the cluster (inCluster), in an S3 service (bucket and
// the related fields) or in Azure Blob Storage (azure). Set at most one of the three. Default: in the cluster.
type ObjectStorage struct {
	// A store that is emitted together with Mattermost.
	InCluster *InClusterObjectStorage `json:"inCluster,omitempty"`

	// The URL of the S3 service, such as https://s3.us-gov-west-1.amazonaws.com. The scheme decides whether TLS is
	// used. Default: Amazon's endpoint of the region.
	Endpoint string `json:"endpoint,omitempty"`

	// The bucket. It must exist.
	Bucket string `json:"bucket,omitempty"`

	// The region, such as us-gov-west-1. Default: taken from an Amazon endpoint; most other services ignore it.
	Region string `json:"region,omitempty"`

	// The access key. Set it together with accessSecret.
	AccessKey *SecretValue `json:"accessKey,omitempty"`

	// The secret of the access key. Set it together with accessKey.
	AccessSecret *SecretValue `json:"accessSecret,omitempty"`

	// Whether TLS is used, if endpoint has no scheme. It must not contradict the scheme.
	TLS *bool `json:"tls,omitempty"`

	// The certificate authority of the S3 service, if the system does not trust it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// The directory in the bucket that contains all files.
	PathPrefix string `json:"pathPrefix,omitempty"`

	// Whether the service encrypts what it stores (SSE-S3). Requires enterprise.
	ServerSideEncryption bool `json:"serverSideEncryption,omitempty"`

	// The name of an existing Secret in the same namespace with the keys accesskey and secretkey, instead of accessKey
	// and accessSecret.
	ExistingSecret string `json:"existingSecret,omitempty"`

	// The IAM role that the pods assume instead of using keys, such as
	// arn:aws-us-gov:iam::123456789012:role/mattermost.
	RoleARN string `json:"roleARN,omitempty"`

	// The identity of the pods at Amazon that is used instead of keys and roleARN. podIdentity: the role that an EKS Pod
	// Identity association gives to the ServiceAccount. nodeRole: the role of the node, which every pod on it can use.
	Credentials ObjectStorageCredentials `json:"credentials,omitempty"`

	// Azure Blob Storage, from version 11.9 on. It replaces all fields of an S3 service. Default: that of
	// settings.FileSettings with DriverName azureblob.
	Azure *AzureStorage `json:"azure,omitempty"`

	// azureFromSettings is true if azure was set from settings or env.
	azureFromSettings bool `json:"-"`

	// azureIdentity is true if they name no key.
	azureIdentity bool `json:"-"`
}

// The clouds of Azure.
const (
	AzureCommercial = "commercial"
	AzureGovernment = "government"
	AzureCustom     = "custom"
)

// AzureStorage configures a container in Azure Blob Storage.
type AzureStorage struct {
	// The storage account, 3 to 24 lower-case letters and digits. Required.
	Account string `json:"account,omitempty"`

	// The container. It must exist. Required.
	Container string `json:"container,omitempty"`

	// The cloud: commercial, government, or custom, for which endpoint is required. Default: commercial.
	// +kubebuilder:validation:Enum=commercial;government;custom
	Cloud string `json:"cloud,omitempty"`

	// The URL of the service in a custom cloud, such as https://files.blob.core.example.com. Without http:// the
	// connection uses TLS.
	Endpoint string `json:"endpoint,omitempty"`

	// The key of the account, in base64, as Azure shows it. Default: none; the pods need an identity at Azure (Microsoft
	// Entra Workload ID) in the annotations of the ServiceAccount.
	AccessKey *SecretValue `json:"accessKey,omitempty"`

	// The directory in the container that contains all files.
	PathPrefix string `json:"pathPrefix,omitempty"`
}

// ObjectStorageCredentials selects an identity at Amazon that the pods have without anything in the configuration.
// +kubebuilder:validation:Enum=podIdentity;nodeRole
type ObjectStorageCredentials string

// The identities of pods at Amazon.
const (
	// CredentialsPodIdentity is the role of an EKS Pod Identity association.
	CredentialsPodIdentity ObjectStorageCredentials = "podIdentity"
	// CredentialsNodeRole is the role of the node.
	CredentialsNodeRole ObjectStorageCredentials = "nodeRole"
)

// ObjectStorageEngine selects what stores files in the cluster.
// +kubebuilder:validation:Enum=volume;minio
type ObjectStorageEngine string

// The engines of an object storage in the cluster.
const (
	// EngineVolume is a volume that the only server mounts.
	EngineVolume ObjectStorageEngine = "volume"
	// EngineMinIO is a Tenant of the MinIO operator.
	EngineMinIO ObjectStorageEngine = "minio"
)

// InClusterObjectStorage is a store that is emitted together with Mattermost.
type InClusterObjectStorage struct {
	// What stores the files. volume: a PersistentVolumeClaim, for one replica unless accessModes contains ReadWriteMany.
	// minio: a Tenant of the MinIO operator, as in Big Bang; keys are required, and the upstream project was archived in
	// April 2026. Default: volume.
	Engine ObjectStorageEngine `json:"engine,omitempty"`

	// The volume. Default: 10Gi of the default storage class.
	Storage *Storage `json:"storage,omitempty"`

	// A PersistentVolumeClaim that exists already in the namespace of the installation and stores the files, such as the
	// one of an installation that is taken over. No other claim is emitted. Only for volume, without storage.
	ExistingClaim string `json:"existingClaim,omitempty"`

	// The access modes of the claim: ReadWriteOnce, ReadWriteMany or ReadWriteOncePod. With ReadWriteMany, for which the
	// storage class needs a shared file system such as NFS, several servers may use the volume. Only for volume.
	// Default: ReadWriteOnce.
	// +kubebuilder:validation:items:Enum=ReadWriteOnce;ReadWriteMany;ReadWriteOncePod
	AccessModes []corev1.PersistentVolumeAccessMode `json:"accessModes,omitempty"`

	// The access key that MinIO is initialized with, at least 3 characters. Only for minio, where accessKey and
	// accessSecret, or generateKeys, are required.
	AccessKey *SecretValue `json:"accessKey,omitempty"`

	// The secret of the access key, at least 8 characters. Only for minio, together with accessKey.
	AccessSecret *SecretValue `json:"accessSecret,omitempty"`

	// Whether External Secrets generates the secret of the access key in the cluster, once, so that it appears in no
	// file; the access key is mattermost. Only for minio, and only for a store that does not exist yet.
	GenerateKeys bool `json:"generateKeys,omitempty"`

	// The MinIO image. Default: depends on the profile.
	Image string `json:"image,omitempty"`

	// The ID of the user and group that MinIO runs as. Only for minio. Default: 1000. On OpenShift, which chooses it, set
	// null.
	// +kubebuilder:validation:Minimum=1
	UserID *int64 `json:"userID,omitempty"`

	// CPU and memory of the MinIO server. Default: 500m and 1Gi, with requests equal to limits. Null for
	// limits.cpu removes the CPU limit.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`
}

// Elasticsearch configures search with Elasticsearch or OpenSearch instead of the database.
type Elasticsearch struct {
	// Whether posts are indexed and searched there.
	Enabled bool `json:"enabled,omitempty"`

	// The URL of the service. Default: https://logging-ek-es-http.logging.svc.cluster.local:9200, Big Bang's own.
	URL string `json:"url,omitempty"`

	// The kind of service: elasticsearch or opensearch. Default: elasticsearch.
	// +kubebuilder:validation:Enum=elasticsearch;opensearch
	Backend string `json:"backend,omitempty"`

	// The user. Default: elastic.
	Username string `json:"username,omitempty"`

	// The user's password.
	Password *SecretValue `json:"password,omitempty"`

	// The prefix of the index names, if several installations share the service.
	IndexPrefix string `json:"indexPrefix,omitempty"`

	// The certificate authority of the service, if the system does not trust it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// Whether verification of the service's certificate is skipped. A man-in-the-middle can then read and change what
	// is indexed and searched.
	SkipTLSVerify bool `json:"skipTLSVerify,omitempty"`
}

// Monitoring configures metrics, alerts and a dashboard.
type Monitoring struct {
	// Whether Prometheus scrapes the servers. Requires enterprise, since the metrics are licensed.
	Enabled bool `json:"enabled,omitempty"`

	// Details of the ServiceMonitor.
	ServiceMonitor *ServiceMonitor `json:"serviceMonitor,omitempty"`

	// Alerting rules. If unset, none are emitted.
	Alerts *Alerts `json:"alerts,omitempty"`

	// A Grafana dashboard. If unset, none is emitted.
	Dashboard *Dashboard `json:"dashboard,omitempty"`
}

// ServiceMonitor configures how Prometheus scrapes the servers.
type ServiceMonitor struct {
	// The scrape interval, such as 30s or 1m30s. Default: 30s.
	// +kubebuilder:validation:Pattern=`^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$`
	Interval string `json:"interval,omitempty"`

	// http or https. Under strict mutual TLS, Prometheus needs https and tlsConfig. Default: http.
	// +kubebuilder:validation:Enum=http;https
	Scheme string `json:"scheme,omitempty"`

	// The files that Prometheus uses for https.
	TLSConfig *MonitorTLSConfig `json:"tlsConfig,omitempty"`

	// Additional labels, if Prometheus selects ServiceMonitors by label. Default: {release: monitoring} in the bigbang
	// profile.
	Labels map[string]string `json:"labels,omitempty"`
}

// MonitorTLSConfig names files in the Prometheus pod.
type MonitorTLSConfig struct {
	// The path of the certificate authority, such as /etc/prom-certs/root-cert.pem.
	CAFile string `json:"caFile,omitempty"`

	// The path of the client certificate, such as /etc/prom-certs/cert-chain.pem.
	CertFile string `json:"certFile,omitempty"`

	// The path of the client certificate's key, such as /etc/prom-certs/key.pem.
	KeyFile string `json:"keyFile,omitempty"`

	// Whether verification of the server's certificate is skipped. This is usual with Istio, whose certificates contain
	// no host name.
	InsecureSkipVerify bool `json:"insecureSkipVerify,omitempty"`
}

// Alerts configures the rules that Prometheus evaluates.
type Alerts struct {
	// Whether a PrometheusRule is emitted. Requires enterprise, since the metrics are licensed.
	Enabled bool `json:"enabled,omitempty"`

	// Additional labels of the PrometheusRule, if Prometheus selects rules by label. Default: those of the
	// ServiceMonitor.
	Labels map[string]string `json:"labels,omitempty"`
}

// Dashboard configures a ConfigMap with a Grafana dashboard.
type Dashboard struct {
	// Whether the ConfigMap is emitted. Requires enterprise, since the metrics are licensed.
	Enabled bool `json:"enabled,omitempty"`

	// The namespace that Grafana's sidecar watches. Default: monitoring in the bigbang profile, else the installation's
	// own.
	Namespace string `json:"namespace,omitempty"`

	// The labels that Grafana's sidecar selects ConfigMaps by. Default: {grafana_dashboard: "1"}.
	Labels map[string]string `json:"labels,omitempty"`
}

// Logging configures the server's log, and how Fluent Bit processes it.
type Logging struct {
	// The log level: DEBUG, INFO, WARN or ERROR. Default: INFO.
	// +kubebuilder:validation:Enum=DEBUG;INFO;WARN;ERROR
	Level string `json:"level,omitempty"`

	// Whether each line is JSON, which the Fluent Bit parser requires. Default: true.
	JSON *bool `json:"json,omitempty"`

	// How Fluent Bit parses, classifies and redacts the lines.
	FluentBit *FluentBit `json:"fluentBit,omitempty"`
}

// FluentBitForm selects how Fluent Bit is configured.
// +kubebuilder:validation:Enum=operator;configMap
type FluentBitForm string

// The forms of Fluent Bit's configuration.
const (
	// FluentBitOperator emits the Fluent operator's resources in the installation's namespace.
	FluentBitOperator FluentBitForm = "operator"
	// FluentBitConfigMap emits a ConfigMap with configuration files for the plain chart, which Big Bang uses.
	FluentBitConfigMap FluentBitForm = "configMap"
)

// FluentBit parses the server's log, assigns a severity to each line, separates audit records from the others and
// redacts secrets.
type FluentBit struct {
	// Whether the configuration of Fluent Bit is emitted. Default: true.
	Enabled *bool `json:"enabled,omitempty"`

	// The form of the configuration. operator: the Fluent operator's resources. configMap: files for the plain chart.
	// Default: operator.
	Form FluentBitForm `json:"form,omitempty"`

	// The namespace that Fluent Bit runs in, for the configMap form. Default: fluentbit.
	Namespace string `json:"namespace,omitempty"`

	// Where the lines are sent, for the operator form. If unset, the cluster's own outputs must match their tags, which
	// have a prefix: one with match kube.*, or with the matchRegex of the operator's chart, does not.
	Outputs []FluentBitOutput `json:"outputs,omitempty" patchStrategy:"merge" patchMergeKey:"name"`
}

// FluentBitOutput sends this installation's lines to Elasticsearch.
type FluentBitOutput struct {
	// The name of the output, a DNS label that is unique in the list.
	Name string `json:"name"`

	// The URL of the Elasticsearch service, such as https://logging-ek-es-http.logging.svc.cluster.local:9200.
	URL string `json:"url"`

	// The user.
	Username string `json:"username,omitempty"`

	// The user's password.
	Password *SecretValue `json:"password,omitempty"`

	// The prefix of the names of the daily indexes. Default: mattermost.
	IndexPrefix string `json:"indexPrefix,omitempty"`

	// Whether verification of the service's certificate is skipped.
	SkipTLSVerify bool `json:"skipTLSVerify,omitempty"`

	// The path of the certificate authority in all pods of Fluent Bit, which do not start without the file.
	CAFile string `json:"caFile,omitempty"`
}

// RouteType selects how the site is exposed.
// +kubebuilder:validation:Enum=istio;gatewayAPI;ingress;none
type RouteType string

// The types of routes.
const (
	// RouteIstio exposes the site with an Istio VirtualService.
	RouteIstio RouteType = "istio"
	// RouteGatewayAPI exposes the site with a Gateway API HTTPRoute.
	RouteGatewayAPI RouteType = "gatewayAPI"
	// RouteIngress exposes the site with the Ingress that the Mattermost operator creates.
	RouteIngress RouteType = "ingress"
	// RouteNone emits no route: you expose the site yourself.
	RouteNone RouteType = "none"
)

// Route exposes the site.
type Route struct {
	// The kind of route. istio: a VirtualService. gatewayAPI: an HTTPRoute. ingress: the operator's own Ingress. none:
	// no route. Default: istio, or gatewayAPI in the community profile.
	Type RouteType `json:"type,omitempty"`

	// The gateways as namespace/name, or name for one in the same namespace. Default for istio:
	// istio-gateway/public-ingressgateway. Required for gatewayAPI.
	Gateways []string `json:"gateways,omitempty"`

	// The listener of the Gateway, for gatewayAPI. Default: all listeners.
	SectionName string `json:"sectionName,omitempty"`

	// The class of the Ingress. Required for ingress.
	IngressClass string `json:"ingressClass,omitempty"`

	// The name of the Secret with the site's certificate, for ingress.
	TLSSecret string `json:"tlsSecret,omitempty"`

	// Annotations of the route.
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Service makes the servers reachable for clients outside the cluster. The Service of the operator stays as it is: the
// route, metrics and policies use it.
type Service struct {
	// LoadBalancer: a load balancer, which must terminate TLS. NodePort: a port of every node, for a load balancer of your
	// own. ClusterIP: no Service in addition to the operator's. Default: ClusterIP.
	// +kubebuilder:validation:Enum=ClusterIP;LoadBalancer;NodePort
	Type corev1.ServiceType `json:"type,omitempty"`

	// Annotations of the Service, such as those that tell a cloud's load balancer its certificate. With type ClusterIP
	// those of the operator's Service.
	Annotations map[string]string `json:"annotations,omitempty"`

	// The port of the Service. Default: 443 for LoadBalancer, 8065 for NodePort.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// The port of the nodes, usually 30000 to 32767. Default: the cluster chooses one.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	NodePort *int32 `json:"nodePort,omitempty"`

	// The IP addresses of clients that the load balancer admits, as CIDRs. Only for LoadBalancer. Default: all.
	SourceRanges []string `json:"sourceRanges,omitempty"`
}

// Istio configures the mesh for the servers.
type Istio struct {
	// Whether the pods get a sidecar. Default: the namespace's own setting.
	Injection *bool `json:"injection,omitempty"`

	// Whether the pods join the ambient mesh. Conflicts with injection.
	Ambient bool `json:"ambient,omitempty"`

	// Mutual TLS of the servers: STRICT or PERMISSIVE. Default: the mesh's own setting.
	// +kubebuilder:validation:Enum=STRICT;PERMISSIVE
	MTLS string `json:"mtls,omitempty"`

	// Whether connections are restricted to the gateway, the servers themselves and Prometheus, each to its own port.
	AuthorizationPolicies bool `json:"authorizationPolicies,omitempty"`

	// The principals of all gateways of the route, for authorizationPolicies. Default for the gateways of Big Bang, a
	// route of type istio to istio-gateway/NAME-ingressgateway:
	// cluster.local/ns/istio-gateway/sa/NAME-ingressgateway-ingressgateway-service-account. In profile community only
	// for the public gateway. Required if the route has another gateway.
	GatewayPrincipals []string `json:"gatewayPrincipals,omitempty"`

	// The external services that the servers may reach: RegistryOnly (only those in the mesh's registry; serviceEntries
	// adds those that this configuration names) or AllowAny. Default: the mesh's own setting.
	// +kubebuilder:validation:Enum=RegistryOnly;AllowAny
	Egress string `json:"egress,omitempty"`

	// Whether the external services that this configuration names are added to the mesh's registry. Default: true with
	// egress RegistryOnly.
	ServiceEntries *bool `json:"serviceEntries,omitempty"`
}

// NetworkPolicies deny all traffic, then allow exactly what this configuration needs.
type NetworkPolicies struct {
	// Whether network policies are emitted.
	Enabled bool `json:"enabled,omitempty"`

	// The namespace of the gateway or ingress controller. Default: the namespaces of all gateways of the route. Required
	// for an Ingress. Conflicts with gatewayNamespaces.
	GatewayNamespace string `json:"gatewayNamespace,omitempty"`

	// The namespaces of several gateways or ingress controllers. Default: see gatewayNamespace.
	GatewayNamespaces []string `json:"gatewayNamespaces,omitempty"`

	// The namespace of Prometheus. Default: monitoring.
	MonitoringNamespace string `json:"monitoringNamespace,omitempty"`

	// The IP addresses of external services as lists of CIDRs, by service: database, objectStorage, sso, elasticsearch,
	// ldap, mail, push, redis. Default: every address except the cloud's metadata service, on the service's port.
	Egress map[string][]string `json:"egress,omitempty"`

	// Further services that the servers connect to, such as those of settings and plugins. Network policies allow them,
	// ServiceEntries register them, and the list of prerequisites has them for the firewall.
	Allow []AllowedDestination `json:"allow,omitempty"`
}

// AllowedDestination is a service that the servers may connect to.
type AllowedDestination struct {
	// The host name or IP address. One of host and cidr is required.
	Host string `json:"host,omitempty"`

	// A range of addresses, such as 10.1.2.0/24.
	CIDR string `json:"cidr,omitempty"`

	// The TCP port. Required.
	Port int32 `json:"port,omitempty"`

	// The protocol for the mesh: TLS for a connection that begins with TLS, HTTP, or TCP. Default: TLS for port 443, HTTP
	// for port 80, otherwise TCP.
	Protocol AllowedProtocol `json:"protocol,omitempty"`
}

// AllowedProtocol is the protocol of an AllowedDestination.
// +kubebuilder:validation:Enum=TLS;HTTP;TCP
type AllowedProtocol string

// The protocols of an AllowedDestination.
const (
	AllowedTLS  AllowedProtocol = "TLS"
	AllowedHTTP AllowedProtocol = "HTTP"
	AllowedTCP  AllowedProtocol = "TCP"
)

// Availability keeps Mattermost available when nodes are drained or fail.
type Availability struct {
	// Whether pods are spread across nodes and zones and protected by a PodDisruptionBudget. Default: true with more
	// than one replica.
	Enabled *bool `json:"enabled,omitempty"`

	// The node label that pods are spread across, in addition to the host name. Default: topology.kubernetes.io/zone.
	TopologyKey string `json:"topologyKey,omitempty"`
}

// Pod configures details of the server's pods.
type Pod struct {
	// Additional labels.
	Labels map[string]string `json:"labels,omitempty"`

	// Additional annotations. With a license the operator sets prometheus.io/scrape, path and port, for a Prometheus that
	// finds pods by annotations: those given here are kept, and prometheus.io/scrape is "false" while metrics are off.
	Annotations map[string]string `json:"annotations,omitempty"`

	// The labels of the nodes that pods may run on.
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// Affinity, as in a pod. It replaces the spreading across hosts that availability sets.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Affinity *corev1.Affinity `json:"affinity,omitempty"`

	// Tolerations, as in a pod.
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// The pod's security context. It is merged into the default, which satisfies the restricted pod security level with
	// user, group and file system group 2000. On OpenShift, which chooses them, set runAsUser, runAsGroup and fsGroup to
	// null.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	SecurityContext *corev1.PodSecurityContext `json:"securityContext,omitempty"`

	// The security context of the containers. It is merged into the default, which satisfies the restricted pod
	// security level.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	ContainerSecurityContext *corev1.SecurityContext `json:"containerSecurityContext,omitempty"`

	// Whether the root file system of the server's container is read-only. The directories that the server writes to, as
	// server 11.6 did, are then in an emptyDir volume, unless volumeMounts has one there: /mattermost/client/plugins, logs
	// and plugins, /tmp and /var/tmp, and /mattermost/data if files are stored elsewhere. Default: false.
	ReadOnlyRootFilesystem bool `json:"readOnlyRootFilesystem,omitempty"`

	// Additional volumes, as in a pod. The operator allows configMap, secret, emptyDir, persistentVolumeClaim,
	// projected, downwardAPI and csi.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	Volumes []corev1.Volume `json:"volumes,omitempty"`

	// Additional volume mounts of the server, as in a pod.
	VolumeMounts []corev1.VolumeMount `json:"volumeMounts,omitempty"`

	// Additional init containers, as in a pod. They run after the one that waits for the database.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	InitContainers []corev1.Container `json:"initContainers,omitempty"`

	// Additional containers next to the server, as in a pod.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	Sidecars []corev1.Container `json:"sidecars,omitempty"`

	// The PriorityClass of the pods.
	PriorityClassName string `json:"priorityClassName,omitempty"`

	// The RuntimeClass of the pods.
	RuntimeClassName string `json:"runtimeClassName,omitempty"`

	// The seconds that a server has to stop before it is killed, 0 or more. Default: Kubernetes' 30.
	// +kubebuilder:validation:Minimum=0
	TerminationGracePeriodSeconds *int64 `json:"terminationGracePeriodSeconds,omitempty"`

	// Additional lines of the pods' /etc/hosts, as in a pod.
	HostAliases []corev1.HostAlias `json:"hostAliases,omitempty"`

	// DNS servers, search domains and options of the pods, as in a pod, in addition to those of the cluster.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	DNSConfig *corev1.PodDNSConfig `json:"dnsConfig,omitempty"`

	// Additional rules for the spreading of pods, as in a pod. Those of availability stay.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	TopologySpreadConstraints []corev1.TopologySpreadConstraint `json:"topologySpreadConstraints,omitempty"`

	// Secrets and ConfigMaps whose keys become environment variables of the server, as in a container. Variables of other
	// fields override them, and they are not checked.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	EnvFrom []corev1.EnvFromSource `json:"envFrom,omitempty"`

	// What the server's container does after it started and before it stops, as in a container.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Lifecycle *corev1.Lifecycle `json:"lifecycle,omitempty"`
}

// ServiceAccount configures the ServiceAccount of the server's pods. Its name is that of the installation: the operator
// uses no other.
type ServiceAccount struct {
	// Whether the ServiceAccount is created. Set false for one with the installation's name that exists already, such as
	// one that eksctl or Terraform creates: it is used as it is. Default: true.
	Create *bool `json:"create,omitempty"`

	// Annotations of the ServiceAccount, such as those with which a cloud gives pods an identity. For an IAM role of
	// Amazon set objectStorage.roleARN.
	Annotations map[string]string `json:"annotations,omitempty"`

	// Whether the pods get a token for the Kubernetes API, which the server does not use. Default: Kubernetes' own, which
	// is true.
	AutomountToken *bool `json:"automountToken,omitempty"`
}

// Namespace configures the Namespace object.
type Namespace struct {
	// Whether the Namespace is emitted. Default: false, since it usually exists already.
	Create bool `json:"create,omitempty"`

	// Labels of the Namespace, in addition to the mesh's and pod-security.kubernetes.io/enforce: restricted.
	Labels map[string]string `json:"labels,omitempty"`

	// Annotations of the Namespace.
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Patch changes emitted objects, like an entry of kustomize's `patches`.
type Patch struct {
	// The patch as a string: a strategic merge patch (an object with the changes; a list of a custom resource is
	// replaced as a whole), or a JSON 6902 patch (a list of {op, path, value}).
	Patch string `json:"patch"`

	// The emitted objects that the patch applies to. Default: the object with the kind, name and namespace of the
	// strategic merge patch. Required for JSON 6902.
	Target *PatchTarget `json:"target,omitempty"`
}

// PatchTarget selects emitted objects. A field that is not set matches everything. kind, name, namespace, group and
// version are regular expressions that must match the whole string.
type PatchTarget struct {
	// The API group, such as installation.mattermost.com.
	Group string `json:"group,omitempty"`

	// The API version, such as v1beta1.
	Version string `json:"version,omitempty"`

	// The kind, such as Mattermost.
	Kind string `json:"kind,omitempty"`

	// The name.
	Name string `json:"name,omitempty"`

	// The namespace.
	Namespace string `json:"namespace,omitempty"`

	// A label selector, such as "app.kubernetes.io/component=server".
	LabelSelector string `json:"labelSelector,omitempty"`

	// An annotation selector, in the same format as labelSelector.
	AnnotationSelector string `json:"annotationSelector,omitempty"`
}

// SecretValue is a secret: a plain string, or a reference to where the secret is stored. A plain string is written to
// an emitted Secret, and causes a warning, since the configuration contains it as well.
//
// +kubebuilder:validation:XPreserveUnknownFields
// +kubebuilder:validation:Type=""
type SecretValue struct {
	// The value itself. It is never printed.
	Value string `json:"-"`

	// A key of a Secret in the same namespace. It is referenced, never copied, except into the configuration file of
	// MinIO in the cluster, for which the Secret must be among the function's input resources.
	SecretKeyRef *KeyRef `json:"secretKeyRef,omitempty"`

	// A value that External Secrets fetches in the cluster. An ExternalSecret is emitted, which creates the Secret.
	ExternalSecret *ExternalRef `json:"externalSecret,omitempty"`
}

// License is a license: a secret, or the information that the license was uploaded to Mattermost.
//
// +kubebuilder:validation:XPreserveUnknownFields
// +kubebuilder:validation:Type=""
type License struct {
	// The license itself; nil if it was uploaded.
	*SecretValue `json:",inline"`

	// The license was uploaded, in the System Console or with mmctl, and is in Mattermost's database. Nothing is
	// emitted for it, and licensed features are allowed. The server prefers it to a license in a file, but not to
	// MM_LICENSE.
	// +kubebuilder:validation:Enum=true
	Uploaded bool `json:"uploaded,omitempty"`
}

// String describes the license without its contents, which must not appear in logs and messages.
func (l License) String() string {
	if l.SecretValue == nil {
		return "(uploaded license)"
	}
	return l.SecretValue.String()
}

// GoString returns String, so that %#v does not print the license either.
func (l License) GoString() string { return l.String() }

// LicenseValue returns the license in the configuration, or nil if there is none or it was uploaded.
func (e *Enterprise) LicenseValue() *SecretValue {
	if e.License == nil {
		return nil
	}
	return e.License.SecretValue
}

// LicenseVariable is the environment variable that the server prefers to every other license
// (server/channels/app/platform/license.go, LoadLicense).
const LicenseVariable = "MM_LICENSE"

// LicenseFromEnv returns the index of the license in env, and whether there is one.
func (s *MattermostConfigSpec) LicenseFromEnv() (index int, ok bool) {
	for i, variable := range slices.Backward(s.Env) {
		if variable.Name == LicenseVariable && (variable.Value != "" || variable.ValueFrom != nil) {
			return i, true
		}
	}
	return 0, false
}

// Licensed reports whether the installation has a license: in the configuration, uploaded, or in env.
func (s *MattermostConfigSpec) Licensed() bool {
	_, fromEnv := s.LicenseFromEnv()
	return s.Enterprise.Enabled && (s.Enterprise.License != nil || fromEnv)
}

// ExternalRef selects one value in a store that the External Secrets operator reads.
type ExternalRef struct {
	// The SecretStore or ClusterSecretStore.
	Store StoreRef `json:"store"`

	// The key of the value in the store, such as teams/chat/database.
	Key string `json:"key"`

	// The property of the value, such as password, if the store has several under one key. Default: the whole value.
	Property string `json:"property,omitempty"`
}

// StoreRef selects a store that the External Secrets operator reads.
type StoreRef struct {
	// The name of the SecretStore or ClusterSecretStore.
	Name string `json:"name"`

	// The kind of the store: SecretStore, which is in the installation's namespace, or ClusterSecretStore. Default:
	// SecretStore, as in an ExternalSecret.
	Kind StoreKind `json:"kind,omitempty"`
}

// StoreKind is the kind of a store.
// +kubebuilder:validation:Enum=SecretStore;ClusterSecretStore
type StoreKind string

// The kinds of stores.
const (
	// KindSecretStore is a store in one namespace.
	KindSecretStore StoreKind = "SecretStore"
	// KindClusterSecretStore is a store for the whole cluster.
	KindClusterSecretStore StoreKind = "ClusterSecretStore"
)

// IsPlain reports whether the configuration contains the value itself.
func (s SecretValue) IsPlain() bool { return s.SecretKeyRef == nil && s.ExternalSecret == nil }

// String describes where the value is stored, without the value, which must not appear in logs and messages.
func (s SecretValue) String() string {
	switch {
	case s.SecretKeyRef != nil:
		return "secret " + s.SecretKeyRef.Name + "/" + s.SecretKeyRef.Key
	case s.ExternalSecret != nil:
		return "external secret " + s.ExternalSecret.Store.Name + "/" + s.ExternalSecret.Key
	}
	return "(secret)"
}

// GoString returns String, so that %#v does not print the value either.
func (s SecretValue) GoString() string { return s.String() }
