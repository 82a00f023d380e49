// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/importer"
)

// shapes are values of every kind, which a value of the input is replaced by.
var shapes = []string{"null", `""`, "text", "7", "true", "[]", "{}", "[text]", "{a: b}", "[{a: b}]"}

// A value of another kind than expected breaks nothing: the import ends, and every key is still in the report once. By
// default, every 23rd value of the inputs is replaced; IMPORT_EVERY sets another number.
func TestOtherShapes(t *testing.T) {
	every := 23
	if text := os.Getenv("IMPORT_EVERY"); text != "" {
		if _, err := fmt.Sscan(text, &every); err != nil {
			t.Fatal(err)
		}
	}
	count := 0
	for _, directory := range cases(t) {
		for _, file := range readInputs(t, directory) {
			for n := 0; ; n++ {
				if count++; count%every != 0 {
					if replaced(t, file.Data, n, nil) == nil {
						break
					}
					continue
				}
				shape, err := yaml.Parse(shapes[count/every%len(shapes)])
				if err != nil {
					t.Fatal(err)
				}
				data := replaced(t, file.Data, n, shape.YNode())
				if data == nil {
					break
				}
				files := []importer.File{{Name: "f.yaml", Data: data}}
				imported, err := importer.Import(files, importer.Options{})
				if err != nil {
					continue
				}
				everyKeyOnce(t, files, imported.Report.Keys)
				if t.Failed() {
					t.Fatalf("%s, value %d replaced by %s:\n%s", directory, n, shapes[count/every%len(shapes)], data)
				}
			}
		}
	}
}

// replaced returns the documents with the n-th value replaced; nil if there are fewer. Without a replacement it only
// counts.
func replaced(t *testing.T, data []byte, n int, by *yaml.Node) []byte {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	found := false
	for {
		var document yaml.Node
		if decoder.Decode(&document) != nil {
			break
		}
		if nth(document.Content[0], &n, by) {
			found = true
		}
		if err := encoder.Encode(&document); err != nil {
			t.Fatal(err)
		}
	}
	if !found {
		return nil
	}
	return out.Bytes()
}

// nth replaces the n-th value below a node, and reports whether there is one.
func nth(node *yaml.Node, n *int, by *yaml.Node) bool {
	for i, inner := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		if *n == 0 {
			*n = -1
			if by != nil {
				*inner = *by
			}
			return true
		}
		if *n--; nth(inner, n, by) {
			return true
		}
	}
	return false
}
