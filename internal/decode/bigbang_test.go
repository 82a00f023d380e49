// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

var fieldPath = regexp.MustCompile(`spec(\.[A-Za-z]+)+`)

// Every entry is for a field that does not exist, and points to fields that exist.
func TestBigBangNames(t *testing.T) {
	for theirs, ours := range bigBang {
		parent, name := theirs[:strings.LastIndex(theirs, ".")], theirs[strings.LastIndex(theirs, ".")+1:]
		if typeOf(parent) == nil {
			t.Errorf("%s: its parent %s does not exist", theirs, parent)
		}
		if typeOf(theirs) != nil {
			t.Errorf("%s is a field of the configuration, so its hint is never shown", theirs)
		}
		if _, nothing := strings.CutPrefix(ours, "nothing: "); nothing {
			continue
		}
		paths := fieldPath.FindAllString(ours, -1)
		if len(paths) == 0 {
			t.Errorf("%s: %q names no field and does not begin with \"nothing: \"", theirs, ours)
		}
		for _, path := range paths {
			if typeOf(path) == nil {
				t.Errorf("%s points to %s, which does not exist", theirs, path)
			}
		}
		if hint, known := bigBangField(parent, name); !known || !strings.Contains(hint, name) {
			t.Errorf("%s: got the hint %q", theirs, hint)
		}
	}
}

// typeOf returns the type of a field of the configuration, or nil if it does not exist.
func typeOf(path string) reflect.Type {
	typ := reflect.TypeFor[v1alpha1.MattermostConfig]()
	for _, name := range strings.Split(path, ".") {
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct {
			return nil
		}
		index, known := fieldsOf(typ)[name]
		if !known {
			return nil
		}
		typ = typ.FieldByIndex(index).Type
	}
	return typ
}
