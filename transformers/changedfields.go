// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// maxFields is how many changed fields a message names.
const maxFields = 5

// changedFields lists the fields in which two versions of an object differ, for a message; empty if there are none. It
// shows no values, which may be secret.
func changedFields(before, after *yaml.Node) string {
	fields := changedBelow("", before, after)
	slices.Sort(fields)
	fields = slices.Compact(fields)
	more := ""
	if len(fields) > maxFields {
		more = fmt.Sprintf(" and %d more", len(fields)-maxFields)
		fields = fields[:maxFields]
	}
	return strings.Join(fields, ", ") + more
}

func changedBelow(path string, before, after *yaml.Node) []string {
	switch {
	case before == nil || after == nil || before.Kind != after.Kind:
		return []string{path}
	case before.Kind == yaml.MappingNode:
		var fields []string
		for _, key := range slices.Concat(keysOf(before), keysOf(after)) {
			inner := strings.TrimPrefix(path+"."+key, ".")
			if strings.ContainsAny(key, ".[]/ ") {
				inner = path + "[" + key + "]"
			}
			fields = append(fields,
				changedBelow(inner, resourcelist.Field(before, key), resourcelist.Field(after, key))...)
		}
		return fields
	case before.Kind == yaml.SequenceNode && listKey(before, after) != "":
		name := listKey(before, after)
		var fields []string
		for _, element := range slices.Concat(before.Content, after.Content) {
			key := scalarField(element, name)
			fields = append(fields, changedBelow(path+"["+key+"]", find(before, name, key), find(after, name, key))...)
		}
		return fields
	case before.Kind == yaml.SequenceNode && len(before.Content) == len(after.Content):
		var fields []string
		for i := range before.Content {
			fields = append(fields, changedBelow(fmt.Sprintf("%s[%d]", path, i), before.Content[i], after.Content[i])...)
		}
		return fields
	case before.Kind == yaml.ScalarNode && before.Value == after.Value && before.ShortTag() == after.ShortTag():
		return nil
	}
	return []string{path}
}

// losesFields reports whether a mapping in an object has a field that it no longer has afterwards, as after an edit by
// hand. Elements of lists do not count: they come and go with the configuration.
func losesFields(before, after *yaml.Node) bool {
	if before == nil || after == nil || before.Kind != yaml.MappingNode || after.Kind != yaml.MappingNode {
		return false
	}
	return slices.ContainsFunc(keysOf(before), func(key string) bool {
		inner := resourcelist.Field(after, key)
		return inner == nil || losesFields(resourcelist.Field(before, key), inner)
	})
}

func keysOf(mapping *yaml.Node) []string {
	var keys []string
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if !resourcelist.IsHostAnnotation(mapping.Content[i].Value) {
			keys = append(keys, mapping.Content[i].Value)
		}
	}
	return keys
}
