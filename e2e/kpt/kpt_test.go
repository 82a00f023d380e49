// SPDX-License-Identifier: Apache-2.0

// Package kpt runs the function in the real kpt: in place, twice, on a package, with eval, and in a pipe.
package kpt

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/golden"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

func kpt(t *testing.T, arguments ...string) harness.Run {
	t.Helper()
	harness.MattermostFn(t)
	return harness.Command{}.Run(t, harness.Kpt(t), arguments...).MustSucceed(t)
}

// packages are the kpt packages that are tried: the examples, and those of testdata.
func packages(t *testing.T) map[string]harness.Tree {
	t.Helper()
	trees := map[string]harness.Tree{}
	for _, example := range harness.Examples(t) {
		if example.Has("Kptfile") {
			trees["examples/"+example.Name] = harness.ReadTree(t, example.Dir)
		}
	}
	if len(trees) == 0 {
		t.Error("no example is a kpt package")
	}
	dirs, err := filepath.Glob("testdata/*/Kptfile")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no packages in testdata: %v", err)
	}
	for _, kptfile := range dirs {
		dir := filepath.Dir(kptfile)
		trees[dir] = harness.ReadTree(t, dir)
	}
	return trees
}

func TestASecondRunChangesNothing(t *testing.T) {
	for name, tree := range packages(t) {
		t.Run(name, func(t *testing.T) {
			dir := tree.Lay(t)
			kpt(t, "fn", "render", dir, "--allow-exec")
			first := harness.ReadTree(t, dir)
			if len(first) <= len(tree) {
				t.Error("the first run added no file")
			}
			kpt(t, "fn", "render", dir, "--allow-exec")
			harness.ReadTree(t, dir).MustEqual(t, first)
		})
	}
}

// An object of the user's with the name of one of ours is completed, not replaced: comments and what we do not know
// stay, the user is told, and no ownership metadata is added to it.
func TestAnObjectOfTheUsersIsCompleted(t *testing.T) {
	dir := harness.ReadTree(t, "testdata/merged").Lay(t)
	run := kpt(t, "fn", "render", dir, "--allow-exec", "--truncate-output=false")
	after := harness.ReadTree(t, dir)
	golden.File(t, "testdata/merged-route.yaml", after["route.yaml"])
	if !strings.Contains(run.Stderr, "VirtualService mattermost/mattermost") &&
		!strings.Contains(run.Stderr, "route.yaml") {
		t.Errorf("no message:\n%s", run.Stderr)
	}
	for name, text := range after {
		if name != "route.yaml" && strings.Contains(text, "kind: VirtualService") {
			t.Errorf("there is another one in %s", name)
		}
	}
}

func TestEvalDoesWhatRenderDoes(t *testing.T) {
	for name, tree := range packages(t) {
		t.Run(name, func(t *testing.T) {
			rendered, evaluated := tree.Lay(t), tree.Lay(t)
			kpt(t, "fn", "render", rendered, "--allow-exec")
			for _, configuration := range harness.KptConfigurations(t, evaluated) {
				kpt(t, "fn", "eval", evaluated, "--exec", "mattermost-fn", "--fn-config", filepath.Join(evaluated, configuration))
			}
			harness.ReadTree(t, evaluated).MustEqual(t, harness.ReadTree(t, rendered))
		})
	}
}

// Without --fn-config kpt sends an empty ConfigMap for one; the configuration is among the items.
func TestEvalFindsTheConfigurationInThePackage(t *testing.T) {
	for name, tree := range packages(t) {
		t.Run(name, func(t *testing.T) {
			rendered, evaluated := tree.Lay(t), tree.Lay(t)
			kpt(t, "fn", "render", rendered, "--allow-exec")
			kpt(t, "fn", "eval", evaluated, "--exec", "mattermost-fn")
			harness.ReadTree(t, evaluated).MustEqual(t, harness.ReadTree(t, rendered))
		})
	}
}

// kpt fn source | mattermost-fn | kpt fn sink
func TestAPipeDoesWhatRenderDoes(t *testing.T) {
	for name, tree := range packages(t) {
		t.Run(name, func(t *testing.T) {
			rendered, source, sink := tree.Lay(t), tree.Lay(t), filepath.Join(t.TempDir(), "sink")
			kpt(t, "fn", "render", rendered, "--allow-exec")
			configurations := harness.KptConfigurations(t, source)
			if len(configurations) != 1 {
				t.Skipf("%d functions in the pipeline", len(configurations))
			}
			list := kpt(t, "fn", "source", source, "--fn-config", filepath.Join(source, configurations[0]))
			piped := harness.Command{Stdin: list.Stdout}.Run(t, harness.MattermostFn(t)).MustSucceed(t)
			harness.Command{Stdin: piped.Stdout}.Run(t, harness.Kpt(t), "fn", "sink", sink).MustSucceed(t)

			harness.ReadTree(t, sink).MustEqual(t, resources(harness.ReadTree(t, rendered)))
		})
	}
}

// resources are the files of a package that kpt reads: its .krmignore excepts some, and the rest is not YAML.
func resources(tree harness.Tree) harness.Tree {
	ignored := strings.Fields(tree[".krmignore"])
	read := harness.Tree{}
	for name, text := range tree {
		if (name == "Kptfile" || strings.HasSuffix(name, ".yaml")) && !slices.Contains(ignored, name) {
			read[name] = text
		}
	}
	return read
}

// The golden file of a package that is an example is made without kpt (make test needs nothing but Go); kpt makes the
// same objects, which also name the file of their configuration.
func TestAnExampleRendersToItsGoldenFile(t *testing.T) {
	for _, example := range harness.Examples(t) {
		if !example.Has("Kptfile") {
			continue
		}
		t.Run(example.Name, func(t *testing.T) {
			tree := harness.ReadTree(t, example.Dir)
			dir := tree.Lay(t)
			kpt(t, "fn", "render", dir, "--allow-exec")
			got := objects(t, withoutConfigurations(resources(harness.ReadTree(t, dir)).YAML()))
			want := objects(t, tree["expected.yaml"])
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("- expected.yaml, + kpt:\n%s", diff)
			}
		})
	}
}

// withoutConfigurations removes the annotation with the file of the configuration.
func withoutConfigurations(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "mattermost.bigbang.dev/configuration:") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// objects are the documents of a text by kind, namespace and name.
func objects(t *testing.T, text string) map[string]string {
	t.Helper()
	byName, err := conventions.ByName(text)
	if err != nil {
		t.Fatal(err)
	}
	return byName
}
