// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// Emitted objects contain everything for which External Secrets' definitions have a default, so that the API server
// adds nothing and a GitOps engine finds no difference.
func TestExternalSecretsAreSpelledOut(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "external-secrets", "expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if err != nil {
			break
		}
		object, err := parse(document)
		if err != nil {
			t.Fatal(err)
		}
		if object == nil || object.GetKind() != "ExternalSecret" && object.GetKind() != "Password" {
			continue
		}
		seen[object.GetKind()]++
		emitted := object.DeepCopy()
		definition := moduleValidator(t).definitions[schema.GroupKind{Group: object.GroupVersionKind().Group,
			Kind: object.GetKind()}]
		if definition == nil {
			t.Fatalf("no definition of %s", describe(object))
		}
		for _, fault := range definition.hold(object) { // which defaults the object
			t.Errorf("%s: %v", describe(object), fault)
		}
		if !reflect.DeepEqual(object.Object["spec"], emitted.Object["spec"]) {
			t.Errorf("%s becomes\n%v\nwas emitted as\n%v", describe(object), object.Object["spec"], emitted.Object["spec"])
		}
	}
	if seen["ExternalSecret"] < 4 || seen["Password"] == 0 {
		t.Errorf("the example holds %v", seen)
	}
}
