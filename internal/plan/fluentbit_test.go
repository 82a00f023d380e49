// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// What is accepted is a plain scalar of YAML, on one line, without spaces around it.
func FuzzFluentBitReads(f *testing.F) {
	for _, value := range []string{"a", "", "@a", "a: b", "a #b", "- a", "-a", "{{a}}", "a{{b}}", "it's", `a"b`, "~", "é",
		"a\u2028b", "\ufeff", "a\xff", "?", "a:", ":a", "a  b", "%a", "`a", "| a", "> a", "=", "!a", "a\x85b"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if value == "" || !plan.FluentBitReads(value) {
			return
		}
		var section struct {
			Before, Value, After yaml.Node
		}
		err := yaml.Unmarshal([]byte("before: a\nvalue: "+value+"\nafter: b\n"), &section)
		if err != nil || section.Value.Value != value || section.Value.Kind != yaml.ScalarNode ||
			section.Before.Value != "a" || section.After.Value != "b" {
			t.Errorf("%q is read as %q: %v", value, section.Value.Value, err)
		}
	})
}
