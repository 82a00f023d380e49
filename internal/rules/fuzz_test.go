// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/rules"
)

// FuzzRules looks for configurations that a rule stumbles over: rules also run on what could be read only in part.
func FuzzRules(f *testing.F) {
	files, err := filepath.Glob("testdata/MM*/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		node, err := yaml.Parse(string(text))
		if err != nil || node.YNode().Kind != yaml.MappingNode {
			return
		}
		config := &v1alpha1.MattermostConfig{}
		lines, _ := decode.Strict(node.YNode(), config)
		config.SetDefaults()
		given := func(field string) bool { _, ok := lines[field]; return ok }
		rules.Run(config, given, noResources{}, time.Time{}, &result.Reporter{})
	})
}
