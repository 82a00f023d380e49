// Package v1 holds the fields of the External Secrets operator's ExternalSecret that are emitted. Its module drags the
// clients of every secret store along; tests hold what is emitted against its definition, v1.3.2.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion and Kind of the resource.
const (
	APIVersion = "external-secrets.io/v1"
	Kind       = "ExternalSecret"
)

// Values of the fields that name a policy.
const (
	// RefreshPeriodic fetches again after every RefreshInterval, and when the ExternalSecret changes.
	RefreshPeriodic = "Periodic"
	// RefreshCreatedOnce fetches once in the ExternalSecret's life.
	RefreshCreatedOnce = "CreatedOnce"
	// CreationOwner makes the Secret, keeps it as it should be, and has it deleted with the ExternalSecret.
	CreationOwner = "Owner"
	// CreationOrphan makes the Secret and leaves it alone: it stays without the ExternalSecret.
	CreationOrphan = "Orphan"
	// DeletionRetain keeps the Secret when its values are gone from the store.
	DeletionRetain = "Retain"
)

// ExternalSecret makes a Secret of values in a store, or of what a generator makes.
type ExternalSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec ExternalSecretSpec `json:"spec"`
}

// ExternalSecretSpec is what is wanted of an ExternalSecret.
type ExternalSecretSpec struct {
	RefreshPolicy string `json:"refreshPolicy"`
	// RefreshInterval is a duration as Go writes it, such as 1h0m0s.
	RefreshInterval string `json:"refreshInterval"`
	// SecretStoreRef is the store of every entry of Data that names none.
	SecretStoreRef *StoreRef  `json:"secretStoreRef,omitempty"`
	Target         Target     `json:"target"`
	Data           []Data     `json:"data,omitempty"`
	DataFrom       []DataFrom `json:"dataFrom,omitempty"`
}

// StoreRef names a SecretStore or ClusterSecretStore.
type StoreRef struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Target is the Secret that is made.
type Target struct {
	Name           string   `json:"name"`
	CreationPolicy string   `json:"creationPolicy"`
	DeletionPolicy string   `json:"deletionPolicy"`
	Immutable      bool     `json:"immutable,omitempty"`
	Template       Template `json:"template"`
}

// Template is what the Secret looks like. Without Data it holds the values as they were fetched.
type Template struct {
	EngineVersion string            `json:"engineVersion"`
	MergePolicy   string            `json:"mergePolicy"`
	Metadata      TemplateMetadata  `json:"metadata"`
	Data          map[string]string `json:"data,omitempty"`
}

// TemplateMetadata is the Secret's. Without a template the operator copies the ExternalSecret's own.
type TemplateMetadata struct {
	Labels map[string]string `json:"labels"`
}

// Data is one value of a store.
type Data struct {
	// SecretKey is the value's name in templates, and the Secret's key where there are none.
	SecretKey string     `json:"secretKey"`
	SourceRef *SourceRef `json:"sourceRef,omitempty"`
	RemoteRef RemoteRef  `json:"remoteRef"`
}

// SourceRef names the store of one value.
type SourceRef struct {
	StoreRef StoreRef `json:"storeRef"`
}

// RemoteRef is where a value stands in its store.
type RemoteRef struct {
	Key                string `json:"key"`
	Property           string `json:"property,omitempty"`
	ConversionStrategy string `json:"conversionStrategy"`
	DecodingStrategy   string `json:"decodingStrategy"`
	MetadataPolicy     string `json:"metadataPolicy"`
}

// DataFrom is everything that a generator makes.
type DataFrom struct {
	SourceRef GeneratorSourceRef `json:"sourceRef"`
}

// GeneratorSourceRef names a generator.
type GeneratorSourceRef struct {
	GeneratorRef GeneratorRef `json:"generatorRef"`
}

// GeneratorRef names a generator's object.
type GeneratorRef struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
}
