// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/jsonfield"
	"bigbang.dev/mattermost-fn/internal/result"
)

// TestSwitchesAreComplete finds sections with a switch enabled that forgottenSwitches does not know.
func TestSwitchesAreComplete(t *testing.T) {
	config := &v1alpha1.MattermostConfig{}
	config.SetDefaults()
	s := newSubject(config, func(string) bool { return false }, &result.Reporter{})
	known := []string{
		"spec.enterprise", "spec.sso", // MM007 and MM009
	}
	for _, section := range s.sections() {
		known = append(known, section.field)
	}
	var walk func(path string, of reflect.Type)
	walk = func(path string, of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || !strings.HasSuffix(of.PkgPath(), "/api/v1alpha1") {
			return
		}
		for _, field := range jsonfield.Of(of) {
			kind := of.FieldByIndex(field.Index).Type
			if field.Name == "enabled" && kind.Kind() == reflect.Bool && !slices.Contains(known, path) {
				t.Errorf("%s has a switch, but fields without it are not reported", path)
			}
			walk(path+"."+field.Name, kind)
		}
	}
	walk("spec", reflect.TypeFor[v1alpha1.MattermostConfigSpec]())
}
