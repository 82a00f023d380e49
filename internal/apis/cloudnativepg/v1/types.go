// SPDX-License-Identifier: Apache-2.0

// Package v1 defines the fields of CloudNativePG's resources that are emitted. Its own module depends on the whole
// operator; tests validate emitted objects against its CRDs, v1.28.0.
package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// APIVersion is the API version of the resources.
const APIVersion = "postgresql.cnpg.io/v1"

// Cluster runs PostgreSQL on one or more servers.
type Cluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec ClusterSpec `json:"spec"`
}

// ClusterSpec is the desired state of a Cluster.
type ClusterSpec struct {
	Instances         int32                         `json:"instances"`
	ImageName         string                        `json:"imageName,omitempty"`
	ImagePullSecrets  []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`
	PostgreSQL        PostgreSQL                    `json:"postgresql"`
	Bootstrap         Bootstrap                     `json:"bootstrap"`
	Storage           Storage                       `json:"storage"`
	Resources         corev1.ResourceRequirements   `json:"resources"`
	InheritedMetadata *InheritedMetadata            `json:"inheritedMetadata,omitempty"`
	Backup            *Backup                       `json:"backup,omitempty"`
	// ServiceAccountTemplate has the annotation for an IAM role.
	ServiceAccountTemplate *ServiceAccountTemplate `json:"serviceAccountTemplate,omitempty"`
}

// PostgreSQL configures the parameters of the server.
type PostgreSQL struct {
	Parameters map[string]string `json:"parameters"`
}

// Bootstrap configures how the database is created.
type Bootstrap struct {
	InitDB InitDB `json:"initdb"`
}

// InitDB creates a database and the role that owns it.
type InitDB struct {
	Database string `json:"database"`
	Owner    string `json:"owner"`
}

// Storage is the volume of each server.
type Storage struct {
	Size         string `json:"size"`
	StorageClass string `json:"storageClass,omitempty"`
}

// InheritedMetadata is added to all objects that the operator creates.
type InheritedMetadata struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Backup configures where backups are stored.
type Backup struct {
	BarmanObjectStore BarmanObjectStore `json:"barmanObjectStore"`
	RetentionPolicy   string            `json:"retentionPolicy"`
}

// BarmanObjectStore is an S3 service.
type BarmanObjectStore struct {
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

// ServiceAccountTemplate is merged into the ServiceAccount that the operator creates.
type ServiceAccountTemplate struct {
	Metadata InheritedMetadata `json:"metadata"`
}

// ScheduledBackup creates backups on a schedule.
type ScheduledBackup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec ScheduledBackupSpec `json:"spec"`
}

// ScheduledBackupSpec is the desired state of a ScheduledBackup.
type ScheduledBackupSpec struct {
	Schedule             string                      `json:"schedule"`
	BackupOwnerReference string                      `json:"backupOwnerReference"`
	Cluster              corev1.LocalObjectReference `json:"cluster"`
}
