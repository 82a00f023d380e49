// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// schemaField is what the generated CRD says of one field.
type schemaField struct {
	enum    []string
	pattern string
}

// schemaFields are the fields of the generated CRD that have an enum or a pattern, by path.
func schemaFields(t *testing.T) map[string]schemaField {
	t.Helper()
	crd, err := yaml.Parse(string(v1alpha1.CRD()))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := crd.Pipe(yaml.Lookup("spec", "versions", "[name="+v1alpha1.Version+"]", "schema", "openAPIV3Schema",
		"properties", "spec"))
	if err != nil || spec == nil {
		t.Fatalf("the CRD has no schema of spec: %v", err)
	}
	fields := map[string]schemaField{}
	var visit func(path string, node *yaml.RNode)
	visit = func(path string, node *yaml.RNode) {
		var field schemaField
		if enum := node.Field("enum"); enum != nil {
			for _, value := range enum.Value.Content() {
				field.enum = append(field.enum, value.Value)
			}
		}
		if pattern := node.Field("pattern"); pattern != nil && node.Field("x-kubernetes-int-or-string") == nil {
			field.pattern = pattern.Value.YNode().Value
		}
		if field.enum != nil || field.pattern != "" {
			fields[path] = field
		}
		if items := node.Field("items"); items != nil {
			visit(path+"[]", items.Value)
		}
		if properties := node.Field("properties"); properties != nil {
			err := properties.Value.VisitFields(func(property *yaml.MapNode) error {
				visit(path+"."+property.Key.YNode().Value, property.Value)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	visit("spec", spec)
	return fields
}

// TestEnumsAreThoseOfTheSchema both ways: the schema is generated from the types, and the table is written by hand
// because reading the schema at every run would take longer than everything else.
func TestEnumsAreThoseOfTheSchema(t *testing.T) {
	table := map[string][]string{}
	for _, enum := range enums {
		table[enum.field] = enum.values
	}
	for path, field := range schemaFields(t) {
		if field.enum == nil {
			continue
		}
		if strings.HasSuffix(path, ".externalSecret.store.kind") { // every secret has one; externalSecrets checks them all
			if want := []string{string(v1alpha1.KindSecretStore),
				string(v1alpha1.KindClusterSecretStore)}; !slices.Equal(field.enum, want) {
				t.Errorf("%s: the schema says %v, the rules say %v", path, field.enum, want)
			}
			continue
		}
		if path == "spec.enterprise.license.uploaded" { // the decoder takes nothing but true
			continue
		}
		if path == "spec.users" {
			var users []string
			for _, number := range userNumbers {
				users = append(users, fmt.Sprint(number))
			}
			if !slices.Equal(field.enum, users) {
				t.Errorf("%s: the schema says %v, the rules say %v", path, field.enum, users)
			}
			continue
		}
		if path == "spec.objectStorage.inCluster.accessModes[]" { // a list, which claim checks
			if !slices.Equal(field.enum, claimAccessModes) {
				t.Errorf("%s: the schema says %v, the rules say %v", path, field.enum, claimAccessModes)
			}
			continue
		}
		if path == "spec.networkPolicies.allow[].protocol" { // of a list, which allowedDestination checks
			if !slices.Equal(field.enum, allowedProtocols) {
				t.Errorf("%s: the schema says %v, the rules say %v", path, field.enum, allowedProtocols)
			}
			continue
		}
		values, ok := table[path]
		if !ok {
			t.Errorf("%s has an enum in the schema and is not in the table", path)
		}
		if !slices.Equal(slices.Sorted(slices.Values(values)), slices.Sorted(slices.Values(field.enum))) {
			t.Errorf("%s: the schema says %v, the table says %v", path, field.enum, values)
		}
		delete(table, path)
	}
	for path := range table {
		t.Errorf("%s is in the table and has no enum in the schema", path)
	}
}

// TestPatternsAreThoseOfTheSchema for the same reason.
func TestPatternsAreThoseOfTheSchema(t *testing.T) {
	ours := map[string]string{
		"spec.monitoring.serviceMonitor.interval":   duration().String(),
		"spec.database.inCluster.backup.retention":  retention().String(),
		"spec.database.inCluster.name":              clusterName().String(),
		"spec.database.inCluster.backup.serverName": serverName().String(),
	}
	for path, field := range schemaFields(t) {
		if field.pattern == "" {
			continue
		}
		if field.pattern != ours[path] {
			t.Errorf("%s: the schema says %s, the rules say %q", path, field.pattern, ours[path])
		}
		delete(ours, path)
	}
	for path := range ours {
		t.Errorf("%s has no pattern in the schema", path)
	}
}
