// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// At most 50 results of a configuration are reported, errors first, and the number of the others.
func TestLimit(t *testing.T) {
	var env strings.Builder
	for i := range 200 {
		fmt.Fprintf(&env, "  - {name: MM_NOPE%d, value: x}\n", i)
	}
	warning := "  enterprise: {enabled: true}\n"
	for name, test := range map[string]struct {
		config string
		lines  int
		last   string
	}{
		"as many as allowed": {"  env:\n" + strings.Join(strings.SplitAfter(env.String(), "\n")[:50], ""), 50, "[MM039]"},
		"more": {warning + "  env:\n" + strings.Join(strings.SplitAfter(env.String(), "\n")[:60], ""), 51,
			"MattermostConfig teams/chat: error: 10 more errors and 1 more warning, which are not shown; " +
				"fix the first ones and run again"},
		"more than the rules keep": {"  env:\n" + env.String(), 51,
			"MattermostConfig teams/chat: error: 150 more errors, which are not shown; fix the first ones and run again"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(list("", smallest+test.config))
			lines := strings.Split(strings.TrimSuffix(r.errors, "\n"), "\n")
			errors := 0
			for _, line := range lines[:min(50, len(lines))] {
				if strings.Contains(line, " error: ") {
					errors++
				}
			}
			if r.exit != 1 || len(lines) != test.lines || errors != 50 ||
				!strings.HasSuffix(lines[len(lines)-1], test.last) {
				t.Errorf("exit code %d, %d lines, %d errors:\n%s", r.exit, len(lines), errors, r.errors)
			}
		})
	}
}

// Prerequisites are results for other programs, with one line that counts them for each configuration. The function
// itself does not report them.
func TestPrerequisitesAreCounted(t *testing.T) {
	other := strings.NewReplacer("name: chat", "name: talk", "example.com", "example.org").Replace(smallest)
	input := list("", smallest+"  allow: [MM072]\n", other+"  allow: [MM072]\n  database: {existingSecret: db}\n")
	if r := run(input); r.exit != 0 || strings.Contains(r.out+r.errors, "MM000") {
		t.Fatalf("exit code %d\n%s%s", r.exit, r.out, r.errors)
	}
	read, err := Read([]byte(input))
	if err != nil {
		t.Fatal(err)
	}
	results := Process(read, time.Time{})
	var counts strings.Builder
	PrintSummary(&counts, results)
	if lines := strings.Split(counts.String(), "\n"); len(results) < 20 || len(lines) != 3 ||
		!strings.HasSuffix(lines[0], " prerequisites outside this configuration; 'mattermost-fn check' lists them [MM000]") {
		t.Errorf("%d results, counted as %q", len(results), counts.String())
	}
}

// In a kpt package with packages in it, the files in messages are relative to the outermost package, and never
// absolute.
func TestFilesOfSubpackages(t *testing.T) {
	at := func(config, directory string) string {
		return strings.Replace(config, "spec:", "  annotations:\n    internal.config.kubernetes.io/package-path: "+
			"/home/me/root"+
			directory+"\n    internal.config.kubernetes.io/path: mattermost.yaml\nspec:", 1)
	}
	talk := strings.Replace(smallest, "name: chat", "name: talk", 1)
	r := run(list("", at(smallest, "/a"), at(talk, "/b")))
	if r.exit != 1 || !strings.HasPrefix(r.errors, "b/mattermost.yaml: error: spec.domain: MattermostConfig "+
		"teams/talk in "+
		"b/mattermost.yaml and MattermostConfig teams/chat in a/mattermost.yaml both use ") {
		t.Errorf("exit code %d, got %s", r.exit, r.errors)
	}
	if strings.Contains(r.errors, "/home") {
		t.Errorf("got %s", r.errors)
	}
	r = run(list("", at(smallest, ""), at(talk, "/b")))
	if !strings.Contains(r.errors,
		"teams/chat in mattermost.yaml and MattermostConfig teams/talk in b/mattermost.yaml both ") {
		t.Errorf("got %s", r.errors)
	}
}
