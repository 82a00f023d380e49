// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// drawn is what Mermaid made of a picture: an error, or the lines of its nodes by ID and those of its edges.
type drawn struct {
	Error string
	Nodes map[string]string
	Edges []string
}

// page draws the pictures in %s with Mermaid, and then holds what it made of them.
const page = `<!DOCTYPE html><meta charset="utf-8"><body><script src="mermaid.js"></script><script>
(async () => {
  const made = [];
  mermaid.initialize({startOnLoad: false});
  for (const [i, picture] of (%s).entries()) {
    const one = {Nodes: {}, Edges: []};
    made.push(one);
    try {
      const holder = document.createElement("div");
      holder.innerHTML = (await mermaid.render("picture" + i, picture)).svg;
      document.body.append(holder);
      for (const node of holder.querySelectorAll("g.node"))
        one.Nodes[node.id.replace(/^.*?flowchart-(.*)-\d+$/, "$1")] = node.querySelector(".nodeLabel").innerText;
      for (const label of holder.querySelectorAll("g.edgeLabel .edgeLabel")) one.Edges.push(label.innerText);
    } catch (error) {
      one.Error = error.message;
    }
  }
  const bytes = new TextEncoder().encode(JSON.stringify(made));
  document.title = "made " + btoa(Array.from(bytes, (b) => String.fromCodePoint(b)).join(""));
})();
</script>`

var title = regexp.MustCompile(`<title>made ([A-Za-z0-9+/=]*)</title>`)

// mermaid draws pictures with the library that the environment variable MERMAID names, a mermaid.min.js, in Chromium.
func mermaid(t *testing.T, pictures []string) []drawn {
	t.Helper()
	library := os.Getenv("MERMAID")
	chromium, err := exec.LookPath("chromium")
	if library == "" || err != nil {
		t.Skip("not run: MERMAID does not name a mermaid.min.js, or chromium is not on PATH")
	}
	directory := t.TempDir()
	text, err := json.Marshal(pictures) // which escapes < and >
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(directory, "page.html")
	if err := os.Symlink(library, filepath.Join(directory, "mermaid.js")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, page, text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := harness.Command{}.Run(t, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+directory,
		"--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=120000", "--dump-dom", "file://"+file).MustSucceed(t)
	match := title.FindStringSubmatch(run.Stdout)
	if match == nil {
		t.Fatalf("Mermaid did not end: %.2000s", run.Stdout)
	}
	encoded, err := base64.StdEncoding.DecodeString(match[1])
	if err != nil {
		t.Fatal(err)
	}
	var made []drawn
	if err := json.Unmarshal(encoded, &made); err != nil || len(made) != len(pictures) {
		t.Fatalf("%d pictures of %d, %v", len(made), len(pictures), err)
	}
	return made
}

// Mermaid draws the pictures of all pages.
func TestMermaidDrawsAllPictures(t *testing.T) {
	var names, pictures []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(harness.Root(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, rest := range strings.Split(string(text), "\n```mermaid\n")[1:] {
				picture, _, _ := strings.Cut(rest, "```\n")
				names, pictures = append(names, file), append(pictures, picture)
			}
		}
	}
	if len(pictures) < 15 {
		t.Fatalf("%d pictures", len(pictures))
	}
	for i, made := range mermaid(t, pictures) {
		if edges := strings.Count(pictures[i], "->"); made.Error != "" || len(made.Nodes) < 2 || len(made.Edges) < edges {
			t.Errorf("%s: %d nodes, %d edges of %d, %s", names[i], len(made.Nodes), len(made.Edges), edges, made.Error)
		}
	}
}

// Mermaid shows every line as it is, whatever characters it has.
func TestMermaidShowsEveryLabel(t *testing.T) {
	testdata := filepath.Join(harness.Root(), "internal", "topology", "testdata")
	labels, err := os.ReadFile(filepath.Join(testdata, "labels.txt"))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(filepath.Join(testdata, "labels.mmd"))
	if err != nil {
		t.Fatal(err)
	}
	made := mermaid(t, []string{string(picture)})[0]
	if made.Error != "" {
		t.Fatal(made.Error)
	}
	spaces := func(shown string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(shown, "\u200b", "")), " ")
	}
	for i, line := range strings.Split(strings.TrimSpace(string(labels)), "\n") {
		want := spaces(line + " second line")
		if got := spaces(made.Nodes[fmt.Sprintf("n%d", i)]); got != want {
			t.Errorf("node: got %q, want %q", got, want)
		}
		if !slices.ContainsFunc(made.Edges, func(got string) bool { return spaces(got) == want }) {
			t.Errorf("no edge %q", want)
		}
	}
}
