// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const bridge = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bridges.example.com}
spec:
  group: example.com
  names: {kind: Bridge, plural: bridges}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`

func TestPinnedDefinitions(t *testing.T) {
	sums := fmt.Sprintf("%x  example/bridges.yaml\n", sha256.Sum256([]byte(bridge)))
	offline := func(string) ([]byte, error) { return nil, fmt.Errorf("no network") }
	serve := func(text string) func(string) ([]byte, error) {
		return func(string) ([]byte, error) { return []byte(text), nil }
	}
	cases := map[string]struct {
		there string // content of the directory, "" for nothing
		fetch func(string) ([]byte, error)
		want  string // part of the error, "" for success
	}{
		"a directory next to the project": {there: bridge},
		"a changed file next to the project": {there: bridge + "# changed\n",
			want: "does not have the pinned SHA-256"},
		"a file that is missing next to the project":     {want: "no such file"},
		"an empty cache is filled":                       {fetch: serve(bridge)},
		"a full cache needs no network":                  {there: bridge, fetch: offline},
		"a damaged cache is filled again":                {there: "half a fi", fetch: serve(bridge)},
		"an empty cache without network":                 {fetch: offline, want: "no network"},
		"upstream serves something else than was pinned": {fetch: serve("<html>"), want: "does not have the pinned SHA-256"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "example", "bridges.yaml")
			if c.there != "" {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(c.there), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			v := New()
			err := v.loadPinned(shelf{dir: dir, fetch: c.fetch}, []byte(sums))
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("error %v, want one with %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text, _ := os.ReadFile(file); string(text) != bridge {
				t.Errorf("the directory holds %q", text)
			}
			object := "apiVersion: example.com/v1\nkind: Bridge\nmetadata: {name: a, namespace: b}\n"
			if report := v.Hold("a.yaml", []byte(object)); report.Checked != 1 || len(report.Findings) > 0 {
				t.Error(report.Summary(), report.Findings)
			}
		})
	}
}

func TestEveryPinnedFileHasItsRepository(t *testing.T) {
	known := map[string]bool{}
	for _, r := range repositories {
		known[r.dir] = true
	}
	for _, line := range strings.Split(strings.TrimSpace(string(definitionSums)), "\n") {
		_, name, _ := strings.Cut(line, "  ")
		dir, _, _ := strings.Cut(name, "/")
		if !known[dir] {
			t.Errorf("%s: no repository is called %q", name, dir)
		}
	}
}

func TestObjectsOfRepositoriesAreDeferredNotPassed(t *testing.T) {
	const text = "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: a, namespace: b}\n"
	v := New()
	if report := v.Hold("a.yaml", []byte(text)); len(report.Findings) != 1 || report.Checked != 0 {
		t.Errorf("before its repository is known: %s", report.Summary())
	}
	v.DeferRepositories()
	report := v.Hold("a.yaml", []byte(text))
	if got, want := report.Summary(), "0 objects judged, 0 findings; deferred, because no definition is loaded: "+
		"1 Mattermost.installation.mattermost.com"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhereARepositoryServesItsFiles(t *testing.T) {
	got := repositories[0].url("installation.mattermost.com_mattermosts.yaml")
	const want = "https://raw.githubusercontent.com/mattermost/mattermost-operator/07a736bb/" +
		"config/crd/bases/installation.mattermost.com_mattermosts.yaml"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDefinitionsAreThoseThatWereLoaded(t *testing.T) {
	v := New()
	for _, text := range []string{bridge, strings.NewReplacer("Bridge", "Arch", "bridges", "arches").Replace(bridge)} {
		if err := v.Load("loaded", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for _, definition := range v.Definitions() {
		names = append(names, definition.Name)
	}
	if got := strings.Join(names, " "); got != "arches.example.com bridges.example.com" {
		t.Errorf("got %s", got)
	}
}
