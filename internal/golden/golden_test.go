// SPDX-License-Identifier: Apache-2.0

package golden

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.out")
	File(t, file, "") // no file
	for _, content := range []string{"a\nb\n", "c\n"} {
		if err := write(file, content); err != nil {
			t.Fatal(err)
		}
		File(t, file, content)
	}
	for range 2 { // the second finds nothing to remove
		if err := write(file, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("the file of empty output is kept")
	}
	if err := os.WriteFile(file, []byte("a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{"b\n", "", "a"} {
		failed := &testing.T{}
		File(failed, file, got)
		if !failed.Failed() {
			t.Errorf("%q passes for %q", got, "a\n")
		}
	}
}
