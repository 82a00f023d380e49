// SPDX-License-Identifier: Apache-2.0

package fn_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/ownership"
)

// Every name in an emitted object that is that of another object is the name of one that is emitted, that is among the
// input resources, that an operator creates for an emitted object, or of a prerequisite with the key. Every kind has a
// prerequisite with its definition. That holds for all examples and for everything that the rules accept.
func TestPrerequisitesAreComplete(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../examples/*", "../examples/*/*", "../internal/rules/testdata/*/good*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	configurations, references := 0, 0
	for _, file := range files {
		list := readConfigurations(t, file)
		if list == nil {
			continue
		}
		results := fn.Process(list, time.Time{})
		if results.HasErrors() {
			continue
		}
		configurations++
		references += checkComplete(t, file, list, results)
	}
	t.Logf("%d lists with %d references", configurations, references)
	if configurations < 150 || references < 1000 {
		t.Errorf("only %d lists with %d references", configurations, references)
	}
}

// readConfigurations reads a file, or all YAML files of a directory; nil if they contain no configuration.
func readConfigurations(t *testing.T, path string) *fn.List {
	t.Helper()
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*.yaml")); err != nil {
			t.Fatal(err)
		}
	}
	found := false
	list, err := fn.Read([]byte("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) == "expected.yaml" || strings.Contains(string(text), "kind: ResourceList") {
			continue
		}
		if err := list.ReadFile(file, text); err != nil {
			continue
		}
		found = found || strings.Contains(string(text), "kind: MattermostConfig\n")
	}
	if !found {
		return nil
	}
	return list
}

// named are fields whose value, or whose name, is that of an object. The expression is wide on purpose: a field that is
// emitted for the first time must not escape it.
var named = regexp.MustCompile(`(?i)(secret|configmap|claim|class|account|store|authority|role)s?(name|ref|keyref)?$`)

// notObjects are values of such fields that are not names of objects, by field.
var notObjects = map[string]bool{"useServiceAccount": true}

func checkComplete(t *testing.T, file string, list *fn.List, results fn.Results) (references int) {
	t.Helper()
	known := map[string]bool{} // names, and names with keys
	definitions := map[string]bool{}
	var prerequisites []*fn.Prerequisite
	ids := map[string]string{}
	for _, r := range results {
		p := r.Prerequisite
		if r.Rule == "MM000" != (p != nil) {
			t.Fatalf("%s: %s has the details %v", file, r, p)
		}
		if p == nil {
			continue
		}
		id := r.Resource.Namespace + "/" + r.Resource.Name + " " + p.ID
		if p.ID == "" || ids[id] != "" {
			t.Errorf("%s: the id %q is that of %q and of %q", file, p.ID, ids[id], r.Message)
		}
		ids[id] = r.Message
		prerequisites = append(prerequisites, p)
		known[p.Name] = p.Name != ""
		for _, key := range p.Keys {
			known[p.Name+" "+key] = true
			definitions[key] = definitions[key] || p.Kind == "CustomResourceDefinition"
		}
	}
	silenced := len(prerequisites) == 0 // by spec.allow
	for _, object := range list.Objects() {
		resource := object.Resource()
		known[resource.Name] = true
		for _, suffix := range []string{"-app", "-ca"} { // of CloudNativePG
			known[resource.Name+suffix] = known[resource.Name+suffix] || resource.Kind == "Cluster"
		}
		for _, field := range []string{"data", "stringData", "binaryData"} {
			for _, key := range mappingKeys(object.Node(), field) {
				known[resource.Name+" "+key] = true
			}
		}
	}
	for _, object := range list.Objects() {
		resource := object.Resource()
		if object.IsConfiguration() || silenced || !isManaged(object.Node()) {
			continue
		}
		group, _, found := strings.Cut(resource.APIVersion, "/")
		if found && strings.Contains(group, ".") && !strings.HasSuffix(group, ".authorization.k8s.io") &&
			!slices.Contains([]string{"networking.k8s.io"}, group) {
			kind := strings.ToLower(resource.Kind)
			if !definitions[kind+"s."+group] && !definitions[strings.TrimSuffix(kind, "y")+"ies."+group] {
				t.Errorf("%s: no prerequisite names the definition of %s in %s", file, resource.Kind, resource.APIVersion)
			}
		}
		if resource.Kind == "ConfigMap" || resource.Kind == "Secret" {
			continue
		}
		eachReference(object.Node(), "", func(field, name, key string) {
			if notObjects[field] {
				return
			}
			references++
			if !known[name] {
				t.Errorf("%s: no prerequisite names %s, which %s %s has in %s", file, name, resource.Kind, resource.Name, field)
			} else if key != "" && !known[name+" "+key] && !isFilled(list, name) {
				t.Errorf("%s: no prerequisite names key %s of %s, which %s %s has in %s", file, key, name, resource.Kind,
					resource.Name, field)
			}
		})
	}
	return references
}

// isFilled reports whether an operator fills the Secret, with keys that are not among the resources.
func isFilled(list *fn.List, name string) bool {
	return slices.ContainsFunc(list.Objects(), func(o fn.Object) bool {
		r := o.Resource()
		return r.Kind == "Cluster" && strings.HasPrefix(name, r.Name+"-") || r.Kind == "SealedSecret" && r.Name == name ||
			r.Kind == "ExternalSecret" && r.Name == name
	})
}

func isManaged(node *yaml.Node) bool {
	return yaml.NewRNode(node).GetAnnotations()[ownership.AnnotationOwner] != ""
}

func mappingKeys(node *yaml.Node, field string) []string {
	value := yaml.NewRNode(node).Field(field)
	if value == nil {
		return nil
	}
	keys, err := value.Value.Fields()
	if err != nil {
		return nil
	}
	return keys
}

// eachReference calls report for everything in the node that names an object.
func eachReference(node *yaml.Node, field string, report func(field, name, key string)) {
	switch node.Kind {
	case yaml.SequenceNode:
		for _, element := range node.Content {
			eachReference(element, field, report)
		}
	case yaml.ScalarNode:
		if named.MatchString(field) && node.Value != "" {
			report(field, node.Value, "")
		}
	case yaml.MappingNode:
		values := map[string]*yaml.Node{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			values[node.Content[i].Value] = node.Content[i+1]
		}
		text := func(name string) string {
			if value := values[name]; value != nil && value.Kind == yaml.ScalarNode {
				return value.Value
			}
			return ""
		}
		if text("optional") == "true" {
			return
		}
		if name := text("name"); name != "" && (named.MatchString(field) || text("key") != "" && len(values) == 2) {
			report(field, name, text("key"))
			return
		}
		for name, value := range values {
			eachReference(value, name, report)
		}
	}
}
