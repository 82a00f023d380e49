// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// wrong are configurations that must be refused, with what the refusal must name.
var wrong = map[string]struct {
	configuration string
	names         []string
}{
	"an unknown field": {configuration("{domain: bigbang.dev, databse: {host: db}}"),
		[]string{"spec.databse", "database"}},
	"a word that is not one of the few": {configuration("{domain: bigbang.dev, database: {host: db, password: " +
		"x, sslMode: requre}}"), []string{"spec.database.sslMode", "require"}},
	"Big Bang's own name for a field": {configuration("{domain: bigbang.dev, sso: {enabled: true, client_id: x}}"),
		[]string{"spec.sso.client_id", "clientID"}},
	"nothing that is required": {configuration("{}"), []string{"domain", "host"}},
	"two things at once": {configuration("{domain: bigbang.dev, replica: 2, usrs: 100}"),
		[]string{"spec.replica", "spec.usrs"}},
}

// Points 1 and 2 of the contract: only the exit code means failure, and failure changes nothing.
func TestAWrongConfigurationChangesNothing(t *testing.T) {
	for name, c := range wrong {
		for _, host := range hosts {
			t.Run(name+"/"+host.name, func(t *testing.T) {
				tree := packageWith(t, c.configuration)
				dir := tree.Lay(t)
				run := host.call(t, dir).MustFail(t)
				harness.ReadTree(t, dir).MustEqual(t, tree)
				if run.Stdout != "" {
					t.Errorf("something came out:\n%s", run.Stdout)
				}
				for _, word := range c.names {
					if !strings.Contains(run.Stderr, word) {
						t.Errorf("%q is not named in:\n%s", word, run.Stderr)
					}
				}
			})
		}
	}
}

// The results and standard error are one text: kustomize shows only the one, kpt keeps the other.
func TestResultsAndStandardErrorSayTheSame(t *testing.T) {
	for name, c := range wrong {
		t.Run(name, func(t *testing.T) {
			results := t.TempDir()
			kptRender(t, packageWith(t, c.configuration).Lay(t), results).MustFail(t)
			got, text := resultsOf(t, results)
			if got.ExitCode != 1 {
				t.Errorf("exit code %d, want 1", got.ExitCode)
			}
			lines := strings.Split(strings.TrimSuffix(got.Stderr, "\n"), "\n")
			if len(lines) != len(got.Results) || len(lines) == 0 {
				t.Fatalf("%d lines on standard error, %d results:\n%s", len(lines), len(got.Results), text)
			}
			failed := false
			for i, result := range got.Results {
				if !strings.Contains(lines[i], result.Message) {
					t.Errorf("line %d is %q, result %d is %q", i, lines[i], i, result.Message)
				}
				if !slices.Contains([]string{"error", "warning", "info"}, result.Severity) {
					t.Errorf("severity %q", result.Severity)
				}
				failed = failed || result.Severity == "error"
			}
			if !failed {
				t.Errorf("no result is an error:\n%s", text)
			}
		})
	}
}

// What comes out of a failing function is what went in: kpt looks at the items before it looks at the exit code.
func TestAFailingFunctionEchoesItsItems(t *testing.T) {
	for name, c := range wrong {
		t.Run(name, func(t *testing.T) {
			items := []string{
				"{apiVersion: kpt.dev/v1, kind: Kptfile, metadata: {name: chat, annotations: " +
					"{internal.config.kubernetes.io/path: Kptfile}}}",
				"{resources: [team.yaml]}",
				c.configuration,
				"{apiVersion: v1, kind: ConfigMap, metadata: {name: team, namespace: mattermost}, data: {a: b}}",
			}
			run := harness.Command{Stdin: resourceList(t, c.configuration, items...)}.Run(t, harness.MattermostFn(t)).MustFail(t)
			if diff := cmp.Diff(decoded(t, items...), itemsOf(t, run.Stdout)); diff != "" {
				t.Errorf("items changed (- in, + out):\n%s", diff)
			}
			if run.Code != 1 {
				t.Errorf("exit code %d, want 1", run.Code)
			}
			if !strings.HasSuffix(run.Stderr, "\n") {
				t.Errorf("standard error ends without a newline: %q", run.Stderr)
			}
		})
	}
}

// Point 2: kyaml's own command line takes an argument for a file to run on alone, ignores standard input, and makes kpt
// delete the package.
func TestAnArgumentDoesNotDeleteThePackage(t *testing.T) {
	for name, exec := range map[string]string{
		"the configuration's file": "mattermost-fn mattermost.yaml",
		"a flag":                   "mattermost-fn --no-such-flag",
	} {
		t.Run(name, func(t *testing.T) {
			tree := packageWith(t, configuration("{domain: bigbang.dev}"))
			tree["Kptfile"] = strings.ReplaceAll(tree["Kptfile"], "exec: mattermost-fn", "exec: "+exec)
			dir := tree.Lay(t)
			kptRender(t, dir, t.TempDir()).MustFail(t)
			harness.ReadTree(t, dir).MustEqual(t, tree)
		})
		t.Run(name+" in kustomize", func(t *testing.T) {
			_, argument, _ := strings.Cut(exec, " ")
			annotated := strings.ReplaceAll(configuration("{domain: bigbang.dev}"), "path: mattermost-fn",
				"path: mattermost-fn, args: ["+argument+"]")
			run := harness.KustomizeBuild(t, packageWith(t, annotated).Lay(t)).MustFail(t)
			if run.Stdout != "" {
				t.Errorf("something came out:\n%s", run.Stdout)
			}
		})
	}
}

// Nothing that is not a ResourceList may look like success, and nothing of it may look like a ResourceList.
func TestInputThatIsNoResourceList(t *testing.T) {
	good := configuration("{domain: bigbang.dev}")
	cases := map[string]struct {
		stdin     string
		arguments []string
	}{
		"nothing":                     {},
		"white space":                 {stdin: " \n"},
		"a comment":                   {stdin: "# nothing\n"},
		"the configuration by itself": {stdin: good},
		"a scalar":                    {stdin: "hello"},
		"broken YAML":                 {stdin: "apiVersion: [config.kubernetes.io/v1"},
		"JSON that ends early":        {stdin: `{"kind": "ResourceList", "items": [`},
		"items that are no list": {stdin: "apiVersion: config.kubernetes.io/v1\nkind: " +
			"ResourceList\nitems: {a: b}\n"},
		"items that are no objects": {stdin: "apiVersion: config.kubernetes.io/v1\nkind: " +
			"ResourceList\nitems: [1, two]\n"},
		"another version of the list":   {stdin: "apiVersion: example.com/v1\nkind: ResourceList\nitems: []\n"},
		"an argument and a good list":   {stdin: resourceList(t, good, good), arguments: []string{"mattermost.yaml"}},
		"a flag and a good list":        {stdin: resourceList(t, good, good), arguments: []string{"--no-such-flag"}},
		"a command that does not exist": {arguments: []string{"rendr"}},
		"nothing to render":             {arguments: []string{"render"}},
		"a file that is not there":      {arguments: []string{"render", "no-such-file.yaml"}},
		"a configuration of another group": {stdin: resourceList(t, "{apiVersion: example.com/v1, kind: MattermostConfig, "+
			"metadata: {name: a}}")},
		"a version that does not exist": {stdin: resourceList(t, strings.ReplaceAll(good, "v1alpha1", "v9"))},
		"a configuration of another kind": {stdin: resourceList(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, "+
			"data: {domain: bigbang.dev}}")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			run := harness.Command{Stdin: c.stdin}.Run(t, harness.MattermostFn(t), c.arguments...).MustFail(t)
			if !strings.HasSuffix(run.Stderr, "\n") || strings.TrimSpace(run.Stderr) == "" {
				t.Errorf("standard error is %q, want at least one whole line", run.Stderr)
			}
			for _, noise := range []string{"panic", "goroutine", ".go:"} {
				if strings.Contains(run.Stderr, noise) {
					t.Errorf("standard error speaks of %q:\n%s", noise, run.Stderr)
				}
			}
		})
	}
}
