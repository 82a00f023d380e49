// SPDX-License-Identifier: Apache-2.0

// Package conventions checks what this project promises beyond what the API server requires: the contract with the
// host, and ownership metadata.
package conventions

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// The label and the annotation of ownership.
const (
	Owner     = "mattermost.bigbang.dev/owner"
	ManagedBy = "app.kubernetes.io/managed-by"
)

// Objects decodes every document of a YAML string.
func Objects(text string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(document, &object.Object); err != nil {
			return nil, err
		}
		if object.Object != nil {
			objects = append(objects, object)
		}
	}
}

// ByName returns the objects for a cluster, as YAML, by kind, namespace and name.
func ByName(text string) (map[string]string, error) {
	read, err := Objects(text)
	if err != nil {
		return nil, err
	}
	byName := map[string]string{}
	for _, object := range read {
		if object.GetKind() == "" || object.GetAnnotations()["config.kubernetes.io/local-config"] == "true" {
			continue // the cluster never sees it
		}
		content, err := yaml.Marshal(object.Object)
		if err != nil {
			return nil, err
		}
		byName[object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName()] = string(content)
	}
	return byName, nil
}

// Owned reports whether an object has ownership metadata.
func Owned(object *unstructured.Unstructured) bool {
	return object.GetAnnotations()[Owner] != "" && object.GetLabels()[ManagedBy] == "mattermost-fn"
}

// Check returns what is wrong with the objects of a build's output, one line each.
func Check(text string) []string {
	objects, err := Objects(text)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	seen, owned := map[string]bool{}, 0
	for _, object := range objects {
		id := fmt.Sprintf("%s %s %s/%s", object.GetAPIVersion(), object.GetKind(), object.GetNamespace(), object.GetName())
		if seen[id] {
			faults = append(faults, id+": is there twice")
		}
		seen[id] = true
		if Owned(object) {
			owned++
		}
		for _, fault := range faultsOf(object) {
			faults = append(faults, id+": "+fault)
		}
	}
	if owned == 0 {
		faults = append(faults, "no object carries the owner's mark: did the function run at all?")
	}
	return faults
}

// private are the annotations that hosts use to talk to functions. None of them may reach a cluster.
var private = []string{"config.kubernetes.io/", "internal.config.kubernetes.io/", "kustomize.config.k8s.io/",
	"config.k8s.io/"}

func faultsOf(object *unstructured.Unstructured) []string {
	var faults []string
	if object.GetNamespace() == "" && object.GetKind() != "Namespace" {
		faults = append(faults, "has no namespace")
	}
	if strings.HasSuffix(object.GetKind(), "List") {
		faults = append(faults, "is a list")
	}
	if _, has := object.Object["status"]; has {
		faults = append(faults, "has a status")
	}
	for _, annotation := range slices.Sorted(maps.Keys(object.GetAnnotations())) {
		for _, prefix := range private {
			if strings.HasPrefix(annotation, prefix) {
				faults = append(faults, "keeps the annotation "+annotation)
			}
		}
	}
	return append(faults, faultsBelow("", object.Object)...)
}

func faultsBelow(path string, value any) []string {
	var faults []string
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if key == "creationTimestamp" {
				faults = append(faults, path+".creationTimestamp is there")
			}
			faults = append(faults, faultsBelow(path+"."+key, value[key])...)
		}
	case []any:
		for i, entry := range value {
			faults = append(faults, faultsBelow(fmt.Sprintf("%s[%d]", path, i), entry)...)
		}
	case nil:
		faults = append(faults, path+" is null")
	}
	return faults
}
