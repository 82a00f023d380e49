// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// The schema in docs, which the modelines of the examples name, is up to date (make generate).
func TestPublishedSchema(t *testing.T) {
	want, err := JSON()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("../../docs/mattermostconfig.schema.json"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/mattermostconfig.schema.json is not up to date (make generate): %v", err)
	}
}

// Patterns accept the values of all configurations that the function accepts, and reject typical mistakes. Examples
// match their patterns.
func TestPatterns(t *testing.T) {
	for path, values := range map[string][]string{
		"spec.domain":               {"https://example.com", "example.com/", "a b", "example.com:443"},
		"spec.version":              {"11.10", "latest"},
		"spec.sso.issuerURL":        {"login.example.com", "ftp://a"},
		"metadata.name":             {"Mattermost", "1a", "a.b"},
		"spec.objectStorage.bucket": {"A", "a/b"},
	} {
		for _, value := range values {
			if regexp.MustCompile(patterns[path]).MatchString(value) {
				t.Errorf("%s accepts %q", path, value)
			}
		}
	}
	for path, pattern := range patterns {
		for _, example := range examples[path] {
			if !regexp.MustCompile(pattern).MatchString(example.(string)) {
				t.Errorf("%s: %v is not an example of %s", path, example, pattern)
			}
		}
	}
	good, err := filepath.Glob("../rules/testdata/*/good-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../examples/*/mattermost.yaml")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range append(good, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n---\n") {
			node, err := yaml.Parse(part)
			if err != nil || node.GetKind() != v1alpha1.Kind {
				continue
			}
			for path, pattern := range patterns {
				value, err := node.Pipe(yaml.Lookup(strings.Split(path, ".")...))
				if err != nil || value.IsNilOrEmpty() {
					continue
				}
				checked++
				if text := yaml.GetValue(value); !regexp.MustCompile(pattern).MatchString(text) {
					t.Errorf("%s: %s rejects %q", file, path, text)
				}
			}
		}
	}
	if checked < 200 {
		t.Errorf("only %d values checked", checked)
	}
}

// Defaults, requirements and one-line descriptions are in the schema for editors, and not in the one for the API
// server.
func TestEditorsSeeDefaultsAndRequirements(t *testing.T) {
	schema := editorSchema(t)
	for path, want := range map[string]any{
		"spec.profile": "bigbang", "spec.deletionProtection": true, "spec.database.port": 5432.0,
		"spec.sso.provider": "gitlab", "spec.image.pullPolicy": "IfNotPresent",
	} {
		if got := at(t, schema, path)["default"]; got != want {
			t.Errorf("%s: default %v, want %v", path, got, want)
		}
	}
	for _, path := range []string{"spec.version", "spec.edition", "spec.replicas", "spec.image.repository"} {
		if got := at(t, schema, path)["default"]; got != nil {
			t.Errorf("%s: default %v of a default that depends on others", path, got)
		}
	}
	const site = `[{"required":["domain"]},{"required":["host"]}]`
	if got, _ := json.Marshal(at(t, schema, "spec")["oneOf"]); string(got) != site {
		t.Errorf("spec requires %s", got)
	}
	if description := at(t, schema, "spec.version")["description"].(string); strings.Contains(description, "\n") {
		t.Errorf("got %q", description)
	}
	if bytes.Contains(v1alpha1.CRD(), []byte("Default: bigbang")) && bytes.Contains(v1alpha1.CRD(),
		[]byte("default: bigbang")) {
		t.Error("the CRD has a default that the API server would write into stored configurations")
	}
}
