// SPDX-License-Identifier: Apache-2.0

// Package apivalidation validates Kubernetes objects with the API server's own code, without a server.
//
// Built-in kinds are decoded strictly into the types of k8s.io/api. Custom resources take the steps of a strict create
// request in k8s.io/apiextensions-apiserver: pruning that reports unknown fields, defaulting, schema, object
// metadata, list types, CEL rules. Its findings are those that the API server would report.
package apivalidation

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// A Validator knows the built-in kinds, and the custom resources whose definitions it was given.
type Validator struct {
	definitions map[schema.GroupKind]*definition
	outside     map[string]bool
}

// New returns a validator of the built-in kinds; Load adds definitions.
func New() *Validator {
	return &Validator{definitions: map[schema.GroupKind]*definition{}, outside: map[string]bool{}}
}

// Outside declares API groups that are validated elsewhere. Their objects are counted in Report.Deferred
// as long as no definition of that kind is loaded; an object of any other unknown group is a finding.
func (v *Validator) Outside(groups ...string) {
	for _, group := range groups {
		v.outside[group] = true
	}
}

// A Finding is one reason for which the API server would refuse an object.
type Finding struct {
	File    string // that contains the object
	Object  string // "apps/v1 Deployment namespace/name"
	Field   string // path from the root of the object, empty where the message is about all of it
	Message string
}

func (f Finding) String() string {
	parts := []string{f.File}
	if f.Object != "" {
		parts = append(parts, f.Object)
	}
	if f.Field != "" {
		parts = append(parts, f.Field)
	}
	return strings.Join(append(parts, f.Message), ": ")
}

func (f Finding) compare(other Finding) int {
	return cmp.Or(strings.Compare(f.Object, other.Object), strings.Compare(f.Field, other.Field),
		strings.Compare(f.Message, other.Message))
}

// A Report counts what happened to every object.
type Report struct {
	Checked  int                      // objects validated against their definition
	Deferred map[schema.GroupKind]int // objects whose definition is outside
	Findings []Finding
}

// Add adds another report to this one.
func (r *Report) Add(other Report) {
	r.Checked += other.Checked
	for kind, n := range other.Deferred {
		r.deferKind(kind, n)
	}
	r.Findings = append(r.Findings, other.Findings...)
}

func (r *Report) deferKind(kind schema.GroupKind, n int) {
	if r.Deferred == nil {
		r.Deferred = map[schema.GroupKind]int{}
	}
	r.Deferred[kind] += n
}

// Summary returns one line about what was validated and what was not.
func (r Report) Summary() string {
	s := fmt.Sprintf("%d objects judged, %d findings", r.Checked, len(r.Findings))
	kinds := slices.SortedFunc(maps.Keys(r.Deferred), func(a, b schema.GroupKind) int {
		return strings.Compare(a.String(), b.String())
	})
	for i, kind := range kinds {
		lead := ", "
		if i == 0 {
			lead = "; deferred, because no definition is loaded: "
		}
		s += fmt.Sprintf("%s%d %s", lead, r.Deferred[kind], kind)
	}
	return s
}

// Hold validates every document of a YAML file. The file's name is only used in findings.
func (v *Validator) Hold(file string, text []byte) Report {
	report := v.holdDocuments(file, text)
	// The schema validator walks maps: its order varies.
	slices.SortStableFunc(report.Findings, func(a, b Finding) int { return a.compare(b) })
	return report
}

func (v *Validator) holdDocuments(file string, text []byte) Report {
	var report Report
	find := func(object, field, message string) {
		report.Findings = append(report.Findings, Finding{File: file, Object: object, Field: field, Message: message})
	}

	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for n := 1; ; n++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return report
		}
		if err != nil {
			find("", "", fmt.Sprintf("document %d: %v", n, err))
			return report
		}
		object, err := parse(document)
		if err != nil {
			find("", "", fmt.Sprintf("document %d: %v", n, err))
			continue
		}
		if object == nil {
			continue // only comments
		}
		name := describe(object)
		for _, key := range duplicateKeys(document) {
			find(name, key, "duplicate key")
		}
		v.holdObject(name, object, &report, find)
	}
}

func (v *Validator) holdObject(name string, object *unstructured.Unstructured, report *Report,
	find func(object, field, message string)) {
	gvk := object.GroupVersionKind()
	hold := v.authority(gvk)
	switch {
	case gvk.Kind == "" || gvk.Version == "":
		find(name, "", "apiVersion and kind are required")
	case strings.HasSuffix(gvk.Kind, "List"):
		find(name, "", "a list is not an object: write its items as documents")
	case hold != nil:
		report.Checked++
		for _, fault := range hold(object) {
			find(name, fault.field, fault.message)
		}
	case v.outside[gvk.Group]:
		report.deferKind(gvk.GroupKind(), 1)
	default:
		find(name, "", "no definition of this kind is loaded")
	}
}

// authority returns what validates objects of a kind, nil where nothing does.
func (v *Validator) authority(gvk schema.GroupVersionKind) func(*unstructured.Unstructured) []fault {
	definition := v.definitions[gvk.GroupKind()]
	switch {
	case definition != nil:
		return definition.hold
	case gvk.Group == apiextensions.GroupName && gvk.Kind == "CustomResourceDefinition":
		return holdDefinition
	case isBuiltIn(gvk):
		return holdBuiltIn
	}
	return nil
}

var duplicateText = regexp.MustCompile(`key "(.*)" already set in map`)

// duplicateKeys names the keys that a document gives twice in one mapping. A decoder silently keeps the last.
func duplicateKeys(document []byte) []string {
	_, err := yaml.YAMLToJSONStrict(document)
	if err == nil {
		return nil
	}
	var keys []string
	for _, m := range duplicateText.FindAllStringSubmatch(err.Error(), -1) {
		keys = append(keys, m[1])
	}
	return keys
}

// parse reads one document the way the API server reads a request body: integers stay integers. A document without
// content is nil.
func parse(document []byte) (*unstructured.Unstructured, error) {
	text, err := yaml.YAMLToJSON(document)
	if err != nil {
		return nil, err
	}
	var content any
	if err := utiljson.Unmarshal(text, &content); err != nil {
		return nil, err
	}
	switch content := content.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return &unstructured.Unstructured{Object: content}, nil
	default:
		return nil, fmt.Errorf("want a Kubernetes object, got %T", content)
	}
}

func describe(object *unstructured.Unstructured) string {
	name := object.GetName()
	if namespace := object.GetNamespace(); namespace != "" {
		name = namespace + "/" + name
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", object.GetAPIVersion(), object.GetKind(), name))
}
