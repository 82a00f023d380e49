package harness

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An Example is a folder below examples/ that holds an expected.yaml: the whole output of the kustomization or of the kpt
// package that stands beside it.
type Example struct {
	Name   string // path below examples/
	Folder string
}

// Expected is the path of the golden file.
func (e Example) Expected() string { return filepath.Join(e.Folder, "expected.yaml") }

// Has tells whether a file stands in the example's folder.
func (e Example) Has(file string) bool {
	_, err := os.Stat(filepath.Join(e.Folder, file))
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
		folder := filepath.Dir(path)
		name, err := filepath.Rel(top, folder)
		examples = append(examples, Example{Name: filepath.ToSlash(name), Folder: folder})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) == 0 {
		t.Fatalf("no folder below %s holds an expected.yaml", top)
	}
	return examples
}

// Resources are the YAML files of the example, as `mattermost-fn render` takes them.
func (e Example) Resources(t testing.TB) []string {
	t.Helper()
	var files []string
	for name := range ReadTree(t, e.Folder) {
		if strings.HasSuffix(name, ".yaml") && name != "expected.yaml" && name != "kustomization.yaml" {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return files
}
