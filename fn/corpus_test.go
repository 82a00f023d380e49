// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// unusual contains objects in YAML styles that the reader of lists does not know. Their neighbors must stay as they
// are.
var unusual = map[string]string{
	"anchor":      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata: &d {k: v}\nother: *d\n",
	"tag":         "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  k: !!str 1\n",
	"tab":         "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  k:\tv\n",
	"flow":        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata: {a: b,\n  c: d}\n",
	"plain":       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  k: one\n    two\n",
	"complex key": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  ? k\n  : v\n",
	"folded":      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  k: >-\n    a\n      b\n    c\n",
	"managed": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  managedFields:\n  - fieldsV1:\n      " +
		"k:{\"uid\":\"1\"}:\n        .: {}\n",
	"column 1":     "# the file\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n",
	"quoted":       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  k: \"a\n\n    b\"\n",
	"merge key":    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\na: &a {b: c}\nd:\n  <<: *a\n",
	"flow comment": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata: [a, # one\n  b]\n",
}

// manifests returns the YAML files with Kubernetes objects in the module cache, which differs between machines.
func manifests(t *testing.T) []string {
	t.Helper()
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("no go command")
	}
	var files []string
	err = filepath.WalkDir(strings.TrimSpace(string(cache)), func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if entry.Type().IsRegular() && (strings.HasSuffix(file, ".yaml") || strings.HasSuffix(file, ".yml")) {
			files = append(files, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// maxManifest limits the size of a file of this test, in bytes.
const maxManifest = 200 << 10

// documents returns the objects of a file in block style. It leaves out what a list cannot contain.
func documents(data []byte) []string {
	var found []string
	for document := range strings.SplitSeq(strings.ReplaceAll("\n"+string(data), "\r\n", "\n"), "\n---") {
		document = strings.TrimPrefix(document, "\n")
		var node yaml.Node
		if yaml.Unmarshal([]byte(document), &node) != nil || len(node.Content) == 0 ||
			node.Content[0].Kind != yaml.MappingNode || node.Content[0].Style&yaml.FlowStyle != 0 ||
			!strings.HasSuffix(document, "\n") || strings.HasPrefix(document, " ") || strings.Contains(document, "\n..") ||
			strings.HasPrefix(document, "%") || strings.Contains(document, "mattermost.bigbang.dev") {
			continue
		}
		found = append(found, document)
	}
	return found
}

// Real manifests come out byte for byte, also with an unusual neighbor, and after three runs.
func TestRealManifests(t *testing.T) {
	kinds := slices.Sorted(maps.Keys(unusual))
	var batch []string
	objects, batches := 0, 0
	check := func() {
		kind := kinds[batches%len(kinds)]
		batches++
		objects += len(batch)
		middle := len(batch) / 2
		input := list("", slices.Concat([]string{smallest}, batch[:middle], []string{unusual[kind]}, batch[middle:])...)
		_, want, _ := strings.Cut(input, "\nitems:\n")
		for n := range 3 {
			r := run(input)
			if r.exit != 0 || !strings.Contains(r.out, want) {
				t.Errorf("batch %d with %s, run %d: exit %d, got %.300s\n%.500s", batches, kind, n+1, r.exit, r.errors, want)
				break
			}
			input = r.out
		}
		batch = nil
	}
	for _, file := range manifests(t) {
		data, err := os.ReadFile(file)
		if err != nil || len(data) > maxManifest || !bytes.Contains(data, []byte("apiVersion:")) {
			continue
		}
		if batch = append(batch, documents(data)...); len(batch) >= 20 {
			check()
		}
	}
	if objects < 100 {
		t.Skipf("only %d manifests are in the module cache", objects)
	}
	t.Logf("%d objects in %d lists", objects, batches)
}
