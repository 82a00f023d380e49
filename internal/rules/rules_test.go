// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/golden"
	"bigbang.dev/mattermost-fn/internal/ruleid"
	"bigbang.dev/mattermost-fn/internal/rules"
)

// TestRules reads testdata/<rule>: the rule reports bad*.yaml, and does not report good*.yaml, which is similar. The
// .out file next to each is what `mattermost-fn check` prints in that directory, with prerequisites only in
// testdata/MM000, and MM072 only in its own. A good file without any result has no .out file.
func TestRules(t *testing.T) {
	for _, rule := range rules.Rules {
		for _, file := range examples(t, rule.ID, "bad") {
			t.Run(rule.ID+"/"+filepath.Base(file), func(t *testing.T) {
				results := checkFile(t, file)
				if !slices.ContainsFunc(results, func(r fn.Result) bool { return r.Rule == rule.ID }) {
					t.Errorf("the rule does not report it")
				}
				expect(t, file, results)
			})
		}
		for _, file := range examples(t, rule.ID, "good") {
			t.Run(rule.ID+"/"+filepath.Base(file), func(t *testing.T) {
				results := checkFile(t, file)
				for _, r := range results {
					if r.Rule == rule.ID && r.Severity != fn.Info || r.Severity == fn.Error {
						t.Errorf("a good configuration is reported: %s", r)
					}
				}
				expect(t, file, results)
			})
		}
	}
}

// TestEveryRuleHasExamples also finds folders of rules that are gone.
func TestEveryRuleHasExamples(t *testing.T) {
	var ids []string
	for _, rule := range rules.Rules {
		ids = append(ids, rule.ID)
		for _, kind := range []string{"bad", "good"} {
			if kind == "bad" && rule.ID == ruleid.Prerequisite {
				continue // a prerequisite is no mistake
			}
			if len(examples(t, rule.ID, kind)) == 0 {
				t.Errorf("testdata/%s has no %s*.yaml", rule.ID, kind)
			}
		}
	}
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if folder.IsDir() && folder.Name() != "fuzz" && !slices.Contains(ids, folder.Name()) {
			t.Errorf("testdata/%s: there is no such rule", folder.Name())
		}
	}
}

// TestRegistry checks what the compiler cannot: that each rule is explained, and that the file that a rule names as its
// source exists and mentions it.
func TestRegistry(t *testing.T) {
	for _, rule := range rules.Rules {
		if len(rule.Title) < 8 || len(rule.Why) < 40 || len(rule.Fix) < 20 {
			t.Errorf("%s has no title, does not say what happens when it is ignored, or has no fix", rule.ID)
		}
		source, err := os.ReadFile(filepath.Join("../..", rule.Source()))
		if err != nil {
			t.Errorf("%s: %v", rule.ID, err)
		}
		if !strings.HasPrefix(rule.Source(), "internal/rules/") &&
			!strings.Contains(string(source), "ruleid."+constant(t, rule.ID)) {
			t.Errorf("%s: %s does not report by it", rule.ID, rule.Source())
		}
	}
}

// constant returns the name of an id in package ruleid.
func constant(t *testing.T, id string) string {
	t.Helper()
	source, err := os.ReadFile("../ruleid/ruleid.go")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^\t(\w+) += "` + id + `"`).FindSubmatch(source)
	if match == nil {
		t.Fatalf("package ruleid has no id %s", id)
	}
	return string(match[1])
}

// TestIDsAreConstants finds ids that are written out in program text instead of taken from package ruleid.
func TestIDsAreConstants(t *testing.T) {
	literal := regexp.MustCompile(`^"MM\d{3}"$`)
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasSuffix(path, "ruleid.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if text, ok := node.(*ast.BasicLit); ok && literal.MatchString(text.Value) {
				t.Errorf("%s: %s", path, text.Value)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRulesAreInOrder because users look a rule up by its id.
func TestRulesAreInOrder(t *testing.T) {
	for i, rule := range rules.Rules[1:] {
		if before := rules.Rules[i]; before.ID >= rule.ID {
			t.Errorf("%s precedes %s", before.ID, rule.ID)
		}
	}
}

// examples are the files of a rule, bad or good.
func examples(t *testing.T, rule, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", rule, kind+"*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// checkFile does what `mattermost-fn check` does with one file.
func checkFile(t *testing.T, file string) fn.Results {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	list := &fn.List{}
	if err := list.ReadFile(filepath.Base(file), data); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(list.Objects(), fn.Object.IsConfiguration) {
		return fn.CheckOutput(list)
	}
	results := fn.Process(list, time.Time{})
	if filepath.Base(filepath.Dir(file)) == ruleid.Prerequisite {
		return results
	}
	// Nearly every configuration has prerequisites, and uses the default form of the logs.
	return slices.DeleteFunc(results, func(r fn.Result) bool {
		return r.Rule == ruleid.Prerequisite ||
			r.Rule == ruleid.BigBangLogging && filepath.Base(filepath.Dir(file)) != ruleid.BigBangLogging
	})
}

// expect compares the results with the .out file next to the configuration. No file means no results.
func expect(t *testing.T, file string, results fn.Results) {
	t.Helper()
	var got strings.Builder
	fn.Print(&got, results)
	golden.File(t, strings.TrimSuffix(file, ".yaml")+".out", got.String())
}
