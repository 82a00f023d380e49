// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// noStream is a stream without other resources, as a kustomize generator gets it.
type noStream struct{}

func (noStream) SecretKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

// planOf returns the plan of a configuration with the given spec, named chat in the namespace teams.
func planOf(t testing.TB, spec string) *plan.Plan { return planOfName(t, "chat", spec) }

func planOfName(t testing.TB, name, spec string) *plan.Plan {
	t.Helper()
	node, err := yaml.Parse("metadata: {name: " + name + ", namespace: teams}\nspec: " + spec + "\n")
	if err != nil {
		t.Fatalf("%v in\n%s", err, spec)
	}
	config := &v1alpha1.MattermostConfig{}
	lines, problems := decode.Strict(node.YNode(), config)
	if len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, spec)
	}
	config.SetDefaults()
	report := &result.Reporter{}
	p := plan.New(config, func(field string) bool { _, given := lines[field]; return given }, noStream{}, report)
	if report.HasErrors() {
		t.Fatalf("%v in\n%s", report.Results, spec)
	}
	return p
}

// manifest returns the manifest of an object.
func manifest(t testing.TB, object Object) string {
	t.Helper()
	out, err := Manifest(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// manifestNode returns the parsed manifest of an object.
func manifestNode(t testing.TB, object Object) *yaml.RNode {
	t.Helper()
	out := manifest(t, object)
	node, err := yaml.Parse(out)
	if err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if again, err := node.String(); err != nil || again != out {
		t.Fatalf("a tool that only reads and writes the manifest changes it to\n%s\nfrom\n%s\n%v", again, out, err)
	}
	return node
}

// manifests returns the manifests of objects as one YAML stream.
func manifests(t testing.TB, objects []Object) string {
	t.Helper()
	all := ""
	for i, object := range objects {
		if i > 0 {
			all += "---\n"
		}
		all += manifest(t, object)
	}
	return all
}

// wantManifests fails the test unless the objects have the wanted manifests.
func wantManifests(t *testing.T, objects []Object, want string) {
	t.Helper()
	if got := manifests(t, objects); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// header returns the beginning of a manifest of the installation chat.
func header(apiVersion, kind, name, component string) string {
	return `apiVersion: ` + apiVersion + `
kind: ` + kind + `
metadata:
  name: ` + name + `
  namespace: teams
  labels:
    app.kubernetes.io/component: ` + component + `
    app.kubernetes.io/instance: chat
    app.kubernetes.io/managed-by: mattermost-fn
    app.kubernetes.io/name: mattermost
    app.kubernetes.io/part-of: mattermost
    app.kubernetes.io/version: 11.10.0
  annotations:
    mattermost.bigbang.dev/owner: teams/chat
`
}

func (noStream) ConfigMapKey(string, string, string) (string, plan.KeyState) {
	return "", plan.SecretMissing
}

func (noStream) Earlier(_, _, _, _, _ string) *resourcelist.Item { return nil }

func (noStream) Foreign(_, _, _, _ string) *resourcelist.Item { return nil }
