// SPDX-License-Identifier: Apache-2.0

// Package comparison compares what is emitted here with other ways to run Mattermost on Kubernetes, as data in
// comparison.tsv. docs/comparison.md is generated from it.
package comparison

//go:generate go run ./generate

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed comparison.tsv
var table string

// Others are the columns of the other ways, with what was read of each.
var Others = []struct{ Name, Read string }{
	{"Big Bang", "package chart 11.5.1-bb.0 (DoD-Platform-One/mattermost, c14f1d3) with the umbrella of 2026-08-21 " +
		"(DoD-Platform-One/bigbang, 1699eff40)"},
	{"UDS", "package 10.12.0-uds.0 (defenseunicorns/uds-package-mattermost, 8f427a8)"},
	{"operator", "a hand-written resource of the Mattermost operator (mattermost/mattermost-operator, 07a736bb)"},
	{"team chart", "mattermost-team-edition 6.6.96 (mattermost/mattermost-helm, fa193d0)"},
	{"enterprise chart", "mattermost-enterprise-edition 2.6.93 (the same)"},
	{"chart", "mattermost 2.7.0, without the operator (the same)"},
}

// Row is one feature, or a heading.
type Row struct {
	Feature string
	// Ours is yes, part or no; empty for a heading.
	Ours string
	// Proof is the test that shows it, as directory:Test or directory:Test/case, for yes.
	Proof string
	// Reason says why not, or how else, for part and no.
	Reason string
	// Others are yes, part, no, or - where it does not apply, in the order of Others.
	Others []string
}

// Rows returns the rows of the table.
func Rows() []Row {
	var all []Row
	header := true
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		switch columns := strings.Split(line, "\t"); {
		case header:
			header = false
		case len(columns) == 1:
			all = append(all, Row{Feature: line})
		case len(columns) == 4+len(Others):
			all = append(all, Row{columns[0], columns[1], columns[2], columns[3], columns[4:]})
		default:
			panic(fmt.Sprintf("comparison: %q has %d columns", line, len(columns)))
		}
	}
	return all
}

// File returns the file of a test in a directory, relative to the root of the repository; empty if there is none.
func File(root, directory, test string) string {
	files, _ := filepath.Glob(filepath.Join(root, directory, "*_test.go"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), "\nfunc "+test+"(t *testing.T) {") {
			return directory + "/" + filepath.Base(file)
		}
	}
	return ""
}
