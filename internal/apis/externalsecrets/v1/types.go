// SPDX-License-Identifier: Apache-2.0

// Package v1 defines the fields of the External Secrets operator's ExternalSecret that are emitted. Its own module
// depends on the clients of all secret stores; tests validate emitted objects against its CRDs, v1.3.2.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion and Kind identify the resource.
const (
	APIVersion = "external-secrets.io/v1"
	Kind       = "ExternalSecret"
)

// Policies of an ExternalSecret and its target.
const (
	// RefreshPeriodic fetches the values after every RefreshInterval, and when the ExternalSecret changes.
	RefreshPeriodic = "Periodic"
	// RefreshCreatedOnce fetches the values once in the ExternalSecret's life.
	RefreshCreatedOnce = "CreatedOnce"
	// CreationOwner creates the Secret, keeps it in the desired state, and has it deleted with the ExternalSecret.
	CreationOwner = "Owner"
	// CreationOrphan creates the Secret without an owner: it is kept when the ExternalSecret is deleted.
	CreationOrphan = "Orphan"
	// DeletionRetain keeps the Secret when its values are removed from the store.
	DeletionRetain = "Retain"
)

// ExternalSecret creates a Secret from values in a store, or from the output of a generator.
type ExternalSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec ExternalSecretSpec `json:"spec"`
}

// ExternalSecretSpec is the desired state of an ExternalSecret.
type ExternalSecretSpec struct {
	RefreshPolicy string `json:"refreshPolicy"`
	// RefreshInterval is a duration in Go's format, such as 1h0m0s.
	RefreshInterval string `json:"refreshInterval"`
	// SecretStoreRef is the store of the entries of Data that have no SourceRef.
	SecretStoreRef *StoreRef  `json:"secretStoreRef,omitempty"`
	Target         Target     `json:"target"`
	Data           []Data     `json:"data,omitempty"`
	DataFrom       []DataFrom `json:"dataFrom,omitempty"`
}

// StoreRef refers to a SecretStore or ClusterSecretStore.
type StoreRef struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Target describes the Secret that the operator creates.
type Target struct {
	Name           string   `json:"name"`
	CreationPolicy string   `json:"creationPolicy"`
	DeletionPolicy string   `json:"deletionPolicy"`
	Immutable      bool     `json:"immutable,omitempty"`
	Template       Template `json:"template"`
}

// Template is the template of the Secret. Without Data, the Secret contains the values unchanged.
type Template struct {
	EngineVersion string            `json:"engineVersion"`
	MergePolicy   string            `json:"mergePolicy"`
	Metadata      TemplateMetadata  `json:"metadata"`
	Data          map[string]string `json:"data,omitempty"`
}

// TemplateMetadata is the metadata of the Secret. Without a template the operator copies that of the ExternalSecret.
type TemplateMetadata struct {
	Labels map[string]string `json:"labels"`
}

// Data is one value of a store.
type Data struct {
	// SecretKey is the value's name in templates, or its key in the Secret if there are no templates.
	SecretKey string     `json:"secretKey"`
	SourceRef *SourceRef `json:"sourceRef,omitempty"`
	RemoteRef RemoteRef  `json:"remoteRef"`
}

// SourceRef refers to the store of one value.
type SourceRef struct {
	StoreRef StoreRef `json:"storeRef"`
}

// RemoteRef locates a value in its store.
type RemoteRef struct {
	Key                string `json:"key"`
	Property           string `json:"property,omitempty"`
	ConversionStrategy string `json:"conversionStrategy"`
	DecodingStrategy   string `json:"decodingStrategy"`
	MetadataPolicy     string `json:"metadataPolicy"`
}

// DataFrom adds all values of a generator.
type DataFrom struct {
	SourceRef GeneratorSourceRef `json:"sourceRef"`
}

// GeneratorSourceRef refers to a generator as the source of values.
type GeneratorSourceRef struct {
	GeneratorRef GeneratorRef `json:"generatorRef"`
}

// GeneratorRef refers to a generator.
type GeneratorRef struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
}
