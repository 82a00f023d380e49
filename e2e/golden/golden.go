// SPDX-License-Identifier: Apache-2.0

// Package golden compares output with a golden file. `go test -update` rewrites the file;
// review the difference before it is committed.
package golden

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// File fails the test where got is not the content of the file.
func File(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (make examples writes the golden files)", err)
	}
	if got != string(want) {
		t.Errorf("%s is not what was made (- wanted, + made):\n%s", file, cmp.Diff(string(want), got))
	}
}
