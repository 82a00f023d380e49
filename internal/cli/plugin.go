// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// functionAnnotations are those with which kustomize runs a function for an object (kustomize 5.8,
// kyaml/fn/runtime/runtimeutil/functiontypes.go).
var functionAnnotations = []string{
	"config.kubernetes.io/function", "config.k8s.io/function", "config.kubernetes.io/container",
}

// checkFunction reports a configuration in generators or transformers for which kustomize finds neither a function nor
// a plugin, so that every build fails. Name is its file or directory.
func (f *follower) checkFunction(object fn.Object, field, name string) {
	annotations := resourcelist.Field(object.Node(), "metadata", "annotations")
	for _, annotation := range functionAnnotations {
		if resourcelist.Text(resourcelist.Field(annotations, annotation)) != "" {
			return
		}
	}
	if resourcelist.Field(object.Node(), "metadata", "configFn") != nil || hasPlugin(object.Resource()) {
		return
	}
	f.withoutFunction = append(f.withoutFunction, fn.Result{
		Severity: fn.Error, Resource: object.Resource(), File: name, Field: "metadata.annotations",
		Message: fmt.Sprintf("listed under %s:, but kustomize does not know what to run for %s, and every build "+
			"fails (unable to find plugin root). Add to metadata.annotations: config.kubernetes.io/function: "+
			"\"exec: {path: mattermost-fn}\"",
			field, printable(object.String())),
	})
}

// hasPlugin reports whether there is an executable plugin for a kind, where kustomize looks for it (kustomize 5.8,
// api/konfig/plugins.go and api/internal/plugins/loader/loader.go).
func hasPlugin(resource fn.Resource) bool {
	group, version, _ := strings.Cut(resource.APIVersion, "/")
	home, _ := os.UserHomeDir()
	for _, root := range []struct{ directory, below string }{
		{os.Getenv("KUSTOMIZE_PLUGIN_HOME"), ""},
		{os.Getenv("XDG_CONFIG_HOME"), "kustomize/plugin"},
		{home, ".config/kustomize/plugin"},
		{home, "kustomize/plugin"},
	} {
		if root.directory == "" {
			continue
		}
		file := filepath.Join(root.directory, root.below, group, version, strings.ToLower(resource.Kind), resource.Kind)
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}
