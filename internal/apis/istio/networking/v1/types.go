// SPDX-License-Identifier: Apache-2.0

// Package v1 defines the fields of Istio's networking resources that are emitted. Istio's own types are generated from
// protobuf: they omit zero values, such as REGISTRY_ONLY and 0 attempts, and add three milliseconds to each start.
// Tests validate emitted objects against Istio's CRDs, v1.31.1.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion is the API version of the resources.
const APIVersion = "networking.istio.io/v1"

// VirtualService routes requests from gateways to a service.
type VirtualService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec VirtualServiceSpec `json:"spec"`
}

// VirtualServiceSpec is the desired state of a VirtualService.
type VirtualServiceSpec struct {
	// Gateways are namespace/name, or a name in the object's own namespace.
	Gateways []string    `json:"gateways"`
	Hosts    []string    `json:"hosts"`
	HTTP     []HTTPRoute `json:"http"`
}

// HTTPRoute is a rule. The first rule that matches a request applies.
type HTTPRoute struct {
	Name string `json:"name"`
	// Match is empty to match everything.
	Match []HTTPMatch            `json:"match,omitempty"`
	Route []HTTPRouteDestination `json:"route"`
	// Retries is nil for Istio's default of two retries.
	Retries *HTTPRetry `json:"retries,omitempty"`
}

// HTTPMatch selects the requests that a rule applies to.
type HTTPMatch struct {
	URI StringMatch `json:"uri"`
}

// StringMatch matches a string.
type StringMatch struct {
	Exact string `json:"exact"`
}

// HTTPRouteDestination is where requests are sent.
type HTTPRouteDestination struct {
	Destination Destination `json:"destination"`
}

// Destination is a port of a Service.
type Destination struct {
	Host string       `json:"host"`
	Port PortSelector `json:"port"`
}

// PortSelector selects a port by number.
type PortSelector struct {
	Number int32 `json:"number"`
}

// HTTPRetry configures how often a failed request is retried. 0 disables retries.
type HTTPRetry struct {
	Attempts int32 `json:"attempts"`
}

// ServiceEntry adds a service to the mesh's registry.
type ServiceEntry struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec ServiceEntrySpec `json:"spec"`
}

// ServiceEntrySpec is the desired state of a ServiceEntry.
type ServiceEntrySpec struct {
	Addresses []string `json:"addresses,omitempty"`
	// ExportTo lists the namespaces that see the service; "." is the object's own.
	ExportTo []string `json:"exportTo"`
	Hosts    []string `json:"hosts"`
	// Location is MESH_EXTERNAL or MESH_INTERNAL.
	Location string        `json:"location"`
	Ports    []ServicePort `json:"ports"`
	// Resolution is NONE, STATIC or DNS.
	Resolution string `json:"resolution"`
}

// The locations and resolutions of a ServiceEntry.
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

// Sidecar configures which part of the mesh the sidecars of a workload see.
type Sidecar struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec SidecarSpec `json:"spec"`
}

// SidecarSpec is the desired state of a Sidecar.
type SidecarSpec struct {
	// Egress is empty for the whole registry of the mesh.
	Egress                []EgressListener      `json:"egress,omitempty"`
	OutboundTrafficPolicy OutboundTrafficPolicy `json:"outboundTrafficPolicy"`
	WorkloadSelector      WorkloadSelector      `json:"workloadSelector"`
}

// EgressListener lists the hosts that a workload sees, as namespace/host.
type EgressListener struct {
	Hosts []string `json:"hosts"`
}

// OutboundTrafficPolicy configures connections to hosts that are not in the mesh's registry.
type OutboundTrafficPolicy struct {
	// Mode is REGISTRY_ONLY or ALLOW_ANY.
	Mode string `json:"mode"`
}

// The modes of an OutboundTrafficPolicy.
const (
	RegistryOnly = "REGISTRY_ONLY"
	AllowAny     = "ALLOW_ANY"
)

// WorkloadSelector selects pods by their labels.
type WorkloadSelector struct {
	Labels map[string]string `json:"labels"`
}
