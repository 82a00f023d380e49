// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

var subcommand = regexp.MustCompile(`(?m)^  ([a-z]+) {2,}\S`)

// Every example in the help of every command works word for word in the repository, with the real kustomize and kpt.
// kubectl is a program that accepts what it gets.
func TestExamplesOfHelp(t *testing.T) {
	harness.Kustomize(t)
	bin := t.TempDir()
	for name, text := range map[string]string{
		"kubectl": "case \"$2\" in secret) base64 docs/example.mattermost-license;; " +
			"mattermost | mattermost,*) cat examples/mattermost-resource.yaml;; *) cat >/dev/null;; esac\n",
		"dot": "cat >/dev/null\necho '<svg></svg>'\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The examples write to copies: of the repository's files, and of /tmp and /tools.
	dir := t.TempDir()
	for _, name := range []string{"examples", "docs"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(harness.Root(), name))); err != nil {
			t.Fatal(err)
		}
	}
	resource := "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata:\n  name: mattermost\n" +
		"  namespace: mattermost\n  managedFields:\n  - manager: helm\n    operation: Update\n    fieldsType: FieldsV1\n" +
		"    fieldsV1: {f:spec: {f:size: {}}}\nspec: {version: 11.10.0, ingressName: chat.example.com, size: 1000users}\n"
	if err := os.WriteFile(filepath.Join(dir, "examples/mattermost-resource.yaml"), []byte(resource), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := strings.Join([]string{bin, filepath.Dir(harness.MattermostFn(t)), os.Getenv("PATH")}, ":")
	help := func(arguments ...string) string {
		return harness.Command{}.Run(t, harness.MattermostFn(t), append(arguments, "--help")...).MustSucceed(t).Stdout
	}
	root := help()
	texts := map[string]string{"": root}
	for _, match := range subcommand.FindAllStringSubmatch(root, -1) {
		if match[1] != "completion" { // cobra's own
			texts[match[1]] = help(match[1])
		}
	}
	if len(texts) < 9 {
		t.Fatalf("only %d commands: %s", len(texts), root)
	}
	ran := 0
	for name, text := range texts {
		_, text, found := strings.Cut(text, "\nExamples:\n")
		if !found {
			t.Errorf("%s has no examples", name)
			continue
		}
		text, _, _ = strings.Cut(text, "\n\nFlags:")
		text, _, _ = strings.Cut(text, "\n\nAvailable Commands:")
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if strings.HasPrefix(line, "kpt ") {
				harness.Kpt(t)
			}
			ran++
			run := harness.Command{Dir: dir, Env: append(os.Environ(), "PATH="+path)}.Run(t, "bash", "-o", "pipefail", "-c",
				strings.NewReplacer("/tmp/", "tmp/", " /tools", " tmp").Replace(line))
			// Both report differences, or something left to do, by their exit code.
			reports := run.Code == 3 && (strings.Contains(line, "--diff") || strings.Contains(line, "import"))
			if run.Code != 0 && !reports || strings.Contains(run.Stderr, "error:") {
				t.Errorf("%s", run)
			}
		}
	}
	if ran < 30 {
		t.Errorf("only %d examples", ran)
	}
}
