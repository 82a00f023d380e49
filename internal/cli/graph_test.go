// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGraph(t *testing.T) {
	lay(t, map[string]string{"good.yaml": config, "bad.yaml": config + "  databse: {}\n"})
	for _, test := range []struct {
		name, args    string
		exit          int
		out, messages string
		dot           string // a script in place of Graphviz; empty for none
	}{
		{name: "Mermaid", args: "graph good.yaml", out: "%%{init: "},
		{name: "DOT", args: "graph -o dot good.yaml", out: "digraph mattermost {\n"},
		{name: "SVG", args: "graph -o svg good.yaml", out: "<svg of -Tsvg digraph mattermost {>",
			dot: "#!/bin/sh\nread first\necho \"<svg of $* $first>\"\n"},
		{name: "no Graphviz", args: "graph -o svg good.yaml", exit: 1, messages: "error: the program dot of Graphviz is " +
			"not on PATH; install Graphviz, or use --output dot or mermaid\n"},
		{name: "Graphviz fails", args: "graph -o svg good.yaml", exit: 1, messages: "exit status 3: no fonts\n",
			dot: "#!/bin/sh\necho no fonts >&2\nexit 3\n"},
		{name: "no file", args: "graph", exit: 2, messages: "error: a file or directory is required"},
		{name: "unknown format", args: "graph -o png good.yaml", exit: 2,
			messages: `error: unknown output format "png" (want mermaid, dot or svg)`},
		{name: "rejected", args: "graph bad.yaml", exit: 1, messages: "unknown field; did you mean database?"},
		{name: "no such file", args: "graph nope.yaml", exit: 1, messages: "nope.yaml: no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bin := t.TempDir()
			t.Setenv("PATH", bin)
			if test.dot != "" {
				if err := os.WriteFile(filepath.Join(bin, "dot"), []byte(test.dot), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			r := run("", strings.Fields(test.args)...)
			if r.exit != test.exit || !strings.HasPrefix(r.out, test.out) || (r.out == "") != (test.out == "") ||
				!strings.Contains(r.errors, test.messages) || (r.errors == "") != (test.messages == "") {
				t.Errorf("exit code %d, output %.80q, messages %q", r.exit, r.out, r.errors)
			}
		})
	}
}

// Output of an earlier run in the directory is not drawn, and does not matter.
func TestGraphOfADirectory(t *testing.T) {
	lay(t, map[string]string{"a/mattermost.yaml": config})
	first := run("", "graph", "a")
	rendered := run("", "render", "a/mattermost.yaml")
	if err := os.WriteFile("a/rendered.yaml", []byte(rendered.out), 0o644); err != nil {
		t.Fatal(err)
	}
	if second := run("", "graph", "a"); second != first || first.exit != 0 {
		t.Errorf("got %+v, want %+v", second, first)
	}
}
