// SPDX-License-Identifier: Apache-2.0

package kpt

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/golden"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// Packages before and after a run in place: testdata/inplace/*/before and after, with what
// the function says in messages.txt. The second run changes no byte and says nothing.
func TestInPlace(t *testing.T) {
	cases, err := filepath.Glob("testdata/inplace/*")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no packages in testdata/inplace: %v", err)
	}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			before := harness.ReadTree(t, filepath.Join(dir, "before"))
			place := before.Lay(t)
			announced := announced(t, place)
			harness.ReadTree(t, place).MustEqual(t, before)
			golden.File(t, filepath.Join(dir, "messages.txt"), messages(t, place))
			made, after := harness.ReadTree(t, place), filepath.Join(dir, "after")
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.RemoveAll(after); err != nil {
					t.Fatal(err)
				}
				made.Write(t, after)
			}
			made.MustEqual(t, harness.ReadTree(t, after))
			if written := differing(before, made); !slices.Equal(written, announced) {
				t.Errorf("kpt wrote or removed %q, and render --diff announced %q", written, announced)
			}
			again := messages(t, place)
			harness.ReadTree(t, place).MustEqual(t, made)
			if strings.Contains(again, "removed") || strings.Contains(again, "added") || strings.Contains(again, "up to date") ||
				strings.Contains(again, "not ours") {
				t.Errorf("the second run reported\n%s", again)
			}
		})
	}
}

// announced are the files in which something happens according to render --diff.
func announced(t *testing.T, dir string) []string {
	t.Helper()
	run := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), "render", "--diff", ".")
	list, _, _ := strings.Cut(run.Stdout, "\n\n")
	files := map[string]bool{}
	for line := range strings.SplitSeq(list, "\n") {
		if fields := strings.Fields(line); len(fields) == 4 && fields[0] != "unchanged" {
			files[fields[3]] = true
		}
	}
	return slices.Sorted(maps.Keys(files))
}

// differing are the files that are not the same in both trees.
func differing(a, b harness.Tree) []string {
	files := map[string]bool{}
	for _, tree := range []harness.Tree{a, b} {
		for name := range tree {
			if textA, inA := a[name]; inA {
				if textB, inB := b[name]; inB && textA == textB {
					continue
				}
			}
			files[name] = true
		}
	}
	return slices.Sorted(maps.Keys(files))
}

// said renders a package and returns what the function said.
func messages(t *testing.T, dir string) string {
	t.Helper()
	results := t.TempDir()
	kpt(t, "fn", "render", dir, "--allow-exec", "--truncate-output=false", "--results-dir", results)
	return stderrIn(harness.ReadTree(t, results)["results.yaml"])
}

// kustomize replaces the label managed-by of everything that it builds, where a kustomization has buildMetadata. A run
// in place still knows its objects: it restores the label, and removes what is no longer needed.
func TestReplacedManagedByLabel(t *testing.T) {
	const label = "app.kubernetes.io/managed-by: "
	for name, tree := range packages(t) {
		t.Run(name, func(t *testing.T) {
			dir := tree.Lay(t)
			kpt(t, "fn", "render", dir, "--allow-exec")
			first, labeled := harness.ReadTree(t, dir), harness.Tree{}
			for file, text := range first {
				labeled[file] = text
				if _, given := tree[file]; !given {
					labeled[file] = strings.ReplaceAll(text, label+"mattermost-fn", label+"kustomize-v5.8.2")
				}
			}
			if len(differing(first, labeled)) == 0 {
				t.Fatal("no label was replaced")
			}
			place := labeled.Lay(t)
			if said := messages(t, place); strings.Contains(said, "is not managed by") {
				t.Errorf("the second run reported\n%s", said)
			}
			harness.ReadTree(t, place).MustEqual(t, first)
		})
	}
}

// A selector that hides a part of the package is refused, whatever it hides, and nothing changes. Without the refusal
// kpt would add what is hidden a second time, or the function would remove what belongs to a hidden configuration.
func TestSelectorsAreRefused(t *testing.T) {
	rendered := harness.ReadTree(t, "testdata/small").Lay(t)
	kpt(t, "fn", "render", rendered, "--allow-exec")
	for name, step := range map[string]string{
		"earlier output is hidden": "    configPath: mattermost.yaml\n    selectors:\n    - kind: " +
			"MattermostConfig\n",
		"a part of earlier output is hidden": "    configPath: mattermost.yaml\n    exclude:\n    - kind: Secret\n",
		"everything is hidden": "    configPath: mattermost.yaml\n    selectors:\n    - " +
			"kind: NoSuchKind\n",
		"the configuration is hidden": "    exclude:\n    - kind: MattermostConfig\n",
		"the configuration is hidden, but is one": "    configPath: mattermost.yaml\n    exclude:\n    - kind: " +
			"MattermostConfig\n",
	} {
		t.Run(name, func(t *testing.T) {
			tree := harness.ReadTree(t, rendered)
			head, _, _ := strings.Cut(tree["Kptfile"], "pipeline:")
			tree["Kptfile"] = head + "pipeline:\n  mutators:\n  - exec: mattermost-fn\n" + step
			dir := tree.Lay(t)
			run := harness.Command{}.Run(t, harness.Kpt(t), "fn", "render", dir, "--allow-exec",
				"--truncate-output=false").MustFail(t)
			if !strings.Contains(run.Stderr, "selectors") {
				t.Errorf("messages\n%s", run.Stderr)
			}
			harness.ReadTree(t, dir).MustEqual(t, tree)
		})
	}
}

// The same selectors on kpt's command line.
func TestSelectorsOfEvalAreRefused(t *testing.T) {
	tree := harness.ReadTree(t, "testdata/small")
	dir := tree.Lay(t)
	kpt(t, "fn", "render", dir, "--allow-exec")
	tree = harness.ReadTree(t, dir)
	for _, selector := range []string{"--match-kind=MattermostConfig", "--exclude-kind=Secret"} {
		run := harness.Command{}.Run(t, harness.Kpt(t), "fn", "eval", dir, "--exec", "mattermost-fn", selector,
			"--truncate-output=false").MustFail(t)
		if !strings.Contains(run.Stderr, "selectors") {
			t.Errorf("%s: messages\n%s", selector, run.Stderr)
		}
		harness.ReadTree(t, dir).MustEqual(t, tree)
	}
}

// Who runs the function on a directory below the package shows it the output without the configuration.
func TestAFolderBelowThePackageKeepsItsObjects(t *testing.T) {
	dir := harness.ReadTree(t, "testdata/small").Lay(t)
	kpt(t, "fn", "render", dir, "--allow-exec")
	before := harness.ReadTree(t, dir)
	run := kpt(t, "fn", "eval", filepath.Join(dir, "mattermost"), "--exec", "mattermost-fn", "--truncate-output=false")
	harness.ReadTree(t, dir).MustEqual(t, before)
	if !strings.Contains(run.Stderr, "are kept because the input may be incomplete") {
		t.Errorf("messages\n%s", run.Stderr)
	}
}

// stderrIn is what the functions wrote to standard error, of the results that kpt writes.
func stderrIn(results string) string {
	var list struct {
		Items []struct{ Stderr string }
	}
	if err := yaml.Unmarshal([]byte(results), &list); err != nil {
		return err.Error()
	}
	text := ""
	for _, item := range list.Items {
		text += item.Stderr
	}
	return text
}
