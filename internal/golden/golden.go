// SPDX-License-Identifier: Apache-2.0

// Package golden compares output with golden files, in tests. `go test -update` rewrites the files; review the
// difference before committing it. Package golden of module e2e is its twin: that module knows the product only from
// the outside.
package golden

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"testing"

	"github.com/aymanbagabas/go-udiff"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// File fails the test if got is not the content of the file. Empty output has no file.
func File(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := write(file, got); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", file, udiff.Unified("want", "got", string(want), got))
	}
}

func write(file, content string) error {
	if content == "" {
		if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return os.WriteFile(file, []byte(content), 0o644)
}
