// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// Where the operator's patch of the Deployment adds fields of pods and of the server's container.
const (
	patchOfPod    = "/spec/template/spec/"
	patchOfServer = patchOfPod + "containers/0/"
	patchOfLabels = "/spec/template/metadata/labels/"
	// patchedVersion is the label of the version that mattermost-fn adds.
	patchedVersion = patchOfLabels + "app.kubernetes.io~1version"
)

// patchedFields are the fields of spec that operations of the operator's patch become, by their path.
var patchedFields = map[string]string{
	patchOfPod + "priorityClassName":             "spec.pod.priorityClassName",
	patchOfPod + "runtimeClassName":              "spec.pod.runtimeClassName",
	patchOfPod + "terminationGracePeriodSeconds": "spec.pod.terminationGracePeriodSeconds",
	patchOfPod + "hostAliases":                   "spec.pod.hostAliases",
	patchOfPod + "dnsConfig":                     "spec.pod.dnsConfig",
	patchOfPod + "topologySpreadConstraints":     "spec.pod.topologySpreadConstraints",
	patchOfPod + "automountServiceAccountToken":  "spec.serviceAccount.automountToken",
	patchOfServer + "envFrom":                    "spec.pod.envFrom",
	patchOfServer + "lifecycle":                  "spec.pod.lifecycle",
}

// operatorResourcePatch translates the patch of the Deployment, one operation after the other.
func (t *translation) operatorResourcePatch(patch *value) {
	if patch == nil {
		return
	}
	ours := t.installation().isOurs()
	text := patch.at("deployment", "patch")
	for key := range sorted(patch.fields) {
		if other := patch.fields[key]; key != "deployment" {
			t.off(other, "empty")
		}
	}
	node, err := yaml.Parse(text.string())
	if text.empty() || err != nil || node.YNode().Kind != yaml.SequenceNode {
		if ours {
			t.off(patch, "mattermost-fn sets the same patch")
		}
		return // by the table of keys
	}
	limit := maxValues
	var left, fields []string
	for _, element := range node.YNode().Content {
		operation, err := newValue(text.file, text.path, element, &limit, 0)
		switch {
		case err != nil:
			left = append(left, "unknown")
		case !t.patchOperation(operation, text, ours):
			left = append(left, operation.at("path").string())
		default:
			fields = append(fields, t.patchedBy(operation.at("path").string())...)
		}
	}
	switch {
	case ours && len(fields) == 0:
		t.unnecessary(text, "mattermost-fn sets the same patch")
	case len(left) == 0 && len(fields) == 0:
		t.unnecessary(text, "it sets empty values only")
	case len(left) == 0 || ours:
		t.mark(text, Translated, "", slices.Compact(fields)...)
	case len(left) < len(node.YNode().Content):
		t.notTranslated(text, "some operations became fields; append the others ("+strings.Join(left, ", ")+") to the patch "+
			"that mattermost-fn emits, with spec.patches")
	}
}

// patchedBy returns the fields that the configuration has from an operation on a path.
func (t *translation) patchedBy(path string) []string {
	fields := []string{patchedFields[path]}
	switch {
	case path == patchOfPod+"topologySpreadConstraints":
		fields = append(fields, "spec.availability")
	case strings.HasPrefix(path, patchOfLabels):
		fields = []string{"spec.pod.labels"}
	}
	return slices.DeleteFunc(fields, func(field string) bool { return field == "" || !t.config.has(field) })
}

// patchOperation translates one operation, and reports whether nothing is left of it.
func (t *translation) patchOperation(operation, from *value, ours bool) bool {
	path, content := operation.at("path").string(), operation.at("value")
	if op := operation.at("op").string(); op != "add" && op != "replace" || content == nil {
		return false
	}
	field, known := patchedFields[path]
	label := strings.ReplaceAll(strings.TrimPrefix(path, patchOfLabels), "~1", "/")
	switch {
	case path == patchOfPod+"topologySpreadConstraints" && ours:
		t.spread(content, from)
		return true
	case known && content.isEmpty():
		return true
	case known:
		t.config.set(field, content.plain(), from.sourceKeys()...)
		return true
	case ours && path == patchedVersion:
		return true
	case strings.HasPrefix(path, patchOfLabels) && !strings.HasPrefix(label, "app.kubernetes.io/"):
		t.config.setAt([]string{"spec", "pod", "labels", label}, content.string(), from.sourceKeys()...)
		return true
	}
	return ours
}

// spread translates the spreading of pods without the constraint that mattermost-fn adds for spec.availability.
func (t *translation) spread(constraints, from *value) {
	var kept []any
	servers := t.config.text("spec.replicas")
	for i, constraint := range constraints.all() {
		own := constraint.at("labelSelector", "matchLabels", ownership.LabelInstance).string() == t.name &&
			constraint.at("labelSelector", "matchLabels", "app").string() == "mattermost"
		switch key := constraint.at("topologyKey").string(); {
		case i > 0 || !own:
			kept = append(kept, constraint.plain())
			continue
		case key != "topology.kubernetes.io/zone":
			t.config.set("spec.availability.topologyKey", key, from.sourceKeys()...)
		}
		if servers == "" || servers == "1" {
			t.config.set("spec.availability.enabled", true, from.sourceKeys()...)
		}
	}
	if len(kept) > 0 {
		t.config.set("spec.pod.topologySpreadConstraints", kept, from.sourceKeys()...)
	}
}

// ownOnlineServices translates the switches of services of Mattermost, Inc. that mattermost-fn emitted.
func (t *translation) ownOnlineServices() {
	for _, service := range plan.OnlineServices {
		state := ""
		for _, name := range service.Variables() {
			v := t.find(name)
			if v == nil || v.valueFrom != nil || state != "" && state != v.text {
				state = "mixed"
				break
			}
			state = v.text
		}
		if state != "true" && state != "false" {
			continue
		}
		for _, name := range service.Variables() {
			t.setVariable(service.Field(), state == "true", *t.take(name))
		}
	}
}
