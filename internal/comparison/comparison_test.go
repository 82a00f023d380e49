// SPDX-License-Identifier: Apache-2.0

package comparison

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every yes names a test that exists, and every other answer a reason.
func TestAnswersAreProved(t *testing.T) {
	answers := []string{"yes", "part", "no", "-"}
	proved := 0
	for _, row := range Rows() {
		if row.Ours == "" {
			continue
		}
		switch {
		case !slices.Contains(answers[:3], row.Ours):
			t.Errorf("%s: %q is no answer", row.Feature, row.Ours)
		case row.Ours == "yes" && (row.Proof == "" || row.Reason != ""), row.Ours != "yes" && row.Reason == "":
			t.Errorf("%s: a yes needs a test, and anything else a reason", row.Feature)
		}
		for i, answer := range row.Others {
			if !slices.Contains(answers, answer) {
				t.Errorf("%s: %s: %q is no answer", row.Feature, Others[i].Name, answer)
			}
		}
		if row.Proof == "" {
			continue
		}
		proved++
		directory, test, _ := strings.Cut(row.Proof, ":")
		test, rule, ofRule := strings.Cut(test, "/")
		if File("../..", directory, test) == "" {
			t.Errorf("%s: no test %s in %s", row.Feature, test, directory)
		}
		if bad, _ := filepath.Glob(filepath.Join("../..", directory, "testdata", rule, "bad*.yaml")); ofRule &&
			len(bad) == 0 {
			t.Errorf("%s: no case %s", row.Feature, rule)
		}
	}
	if proved < 30 {
		t.Errorf("only %d answers are proved", proved)
	}
}

// The page is generated from the table.
func TestPageNamesEveryFeature(t *testing.T) {
	page, err := os.ReadFile("../../docs/comparison.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range Rows() {
		if !strings.Contains(string(page), row.Feature) || !strings.Contains(string(page), row.Reason) {
			t.Errorf("%s: docs/comparison.md is out of date: go generate ./internal/comparison", row.Feature)
		}
	}
}
