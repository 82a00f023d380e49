// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// There are several ways to call the function. For an example whose kustomization lists configurations as generators
// and does nothing else, each way must give the same bytes.
func TestEveryWayGivesTheSameBytes(t *testing.T) {
	tried := 0
	for _, example := range harness.Examples(t) {
		configurations := generatorsOf(t, example)
		if len(configurations) == 0 {
			continue
		}
		tried++
		t.Run(example.Name, func(t *testing.T) {
			want := harness.KustomizeBuild(t, example.Dir).MustSucceed(t).Stdout
			for way, tree := range map[string]harness.Tree{
				"mattermost-fn render": rendered(t, example, configurations),
				"a pipe":               piped(t, example, configurations),
				"a transformer":        transformer(t, example, configurations),
			} {
				t.Run(way, func(t *testing.T) {
					if got := harness.KustomizeBuild(t, tree.Lay(t)).MustSucceed(t).Stdout; got != want {
						harness.Tree{"output": got}.MustEqual(t, harness.Tree{"output": want})
					}
				})
			}
		})
	}
	if tried == 0 {
		t.Error("no example consists of generators only, so nothing was compared")
	}
}

// generatorsOf returns the files that a kustomization lists as generators, nil where it does anything else besides.
func generatorsOf(t *testing.T, example harness.Example) []string {
	t.Helper()
	if !example.Has("kustomization.yaml") {
		return nil
	}
	var kustomization map[string]any
	readYAML(t, filepath.Join(example.Dir, "kustomization.yaml"), &kustomization)
	var files []string
	for field, value := range kustomization {
		switch field {
		case "apiVersion", "kind":
		case "generators":
			for _, entry := range value.([]any) {
				files = append(files, entry.(string))
			}
		default:
			return nil
		}
	}
	for _, file := range files {
		if info, err := os.Stat(filepath.Join(example.Dir, file)); err != nil || info.IsDir() {
			return nil
		}
	}
	return files
}

// rendered is a kustomization of what `mattermost-fn render` prints.
func rendered(t *testing.T, example harness.Example, configurations []string) harness.Tree {
	t.Helper()
	run := harness.Command{Dir: example.Dir}.Run(t, harness.MattermostFn(t),
		append([]string{"render"}, configurations...)...).MustSucceed(t)
	return harness.Tree{
		"kustomization.yaml": "resources: [rendered.yaml]\n",
		"rendered.yaml":      run.Stdout,
	}
}

// piped is a kustomization of what the function leaves in a ResourceList, after a run for each configuration.
func piped(t *testing.T, example harness.Example, configurations []string) harness.Tree {
	t.Helper()
	list := map[string]any{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList"}
	var items []any
	for _, file := range configurations {
		var configuration map[string]any
		readYAML(t, filepath.Join(example.Dir, file), &configuration)
		list["items"], list["functionConfig"] = append(items, configuration), configuration
		run := harness.Command{Stdin: writeYAML(t, list)}.Run(t, harness.MattermostFn(t)).MustSucceed(t)
		var got struct{ Items []any }
		if err := yaml.Unmarshal([]byte(run.Stdout), &got); err != nil {
			t.Fatal(err)
		}
		items = got.Items
	}
	var documents []string
	for _, item := range items {
		documents = append(documents, writeYAML(t, item))
	}
	return harness.Tree{
		"kustomization.yaml": "resources: [items.yaml]\n",
		"items.yaml":         strings.Join(documents, "---\n"),
	}
}

// transformer is a kustomization without resources that lists the configurations as transformers.
func transformer(t *testing.T, example harness.Example, configurations []string) harness.Tree {
	t.Helper()
	tree := harness.Tree{"kustomization.yaml": writeYAML(t, map[string]any{"transformers": configurations})}
	for _, file := range configurations {
		text, err := os.ReadFile(filepath.Join(example.Dir, file))
		if err != nil {
			t.Fatal(err)
		}
		tree[file] = string(text)
	}
	return tree
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func writeYAML(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
