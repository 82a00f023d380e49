// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// places contains the paths of all fields of the configuration, by their names in lower case. It omits fields of
// Kubernetes' own types.
var places = sync.OnceValue(func() map[string][]string {
	found := map[string][]string{}
	var walk func(path string, t reflect.Type)
	walk = func(path string, t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || !strings.HasPrefix(t.PkgPath(),
			reflect.TypeFor[v1alpha1.MattermostConfig]().PkgPath()) ||
			t == secretValueType || t == licenseType {
			return
		}
		for _, name := range fieldNames(t) {
			inner := strings.TrimPrefix(path+"."+name, ".")
			found[strings.ToLower(name)] = append(found[strings.ToLower(name)], inner)
			walk(inner, t.FieldByIndex(fieldsOf(t)[name]).Type)
		}
	}
	walk("spec", reflect.TypeFor[v1alpha1.MattermostConfigSpec]())
	for _, paths := range found {
		slices.Sort(paths)
	}
	return found
})

// most is how many places a message names. A name that more fields have says nothing about what was meant.
const most = 3

// elsewhere returns the fields with this name at other places: one level too high or too low, otherwise anywhere. It
// returns nothing if there are too many. Alike is the object with the field if it has the same name as the parent, such
// as spec.service for spec.calls.service: the field does something else there, so it is not what was meant.
func elsewhere(parent, name string) (others []string, alike string) {
	all := places()[strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))]
	parent = withoutIndexes(parent)
	var near, far []string
	for _, path := range all {
		above := path[:max(strings.LastIndexByte(path, '.'), 0)]
		grandparent := above[:max(strings.LastIndexByte(above, '.'), 0)]
		switch {
		case grandparent == parent || strings.HasPrefix(parent, above+".") || parent == "" && above == "spec":
			near = append(near, path)
		case parent != "" && above[strings.LastIndexByte(above, '.')+1:] == parent[strings.LastIndexByte(parent, '.')+1:]:
			alike = above
		default:
			far = append(far, path)
		}
	}
	switch {
	case len(near) > 0 && len(near) <= most:
		return near, ""
	case len(near)+len(far) <= most && len(far) > 0:
		return far, ""
	case len(all) == 1:
		return nil, alike
	}
	return nil, ""
}

// isSection reports whether a name is that of a section of Mattermost's config.json.
func isSection(name string) bool { return slices.Contains(settings.Sections(), name) }

// settingElsewhere returns the path of the setting with the name of a section's path, if the name is not a section but
// a setting of exactly one section; otherwise an empty string.
func settingElsewhere(path string) string {
	section, key, ok := settingAt(path)
	if !ok || key != "" || isSection(section) {
		return ""
	}
	found := ""
	for _, candidate := range settings.Sections() {
		if setting, known := settings.Find(candidate, section); known {
			if found != "" {
				return ""
			}
			found = "spec.settings." + setting.Name()
		}
	}
	return found
}

// withoutIndexes removes the indexes of list elements from a path.
func withoutIndexes(path string) string {
	for {
		start := strings.IndexByte(path, '[')
		end := strings.IndexByte(path[max(start, 0):], ']')
		if start < 0 || end < 0 {
			return path
		}
		path = path[:start] + path[start+end+1:]
	}
}
