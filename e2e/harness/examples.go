// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An Example is a directory below examples/ with an expected.yaml: the whole output of the kustomization or the kpt
// package in it.
type Example struct {
	Name string // path below examples/
	Dir  string
}

// Expected is the path of the golden file.
func (e Example) Expected() string { return filepath.Join(e.Dir, "expected.yaml") }

// Has reports whether the example's directory contains a file.
func (e Example) Has(file string) bool {
	_, err := os.Stat(filepath.Join(e.Dir, file))
	return err == nil
}

// Examples finds every example.
func Examples(t testing.TB) []Example {
	t.Helper()
	top := filepath.Join(Root(), "examples")
	var examples []Example
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "expected.yaml" {
			return err
		}
		dir := filepath.Dir(path)
		name, err := filepath.Rel(top, dir)
		examples = append(examples, Example{Name: filepath.ToSlash(name), Dir: dir})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) == 0 {
		t.Fatalf("no directory below %s holds an expected.yaml", top)
	}
	return examples
}

// Resources are the YAML files of the example that contain resources, as `mattermost-fn render` takes them.
func (e Example) Resources(t testing.TB) []string {
	t.Helper()
	var files []string
	for name, text := range ReadTree(t, e.Dir) {
		isResource := path.Base(name) != "kustomization.yaml" && strings.Contains("\n"+text, "\nkind: ")
		if strings.HasSuffix(name, ".yaml") && name != "expected.yaml" && isResource {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return files
}
