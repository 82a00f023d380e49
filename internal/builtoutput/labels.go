// SPDX-License-Identifier: Apache-2.0

package builtoutput

import (
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Labels of the Mattermost operator, by which emitted objects select the servers.
const (
	labelApp          = "app"
	labelInstallation = "installation.mattermost.com/installation"
)

const fixLabels = "Set labels: without includeSelectors, or list " + component + " under components:"

// selectors reports labels that an object requires of pods and that the pods do not get. It reports each label once per
// object.
func (o *output) selectors(object *object) {
	if object.Kind == "Secret" || object.Kind == "ConfigMap" || isServer(object.Item) {
		return
	}
	seen := map[string]bool{}
	report := func(field, key, format string, args ...any) {
		if !seen[key] {
			seen[key] = true
			fix := fixLabels
			if key == labelInstallation {
				fix = fixRename
			}
			o.report(object, result.Error, field+"."+key, fix, format, args...)
		}
	}
	eachSelector("spec", resourcelist.Field(object.Node(), "spec"), func(field string, labels map[string]string) {
		target := o.target(object, labels)
		for _, key := range slices.Sorted(maps.Keys(labels)) {
			switch value, found := target.labels[key]; {
			case target.isUnknown && object.Kind == "NetworkPolicy":
				if labels[key] == object.Label(key) && !strings.HasPrefix(key, "app.kubernetes.io/") {
					report(field, key, "selects pods of others by %s: %s, a label that was added to the policy itself", key,
						shown(labels[key]))
				}
			case target.isUnknown:
			case !found:
				report(field, key, "selects by the label %s: %s, but %s no such label", key, shown(labels[key]), target.name)
			case value != labels[key]:
				report(field, key, "selects by the label %s: %s, but %s %s", key, shown(labels[key]), target.name, shown(value))
			}
		}
	})
	if object.Kind == "FluentBitConfig" {
		o.loggingSelectors(object)
	}
}

// loggingSelectors reports a FluentBitConfig that does not select the objects that were emitted for it.
func (o *output) loggingSelectors(config *object) {
	for field, kind := range map[string]string{
		"filterSelector": "Filter", "outputSelector": "Output", "parserSelector": "Parser",
	} {
		selector := stringsOf(resourcelist.Field(config.Node(), "spec", field, "matchLabels"))
		for _, other := range o.objects {
			if other.Kind != kind || other.before != config.before || other.Namespace != config.Namespace {
				continue
			}
			for _, key := range slices.Sorted(maps.Keys(selector)) {
				if value := other.Label(key); value != selector[key] {
					o.report(config, result.Error, "spec."+field+".matchLabels."+key, "Do not change the label, or change it in the "+
						"selector too", "selects by the label %s: %s, which is %q in %s %s: Fluent Bit does not use it, and the log "+
						"is not redacted", key, shown(selector[key]), shown(value), kind, other.Name)
				}
			}
		}
	}
}

// target is what a selector is for.
type target struct {
	// isUnknown is true for pods of others, and for pods of an object that is not part of the output.
	isUnknown bool
	labels    map[string]string
	// name is the subject of a sentence about them, with its verb.
	name string
}

// target returns the emitted pods that a selector of an object is for.
func (o *output) target(by *object, selector map[string]string) target {
	_, isServers := selector[labelInstallation]
	switch {
	// the operator's Service, which kustomize does not see
	case isServers && by.server != nil && by.Kind == "ServiceMonitor":
		labels := map[string]string{labelApp: "mattermost", labelInstallation: by.server.Name}
		return target{labels: labels, name: "the Service " + by.server.Name + " has"}
	case isServers && by.server != nil:
		return target{labels: serverLabels(by.server), name: "the pods of Mattermost " + by.server.Name + " have"}
	case isServers: // the output lacks the Mattermost resource
		return target{labels: selector}
	case selector[ownership.LabelName] == "postgresql":
		for _, other := range o.objects {
			if other.Kind == "StatefulSet" && other.before == by.before && other.Namespace == by.Namespace {
				labels := stringsOf(resourcelist.Field(other.Node(), "spec", "template", "metadata", "labels"))
				return target{labels: labels, name: "the pods of StatefulSet " + other.Name + " have"}
			}
		}
	}
	return target{isUnknown: true}
}

// serverLabels returns the labels of the pods of a Mattermost resource, of which the operator's own take precedence
// (mattermost-operator 1.25, apis/mattermost/v1beta1/mattermost_utils.go, MattermostPodLabels).
func serverLabels(server *object) map[string]string {
	labels := stringsOf(resourcelist.Field(server.Node(), "spec", "resourceLabels"))
	maps.Copy(labels, stringsOf(resourcelist.Field(server.Node(), "spec", "podTemplate", "extraLabels")))
	maps.Copy(labels, map[string]string{
		labelApp: "mattermost", labelInstallation: server.Name, "installation.mattermost.com/resource": server.Name,
	})
	return labels
}

// eachSelector calls do with every set of labels by which an object selects.
func eachSelector(path string, node *yaml.Node, do func(field string, labels map[string]string)) {
	if node == nil {
		return
	}
	switch node.Kind {
	case yaml.SequenceNode:
		for i, element := range node.Content {
			eachSelector(pathOf(path, i, ""), element, do)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			name, value := node.Content[i].Value, node.Content[i+1]
			inner := path + "." + name
			switch {
			case name == "template" || name == "namespaceSelector":
			case name == "matchLabels", name == "selector" && isFlat(value), // of a Service
				name == "labels" && strings.HasSuffix(path, ".workloadSelector"):
				do(inner, stringsOf(value))
			default:
				eachSelector(inner, value, do)
			}
		}
	}
}

// isFlat reports whether a mapping contains strings only.
func isFlat(node *yaml.Node) bool {
	return node.Kind == yaml.MappingNode && len(node.Content) > 0 &&
		!slices.ContainsFunc(node.Content, func(n *yaml.Node) bool { return n.Kind != yaml.ScalarNode })
}

// stringsOf returns a mapping of strings; empty if there is none.
func stringsOf(node *yaml.Node) map[string]string {
	all := map[string]string{}
	if node == nil || node.Kind != yaml.MappingNode {
		return all
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		all[node.Content[i].Value] = resourcelist.Text(node.Content[i+1])
	}
	return all
}
