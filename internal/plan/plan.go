// SPDX-License-Identifier: Apache-2.0

// Package plan resolves a configuration once: every name, URL, image, Secret and environment variable. Generators read
// only the plan.
package plan

import (
	"net/url"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// Ports of the Mattermost server.
const (
	// PortApp is the port for users, and the port `app` of the operator's Service.
	PortApp int32 = 8065
	// PortMetrics is the port for Prometheus, and the port `metrics` of the operator's Service.
	PortMetrics int32 = 8067
	// PortGossip is the port on which servers of one cluster communicate, over TCP and UDP. The operator's Service does
	// not list it.
	PortGossip int32 = 8074
)

// The control plane of Istio.
const (
	// IstioNamespace is where istiod runs.
	IstioNamespace = "istio-system"
	// PortIstiod is the port from which sidecars fetch their configuration and certificates.
	PortIstiod int32 = 15012
)

// Plan is one installation of Mattermost with everything decided.
type Plan struct {
	// Names derives the names of the installation and of everything that is emitted for it.
	Names
	// Profile is the source of defaults.
	Profile v1alpha1.Profile
	// Site is the URL for users: always https, without a path.
	Site *url.URL

	// Image is what runs the server.
	Image Image
	// Edition is the build in the image.
	Edition v1alpha1.Edition
	// Enterprise is true if licensed features are available.
	Enterprise bool
	// LicenseSecret is the Secret for the operator's licenseSecret; empty if there is none with the key `license`.
	LicenseSecret string

	// DeletionProtection adds the annotations with which deployment tools keep objects with data.
	DeletionProtection bool
	// Replicas is the number of servers, 1 or more.
	Replicas int32
	// Resources are those of each server: requests and limits of CPU and memory.
	Resources corev1.ResourceRequirements

	// Database is where messages are stored.
	Database Database
	// Files is where uploaded files are stored.
	Files Files

	// Env is the server's whole environment except for what the operator sets, in a fixed order, each name once.
	Env Environment
	// Secrets are all Secrets that are emitted, sorted by name.
	Secrets []Secret
	// ExternalSecrets are all ExternalSecrets that are emitted, sorted by name. None has the name of one of Secrets.
	ExternalSecrets []ExternalSecret
	// CABundles are the CA certificates that the server trusts in addition to the system's, sorted by name.
	CABundles []CABundle
	// SecretsChecksum changes with everything that the pods read when they start and that is known here: a key
	// of a Secret or ConfigMap, a CA certificate, the IAM role. It goes into the pods' annotations, since the operator
	// watches only its own objects.
	SecretsChecksum string
	// Unseen are the user's Secrets and ConfigMaps that the pods read when they start but that are not known here, so that
	// a change restarts nothing. Secrets come first, then by name.
	Unseen []Source

	// Route exposes the site.
	Route Route
	// Service is for clients outside the cluster; nil if there is none.
	Service *ExternalService
	// ServiceAnnotations are those of the operator's Service.
	ServiceAnnotations map[string]string
	// Calls is media of calls that goes through the server; nil if there is none.
	Calls *Calls
	// Istio configures the mesh.
	Istio Istio
	// NetworkPolicies configures the network policies.
	NetworkPolicies NetworkPolicies
	// Destinations are the services that the servers connect to, in a fixed order.
	Destinations []Destination
	// Availability configures how pods are spread; nil if they are not.
	Availability *Availability
	// Monitoring configures how the servers are scraped; nil if they are not.
	Monitoring *Monitoring
	// Logging configures how the servers' log is processed; nil if Fluent Bit is not used.
	Logging *Logging
	// Pod is what the configuration adds to the server's pods, security contexts resolved.
	Pod Pod
	// ServiceAccount is that of the server's pods.
	ServiceAccount ServiceAccount
	// NamespaceObject is the Namespace to emit; nil if it exists already.
	NamespaceObject *NamespaceObject
}

// Variable is one environment variable of the server.
type Variable struct {
	corev1.EnvVar
	// Field of the configuration that sets the variable; empty if none does.
	Field string
	// Verbatim is true if the user wrote the variable as a Kubernetes field, in spec.env: then Kubernetes expands $(NAME)
	// in the value, as the user intends.
	Verbatim bool
}

// Environment is the environment of a container, each name once.
type Environment []Variable

// EnvVars returns the environment as Kubernetes' own type; values are not escaped.
func (e Environment) EnvVars() []corev1.EnvVar {
	variables := make([]corev1.EnvVar, 0, len(e))
	for _, variable := range e {
		variables = append(variables, variable.EnvVar)
	}
	return variables
}

// Image is what runs the server.
type Image struct {
	// Repository is the image without tag or digest.
	Repository string
	// Version is the server's version, such as 11.10.0.
	Version string
	// Tag is the version field for the operator: the version, or the digest (which it joins with @).
	Tag string
	// Reference is the whole image: repository:version or repository@digest.
	Reference string
	// PullPolicy is never empty.
	PullPolicy corev1.PullPolicy
	// PullSecrets are names of Secrets.
	PullSecrets []string
}

// Database is PostgreSQL.
type Database struct {
	// Secret is the name for the operator: spec.database.external.secret.
	Secret string
	// connection is MM_CONFIG, without credentials; empty if the user's Secret contains it.
	connection string
	// WaitImage and WaitCommand are those of the init container that waits for the database.
	WaitImage   string
	WaitCommand []string
	// WaitEnv is the environment of that container: MM_CONFIG and the variables of PostgreSQL's clients.
	WaitEnv Environment
	// CloudNativePG is the Cluster to emit; nil for every other database.
	CloudNativePG *CloudNativePG
	// StatefulSet is the plain PostgreSQL to emit; nil for every other database.
	StatefulSet *StatefulSet
}

// CloudNativePG is a Cluster of the CloudNativePG operator.
type CloudNativePG struct {
	// Name of the Cluster. Its operator creates the Services <name>-rw, -ro and -r and the Secret <name>-app.
	Name string
	// Database and Owner are the database and the role that owns it.
	Database, Owner string
	// Instances is the number of database servers.
	Instances int32
	// MaxConnections is max_connections of PostgreSQL.
	MaxConnections int32
	// Parameters are all other parameters of PostgreSQL.
	Parameters map[string]string
	// User is the ID of user and group; nil for the operator's default.
	User *int64
	// Version is the label app.kubernetes.io/version of the pods; empty for the operator's own, which is the same.
	Version string
	// RoleSecret is the user's Secret with the role's name and password; empty if the operator creates one.
	RoleSecret string
	// Image is empty for the operator's default.
	Image string
	// Storage of each server.
	Storage Storage
	// Resources of each server.
	Resources corev1.ResourceRequirements
	// Recovery says what the database is restored from when it is created; nil if it is not.
	Recovery *Recovery
	// Import is the database that is copied into this one when it is created; nil if there is none.
	Import *Import
	// Archive is where backups are; nil if there are none.
	Archive *Archive
	// Backup is nil if there is none.
	Backup *Backup
}

// Backup configures scheduled backups of the database.
type Backup struct {
	// Method is what writes the backups; never empty.
	Method v1alpha1.BackupMethod
	// Schedule has six fields, seconds first.
	Schedule string
	// ServerName is the directory of the database in the archive; never empty.
	ServerName string
}

// Recovery restores a database from an archive.
type Recovery struct {
	// ObjectStore is the name of the ObjectStore that describes the archive.
	ObjectStore string
	// ServerName is the directory in the archive.
	ServerName string
	// TargetTime, TargetLSN and TargetImmediate say where it ends: one of them, or none for the end of the archive.
	TargetTime, TargetLSN string
	TargetImmediate       bool
	// BackupID is the backup to start with; empty for the best one.
	BackupID string
}

// Import copies a database.
type Import struct {
	// Host, Port, Database, Username and SSLMode are those of the other database.
	Host               string
	Port               int32
	Database, Username string
	SSLMode            string
	// PasswordRef is the source of the password.
	PasswordRef v1alpha1.KeyRef
	// CABundle is the key of a Secret with its CA certificates; nil for none.
	CABundle *v1alpha1.KeyRef
	// IsStatefulSet means that the other database is the plain PostgreSQL that the installation had before.
	IsStatefulSet bool
}

// Archive is the part of the object storage that contains backups.
type Archive struct {
	// Name of the ObjectStore that describes it for the Barman Cloud plugin; empty if none is emitted.
	Name string
	// Retention such as 30d; empty if nothing is deleted.
	Retention string
	// Resources of the plugin's container in the pods.
	Resources corev1.ResourceRequirements
	// DestinationPath such as s3://bucket/postgresql.
	DestinationPath string
	// EndpointURL of the S3 service.
	EndpointURL string
	// IsAmazon is true for Amazon's own service.
	IsAmazon bool
	// AccessKey and SecretKey refer to the keys of the object storage; empty if the pods have an IAM role.
	AccessKey, SecretKey v1alpha1.KeyRef
	// RoleARN is the IAM role in the annotation of the database's ServiceAccount; empty if there are keys, or the pods
	// have a role otherwise.
	RoleARN string
	// CABundle is the key of a Secret with the service's CA certificates; nil if the system trusts it.
	CABundle *v1alpha1.KeyRef
}

// InheritsRole reports whether the pods of the database have an IAM role instead of keys.
func (a *Archive) InheritsRole() bool { return a.AccessKey == (v1alpha1.KeyRef{}) }

// StatefulSet is one PostgreSQL without an operator.
type StatefulSet struct {
	// Name of the StatefulSet and its Service.
	Name string
	// Database and Owner are the database and the role that owns it.
	Database, Owner string
	// Image of PostgreSQL.
	Image string
	// User is the user and group id that the image runs as; nil if the cluster chooses it.
	User *int64
	// Version is the label app.kubernetes.io/version of the pods; empty for none.
	Version string
	// MaxConnections is max_connections of PostgreSQL.
	MaxConnections int32
	// Parameters are all other parameters of PostgreSQL.
	Parameters map[string]string
	// PasswordRef is the source of POSTGRES_PASSWORD.
	PasswordRef v1alpha1.KeyRef
	// Storage of the server.
	Storage Storage
	// Resources of the server.
	Resources corev1.ResourceRequirements
}

// Storage is the size and class of a volume.
type Storage struct {
	// Size such as 10Gi.
	Size string
	// StorageClassName is empty for the cluster's default.
	StorageClassName string
}

// Files is where uploaded files are stored: a volume or S3.
type Files struct {
	// Claim is the PersistentVolumeClaim; nil if the files go to S3.
	Claim *Claim
	// S3 is nil if the files go to a volume.
	S3 *S3
	// IsAzure means that the files go to Azure Blob Storage, and S3 is only what the operator is told.
	IsAzure bool
	// MinIO is the Tenant to emit for S3; nil for any other service.
	MinIO *MinIO
}

// Claim is a PersistentVolumeClaim for files.
type Claim struct {
	// Name of the claim.
	Name string
	// Exists means that the claim is the user's: it is not emitted, and Storage is empty.
	Exists bool
	// Unseen means that the user's claim is not among the resources.
	Unseen bool
	// Storage of the claim.
	Storage Storage
	// AccessModes of the claim.
	AccessModes []corev1.PersistentVolumeAccessMode
}

// IsShared reports whether servers on several nodes can use the volume.
func (c *Claim) IsShared() bool { return slices.Contains(c.AccessModes, corev1.ReadWriteMany) }

// S3 is a service with Amazon's S3 protocol.
type S3 struct {
	// Address is host or host:port, without a scheme: the operator passes it to the server as it is.
	Address string
	// Bucket is never empty.
	Bucket string
	// Secret contains the keys accesskey and secretkey, which are empty if the pods have an identity of their own; empty
	// if the ServiceAccount gives the pods an IAM role.
	Secret string
}

// MinIO is a Tenant of the MinIO operator.
type MinIO struct {
	// Name of the Tenant. Its operator creates the Service <name>-hl with port 9000.
	Name string
	// Image of the server.
	Image string
	// Version is the label app.kubernetes.io/version of the pods; empty for none.
	Version string
	// ConfigSecret contains config.env with the root user.
	ConfigSecret string
	// User is the user and group id that the server runs as; nil if the cluster chooses it.
	User *int64
	// Bucket is created by the operator.
	Bucket string
	// Storage of the server.
	Storage Storage
	// Resources of the server.
	Resources corev1.ResourceRequirements
}

// Secret is one that is emitted.
type Secret struct {
	// Name of the Secret.
	Name string
	// Component is what the Secret is for.
	Component ownership.Component
	// Data by key, not encoded.
	Data map[string]string
}

// CABundle contains CA certificates that the server trusts in addition to the system's: one file in the system's
// directory.
type CABundle struct {
	// Name is the file's name without extension, such as mattermost-sso-ca.
	Name string
	// Volume is the name of the pod's volume, such as sso-ca.
	Volume string
	// ConfigMap and Secret: one of them contains the certificates under Key.
	ConfigMap, Secret string
	// Key in the ConfigMap or Secret.
	Key string
	// PEM is the content of the ConfigMap if it is emitted.
	PEM string
}

// Route exposes the site.
type Route struct {
	// Type of the route.
	Type v1alpha1.RouteType
	// Host is the site's host name.
	Host string
	// Gateways are those of the route.
	Gateways []Gateway
	// SectionName of the Gateway's listener.
	SectionName string
	// IngressClass of an Ingress.
	IngressClass string
	// TLSSecret of an Ingress.
	TLSSecret string
	// Annotations of the route.
	Annotations map[string]string
}

// Gateway names a gateway.
type Gateway struct {
	// Namespace is empty for the installation's own.
	Namespace string
	// Name of the gateway.
	Name string
}

// IsMesh reports whether the name means all sidecars of the mesh, which is not an object.
func (g Gateway) IsMesh(route v1alpha1.RouteType) bool {
	return route == v1alpha1.RouteIstio && g.Namespace == "" && g.Name == v1alpha1.MeshGateway
}

// Istio configures the mesh.
type Istio struct {
	// Injection forces a sidecar on or off; nil leaves it to the namespace.
	Injection *bool
	// Ambient puts the pods into the ambient mesh.
	Ambient bool
	// MTLS is STRICT, PERMISSIVE or empty for the mesh's own setting.
	MTLS string
	// AuthorizationPolicies enables them.
	AuthorizationPolicies bool
	// GatewayPrincipals are the identities that may reach PortApp.
	GatewayPrincipals []string
	// Egress is RegistryOnly, AllowAny or empty for the mesh's own setting.
	Egress string
	// ServiceEntries enables one for each destination outside the cluster.
	ServiceEntries bool
}

// NetworkPolicies configures the network policies.
type NetworkPolicies struct {
	// Enabled enables them.
	Enabled bool
	// GatewayNamespaces are the namespaces that connect to PortApp, each once; empty if there is no route.
	GatewayNamespaces []string
	// MonitoringNamespace is the namespace that connects to PortMetrics.
	MonitoringNamespace string
}

// Availability configures how pods are spread.
type Availability struct {
	// TopologyKey is the node label in addition to the host name.
	TopologyKey string
}

// Monitoring configures how the servers are scraped.
type Monitoring struct {
	// Interval such as 30s.
	Interval string
	// Scheme is http or https.
	Scheme string
	// TLSConfig is nil for http.
	TLSConfig *v1alpha1.MonitorTLSConfig
	// Labels are added to the ServiceMonitor's.
	Labels map[string]string
	// Alerts configures the PrometheusRule; nil if there is none.
	Alerts *Alerts
	// Dashboard is nil if there is none.
	Dashboard *Dashboard
}

// Alerts configures the PrometheusRule.
type Alerts struct {
	// Labels are added to the PrometheusRule's.
	Labels map[string]string
	// ReadReplicas is true if the database has read replicas, whose lag is monitored.
	ReadReplicas bool
}

// Dashboard configures the ConfigMap with the Grafana dashboard.
type Dashboard struct {
	// Name of the ConfigMap.
	Name string
	// Namespace that Grafana's sidecar watches.
	Namespace string
	// Labels by which Grafana's sidecar selects.
	Labels map[string]string
}

// Logging configures how Fluent Bit processes the server's log.
type Logging struct {
	// Form of the configuration.
	Form v1alpha1.FluentBitForm
	// Namespace that Fluent Bit runs in, for the configMap form.
	Namespace string
	// Outputs of the operator form.
	Outputs []LogOutput
}

// LogOutput sends the lines to Elasticsearch.
type LogOutput struct {
	// Name of the output's object.
	Name string
	// Host and Port of the service.
	Host string
	Port int32
	// Path of the service; empty for none.
	Path string
	// TLS is true if the connection uses TLS.
	TLS bool
	// SkipTLSVerify disables the verification of the certificate.
	SkipTLSVerify bool
	// CAFile is a path in the Fluent Bit pod.
	CAFile string
	// IndexPrefix of the daily indexes.
	IndexPrefix string
	// Username and Password refer to the credentials; nil if there are none.
	Username, Password *v1alpha1.KeyRef
}

// Pod is what the configuration adds to the server's pods.
type Pod struct {
	// Labels in addition to the operator's and the function's.
	Labels map[string]string
	// Annotations, the mesh's and the checksum included.
	Annotations map[string]string
	// NodeSelector by node label.
	NodeSelector map[string]string
	// Affinity is nil unless configured.
	Affinity *corev1.Affinity
	// Tolerations of nodes' taints.
	Tolerations []corev1.Toleration
	// SecurityContext of the pod complies with pod security standard restricted unless configured otherwise.
	SecurityContext *corev1.PodSecurityContext
	// ContainerSecurityContext of every container that the function adds.
	ContainerSecurityContext *corev1.SecurityContext
	// Volumes and VolumeMounts in addition to those of the CA certificates.
	Volumes      []corev1.Volume
	VolumeMounts []corev1.VolumeMount
	// InitContainers run after the one that waits for the database.
	InitContainers []corev1.Container
	// Sidecars run next to the server.
	Sidecars []corev1.Container
	// Deployment contains the fields for which the operator's resource has none.
	Deployment DeploymentFields
}

// DeploymentFields are fields of the pods that only a patch of the operator's Deployment sets. Empty fields are left to
// Kubernetes.
type DeploymentFields struct {
	// Labels of the pods that no selector has. The selector of the operator's job server contains every other label, and
	// cannot change.
	Labels map[string]string
	// Annotations of the pods that replace those of the operator. They are set only where the pods have annotations.
	Annotations                         map[string]string
	PriorityClassName, RuntimeClassName string
	TerminationGracePeriodSeconds       *int64
	HostAliases                         []corev1.HostAlias
	DNSConfig                           *corev1.PodDNSConfig
	TopologySpreadConstraints           []corev1.TopologySpreadConstraint
	// EnvFrom and Lifecycle are those of the server's container.
	EnvFrom   []corev1.EnvFromSource
	Lifecycle *corev1.Lifecycle
}

// NamespaceObject is a Namespace to emit.
type NamespaceObject struct {
	// Labels and Annotations of the Namespace.
	Labels, Annotations map[string]string
}

// AnnotationSecretsChecksum contains Plan.SecretsChecksum on the server's pods.
const AnnotationSecretsChecksum = v1alpha1.Group + "/secrets-checksum"

// Owner returns the value of ownership.AnnotationOwner.
func (p *Plan) Owner() string { return ownership.Owner(p.Namespace, p.Name) }

// ObjectMeta returns the metadata of every emitted object: name, namespace, the standard labels with the given
// component, and the owner annotation. The maps are new: the caller may add to them.
func (p *Plan) ObjectMeta(component ownership.Component, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:        name,
		Namespace:   p.Namespace,
		Labels:      p.Labels(component),
		Annotations: map[string]string{ownership.AnnotationOwner: p.Owner()},
	}
}

// Labels returns the standard labels with the given component.
func (p *Plan) Labels(component ownership.Component) map[string]string {
	return map[string]string{
		ownership.LabelName:      "mattermost",
		ownership.LabelInstance:  p.Name,
		ownership.LabelComponent: string(component),
		ownership.LabelPartOf:    "mattermost",
		ownership.LabelVersion:   p.Image.Version,
		ownership.LabelManagedBy: ownership.ManagedBy,
	}
}

// ServerLabels returns the labels that the operator sets on the server's Service and pods, for selectors: `app` is
// the constant mattermost for every installation (mattermost-operator, apis/mattermost/v1beta1/mattermost_utils.go).
func (p *Plan) ServerLabels() map[string]string {
	return map[string]string{
		"app": "mattermost",
		"installation.mattermost.com/installation": p.Name,
	}
}
