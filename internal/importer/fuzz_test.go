// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/importer"
)

// Whatever the input, the import ends with an error, or with YAML and a report whose entries are complete.
func FuzzImport(f *testing.F) {
	names, err := filepath.Glob("testdata/*/in-*.yaml")
	if err != nil || len(names) < 15 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		imported, err := importer.Import([]importer.File{{Name: "f.yaml", Data: data}}, importer.Options{})
		if err != nil {
			return
		}
		for _, text := range [][]byte{imported.Config, imported.Secrets} {
			var node yaml.Node
			if len(text) > 0 && yaml.Unmarshal(text, &node) != nil {
				t.Fatalf("not YAML:\n%s", text)
			}
		}
		for _, entry := range imported.Report.Keys {
			if entry.Class == importer.Translated && len(entry.Fields) == 0 ||
				entry.Class != importer.Translated && entry.Why == "" {
				t.Errorf("%+v is incomplete", entry)
			}
		}
	})
}
