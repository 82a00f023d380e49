// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// metadata.yaml is what a catalog shows: it lists every example, and each has a title in its first line.
func TestMetadataListsEveryExample(t *testing.T) {
	var metadata struct {
		Image, Description, License string
		Tags                        []string
		ExamplePackageURLs          []string
	}
	readYAML(t, filepath.Join(harness.Root(), "metadata.yaml"), &metadata)
	if metadata.Image == "" || metadata.Description == "" || metadata.License != "Apache-2.0" ||
		!slices.Contains(metadata.Tags, "mutator") {
		t.Errorf("metadata %+v", metadata)
	}
	var dirs []string
	for _, example := range harness.Examples(t) {
		top, _, _ := strings.Cut(example.Name, "/")
		dirs = append(dirs, "examples/"+top)
		readme := harness.ReadTree(t, filepath.Join(harness.Root(), "examples", top))["README.md"]
		if !strings.HasPrefix(readme, "# "+top+": ") {
			t.Errorf("examples/%s/README.md begins %.40q, want its name and a title", top, readme)
		}
	}
	slices.Sort(dirs)
	if diff := cmp.Diff(slices.Compact(dirs), metadata.ExamplePackageURLs); diff != "" {
		t.Errorf("- directories, + metadata.yaml:\n%s", diff)
	}
}
