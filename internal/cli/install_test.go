// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The copy is the running program, executable for everyone, and replaces an earlier one. Nothing else is left in the
// directory.
func TestInstall(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	file := filepath.Join(directory, "mattermost-fn")
	if err := os.WriteFile(file, []byte("earlier"), 0o400); err != nil {
		t.Fatal(err)
	}
	if r := run("", "install", directory); r != (ran{}) {
		t.Fatalf("%+v", r)
	}
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d, %v", len(got), len(want), err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v, want mode 755", info, err)
	}
	if entries, err := os.ReadDir(directory); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v, want one file", entries, err)
	}
}

func TestInstallRefuses(t *testing.T) {
	occupied := t.TempDir()
	if err := os.MkdirAll(filepath.Join(occupied, "mattermost-fn", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for _, directory := range []string{occupied, missing} {
		r := run("", "install", directory)
		if r.exit != 1 || r.out != "" || !strings.HasPrefix(r.errors, "error: ") {
			t.Errorf("%s: %+v", directory, r)
		}
	}
	if entries, err := os.ReadDir(occupied); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: a part of the copy is left", entries, err)
	}
	if r := run("", "install"); r.exit != 2 {
		t.Errorf("without a directory: %+v", r)
	}
}
