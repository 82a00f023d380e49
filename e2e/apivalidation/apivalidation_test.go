// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/golden"
)

// ofModules is a validator with the definitions that Go modules carry.
var ofModules = sync.OnceValues(func() (*Validator, error) {
	v := New()
	return v, v.LoadModules()
})

func moduleValidator(t *testing.T) *Validator {
	t.Helper()
	v, err := ofModules()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func hold(t *testing.T, file string) Report {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return moduleValidator(t).Hold(filepath.Base(file), text)
}

func filesOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in testdata/%s: %v", dir, err)
	}
	return files
}

func TestGoodObjectsPass(t *testing.T) {
	for _, file := range filesOf(t, "good") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			report := hold(t, file)
			for _, finding := range report.Findings {
				t.Error(finding)
			}
			if report.Checked == 0 || len(report.Deferred) > 0 {
				t.Error(report.Summary())
			}
		})
	}
}

// Every testdata/bad/NAME.yaml has its findings in NAME.out.
func TestMistakesAreFound(t *testing.T) {
	for _, file := range filesOf(t, "bad") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var got strings.Builder
			for _, finding := range hold(t, file).Findings {
				got.WriteString(finding.String() + "\n")
			}
			if got.Len() == 0 {
				t.Fatal("nothing found")
			}
			golden.File(t, strings.TrimSuffix(file, ".yaml")+".out", got.String())
		})
	}
}
