// Package schema describes the fields of MattermostConfig: to a person at a terminal (Explain), and to editors (JSON). It
// reads the CustomResourceDefinition that is generated from the types, and the table of Mattermost's own settings.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// ID names the schema that JSON returns. Nothing is served there.
const ID = "https://" + v1alpha1.APIVersion + "/mattermostconfig.json"

// JSON returns the schema of MattermostConfig for editors, as JSON Schema draft-07, which is what their YAML
// servers support. Unlike the CRD it refuses a field that does not exist, and knows that a SecretValue may be a string.
func JSON() ([]byte, error) {
	root, err := loadSchema()
	if err != nil {
		return nil, err
	}
	root.forEditors()
	spec := root.Properties["spec"]
	spec.Properties["settings"] = settingsSchema(spec.Properties["settings"].Description)
	root.Schema = "http://json-schema.org/draft-07/schema#"
	root.ID = ID
	root.Title = v1alpha1.Kind

	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("JSON Schema of %s: %w", v1alpha1.Kind, err)
	}
	return text.Bytes(), nil
}

// schemaNode describes one value: as the CRD does, and after forEditors as JSON Schema does. It holds every keyword that
// the CRD uses; loadSchema fails on another.
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
	AnyOf                []*schemaNode          `json:"anyOf,omitempty"`
	OneOf                []*schemaNode          `json:"oneOf,omitempty"`
	Required             []string               `json:"required,omitempty"`
	Properties           map[string]*schemaNode `json:"properties,omitempty"`
	AdditionalProperties *schemaNode            `json:"additionalProperties,omitempty"`
	Items                *schemaNode            `json:"items,omitempty"`
	kubernetesKeywords

	// nothing makes it the schema that no value fits: false.
	nothing bool
}

// kubernetesKeywords are those that only Kubernetes knows.
type kubernetesKeywords struct {
	PreserveUnknownFields bool     `json:"x-kubernetes-preserve-unknown-fields,omitempty"`
	IntOrString           bool     `json:"x-kubernetes-int-or-string,omitempty"`
	ListType              string   `json:"x-kubernetes-list-type,omitempty"`
	ListMapKeys           []string `json:"x-kubernetes-list-map-keys,omitempty"`
	MapType               string   `json:"x-kubernetes-map-type,omitempty"`
}

// crdSchema is the schema inside the CRD as JSON. Reading YAML of this size takes a while, so it is done once.
var crdSchema = sync.OnceValues(func() ([]byte, error) {
	definition, err := yaml.Parse(string(v1alpha1.CRD()))
	if err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", v1alpha1.Kind, err)
	}
	found, err := definition.Pipe(yaml.Lookup("spec", "versions", "[name="+v1alpha1.Version+"]", "schema", "openAPIV3Schema"))
	if err != nil {
		return nil, fmt.Errorf("CRD of %s: %w", v1alpha1.Kind, err)
	}
	if found == nil {
		return nil, fmt.Errorf("CRD of %s: it has no version %s", v1alpha1.Kind, v1alpha1.Version)
	}
	return found.MarshalJSON()
})

// loadSchema reads the CRD and adds what controller-gen leaves out of every CRD: what stands outside spec.
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
	root.Properties["apiVersion"] = &schemaNode{Type: "string", Const: v1alpha1.APIVersion, Description: "The version of this API."}
	root.Properties["kind"] = &schemaNode{Type: "string", Const: v1alpha1.Kind, Description: "What this is."}
	root.Properties["metadata"] = &schemaNode{
		Type:        "object",
		Description: "What the installation is called and where it goes.",
		Required:    []string{"name"},
		Properties: map[string]*schemaNode{
			"name": {Type: "string", Description: "The name of the installation, of its Service, and the beginning of every other name: a DNS label " +
				"of at most 45 characters."},
			"namespace":   {Type: "string", Description: "The namespace that everything is emitted into."},
			"labels":      ofStrings("Labels of the configuration itself. They are not passed on."),
			"annotations": ofStrings("Annotations of the configuration itself, such as those by which kustomize and kpt find the function. They are not passed on."),
		},
	}
	root.Required = []string{"apiVersion", "kind", "metadata", "spec"}
	return root, nil
}

// plainSecretText describes the form of a SecretValue that the CRD cannot.
const plainSecretText = "The value itself. It goes into a Secret that is emitted, and costs one warning, since it then stands in the configuration too."

// isSecretValue recognises a SecretValue, which the CRD leaves without a type because it is a string or an object.
func (n *schemaNode) isSecretValue() bool {
	return n.PreserveUnknownFields && n.Type == "" && n.Properties["secretKeyRef"] != nil
}

// fields are the names of an object's fields, sorted.
func (n *schemaNode) fields() []string { return slices.Sorted(maps.Keys(n.Properties)) }

// forEditors turns a node of the CRD, and everything under it, into JSON Schema.
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
		n.OneOf = []*schemaNode{{Type: "string", Description: plainSecretText}}
		for _, name := range n.fields() {
			form := &schemaNode{Type: "object", Required: []string{name}, Properties: map[string]*schemaNode{name: n.Properties[name]}}
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
		n.Format = "" // int32 and int64 are OpenAPI's; strict validators refuse a format that they do not know
	}
	n.kubernetesKeywords = kubernetesKeywords{}
}

// close refuses every field that is not listed, as the function does.
func (n *schemaNode) close() { n.AdditionalProperties = &schemaNode{nothing: true} }

// MarshalJSON writes the schema, which JSON Schema abbreviates to false where no value fits.
func (n *schemaNode) MarshalJSON() ([]byte, error) {
	if n.nothing {
		return []byte("false"), nil
	}
	type fields schemaNode // without this method
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode((*fields)(n))
	return text.Bytes(), err
}
