// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// tokens is the policy that takes the API token from pods. It changes objects, and never fails.
const tokens = "update-automountserviceaccounttokens"

// Of every example for Big Bang, and of what operators make of it, Kyverno refuses only what the configuration's own
// prerequisites list: the same pairs of policy and object. The policies are those of this package.
func TestPolicies(t *testing.T) {
	judgeExamples(t, filepath.Join("testdata", "policies.yaml"))
}

// The same with Big Bang's own policies, where they are next to the repository.
func TestBigBangPolicies(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(harness.Root(), "..", "shared", "bigbang", "kyverno-policies.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("Big Bang's policies are not in ../shared/bigbang")
	}
	if err != nil {
		t.Fatal(err)
	}
	objects, err := conventions.Objects(string(text))
	if err != nil {
		t.Fatal(err)
	}
	// The exceptions are for pods of other packages.
	objects = slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() != "ClusterPolicy" })
	judgeExamples(t, write(t, "policies.yaml", objects))
}

// The compact policies refuse what they are for, so that the other test shows something.
func TestPoliciesRefuse(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "refused.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := conventions.Objects(string(text))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, j := range kyverno(t, filepath.Join("testdata", "policies.yaml"), objects) {
		if j.result == "fail" {
			got[j.object.name+" "+j.policy] = true
		}
	}
	want := []string{
		"bypass disallow-istio-injection-bypass", "nodeport disallow-nodeport-services", "other-registry restrict-image-registries",
		"root require-non-root-user", "unlabeled require-labels",
	}
	if all := slices.Sorted(maps.Keys(got)); !slices.Equal(all, want) {
		t.Errorf("got %q, want %q", all, want)
	}
}

// judgeExamples compares what Kyverno refuses with the prerequisites, for every example.
func judgeExamples(t *testing.T, policies string) {
	t.Helper()
	harness.Judge(t, "kyverno")
	judged := 0
	for _, example := range harness.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			exceptions, isBigBang := exceptionsOf(t, example.Dir)
			if !isBigBang {
				t.Skip("is not for Big Bang")
			}
			judged++
			w := exampleWorld(t, example)
			got := refused(w, kyverno(t, policies, w.objects))
			if want := slices.Sorted(maps.Keys(exceptions)); !slices.Equal(slices.Sorted(maps.Keys(got)), want) {
				t.Errorf("Kyverno refuses\n%s\nand the prerequisites list\n%s", lines(got), strings.Join(want, "\n"))
			}
		})
	}
	if judged < 8 {
		t.Errorf("only %d examples were judged", judged)
	}
}

func lines(messages map[string]string) string {
	var all []string
	for _, pair := range slices.Sorted(maps.Keys(messages)) {
		all = append(all, pair+": "+messages[pair])
	}
	return strings.Join(all, "\n")
}

// exampleWorld returns what exists after the output of an example was applied.
func exampleWorld(t *testing.T, example harness.Example) *world {
	t.Helper()
	text, err := os.ReadFile(example.Expected())
	if err != nil {
		t.Fatal(err)
	}
	objects, err := conventions.Objects(string(text))
	if err != nil {
		t.Fatal(err)
	}
	objects = slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool {
		return o.GetAnnotations()["config.kubernetes.io/local-config"] == "true"
	})
	w, err := worldOf(objects)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// refused returns the pairs of a policy and an emitted object that the policy meets, with its message.
func refused(w *world, judgments []judgment) map[string]string {
	pairs := map[string]string{}
	origin := func(o object) object {
		if from, ok := w.origins[o]; ok {
			return from
		}
		return o
	}
	enabled := map[object]bool{}
	for _, j := range judgments {
		if j.policy == tokens && j.rule == "enable-pods" && j.result == "pass" {
			enabled[origin(j.object)] = true
		}
	}
	for _, j := range judgments {
		from := origin(j.object)
		switch {
		case j.policy == tokens: // of pods that need the token
			if j.rule == "disables-serviceaccounts" && j.result == "pass" && from != j.object && !enabled[from] {
				pairs[j.policy+" "+from.String()] = j.message
			}
		case j.object.kind == "ServiceAccount": // the policy about tokens changes those that others refuse
		case j.result == "fail" || j.result == "error":
			pairs[j.policy+" "+from.String()] = j.message
		}
	}
	return pairs
}

// exceptionsOf returns the pairs of a policy and an object that the prerequisites of the configurations in a directory
// list, and whether all of these are for Big Bang.
func exceptionsOf(t *testing.T, dir string) (pairs map[string]bool, isBigBang bool) {
	t.Helper()
	harness.Kustomize(t)
	run := harness.Command{}.Run(t, harness.MattermostFn(t), "check", "--output", "json", dir).MustSucceed(t)
	var results []struct {
		Prerequisite *struct {
			ID, Topic, Kind, Namespace, Name string
			Keys                             []string
		}
	}
	if err := json.Unmarshal([]byte(run.Stdout), &results); err != nil {
		t.Fatal(err)
	}
	pairs = map[string]bool{}
	for _, r := range results {
		p := r.Prerequisite
		if p == nil {
			continue
		}
		if p.ID == "alloy-not-redacted" {
			isBigBang = true
		}
		// Big Bang's policy about tokens has a list of namespaces, of which ours is mattermost.
		if p.Topic == "policies" && len(p.Keys) == 1 && (p.Keys[0] != tokens || p.Namespace == "mattermost") {
			namespace := p.Namespace
			if p.Kind == "Namespace" {
				namespace = ""
			}
			pairs[p.Keys[0]+" "+object{p.Kind, namespace, p.Name}.String()] = true
		}
	}
	return pairs, isBigBang
}

// kyverno applies policies to objects.
func kyverno(t *testing.T, policies string, objects []*unstructured.Unstructured) []judgment {
	t.Helper()
	kinds := []string{"Namespace", "ServiceAccount", "Service", "Deployment", "StatefulSet", "Pod"}
	objects = slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool {
		return !slices.Contains(kinds, o.GetKind())
	})
	run := harness.Command{}.Run(t, harness.Judge(t, "kyverno"), "apply", policies, "--resource",
		write(t, "objects.yaml", objects), "--policy-report", "--output-format", "json")
	all, err := judgments(run.Stdout)
	if err != nil || len(all) == 0 {
		t.Fatalf("%v, %d judgments\n%s", err, len(all), run)
	}
	return all
}

// write writes objects to a file and returns its path.
func write(t *testing.T, name string, objects []*unstructured.Unstructured) string {
	t.Helper()
	var text strings.Builder
	for _, o := range objects {
		one, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n")
		text.Write(one)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
