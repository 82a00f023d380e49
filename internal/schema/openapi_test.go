// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// The schema in examples/overlays, which the kustomization of the base names, is up to date (make generate).
func TestPublishedOpenAPI(t *testing.T) {
	want, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	const file = "examples/overlays/base/mattermostconfig.openapi.json"
	if got, err := os.ReadFile("../../" + file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date (make generate): %v", file, err)
	}
}

// replaced are the lists of objects that a patch of an overlay replaces: those of Kubernetes that have no key in a pod
// either, and those of ours whose elements have no name.
var replaced = map[string]bool{
	"spec.patches": true, "spec.networkPolicies.allow": true, "spec.pod.tolerations": true, "spec.pod.envFrom": true,
}

// Every list of objects has a merge key, or is known to have none.
func TestEveryListHasAMergeKey(t *testing.T) {
	text, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Definitions map[string]map[string]any }
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	lists := 0
	var walk func(of reflect.Type, path string, schema map[string]any)
	walk = func(of reflect.Type, path string, schema map[string]any) {
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || definitionOf(of) != "" {
			return
		}
		properties, _ := schema["properties"].(map[string]any)
		for field := range of.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			inner, _ := properties[name].(map[string]any)
			place := strings.TrimPrefix(path+"."+name, ".")
			if field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct {
				lists++
				if keyed := inner[mergeKeyKeyword] != nil; keyed == replaced[place] {
					t.Errorf("%s: merge key: %v, %s", place, keyed, field.Type)
				}
			}
			walk(field.Type, place, inner)
		}
	}
	config := document.Definitions["dev.bigbang.mattermost.v1alpha1.MattermostConfig"]
	walk(reflect.TypeFor[v1alpha1.MattermostConfig](), "", config)
	if lists < len(replaced)+8 {
		t.Errorf("only %d lists", lists)
	}
}
