// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/importer"
)

// Every key of an input is in the report exactly once: its own entry, or that of the mapping or list around it.
func TestEveryKeyIsInTheReport(t *testing.T) {
	for _, directory := range cases(t) {
		files := readInputs(t, directory)
		imported, err := importer.Import(files, importer.Options{})
		if err != nil {
			t.Fatal(directory, err)
		}
		everyKeyOnce(t, files, imported.Report.Keys)
	}
}

// everyKeyOnce fails the test if a scalar, or an empty mapping or list, is in no entry or in several.
func everyKeyOnce(t *testing.T, files []importer.File, entries []importer.Entry) {
	t.Helper()
	byLine := map[string][]string{}
	for _, entry := range entries {
		at := fmt.Sprintf("%s:%d", entry.File, entry.Line)
		byLine[at] = append(byLine[at], entry.Key)
		switch {
		case entry.Class != importer.Translated && entry.Class != importer.Unnecessary &&
			entry.Class != importer.NotTranslated:
			t.Errorf("%s %s has the class %q", at, entry.Key, entry.Class)
		case entry.Class == importer.Translated && len(entry.Fields) == 0:
			t.Errorf("%s %s is translated to no field", at, entry.Key)
		case entry.Class != importer.Translated && entry.Why == "":
			t.Errorf("%s %s has no reason", at, entry.Key)
		}
	}
	for _, file := range files {
		decoder := yaml.NewDecoder(bytes.NewReader(file.Data))
		for {
			var document yaml.Node
			if decoder.Decode(&document) != nil {
				break
			}
			eachLeaf(document.Content[0], nil, func(leaf string, around []place) {
				found := 0
				for _, p := range around {
					for _, key := range byLine[fmt.Sprintf("%s:%d", file.Name, p.line)] {
						if key != "" && (key == p.path || key == p.object) {
							found++
						}
					}
				}
				if found != 1 {
					t.Errorf("%s: %s is in %d entries", file.Name, leaf, found)
				}
			})
		}
	}
}

// place is a key with its line, or a whole object with its kind and name.
type place struct {
	path, object string
	line         int
}

// eachLeaf calls yield for every leaf with the keys around it and its own. An object of a list and the values of a
// release begin anew.
func eachLeaf(node *yaml.Node, around []place, yield func(leaf string, around []place)) {
	if len(around) == 0 {
		around = []place{objectPlace(node)}
	}
	parent := around[len(around)-1]
	switch {
	case node.Kind == yaml.MappingNode && len(node.Content) > 0:
		for i := 0; i < len(node.Content); i += 2 {
			inner := place{path: keyPath(parent.path, node.Content[i].Value), line: node.Content[i].Line}
			if inner.path == "spec.values" && strings.HasPrefix(around[0].object, "HelmRelease/") {
				inner.path = ""
			}
			eachLeaf(node.Content[i+1], append(around[:len(around):len(around)], inner), yield)
		}
	case node.Kind == yaml.SequenceNode && len(node.Content) > 0:
		for i, item := range node.Content {
			if parent.path == "items" && strings.Contains(around[0].object, "List/") {
				eachLeaf(item, nil, yield)
				continue
			}
			inner := place{path: fmt.Sprintf("%s[%d]", parent.path, i), line: item.Line}
			eachLeaf(item, append(around[:len(around):len(around)], inner), yield)
		}
	default:
		yield(parent.path, around)
	}
}

// objectPlace returns the entry of a whole object.
func objectPlace(node *yaml.Node) place {
	if node.Kind != yaml.MappingNode {
		return place{}
	}
	object := yaml.NewRNode(node)
	scalar := func(path ...string) string {
		found, err := object.Pipe(yaml.Lookup(path...))
		if err != nil || found.IsNilOrEmpty() || found.YNode().Kind != yaml.ScalarNode {
			return ""
		}
		return found.YNode().Value
	}
	return place{object: scalar("kind") + "/" + scalar("metadata", "name"), line: node.Line}
}

func keyPath(parent, key string) string {
	if strings.ContainsAny(key, ".[]\"") || key == "" {
		return fmt.Sprintf("%s[%q]", parent, key)
	}
	return strings.TrimPrefix(parent+"."+key, ".")
}

// Input that cannot be imported gets an error with the place, what was expected and the fix.
func TestErrors(t *testing.T) {
	mattermost := "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: chat}\n"
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "the input is empty; name a file with the values of a chart, or with resources (kubectl get -o yaml)"},
		{"broken", "a: [", "f.yaml: line 1: not valid YAML; correct it, for example with a linter"},
		{"secret in a broken line", "password: 'CanaryPa55\nx: ]", "f.yaml: line 2: not valid YAML; correct it, " +
			"for example with a linter"},
		{"list", "- a", "f.yaml:1: expected a mapping: the values of a chart, or a resource"},
		{"unknown", "foo: 1", "f.yaml:1: not recognized: expected values of Big Bang, of UDS, or of one of Mattermost's " +
			"Helm charts, or resources with apiVersion and kind (kubectl get mattermost -o yaml)"},
		{"two installations", mattermost + "---\n" + mattermost, "f.yaml:5: there are several installations; " +
			"import one at a time (kubectl get mattermost NAME -o yaml)"},
		{"two charts", "mattermostApp: {}\n---\naddons: {}\n", "values of different charts cannot be merged; import them " +
			"one after the other (f.yaml: mattermost chart values; f.yaml: Big Bang umbrella values)"},
		{"only objects next to it", "apiVersion: v1\nkind: List\nitems: []\n", "f.yaml:1: the input has objects, but no " +
			"Mattermost or ClusterInstallation; add it (kubectl get mattermost NAME -o yaml)"},
		{"configuration", "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n",
			"f.yaml:1: is a MattermostConfig already; import reads what it should be made of"},
		{"release without values", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {}\n",
			"f.yaml:1: HelmRelease without spec.values; import the values that it refers to (helm get values RELEASE -o yaml)"},
		{"billion laughs", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" +
			"c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n" +
			"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "more than 100000 values"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := importer.Import([]importer.File{{Name: "f.yaml", Data: []byte(test.text)}}, importer.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if err != nil && leaks(err.Error()) {
				t.Error("the error contains a secret")
			}
		})
	}
}

// The keys that are known to exist are in the table: ../shared/reference/parity-keys.tsv has them all.
func TestTableHasEveryKnownKey(t *testing.T) {
	file, err := os.Open("../../../shared/reference/parity-keys.tsv")
	if os.IsNotExist(err) {
		t.Skip("the list of keys is not next to this repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	count := 0
	for lines.Scan() {
		columns := strings.Split(lines.Text(), "\t")
		source, key := sourceOf(columns[0]), columns[1]
		if source == "" {
			continue
		}
		switch source {
		case "bigbang":
			key = "addons." + key
		case "resource":
			key = "spec." + key
		}
		count++
		if _, _, ok := importer.Lookup(source, key); !ok {
			t.Errorf("%s: %s is not in keys.tsv", columns[0], key)
		}
	}
	if count != 820 {
		t.Errorf("got %d keys, want 820", count)
	}
}

func sourceOf(name string) string {
	for prefix, source := range map[string]string{"Big Bang package": "bigbang-package", "Big Bang umbrella": "bigbang",
		"UDS": "uds", "mattermost-team": "team-edition", "mattermost-enterprise": "enterprise-edition",
		"mattermost 2": "mattermost", "mattermost-push": "push-proxy", "mattermost-rtcd": "rtcd",
		"mattermost-calls": "calls-offloader", "CRD": "resource"} {
		if strings.HasPrefix(name, prefix) {
			return source
		}
	}
	return ""
}
