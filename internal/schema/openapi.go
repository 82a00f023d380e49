// SPDX-License-Identifier: Apache-2.0

package schema

//go:generate sh -c "go run ../.. schema -o openapi > ../../examples/overlays/base/mattermostconfig.openapi.json"

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/openapi"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
)

// Keywords of OpenAPI by which kustomize merges lists.
const (
	mergeKeyKeyword = "x-kubernetes-patch-merge-key"
	strategyKeyword = "x-kubernetes-patch-strategy"
	kindsKeyword    = "x-kubernetes-group-version-kind"
)

// OpenAPI returns the schema in the form that a kustomization's field openapi expects. With it, patches of overlays
// merge lists of named elements, such as spec.env, by their names, as they do for Kubernetes' own kinds. So do patches
// of the Mattermost resource that is emitted.
//
// It has only what leads to such a list, also of Kubernetes' kinds: kustomize (5.8.2) has one schema for a whole build,
// and replaces its own by that of a kustomization (kyaml, openapi.SetSchema). Without its own, a patch of a Deployment
// replaces the list of containers.
func OpenAPI() ([]byte, error) {
	kubernetes, err := kubernetesDefinitions()
	if err != nil {
		return nil, err
	}
	schemas := mergeSchemas{kubernetes: kubernetes, kept: definitions{}}
	schemas.keep()
	schemas.addKind("dev.bigbang.mattermost", v1alpha1.APIVersion, v1alpha1.Kind,
		reflect.TypeFor[v1alpha1.MattermostConfig]())
	schemas.addKind("com.mattermost.installation", mattermostv1beta1.APIVersion, mattermostv1beta1.Kind,
		reflect.TypeFor[mattermostv1beta1.Mattermost]())
	text, err := json.MarshalIndent(map[string]any{"definitions": schemas.kept}, "", " ")
	return append(text, '\n'), err
}

// definitions contains schemas by name.
type definitions map[string]map[string]any

// reference is the beginning of a reference to a definition.
const reference = "#/definitions/"

// kubernetesDefinitions returns the definitions of Kubernetes' own kinds that kustomize has.
func kubernetesDefinitions() (definitions, error) {
	data, err := json.Marshal(openapi.Schema())
	if err != nil {
		return nil, fmt.Errorf("OpenAPI schema of kustomize: %w", err)
	}
	var schema struct{ Definitions definitions }
	if err := json.Unmarshal(data, &schema); err != nil {
		return nil, fmt.Errorf("OpenAPI schema of kustomize: %w", err)
	}
	return schema.Definitions, nil
}

// mergeSchemas selects what leads to lists with a merge strategy.
type mergeSchemas struct {
	// kubernetes are Kubernetes' whole definitions, kept the parts of them that lead to such a list.
	kubernetes, kept definitions
}

// keep selects parts of Kubernetes' definitions. They refer to each other, so each round can find more.
func (s mergeSchemas) keep() {
	for found := -1; found < len(s.kept); {
		found = len(s.kept)
		for name, definition := range s.kubernetes {
			if part := s.part(definition); part != nil {
				s.kept[name] = part
			}
		}
	}
}

// addKind adds the kind of objects that a Go type describes.
func (s mergeSchemas) addKind(domain, apiVersion, kind string, of reflect.Type) {
	group, version, _ := strings.Cut(apiVersion, "/")
	schema := s.ofType(of)
	schema[kindsKeyword] = []any{map[string]any{"group": group, "version": version, "kind": kind}}
	s.kept[domain+"."+version+"."+kind] = schema
}

// part returns the part of a schema that leads to lists with a merge strategy, also by the definitions that are kept;
// nil if there are none.
func (s mergeSchemas) part(schema map[string]any) map[string]any {
	part := map[string]any{}
	if ref, _ := schema["$ref"].(string); s.kept[strings.TrimPrefix(ref, reference)] != nil {
		part["$ref"] = ref
	}
	properties, _ := schema["properties"].(map[string]any)
	kept := map[string]any{}
	for name, property := range properties {
		if inner := s.part(property.(map[string]any)); inner != nil {
			kept[name] = inner
		}
	}
	if len(kept) > 0 {
		part["properties"] = kept
	}
	for _, keyword := range []string{"items", "additionalProperties"} {
		if of, ok := schema[keyword].(map[string]any); ok {
			if inner := s.part(of); inner != nil {
				part[keyword] = inner
			}
		}
	}
	if schema[strategyKeyword] != nil {
		for _, keyword := range []string{strategyKeyword, mergeKeyKeyword, "x-kubernetes-list-map-keys"} {
			if value := schema[keyword]; value != nil {
				part[keyword] = value
			}
		}
		if schema["items"] != nil && part["items"] == nil {
			part["items"] = map[string]any{}
		}
	}
	if len(part) == 0 {
		return nil
	}
	for _, keyword := range []string{"type", kindsKeyword} {
		if value := schema[keyword]; value != nil {
			part[keyword] = value
		}
	}
	return part
}

// ofType returns the part of the schema of a Go type that leads to lists with a merge strategy; nil if there are none.
func (s mergeSchemas) ofType(of reflect.Type) map[string]any {
	if of.Kind() == reflect.Pointer {
		return s.ofType(of.Elem())
	}
	if name := definitionOf(of); name != "" {
		return s.part(map[string]any{"$ref": reference + name})
	}
	if of.Kind() != reflect.Struct {
		return nil
	}
	properties := map[string]any{}
	for field := range of.Fields() {
		schema := s.ofType(field.Type)
		if field.Type.Kind() == reflect.Slice {
			schema = s.ofList(field)
		}
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); schema != nil {
			properties[name] = schema
		}
	}
	if len(properties) == 0 {
		return nil
	}
	return map[string]any{"type": "object", "properties": properties}
}

// ofList returns the schema of a field with a list; nil if a patch replaces the list. A list of one of Kubernetes'
// types merges as in a pod, a list of another by the key in the field's tag, which is that of Kubernetes' own types.
func (s mergeSchemas) ofList(field reflect.StructField) map[string]any {
	if name := definitionOf(field.Type.Elem()); name != "" {
		for _, parent := range []string{"PodSpec", "Container"} {
			properties := s.kubernetes["io.k8s.api.core.v1."+parent]["properties"].(map[string]any)
			for _, property := range properties {
				list := property.(map[string]any)
				if items, ok := list["items"].(map[string]any); ok && items["$ref"] == reference+name {
					return s.part(list)
				}
			}
		}
		return nil
	}
	key := field.Tag.Get("patchMergeKey")
	if key == "" {
		return nil
	}
	return map[string]any{"type": "array", "items": map[string]any{"type": "object"}, mergeKeyKeyword: key,
		strategyKeyword: "merge"}
}

// definitionOf returns the name of the definition of one of Kubernetes' types; empty for other types.
func definitionOf(of reflect.Type) string {
	path, ok := strings.CutPrefix(of.PkgPath(), "k8s.io/")
	if !ok {
		return ""
	}
	return "io.k8s." + strings.ReplaceAll(path, "/", ".") + "." + of.Name()
}
