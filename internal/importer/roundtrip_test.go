// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/importer"
)

// The import of what mattermost-fn renders gives back the configuration up to defaults: it renders the same objects
// again, except for the Secrets that the import puts plain secrets into.
func TestRoundTrip(t *testing.T) {
	examples, err := filepath.Glob("../../examples/*/mattermost.yaml")
	if err != nil || len(examples) < 8 {
		t.Fatal(examples, err)
	}
	every, err := filepath.Glob("../../e2e/expansion/testdata/*.yaml")
	if err != nil || len(every) < 16 {
		t.Fatal(every, err)
	}
	own, err := filepath.Glob("testdata/roundtrip/*.yaml")
	if err != nil || len(own) == 0 {
		t.Fatal(own, err)
	}
	for _, example := range slices.Concat(examples, every, own) {
		name := filepath.Base(filepath.Dir(example))
		if filepath.Base(example) != "mattermost.yaml" {
			name = filepath.Base(example)
		}
		t.Run(name, func(t *testing.T) {
			config, err := os.ReadFile(example)
			if err != nil {
				t.Fatal(err)
			}
			files := [][]byte{config}
			if name == "kpt-package" {
				secret, err := os.ReadFile(filepath.Join(filepath.Dir(example), "secret.yaml"))
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, secret)
			}
			rendered := render(t, files...)
			imported, err := importer.Import([]importer.File{{Name: "rendered.yaml", Data: rendered}}, importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			again := render(t, imported.Config, imported.Secrets)
			want, got := comparable(t, rendered), comparable(t, again)
			if want != got {
				t.Errorf("%s\nconfiguration:\n%s", udiff.Unified("rendered", "rendered again", want, got), imported.Config)
			}
			if leaks := strings.Contains(string(imported.Config), "@ss/word"); leaks {
				t.Error("the configuration contains a secret")
			}
			for _, entry := range imported.Report.Keys {
				if entry.Class == importer.NotTranslated {
					t.Errorf("%s is not translated: %s", entry.Key, entry.Why)
				}
			}
			imported.Report.CompareOutput(identities(t, again))
			for _, entry := range imported.Report.Keys {
				if entry.Class == importer.NotTranslated {
					t.Errorf("%s is not emitted again", entry.Key)
				}
			}
			checkFields(t, imported)
		})
	}
}

// What the configuration does not emit again is not translated, and nothing else changes.
func TestCompareOutput(t *testing.T) {
	config, err := os.ReadFile("../../examples/enterprise/mattermost.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rendered := render(t, config)
	imported, err := importer.Import([]importer.File{{Name: "rendered.yaml", Data: rendered}}, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	emitted := slices.DeleteFunc(identities(t, rendered), func(object importer.Object) bool {
		return object.Kind == "Service" || object.Kind == "NetworkPolicy" && object.Name == "mattermost-default-deny"
	})
	imported.Report.CompareOutput(emitted)
	var missing []string
	for _, entry := range imported.Report.Keys {
		if entry.Class == importer.NotTranslated {
			missing = append(missing, entry.Key)
			if len(entry.Fields) > 0 || !strings.Contains(entry.Why, "prunes") {
				t.Errorf("%s: fields %q, why %q", entry.Key, entry.Fields, entry.Why)
			}
		}
	}
	slices.Sort(missing)
	want := []string{"NetworkPolicy/mattermost-default-deny", "Service/mattermost-gossip"}
	if !slices.Equal(missing, want) {
		t.Errorf("not translated: %q, want %q", missing, want)
	}
}

// identities returns the identities of the objects of manifests.
func identities(t *testing.T, manifests []byte) []importer.Object {
	t.Helper()
	var objects []importer.Object
	for _, manifest := range strings.Split(string(manifests), "\n---\n") {
		object, err := yaml.Parse(manifest)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, importer.NewObject(object.GetApiVersion(), object.GetKind(), object.GetNamespace(),
			object.GetName()))
	}
	return objects
}

// checkFields fails the test if the report names a field that the configuration does not have.
func checkFields(t *testing.T, imported *importer.Result) {
	t.Helper()
	if len(imported.Config) == 0 {
		return
	}
	var config any
	if err := yaml.Unmarshal(imported.Config, &config); err != nil {
		t.Fatal(err)
	}
	for _, entry := range imported.Report.Keys {
		if entry.Class == importer.Translated && len(entry.Fields) == 0 {
			t.Errorf("%s is translated to no field", entry.Key)
		}
		for _, field := range entry.Fields {
			at := config
			for name := range strings.SplitSeq(field, ".") {
				name, _, _ = strings.Cut(name, "[")
				object, isObject := at.(map[string]any)
				if at = object[name]; at == nil {
					if isObject {
						t.Errorf("%s is translated to %s, which the configuration does not have", entry.Key, field)
					}
					break
				}
			}
		}
	}
}

func render(t *testing.T, files ...[]byte) []byte {
	t.Helper()
	list := &fn.List{}
	for _, file := range files {
		if err := list.ReadFile("f.yaml", file); err != nil {
			t.Fatal(err)
		}
	}
	for _, result := range fn.Process(list, time.Time{}) {
		if result.Severity == fn.Error {
			t.Fatalf("line %d: %s: %s", result.Line, result.Field, result.Message)
		}
	}
	var out bytes.Buffer
	if err := list.WriteManifests(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// comparable returns all rendered objects but Secrets, without the checksum of Secrets. The order of variables does not
// matter, and a reference to a Secret that is rendered is replaced by its value.
func comparable(t *testing.T, manifests []byte) string {
	t.Helper()
	secrets := map[string]string{}
	var objects []*yaml.RNode
	for _, manifest := range strings.Split(string(manifests), "\n---\n") {
		object, err := yaml.Parse(manifest)
		if err != nil {
			t.Fatal(err)
		}
		name := object.GetName()
		if object.GetKind() == "Secret" && (object.GetLabels()["app.kubernetes.io/managed-by"] == "mattermost-fn" ||
			strings.HasSuffix(name, "-credentials") || strings.HasSuffix(name, "-license-file")) {
			for key, value := range object.GetDataMap() {
				secrets[object.GetName()+"/"+key] = value
			}
			_ = object.PipeE(yaml.Get("stringData"), yaml.FilterFunc(func(data *yaml.RNode) (*yaml.RNode, error) {
				return nil, data.VisitFields(func(field *yaml.MapNode) error {
					key, value := field.Key.YNode().Value, field.Value.YNode().Value
					secrets[object.GetName()+"/"+key] = base64.StdEncoding.EncodeToString([]byte(value))
					return nil
				})
			}))
		}
		objects = append(objects, object)
	}
	var kept []string
	for _, object := range objects {
		if object.GetKind() == "Secret" {
			continue // whose values normalize puts in place of references
		}
		normalize(object.YNode(), secrets)
		text, err := object.String()
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, line := range strings.Split(text, "\n") {
			// Whether the namespace injects sidecars cannot be seen in these objects.
			if !strings.Contains(line, "secrets-checksum") && !strings.Contains(line, "sidecar.istio.io/inject") {
				lines = append(lines, line)
			}
		}
		kept = append(kept, strings.Join(lines, "\n"))
	}
	slices.Sort(kept)
	return strings.Join(kept, "---\n")
}

// azureKey is the key of azure.yaml in base64, which is base64 too; placeholderOfKey is what the operator gets instead.
var (
	azureKey         = base64.StdEncoding.EncodeToString([]byte("c2VjcmV0"))
	placeholderOfKey = base64.StdEncoding.EncodeToString([]byte("see MM_FILESETTINGS_AZUREACCESSKEY"))
)

// normalize replaces references to Secrets that are known by their values, and sorts environment variables.
func normalize(node *yaml.Node, secrets map[string]string) {
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		key, inner := node.Content[i].Value, node.Content[i+1]
		object := yaml.NewRNode(inner)
		switch key {
		case "secretKeyRef":
			name, _ := object.GetString("name")
			of, _ := object.GetString("key")
			if value, known := secrets[name+"/"+of]; known {
				*inner = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "the value " + value}
			}
		case "mattermostEnv", "env":
			// The server's default, which the section openid sets, and sso with provider openid does not.
			inner.Content = slices.DeleteFunc(inner.Content, func(variable *yaml.Node) bool {
				name, _ := yaml.NewRNode(variable).GetString("name")
				value, _ := yaml.NewRNode(variable).GetString("value")
				return name == "MM_OPENIDSETTINGS_USEPREFERREDUSERNAME" && value == "false"
			})
			slices.SortStableFunc(inner.Content, func(a, b *yaml.Node) int {
				one, _ := yaml.NewRNode(a).GetString("name")
				other, _ := yaml.NewRNode(b).GetString("name")
				return strings.Compare(one, other)
			})
		case "secret": // spec.fileStore.external and spec.database.external
			if value := secrets[inner.Value+"/secretkey"]; value == azureKey || value == placeholderOfKey {
				inner.Value = "keys that the operator requires and nothing uses"
			}
			for _, of := range []string{"accesskey", "DB_CONNECTION_STRING"} {
				if value, known := secrets[inner.Value+"/"+of]; known && inner.Kind == yaml.ScalarNode {
					inner.Value = "the value " + value
				}
			}
		}
	}
	for _, inner := range node.Content {
		normalize(inner, secrets)
	}
}
