// SPDX-License-Identifier: Apache-2.0

// Package contract tests the contract with the host, point for point as the design states it, through the real kpt and
// the real kustomize. Most of these tests are about data: a mistake here deletes a user's package.
package contract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// configuration is a MattermostConfig with a spec in YAML's flow style.
func configuration(spec string) string {
	return `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: mattermost
  namespace: mattermost
  annotations:
    config.kubernetes.io/local-config: "true"
    config.kubernetes.io/function: |
      exec: {path: mattermost-fn}
spec: ` + spec + "\n"
}

// packageWith is testdata/package with a configuration in it.
func packageWith(t *testing.T, configuration string) harness.Tree {
	t.Helper()
	tree := harness.ReadTree(t, filepath.Join("testdata", "package"))
	tree["mattermost.yaml"] = configuration
	return tree
}

// A host calls the function on a package.
type host struct {
	name string
	call func(t *testing.T, dir string) harness.Run
}

// hosts are the ways in which the real tools call the function.
var hosts = []host{
	{"kpt fn render", func(t *testing.T, dir string) harness.Run {
		return kptRender(t, dir, t.TempDir())
	}},
	{"kpt fn eval", func(t *testing.T, dir string) harness.Run {
		harness.MattermostFn(t)
		return harness.Command{}.Run(t, harness.Kpt(t), "fn", "eval", dir, "--exec", "mattermost-fn",
			"--fn-config", filepath.Join(dir, "mattermost.yaml"), "--truncate-output=false")
	}},
	{"kustomize generator", func(t *testing.T, dir string) harness.Run {
		return harness.KustomizeBuild(t, dir)
	}},
	{"kustomize transformer", func(t *testing.T, dir string) harness.Run {
		tree := harness.ReadTree(t, dir)
		tree["kustomization.yaml"] = strings.ReplaceAll(tree["kustomization.yaml"], "generators:", "transformers:")
		return harness.KustomizeBuild(t, tree.Lay(t))
	}},
}

func kptRender(t *testing.T, dir, results string) harness.Run {
	t.Helper()
	harness.MattermostFn(t)
	return harness.Command{}.Run(t, harness.Kpt(t), "fn", "render", dir, "--allow-exec", "--results-dir", results,
		"--truncate-output=false")
}

// functionResult is one run of a function in the results that kpt writes.
type functionResult struct {
	ExitCode int    `json:"exitCode"`
	Stderr   string `json:"stderr"`
	Results  []struct {
		Message  string `json:"message"`
		Severity string `json:"severity"`
	} `json:"results"`
}

// resultsOf reads the results that kpt wrote into a directory, and their text.
func resultsOf(t *testing.T, dir string) (functionResult, string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "results.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Items []functionResult `json:"items"`
	}
	if err := yaml.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 {
		t.Fatalf("want one function's results:\n%s", text)
	}
	return list.Items[0], string(text)
}

// resourceList wraps items and a functionConfig, both YAML documents.
func resourceList(t *testing.T, functionConfig string, items ...string) string {
	t.Helper()
	list := map[string]any{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": decoded(t, items...)}
	if functionConfig != "" {
		list["functionConfig"] = decoded(t, functionConfig)[0]
	}
	text, err := yaml.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decoded reads YAML documents, one in each text.
func decoded(t *testing.T, texts ...string) []any {
	t.Helper()
	values := []any{}
	for _, text := range texts {
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	return values
}

// itemsOf reads the items of a ResourceList.
func itemsOf(t *testing.T, text string) []any {
	t.Helper()
	var list struct {
		Kind  string `json:"kind"`
		Items []any  `json:"items"`
	}
	if err := yaml.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	if list.Kind != "ResourceList" {
		t.Fatalf("not a ResourceList:\n%s", text)
	}
	return list.Items
}
