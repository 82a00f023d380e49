// Package v1 holds the fields of Istio's networking resources that are emitted. Its own types are made by protobuf: they
// leave out every value that is zero, so that REGISTRY_ONLY and a number of attempts of 0 would not be said, and take
// three milliseconds at each start. Tests hold what is emitted against Istio's definitions, v1.31.1.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion of the resources.
const APIVersion = "networking.istio.io/v1"

// VirtualService is the way from gateways to a service.
type VirtualService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec VirtualServiceSpec `json:"spec"`
}

// VirtualServiceSpec is what is wanted of a VirtualService.
type VirtualServiceSpec struct {
	// Gateways are namespace/name, or a name in the object's own namespace.
	Gateways []string    `json:"gateways"`
	Hosts    []string    `json:"hosts"`
	HTTP     []HTTPRoute `json:"http"`
}

// HTTPRoute is a rule; the first that matches wins.
type HTTPRoute struct {
	Name string `json:"name"`
	// Match is empty for everything.
	Match []HTTPMatch            `json:"match,omitempty"`
	Route []HTTPRouteDestination `json:"route"`
	// Retries is nil for Istio's own, two more attempts.
	Retries *HTTPRetry `json:"retries,omitempty"`
}

// HTTPMatch says which requests a rule is for.
type HTTPMatch struct {
	URI StringMatch `json:"uri"`
}

// StringMatch compares a text.
type StringMatch struct {
	Exact string `json:"exact"`
}

// HTTPRouteDestination is where requests go.
type HTTPRouteDestination struct {
	Destination Destination `json:"destination"`
}

// Destination is a port of a Service.
type Destination struct {
	Host string       `json:"host"`
	Port PortSelector `json:"port"`
}

// PortSelector names a port by its number.
type PortSelector struct {
	Number int32 `json:"number"`
}

// HTTPRetry says how often a request that failed is tried again; 0 is never.
type HTTPRetry struct {
	Attempts int32 `json:"attempts"`
}

// ServiceEntry makes a service known to the mesh.
type ServiceEntry struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec ServiceEntrySpec `json:"spec"`
}

// ServiceEntrySpec is what is wanted of a ServiceEntry.
type ServiceEntrySpec struct {
	Addresses []string `json:"addresses,omitempty"`
	// ExportTo are the namespaces that know the service; "." is the object's own.
	ExportTo []string `json:"exportTo"`
	Hosts    []string `json:"hosts"`
	// Location is MESH_EXTERNAL or MESH_INTERNAL.
	Location string        `json:"location"`
	Ports    []ServicePort `json:"ports"`
	// Resolution is NONE, STATIC or DNS.
	Resolution string `json:"resolution"`
}

// Locations and resolutions of a ServiceEntry.
const (
	MeshExternal   = "MESH_EXTERNAL"
	ResolutionNone = "NONE"
	ResolutionDNS  = "DNS"
)

// ServicePort is a port of a service.
type ServicePort struct {
	Name   string `json:"name"`
	Number int32  `json:"number"`
	// Protocol is HTTP, TLS or TCP, among others.
	Protocol string `json:"protocol"`
}

// Sidecar says what the sidecars of a workload know of the mesh.
type Sidecar struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec SidecarSpec `json:"spec"`
}

// SidecarSpec is what is wanted of a Sidecar.
type SidecarSpec struct {
	// Egress is empty for everything that the mesh knows.
	Egress                []EgressListener      `json:"egress,omitempty"`
	OutboundTrafficPolicy OutboundTrafficPolicy `json:"outboundTrafficPolicy"`
	WorkloadSelector      WorkloadSelector      `json:"workloadSelector"`
}

// EgressListener names what a workload may know, as namespace/host.
type EgressListener struct {
	Hosts []string `json:"hosts"`
}

// OutboundTrafficPolicy says what becomes of connections to what the mesh does not know.
type OutboundTrafficPolicy struct {
	// Mode is REGISTRY_ONLY or ALLOW_ANY.
	Mode string `json:"mode"`
}

// Modes of an OutboundTrafficPolicy.
const (
	RegistryOnly = "REGISTRY_ONLY"
	AllowAny     = "ALLOW_ANY"
)

// WorkloadSelector selects pods by their labels.
type WorkloadSelector struct {
	Labels map[string]string `json:"labels"`
}
