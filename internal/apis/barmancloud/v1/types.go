// SPDX-License-Identifier: Apache-2.0

// Package v1 defines the fields of the resources of CloudNativePG's Barman Cloud plugin that are emitted. Its own
// module depends on the whole operator; tests validate emitted objects against its CRD, v0.15.0.
package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// APIVersion is the API version of the resources.
const APIVersion = "barmancloud.cnpg.io/v1"

// ObjectStore is an S3 service with the archives of Clusters.
type ObjectStore struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec ObjectStoreSpec `json:"spec"`
}

// ObjectStoreSpec is the desired state of an ObjectStore.
type ObjectStoreSpec struct {
	Configuration   Configuration `json:"configuration"`
	RetentionPolicy string        `json:"retentionPolicy,omitempty"`
	// InstanceSidecarConfiguration is that of the plugin's container in the pods.
	InstanceSidecarConfiguration *InstanceSidecarConfiguration `json:"instanceSidecarConfiguration,omitempty"`
}

// Configuration describes an S3 service and the form of the files in it. CloudNativePG's own barmanObjectStore has the
// same fields.
type Configuration struct {
	DestinationPath string        `json:"destinationPath"`
	EndpointURL     string        `json:"endpointURL,omitempty"`
	EndpointCA      *SecretKey    `json:"endpointCA,omitempty"`
	S3Credentials   S3Credentials `json:"s3Credentials"`
	WAL             Compression   `json:"wal"`
	Data            Compression   `json:"data"`
}

// S3Credentials are keys in a Secret, or the pods' own IAM role.
type S3Credentials struct {
	AccessKeyID        *SecretKey `json:"accessKeyId,omitempty"`
	SecretAccessKey    *SecretKey `json:"secretAccessKey,omitempty"`
	InheritFromIAMRole bool       `json:"inheritFromIAMRole,omitempty"`
}

// SecretKey is one key of a Secret.
type SecretKey struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

// Compression selects the compression of stored files.
type Compression struct {
	Compression string `json:"compression"`
}

// InstanceSidecarConfiguration configures the plugin's container.
type InstanceSidecarConfiguration struct {
	Env       []corev1.EnvVar              `json:"env,omitempty"`
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`
}
