// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestCRD(t *testing.T) {
	crd := CRD()
	if !bytes.Contains(crd, []byte("name: mattermostconfigs.mattermost.bigbang.dev\n")) {
		t.Errorf("not the CRD: %.200s", crd)
	}
	crd[0] = 'x'
	if CRD()[0] == 'x' {
		t.Error("a caller can change the CRD that other callers get")
	}
}

// Explain and editors show the doc comments.
func TestEveryFieldHasAComment(t *testing.T) {
	fields := 0
	inspect := func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		object, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range object.Fields.List {
			fields++
			name := "TypeMeta" // the only embedded type that documents itself
			if len(field.Names) > 0 {
				name = field.Names[0].Name
			} else if strings.Contains(field.Tag.Value, "metadata") {
				name = "ObjectMeta"
			}
			if name != "TypeMeta" && strings.TrimSpace(field.Doc.Text()) == "" {
				t.Errorf("%s.%s has no comment", spec.Name.Name, name)
			}
		}
		return true
	}
	for _, name := range []string{"types.go", "types_features.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, inspect)
	}
	if fields < 100 {
		t.Errorf("only %d fields seen", fields)
	}
}
