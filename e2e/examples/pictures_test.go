// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/golden"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// The lines around a picture in a README. Everything between them is generated.
const (
	pictureBegins = "<!-- mattermost-fn graph; `make examples` writes it -->\n"
	pictureEnds   = "<!-- end of graph -->\n"
)

// Every README of an example has the picture of its configuration. -update writes it.
func TestReadmesHaveTheirPicture(t *testing.T) {
	drawn := map[string]bool{}
	for _, example := range harness.Examples(t) {
		top, rest, _ := strings.Cut(example.Name, "/")
		if drawn[top] || rest != "" && rest != "production" && rest != "chat" {
			continue
		}
		drawn[top] = true
		t.Run(example.Name, func(t *testing.T) {
			readme := filepath.Join(harness.Root(), "examples", top, "README.md")
			withPicture(t, readme, graph(t, example))
		})
	}
}

// graph draws an example.
func graph(t *testing.T, example harness.Example) string {
	t.Helper()
	files := generatorsOf(t, example)
	command := harness.Command{Dir: example.Dir}
	switch {
	case example.Has("Kptfile"):
		files = example.Resources(t)
	case len(files) == 0 && example.Has("mattermost.yaml"):
		files = []string{"mattermost.yaml"}
	case len(files) == 0 && !example.Has("config"): // a kustomization of others
		harness.Kustomize(t)
		files = []string{"."}
	case len(files) == 0: // the generator is a directory, whose configuration kustomize shows to the function only
		files = []string{filepath.Join("..", "base", "mattermost.yaml")}
	}
	return command.Run(t, harness.MattermostFn(t), append([]string{"graph"}, files...)...).MustSucceed(t).Stdout
}

// withPicture compares the picture in a README, or writes it.
func withPicture(t *testing.T, readme, mermaid string) {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), pictureBegins)
	if !found {
		t.Fatalf("%s: no line %q", readme, pictureBegins)
	}
	_, after, found := strings.Cut(rest, pictureEnds)
	if !found {
		t.Fatalf("%s: no line %q", readme, pictureEnds)
	}
	golden.File(t, readme, before+pictureBegins+"\n```mermaid\n"+mermaid+"```\n\n"+pictureEnds+after)
}
