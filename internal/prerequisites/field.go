// SPDX-License-Identifier: Apache-2.0

package prerequisites

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// findField returns the path of the first field for a name whose value is the name; spec if there is none.
func findField(node *yaml.Node, name string) string {
	var find func(path string, node *yaml.Node) string
	find = func(path string, node *yaml.Node) string {
		switch {
		case node == nil:
		case node.Kind == yaml.ScalarNode && node.Value == name && isForName(path):
			return path
		case node.Kind == yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if found := find(path+"."+node.Content[i].Value, node.Content[i+1]); found != "" {
					return found
				}
			}
		}
		return "" // paths through lists have indexes, which a patch may shift
	}
	if found := find("spec", resourcelist.Field(node, "spec")); found != "" {
		return found
	}
	return "spec"
}

// isForName reports whether the value of a field of the configuration is the name of an object.
func isForName(path string) bool {
	return slices.ContainsFunc([]string{".name", "Name", "Secret", "Claim", "Class"},
		func(suffix string) bool { return strings.HasSuffix(path, suffix) })
}
