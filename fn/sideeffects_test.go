// SPDX-License-Identifier: Apache-2.0

package fn_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The function's own packages cannot access files, the environment, processes, the network, the clock or random
// numbers. Third-party packages could, but nothing calls their functions: e2e/container runs the image in a sandbox
// that kills the process on such a system call.
func TestNoSideEffects(t *testing.T) {
	forbidden := []string{"os", "os/exec", "os/user", "io/ioutil", "path/filepath", "syscall", "net/http", "math/rand",
		"math/rand/v2", "crypto/rand", "plugin", "unsafe"}
	calls := regexp.MustCompile(
		`\btime\.(Now|Since|Until|Local|LoadLocation)\b|\bnet\.(Dial|Listen|Lookup|Resolve|Interface)\w*`)

	output, err := exec.Command("go", "list", "-deps", "-f",
		`{{.ImportPath}} {{.Dir}} {{join .Imports ","}} {{join .GoFiles ","}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for line := range strings.Lines(string(output)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if !strings.HasPrefix(fields[0], "bigbang.dev/mattermost-fn/") {
			continue
		}
		checked++
		for _, imported := range strings.Split(fields[2], ",") {
			if slices.Contains(forbidden, imported) {
				t.Errorf("%s imports %s", fields[0], imported)
			}
		}
		for _, file := range strings.Split(fields[3], ",") {
			text, err := os.ReadFile(filepath.Join(fields[1], file))
			if err != nil {
				t.Fatal(err)
			}
			if call := calls.Find(text); call != nil {
				t.Errorf("%s/%s calls %s", fields[0], file, call)
			}
		}
	}
	if checked < 8 {
		t.Errorf("checked only %d packages", checked)
	}
}
