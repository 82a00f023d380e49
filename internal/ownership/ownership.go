// SPDX-License-Identifier: Apache-2.0

// Package ownership defines the labels and annotations of all emitted objects. Some of them are ownership metadata, by
// which later runs recognize the objects.
package ownership

import (
	"fmt"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// The recommended labels of Kubernetes.
const (
	LabelName      = "app.kubernetes.io/name"
	LabelInstance  = "app.kubernetes.io/instance"
	LabelComponent = "app.kubernetes.io/component"
	LabelPartOf    = "app.kubernetes.io/part-of"
	LabelVersion   = "app.kubernetes.io/version"
	LabelManagedBy = "app.kubernetes.io/managed-by"
)

// Ownership metadata: an object with this label and AnnotationOwner is managed by mattermost-fn.
const (
	// ManagedBy is the value of LabelManagedBy.
	ManagedBy = "mattermost-fn"
	// AnnotationOwner contains the Owner of the MattermostConfig that an object was generated from.
	AnnotationOwner = v1alpha1.Group + "/owner"
	// AnnotationObject contains the Identity of the object itself, so that a copy of it is recognized as one. Objects of
	// releases before 0.4 do not have it.
	AnnotationObject = v1alpha1.Group + "/object"
	// AnnotationConfiguration contains the file of the MattermostConfig, relative to the directory of the object's own
	// file. Only hosts that keep objects in files, such as kpt, have it. It proves that the configuration was part of the
	// package, so that a later run can tell a deleted one from one that it does not see.
	AnnotationConfiguration = v1alpha1.Group + "/configuration"
)

// AnnotationRetainedFrom contains the Owner of the MattermostConfig that no longer needs an object with data. It
// replaces the ownership metadata: the object now belongs to the user.
const AnnotationRetainedFrom = v1alpha1.Group + "/retained-from"

// Annotations that users set.
const (
	// AnnotationRenamedFrom on a MattermostConfig contains the Owner of the one that it replaces.
	AnnotationRenamedFrom = v1alpha1.Group + "/renamed-from"
	// AnnotationDowngrade on a MattermostConfig contains the Mattermost version from which a downgrade is intended.
	AnnotationDowngrade = v1alpha1.Group + "/downgrade"
	// AnnotationIgnore with the value true on an object that looks like a misspelled MattermostConfig means that it is
	// none.
	AnnotationIgnore = v1alpha1.Group + "/ignore"
)

// RefuseDowngrade returns why a version of Mattermost must not replace another one: it is lower, other than by its
// patch number, and not the intended one of AnnotationDowngrade. Servers migrate the database when they start. It
// returns an empty string if nothing speaks against it, or the version that runs is not known.
func RefuseDowngrade(before, after, intended string) string {
	major, minor, err := v1alpha1.ParseVersion(before)
	if err != nil || before == intended || v1alpha1.AtLeast(after, major, minor) {
		return ""
	}
	return fmt.Sprintf("this would replace Mattermost %s with %s. The newer version has migrated the database, and an "+
		"older server may not work with it: restore the backup from before the upgrade, or read the release notes of both "+
		"versions. If the downgrade is intended, add the annotation %s: %q", before, after, AnnotationDowngrade, before)
}

// IsManaged reports whether an object with these values of LabelManagedBy and AnnotationOwner is managed by
// mattermost-fn. kustomize replaces the label where a kustomization has buildMetadata: [managedByLabel] (kustomize 5.8,
// api/krusty/kustomizer.go); the object stays managed.
func IsManaged(managedBy, owner string) bool {
	return owner != "" && (managedBy == ManagedBy || strings.HasPrefix(managedBy, "kustomize-"))
}

// IsMetadata reports whether a label or annotation is ownership metadata.
func IsMetadata(key string) bool {
	switch key {
	case LabelManagedBy, AnnotationOwner, AnnotationObject, AnnotationConfiguration, AnnotationRetainedFrom:
		return true
	}
	return false
}

// Identity returns the value of AnnotationObject: <kind> <namespace>/<name>, or <kind> <name> without a namespace.
func Identity(kind, namespace, name string) string {
	if namespace == "" {
		return kind + " " + name
	}
	return kind + " " + namespace + "/" + name
}

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
	ComponentCalls         Component = "calls"
	ComponentNetwork       Component = "network"
	ComponentMonitoring    Component = "monitoring"
	ComponentLogging       Component = "logging"
	ComponentNamespace     Component = "namespace"
)
