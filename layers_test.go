// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "bigbang.dev/mattermost-fn"

// layers are the packages of this module from the top to the bottom. A package imports only packages of lower layers,
// and those below internal each other, which the compiler keeps free of circles.
var layers = [][]string{
	{"."},
	{"internal/cli"},
	{"fn"},
	{"generators", "transformers"},
	{"internal"},
	{"api/v1alpha1"},
}

// notForOthers are imports that the layers would allow: generators read the plan and nothing else, transformers know
// nothing of Mattermost, and what is there for tests is not for the program.
var notForOthers = map[string][]string{
	"generators":   {"internal/decode", "internal/rules", "internal/settings", "internal/resourcelist"},
	"transformers": {"internal/plan", "internal/decode", "internal/rules", "internal/settings"},
	"":             {"internal/fntest", "internal/golden", "internal/license/licensetest"},
}

// layer returns the index of the layer that a package belongs to; -1 for none.
func layer(dir string) int {
	if i := slices.IndexFunc(layers, func(dirs []string) bool { return slices.Contains(dirs, dir) }); i >= 0 {
		return i
	}
	if strings.HasPrefix(dir, "internal/") {
		return layer("internal")
	}
	return -1
}

// packages returns every package of this module by its directory.
func packages(t *testing.T) map[string]*build.Package {
	t.Helper()
	found := map[string]*build.Package{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); path != "." && err == nil {
			return filepath.SkipDir // a module of its own
		}
		if pkg, err := build.ImportDir(path, 0); err == nil {
			found[filepath.ToSlash(path)] = pkg
		}
		return nil
	})
	if err != nil || len(found) < 20 {
		t.Fatal(len(found), err)
	}
	return found
}

func TestLayers(t *testing.T) {
	for dir, pkg := range packages(t) {
		from := layer(dir)
		if from < 0 {
			t.Errorf("%s is importable by others: it belongs below internal, or into layers", dir)
			continue
		}
		for _, path := range pkg.Imports {
			imported, ours := strings.CutPrefix(path, module+"/")
			if !ours {
				continue
			}
			if to := layer(imported); to < from || to == from && from != layer("internal") {
				t.Errorf("%s imports %s, which is not in a layer below it", dir, imported)
			}
			if slices.Contains(slices.Concat(notForOthers[dir], notForOthers[""]), imported) {
				t.Errorf("%s imports %s", dir, imported)
			}
		}
	}
}

// Importers of fn need no package below internal: no exported declaration of it names a type of one.
func TestLibraryIsComplete(t *testing.T) {
	files := token.NewFileSet()
	for _, name := range packages(t)["fn"].GoFiles {
		file, err := parser.ParseFile(files, filepath.Join("fn", name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		imports := map[string]string{}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			local := path[strings.LastIndexByte(path, '/')+1:]
			if spec.Name != nil {
				local = spec.Name.Name
			}
			imports[local] = path
		}
		for _, node := range exportedTypes(file) {
			ast.Inspect(node, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				local, _ := selector.X.(*ast.Ident)
				if path := imports[local.Name]; strings.HasPrefix(path, module+"/") && path != module+"/api/v1alpha1" {
					t.Errorf("%s: %s.%s is not importable", files.Position(n.Pos()), local.Name, selector.Sel.Name)
				}
				return true
			})
		}
	}
}

// exportedTypes returns what the exported declarations of a file show of types: signatures, and exported fields of
// structs.
func exportedTypes(file *ast.File) []ast.Node {
	var nodes []ast.Node
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || isExported(d.Recv.List[0].Type)) {
				nodes = append(nodes, d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				spec, ok := spec.(*ast.TypeSpec)
				if !ok || !spec.Name.IsExported() {
					continue
				}
				object, ok := spec.Type.(*ast.StructType)
				if !ok {
					nodes = append(nodes, spec.Type)
					continue
				}
				for _, field := range object.Fields.List {
					if len(field.Names) == 0 || field.Names[0].IsExported() {
						nodes = append(nodes, field.Type)
					}
				}
			}
		}
	}
	return nodes
}

// isExported reports whether the type of a receiver is exported.
func isExported(receiver ast.Expr) bool {
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	name, ok := receiver.(*ast.Ident)
	return ok && name.IsExported()
}
