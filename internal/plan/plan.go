// SPDX-License-Identifier: Apache-2.0

// Package plan resolves a configuration once: every name, address, image, Secret and environment variable. Generators
// read the plan and nothing else.
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
	// PortApp is where people connect, and the port `app` of the operator's Service.
	PortApp int32 = 8065
	// PortMetrics is where Prometheus scrapes, and the port `metrics` of the operator's Service.
	PortMetrics int32 = 8067
	// PortGossip is where servers of one cluster find each other, over TCP and UDP. The operator's Service does not list
	// it.
	PortGossip int32 = 8074
)

// Plan is one Mattermost with everything decided.
type Plan struct {
	// Names are those of the installation and of everything that is emitted for it.
	Names
	// Profile is where defaults came from.
	Profile v1alpha1.Profile
	// Site is the address that people use, https always, without a path.
	Site *url.URL

	// Image is what runs the server.
	Image Image
	// Edition is the build that the image holds.
	Edition v1alpha1.Edition
	// Enterprise says that the licensed features are open.
	Enterprise bool
	// LicenseSecret is the Secret for the operator's licenseSecret; empty where there is none with the key `license`.
	LicenseSecret string

	// DeletionProtection adds the annotations with which deployment tools keep objects with data.
	DeletionProtection bool
	// Replicas is how many servers run, 1 or more.
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
	// SecretsChecksum changes whenever something changes that the pods read at their start and that is known here: a key
	// of a Secret or ConfigMap, a CA certificate, the IAM role. It goes into the pods' annotations, since the operator
	// watches no object that is not its own.
	SecretsChecksum string
	// Unseen are the Secrets and ConfigMaps of the user's that the pods read at their start and that are not known here,
	// so that a change restarts nothing: Secrets first, then by name.
	Unseen []Source

	// Route exposes the site.
	Route Route
	// Istio is what the mesh is told.
	Istio Istio
	// NetworkPolicies says which network policies are wanted.
	NetworkPolicies NetworkPolicies
	// Destinations are the services that the servers connect to, in a fixed order.
	Destinations []Destination
	// Availability says how pods are spread; nil where they are not.
	Availability *Availability
	// Monitoring says how the servers are scraped; nil where they are not.
	Monitoring *Monitoring
	// Logging says how the servers' log is processed; nil where Fluent Bit is not used.
	Logging *Logging
	// Pod is what the configuration adds to the server's pods, security contexts resolved.
	Pod Pod
	// NamespaceObject is the Namespace to emit; nil where it exists already.
	NamespaceObject *NamespaceObject
}

// Variable is one environment variable of the server.
type Variable struct {
	corev1.EnvVar
	// Field of the configuration that sets the variable; empty where no field does.
	Field string
	// Verbatim is true where the user wrote the variable as a Kubernetes field, in spec.env: what Kubernetes makes of the
	// value, such as of $(NAME) in it, is the user's intent.
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
	// Tag is what the operator is given as version: the version, or the digest (which it joins with @).
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
	// Secret is the one that the operator is given: spec.database.external.secret.
	Secret string
	// connection is MM_CONFIG, without credentials; empty where a Secret of the user's holds it.
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
	// Name of the Cluster. Its operator makes the Services <name>-rw, -ro and -r and the Secret <name>-app.
	Name string
	// Database and Owner are the database and the role that owns it.
	Database, Owner string
	// Instances is how many database servers run.
	Instances int32
	// MaxConnections is max_connections of PostgreSQL.
	MaxConnections int32
	// Image is empty for the operator's own choice.
	Image string
	// Storage of each server.
	Storage Storage
	// Resources of each server.
	Resources corev1.ResourceRequirements
	// Backup is nil where there is none.
	Backup *Backup
}

// Backup is a regular copy of the database in the object storage.
type Backup struct {
	// Schedule has six fields, seconds first.
	Schedule string
	// Retention such as 30d.
	Retention string
	// DestinationPath such as s3://bucket/postgresql.
	DestinationPath string
	// EndpointURL of the S3 service.
	EndpointURL string
	// AccessKey and SecretKey are where the keys of the object storage are; empty where the pods take on an IAM role.
	AccessKey, SecretKey v1alpha1.KeyRef
	// RoleARN is the IAM role where there are no keys.
	RoleARN string
	// CABundle is the key of a Secret with the service's CA certificates; nil where the system trusts it.
	CABundle *v1alpha1.KeyRef
}

// StatefulSet is one PostgreSQL without an operator.
type StatefulSet struct {
	// Name of the StatefulSet and its Service.
	Name string
	// Database and Owner are the database and the role that owns it.
	Database, Owner string
	// Image of PostgreSQL.
	Image string
	// User is the user and group id that the image runs as.
	User int64
	// MaxConnections is max_connections of PostgreSQL.
	MaxConnections int32
	// PasswordRef is where POSTGRES_PASSWORD is read from.
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
	// S3 is nil where the files go to a volume.
	S3 *S3
	// MinIO is the Tenant to emit behind S3; nil for every other service.
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

// S3 is a service that speaks Amazon's protocol.
type S3 struct {
	// Address is host or host:port, without a scheme: the operator passes it to the server as it is.
	Address string
	// Bucket is never empty.
	Bucket string
	// Secret holds the keys accesskey and secretkey; empty where the pods take on an IAM role.
	Secret string
	// RoleARN is the IAM role that the ServiceAccount of the installation's name carries; empty where there are keys.
	RoleARN string
}

// MinIO is a Tenant of the MinIO operator.
type MinIO struct {
	// Name of the Tenant. Its operator makes the Service <name>-hl with port 9000.
	Name string
	// Image of the server.
	Image string
	// ConfigSecret holds config.env with the root user.
	ConfigSecret string
	// Bucket is made by the operator.
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

// CABundle holds CA certificates that the server trusts in addition to the system's: one file in the system's
// directory.
type CABundle struct {
	// Name is the file's, without ending, such as mattermost-sso-ca.
	Name string
	// Volume is the name of the pod's volume, such as sso-ca.
	Volume string
	// ConfigMap and Secret: one of them holds the certificates under Key.
	ConfigMap, Secret string
	// Key in the ConfigMap or Secret.
	Key string
	// PEM is the content of the ConfigMap, where it is to be emitted.
	PEM string
}

// Route exposes the site.
type Route struct {
	// Type of the route.
	Type v1alpha1.RouteType
	// Host is the site's host name.
	Host string
	// Gateways are what the route is bound to.
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

// Istio is what the mesh is told.
type Istio struct {
	// Injection forces a sidecar on or off; nil leaves it to the namespace.
	Injection *bool
	// Ambient puts the pods into the ambient mesh.
	Ambient bool
	// MTLS is STRICT, PERMISSIVE or empty for the mesh's own.
	MTLS string
	// AuthorizationPolicies wants them.
	AuthorizationPolicies bool
	// GatewayPrincipals are the identities that may reach PortApp.
	GatewayPrincipals []string
	// Egress is RegistryOnly, AllowAny or empty for the mesh's own.
	Egress string
	// ServiceEntries wants one for each outside destination.
	ServiceEntries bool
}

// NetworkPolicies says which are wanted.
type NetworkPolicies struct {
	// Enabled wants them.
	Enabled bool
	// GatewayNamespace is where connections to PortApp come from; empty where there is no route.
	GatewayNamespace string
	// MonitoringNamespace is where connections to PortMetrics come from.
	MonitoringNamespace string
}

// Availability says how pods are spread.
type Availability struct {
	// TopologyKey is the node label in addition to the host name.
	TopologyKey string
}

// Monitoring says how the servers are scraped.
type Monitoring struct {
	// Interval such as 30s.
	Interval string
	// Scheme is http or https.
	Scheme string
	// TLSConfig is nil for http.
	TLSConfig *v1alpha1.MonitorTLSConfig
	// Labels are added to the ServiceMonitor's.
	Labels map[string]string
	// Alerts are added labels of the PrometheusRule; nil where there is none.
	Alerts *Alerts
	// Dashboard is nil where there is none.
	Dashboard *Dashboard
}

// Alerts says how the PrometheusRule is emitted and what it can watch.
type Alerts struct {
	// Labels are added to the PrometheusRule's.
	Labels map[string]string
	// ReadReplicas says that the database has read replicas, so that their lag can be watched.
	ReadReplicas bool
}

// Dashboard says where the Grafana dashboard goes.
type Dashboard struct {
	// Name of the ConfigMap.
	Name string
	// Namespace that Grafana's sidecar watches.
	Namespace string
	// Labels that Grafana's sidecar looks for.
	Labels map[string]string
}

// Logging says how Fluent Bit processes the server's log.
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
	// TLS says that the connection uses TLS.
	TLS bool
	// SkipTLSVerify leaves the certificate unchecked.
	SkipTLSVerify bool
	// CAFile is a path in the Fluent Bit pod.
	CAFile string
	// IndexPrefix of the daily indexes.
	IndexPrefix string
	// Username and Password are where Fluent Bit reads the credentials; nil where there are none.
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
	// SecurityContext of the pod passes the restricted level unless the configuration says otherwise.
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
}

// NamespaceObject is a Namespace to emit.
type NamespaceObject struct {
	// Labels and Annotations of the Namespace.
	Labels, Annotations map[string]string
}

// AnnotationSecretsChecksum holds Plan.SecretsChecksum on the server's pods.
const AnnotationSecretsChecksum = v1alpha1.Group + "/secrets-checksum"

// Owner returns the value of ownership.AnnotationOwner.
func (p *Plan) Owner() string { return ownership.Owner(p.Namespace, p.Name) }

// ObjectMeta returns the metadata that everything emitted carries: name, namespace, the standard labels with the given
// component, and the owner annotation. The maps are fresh: the caller may add to them.
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

// ServerLabels are the labels that the operator really sets on the server's Service and pods, for selectors: `app` is
// the constant mattermost for every installation (mattermost-operator, apis/mattermost/v1beta1/mattermost_utils.go).
func (p *Plan) ServerLabels() map[string]string {
	return map[string]string{
		"app": "mattermost",
		"installation.mattermost.com/installation": p.Name,
	}
}
