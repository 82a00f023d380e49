// SPDX-License-Identifier: Apache-2.0

// Package generators turns a plan into Kubernetes objects, with one file per kind of object. Every generator is a pure
// function of the plan, and returns nothing if the plan does not need its object.
package generators

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	externalsecretsv1 "bigbang.dev/mattermost-fn/internal/apis/externalsecrets/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
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
	externalService,
	callsService,
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
	for _, object := range objects {
		kind := object.GetObjectKind().GroupVersionKind().Kind
		identity := ownership.Identity(kind, object.GetNamespace(), object.GetName())
		object.GetAnnotations()[ownership.AnnotationObject] = identity
		if p.DeletionProtection && holdsData(p, object) {
			guard(object.GetAnnotations())
		}
	}
	return objects
}

// guard adds the annotations with which deployment tools keep an object in the cluster. Argo CD's sync options are
// added to those of the configuration; any other annotation of the configuration wins.
func guard(annotations map[string]string) {
	for name, value := range ownership.Guards() {
		switch theirs, found := annotations[name]; {
		case name == ownership.AnnotationSyncOptions:
			annotations[name] = ownership.WithSyncOptions(theirs)
		case !found:
			annotations[name] = value
		}
	}
}

// holdsData reports whether deleting the object from a cluster deletes data, or a password without which a database or
// an object storage in the cluster cannot be used.
func holdsData(p *plan.Plan, object Object) bool {
	switch object := object.(type) {
	case *externalsecretsv1.ExternalSecret:
		return object.Spec.RefreshPolicy == externalsecretsv1.RefreshCreatedOnce
	case *corev1.Secret:
		ofDatabase := p.Database.StatefulSet != nil && p.Database.StatefulSet.PasswordRef.Name == object.Name
		return ofDatabase || p.Files.MinIO != nil && p.Files.MinIO.ConfigSecret == object.Name
	}
	gvk := object.GetObjectKind().GroupVersionKind()
	return ownership.HoldsData(gvk.Group, gvk.Kind)
}
