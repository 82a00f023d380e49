// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// wanted names the resource that every command needs.
const wanted = v1alpha1.Kind + " (" + v1alpha1.APIVersion + ")"

// missingConfiguration returns an error for a list without a configuration, which says what was found instead. As a
// function, a list without a configuration is fine. As a command it is a mistake: an empty output would be committed,
// and Argo CD or Flux would then remove the installation.
func missingConfiguration(list *fn.List, names []string) fn.Results {
	objects := list.Objects()
	if slices.ContainsFunc(objects, fn.Object.IsConfiguration) {
		return nil
	}
	from := strings.Join(names, ", ")
	if from == "-" {
		from = "standard input"
	}
	if len(objects) == 0 {
		return fn.Results{{Severity: fn.Error, Message: fmt.Sprintf("%s contains no objects; expected a %s", from, wanted)}}
	}
	for _, object := range objects {
		if hint := insteadOfConfiguration(object); hint != "" {
			file, index := object.File()
			return fn.Results{{
				Severity: fn.Error, Resource: object.Resource(), File: file, FileIndex: index, Line: object.Node().Line,
				Message: fmt.Sprintf("found no %s; %s", wanted, hint),
			}}
		}
	}
	return fn.Results{{
		Severity: fn.Error, Message: fmt.Sprintf("found no %s in %s, only %s", wanted, from, kinds(objects)),
	}}
}

// insteadOfConfiguration returns a hint about an object that users pass instead of a configuration; empty for others.
func insteadOfConfiguration(object fn.Object) string {
	resource := object.Resource()
	chart := func(path ...string) bool {
		found := resourcelist.Field(object.Node(), path...)
		return found != nil && found.Kind == yaml.MappingNode
	}
	switch {
	case resource.APIVersion == "" && resource.Kind == "" && chart("addons", "mattermost"):
		return "these are values of Big Bang's chart; 'mattermost-fn import' makes a " + v1alpha1.Kind + " of them"
	case resource.APIVersion == "" && resource.Kind == "" && chart("spec"):
		return "apiVersion and kind are required: apiVersion: " + v1alpha1.APIVersion + ", kind: " + v1alpha1.Kind
	case resource.APIVersion == "" && resource.Kind == "":
		return "an object has apiVersion and kind, which are missing here. 'mattermost-fn import' makes a " +
			v1alpha1.Kind + " of the values of a Helm chart"
	case resource.Kind == v1alpha1.Kind:
		return fmt.Sprintf("apiVersion must be %s, got %q", v1alpha1.APIVersion, printable(resource.APIVersion))
	case resource.APIVersion == "":
		return "apiVersion is required: apiVersion: " + v1alpha1.APIVersion
	case resource.Kind == "":
		return "kind is required: kind: " + v1alpha1.Kind
	case strings.HasPrefix(resource.APIVersion, "installation.mattermost.com/") && resource.Kind == v1beta1.Kind:
		return "a " + v1beta1.Kind + " is what mattermost-fn generates, for the Mattermost operator. " +
			"Name the file with the " +
			v1alpha1.Kind + ", or make one with 'mattermost-fn import'"
	case resource.Kind == "ResourceList":
		return "a ResourceList is the input of the function: mattermost-fn < FILE"
	}
	return ""
}

// kinds lists the kinds of objects, with the number of objects if there are several.
func kinds(objects []fn.Object) string {
	count := map[string]int{}
	var names []string
	for _, object := range objects {
		kind := printable(object.Resource().Kind)
		if count[kind]++; count[kind] == 1 {
			names = append(names, kind)
		}
	}
	const most = 10
	slices.SortStableFunc(names, func(a, b string) int { return count[b] - count[a] })
	more := ""
	if len(names) > most {
		names, more = names[:most], ", …"
	}
	for i, kind := range names {
		if count[kind] > 1 {
			names[i] = fmt.Sprintf("%s (%d)", kind, count[kind])
		}
	}
	return strings.Join(names, ", ") + more
}
