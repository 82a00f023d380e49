// SPDX-License-Identifier: Apache-2.0

package kpt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// git runs git in a directory.
func git(t *testing.T, dir string, arguments ...string) {
	t.Helper()
	harness.Command{Dir: dir}.Run(t, "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"},
		arguments...)...).MustSucceed(t)
}

// A team fetches the package of examples/fleet, changes host and namespace, and gets later versions of the package
// without losing its changes: docs/fleet.md.
func TestVariantsOfAPackage(t *testing.T) {
	upstream := t.TempDir()
	tree := harness.ReadTree(t, filepath.Join(harness.Root(), "examples", "fleet", "package"))
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(upstream, "package"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(upstream, "package", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range tree {
		write(name, text)
	}
	git(t, upstream, "init", "--quiet", "--initial-branch=main")
	git(t, upstream, "add", ".")
	git(t, upstream, "commit", "--quiet", "-m", "one")
	git(t, upstream, "tag", "v1")
	write("mattermost.yaml", strings.Replace(tree["mattermost.yaml"], "users: 100", "users: 1000\n  resources:\n"+
		"    requests: {cpu: 300m, memory: 1Gi}\n    limits: {cpu: \"1\", memory: 1Gi}", 1))
	git(t, upstream, "commit", "--quiet", "-a", "-m", "two")
	git(t, upstream, "tag", "v2")

	fleet := t.TempDir()
	in := func(arguments ...string) {
		t.Helper()
		harness.MattermostFn(t)
		harness.Command{Dir: fleet}.Run(t, harness.Kpt(t), arguments...).MustSucceed(t)
	}
	for _, team := range []string{"alpha", "bravo"} {
		in("pkg", "get", "file://"+upstream+"/.git/package@v1", team)
		file := filepath.Join(fleet, team, "mattermost.yaml")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("namespace: team", "namespace: "+team, "host: team.", "host: "+team+".").
			Replace(string(text))
		if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		in("fn", "render", "--allow-exec", team)
		git(t, fleet, "init", "--quiet")
		git(t, fleet, "add", ".")
		git(t, fleet, "commit", "--quiet", "-m", team)
	}
	harness.Command{Dir: fleet}.Run(t, harness.MattermostFn(t), "check", "alpha", "bravo").MustSucceed(t)

	in("pkg", "update", "alpha@v2")
	in("fn", "render", "--allow-exec", "alpha")
	after := harness.ReadTree(t, filepath.Join(fleet, "alpha"))
	for _, part := range []string{"host: alpha.chat.bigbang.dev", "namespace: alpha", "users: 1000", "cpu: 300m"} {
		if !strings.Contains(after["mattermost.yaml"], part) {
			t.Errorf("%q is not in\n%s", part, after["mattermost.yaml"])
		}
	}
	var all strings.Builder
	for _, text := range after {
		all.WriteString(text)
	}
	if !strings.Contains(all.String(), "memory: 1Gi") || strings.Contains(all.String(), "team.chat.bigbang.dev") {
		t.Errorf("the output is not that of the new version:\n%s", all.String())
	}
	if harness.ReadTree(t, filepath.Join(fleet, "bravo"))["mattermost.yaml"] == after["mattermost.yaml"] {
		t.Error("the other team changed too")
	}
}
