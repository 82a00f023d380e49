package rules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/rules"
)

// documentation is the page for people, relative to this folder.
const documentation = "../../docs/rules.md"

var (
	section  = regexp.MustCompile(`(?m)^## (\S+): (.*)\n\nSeverity: (.*)\n`)
	reported = regexp.MustCompile(`(?m)^[^:]+(?::\d+)?: (error|warning|info): .* \[(\S+)\]$`)
)

// TestDocumentation keeps the page in step with the rules: their ids and titles in their order, and the severities that
// they really report with.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	sections := section.FindAllStringSubmatchIndex(page, -1)
	if got := strings.Count(page, "\n## "); got != len(sections) {
		t.Errorf("%d of %d sections do not have the form of a rule's", got-len(sections), got)
	}
	severities := reportedSeverities(t)
	for i, rule := range rules.Rules {
		if i >= len(sections) {
			t.Errorf("%s has no section", rule.ID)
			continue
		}
		at := sections[i]
		if got := page[at[2]:at[3]]; got != rule.ID {
			t.Fatalf("section %d is about %s; want %s", i+1, got, rule.ID)
		}
		if got := page[at[4]:at[5]]; got != rule.Title {
			t.Errorf("%s has the title %q; want %q", rule.ID, got, rule.Title)
		}
		if got, want := page[at[6]:at[7]], strings.Join(severities[rule.ID], ", "); got != want {
			t.Errorf("%s has the severity %q; it reports with %q", rule.ID, got, want)
		}
		end := len(page)
		if i+1 < len(sections) {
			end = sections[i+1][0]
		}
		explanation, fix, _ := strings.Cut(page[at[1]:end], "\n**Fix:** ")
		if len(strings.TrimSpace(explanation)) < 40 || len(strings.TrimSpace(fix)) < 20 {
			t.Errorf("%s lacks what happens when it is ignored, or a fix", rule.ID)
		}
	}
	if len(sections) > len(rules.Rules) {
		t.Errorf("%s is not a rule", page[sections[len(rules.Rules)][2]:sections[len(rules.Rules)][3]])
	}
}

// reportedSeverities are those that each rule reports with in testdata, sorted.
func reportedSeverities(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.out")
	if err != nil {
		t.Fatal(err)
	}
	severities := map[string][]string{rules.PrerequisiteID: {"info"}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range reported.FindAllStringSubmatch(string(text), -1) {
			severity, rule := match[1], match[2]
			if !slices.Contains(severities[rule], severity) {
				severities[rule] = append(severities[rule], severity)
				slices.Sort(severities[rule])
			}
		}
	}
	return severities
}
