// SPDX-License-Identifier: Apache-2.0

// Package schema describes the fields of MattermostConfig for users at a terminal (Explain) and for editors (JSON). It
// reads the CustomResourceDefinition that is generated from the types, and the table of Mattermost's own settings.
package schema

//go:generate sh -c "go run ../.. schema --output json-schema > ../../docs/mattermostconfig.schema.json"

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// ID identifies the schema that JSON returns. Nothing is served at this URL.
const ID = "https://" + v1alpha1.APIVersion + "/mattermostconfig.json"

// JSON returns the schema of MattermostConfig for editors, as JSON Schema draft-07, which the YAML language servers
// support. Unlike the CRD it rejects unknown fields, and accepts a string as a SecretValue.
func JSON() ([]byte, error) {
	root, err := loadSchema()
	if err != nil {
		return nil, err
	}
	root.enrich()
	root.forEditors()
	spec := root.Properties["spec"]
	spec.Properties["settings"] = settingsSchema(spec.Properties["settings"].Description)
	root.Schema = "http://json-schema.org/draft-07/schema#"
	root.ID = ID
	root.Title = v1alpha1.Kind

	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("JSON Schema of %s: %w", v1alpha1.Kind, err)
	}
	return buffer.Bytes(), nil
}

// schemaNode is the schema of one value: in the form of the CRD, and after forEditors in the form of JSON Schema. It
// has every keyword that the CRD uses; loadSchema fails on any other.
type schemaNode struct {
	Schema               string                 `json:"$schema,omitempty"`
	ID                   string                 `json:"$id,omitempty"`
	Title                string                 `json:"title,omitempty"`
	Description          string                 `json:"description,omitempty"`
	Type                 string                 `json:"type,omitempty"`
	Const                string                 `json:"const,omitempty"`
	Enum                 []any                  `json:"enum,omitempty"`
	Format               string                 `json:"format,omitempty"`
	Pattern              string                 `json:"pattern,omitempty"`
	Minimum              *float64               `json:"minimum,omitempty"`
	Maximum              *float64               `json:"maximum,omitempty"`
	Default              any                    `json:"default,omitempty"`
	Examples             []any                  `json:"examples,omitempty"`
	Dependencies         map[string][]string    `json:"dependencies,omitempty"`
	AnyOf                []*schemaNode          `json:"anyOf,omitempty"`
	OneOf                []*schemaNode          `json:"oneOf,omitempty"`
	Required             []string               `json:"required,omitempty"`
	Properties           map[string]*schemaNode `json:"properties,omitempty"`
	AdditionalProperties *schemaNode            `json:"additionalProperties,omitempty"`
	Items                *schemaNode            `json:"items,omitempty"`
	kubernetesKeywords

	// never makes it the schema that matches no value: false.
	never bool
}

// kubernetesKeywords are the keywords that only Kubernetes defines.
type kubernetesKeywords struct {
	PreserveUnknownFields bool     `json:"x-kubernetes-preserve-unknown-fields,omitempty"`
	IntOrString           bool     `json:"x-kubernetes-int-or-string,omitempty"`
	ListType              string   `json:"x-kubernetes-list-type,omitempty"`
	ListMapKeys           []string `json:"x-kubernetes-list-map-keys,omitempty"`
	MapType               string   `json:"x-kubernetes-map-type,omitempty"`
}

// crdSchema returns the schema in the CRD as JSON. Parsing YAML of this size is slow, so it is done once.
var crdSchema = sync.OnceValues(func() ([]byte, error) {
	definition, err := yaml.Parse(string(v1alpha1.CRD()))
	if err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", v1alpha1.Kind, err)
	}
	path := []string{"spec", "versions", "[name=" + v1alpha1.Version + "]", "schema", "openAPIV3Schema"}
	found, err := definition.Pipe(yaml.Lookup(path...))
	if err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", v1alpha1.Kind, err)
	}
	if found == nil {
		return nil, fmt.Errorf("CRD of %s: no version %s", v1alpha1.Kind, v1alpha1.Version)
	}
	return found.MarshalJSON()
})

// loadSchema reads the schema in the CRD and adds the fields outside spec, which controller-gen does not describe.
func loadSchema() (*schemaNode, error) {
	data, err := crdSchema()
	if err != nil {
		return nil, err
	}
	root := &schemaNode{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(root); err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", v1alpha1.Kind, err)
	}

	ofStrings := func(description string) *schemaNode {
		return &schemaNode{Type: "object", Description: description, AdditionalProperties: &schemaNode{Type: "string"}}
	}
	constant := func(value, description string) *schemaNode {
		return &schemaNode{Type: "string", Const: value, Description: description}
	}
	root.Properties["apiVersion"] = constant(v1alpha1.APIVersion, "The version of this API.")
	root.Properties["kind"] = constant(v1alpha1.Kind, "The kind of this resource.")
	root.Properties["metadata"] = &schemaNode{
		Type:        "object",
		Description: "The name and the namespace of the installation.",
		Required:    []string{"name"},
		Properties: map[string]*schemaNode{
			"name": {Type: "string", Description: "The name of the installation and of its Service, and the beginning of " +
				"every other name: a DNS label of at most 45 characters."},
			"namespace": {Type: "string", Description: "The namespace of the installation. Default: mattermost."},
			"labels":    ofStrings("Labels of the configuration itself. They are not copied to emitted objects."),
			"annotations": ofStrings("Annotations of the configuration itself, such as those by which kustomize and kpt " +
				"find the function. They are not copied to emitted objects."),
		},
	}
	version := root.Properties["spec"].Properties["version"]
	version.Description = strings.Replace(version.Description, "that this release was tested with",
		"that this release was tested with, "+v1alpha1.DefaultVersion, 1)
	root.Required = []string{"apiVersion", "kind", "metadata", "spec"}
	return root, nil
}

// plainSecretDescription describes the form of a SecretValue that the CRD cannot express.
const plainSecretDescription = "The value itself. It is written to an emitted Secret, and causes a warning, since " +
	"the configuration contains it as well."

// isSecretValue reports whether the node is a SecretValue, which has no type in the CRD because it is a string or an
// object.
func (n *schemaNode) isSecretValue() bool {
	return n.PreserveUnknownFields && n.Type == "" && n.Properties["secretKeyRef"] != nil
}

// fields returns the names of an object's fields, sorted.
func (n *schemaNode) fields() []string { return slices.Sorted(maps.Keys(n.Properties)) }

// forEditors converts a node of the CRD, and every node under it, to JSON Schema.
func (n *schemaNode) forEditors() {
	for _, name := range n.fields() {
		n.Properties[name].forEditors()
	}
	if n.Items != nil {
		n.Items.forEditors()
	}
	if n.AdditionalProperties != nil {
		n.AdditionalProperties.forEditors()
	}
	switch {
	case n.isSecretValue():
		n.OneOf = []*schemaNode{{Type: "string", Description: plainSecretDescription}}
		for _, name := range n.fields() {
			properties := map[string]*schemaNode{name: n.Properties[name]}
			form := &schemaNode{Type: "object", Required: []string{name}, Properties: properties}
			form.close()
			n.OneOf = append(n.OneOf, form)
		}
		n.Properties = nil
	case n.IntOrString:
		n.AnyOf = []*schemaNode{{Type: "integer"}, {Type: "string"}}
	case len(n.Properties) > 0 && !n.PreserveUnknownFields:
		n.close()
	}
	if n.Type == "integer" {
		n.Format = "" // int32 and int64 are formats of OpenAPI; strict validators reject unknown formats
	}
	n.kubernetesKeywords = kubernetesKeywords{}
}

// close makes the schema reject every field that is not listed, as the function does.
func (n *schemaNode) close() { n.AdditionalProperties = &schemaNode{never: true} }

// MarshalJSON encodes the schema. The schema that matches no value is false.
func (n *schemaNode) MarshalJSON() ([]byte, error) {
	if n.never {
		return []byte("false"), nil
	}
	type fields schemaNode // without this method
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode((*fields)(n))
	return buffer.Bytes(), err
}
