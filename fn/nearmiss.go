// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/nearest"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/transformers"
)

// nearMisses reports objects that are probably meant to be a MattermostConfig but have another kind or API group.
// Without the error, the function would take the configuration for a deleted one. It looks at the type of an object
// only, also inside a List.
func nearMisses(list *resourcelist.List, owners *transformers.Owners, configs []*resourcelist.Item) result.Results {
	var results result.Results
	absent := owners.HasOtherThan(configs)
	problems := map[objectType]string{} // a list has few types
	report := func(item *resourcelist.Item, line int, t objectType, name, problem string) {
		results = append(results, result.Result{
			Severity: result.Error, Resource: item.Resource(), File: item.Path(), FileIndex: item.Index, Line: line,
			Message: fmt.Sprintf("%s %s%s %s. If it is something else, add the annotation %s: \"true\"",
				t.kind, name, inParentheses(t.apiVersion), problem, ownership.AnnotationIgnore),
		})
	}
	for _, item := range list.Items {
		t := objectType{item.APIVersion, item.Kind}
		if t == listType {
			for _, element := range elementsOf(item) {
				problem := element.problem(absent)
				if element.isConfiguration() {
					problem = "is inside a List, where the function does not read it; write it as an object of its own"
				}
				if problem != "" {
					report(item, element.line, element.objectType, element.name, problem)
				}
			}
			continue
		}
		problem, known := problems[t]
		if !known {
			problem = t.problem(absent)
			problems[t] = problem
		}
		if problem != "" && item.Annotation(ownership.AnnotationIgnore) != "true" {
			field := "apiVersion"
			if t.kind != v1alpha1.Kind {
				field = "kind"
			}
			report(item, lineOf(item, field), t, item.Name, problem)
		}
	}
	return results
}

// objectType is the type of an object.
type objectType struct{ apiVersion, kind string }

// listType is the type of a list of objects, such as kubectl writes.
var listType = objectType{"v1", "List"}

func (t objectType) group() string { return resourcelist.ID{APIVersion: t.apiVersion}.Group() }

func (t objectType) isConfiguration() bool {
	return t.apiVersion == v1alpha1.APIVersion && t.kind == v1alpha1.Kind
}

// problem returns what is probably wrong with the type of an object, or an empty string. Absent means that the list
// contains objects of a configuration that is not part of it. No other program has a kind of this name without a group,
// since Kubernetes itself has none.
func (t objectType) problem(absent bool) string {
	const (
		wanted       = "; the function reads only " + v1alpha1.Kind + " (" + v1alpha1.APIVersion + ")"
		writeKind    = "; write " + v1alpha1.Kind
		writeVersion = "; write apiVersion: " + v1alpha1.APIVersion
	)
	group := t.group()
	ours := group == v1alpha1.Group
	switch {
	case ours && t.kind == v1alpha1.Kind:
		return "" // another version is reported with the configuration
	case ours && nearest.Distance(t.kind, v1alpha1.Kind) <= maxTypos:
		return "has a misspelled kind" + writeKind
	case ours:
		return "has the function's API group, but another kind" + wanted
	case t.kind == v1alpha1.Kind && t.apiVersion == "":
		return "has no apiVersion" + writeVersion
	case t.kind == v1alpha1.Kind && (absent || group == "" || isNearGroup(group)):
		return "has another API group" + writeVersion
	case t.kind != v1alpha1.Kind && isNearGroup(group) && nearest.Distance(t.kind, v1alpha1.Kind) <= maxTypos:
		return "looks like a misspelled configuration" + writeKind + " with apiVersion: " + v1alpha1.APIVersion
	}
	return ""
}

// inParentheses returns a text for a message, or nothing if it is empty.
func inParentheses(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// maxTypos is how many letters a misspelled kind or group may differ in.
const maxTypos = 2

// isNearGroup reports whether an API group is the function's, a misspelling of it, or in the same domain.
func isNearGroup(group string) bool {
	domain := v1alpha1.Group[strings.Index(v1alpha1.Group, ".")+1:]
	return group == domain || strings.HasSuffix(group, "."+domain) || nearest.Distance(group, v1alpha1.Group) <= maxTypos
}

// element is an object in a List.
type element struct {
	objectType
	name string
	// line in the file; 0 if the host gives none.
	line int
}

// elementsOf returns the objects in a List, apart from those with the annotation that says that they are something
// else.
func elementsOf(list *resourcelist.Item) []element {
	items := resourcelist.Field(list.Node(), "items")
	if items == nil || items.Kind != yaml.SequenceNode || list.Annotation(ownership.AnnotationIgnore) == "true" {
		return nil
	}
	var elements []element
	for _, item := range items.Content {
		text := func(path ...string) string { return resourcelist.Text(resourcelist.Field(item, path...)) }
		if text("metadata", "annotations", ownership.AnnotationIgnore) != "true" {
			at := 0
			if list.LinesAreOfFile {
				at = item.Line
			}
			elements = append(elements, element{objectType{text("apiVersion"), text("kind")}, text("metadata", "name"), at})
		}
	}
	return elements
}
