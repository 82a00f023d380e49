// SPDX-License-Identifier: Apache-2.0

// Package v1 defines the fields of CloudNativePG's resources that are emitted. Its own module depends on the whole
// operator; tests validate emitted objects against its CRDs, v1.30.0.
package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	barmancloudv1 "bigbang.dev/mattermost-fn/internal/apis/barmancloud/v1"
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
	PostgresUID       *int64                        `json:"postgresUID,omitempty"`
	PostgresGID       *int64                        `json:"postgresGID,omitempty"`
	PostgreSQL        PostgreSQL                    `json:"postgresql"`
	Bootstrap         Bootstrap                     `json:"bootstrap"`
	ExternalClusters  []ExternalCluster             `json:"externalClusters,omitempty"`
	Storage           Storage                       `json:"storage"`
	Resources         corev1.ResourceRequirements   `json:"resources"`
	InheritedMetadata *InheritedMetadata            `json:"inheritedMetadata,omitempty"`
	Backup            *Backup                       `json:"backup,omitempty"`
	Plugins           []Plugin                      `json:"plugins,omitempty"`
	// ServiceAccountTemplate has the annotation for an IAM role.
	ServiceAccountTemplate *ServiceAccountTemplate `json:"serviceAccountTemplate,omitempty"`
}

// PostgreSQL configures the parameters of the server.
type PostgreSQL struct {
	Parameters map[string]string `json:"parameters"`
}

// Bootstrap configures how the database is created, by one of two methods.
type Bootstrap struct {
	InitDB   *InitDB   `json:"initdb,omitempty"`
	Recovery *Recovery `json:"recovery,omitempty"`
}

// InitDB creates a database and the role that owns it.
type InitDB struct {
	Database string                       `json:"database"`
	Owner    string                       `json:"owner"`
	Secret   *corev1.LocalObjectReference `json:"secret,omitempty"`
	Import   *Import                      `json:"import,omitempty"`
}

// Import copies databases of an external cluster.
type Import struct {
	Type      string       `json:"type"`
	Databases []string     `json:"databases"`
	Source    ImportSource `json:"source"`
}

// ImportSource names the external cluster.
type ImportSource struct {
	ExternalCluster string `json:"externalCluster"`
}

// Recovery restores an external cluster from its archive.
type Recovery struct {
	Source string `json:"source"`
	// Database and Owner must be set: with their defaults, an empty database named app is created next to the restored
	// one.
	Database       string                       `json:"database"`
	Owner          string                       `json:"owner"`
	Secret         *corev1.LocalObjectReference `json:"secret,omitempty"`
	RecoveryTarget *RecoveryTarget              `json:"recoveryTarget,omitempty"`
}

// RecoveryTarget is where the recovery ends.
type RecoveryTarget struct {
	BackupID        string `json:"backupID,omitempty"`
	TargetTime      string `json:"targetTime,omitempty"`
	TargetLSN       string `json:"targetLSN,omitempty"`
	TargetImmediate bool   `json:"targetImmediate,omitempty"`
}

// ExternalCluster is the source of a recovery, described by a plugin, or of an import, described by its connection.
type ExternalCluster struct {
	Name                 string                   `json:"name"`
	ConnectionParameters map[string]string        `json:"connectionParameters,omitempty"`
	Password             *barmancloudv1.SecretKey `json:"password,omitempty"`
	SSLRootCert          *barmancloudv1.SecretKey `json:"sslRootCert,omitempty"`
	Plugin               *ExternalPlugin          `json:"plugin,omitempty"`
}

// ExternalPlugin says where a plugin finds an external cluster.
type ExternalPlugin struct {
	Name       string            `json:"name"`
	Parameters map[string]string `json:"parameters"`
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

// Backup configures where backups are stored, in the form that a later version of CloudNativePG removes.
type Backup struct {
	BarmanObjectStore BarmanObjectStore `json:"barmanObjectStore"`
	RetentionPolicy   string            `json:"retentionPolicy"`
}

// BarmanObjectStore is an S3 service, and the directory of this Cluster in it.
type BarmanObjectStore struct {
	barmancloudv1.Configuration `json:",inline"`

	ServerName string `json:"serverName,omitempty"`
}

// Plugin is a plugin of the operator that the Cluster uses.
type Plugin struct {
	Name          string            `json:"name"`
	Enabled       bool              `json:"enabled"`
	IsWALArchiver bool              `json:"isWALArchiver"`
	Parameters    map[string]string `json:"parameters"`
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
	// Method must be set: its default is barmanObjectStore, with which every backup of a plugin fails.
	Method              string               `json:"method"`
	PluginConfiguration *PluginConfiguration `json:"pluginConfiguration,omitempty"`
}

// PluginConfiguration names the plugin that makes the backups.
type PluginConfiguration struct {
	Name string `json:"name"`
}
