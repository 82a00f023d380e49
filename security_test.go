// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityNamesTests finds claims of SECURITY.md whose test does not exist. A test belongs to the file that is
// named before it.
func TestSecurityNamesTests(t *testing.T) {
	document, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z0-9_/]+_test\\.go)`|`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	source, file, tests := "", "", 0
	for _, match := range named.FindAllStringSubmatch(string(document), -1) {
		if match[1] != "" {
			file = match[1]
			content, err := os.ReadFile(file)
			if err != nil {
				t.Errorf("SECURITY.md: %v", err)
			}
			source = string(content)
			continue
		}
		tests++
		if !strings.Contains(source, "\nfunc "+match[2]+"(") {
			t.Errorf("SECURITY.md names %s, which is not in %s", match[2], file)
		}
	}
	if tests < 20 {
		t.Errorf("found only %d tests", tests)
	}
	// Every row of a table of claims names a file or a test; "the same" refers to the row above it.
	for line := range strings.Lines(string(document)) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| claim") && strings.Count(line, " | ") == 1 &&
			!named.MatchString(line) && !strings.Contains(line, "the same") {
			t.Errorf("SECURITY.md: a claim without a test: %s", line)
		}
	}
}
