// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A wrong name after -X sets nothing, and the linker does not complain, so each is tried.
func TestReleaseVersion(t *testing.T) {
	names := map[string][]string{}
	for _, file := range []string{"Makefile", "Dockerfile"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`-X (bigbang\.dev\S+?)=\$`).FindAllStringSubmatch(string(text), -1)
		if len(found) != 1 {
			t.Fatalf("%s sets %d versions", file, len(found))
		}
		names[found[0][1]] = append(names[found[0][1]], file)
	}
	for name, files := range names {
		binary := filepath.Join(t.TempDir(), "mattermost-fn")
		if output, err := exec.Command("go", "build", "-ldflags", "-X "+name+"=v9.8.7", "-o", binary,
			".").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		for _, argument := range []string{"--version", "version"} {
			output, err := exec.Command(binary, argument).Output()
			if err != nil || !strings.Contains(string(output), " v9.8.7\n") {
				t.Errorf("%v set %s, and %s prints %s (%v)", files, name, argument, output, err)
			}
		}
	}
}
