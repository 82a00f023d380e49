// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// entries counts the entries of a list by their key.
type entries map[string]int

// entriesOf returns the entries of a list.
func entriesOf(list *yaml.Node) entries {
	found := entries{}
	for _, element := range list.Content {
		found[entryKey(element)]++
	}
	return found
}

// entryKey returns a key of a list entry: one of the fields that Kubernetes merges lists by, else the whole content. A
// key of several lines is content.
func entryKey(element *yaml.Node) string {
	for _, field := range []string{"mountPath", "name", "topologyKey", "port", "containerPort", "key", "ip"} {
		if value := scalarField(element, field); value != "" {
			return value
		}
	}
	if element.Kind == yaml.ScalarNode {
		return element.Value
	}
	text, err := yaml.String(element)
	if err != nil {
		return "\n"
	}
	return "\n" + text
}

// patchedList is a list that a strategic merge patch contains.
type patchedList struct {
	path []string
	// before contains the entries that the list had before the patch.
	before entries
}

// listsIn returns the lists of the object that a strategic merge patch contains too.
func (o *patchedObject) listsIn(patch *yaml.Node) []patchedList {
	var lists []patchedList
	var walk func(patch, object *yaml.Node, path []string)
	walk = func(patch, object *yaml.Node, path []string) {
		if patch.Kind == yaml.AliasNode {
			patch = patch.Alias
		}
		switch {
		case object == nil || patch.Kind != object.Kind:
		case patch.Kind == yaml.SequenceNode && !slices.ContainsFunc(patch.Content, hasDirective):
			lists = append(lists, patchedList{path, entriesOf(object)})
		case patch.Kind == yaml.MappingNode && !hasDirective(patch):
			for i := 0; i+1 < len(patch.Content); i += 2 {
				name := patch.Content[i].Value
				walk(patch.Content[i+1], resourcelist.Field(object, name), append(path[:len(path):len(path)], name))
			}
		}
	}
	walk(patch, o.node.YNode(), nil)
	return lists
}

// checkLists returns an error if generated entries of the lists are gone after a strategic merge patch. kustomize has
// no merge keys for the lists of custom resources, and for some of Kubernetes' own, so it replaces them: a patch with
// one variable of the server would remove all others.
func (o *patchedObject) checkLists(lists []patchedList) error {
	for _, list := range lists {
		generated := resourcelist.Field(o.generated, list.path...)
		after := resourcelist.Field(o.node.YNode(), list.path...)
		if generated == nil || after == nil || generated.Kind != yaml.SequenceNode {
			continue
		}
		left := entriesOf(after)
		var lost []string
		for key, count := range entriesOf(generated) {
			if min(count, list.before[key]) > left[key] {
				lost = append(lost, key)
			}
		}
		if len(lost) > 0 {
			path := strings.Join(list.path, ".")
			return fmt.Errorf("replaces the list %s of %s as a whole, which would drop %s; %s. "+
				"To drop entries on purpose, use JSON 6902",
				path, o, namesOfEntries(lost), o.insteadOf(path, "/"+strings.Join(list.path, "/")))
		}
	}
	return nil
}

// namesOfEntries lists entries for a message: a few names, and the number of all others.
func namesOfEntries(keys []string) string {
	slices.Sort(keys)
	var named []string
	for _, key := range keys {
		if !strings.Contains(key, "\n") && len(named) < 3 {
			named = append(named, key)
		}
	}
	if len(named) == 0 {
		return fmt.Sprintf("%d generated entries", len(keys))
	}
	if others := len(keys) - len(named); others > 0 {
		return fmt.Sprintf("%s and %d others", strings.Join(named, ", "), others)
	}
	return strings.Join(named, ", ")
}

// fieldsForLists are the fields of the configuration that add to a list of the Mattermost resource.
var fieldsForLists = map[string]string{
	"spec.mattermostEnv":                   "spec.env",
	"spec.volumes":                         "spec.pod.volumes",
	"spec.volumeMounts":                    "spec.pod.volumeMounts",
	"spec.imagePullSecrets":                "spec.image.pullSecrets",
	"spec.podExtensions.initContainers":    "spec.pod.initContainers",
	"spec.podExtensions.sidecarContainers": "spec.pod.sidecars",
	"spec.scheduling.tolerations":          "spec.pod.tolerations",
}

// insteadOf returns what to do instead of replacing a list.
func (o *patchedObject) insteadOf(path, pointer string) string {
	add := fmt.Sprintf("add with a JSON 6902 patch ({op: add, path: %s/-, value: …})", pointer)
	if field := fieldsForLists[path]; field != "" && o.id.Kind == "Mattermost" {
		return "write your entries in " + field + " instead, or " + add
	}
	return add
}
