// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// The kpt functions SDK reads every list that the function writes: of every example, and of every configuration that a
// rule accepts or refuses. Given the list as the SDK writes it, in another order and style, the function changes
// nothing more.
func TestTheSDKReadsEveryList(t *testing.T) {
	lists := map[string][]string{} // documents by name
	for _, example := range harness.Examples(t) {
		for _, file := range example.Resources(t) {
			lists[example.Name] = append(lists[example.Name], documents(t, filepath.Join(example.Dir, file))...)
		}
	}
	files, err := filepath.Glob(filepath.Join(harness.Root(), "internal", "rules", "testdata", "*", "*.yaml"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d configurations of rules, %v", len(files), err)
	}
	for _, file := range files {
		lists[filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)] = documents(t, file)
	}
	var accepted atomic.Int32
	t.Cleanup(func() { t.Logf("%d lists, %d of them accepted", len(lists), accepted.Load()) })
	for name, items := range lists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := function(t, items...)
			written, faults := conventions.CheckList(run.Stdout, run.Stderr)
			for _, fault := range faults {
				t.Error(fault)
			}
			if run.Code != 0 || t.Failed() {
				return
			}
			accepted.Add(1)
			again := harness.Command{Stdin: written}.Run(t, harness.MattermostFn(t)).MustSucceed(t)
			if again.Stdout != written {
				t.Errorf("the second run changed\n%s\nto\n%s", written, again.Stdout)
			}
		})
	}
}

// function runs the function on documents as the items of a list.
func function(t *testing.T, items ...string) harness.Run {
	t.Helper()
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
	for _, item := range items {
		list += "- " + strings.ReplaceAll(strings.TrimSuffix(item, "\n"), "\n", "\n  ") + "\n"
	}
	return harness.Command{Stdin: list}.Run(t, harness.MattermostFn(t))
}

// documents are the documents of a YAML file.
func documents(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, document := range strings.Split("\n"+string(text), "\n---\n") {
		if document = strings.Trim(document, "\n"); document != "" {
			all = append(all, document)
		}
	}
	return all
}
