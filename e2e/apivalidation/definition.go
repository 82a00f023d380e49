// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsinstall "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// definition is one CustomResourceDefinition, its versions made ready when an object first asks for them.
type definition struct {
	published *apiextensionsv1.CustomResourceDefinition // as a cluster takes it
	crd       *apiextensions.CustomResourceDefinition
	versions  map[string]func() (*version, error)
}

// version is what the API server keeps for each served version of a definition.
type version struct {
	structural *structuralschema.Structural
	schema     schemavalidation.SchemaValidator
	rules      *cel.Validator
}

var (
	definitionScheme  = runtime.NewScheme()
	definitionDecoder = json.NewSerializerWithOptions(json.DefaultMetaFactory, definitionScheme, definitionScheme,
		json.SerializerOptions{Yaml: true})
)

func init() { apiextensionsinstall.Install(definitionScheme) }

// Load adds every CustomResourceDefinition in a YAML file; other documents are ignored.
func (v *Validator) Load(file string, text []byte) error {
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if !bytes.Contains(document, []byte("kind: CustomResourceDefinition")) {
			continue
		}
		definition, err := newDefinition(document)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		v.definitions[schema.GroupKind{Group: definition.crd.Spec.Group, Kind: definition.crd.Spec.Names.Kind}] = definition
	}
}

// Definitions are all that were loaded, in the order of their names: what a cluster needs to know the same kinds.
func (v *Validator) Definitions() []*apiextensionsv1.CustomResourceDefinition {
	var published []*apiextensionsv1.CustomResourceDefinition
	for _, definition := range v.definitions {
		published = append(published, definition.published.DeepCopy())
	}
	slices.SortFunc(published, func(a, b *apiextensionsv1.CustomResourceDefinition) int {
		return strings.Compare(a.Name, b.Name)
	})
	return published
}

func newDefinition(document []byte) (*definition, error) {
	published, crd, err := readDefinition(document)
	if err != nil {
		return nil, err
	}
	d := &definition{published: published, crd: crd, versions: map[string]func() (*version, error){}}
	for _, v := range crd.Spec.Versions {
		if v.Served {
			d.versions[v.Name] = sync.OnceValues(func() (*version, error) { return d.ready(v.Name) })
		}
	}
	return d, nil
}

// readDefinition decodes and defaults a definition, and converts it to the API server's internal form too.
func readDefinition(document []byte) (*apiextensionsv1.CustomResourceDefinition,
	*apiextensions.CustomResourceDefinition, error) {
	var published apiextensionsv1.CustomResourceDefinition
	if _, _, err := definitionDecoder.Decode(document, nil, &published); err != nil {
		return nil, nil, err
	}
	definitionScheme.Default(&published)
	var crd apiextensions.CustomResourceDefinition
	if err := definitionScheme.Convert(&published, &crd, nil); err != nil {
		return nil, nil, err
	}
	return &published, &crd, nil
}

func (d *definition) ready(name string) (*version, error) {
	props, err := apiextensions.GetSchemaForVersion(d.crd, name)
	if err != nil {
		return nil, err
	}
	if props == nil {
		return nil, fmt.Errorf("the definition has no schema for version %s", name)
	}
	structural, err := structuralschema.NewStructural(props.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	if err := defaulting.PruneDefaults(structural); err != nil {
		return nil, err
	}
	validator, _, err := schemavalidation.NewSchemaValidator(props.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	return &version{
		structural: structural,
		schema:     validator,
		rules:      cel.NewValidator(structural, true, celconfig.PerCallLimit),
	}, nil
}

// hold runs the steps of a strict create request on an object. The object is pruned and defaulted on the way.
func (d *definition) hold(object *unstructured.Unstructured) []fault {
	name := object.GroupVersionKind().Version
	ready, served := d.versions[name]
	if !served {
		return []fault{{field: "apiVersion", message: fmt.Sprintf("version %q is not served", name)}}
	}
	v, err := ready()
	if err != nil {
		return []fault{{message: fmt.Sprintf("the definition cannot be used: %v", err)}}
	}
	faults := v.prune(object)
	defaulting.Default(object.Object, v.structural)
	namespaced := d.crd.Spec.Scope == apiextensions.NamespaceScoped
	return append(faults, faultsOfValidation(v.validate(object, namespaced))...)
}

// prune drops and reports what the schema does not know.
func (v *version) prune(object *unstructured.Unstructured) []fault {
	metadata, _, unknown, err := objectmeta.GetObjectMetaWithOptions(object.Object,
		objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return []fault{{field: "metadata", message: err.Error()}}
	}
	kind, apiVersion := object.GetKind(), object.GetAPIVersion()
	unknown = append(unknown, pruning.PruneWithOptions(object.Object, v.structural, true,
		structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, v.structural)
	embedded, paths := objectmeta.CoerceWithOptions(nil, object.Object, v.structural, false,
		objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	unknown = append(unknown, paths...)

	var faults []fault
	for _, path := range unknown {
		faults = append(faults, fault{field: path, message: "unknown field"})
	}
	if embedded != nil {
		faults = append(faults, faultsOfValidation(field.ErrorList{embedded})...)
	}
	// Kind, version and metadata need not be in the schema.
	object.SetKind(kind)
	object.SetAPIVersion(apiVersion)
	if err := objectmeta.SetObjectMeta(object.Object, metadata); err != nil {
		faults = append(faults, fault{field: "metadata", message: err.Error()})
	}
	return faults
}

func (v *version) validate(object *unstructured.Unstructured, namespaced bool) field.ErrorList {
	ctx := context.Background()
	errs := validation.ValidateObjectMetaAccessor(object, namespaced, validation.NameIsDNSSubdomain,
		field.NewPath("metadata"))
	errs = append(errs, schemavalidation.ValidateCustomResource(nil, object.Object, v.schema)...)
	errs = append(errs, objectmeta.Validate(ctx, nil, object.Object, v.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, v.structural, object.Object)...)
	if len(errs) == 0 && v.rules != nil { // rules may assume what the schema promises
		errs, _ = v.rules.Validate(ctx, nil, v.structural, object.Object, nil, celconfig.RuntimeCELCostBudget)
	}
	return errs
}

// holdDefinition validates a CustomResourceDefinition: its schema is structural, its defaults are valid, its rules
// compile.
func holdDefinition(object *unstructured.Unstructured) []fault {
	document, err := object.MarshalJSON()
	if err != nil {
		return []fault{{message: err.Error()}}
	}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, definitionScheme, definitionScheme,
		json.SerializerOptions{Strict: true})
	if _, _, err := strict.Decode(document, nil, nil); err != nil {
		return faultsOfDecoding(err)
	}
	_, crd, err := readDefinition(document)
	if err != nil {
		return []fault{{message: err.Error()}}
	}
	crd.Status.StoredVersions = nil
	for _, v := range crd.Spec.Versions {
		if v.Storage {
			crd.Status.StoredVersions = []string{v.Name}
		}
	}
	return faultsOfValidation(apiextensionsvalidation.ValidateCustomResourceDefinition(context.Background(), crd))
}
