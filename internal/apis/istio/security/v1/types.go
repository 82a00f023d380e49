// Package v1 holds the fields of Istio's security resources that are emitted. Its own types are made by protobuf: they
// leave out every value that is zero, so that ALLOW would not be said, and take three milliseconds at each start. Tests
// hold what is emitted against Istio's definitions, v1.31.1.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion of the resources.
const APIVersion = "security.istio.io/v1"

// PeerAuthentication says whether a workload accepts connections without mutual TLS.
type PeerAuthentication struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec PeerAuthenticationSpec `json:"spec"`
}

// PeerAuthenticationSpec is what is wanted of a PeerAuthentication.
type PeerAuthenticationSpec struct {
	Selector WorkloadSelector `json:"selector"`
	MTLS     MutualTLS        `json:"mtls"`
	// PortLevelMTLS are exceptions by the number of the port.
	PortLevelMTLS map[int32]MutualTLS `json:"portLevelMtls,omitempty"`
}

// MutualTLS says whether both sides show certificates.
type MutualTLS struct {
	// Mode is STRICT or PERMISSIVE.
	Mode string `json:"mode"`
}

// Modes of MutualTLS.
const (
	Strict     = "STRICT"
	Permissive = "PERMISSIVE"
)

// AuthorizationPolicy says who may connect to a workload.
type AuthorizationPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec AuthorizationPolicySpec `json:"spec"`
}

// AuthorizationPolicySpec is what is wanted of an AuthorizationPolicy.
type AuthorizationPolicySpec struct {
	// Action is ALLOW or DENY, among others.
	Action   string           `json:"action"`
	Rules    []Rule           `json:"rules"`
	Selector WorkloadSelector `json:"selector"`
}

// Allow is the action that lets through what a rule names, and nothing else.
const Allow = "ALLOW"

// Rule is who may do what.
type Rule struct {
	// From is empty for everybody.
	From []From `json:"from,omitempty"`
	To   []To   `json:"to"`
}

// From is who connects.
type From struct {
	Source Source `json:"source"`
}

// Source is who connects, by identity or by namespace.
type Source struct {
	Principals []string `json:"principals,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"`
}

// To is what is connected to.
type To struct {
	Operation Operation `json:"operation"`
}

// Operation is what is connected to, by port.
type Operation struct {
	Ports []string `json:"ports"`
}

// WorkloadSelector selects pods by their labels.
type WorkloadSelector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}
