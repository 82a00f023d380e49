// Package generators turns a plan into Kubernetes objects: one file for each thing that is emitted. Every generator is
// a pure function of the plan, and decides for itself whether its object is wanted.
package generators

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// Object is one Kubernetes object of a typed kind.
type Object interface {
	metav1.Object
	GetObjectKind() schema.ObjectKind
}

// all lists everything that can be emitted, in the order in which it is emitted.
var all = []func(*plan.Plan) []Object{
	namespace,
	serviceAccount,
	secrets,
	externalSecrets,
	configMaps,
	database,
	objectStorage,
	mattermost,
	gossipService,
	virtualService,
	httpRoute,
	peerAuthentication,
	authorizationPolicies,
	sidecar,
	serviceEntries,
	networkPolicies,
	podDisruptionBudget,
	serviceMonitor,
	prometheusRule,
	dashboard,
	fluentBit,
}

// Generate returns everything that the plan asks for, in a fixed order.
func Generate(p *plan.Plan) []Object {
	var objects []Object
	for _, generate := range all {
		objects = append(objects, generate(p)...)
	}
	return objects
}
