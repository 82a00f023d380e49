// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"
)

// KptConfigurations lists the files that the pipeline of a kpt package gives to functions as their configuration.
func KptConfigurations(t testing.TB, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "Kptfile"))
	if err != nil {
		t.Fatal(err)
	}
	var kptfile struct {
		Pipeline struct {
			Mutators []struct{ ConfigPath string }
		}
	}
	if err := yaml.Unmarshal(text, &kptfile); err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	var files []string
	for _, mutator := range kptfile.Pipeline.Mutators {
		if mutator.ConfigPath != "" {
			files = append(files, mutator.ConfigPath)
		}
	}
	if len(files) == 0 {
		t.Fatalf("%s: no mutator of the Kptfile has a configPath", dir)
	}
	return files
}
