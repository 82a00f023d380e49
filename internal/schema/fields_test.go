// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/schema"
)

func TestFieldsPageIsUpToDate(t *testing.T) {
	want, err := schema.Fields()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/fields.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("docs/fields.md does not match the types: go generate ./internal/schema")
	}
}

var fieldRow = regexp.MustCompile(`(?m)^\| <a id="([^"]+)"></a>(.*)$`)

// Every anchor is unique, every link leads to a heading, and explain knows every field.
func TestFieldsPageLinks(t *testing.T) {
	page, err := schema.Fields()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range fieldRow.FindAllStringSubmatch(string(page), -1) {
		if seen[row[1]] {
			t.Errorf("%s appears twice", row[1])
		}
		seen[row[1]] = true
		if _, err := schema.Explain(row[1]); err != nil {
			t.Error(err)
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d fields", len(seen))
	}
	var headings []string
	for _, heading := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(page), -1) {
		headings = append(headings, strings.ToLower(strings.ReplaceAll(heading[1], ".", "")))
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(string(page), -1) {
		if !slices.Contains(headings, link[1]) {
			t.Errorf("no heading for the link #%s", link[1])
		}
	}
}

// Every field that has a value after the defaults are set says its default.
func TestFieldsPageHasEveryDefault(t *testing.T) {
	page, err := schema.Fields()
	if err != nil {
		t.Fatal(err)
	}
	meaning := map[string]string{}
	for _, row := range fieldRow.FindAllStringSubmatch(string(page), -1) {
		meaning[row[1]] = row[2]
	}
	config := &v1alpha1.MattermostConfig{}
	config.SetDefaults()
	text, err := json.Marshal(config.Spec)
	if err != nil {
		t.Fatal(err)
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	checked := 0
	var visit func(path string, value any)
	visit = func(path string, value any) {
		if object, ok := value.(map[string]any); ok {
			for name, field := range object {
				visit(path+"."+name, field)
			}
			return
		}
		says := ""
		for at := path; at != "spec"; at = at[:strings.LastIndex(at, ".")] {
			says += meaning[at] // the default of a size or of resources is that of the field above
		}
		checked++
		if !strings.Contains(says, "efault") && fmt.Sprint(value) != "false" {
			t.Errorf("%s has the default %v, and the page says %q", path, value, says)
		}
	}
	visit("spec", spec)
	if checked < 30 {
		t.Errorf("only %d defaults", checked)
	}
}
