// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/ownership"
)

// ownObjects translates the objects that mattermost-fn emitted next to the resource into the fields that emit them. It
// needs the other fields: what the plan connects to anyway is no element of spec.networkPolicies.allow.
func (t *translation) ownObjects() {
	if !t.installation().isOurs() {
		return
	}
	if !t.hasManifests() {
		t.todo("if mattermost-fn emitted more than what is in the input, such as network policies, objects of the mesh, " +
			"monitoring or Fluent Bit, import that too: the configuration emits them only if its fields say so")
	}
	t.ownMonitoring()
	t.ownLogging()
	t.ownNamespace()
	t.ownMesh()
	t.ownNetworkPolicies()
	for _, in := range t.inputs {
		if in.source == otherObject && in.isOurs() {
			t.unnecessary(in.value, "mattermost-fn emits it again")
		}
	}
}

// hasManifests reports whether the input seems to have everything that mattermost-fn emitted, not only what stores data
// and objects of Kubernetes' core (kubectl get mattermost,secret,configmap,pvc,serviceaccount).
func (t *translation) hasManifests() bool {
	return slices.ContainsFunc(t.cluster.objects, func(object *value) bool {
		group := object.group()
		return object.isOurs() && object != t.installation() && group != "" &&
			!ownership.HoldsData(group, object.at("kind").string())
	})
}

// ownNamespace translates the Namespace.
func (t *translation) ownNamespace() {
	object := t.cluster.find("", "Namespace", t.namespace)
	if !object.isOurs() {
		return
	}
	const field = "spec.namespace."
	t.set(field+"create", true, object)
	implied := map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}
	switch {
	case t.config.text("spec.istio.ambient") == "true":
		implied["istio.io/dataplane-mode"] = "ambient"
	case t.config.text("spec.istio.injection") == "true":
		implied["istio-injection"] = "enabled"
	}
	labels := userLabels(object)
	for key, value := range implied {
		if labels[key] == value {
			delete(labels, key)
		}
	}
	delete(labels, "kubernetes.io/metadata.name") // which Kubernetes sets
	if len(labels) > 0 {
		t.set(field+"labels", labels, object)
	}
	annotations := map[string]any{}
	for _, key := range object.at("metadata", "annotations").keysOf() {
		text := object.at("metadata", "annotations", key).string()
		if guard := ownership.Guards()[key]; !isMetadataOfTool(key) && (guard == "" || guard != text) {
			annotations[key] = text
		}
	}
	if len(annotations) > 0 {
		t.set(field+"annotations", annotations, object)
	}
}

// userLabels returns the labels of an object of mattermost-fn that a user chose.
func userLabels(object *value) map[string]any {
	labels := map[string]any{}
	for _, key := range object.at("metadata", "labels").keysOf() {
		if !strings.HasPrefix(key, "app.kubernetes.io/") {
			labels[key] = object.at("metadata", "labels", key).string()
		}
	}
	return labels
}
