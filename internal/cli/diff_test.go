// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the tests expect; review the difference")

// inPlace are packages on which the real kpt has run: before, after, and what the function said in messages.txt.
const inPlace = "../../e2e/kpt/testdata/inplace"

// contents are all files below the working directory.
func contents(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	if err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

// states are the objects that a diff names, each with its state.
func states(out string) map[string]string {
	list, _, _ := strings.Cut(out, "\n\n")
	states := map[string]string{}
	for line := range strings.SplitSeq(list, "\n") {
		if fields := strings.Fields(line); len(fields) == 4 {
			states[fields[1]+" "+fields[2]] = fields[0]
		}
	}
	return states
}

var (
	messageAdded = regexp.MustCompile(`info: added: (.*)`)
	messageGone  = regexp.MustCompile(`objects that can be generated again are removed \((.*)\)`)
	messageOne   = regexp.MustCompile(`(?:info|warning): (\w+ \S+) (is removed|is updated|is transferred from|is ` +
		`kept|is not managed)`)
)

// The diff of a package shows what a run of kpt in place makes of it: the states are those that the function reports
// there, and what kpt has written has no differences. No file is written.
func TestDiffShowsARunInPlace(t *testing.T) {
	cases, err := filepath.Glob(inPlace + "/*")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no packages in %s: %v", inPlace, err)
	}
	for _, directory := range cases {
		t.Run(filepath.Base(directory), func(t *testing.T) {
			expected, err := filepath.Abs(filepath.Join("testdata/diff", filepath.Base(directory)+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			messages, err := os.ReadFile(filepath.Join(directory, "messages.txt"))
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(filepath.Join(directory, "before"))
			files := contents(t)
			before := run("", "render", "--diff", ".")
			if before.exit != exitDifferent {
				t.Errorf("exit code %d, stderr %s", before.exit, before.errors)
			}
			if *update {
				if err := os.WriteFile(expected, []byte(before.out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(expected); err != nil || before.out != string(want) {
				t.Errorf("%v; printed\n%s\nwant\n%s", err, before.out, want)
			}
			if !maps.Equal(contents(t), files) {
				t.Error("files were written")
			}

			reported := map[string]string{}
			for _, match := range messageAdded.FindAllStringSubmatch(string(messages), -1) {
				for id := range strings.SplitSeq(match[1], ", ") {
					reported[id] = "added"
				}
			}
			for _, match := range messageGone.FindAllStringSubmatch(string(messages), -1) {
				for id := range strings.SplitSeq(match[1], ", ") {
					reported[id] = "removed"
				}
			}
			what := map[string]string{"is kept": "retained", "is removed": "removed", "is updated": "changed",
				"is transferred from": "changed", "is not managed": "patched"}
			for _, match := range messageOne.FindAllStringSubmatch(string(messages), -1) {
				reported[match[1]] = what[match[2]]
			}
			got := states(before.out)
			if len(got) == 0 {
				t.Error("no object is named")
			}
			for id, state := range reported {
				if got[id] != state {
					t.Errorf("%s is %q, and the run in kpt reports %s", id, got[id], state)
				}
			}
			for id, state := range got { // of what is new in a package kpt's run says nothing
				if reported[id] == "" && state != "unchanged" && state != "added" {
					t.Errorf("%s is %s, and the run in kpt does not report it", id, state)
				}
			}

			t.Chdir("../after")
			after := run("", "render", "--diff", ".")
			exit := exitOK
			if filepath.Base(directory) == "deleted" {
				exit = exitRefused // nothing is left that could be compared
			}
			if after.exit != exit || strings.Contains(after.out, "\n@@") {
				t.Errorf("after the run: exit code %d, printed\n%s", after.exit, after.out)
			}
			for id, state := range states(after.out) {
				if state != "unchanged" {
					t.Errorf("after the run %s is %s", id, state)
				}
			}
		})
	}
}

const two = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: talk
  namespace: teams
spec:
  domain: example.org
  route: {type: none}
`

// blanks are those that align columns.
var spaces = regexp.MustCompile(` +`)

// Which files are read, and only once; where new objects would go; and the exit code.
func TestDiffReads(t *testing.T) {
	const without = "  logging: {fluentBit: {enabled: false}}\n"
	const theirs = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: chat, namespace: teams}\n"
	lay(t, map[string]string{
		"chat.yaml":                config + without,
		"package/Kptfile":          "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: p}\n",
		"package/deep/chat.yaml":   config + without,
		"package/deep/x.json":      `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}`,
		"package/helm/values.yaml": "- {{ no YAML }}\n",
		"package/.krmignore":       "helm\n",
		"empty/README.md":          "",
		"broken/values.yaml":       "- a list\n",
		"theirs/sub/route.yml":     theirs,
		"refused/chat.yaml":        config + "  databse: {}\n",
	})
	first := run("", "render", "chat.yaml")
	rendered := map[string]string{"rendered/all.yaml": first.out, "rendered/other.yaml": run(two, "render", "-").out}
	rendered["left/Kptfile"] = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: p}\n"
	rendered["left/all.yaml"] = rendered["rendered/other.yaml"]
	for name, text := range rendered {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("package", "link"); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	const hint = "\nRun 'mattermost-fn render --help' for usage.\n"
	for _, test := range []struct {
		args, stdin string
		exit        int
		lines       []string // of what is printed
		messages    string   // a part of standard error; "" for nothing but what is to be arranged elsewhere
	}{
		{"package", "", 3, []string{"added Mattermost teams/chat package/deep/chat/server.yaml",
			"5 added, 0 changed, 0 patched, 0 retained, 0 removed, 0 unchanged"}, ""},
		{"package/", "", 3, []string{"added Mattermost teams/chat package/deep/chat/server.yaml"}, ""},
		{"package package/deep/chat.yaml", "", 3, []string{"5 added, 0 changed, 0 patched, 0 retained, " +
			"0 removed, 0 unchanged"}, ""},
		{"package link/deep/chat.yaml", "", 3, []string{"5 added, 0 changed, 0 patched, 0 retained, 0 removed, 0 unchanged"},
			""},
		{"package package/deep", "", 3, []string{"5 added, 0 changed, 0 patched, 0 retained, 0 removed, 0 unchanged"}, ""},
		{"link", "", 3, []string{"added Mattermost teams/chat link/deep/chat/server.yaml"}, ""},
		{here + "/package package/deep/chat.yaml", "", 3,
			[]string{"5 added, 0 changed, 0 patched, 0 retained, 0 removed, 0 unchanged"}, ""},
		{"package chat.yaml", "", 1, nil, "there is another MattermostConfig teams/chat in package/deep/chat.yaml; " +
			"rename or remove one of the two"},
		{"rendered chat.yaml", "", 0, []string{"unchanged Mattermost teams/chat rendered/all.yaml",
			"0 added, 0 changed, 0 patched, 0 retained, 0 removed, 5 unchanged"}, "MattermostConfig teams/talk is not among " +
			"the resources; its objects (8, the first is Secret teams/talk-database) are kept because the " +
			"input may be incomplete"},
		{"rendered -", config + without + "  networkPolicies: {enabled: true}\n  route: {type: none}\n", 3,
			[]string{"added NetworkPolicy teams/chat-default-deny rendered/chat/network-policies.yaml",
				"removed VirtualService teams/chat rendered/all.yaml"}, "VirtualService teams/chat is removed"},
		{"left chat.yaml", "", 3, []string{"5 added, 0 changed, 0 patched, 0 retained, 0 removed, 0 unchanged"},
			"are kept because the input may be incomplete"},
		{"left -", config + without, 3, []string{"5 added, 0 changed, 0 patched, 0 retained, 0 removed, 0 unchanged"},
			"are kept because the input may be incomplete"},
		{"left", "", 1, nil, "MattermostConfig teams/talk is not among the resources; its objects (8, " +
			"the first is Secret teams/talk-database) are kept"},
		{"empty chat.yaml", "", 3, []string{"added Mattermost teams/chat empty/chat/server.yaml"}, ""},
		{"theirs chat.yaml", "", 3, []string{"patched VirtualService teams/chat theirs/sub/route.yml",
			"4 added, 0 changed, 1 patched, 0 retained, 0 removed, 0 unchanged"}, "is not managed by mattermost-fn"},

		{"empty", "", 1, nil, "error: no MattermostConfig in empty, and no object whose configuration was deleted; add the " +
			"configuration's file, as in 'mattermost-fn render --diff empty FILE', or use the directory with the Kptfile\n"},
		{"rendered", "", 1, nil, "error: no MattermostConfig in rendered, and no object"},
		{"refused", "", 1, nil, "refused/chat.yaml:8: error: spec.databse: unknown field; did you mean database?\n"},
		{"broken chat.yaml", "", 1, nil, "broken/values.yaml:1: error: expected an object with apiVersion and kind; a " +
			"configuration begins with apiVersion: mattermost.bigbang.dev/v1alpha1. " +
			"List files without resources in broken/.krmignore\n"},
		{"chat.yaml", "", 1, nil, "error: chat.yaml is not a directory; --diff is followed by the directory: " +
			"mattermost-fn render --diff DIRECTORY chat.yaml\n"},
		{"nowhere chat.yaml", "", 1, nil, "error: stat nowhere: no such file or directory\n"},
		{"empty nowhere.yaml", "", 1, nil, "error: open nowhere.yaml: no such file or directory\n"},
		{"", "", 2, nil, "error: flag needs an argument: --diff" + hint},
	} {
		t.Run(test.args, func(t *testing.T) {
			files := contents(t)
			r := run(test.stdin, append([]string{"render", "--diff"}, strings.Fields(test.args)...)...)
			if r.exit != test.exit {
				t.Errorf("exit code %d, want %d", r.exit, test.exit)
			}
			for _, line := range test.lines {
				if !strings.Contains("\n"+spaces.ReplaceAllString(r.out, " "), "\n"+line+"\n") {
					t.Errorf("there is no line\n%s", line)
				}
			}
			if (test.exit == 1 || test.exit == 2) && r.out != "" {
				t.Error("something is printed")
			}
			if messages := prerequisiteLines.ReplaceAllString(r.errors, ""); test.messages == "" && messages != "" ||
				!strings.Contains(messages, test.messages) {
				t.Errorf("messages\n%s\nwant\n%s", messages, test.messages)
			}
			if !maps.Equal(contents(t), files) {
				t.Error("files were written")
			}
			if t.Failed() {
				t.Logf("printed\n%s", r.out)
			}
		})
	}
}

// The values of a Secret are never printed, whatever happens to it, even where the same value is elsewhere in it; only
// the keys that change are.
func TestDiffMasksSecrets(t *testing.T) {
	database := func(password string) string {
		return config + "  route: {type: none}\n  logging: {fluentBit: {enabled: false}}\n  database: {host: " +
			"db.example.com, password: " + password + "}\n"
	}
	lay(t, map[string]string{"old.yaml": database("hunter2old"), "new.yaml": database("hunter2new")})
	made := run("", "render", "old.yaml").out
	theirs := `apiVersion: v1
kind: Secret
metadata:
  name: chat-database
  namespace: teams
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"a":"hunter2applied"}}'
    note: kept
data: &all # hunter2comment
  # hunter2head
  theirs: aHVudGVyMg==  # hunter2line
  again: !!binary aHVudGVyMg==
  # hunter2foot
stringData:
  text: |
    hunter2first
    hunter2second
  <<: {merged: hunter2merged}
  stars: "*** hunter2stars"
`
	for name, test := range map[string]struct {
		there, file string
		want        []string
	}{
		"added": {"", "new.yaml", []string{"+  DB_CONNECTION_STRING: '***'"}},
		"changed": {made, "new.yaml", []string{"   DB_CONNECTION_STRING: '***'", "-  password: '*** (before)'",
			"+  password: '*** (after)'"}},
		"removed": {made, "none.yaml", []string{"-  DB_CONNECTION_STRING: '***'"}},
		"patched": {theirs, "new.yaml", []string{"     note: kept", "   stars: '***'",
			"+  DB_CONNECTION_STRING: '***'", "     kubectl.kubernetes.io/last-applied-configuration: '***'"}},
		"no map": {strings.NewReplacer("data: &all # hunter2comment\n  # hunter2head\n  theirs: "+
			"aHVudGVyMg==  # hunter2line\n  again: !!binary aHVudGVyMg==\n  # hunter2foot\n",
			"data: aHVudGVyMg==\n").Replace(theirs), "new.yaml", []string{"-data: '***'", "+  DB_CONNECTION_STRING: '***'"}},
		"an alias": {"apiVersion: v1\nkind: Secret\nmetadata: {name: chat-database, namespace: teams}\ndata: &d {a: " +
			"aHVudGVyMg==}\nstringData: *d\n", "new.yaml", []string{" stringData:", "   a: '***'",
			"+  DB_CONNECTION_STRING: '***'"}},
	} {
		t.Run(name, func(t *testing.T) {
			for name, text := range map[string]string{"there/all.yaml": test.there, "none.yaml": config +
				"  route: {type: none}\n  logging: {fluentBit: {enabled: false}}\n  database: {existingSecret: db}\n"} {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			r := run("", "render", "--diff", "there", test.file)
			if r.exit != exitDifferent {
				t.Errorf("exit code %d, stderr %s", r.exit, r.errors)
			}
			for _, secret := range []string{"hunter2", "aHVudGVyMg"} {
				if strings.Contains(r.out+r.errors, secret) {
					t.Errorf("the secret is printed:\n%s\n%s", r.out, r.errors)
				}
			}
			for _, line := range test.want {
				if !strings.Contains(r.out, "\n"+line+"\n") {
					t.Errorf("there is no line %s in\n%s", line, r.out)
				}
			}
		})
	}
}

// A file that a .krmignore hides is not overwritten without a warning.
func TestDiffWarnsOfHiddenFiles(t *testing.T) {
	lay(t, map[string]string{
		"p/Kptfile":          "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: p}\n",
		"p/chat.yaml":        config,
		"p/.krmignore":       "chat/server.yaml\n",
		"p/chat/server.yaml": "a: b\n",
	})
	const warning = "p/chat/server.yaml: warning: the file exists, but a .krmignore hides it"
	if r := run("", "render", "--diff", "p"); r.exit != exitDifferent || strings.Count(r.errors, warning) != 1 {
		t.Errorf("exit code %d, got %s", r.exit, r.errors)
	}
}

// What a run would reset is named, with the fields that someone edited by hand.
func TestDiffNamesEditedFields(t *testing.T) {
	dir := t.TempDir()
	if exit, _, errs := execute(configured, "render", "--output-dir", dir, "-"); exit != 0 {
		t.Fatal(errs)
	}
	server := filepath.Join(dir, "chat", "server.yaml")
	text, err := os.ReadFile(server)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.NewReplacer("replicas: 1", "replicas: 3", "enabled: false", "enabled: true").Replace(string(text))
	if err := os.WriteFile(server, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	exit, out, errs := execute(configured, "render", "--diff", dir, "-")
	if want := "info: Mattermost teams/chat is updated to match MattermostConfig teams/chat: spec.ingress.enabled, " +
		"spec.replicas\n"; exit != 3 || !strings.Contains(errs, want) || !strings.Contains(out, "-  replicas: 3\n+  replicas: 1\n") {
		t.Errorf("exit %d, %s%s", exit, errs, out)
	}
}
