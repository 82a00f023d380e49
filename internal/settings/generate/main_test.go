// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGeneratedFilesAreNotStale(t *testing.T) {
	files, err := generate("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 {
		t.Errorf("%d files are made, expected %s and %s", len(files), tableFile, docsFile)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the tables say: go generate ./internal/settings", name)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	const columns = "section\tkey\ttype\tdefault\tenv\tencoding\tfeature\tplan\tsensitive\tsettable\tsince\n"
	const good = "A\tB.C\tbool\ttrue\tMM_A_B_C\ttrue-or-false\t\tall\tno\tyes\t11.10\n"
	for _, test := range []struct{ name, settings, want string }{
		{"no columns", good, "columns"},
		{"a line that lacks a field", columns + "A\tB\n", "2 fields"},
		{"an unknown type", columns + strings.Replace(good, "\tbool", "\tboolean", 1), `no type "boolean"`},
		{"a variable of another name", columns + strings.Replace(good, "MM_A_B_C", "MM_A_BC", 1), "its variable is MM_A_B_C"},
		{"an encoding of another type", columns + strings.Replace(good, "true-or-false", "base-10", 1),
			"encoded as true-or-false"},
		{"a default that is not JSON", columns + strings.Replace(good, "\ttrue\t", "\tyes\t", 1), "not JSON"},
		{"a setting twice", columns + good + good, "duplicate setting"},
		{"a section in two parts", columns + good + strings.NewReplacer("A\t", "Z\t", "MM_A", "MM_Z").Replace(good) +
			strings.Replace(strings.Replace(good, "B.C", "D", 1), "_B_C", "_D", 1),
			"not next to the other settings of its section"},
		{"no reason", columns + strings.Replace(good, "no\tyes", "no\tno", 1), "and a reason"},
		{"sensitive maybe", columns + strings.Replace(good, "no\tyes", "maybe\tyes", 1), "yes or no"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "settings.tsv")
			if err := os.WriteFile(file, []byte(test.settings), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := readSettings(file); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
