// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/filters/patchjson6902"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const patchable = `apiVersion: v1
kind: T
metadata: {name: n, annotations: {a/b: x, c~d: y}}
spec:
  number: 1
  list: [a, b, {c: [1, 2]}]
  empty: {}
  none: []
  text: "yes"
`

// applyJSON applies a patch and returns the object as JSON.
func applyJSON(t *testing.T, object, patch string) (string, error) {
	t.Helper()
	node := yaml.MustParse(object)
	operations, err := parseJSONPatch(patch)
	if err != nil {
		return "", err
	}
	copied := maxCopied
	if err := operations.apply(node.YNode(), &copied); err != nil {
		return "", err
	}
	text, err := node.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text), nil
}

func TestJSONPatch(t *testing.T) {
	for patch, want := range map[string]string{
		`[{op: add, path: /spec/list/-, value: z}]`:                  `[a,b,{"c":[1,2]},z]`,
		`[{op: add, path: /spec/list/1, value: {k: v}}]`:             `[a,{"k":"v"},b,{"c":[1,2]}]`,
		`[{op: add, path: /spec/list/3, value: 1.5}]`:                `[a,b,{"c":[1,2]},1.5]`,
		`[{op: remove, path: /spec/list/0}]`:                         `[b,{"c":[1,2]}]`,
		`[{op: remove, path: /spec/list/-1}]`:                        `[a,b]`,
		`[{op: replace, path: /spec/list/2/c/1, value: null}]`:       `[a,b,{"c":[1,null]}]`,
		`[{op: move, from: /spec/list/0, path: /spec/list/2}]`:       `[b,{"c":[1,2]},a]`,
		`[{op: copy, from: /spec/list/2/c, path: /spec/list/0}]`:     `[[1,2],a,b,{"c":[1,2]}]`,
		`[{op: test, path: /spec/list/2, value: {c: [1.0, 2]}}]`:     `[a,b,{"c":[1,2]}]`,
		`[{op: test, path: /metadata/annotations/a~1b, value: x}]`:   `[a,b,{"c":[1,2]}]`,
		`[{op: test, path: /metadata/annotations/c~0d, value: "y"}]`: `[a,b,{"c":[1,2]}]`,
		`[{op: replace, path: /spec/list, value: ["yes", 10]}]`:      `["yes",10]`,

		`[{op: replace, path: /spec/nothing, value: 1}]`: "operation 1 (replace) does not apply: its path " +
			"exists only up to /spec",
		`[{op: replace, path: /spec/list/3, value: 1}]`: "operation 1 (replace) does not apply: its path " +
			"exists only up to /spec/list",
		`[{op: replace, path: /spec/list/-, value: 1}]`: "operation 1 (replace) does not apply: its path " +
			"exists only up to /spec/list",
		`[{op: replace, path: /spec/list/01, value: 1}]`: "operation 1 (replace) does not apply: its path " +
			"exists only up to /spec/list",
		`[{op: add, path: /nothing/x, value: 1}]`: "operation 1 (add) does not apply: its path does not " +
			"exist",
		`[{op: add, path: /spec/list/4, value: 1}]`: "operation 1 (add) does not apply: there is no such " +
			"place in the list",
		`[{op: add, path: /spec/number/x, value: 1}]`: "operation 1 (add) does not apply: its path exists " +
			"only up to /spec/number",
		`[{op: remove, path: /metadata/annotations/a~1b/zqx}]`: "operation 1 (remove) does not apply: its path " +
			"exists only up to /metadata/annotations/a~1b",
		`[{op: remove, path: ""}]`: "operation 1 (remove) cannot remove the whole " +
			"object; write $patch: delete in a strategic merge patch",
		`[{op: move, from: /zqx, path: /spec/x}]`: "operation 1 (move) does not apply: its path does " +
			"not exist",
		`[{op: move, from: /spec, path: /spec/x}]`: "operation 1 (move) moves a value into itself",
		`[{op: copy, from: /zqx, path: /spec/x}]`: "operation 1 (copy) does not apply: its path does " +
			"not exist",
		`[{op: test, path: /spec/zqx, value: null}]`: "operation 1 (test) does not apply: its path exists " +
			"only up to /spec",
		`[{op: test, path: /spec/text, value: true}]`:  "operation 1 (test) fails: the value there is another",
		`[{op: test, path: /spec/number, value: "1"}]`: "operation 1 (test) fails: the value there is another",
		`[{op: test, path: /kind, value: T}, {op: zqx}]`: "operation 2 must have one of add, remove, replace, " +
			"move, copy and test in the field op",
		`[{op: add, path: /spec/x}]`:  "operation 1 (add) requires the field value",
		`[{op: move, path: /spec/x}]`: "operation 1 (move) requires the field from",
		`[{op: remove}]`:              "operation 1 (remove) requires the field path",
		`[{op: remove, path: spec/zqx}]`: "operation 1 (remove) must have a path that begins " +
			"with /, such as /spec/replicas",
		`[{op: copy, path: /spec/x, from: zqx}]`: "operation 1 (copy) must have a field from that " +
			"begins with /, such as /spec/replicas",
		`[{op: 1, path: /spec/x}]`: "operation 1 must have a string in the field op",
		`[zqx]`: "must be a list of operations, each with op, path " +
			"and, for add, replace and test, a value",
	} {
		got, err := applyJSON(t, patchable, patch)
		var message string
		if err != nil {
			message = err.Error()
		} else {
			var object struct{ Spec struct{ List any } }
			if err := json.Unmarshal([]byte(got), &object); err != nil {
				t.Fatal(err)
			}
			list, err := json.Marshal(object.Spec.List)
			if err != nil {
				t.Fatal(err)
			}
			message = strings.NewReplacer(`"a"`, "a", `"b"`, "b", `"z"`, "z").Replace(string(list))
		}
		if message != want {
			t.Errorf("%s: got %s, want %s", patch, message, want)
		}
	}
}

// A few operations that copy an object into itself must not fill the memory.
func TestJSONPatchLimitsCopies(t *testing.T) {
	var operations []string
	for i := range 60 {
		operations = append(operations, fmt.Sprintf("{op: copy, from: /spec, path: /spec/x%d}", i))
	}
	_, err := applyJSON(t, patchable, "["+strings.Join(operations, ", ")+"]")
	if err == nil || !strings.Contains(err.Error(), "the patches of a configuration may copy 100000 values") {
		t.Errorf("got %v", err)
	}
}

// Random operations that apply have the same result as with kustomize.
func TestJSONPatchIsThatOfKustomize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	choice := func(from ...string) string { return from[random.IntN(len(from))] }
	path := func() string {
		return choice("/spec/list", "/spec/list/0", "/spec/list/2/c", "/spec/list/2/c/1", "/spec/list/-",
			"/spec/list/9", "/spec/list/-1",
			"/spec/empty", "/spec/empty/x", "/spec/none/0", "/spec/none/-", "/spec/number", "/spec/number/x",
			"/spec/new", "/spec/new/x",
			"/metadata/annotations/a~1b", "/metadata/annotations/c~0d", "/nothing/x", "/spec/text", "/spec/x",
			"/spec/x/0")
	}
	value := func() string {
		return choice("1", "1.5", `"1"`, "null", "true", `"yes"`, "[]", "{}", "[1, {a: b}]", "{a: {b: [c]}}",
			"9007199254740993", `"multi\nline"`, "1e3")
	}
	applied := 0
	for range 4000 {
		var operations []string
		for range 1 + random.IntN(3) {
			op := choice("add", "add", "remove", "replace", "move", "copy", "test")
			switch op {
			case "move", "copy":
				operations = append(operations, fmt.Sprintf("{op: %s, from: %s, path: %s}", op, path(), path()))
			case "remove":
				operations = append(operations, fmt.Sprintf("{op: remove, path: %s}", path()))
			default:
				operations = append(operations, fmt.Sprintf("{op: %s, path: %s, value: %s}", op, path(), value()))
			}
		}
		patch := "- " + strings.Join(operations, "\n- ")
		got, err := applyJSON(t, patchable, patch)
		theirs, theirError := patchjson6902.Filter{Patch: patch}.Filter([]*yaml.RNode{yaml.MustParse(patchable)})
		if err != nil {
			// RFC 6902 requires that what is replaced, copied, moved or tested exists, and that numbers are compared by
			// value. kustomize does neither.
			stricter := regexp.MustCompile(`^operation \d \((replace|copy|move|test)\)`).MatchString(err.Error())
			if theirError == nil && !stricter {
				t.Errorf("%s\nkustomize accepts it, but: %v", patch, err)
			}
			continue
		}
		if theirError != nil {
			t.Errorf("%s\nkustomize refuses it: %v\ngot %s", patch, theirError, got)
			continue
		}
		applied++
		want, err := theirs[0].MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if json.Unmarshal([]byte(got), &a) != nil || json.Unmarshal(want, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%s\ngot  %s\nwant %s", patch, got, want)
		}
	}
	if applied < 500 {
		t.Errorf("only %d patches applied", applied)
	}
}
