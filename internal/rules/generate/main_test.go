// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/rules"
)

func TestGeneratedPageIsCurrent(t *testing.T) {
	want, err := render("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", docsFile))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/rules.md does not match the registry and testdata: go generate ./internal/rules")
	}
}

func TestSection(t *testing.T) {
	rule := rules.Rules[1] // any rule
	rule.Example = ""
	other := "x.yaml: error: spec.domain: wrong [MM002]\n"
	own := "x.yaml:3: warning: spec.name: wrong [" + rule.ID + "]\n"
	for _, test := range []struct {
		name  string
		pairs []pair
		want  string
	}{
		{"the one that only the rule reports", []pair{{"bad-a.yaml", "a", own + other}, {"bad-b.yaml", "b: long", own}},
			"bad-b.yaml"},
		{"a bad one", []pair{{"good-a.yaml", "a", own}, {"bad-b.yaml", "b: long", own + other}}, "bad-b.yaml"},
		{"an error", []pair{{"bad-a.yaml", "a", own}, {"bad-b.yaml", "b: long",
			own + strings.Replace(own, "warning", "error", 1)}}, "bad-b.yaml"},
		{"the shortest", []pair{{"bad-a.yaml", "a: long", own}, {"bad-b.yaml", "b", own}}, "bad-b.yaml"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var page bytes.Buffer
			if err := section(&page, rule, test.pairs); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"## " + rule.ID + ": " + rule.Title, "Severity: ", "warning ·",
				"`" + test.want + "`\n", strings.TrimSpace(own)} {
				if !strings.Contains(page.String(), want) {
					t.Errorf("got\n%s\nwhich lacks %q", page.String(), want)
				}
			}
		})
	}
	if err := section(&bytes.Buffer{}, rule, []pair{{"bad-a.yaml", "a", other}}); err == nil {
		t.Error("a rule without an example is accepted")
	}
	rule.Example = "bad-b"
	if err := section(&bytes.Buffer{}, rule, []pair{{"bad-a.yaml", "a", own}}); err == nil {
		t.Error("an example that does not exist is accepted")
	}
}
