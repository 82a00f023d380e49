// SPDX-License-Identifier: Apache-2.0

// Package v1beta1 defines the fields of the Mattermost operator's resource that are emitted. The operator's own module
// is not available from the Go module proxy; tests validate emitted objects against its CRD, v1.25.9.
package v1beta1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// OperatorVersion is the version of the operator whose resource this is.
const OperatorVersion = "1.25.9"

// Group, APIVersion and Kind identify the resource.
const (
	Group      = "installation.mattermost.com"
	APIVersion = Group + "/v1beta1"
	Kind       = "Mattermost"
)

// Is reports whether a group and kind, of any version, are those of the resource.
func Is(group, kind string) bool { return group == Group && kind == Kind }

// Mattermost is one installation.
type Mattermost struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec MattermostSpec `json:"spec"`
}

// MattermostSpec is the desired state of an installation. It has no field for the operator's `size`: the operator
// replaces it with replicas and resources, which conflicts with the next apply of the resource.
type MattermostSpec struct {
	Image              string                        `json:"image"`
	Version            string                        `json:"version"`
	ImagePullPolicy    corev1.PullPolicy             `json:"imagePullPolicy"`
	ImagePullSecrets   []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`
	Replicas           int32                         `json:"replicas"`
	LicenseSecret      string                        `json:"licenseSecret,omitempty"`
	Ingress            Ingress                       `json:"ingress"`
	Database           Database                      `json:"database"`
	FileStore          FileStore                     `json:"fileStore"`
	MattermostEnv      []corev1.EnvVar               `json:"mattermostEnv,omitempty"`
	Volumes            []corev1.Volume               `json:"volumes,omitempty"`
	VolumeMounts       []corev1.VolumeMount          `json:"volumeMounts,omitempty"`
	ServiceAnnotations map[string]string             `json:"serviceAnnotations,omitempty"`
	ResourceLabels     map[string]string             `json:"resourceLabels,omitempty"`
	Scheduling         Scheduling                    `json:"scheduling"`
	Probes             Probes                        `json:"probes"`
	PodTemplate        PodTemplate                   `json:"podTemplate"`
	PodExtensions      PodExtensions                 `json:"podExtensions"`
	// DeploymentTemplate is nil to keep the operator's own rolling update.
	DeploymentTemplate *DeploymentTemplate `json:"deploymentTemplate,omitempty"`
	UpdateJob          UpdateJob           `json:"updateJob"`
	ResourcePatch      *ResourcePatch      `json:"resourcePatch,omitempty"`
}

// Ingress configures the operator's Ingress. It is always emitted: the operator treats an absent one as enabled.
type Ingress struct {
	Enabled      bool              `json:"enabled"`
	Host         string            `json:"host,omitempty"`
	IngressClass *string           `json:"ingressClass,omitempty"`
	TLSSecret    string            `json:"tlsSecret,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// Database configures where messages are stored.
type Database struct {
	External              ExternalDatabase `json:"external"`
	DisableReadinessCheck bool             `json:"disableReadinessCheck"`
}

// ExternalDatabase refers to the Secret with the connection strings.
type ExternalDatabase struct {
	Secret string `json:"secret"`
}

// FileStore configures where files are stored: in External if it has a URL, otherwise in ExternalVolume.
type FileStore struct {
	External       *ExternalFileStore `json:"external,omitempty"`
	ExternalVolume *ExternalVolume    `json:"externalVolume,omitempty"`
}

// ExternalFileStore is an S3 service.
type ExternalFileStore struct {
	// URL is host or host:port without a scheme.
	URL    string `json:"url"`
	Bucket string `json:"bucket"`
	Secret string `json:"secret,omitempty"`
	// UseServiceAccount means that the operator reads no Secret, and neither creates nor changes the ServiceAccount.
	UseServiceAccount bool `json:"useServiceAccount,omitempty"`
}

// ExternalVolume refers to a PersistentVolumeClaim.
type ExternalVolume struct {
	VolumeClaimName string `json:"volumeClaimName"`
}

// Scheduling configures the placement and the resources of the pods.
type Scheduling struct {
	Resources    corev1.ResourceRequirements `json:"resources"`
	NodeSelector map[string]string           `json:"nodeSelector,omitempty"`
	Affinity     *corev1.Affinity            `json:"affinity,omitempty"`
	Tolerations  []corev1.Toleration         `json:"tolerations,omitempty"`
}

// Probes are the probes of the server's container.
type Probes struct {
	LivenessProbe  corev1.Probe `json:"livenessProbe"`
	ReadinessProbe corev1.Probe `json:"readinessProbe"`
}

// PodTemplate is merged into the pods that the operator creates.
type PodTemplate struct {
	SecurityContext          *corev1.PodSecurityContext `json:"securityContext,omitempty"`
	ContainerSecurityContext *corev1.SecurityContext    `json:"containerSecurityContext,omitempty"`
	ExtraLabels              map[string]string          `json:"extraLabels,omitempty"`
	ExtraAnnotations         map[string]string          `json:"extraAnnotations,omitempty"`
}

// PodExtensions are additional containers.
type PodExtensions struct {
	InitContainers    []corev1.Container `json:"initContainers,omitempty"`
	SidecarContainers []corev1.Container `json:"sidecarContainers,omitempty"`
	// ContainerPorts are added to those of the server.
	ContainerPorts []corev1.ContainerPort `json:"containerPorts,omitempty"`
}

// DeploymentTemplate is merged into the Deployment that the operator creates.
type DeploymentTemplate struct {
	DeploymentStrategyType string `json:"deploymentStrategyType"`
}

// UpdateJob configures the job that checks a new version before it is rolled out.
type UpdateJob struct {
	Disabled bool `json:"disabled"`
}

// ResourcePatch contains JSON patches for the objects that the operator creates.
type ResourcePatch struct {
	Deployment *Patch `json:"deployment,omitempty"`
}

// Patch is a JSON patch as a string.
type Patch struct {
	Patch string `json:"patch"`
}
