// SPDX-License-Identifier: Apache-2.0

package fn_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/fn"
)

const configuration = "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
	"metadata: {name: chat, namespace: teams, annotations: {config.kubernetes.io/local-config: 'true'}}\nspec: " +
	"{domain: example.com}\n"

// A Go program reads files, processes them, and writes manifests and a ResourceList.
func TestLibrary(t *testing.T) {
	list := &fn.List{}
	if err := list.ReadFile("mattermost.yaml", []byte("# chat\n"+configuration)); err != nil {
		t.Fatal(err)
	}
	results, changes := fn.ProcessChanges(list, time.Time{})
	if results.HasErrors() || len(changes) == 0 || len(list.Objects()) != len(changes)+1 {
		t.Fatalf("%v; %d changes, %d objects", results, len(changes), len(list.Objects()))
	}
	for _, change := range changes {
		if change.State != fn.Added || !slices.Contains(list.Objects(), change.Object) ||
			change.Object.Resource().Namespace == "" {
			t.Errorf("%s %s", change.State, change.Object)
		}
	}
	config := list.Objects()[0]
	if file, index := config.File(); !config.IsConfiguration() || file != "mattermost.yaml" || index != 0 ||
		config.String() != "MattermostConfig teams/chat" {
		t.Errorf("%s in %s, %d", config, file, index)
	}

	var manifests, written bytes.Buffer
	if err := list.WriteManifests(&manifests); err != nil || strings.Contains(manifests.String(),
		"kind: MattermostConfig\n") || !strings.Contains(manifests.String(), "kind: Mattermost\n") {
		t.Errorf("%v\n%s", err, manifests.String())
	}
	if err := list.Write(&written, results); err != nil {
		t.Fatal(err)
	}
	again, err := fn.Read(written.Bytes())
	if err != nil || len(again.Objects()) != len(list.Objects()) {
		t.Fatalf("%v in\n%s", err, written.String())
	}
	_, changes = fn.ProcessChanges(again, time.Time{})
	for _, change := range changes {
		if change.State != fn.Unchanged {
			t.Errorf("the second run: %s %s", change.State, change.Object)
		}
	}
}

// An error in a configuration is returned as a result with all its fields.
func TestLibraryErrors(t *testing.T) {
	list := &fn.List{}
	if err := list.ReadFile("mattermost.yaml",
		[]byte("# chat\n"+strings.Replace(configuration, "{domain:", "{domian: a.b, domain:", 1))); err != nil {
		t.Fatal(err)
	}
	results := fn.Process(list, time.Time{})
	if !results.HasErrors() || len(list.Objects()) != 1 {
		t.Fatal(results)
	}
	want := fn.Result{
		Severity: fn.Error, Message: results[0].Message, Field: "spec.domian", File: "mattermost.yaml", Line: 5,
		Resource: fn.Resource{APIVersion: "mattermost.bigbang.dev/v1alpha1", Kind: "MattermostConfig", Namespace: "teams",
			Name: "chat"},
	}
	if !reflect.DeepEqual(results[0], want) || !strings.HasPrefix(results[0].String(),
		"mattermost.yaml:5: error: spec.domian: ") {
		t.Errorf("got %+v\nwant %+v", results[0], want)
	}
	if err := list.ReadFile("other.yaml", []byte("- a\n")); err == nil {
		t.Error("ReadFile accepted a list as an object")
	}
}

// If there is an error, the list does not change, even if the error is found after objects were added, merged and
// removed. Here it is a patch of the second configuration that matches nothing.
func TestProcessIsTransactional(t *testing.T) {
	const objects = "apiVersion: v1\nkind: Namespace\nmetadata: {name: teams, labels: &l {a: b}, " +
		"annotations: *l} # mine\n---\n" +
		"apiVersion: v1\nkind: Service\nmetadata:\n  name: old\n  namespace: teams\n" +
		"  labels: {app.kubernetes.io/managed-by: mattermost-fn}\n  annotations: {mattermost.bigbang.dev/owner: teams/chat}\n"
	first := strings.Replace(configuration, "{domain: example.com}", "{domain: example.com, namespace: {create: true}}", 1)
	second := strings.NewReplacer("name: chat", "name: talk", "example.com", "example.org").Replace(configuration)
	rejected := strings.Replace(second, "spec: {", "spec: {patches: [{patch: '[]', target: {kind: Nothing}}], ", 1)

	process := func(configurations ...string) (before, after string, objectsBefore, objectsAfter []fn.Object,
		results fn.Results) {
		t.Helper()
		list := &fn.List{}
		if err := list.ReadFile("all.yaml", []byte(objects+"---\n"+strings.Join(configurations, "---\n"))); err != nil {
			t.Fatal(err)
		}
		write := func() string {
			var text bytes.Buffer
			if err := list.Write(&text, nil); err != nil {
				t.Fatal(err)
			}
			return text.String()
		}
		before, objectsBefore = write(), list.Objects()
		results = fn.Process(list, time.Time{})
		return before, write(), objectsBefore, list.Objects(), results
	}
	_, after, _, _, results := process(first, second)
	merged := slices.ContainsFunc(results, func(r fn.Result) bool {
		return strings.HasPrefix(r.Message, "Namespace teams is not managed")
	})
	if results.HasErrors() || strings.Contains(after, "name: old") || !merged {
		t.Fatalf("without an error: %v\n%s", results, after)
	}
	before, after, objectsBefore, objectsAfter, results := process(first, rejected)
	if !results.HasErrors() {
		t.Fatal(results)
	}
	if after != before || !slices.Equal(objectsBefore, objectsAfter) {
		t.Errorf("the list changed from\n%s\nto\n%s", before, after)
	}
}
