// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
)

// Without a configuration, check and render fail and say what was found instead: CI would otherwise commit an empty
// output, from which Argo CD or Flux removes the installation. As a function, such a list is fine.
func TestMissingConfiguration(t *testing.T) {
	const (
		no       = "found no MattermostConfig (mattermost.bigbang.dev/v1alpha1)"
		expected = "; expected a MattermostConfig (mattermost.bigbang.dev/v1alpha1)"
	)
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n"
	deployment := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
	for name, test := range map[string]struct{ text, want string }{
		"an empty file": {"", "error: f.yaml contains no objects" + expected},
		"only comments": {"# nothing\n---\n", "error: f.yaml contains no objects" + expected},
		"null":          {"null\n", "error: f.yaml contains no objects" + expected},
		"another kind":  {service + service + deployment, "error: " + no + " in f.yaml, only Service (2), Deployment"},
		"a letter off":  {strings.Replace(config, "Mattermost", "Matermost", 1), "MatermostConfig chat"},
		"lower case":    {strings.Replace(config, "Mattermost", "mattermost", 1), "mattermostConfig chat"},
		"another group": {strings.Replace(config, "bigbang.dev", "bigbang.com", 1), "f.yaml:1: error: " + no +
			`; apiVersion must be mattermost.bigbang.dev/v1alpha1, got "mattermost.bigbang.com/v1alpha1"`},
		"no apiVersion": {strings.Join(strings.Split(config, "\n")[1:], "\n"), "f.yaml:1: error: MattermostConfig chat"},
		"no kind":       {strings.Replace(config, "kind: MattermostConfig\n", "", 1), "kind"},
		"only a spec": {"spec:\n  domain: example.com\n", "f.yaml:1: error: " + no +
			"; apiVersion and kind are required"},
		"Big Bang values": {"addons:\n  mattermost: {enabled: true}\n",
			"f.yaml:1: error: " + no + "; these are values of Big Bang's chart"},
		"Helm values": {"replicaCount: 1\n", "f.yaml:1: error: " + no + "; an object has apiVersion and kind, which"},
		"the operator's resource": {"apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n" +
			"metadata: {name: a}\n", "f.yaml:1: error: " + no + "; a Mattermost is what mattermost-fn generates"},
		"a List": {"apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(config, "\n", "\n  "),
			"is inside a List, where the function does not read it; write it as an object of its own"},
		"a ResourceList": {"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n",
			"f.yaml:1: error: " + no + "; a ResourceList is the input of the function: mattermost-fn < FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			lay(t, map[string]string{"f.yaml": test.text})
			for _, args := range []string{"check f.yaml", "render f.yaml", "check -o json f.yaml"} {
				r := run("", strings.Fields(args)...)
				got := r.out + r.errors
				if strings.HasPrefix(args, "render") && r.out != "" {
					t.Errorf("%s printed %s", args, r.out)
				}
				if strings.Contains(args, "json") {
					if !strings.Contains(got, `"severity": "error"`) {
						t.Errorf("%s: %s", args, got)
					}
				} else if !strings.Contains(got, test.want) {
					t.Errorf("%s: got\n%swant\n%s", args, got, test.want)
				}
				if r.exit != exitRefused || strings.Contains(got, "selector") {
					t.Errorf("%s: exit code %d, %s", args, r.exit, got)
				}
			}
		})
	}
	if r := run("", "check", "-"); r.errors+r.out != "error: standard input contains no objects"+expected+"\n" {
		t.Errorf("got %s%s", r.errors, r.out)
	}
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- " +
		strings.ReplaceAll(strings.TrimSuffix(service, "---\n"), "\n", "\n  ") + "\n"
	if r := run(list); r.exit != exitOK || r.out == "" {
		t.Errorf("as a function: exit code %d, %s", r.exit, r.errors)
	}
}

// The output of an earlier run next to a configuration is not part of what is checked.
func TestCheckIgnoresOutput(t *testing.T) {
	output := strings.ReplaceAll(run(config, "render", "-").out, "name: chat", "name: dev-chat")
	lay(t, map[string]string{"d/chat.yaml": config + "  allow: [MM072]\n", "d/expected.yaml": output,
		"only/expected.yaml":  output,
		"plain/expected.yaml": run(config, "render", "-").out})
	if r := run("", "check", "d"); r.exit != exitOK || r.errors != "" || !strings.HasPrefix(r.out, "Prerequisites for ") {
		t.Errorf("exit code %d, printed %s%s", r.exit, r.out, r.errors)
	}
	// Without a configuration, the output itself is checked.
	if r := run("", "check", "only"); r.exit != exitRefused ||
		!strings.Contains(r.out, "Mattermost teams/dev-chat names Secret chat-database, which is not in the output") {
		t.Errorf("exit code %d, printed %s%s", r.exit, r.out, r.errors)
	}
	for _, args := range [][]string{{"check", "plain"}, {"check", "-"}} {
		r := run(run(config, "render", "-").out, args...)
		if want := "that mattermost-fn emitted fit together\n"; r.exit != exitOK || !strings.HasSuffix(r.out, want) {
			t.Errorf("%v: exit code %d, printed %s%s", args, r.exit, r.out, r.errors)
		}
	}
	if r := run(config+"---\n"+output, "check", "-"); r.exit != exitRefused || !strings.Contains(r.out, "[MM070]") {
		t.Errorf("with the configuration: exit code %d, printed %s%s", r.exit, r.out, r.errors)
	}
}

// Every file that is not valid YAML is reported, with its line.
func TestInvalidFilesAreReportedTogether(t *testing.T) {
	lay(t, map[string]string{"d/a.yaml": "a: [", "d/b.yaml": "spec:\n\tb: 1\n", "d/chat.yaml": config})
	r := run("", "check", "d")
	const want = "d/a.yaml:1: error: not valid YAML: a [ or { is not closed, " +
		"or a comma is missing between the values in it\n" +
		"d/b.yaml:2: error: not valid YAML: indented with a tab; YAML allows only spaces as indentation\n"
	if r.exit != exitRefused || r.out != want || r.errors != "" {
		t.Errorf("exit code %d, printed\n%s%s", r.exit, r.out, r.errors)
	}
}
