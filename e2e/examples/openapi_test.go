// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

const (
	mergeKey      = "x-kubernetes-patch-merge-key"
	patchStrategy = "x-kubernetes-patch-strategy"
	kinds         = "x-kubernetes-group-version-kind"
)

// schemas contains the definitions of an OpenAPI schema.
type schemas map[string]map[string]any

// publishedSchema returns the schema of examples/overlays, with its definitions.
func publishedSchema(t *testing.T) (string, schemas) {
	t.Helper()
	base := harness.ReadTree(t, filepath.Join(harness.Root(), "examples", "overlays", "base"))
	text := base["mattermostconfig.openapi.json"]
	var document struct{ Definitions schemas }
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return text, document.Definitions
}

// versions are what a patch does to the lists of an object that a schema describes.
type versions struct {
	// base has the elements one and two, patch changes two and adds three, merged is what a merge by keys gives.
	base, patch, merged any
	// lists counts the lists that are merged.
	lists int
}

// of returns versions of a value, nil where no list is in it. The definitions that the value is within are left out of
// it, since some refer to themselves.
func (s schemas) of(schema any, within ...string) *versions {
	object, _ := schema.(map[string]any)
	if ref, ok := object["$ref"].(string); ok {
		if slices.Contains(within, ref) {
			return nil
		}
		object, within = s[strings.TrimPrefix(ref, "#/definitions/")], append(slices.Clone(within), ref)
	}
	strategy, _ := object[patchStrategy].(string)
	if slices.Contains(strings.Split(strategy, ","), "merge") {
		return s.ofList(object, within)
	}
	properties, _ := object["properties"].(map[string]any)
	base, patch, merged, lists := map[string]any{}, map[string]any{}, map[string]any{}, 0
	for name, property := range properties {
		if inner := s.of(property, within...); inner != nil {
			base[name], patch[name], merged[name] = inner.base, inner.patch, inner.merged
			lists += inner.lists
		}
	}
	if lists == 0 {
		return nil
	}
	return &versions{base, patch, merged, lists}
}

func (s schemas) ofList(list map[string]any, within []string) *versions {
	keys := []string{}
	if all, ok := list["x-kubernetes-list-map-keys"].([]any); ok {
		for _, key := range all {
			keys = append(keys, key.(string))
		}
	} else if key, ok := list[mergeKey].(string); ok {
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return &versions{[]any{"one", "two"}, []any{"two", "three"}, []any{"one", "two", "three"}, 1}
	}
	element := func(name, state string, inner any) map[string]any {
		object := map[string]any{"state": state}
		if fields, ok := inner.(map[string]any); ok {
			for field, value := range fields {
				object[field] = value
			}
		}
		for _, key := range keys {
			object[key] = name
		}
		return object
	}
	inner := s.of(list["items"], within...)
	if inner == nil {
		inner = &versions{}
	}
	one := element("one", "kept", nil)
	three := element("three", "new", nil)
	return &versions{
		base:   []any{one, element("two", "earlier", inner.base)},
		patch:  []any{element("two", "changed", inner.patch), three},
		merged: []any{one, element("two", "changed", inner.merged), three},
		lists:  1 + inner.lists,
	}
}

// patched is what kustomize makes of objects and patches, by kind, in canonical form.
func patched(t *testing.T, schema string, base, patches []any) map[string]any {
	t.Helper()
	files := map[string]string{"kustomization.yaml": "resources: [base]\npatches: [{path: patch.yaml}]\n",
		"base/kustomization.yaml": "resources: [base.yaml]\n", "base/base.yaml": stream(t, base),
		"patch.yaml": stream(t, patches)}
	if schema != "" {
		files["base/schema.json"] = schema
		files["base/kustomization.yaml"] += "openapi: {path: schema.json}\n"
	}
	run := harness.Command{}.Run(t, harness.Kustomize(t), "build", in(t, files)).MustSucceed(t)
	all := map[string]any{}
	for document := range strings.SplitSeq(run.Stdout, "\n---\n") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(object["apiVersion"], " ", object["kind"])] = canonical(object)
	}
	return all
}

func stream(t *testing.T, objects []any) string {
	t.Helper()
	var text strings.Builder
	for _, object := range objects {
		document, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n" + string(document))
	}
	return text.String()
}

// canonical sorts all lists: kustomize puts changed and new elements first.
func canonical(value any) any {
	switch value := value.(type) {
	case map[string]any:
		sorted := map[string]any{}
		for name, inner := range value {
			sorted[name] = canonical(inner)
		}
		return sorted
	case []any:
		var sorted []any
		for _, inner := range value {
			sorted = append(sorted, canonical(inner))
		}
		slices.SortFunc(sorted, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return sorted
	}
	return value
}

// object completes a value to an object of a kind.
func object(apiVersion, kind string, value any) map[string]any {
	object := map[string]any{}
	if fields, ok := value.(map[string]any); ok {
		for field, inner := range fields {
			object[field] = inner
		}
	}
	metadata := map[string]any{"name": "chat"}
	if fields, ok := object["metadata"].(map[string]any); ok {
		for field, inner := range fields {
			metadata[field] = inner
		}
	}
	object["apiVersion"], object["kind"], object["metadata"] = apiVersion, kind, metadata
	return object
}

// With the schema of examples/overlays, which the kustomization of the base names, a patch of an overlay merges every
// list that has a key, and lists within their elements: of the configuration, and of the Mattermost resource that is
// emitted. Without the schema it replaces them.
func TestOverlaysMergeEveryList(t *testing.T) {
	schema, definitions := publishedSchema(t)
	for name, kind := range map[string][2]string{
		"dev.bigbang.mattermost.v1alpha1.MattermostConfig": {"mattermost.bigbang.dev/v1alpha1", "MattermostConfig"},
		"com.mattermost.installation.v1beta1.Mattermost":   {"installation.mattermost.com/v1beta1", "Mattermost"},
	} {
		all := definitions.of(definitions[name])
		if all == nil || all.lists < 18 {
			t.Fatalf("%s has too few lists with keys: %+v", name, all)
		}
		base := []any{object(kind[0], kind[1], all.base)}
		patch := []any{object(kind[0], kind[1], all.patch)}
		merged, id := canonical(object(kind[0], kind[1], all.merged)), kind[0]+" "+kind[1]
		if got := patched(t, schema, base, patch)[id]; !reflect.DeepEqual(got, merged) {
			t.Errorf("with the schema:\n%s\nwant\n%s", stream(t, []any{got}), stream(t, []any{merged}))
		}
		// The trap of docs/tools.md.
		replaced := canonical(patch[0])
		if got := patched(t, "", base, patch)[id]; !reflect.DeepEqual(got, replaced) {
			t.Errorf("without the schema:\n%s\nwant\n%s", stream(t, []any{got}), stream(t, []any{replaced}))
		}
	}
}

// kustomize has one schema for a whole build, and replaces its own by that of a kustomization. So the schema of
// examples/overlays also merges the lists of Kubernetes' kinds, as kustomize's own does.
func TestTheSchemaKeepsKubernetesKinds(t *testing.T) {
	schema, _ := publishedSchema(t)
	text, err := json.Marshal(openapi.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var own struct{ Definitions schemas }
	if err := json.Unmarshal(text, &own); err != nil {
		t.Fatal(err)
	}
	var base, patches []any
	lists := 0
	for _, definition := range own.Definitions {
		all := own.Definitions.of(definition)
		ids, _ := definition[kinds].([]any)
		if all == nil || len(ids) != 1 {
			continue // such as DeleteOptions, which is in every group
		}
		id := ids[0].(map[string]any)
		apiVersion := strings.TrimPrefix(fmt.Sprint(id["group"], "/", id["version"]), "/")
		kind := id["kind"].(string)
		if strings.HasSuffix(kind, "List") {
			continue
		}
		base = append(base, object(apiVersion, kind, all.base))
		patches = append(patches, object(apiVersion, kind, all.patch))
		lists += all.lists
	}
	if len(base) < 50 || lists < 400 {
		t.Fatalf("only %d kinds with %d lists", len(base), lists)
	}
	t.Logf("%d kinds with %d lists", len(base), lists)
	want, got := patched(t, "", base, patches), patched(t, schema, base, patches)
	for kind := range want {
		if !reflect.DeepEqual(got[kind], want[kind]) {
			t.Errorf("%s becomes\n%s\nwant\n%s", kind, stream(t, []any{got[kind]}), stream(t, []any{want[kind]}))
		}
	}
}

// Elements of lists in the base are kept where the function is called: kustomize with the function, and the commands.
func TestOverlaysMergeListsBeforeTheFunction(t *testing.T) {
	schema, _ := publishedSchema(t)
	dir := in(t, map[string]string{
		"base/kustomization.yaml": "resources: [mattermost.yaml]\nopenapi: {path: schema.json}\n",
		"base/schema.json":        schema,
		"base/mattermost.yaml": team("a", "a.example.com") +
			"  env:\n  - {name: MM_TEAMSETTINGS_SITENAME, value: One}\n",
		"config/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
		"config/patch.yaml": "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
			"metadata: {name: chat, namespace: a}\n" +
			"spec:\n  env:\n  - {name: MM_TEAMSETTINGS_CUSTOMBRANDTEXT, value: Two}\n",
		"kustomization.yaml": "resources: [proxy.yaml]\npatches: [{path: proxy-patch.yaml}]\ngenerators: [config]\n",
		"proxy.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: proxy, namespace: a}\n" +
			"spec: {template: {spec: {containers: [{name: proxy, image: proxy}, {name: kept, image: kept}]}}}\n",
		"proxy-patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: proxy, namespace: a}\n" +
			"spec: {template: {spec: {containers: [{name: proxy, image: patched}]}}}\n",
	})
	variables := []string{"MM_TEAMSETTINGS_SITENAME", "MM_TEAMSETTINGS_CUSTOMBRANDTEXT"}
	for _, way := range []struct {
		run  harness.Run
		want []string
	}{
		{harness.KustomizeBuild(t, dir), append(variables, "image: kept", "image: patched")},
		{harness.Command{}.Run(t, harness.MattermostFn(t), "render", dir), variables},
	} {
		out := way.run.MustSucceed(t).Stdout
		for _, want := range way.want {
			if !strings.Contains(out, want) {
				t.Errorf("the output lacks %q: %s", want, way.run)
			}
		}
	}
}
