// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/golden"
	"bigbang.dev/mattermost-fn/internal/importer"
)

// canary is in every secret of the inputs.
const canary = "CanaryPa55"

// readInputs returns the inputs of a case.
func readInputs(t *testing.T, directory string) []importer.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(directory, "in-*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatal(directory, err)
	}
	var files []importer.File
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, importer.File{Name: filepath.Base(name), Data: data})
	}
	return files
}

// cases returns the directories with inputs.
func cases(t *testing.T) []string {
	t.Helper()
	directories, err := filepath.Glob("testdata/*/in-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range directories {
		if directory := filepath.Dir(name); len(found) == 0 || found[len(found)-1] != directory {
			found = append(found, directory)
		}
	}
	if len(found) < 15 {
		t.Fatal(found)
	}
	return found
}

// Every input gives the configuration, the manifests of Secrets and the report next to it.
func TestImport(t *testing.T) {
	for _, directory := range cases(t) {
		t.Run(filepath.Base(directory), func(t *testing.T) {
			imported, err := importer.Import(readInputs(t, directory), importer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var report strings.Builder
			if err := imported.Report.Write(&report); err != nil {
				t.Fatal(err)
			}
			golden.File(t, filepath.Join(directory, "config.yaml"), string(imported.Config))
			golden.File(t, filepath.Join(directory, "secrets.yaml"), string(imported.Secrets))
			golden.File(t, filepath.Join(directory, "report.txt"), report.String())
			inJSON, err := json.Marshal(imported.Report)
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{"configuration": string(imported.Config), "report": report.String(),
				"report as JSON": string(inJSON)} {
				if leaks(text) {
					t.Errorf("the %s contains a secret", name)
				}
			}
			checkConfig(t, imported.Config)
		})
	}
}

// leaks reports whether a text contains the canary, also within base64.
func leaks(text string) bool {
	if strings.Contains(text, canary) {
		return true
	}
	for offset := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + canary + "xx"))
		start := []int{0, 2, 3}[offset]
		if strings.Contains(text, encoded[start:start+11]) {
			return true
		}
	}
	return false
}

// checkConfig fails the test if mattermost-fn check rejects the configuration. Where the input has no host, the
// report says so.
func checkConfig(t *testing.T, config []byte) {
	t.Helper()
	if len(config) == 0 {
		return
	}
	if !bytes.Contains(config, []byte("\n  host: ")) && !bytes.Contains(config, []byte("\n  domain: ")) {
		config = bytes.Replace(config, []byte("spec:\n"), []byte("spec:\n  host: chat.example.com\n"), 1)
	}
	list := &fn.List{}
	if err := list.ReadFile("config.yaml", config); err != nil {
		t.Fatal(err)
	}
	for _, result := range fn.Process(list, time.Time{}) {
		if result.Severity == fn.Error {
			t.Errorf("line %d: %s: %s", result.Line, result.Field, result.Message)
		}
	}
}
