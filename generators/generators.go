// SPDX-License-Identifier: Apache-2.0

// Package generators turns a plan into Kubernetes objects, with one file per kind of object. Every generator is a pure
// function of the plan, and returns nothing if the plan does not need its object.
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

// all lists the generators, in the order in which their objects are emitted.
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

// Generate returns all objects of the plan, in a fixed order.
func Generate(p *plan.Plan) []Object {
	var objects []Object
	for _, generate := range all {
		objects = append(objects, generate(p)...)
	}
	return objects
}
