// SPDX-License-Identifier: Apache-2.0

// Package v2 defines the fields of the MinIO operator's Tenant that are emitted. The operator's own module is not
// available from the Go module proxy; tests validate emitted objects against its CRD.
package v2

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// APIVersion and Kind identify the resource.
const (
	APIVersion = "minio.min.io/v2"
	Kind       = "Tenant"
)

// Tenant is one MinIO installation.
type Tenant struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec TenantSpec `json:"spec"`
}

// TenantSpec is the desired state of a Tenant.
type TenantSpec struct {
	Image           string                       `json:"image"`
	ImagePullPolicy corev1.PullPolicy            `json:"imagePullPolicy"`
	ImagePullSecret *corev1.LocalObjectReference `json:"imagePullSecret,omitempty"`
	// Configuration refers to the Secret with config.env.
	Configuration corev1.LocalObjectReference `json:"configuration"`
	Buckets       []Bucket                    `json:"buckets"`
	Pools         []Pool                      `json:"pools"`
	// RequestAutoCert requests certificates from the cluster's own authority, which other programs do not trust.
	RequestAutoCert bool `json:"requestAutoCert"`
}

// Bucket is a bucket that the operator creates.
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
