// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestEveryMessageIsShown holds the texts in the rules' sources against the .out files: a message that no file shows
// was never read by anybody.
func TestEveryMessageIsShown(t *testing.T) {
	var shown strings.Builder
	outputs, err := filepath.Glob("testdata/*/*.out")
	if err != nil {
		t.Fatal(err)
	}
	for _, output := range outputs {
		text, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(text)
	}
	messages := messagesOf(t)
	if len(messages) < 250 {
		t.Fatalf("only %d messages were found in the sources; is this test reading them right?", len(messages))
	}
	for place, message := range messages {
		if !regexp.MustCompile(message).MatchString(shown.String()) {
			t.Errorf("%s: no testdata/*/bad*.yaml shows the message %s", place, message)
		}
	}
}

// messagesOf returns a pattern for every message in the package's sources, by its place.
func messagesOf(t *testing.T) map[string]string {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	constants := map[string]ast.Expr{}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, source, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		for _, declaration := range file.Decls {
			if general, ok := declaration.(*ast.GenDecl); ok && general.Tok == token.CONST {
				for _, spec := range general.Specs {
					for i, name := range spec.(*ast.ValueSpec).Names {
						constants[name.Name] = spec.(*ast.ValueSpec).Values[i]
					}
				}
			}
		}
	}
	messages := map[string]string{}
	add := func(expression ast.Expr) {
		if pattern := patternOf(expression, constants); strings.Contains(pattern, " ") {
			messages[set.Position(expression.Pos()).String()] = pattern
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.CallExpr:
				if at := messageArgument(node); at >= 0 && at < len(node.Args) {
					add(node.Args[at])
				}
			case *ast.ReturnStmt: // what harmfulVariables say
				if len(node.Results) == 1 {
					add(node.Results[0])
				}
			}
			return true
		})
	}
	return messages
}

// messageArgument says which argument of a call is a message; -1 for none.
func messageArgument(call *ast.CallExpr) int {
	name := ""
	switch function := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = function.Sel.Name
	case *ast.Ident:
		name = function.Name
	}
	switch name {
	case "errorf", "warnf", "infof", "report", "unless", "idleService":
		return 1
	case "conflictf":
		return 2
	case "append": // to a list of what is wrong
		if list, ok := call.Args[0].(*ast.Ident); ok && list.Name == "wrong" {
			return 1
		}
	}
	return -1
}

var verb = regexp.MustCompile(`%[a-z]`)

// patternOf turns a format into a pattern for what it prints. What is not written out in it may be anything.
func patternOf(expression ast.Expr, constants map[string]ast.Expr) string {
	switch expression := expression.(type) {
	case *ast.BasicLit:
		if expression.Kind == token.STRING {
			text, err := strconv.Unquote(expression.Value)
			if err == nil {
				return verb.ReplaceAllString(regexp.QuoteMeta(text), ".*")
			}
		}
	case *ast.BinaryExpr:
		return patternOf(expression.X, constants) + patternOf(expression.Y, constants)
	case *ast.Ident:
		if constant, ok := constants[expression.Name]; ok {
			return patternOf(constant, constants)
		}
	case *ast.CallExpr:
		if function, ok := expression.Fun.(*ast.SelectorExpr); ok && function.Sel.Name == "Sprintf" {
			return patternOf(expression.Args[0], constants)
		}
	}
	return ".*"
}
