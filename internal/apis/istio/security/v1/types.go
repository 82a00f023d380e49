// SPDX-License-Identifier: Apache-2.0

// Package v1 defines the fields of Istio's security resources that are emitted. Istio's own types are generated from
// protobuf: they omit zero values, such as ALLOW, and add three milliseconds to each start. Tests validate emitted
// objects against Istio's CRDs, v1.31.1.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion is the API version of the resources.
const APIVersion = "security.istio.io/v1"

// PeerAuthentication configures whether a workload accepts connections without mutual TLS.
type PeerAuthentication struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec PeerAuthenticationSpec `json:"spec"`
}

// PeerAuthenticationSpec is the desired state of a PeerAuthentication.
type PeerAuthenticationSpec struct {
	Selector WorkloadSelector `json:"selector"`
	MTLS     MutualTLS        `json:"mtls"`
	// PortLevelMTLS contains exceptions by port number.
	PortLevelMTLS map[int32]MutualTLS `json:"portLevelMtls,omitempty"`
}

// MutualTLS configures whether both sides present certificates.
type MutualTLS struct {
	// Mode is STRICT or PERMISSIVE.
	Mode string `json:"mode"`
}

// The modes of MutualTLS.
const (
	Strict     = "STRICT"
	Permissive = "PERMISSIVE"
)

// AuthorizationPolicy restricts who may connect to a workload.
type AuthorizationPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec AuthorizationPolicySpec `json:"spec"`
}

// AuthorizationPolicySpec is the desired state of an AuthorizationPolicy.
type AuthorizationPolicySpec struct {
	// Action is ALLOW or DENY, among others.
	Action   string           `json:"action"`
	Rules    []Rule           `json:"rules"`
	Selector WorkloadSelector `json:"selector"`
}

// Allow is the action that allows connections that match a rule, and no others.
const Allow = "ALLOW"

// Rule allows sources to connect to ports.
type Rule struct {
	// From is empty to allow every source.
	From []From `json:"from,omitempty"`
	To   []To   `json:"to"`
}

// From wraps a source.
type From struct {
	Source Source `json:"source"`
}

// Source selects clients by principal or by namespace.
type Source struct {
	Principals []string `json:"principals,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"`
}

// To wraps an operation.
type To struct {
	Operation Operation `json:"operation"`
}

// Operation selects ports.
type Operation struct {
	Ports []string `json:"ports"`
}

// WorkloadSelector selects pods by their labels.
type WorkloadSelector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}
