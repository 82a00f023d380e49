// Package v2 holds the fields of the MinIO operator's Tenant that are emitted. The operator's own module is not to be
// had from the Go module proxy; tests hold what is emitted against its definition.
package v2

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// APIVersion and Kind of the resource.
const (
	APIVersion = "minio.min.io/v2"
	Kind       = "Tenant"
)

// Tenant is one MinIO.
type Tenant struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec TenantSpec `json:"spec"`
}

// TenantSpec is what is wanted of a Tenant.
type TenantSpec struct {
	Image           string                       `json:"image"`
	ImagePullPolicy corev1.PullPolicy            `json:"imagePullPolicy"`
	ImagePullSecret *corev1.LocalObjectReference `json:"imagePullSecret,omitempty"`
	// Configuration names the Secret with config.env.
	Configuration corev1.LocalObjectReference `json:"configuration"`
	Buckets       []Bucket                    `json:"buckets"`
	Pools         []Pool                      `json:"pools"`
	// RequestAutoCert asks the cluster's own authority for certificates that nothing else trusts.
	RequestAutoCert bool `json:"requestAutoCert"`
}

// Bucket is made by the operator.
type Bucket struct {
	Name string `json:"name"`
}

// Pool is a set of servers with their volumes.
type Pool struct {
	Name                     string                       `json:"name"`
	Servers                  int32                        `json:"servers"`
	VolumesPerServer         int32                        `json:"volumesPerServer"`
	VolumeClaimTemplate      corev1.PersistentVolumeClaim `json:"volumeClaimTemplate"`
	Resources                corev1.ResourceRequirements  `json:"resources"`
	Labels                   map[string]string            `json:"labels,omitempty"`
	SecurityContext          *corev1.PodSecurityContext   `json:"securityContext,omitempty"`
	ContainerSecurityContext *corev1.SecurityContext      `json:"containerSecurityContext,omitempty"`
}
