// SPDX-License-Identifier: Apache-2.0

// Package examples builds every directory below examples/ that holds an expected.yaml, with the real kustomize, and
// holds the outcome against the file, against the API server's own code and against what the project promises.
package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/apivalidation"
	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/golden"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// build makes the whole output of an example. A kpt package is made by `mattermost-fn render` here, since kpt is not a
// Go module; the suite e2e/kpt makes it with kpt and compares with the same file.
func build(t *testing.T, example harness.Example) string {
	t.Helper()
	if example.Has("Kptfile") {
		arguments := append([]string{"render"}, example.Resources(t)...)
		return harness.Command{Dir: example.Dir}.Run(t, harness.MattermostFn(t), arguments...).MustSucceed(t).Stdout
	}
	return harness.KustomizeBuild(t, example.Dir).MustSucceed(t).Stdout
}

func TestExamplesAreBuiltAsExpected(t *testing.T) {
	for _, example := range harness.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			first, second := build(t, example), build(t, example)
			if first != second {
				t.Error("two builds of the same directory differ")
			}
			golden.File(t, example.Expected(), first)
		})
	}
}

func TestEveryExampleShowsWhatItBuilds(t *testing.T) {
	dirs, err := os.ReadDir(filepath.Join(harness.Root(), "examples"))
	if err != nil {
		t.Fatal(err)
	}
	built := map[string]bool{}
	for _, example := range harness.Examples(t) {
		top, _, _ := strings.Cut(example.Name, "/")
		built[top] = true
	}
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		if !built[dir.Name()] {
			t.Errorf("examples/%s: neither it nor a directory below it holds an expected.yaml, "+
				"so nothing builds it (touch one, then make examples)", dir.Name())
		}
		if _, err := os.Stat(filepath.Join(harness.Root(), "examples", dir.Name(), "README.md")); err != nil {
			t.Errorf("examples/%s: has no README.md", dir.Name())
		}
	}
}

func TestExpectedOutputPassesTheAPIServersValidation(t *testing.T) {
	v := apivalidation.New()
	if err := v.LoadModules(); err != nil {
		t.Fatal(err)
	}
	v.DeferRepositories() // make e2e has their definitions
	var total apivalidation.Report
	for _, example := range harness.Examples(t) {
		text, err := os.ReadFile(example.Expected())
		if err != nil {
			t.Fatal(err)
		}
		total.Add(v.Hold(example.Name+"/expected.yaml", text))
	}
	for _, finding := range total.Findings {
		t.Error(finding)
	}
	t.Log(total.Summary())
}

func TestExpectedOutputFollowsTheConventions(t *testing.T) {
	for _, example := range harness.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			text, err := os.ReadFile(example.Expected())
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range conventions.Check(string(text)) {
				t.Error(fault)
			}
		})
	}
}
