// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/filters/patchstrategicmerge"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// mergeable is an object with lists that have merge keys, lists that have none, and mappings.
const mergeable = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: n
  labels: {a: b, c: d}
spec:
  replicas: 1
  strategy: {type: x}
  template:
    metadata: {labels: {a: b}}
    spec:
      nodeSelector: {}
      containers:
      - name: one
        image: i
        args: [a, b]
        env: [{name: A, value: a}, {name: B, value: b}]
      - {name: two, image: j}
      volumes: [{name: v, emptyDir: {}}]
`

// Merging only the fields that a patch contains has the same result as merging the whole object.
func TestStrategicMergeIsThatOfKustomize(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	choice := func(from ...string) string { return from[random.IntN(len(from))] }
	labels := func() string {
		return choice("{x: y}", "{a: null}", "{a: null, c: null}", "{}", "null", "{a: z, $patch: replace}",
			"{$patch: delete}", "{c: e, x: y}")
	}
	containers := func() string {
		return choice("[{name: one, image: k}]", "[{name: three}]", "[{name: one, $patch: delete}]", "[{name: one, "+
			"env: [{name: A, value: z}]}]",
			"[{$patch: replace}, {name: x}]", "[]", "null", "[{name: one, args: [z]}]", "[{name: one, env: [{name: "+
				"A, $patch: delete}]}]",
			"[{name: one, env: null}, {name: two, image: null}]")
	}
	deleted, merged := 0, 0
	for range 1500 {
		var spec, template []string
		add := func(to *[]string, name string, value string) {
			if random.IntN(2) == 0 {
				*to = append(*to, name+": "+value)
			}
		}
		add(&template, "containers", containers())
		add(&template, "volumes", choice("[{name: v, emptyDir: null, secret: {secretName: s}}]", "[{name: w}]", "null",
			"[]"))
		add(&template, "nodeSelector", labels())
		add(&template, "new", choice("{a: [b]}", "[a]", "1"))
		add(&spec, "replicas", choice("2", "null", `"x"`))
		add(&spec, "strategy", choice("{$retainKeys: [type], type: y}", "{type: null}", "{other: z}", "null"))
		add(&spec, "template", choice("{spec: {"+strings.Join(template, ", ")+"}}", "{metadata: "+
			"{labels: "+labels()+"}}", "null"))
		patch := fmt.Sprintf("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: n, labels: %s, annotations: "+
			"%s}\nspec: {%s}\n",
			labels(), choice("{}", "null", "{x: y}"), strings.Join(spec, ", "))
		if random.IntN(50) == 0 {
			patch += "$patch: " + choice("delete", "replace") + "\n"
		}
		whole := patchstrategicmerge.Filter{Patch: yaml.MustParse(patch)}
		want, wantError := whole.Filter([]*yaml.RNode{yaml.MustParse(mergeable)})
		got, gotError := strategicMerge(yaml.MustParse(mergeable), yaml.MustParse(patch))
		if (wantError == nil) != (gotError == nil) {
			t.Errorf("%s\ngot error %v, want %v", patch, gotError, wantError)
			continue
		}
		if wantError != nil {
			continue
		}
		if len(want) == 0 || want[0].IsNilOrEmpty() {
			deleted++
			if got != nil {
				t.Errorf("%s\ngot\n%s\nwant nothing", patch, got.MustString())
			}
			continue
		}
		merged++
		if got == nil || !reflect.DeepEqual(jsonOf(t, got), jsonOf(t, want[0])) {
			t.Errorf("%s\ngot\n%s\nwant\n%s", patch, got.MustString(), want[0].MustString())
		}
	}
	if deleted < 5 || merged < 500 {
		t.Errorf("%d objects were deleted, %d merged", deleted, merged)
	}
}

// jsonOf returns an object as JSON does, without the style of its YAML.
func jsonOf(t *testing.T, object *yaml.RNode) any {
	t.Helper()
	text, err := object.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
