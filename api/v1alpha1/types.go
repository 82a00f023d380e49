package v1alpha1

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MattermostConfig describes one Mattermost: where it is reached, what it stores its data in, who may log in, and how
// large it is. mattermost-fn turns it into the Mattermost operator's resource and everything around it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=mattermostconfigs,scope=Namespaced,shortName=mmc
type MattermostConfig struct {
	metav1.TypeMeta `json:",inline"`

	// The name becomes the name of the installation, of its Service and the beginning of every other name: a DNS label
	// of at most 45 characters. The namespace is the one that everything is emitted into.
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What is wanted. The smallest one is {domain: example.com}.
	Spec MattermostConfigSpec `json:"spec"`
}

// MattermostConfigSpec is what is wanted of one Mattermost.
type MattermostConfigSpec struct {
	// Where defaults come from. bigbang: Iron Bank images, pull secret private-registry, Istio's public gateway.
	// community: Mattermost's own enterprise-edition image, no pull secret, a Gateway API HTTPRoute. Default: bigbang.
	Profile Profile `json:"profile,omitempty"`

	// The domain that the installation lives under: the site is https://chat.<domain>. Give this or host.
	Domain string `json:"domain,omitempty"`

	// The full host name of the site, where chat.<domain> is not what you want. Give this or domain.
	Host string `json:"host,omitempty"`

	// The version of the Mattermost server, such as "11.10.0": the tag of the image. Quote it. Default: the version that this
	// release was tested with.
	Version string `json:"version,omitempty"`

	// The image of the Mattermost server.
	Image *Image `json:"image,omitempty"`

	// What the image holds: enterprise (which without a licence is Mattermost Entry) or team. It decides which kinds of single
	// sign-on, search and metrics can work. Default: read from the image repository's name; enterprise for Iron Bank's.
	Edition Edition `json:"edition,omitempty"`

	// The licensed features: more than one replica, metrics, Elasticsearch.
	Enterprise *Enterprise `json:"enterprise,omitempty"`

	// How many Mattermost servers run, 1 or more. More than one needs enterprise with a licence: without it messages
	// reach only the people on the same server. Default: from users, else 1.
	// +kubebuilder:validation:Minimum=1
	Replicas *int32 `json:"replicas,omitempty"`

	// For how many users the servers are sized: 100, 1000, 5000, 10000 or 25000. Sets replicas and resources, which can still
	// be given beside it. A database in the cluster is not sized by it: give database.inCluster.resources.
	// +kubebuilder:validation:Enum=100;1000;5000;10000;25000
	Users *int32 `json:"users,omitempty"`

	// CPU and memory of each Mattermost server. Default: from users, else 2 CPU and 4Gi, requests equal to limits.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// Single sign-on.
	SSO *SSO `json:"sso,omitempty"`

	// The PostgreSQL database. Absent: one in the cluster, run by the CloudNativePG operator.
	Database *Database `json:"database,omitempty"`

	// Where uploaded files go. Absent: a volume in the cluster, for one replica.
	ObjectStorage *ObjectStorage `json:"objectStorage,omitempty"`

	// Search in Elasticsearch or OpenSearch. Needs enterprise.
	Elasticsearch *Elasticsearch `json:"elasticsearch,omitempty"`

	// Metrics, alerts and a dashboard. Metrics need enterprise.
	Monitoring *Monitoring `json:"monitoring,omitempty"`

	// The server's log and its way through Fluent Bit.
	Logging *Logging `json:"logging,omitempty"`

	// How people reach the site.
	Route *Route `json:"route,omitempty"`

	// What the Istio mesh is told about the servers. Nothing of it is on by default.
	Istio *Istio `json:"istio,omitempty"`

	// Network policies: everything denied, then exactly what this configuration needs.
	NetworkPolicies *NetworkPolicies `json:"networkPolicies,omitempty"`

	// What keeps Mattermost up while nodes come and go.
	Availability *Availability `json:"availability,omitempty"`

	// Logging in against AD or another LDAP directory.
	LDAP *LDAP `json:"ldap,omitempty"`

	// Single sign-on with SAML 2.0.
	SAML *SAML `json:"saml,omitempty"`

	// Single sign-on with OpenID Connect, beside sso with provider gitlab.
	OpenID *OpenID `json:"openid,omitempty"`

	// How the server sends e-mail. Absent: it sends none.
	Email *Email `json:"email,omitempty"`

	// How phones are told of messages. Absent: they are not.
	Push *Push `json:"push,omitempty"`

	// What is kept for auditors.
	Compliance *Compliance `json:"compliance,omitempty"`

	// The deletion of what is old. Absent: nothing is deleted.
	Retention *Retention `json:"retention,omitempty"`

	// People who see only what they are invited to.
	Guests *Guests `json:"guests,omitempty"`

	// A cache that several servers share. Absent: each server has its own.
	Redis *Redis `json:"redis,omitempty"`

	// What extends the server.
	Plugins *Plugins `json:"plugins,omitempty"`

	// Mattermost's own settings, by section and key of its config.json. They win over what the fields above set.
	Settings Settings `json:"settings,omitempty"`

	// More environment variables of the server, as in a pod: the escape hatch. They win over what the other fields set. Names
	// that begin with MM_ are checked as settings are. $(NAME) refers to another variable here; in the other fields it is text.
	Env []corev1.EnvVar `json:"env,omitempty"`

	// Changes to what is emitted, in kustomize's own forms, applied in order by kustomize's own code. They win over everything
	// else. A patch that is for nothing is an error.
	Patches []Patch `json:"patches,omitempty"`

	// Ids of rules whose warnings and infos are not wanted, such as MM024. An error is never silenced.
	Allow []string `json:"allow,omitempty"`

	// When the configuration is judged, as a day such as "2026-11-23" or a time such as "2026-11-23T08:00:00Z": a licence that has
	// ended by then is an error. The function itself has no clock. Default: never.
	EvaluationTime string `json:"evaluationTime,omitempty"`

	// Details of the server's pods.
	Pod *Pod `json:"pod,omitempty"`

	// The namespace itself.
	Namespace *Namespace `json:"namespace,omitempty"`
}

// Profile names a set of defaults.
// +kubebuilder:validation:Enum=bigbang;community
type Profile string

// The profiles.
const (
	// ProfileBigBang takes Iron Bank's images and Big Bang's gateways.
	ProfileBigBang Profile = "bigbang"
	// ProfileCommunity takes Mattermost's own images and the Gateway API.
	ProfileCommunity Profile = "community"
)

// Edition is the build of the server that an image holds.
// +kubebuilder:validation:Enum=enterprise;team
type Edition string

// The editions.
const (
	// EditionEnterprise is the enterprise build; without a licence it runs as Mattermost Entry from version 11 on.
	EditionEnterprise Edition = "enterprise"
	// EditionTeam is the open-source build: no single sign-on from version 11 on, and no licensed feature ever.
	EditionTeam Edition = "team"
)

// Image says which image runs the server.
type Image struct {
	// The image without tag or digest. Default: registry1.dso.mil/ironbank/opensource/mattermost/mattermost, or
	// mattermost/mattermost-enterprise-edition in the community profile.
	Repository string `json:"repository,omitempty"`

	// The digest to pin, "sha256:" and 64 hexadecimal digits. It is used instead of the tag; version still says which version
	// that is.
	Digest string `json:"digest,omitempty"`

	// When the image is pulled: IfNotPresent, Always or Never. Default: IfNotPresent.
	// +kubebuilder:validation:Enum=IfNotPresent;Always;Never
	PullPolicy corev1.PullPolicy `json:"pullPolicy,omitempty"`

	// Names of the Secrets with registry credentials. Default: private-registry in the bigbang profile, else none. An empty list
	// means none.
	PullSecrets *[]string `json:"pullSecrets,omitempty"`
}

// Enterprise opens the licensed features.
type Enterprise struct {
	// Whether this installation is licensed.
	Enabled bool `json:"enabled,omitempty"`

	// The license file's text, which begins with eyJ. Where its text is known here, its features decide what may be used. A
	// license that was uploaded to Mattermost is {uploaded: true}; one in env, as MM_LICENSE, needs nothing here.
	License *License `json:"license,omitempty"`

	// Whether the license's signature is checked, and with which of Mattermost's public keys: production, test or none.
	// Default: none.
	// +kubebuilder:validation:Enum=production;test;none
	Verify string `json:"verify,omitempty"`
}

// SSO is single sign-on through an identity provider.
type SSO struct {
	// Whether people log in through the identity provider.
	Enabled bool `json:"enabled,omitempty"`

	// The protocol. gitlab: Keycloak behind the protocol that Mattermost speaks with GitLab, as Big Bang does. openid: OpenID
	// Connect, which is licensed. Default: gitlab.
	Provider SSOProvider `json:"provider,omitempty"`

	// The client's id at the identity provider.
	ClientID string `json:"clientID,omitempty"`

	// The client's secret at the identity provider.
	ClientSecret *SecretValue `json:"clientSecret,omitempty"`

	// The issuer, such as https://login.dso.mil/auth/realms/baby-yoda for a Keycloak realm: gives all endpoints.
	IssuerURL string `json:"issuerURL,omitempty"`

	// Where people are sent to log in. Instead of issuerURL, with tokenEndpoint and userAPIEndpoint.
	AuthEndpoint string `json:"authEndpoint,omitempty"`

	// Where the server exchanges the code for a token.
	TokenEndpoint string `json:"tokenEndpoint,omitempty"`

	// Where the server asks who the person is, such as https://gitlab.example.com/api/v4/user for GitLab itself.
	UserAPIEndpoint string `json:"userAPIEndpoint,omitempty"`

	// The scope that is asked for. Default: openid on an enterprise image, which Keycloak needs since version 20; empty on a team
	// image, which cannot handle it; read_user for GitLab itself; "profile openid email" for the openid provider.
	Scope *string `json:"scope,omitempty"`

	// What the login button says. Only for the openid provider.
	ButtonText string `json:"buttonText,omitempty"`

	// The certificate authority of the identity provider, where the system does not know it. It is added to the system's, never
	// put in their place.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// Whether people may still sign up with an e-mail address. Default: false when SSO is on, else the server's own.
	EmailSignUp *bool `json:"emailSignUp,omitempty"`

	// Whether people may still log in with an e-mail address. Default: false when SSO is on, else the server's own.
	EmailSignIn *bool `json:"emailSignIn,omitempty"`

	// Whether people may still log in with a user name. Default: false when SSO is on, else the server's own.
	UsernameSignIn *bool `json:"usernameSignIn,omitempty"`
}

// SSOProvider is a protocol for single sign-on.
// +kubebuilder:validation:Enum=gitlab;openid
type SSOProvider string

// The protocols for single sign-on.
const (
	// SSOGitLab is GitLab's protocol, spoken to Keycloak.
	SSOGitLab SSOProvider = "gitlab"
	// SSOOpenID is OpenID Connect.
	SSOOpenID SSOProvider = "openid"
)

// CertificateAuthority is one or more PEM certificates. Give one of its fields.
type CertificateAuthority struct {
	// The certificates themselves, in PEM.
	PEM string `json:"pem,omitempty"`

	// A key of a ConfigMap in the same namespace that holds them.
	ConfigMapKeyRef *KeyRef `json:"configMapKeyRef,omitempty"`

	// A key of a Secret in the same namespace that holds them.
	SecretKeyRef *KeyRef `json:"secretKeyRef,omitempty"`
}

// KeyRef names one key of a ConfigMap or Secret in the installation's namespace.
type KeyRef struct {
	// The object's name.
	Name string `json:"name"`

	// The key in its data.
	Key string `json:"key"`
}

// Database is PostgreSQL, in the cluster (inCluster), outside it (host and the fields beside it) or in a Secret of
// yours (existingSecret). Give one of the three; nothing means in the cluster.
type Database struct {
	// A database that is emitted beside Mattermost.
	InCluster *InClusterDatabase `json:"inCluster,omitempty"`

	// The host name or address of a database outside.
	Host string `json:"host,omitempty"`

	// The port. Default: 5432.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// The role that owns the database: its name, which is not secret, or a reference to a Secret that holds it, which only a
	// database outside the cluster can have. Default: mattermost.
	Username *SecretValue `json:"username,omitempty"`

	// The role's password. It may hold any character.
	Password *SecretValue `json:"password,omitempty"`

	// The name of the database. Default: mattermost.
	Database string `json:"database,omitempty"`

	// How the connection is encrypted: disable, allow, prefer, require, verify-ca or verify-full. Default: require.
	// +kubebuilder:validation:Enum=disable;allow;prefer;require;verify-ca;verify-full
	SSLMode string `json:"sslMode,omitempty"`

	// The certificate authority of the database, for verify-ca and verify-full, where the system does not know it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// More connection parameters, such as {connect_timeout: "10"}.
	Parameters map[string]string `json:"parameters,omitempty"`

	// Read replicas as host or host:port. They are used with the same role, password, database and parameters.
	ReadReplicas []string `json:"readReplicas,omitempty"`

	// A Secret of yours in the same namespace with the whole connection, password included, under the key
	// DB_CONNECTION_STRING (postgres://user:password@host:port/database), and optionally MM_SQLSETTINGS_DATASOURCE and
	// MM_SQLSETTINGS_DATASOURCEREPLICAS. For a Secret with user and password under keys of their own, use host, username and
	// password instead.
	ExistingSecret string `json:"existingSecret,omitempty"`
}

// DatabaseEngine is what runs a database in the cluster.
// +kubebuilder:validation:Enum=cloudnative-pg;statefulset
type DatabaseEngine string

// The engines of a database in the cluster.
const (
	// EngineCloudNativePG is a Cluster of the CloudNativePG operator, which makes the password itself.
	EngineCloudNativePG DatabaseEngine = "cloudnative-pg"
	// EngineStatefulSet is one PostgreSQL without an operator.
	EngineStatefulSet DatabaseEngine = "statefulset"
)

// InClusterDatabase is a database that is emitted beside Mattermost.
type InClusterDatabase struct {
	// What runs it. cloudnative-pg: the CloudNativePG operator, which must be installed; no password stands anywhere.
	// statefulset: one plain PostgreSQL, for a laptop; password or generatePassword is required. Default: cloudnative-pg.
	Engine DatabaseEngine `json:"engine,omitempty"`

	// How many database servers: 1, or 3 for high availability. Only for cloudnative-pg. Default: 1.
	// +kubebuilder:validation:Minimum=1
	Instances *int32 `json:"instances,omitempty"`

	// The database's volume. Default: 10Gi of the default storage class.
	Storage *Storage `json:"storage,omitempty"`

	// The PostgreSQL image. Default: the operator's own choice for cloudnative-pg; by profile for statefulset.
	Image string `json:"image,omitempty"`

	// The role's password. Only for statefulset; this or generatePassword is required there.
	Password *SecretValue `json:"password,omitempty"`

	// Whether External Secrets makes the role's password in the cluster, once, so that it stands in no file. Only for statefulset,
	// and for a database that does not exist yet.
	GeneratePassword bool `json:"generatePassword,omitempty"`

	// CPU and memory of each database server. Default: 500m and 1Gi, requests equal to limits.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// Backups into the object storage. Only for cloudnative-pg, and only with an object storage outside.
	Backup *Backup `json:"backup,omitempty"`
}

// Backup is a regular copy of the database into the object storage.
type Backup struct {
	// When, as a cron expression with seconds first, such as "0 0 2 * * *" for two o'clock every night, which is the default.
	Schedule string `json:"schedule,omitempty"`

	// How long copies are kept, such as 30d, 8w or 12m. Default: 30d.
	// +kubebuilder:validation:Pattern=`^[1-9][0-9]*[dwm]$`
	Retention string `json:"retention,omitempty"`
}

// Storage is the size and class of a volume.
type Storage struct {
	// The size, such as 10Gi.
	Size *resource.Quantity `json:"size,omitempty"`

	// The storage class. Default: the cluster's default.
	StorageClassName string `json:"storageClassName,omitempty"`
}

// ObjectStorage is where uploaded files go: in the cluster (inCluster) or in an S3 service (bucket and the fields beside
// it). Give one of the two; nothing means in the cluster.
type ObjectStorage struct {
	// A store that is emitted beside Mattermost.
	InCluster *InClusterObjectStorage `json:"inCluster,omitempty"`

	// The S3 service as a URL, such as https://s3.us-gov-west-1.amazonaws.com. The scheme decides whether TLS is used.
	// Default: Amazon's endpoint of the region.
	Endpoint string `json:"endpoint,omitempty"`

	// The bucket. It must exist.
	Bucket string `json:"bucket,omitempty"`

	// The region, such as us-gov-west-1. Default: read from an Amazon endpoint; other services mostly ignore it.
	Region string `json:"region,omitempty"`

	// The access key. Beside accessSecret.
	AccessKey *SecretValue `json:"accessKey,omitempty"`

	// The access key's secret. Beside accessKey.
	AccessSecret *SecretValue `json:"accessSecret,omitempty"`

	// Whether TLS is used, where endpoint has no scheme. A contradiction between the two is an error.
	TLS *bool `json:"tls,omitempty"`

	// The certificate authority of the S3 service, where the system does not know it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// A folder inside the bucket that everything goes under.
	PathPrefix string `json:"pathPrefix,omitempty"`

	// Whether the service encrypts what it stores (SSE-S3). Needs enterprise.
	ServerSideEncryption bool `json:"serverSideEncryption,omitempty"`

	// A Secret of yours in the same namespace with the keys accesskey and secretkey, instead of accessKey and accessSecret.
	ExistingSecret string `json:"existingSecret,omitempty"`

	// The IAM role that the pods take on instead of keys, such as arn:aws-us-gov:iam::123456789012:role/mattermost.
	RoleARN string `json:"roleARN,omitempty"`
}

// ObjectStorageEngine is what stores files in the cluster.
// +kubebuilder:validation:Enum=volume;minio
type ObjectStorageEngine string

// The engines of an object storage in the cluster.
const (
	// EngineVolume is a volume that the one server mounts.
	EngineVolume ObjectStorageEngine = "volume"
	// EngineMinIO is a Tenant of the MinIO operator.
	EngineMinIO ObjectStorageEngine = "minio"
)

// InClusterObjectStorage is a store that is emitted beside Mattermost.
type InClusterObjectStorage struct {
	// What stores the files. volume: a PersistentVolumeClaim, for one replica. minio: a Tenant of the MinIO operator, as Big Bang
	// ships it; keys are required, and its upstream was archived in April 2026. Default: volume.
	Engine ObjectStorageEngine `json:"engine,omitempty"`

	// The volume. Default: 10Gi of the default storage class.
	Storage *Storage `json:"storage,omitempty"`

	// The access key that MinIO is set up with: 3 characters or more. Only for minio; accessKey and accessSecret or generateKeys
	// is required there.
	AccessKey *SecretValue `json:"accessKey,omitempty"`

	// The access key's secret: 8 characters or more. Only for minio, beside accessKey.
	AccessSecret *SecretValue `json:"accessSecret,omitempty"`

	// Whether External Secrets makes the access key's secret in the cluster, once, so that it stands in no file; the access key is
	// mattermost. Only for minio, and for a store that does not exist yet.
	GenerateKeys bool `json:"generateKeys,omitempty"`

	// The MinIO image. Default: by profile.
	Image string `json:"image,omitempty"`

	// CPU and memory of the MinIO server. Default: 500m and 1Gi, requests equal to limits.
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`
}

// Elasticsearch is search in Elasticsearch or OpenSearch instead of the database.
type Elasticsearch struct {
	// Whether posts are indexed and searched there.
	Enabled bool `json:"enabled,omitempty"`

	// The service. Default: https://logging-ek-es-http.logging.svc.cluster.local:9200, Big Bang's own.
	URL string `json:"url,omitempty"`

	// What the service is: elasticsearch or opensearch. Default: elasticsearch.
	// +kubebuilder:validation:Enum=elasticsearch;opensearch
	Backend string `json:"backend,omitempty"`

	// The user. Default: elastic.
	Username string `json:"username,omitempty"`

	// The user's password.
	Password *SecretValue `json:"password,omitempty"`

	// What the names of the indexes begin with, where several installations share the service.
	IndexPrefix string `json:"indexPrefix,omitempty"`

	// The certificate authority of the service, where the system does not know it.
	CA *CertificateAuthority `json:"ca,omitempty"`

	// Whether the service's certificate is not checked. Anybody on the way can then read and change what is searched.
	SkipTLSVerify bool `json:"skipTLSVerify,omitempty"`
}

// Monitoring is metrics, alerts and a dashboard.
type Monitoring struct {
	// Whether Prometheus scrapes the servers. Needs enterprise: the metrics are licensed.
	Enabled bool `json:"enabled,omitempty"`

	// Details of the ServiceMonitor.
	ServiceMonitor *ServiceMonitor `json:"serviceMonitor,omitempty"`

	// Alert rules. Default: off.
	Alerts *Alerts `json:"alerts,omitempty"`

	// A Grafana dashboard. Default: off.
	Dashboard *Dashboard `json:"dashboard,omitempty"`
}

// ServiceMonitor tells Prometheus how to scrape.
type ServiceMonitor struct {
	// How often, such as 30s or 1m30s. Default: 30s.
	// +kubebuilder:validation:Pattern=`^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$`
	Interval string `json:"interval,omitempty"`

	// http or https. https with tlsConfig is how Prometheus gets through strict mutual TLS. Default: http.
	// +kubebuilder:validation:Enum=http;https
	Scheme string `json:"scheme,omitempty"`

	// The files that Prometheus uses for https.
	TLSConfig *MonitorTLSConfig `json:"tlsConfig,omitempty"`

	// More labels, where Prometheus selects by label. Default: {release: monitoring} in the bigbang profile.
	Labels map[string]string `json:"labels,omitempty"`
}

// MonitorTLSConfig names files in the Prometheus pod.
type MonitorTLSConfig struct {
	// The certificate authority, such as /etc/prom-certs/root-cert.pem.
	CAFile string `json:"caFile,omitempty"`

	// The client certificate, such as /etc/prom-certs/cert-chain.pem.
	CertFile string `json:"certFile,omitempty"`

	// The client certificate's key, such as /etc/prom-certs/key.pem.
	KeyFile string `json:"keyFile,omitempty"`

	// Whether the server's certificate is not checked. Istio's certificates carry no host name, so it is usual there.
	InsecureSkipVerify bool `json:"insecureSkipVerify,omitempty"`
}

// Alerts are rules that Prometheus evaluates.
type Alerts struct {
	// Whether a PrometheusRule is emitted. Needs enterprise, as the metrics do.
	Enabled bool `json:"enabled,omitempty"`

	// More labels on the PrometheusRule, where Prometheus selects by label. Default: the ServiceMonitor's.
	Labels map[string]string `json:"labels,omitempty"`
}

// Dashboard is a Grafana dashboard in a ConfigMap.
type Dashboard struct {
	// Whether the ConfigMap is emitted. Needs enterprise, as the metrics do.
	Enabled bool `json:"enabled,omitempty"`

	// The namespace that Grafana's sidecar watches. Default: monitoring in the bigbang profile, else the installation's own.
	Namespace string `json:"namespace,omitempty"`

	// The labels that Grafana's sidecar looks for. Default: {grafana_dashboard: "1"}.
	Labels map[string]string `json:"labels,omitempty"`
}

// Logging is the server's log and its way through Fluent Bit.
type Logging struct {
	// What is logged: DEBUG, INFO, WARN or ERROR. Default: INFO.
	// +kubebuilder:validation:Enum=DEBUG;INFO;WARN;ERROR
	Level string `json:"level,omitempty"`

	// Whether each line is JSON, which the Fluent Bit parser needs. Default: true.
	JSON *bool `json:"json,omitempty"`

	// How Fluent Bit parses, sorts and redacts the lines.
	FluentBit *FluentBit `json:"fluentBit,omitempty"`
}

// FluentBitForm is how Fluent Bit is configured.
// +kubebuilder:validation:Enum=operator;configMap
type FluentBitForm string

// The forms of Fluent Bit's configuration.
const (
	// FluentBitOperator is the Fluent operator's Filter and Parser resources in the installation's namespace.
	FluentBitOperator FluentBitForm = "operator"
	// FluentBitConfigMap is files in a ConfigMap for the plain chart, which Big Bang uses.
	FluentBitConfigMap FluentBitForm = "configMap"
)

// FluentBit parses the server's log, gives each line a severity, tells audit records from the rest and redacts secrets.
type FluentBit struct {
	// Whether anything is emitted for Fluent Bit. Default: true.
	Enabled *bool `json:"enabled,omitempty"`

	// operator: the Fluent operator's resources. configMap: files for the plain chart. Default: operator.
	Form FluentBitForm `json:"form,omitempty"`

	// The namespace that Fluent Bit runs in, for the configMap form. Default: fluentbit.
	Namespace string `json:"namespace,omitempty"`

	// Where the lines go, for the operator form. Default: none, which means the cluster's own outputs: a cluster output whose match
	// is kube.* does not see them, one whose matchRegex is not anchored does.
	Outputs []FluentBitOutput `json:"outputs,omitempty"`
}

// FluentBitOutput sends this installation's lines to Elasticsearch.
type FluentBitOutput struct {
	// The output's name, a DNS label that is unique here.
	Name string `json:"name"`

	// The Elasticsearch service, such as https://logging-ek-es-http.logging.svc.cluster.local:9200.
	URL string `json:"url"`

	// The user.
	Username string `json:"username,omitempty"`

	// The user's password.
	Password *SecretValue `json:"password,omitempty"`

	// What the names of the daily indexes begin with. Default: mattermost.
	IndexPrefix string `json:"indexPrefix,omitempty"`

	// Whether the service's certificate is not checked.
	SkipTLSVerify bool `json:"skipTLSVerify,omitempty"`

	// The path of the certificate authority in the Fluent Bit pod.
	CAFile string `json:"caFile,omitempty"`
}

// RouteType selects how the site is exposed.
// +kubebuilder:validation:Enum=istio;gatewayAPI;ingress;none
type RouteType string

// The kinds of the way in.
const (
	// RouteIstio is an Istio VirtualService.
	RouteIstio RouteType = "istio"
	// RouteGatewayAPI is a Gateway API HTTPRoute.
	RouteGatewayAPI RouteType = "gatewayAPI"
	// RouteIngress is the Ingress that the Mattermost operator makes.
	RouteIngress RouteType = "ingress"
	// RouteNone leaves the way in to you.
	RouteNone RouteType = "none"
)

// Route is how people reach the site.
type Route struct {
	// istio: a VirtualService. gatewayAPI: an HTTPRoute. ingress: the operator's own Ingress. none: nothing. Default: istio, or
	// gatewayAPI in the community profile.
	Type RouteType `json:"type,omitempty"`

	// The gateways as namespace/name, or name for one in the same namespace. Default for istio: istio-gateway/public-ingressgateway.
	// Required for gatewayAPI.
	Gateways []string `json:"gateways,omitempty"`

	// The listener of the Gateway, for gatewayAPI. Default: all of them.
	SectionName string `json:"sectionName,omitempty"`

	// The class of the Ingress, for ingress. Required there.
	IngressClass string `json:"ingressClass,omitempty"`

	// The Secret with the site's certificate, for ingress.
	TLSSecret string `json:"tlsSecret,omitempty"`

	// Annotations of the route.
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Istio is what the mesh is told about the servers.
type Istio struct {
	// Whether the pods get a sidecar. Default: as the namespace says.
	Injection *bool `json:"injection,omitempty"`

	// Whether the pods are in the ambient mesh. Excludes injection.
	Ambient bool `json:"ambient,omitempty"`

	// Mutual TLS of the servers: STRICT or PERMISSIVE. Default: as the mesh says.
	// +kubebuilder:validation:Enum=STRICT;PERMISSIVE
	MTLS string `json:"mtls,omitempty"`

	// Whether only the gateway, the servers themselves and Prometheus may connect, each to its port.
	AuthorizationPolicies bool `json:"authorizationPolicies,omitempty"`

	// The identities of the gateways, for authorizationPolicies. Default for a route of type istio:
	// cluster.local/ns/istio-gateway/sa/public-ingressgateway-ingressgateway-service-account, Big Bang's public one.
	GatewayPrincipals []string `json:"gatewayPrincipals,omitempty"`

	// What the servers may reach outside: RegistryOnly (only what the mesh knows, with serviceEntries for what this configuration
	// names) or AllowAny. Default: as the mesh says.
	// +kubebuilder:validation:Enum=RegistryOnly;AllowAny
	Egress string `json:"egress,omitempty"`

	// Whether the outside services that this configuration names become known to the mesh. Default: true with egress RegistryOnly.
	ServiceEntries *bool `json:"serviceEntries,omitempty"`
}

// NetworkPolicies deny everything, then allow exactly what this configuration needs.
type NetworkPolicies struct {
	// Whether they are emitted.
	Enabled bool `json:"enabled,omitempty"`

	// The namespace that the gateway or ingress controller runs in. Default: of the first gateway. Required for an Ingress.
	GatewayNamespace string `json:"gatewayNamespace,omitempty"`

	// The namespace that Prometheus runs in. Default: monitoring.
	MonitoringNamespace string `json:"monitoringNamespace,omitempty"`

	// The addresses of services outside the cluster, by what they are: database, objectStorage, sso, elasticsearch, ldap,
	// mail, push, redis.
	// Each is a list of CIDRs. Default: every address but the cloud's metadata service, on the service's port.
	Egress map[string][]string `json:"egress,omitempty"`
}

// Availability is what keeps Mattermost up while nodes come and go.
type Availability struct {
	// Whether pods are spread over nodes and zones and a PodDisruptionBudget holds them. Default: true when there is more than one
	// replica.
	Enabled *bool `json:"enabled,omitempty"`

	// The node label that pods are spread over beside the host name. Default: topology.kubernetes.io/zone.
	TopologyKey string `json:"topologyKey,omitempty"`
}

// Pod is details of the server's pods.
type Pod struct {
	// More labels.
	Labels map[string]string `json:"labels,omitempty"`

	// More annotations.
	Annotations map[string]string `json:"annotations,omitempty"`

	// The nodes that pods may run on, by label.
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// Affinity, as in a pod. Replaces the spreading over hosts that availability sets.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Affinity *corev1.Affinity `json:"affinity,omitempty"`

	// Tolerations, as in a pod.
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// The pod's security context. What you give is laid over the default, which passes the restricted pod security level with user,
	// group and file system group 2000.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	SecurityContext *corev1.PodSecurityContext `json:"securityContext,omitempty"`

	// The containers' security context. What you give is laid over the default, which passes the restricted pod security level.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	ContainerSecurityContext *corev1.SecurityContext `json:"containerSecurityContext,omitempty"`

	// More volumes, as in a pod. The operator allows configMap, secret, emptyDir, persistentVolumeClaim, projected, downwardAPI and
	// csi.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	Volumes []corev1.Volume `json:"volumes,omitempty"`

	// More volume mounts of the server, as in a pod.
	VolumeMounts []corev1.VolumeMount `json:"volumeMounts,omitempty"`

	// More init containers, as in a pod. They run after the one that waits for the database.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	InitContainers []corev1.Container `json:"initContainers,omitempty"`

	// More containers beside the server, as in a pod.
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:pruning:PreserveUnknownFields
	Sidecars []corev1.Container `json:"sidecars,omitempty"`
}

// Namespace is the namespace itself.
type Namespace struct {
	// Whether it is emitted. Default: false, it exists already.
	Create bool `json:"create,omitempty"`

	// Its labels, beside the mesh's and pod-security.kubernetes.io/enforce: restricted.
	Labels map[string]string `json:"labels,omitempty"`

	// Its annotations.
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Patch changes what is emitted, as an entry of kustomize's `patches` does.
type Patch struct {
	// The patch as text: a strategic merge patch (an object that says what changes; a list of a custom resource is replaced whole),
	// or JSON 6902 (a list of {op, path, value}).
	Patch string `json:"patch"`

	// Which of the emitted objects it is for. Default: the one with the kind, name and namespace that a strategic merge patch names.
	// Required for JSON 6902.
	Target *PatchTarget `json:"target,omitempty"`
}

// PatchTarget selects emitted objects. What is not given matches everything; kind, name, namespace, group and version are
// regular expressions for the whole text.
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

	// Labels, such as "app.kubernetes.io/component=server".
	LabelSelector string `json:"labelSelector,omitempty"`

	// Annotations, as labelSelector.
	AnnotationSelector string `json:"annotationSelector,omitempty"`
}

// SecretValue is a secret: a plain string, or a reference to where it stands. A plain string goes into a Secret that is
// emitted, and costs one warning, since it then stands in the configuration too.
//
// +kubebuilder:validation:XPreserveUnknownFields
// +kubebuilder:validation:Type=""
type SecretValue struct {
	// The value itself. Never printed.
	Value string `json:"-"`

	// A key of a Secret in the same namespace. It is referenced, never copied, except into MinIO's configuration file and where
	// the keys of an object storage have other names than accesskey and secretkey; then the Secret must be among the
	// resources that the function is given.
	SecretKeyRef *KeyRef `json:"secretKeyRef,omitempty"`

	// A value that External Secrets fetches in the cluster: an ExternalSecret is emitted that makes the Secret.
	ExternalSecret *ExternalRef `json:"externalSecret,omitempty"`
}

// License is a license: a secret, or the statement that Mattermost has it already.
//
// +kubebuilder:validation:XPreserveUnknownFields
// +kubebuilder:validation:Type=""
type License struct {
	// The license itself; nil where it was uploaded.
	*SecretValue `json:",inline"`

	// The license was uploaded, in the System Console or with mmctl, and is in Mattermost's database. Nothing is emitted for it,
	// and licensed features are allowed. The server prefers it to a license that is given by a file, not to MM_LICENSE.
	// +kubebuilder:validation:Enum=true
	Uploaded bool `json:"uploaded,omitempty"`
}

// String keeps the license out of logs and messages.
func (l License) String() string {
	if l.SecretValue == nil {
		return "(uploaded license)"
	}
	return l.SecretValue.String()
}

// GoString keeps the license out of %#v.
func (l License) GoString() string { return l.String() }

// LicenseValue returns the license that the configuration gives; nil where it gives none, or says that it was uploaded.
func (e *Enterprise) LicenseValue() *SecretValue {
	if e.License == nil {
		return nil
	}
	return e.License.SecretValue
}

// LicenseVariable is the environment variable that the server prefers to every other license
// (server/channels/app/platform/license.go, LoadLicense).
const LicenseVariable = "MM_LICENSE"

// LicenseFromEnv returns the index in env of the license, and whether it is there.
func (s *MattermostConfigSpec) LicenseFromEnv() (index int, ok bool) {
	for i, variable := range slices.Backward(s.Env) {
		if variable.Name == LicenseVariable && (variable.Value != "" || variable.ValueFrom != nil) {
			return i, true
		}
	}
	return 0, false
}

// Licensed reports whether the installation has a license: one that is given, that was uploaded, or that env contains.
func (s *MattermostConfigSpec) Licensed() bool {
	_, fromEnv := s.LicenseFromEnv()
	return s.Enterprise.Enabled && (s.Enterprise.License != nil || fromEnv)
}

// ExternalRef names one value in a store that the External Secrets operator reads.
type ExternalRef struct {
	// The store's object.
	Store StoreRef `json:"store"`

	// What the value is called in the store, such as teams/chat/database.
	Key string `json:"key"`

	// Which part of it is meant, where the store keeps several under one key, such as password. Default: the whole of it.
	Property string `json:"property,omitempty"`
}

// StoreRef names a store that the External Secrets operator reads.
type StoreRef struct {
	// The name of the SecretStore or ClusterSecretStore.
	Name string `json:"name"`

	// SecretStore, which stands in the installation's namespace, or ClusterSecretStore. Default: SecretStore, as in an
	// ExternalSecret.
	Kind StoreKind `json:"kind,omitempty"`
}

// StoreKind is the kind of a store's object.
// +kubebuilder:validation:Enum=SecretStore;ClusterSecretStore
type StoreKind string

// The kinds of stores.
const (
	// KindSecretStore is a store of one namespace.
	KindSecretStore StoreKind = "SecretStore"
	// KindClusterSecretStore is a store of the whole cluster.
	KindClusterSecretStore StoreKind = "ClusterSecretStore"
)

// IsPlain says that the value itself stands in the configuration.
func (s SecretValue) IsPlain() bool { return s.SecretKeyRef == nil && s.ExternalSecret == nil }

// String keeps the value out of logs and messages.
func (s SecretValue) String() string {
	switch {
	case s.SecretKeyRef != nil:
		return "secret " + s.SecretKeyRef.Name + "/" + s.SecretKeyRef.Key
	case s.ExternalSecret != nil:
		return "external secret " + s.ExternalSecret.Store.Name + "/" + s.ExternalSecret.Key
	}
	return "(secret)"
}

// GoString keeps the value out of %#v.
func (s SecretValue) GoString() string { return s.String() }
