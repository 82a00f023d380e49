// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A Tree is the content of every file below a directory, by its path with slashes.
type Tree map[string]string

// ReadTree reads every file below a directory.
func ReadTree(t testing.TB, dir string) Tree {
	t.Helper()
	tree := Tree{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		tree[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Write puts every file of the tree below a directory.
func (tree Tree) Write(t testing.TB, dir string) {
	t.Helper()
	for name, text := range tree {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Lay writes the tree into a directory of its own, which is removed after the test.
func (tree Tree) Lay(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	tree.Write(t, dir)
	return dir
}

// MustEqual fails the test where the trees differ in a name or a byte.
func (tree Tree) MustEqual(t testing.TB, want Tree) {
	t.Helper()
	if diff := cmp.Diff(want, tree); diff != "" {
		t.Errorf("the directory is not as it should be (- wanted, + there):\n%s", diff)
	}
}

// YAML returns everything that kpt would read: the documents of the Kptfile and of every YAML file, in the order of
// their paths.
func (tree Tree) YAML() string {
	var documents []string
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		if name == "Kptfile" || strings.HasSuffix(name, ".yaml") {
			documents = append(documents, strings.TrimPrefix(tree[name], "---\n"))
		}
	}
	return strings.Join(documents, "---\n")
}
