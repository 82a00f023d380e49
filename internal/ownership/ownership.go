// SPDX-License-Identifier: Apache-2.0

// Package ownership defines the labels and annotations of all emitted objects. Some of them are ownership metadata, by
// which later runs recognize the objects.
package ownership

import "bigbang.dev/mattermost-fn/api/v1alpha1"

// The recommended labels of Kubernetes.
const (
	LabelName      = "app.kubernetes.io/name"
	LabelInstance  = "app.kubernetes.io/instance"
	LabelComponent = "app.kubernetes.io/component"
	LabelPartOf    = "app.kubernetes.io/part-of"
	LabelVersion   = "app.kubernetes.io/version"
	LabelManagedBy = "app.kubernetes.io/managed-by"
)

// Ownership metadata: an object with this label and this annotation is managed by mattermost-fn.
const (
	// ManagedBy is the value of LabelManagedBy.
	ManagedBy = "mattermost-fn"
	// AnnotationOwner contains the Owner of the MattermostConfig that an object was generated from.
	AnnotationOwner = v1alpha1.Group + "/owner"
)

// AnnotationRetainedFrom contains the Owner of the MattermostConfig that no longer needs an object with data. It
// replaces the ownership metadata: the object now belongs to the user.
const AnnotationRetainedFrom = v1alpha1.Group + "/retained-from"

// Owner returns the value of AnnotationOwner for a MattermostConfig: <namespace>/<name>.
func Owner(namespace, name string) string { return namespace + "/" + name }

// Component is a value of LabelComponent: the part of the installation that an object belongs to.
type Component string

// The components.
const (
	ComponentServer        Component = "server"
	ComponentLicense       Component = "license"
	ComponentSettings      Component = "settings"
	ComponentSSO           Component = "sso"
	ComponentDatabase      Component = "database"
	ComponentObjectStorage Component = "object-storage"
	ComponentElasticsearch Component = "elasticsearch"
	ComponentRoute         Component = "route"
	ComponentMesh          Component = "mesh"
	ComponentGossip        Component = "gossip"
	ComponentNetwork       Component = "network"
	ComponentMonitoring    Component = "monitoring"
	ComponentLogging       Component = "logging"
	ComponentNamespace     Component = "namespace"
)
