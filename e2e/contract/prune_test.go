// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// kustomize with earlier output among its resources: what the configuration no longer needs is not built, and the
// output of configurations that are not among the resources is.
func TestKustomizeTransformersRemoveWhatIsLeftOver(t *testing.T) {
	earlier := harness.KustomizeBuild(t, harness.Tree{"mattermost.yaml": plain,
		"kustomization.yaml": "generators: [mattermost.yaml]\n"}.Lay(t)).MustSucceed(t).Stdout
	const route, server = "VirtualService mattermost/mattermost", "Mattermost mattermost/mattermost"
	trigger := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " +
		"run\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: mattermost-fn}\n"
	routeless := configuration("{domain: bigbang.dev, route: {type: none}}")
	for name, c := range map[string]struct {
		tree       harness.Tree
		gone, kept []string
	}{
		"nothing changed": {harness.Tree{"kustomization.yaml": "resources: [earlier.yaml]\ntransformers: " +
			"[c.yaml]\n", "c.yaml": plain}, nil, []string{route, server}},
		"a feature is switched off": {harness.Tree{"kustomization.yaml": "resources: [earlier.yaml]\ntransformers: " +
			"[c.yaml]\n", "c.yaml": routeless}, []string{route}, []string{server}},
		"configuration among resources": {harness.Tree{"kustomization.yaml": "resources: [earlier.yaml, " +
			"c.yaml]\ntransformers: [run.yaml]\n", "c.yaml": routeless, "run.yaml": trigger}, []string{route}, []string{server}},
		"output of another run": {harness.Tree{"kustomization.yaml": "resources: [earlier.yaml]\ntransformers: " +
			"[run.yaml]\n", "run.yaml": trigger}, nil, []string{route, server}},
		"another one's run": {harness.Tree{"kustomization.yaml": "resources: [earlier.yaml]\ntransformers: " +
			"[c.yaml]\n", "c.yaml": other}, nil, []string{route, server, "Mattermost other/other"}},
		"two generators, then transformed": {harness.Tree{"kustomization.yaml": "generators: [a.yaml, " +
			"c.yaml]\ntransformers: [c.yaml]\n", "a.yaml": plain, "c.yaml": other}, nil,
			[]string{route, server, "Mattermost other/other"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.tree["earlier.yaml"] = earlier
			built := slices.Collect(maps.Keys(owned(t, harness.KustomizeBuild(t, c.tree.Lay(t)).MustSucceed(t).Stdout)))
			for _, object := range c.gone {
				if slices.Contains(built, object) {
					t.Errorf("%s is still there", object)
				}
			}
			for _, object := range c.kept {
				if !slices.Contains(built, object) {
					t.Errorf("%s is gone", object)
				}
			}
		})
	}
}

// A build with buildMetadata: [managedByLabel] replaces the label of everything that is emitted. The output of that
// build stays managed: the next run completes nothing as an object of the user's, and removes what is left over. A
// label of anyone else hands the objects over.
func TestKustomizeReplacesTheManagedByLabel(t *testing.T) {
	const route, server = "VirtualService mattermost/mattermost", "Mattermost mattermost/mattermost"
	const logs = "logging: {fluentBit: {enabled: false}}"
	plain, routeless := configuration("{domain: bigbang.dev, "+logs+"}"), configuration("{domain: bigbang.dev, "+
		"route: {type: none}, "+logs+"}")
	build := func(tree harness.Tree) harness.Run { return harness.KustomizeBuild(t, tree.Lay(t)).MustSucceed(t) }
	for name, c := range map[string]struct {
		kustomization, label string
		isManaged            bool
	}{
		"by kustomize": {"buildMetadata: [managedByLabel]\n", "kustomize-", true},
		"by the user":  {"labels: [{pairs: {app.kubernetes.io/managed-by: flux}}]\n", "flux", false},
	} {
		t.Run(name, func(t *testing.T) {
			labeled := build(harness.Tree{"mattermost.yaml": plain,
				"kustomization.yaml": "generators: [mattermost.yaml]\n" + c.kustomization}).Stdout
			if !strings.Contains(labeled, "app.kubernetes.io/managed-by: "+c.label) {
				t.Fatalf("kustomize replaced no label: %s", labeled)
			}
			again := build(harness.Tree{"earlier.yaml": labeled, "c.yaml": plain,
				"kustomization.yaml": "resources: [earlier.yaml]\ntransformers: [c.yaml]\n"})
			if c.isManaged && strings.Contains(again.Stderr, "is not managed by mattermost-fn") {
				t.Error(again.Stderr)
			}
			earlier := build(harness.Tree{"mattermost.yaml": plain, "kustomization.yaml": "generators: [mattermost.yaml]\n"})
			if c.isManaged && !maps.Equal(owned(t, again.Stdout), owned(t, earlier.Stdout)) {
				t.Errorf("the second run made\n%s\nwant\n%s", again.Stdout, earlier.Stdout)
			}
			left := build(harness.Tree{"earlier.yaml": labeled, "c.yaml": routeless,
				"kustomization.yaml": "resources: [earlier.yaml]\ntransformers: [c.yaml]\n"}).Stdout
			objects, err := conventions.ByName(left)
			if err != nil {
				t.Fatal(err)
			}
			if _, kept := objects[route]; kept == c.isManaged {
				t.Errorf("the route is kept: %v", kept)
			}
			if _, kept := objects[server]; !kept {
				t.Error("the server is gone")
			}
		})
	}
}

const other = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: other
  namespace: other
  annotations:
    config.kubernetes.io/function: |
      exec: {path: mattermost-fn}
spec: {domain: example.com}
`
