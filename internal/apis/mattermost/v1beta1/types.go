// Package v1beta1 holds the fields of the Mattermost operator's resource that are emitted. The operator's own module is
// not to be had from the Go module proxy; tests hold what is emitted against its definition.
package v1beta1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// OperatorVersion is the version of the operator whose resource this is.
const OperatorVersion = "1.25.9"

// APIVersion and Kind of the resource.
const (
	APIVersion = "installation.mattermost.com/v1beta1"
	Kind       = "Mattermost"
)

// Mattermost is one installation.
type Mattermost struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec MattermostSpec `json:"spec"`
}

// MattermostSpec is what is wanted of an installation. It has no field for the operator's `size`: the operator replaces
// it by replicas and resources, and so fights with whoever applies the resource again.
type MattermostSpec struct {
	Image            string                        `json:"image"`
	Version          string                        `json:"version"`
	ImagePullPolicy  corev1.PullPolicy             `json:"imagePullPolicy"`
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`
	Replicas         int32                         `json:"replicas"`
	LicenseSecret    string                        `json:"licenseSecret,omitempty"`
	Ingress          Ingress                       `json:"ingress"`
	Database         Database                      `json:"database"`
	FileStore        FileStore                     `json:"fileStore"`
	MattermostEnv    []corev1.EnvVar               `json:"mattermostEnv,omitempty"`
	Volumes          []corev1.Volume               `json:"volumes,omitempty"`
	VolumeMounts     []corev1.VolumeMount          `json:"volumeMounts,omitempty"`
	ResourceLabels   map[string]string             `json:"resourceLabels,omitempty"`
	Scheduling       Scheduling                    `json:"scheduling"`
	Probes           Probes                        `json:"probes"`
	PodTemplate      PodTemplate                   `json:"podTemplate"`
	PodExtensions    PodExtensions                 `json:"podExtensions"`
	// DeploymentTemplate is nil for the operator's own rolling update.
	DeploymentTemplate *DeploymentTemplate `json:"deploymentTemplate,omitempty"`
	UpdateJob          UpdateJob           `json:"updateJob"`
	ResourcePatch      *ResourcePatch      `json:"resourcePatch,omitempty"`
}

// Ingress must always stand there: the operator takes an absent one for an enabled one.
type Ingress struct {
	Enabled      bool              `json:"enabled"`
	Host         string            `json:"host,omitempty"`
	IngressClass *string           `json:"ingressClass,omitempty"`
	TLSSecret    string            `json:"tlsSecret,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// Database is where messages are stored.
type Database struct {
	External              ExternalDatabase `json:"external"`
	DisableReadinessCheck bool             `json:"disableReadinessCheck"`
}

// ExternalDatabase names the Secret with the connection strings.
type ExternalDatabase struct {
	Secret string `json:"secret"`
}

// FileStore is where files are stored: one of the two.
type FileStore struct {
	External       *ExternalFileStore `json:"external,omitempty"`
	ExternalVolume *ExternalVolume    `json:"externalVolume,omitempty"`
}

// ExternalFileStore is an S3 service.
type ExternalFileStore struct {
	// URL is host or host:port without a scheme.
	URL               string `json:"url"`
	Bucket            string `json:"bucket"`
	Secret            string `json:"secret,omitempty"`
	UseServiceAccount bool   `json:"useServiceAccount,omitempty"`
}

// ExternalVolume names a PersistentVolumeClaim.
type ExternalVolume struct {
	VolumeClaimName string `json:"volumeClaimName"`
}

// Scheduling is where and how large pods run.
type Scheduling struct {
	Resources    corev1.ResourceRequirements `json:"resources"`
	NodeSelector map[string]string           `json:"nodeSelector,omitempty"`
	Affinity     *corev1.Affinity            `json:"affinity,omitempty"`
	Tolerations  []corev1.Toleration         `json:"tolerations,omitempty"`
}

// Probes of the server's container.
type Probes struct {
	LivenessProbe  corev1.Probe `json:"livenessProbe"`
	ReadinessProbe corev1.Probe `json:"readinessProbe"`
}

// PodTemplate is laid over the pods that the operator makes.
type PodTemplate struct {
	SecurityContext          *corev1.PodSecurityContext `json:"securityContext,omitempty"`
	ContainerSecurityContext *corev1.SecurityContext    `json:"containerSecurityContext,omitempty"`
	ExtraLabels              map[string]string          `json:"extraLabels,omitempty"`
	ExtraAnnotations         map[string]string          `json:"extraAnnotations,omitempty"`
}

// PodExtensions are more containers.
type PodExtensions struct {
	InitContainers    []corev1.Container `json:"initContainers,omitempty"`
	SidecarContainers []corev1.Container `json:"sidecarContainers,omitempty"`
}

// DeploymentTemplate is laid over the Deployment that the operator makes.
type DeploymentTemplate struct {
	DeploymentStrategyType string `json:"deploymentStrategyType"`
}

// UpdateJob checks a new version before it is rolled out.
type UpdateJob struct {
	Disabled bool `json:"disabled"`
}

// ResourcePatch holds JSON patches, as text, for what the operator makes.
type ResourcePatch struct {
	Deployment *Patch `json:"deployment,omitempty"`
}

// Patch is a JSON patch as text.
type Patch struct {
	Patch string `json:"patch"`
}
