// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The directory that render writes is the one of which a diff shows no differences, in files per concern; a second run
// writes nothing, and a change is written to its file only, with the comments in it.
func TestOutputDirectory(t *testing.T) {
	lay(t, map[string]string{"chat.yaml": config, "theirs/own.yaml": "# mine\n" + outside})
	if r := run("", "render", "--output-dir", "out/put", "chat.yaml"); r.exit != exitOK ||
		r.out+prerequisiteLines.ReplaceAllString(r.errors, "") != "" {
		t.Fatalf("exit code %d, printed %s%s", r.exit, r.out, r.errors)
	}
	first := contents(t)
	var files []string
	for name := range first {
		files = append(files, name)
	}
	slices.Sort(files)
	want := []string{"chat.yaml", "out/put/chat/database.yaml", "out/put/chat/logging.yaml",
		"out/put/chat/object-storage.yaml", "out/put/chat/route.yaml", "out/put/chat/secrets.yaml",
		"out/put/chat/server.yaml", "theirs/own.yaml"}
	if !slices.Equal(files, want) {
		t.Fatalf("wrote %q", files)
	}
	if r := run("", "render", "--diff", "out/put", "chat.yaml"); r.exit != exitOK {
		t.Errorf("exit code %d\n%s%s", r.exit, r.out, r.errors)
	}
	printed := run("", "render", "chat.yaml").out
	if joined := first["out/put/chat/server.yaml"]; !strings.Contains(printed, joined) {
		t.Errorf("render prints something else than\n%s", joined)
	}
	edit(t, "out/put/chat/server.yaml", "replicas: 1", "replicas: 1 # reviewed")
	commented := contents(t)
	time := modified(t, "out/put/chat/server.yaml")
	if r := run("", "render", "--output-dir", "out/put", "chat.yaml"); r.exit != exitOK || r.out != "" ||
		!sameFiles(contents(t), commented) || modified(t, "out/put/chat/server.yaml") != time {
		t.Errorf("the second run wrote something: exit code %d, %s", r.exit, r.errors)
	}
	edit(t, "chat.yaml", "domain: example.com", "domain: example.org\n  route: {type: none}")
	r := run("", "render", "--list", "--output-dir", "out/put", "chat.yaml")
	const removed = "removed    VirtualService teams/chat               out/put/chat/route.yaml"
	if r.exit != exitOK || !strings.Contains(r.out, removed) {
		t.Errorf("exit code %d, printed\n%s%s", r.exit, r.out, r.errors)
	}
	after := contents(t)
	if _, left := after["out/put/chat/route.yaml"]; left {
		t.Error("the file without objects is left")
	}
	if server := after["out/put/chat/server.yaml"]; !strings.Contains(server, "chat.example.org") ||
		!strings.Contains(server, "replicas: 1 # reviewed") {
		t.Errorf("the file is\n%s", server)
	}
	if after["theirs/own.yaml"] != commented["theirs/own.yaml"] ||
		after["out/put/chat/database.yaml"] != commented["out/put/chat/database.yaml"] {
		t.Error("other files changed")
	}
}

// Nothing is written if the configuration is rejected, and nothing outside the directory.
func TestOutputDirectoryIsNotWritten(t *testing.T) {
	lay(t, map[string]string{
		"bad.yaml": config + "  replicas: two\n", "chat.yaml": config, "empty.yaml": "",
		"hidden/.krmignore": "chat\n", "hidden/chat/server.yaml": "mine: true\n",
		"elsewhere/x.txt": "", "link/x.txt": "",
		"own.yaml": "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: chat, namespace: teams}\n",
	})
	if err := os.Symlink("../elsewhere", "link/chat"); err != nil {
		t.Fatal(err)
	}
	before := contents(t)
	for args, want := range map[string]string{
		"--output-dir new bad.yaml":             "expected an integer",
		"--output-dir new empty.yaml":           "no MattermostConfig in new",
		"--output-dir hidden chat.yaml":         "hidden/chat/server.yaml exists, but was not read",
		"--output-dir link chat.yaml":           "path escapes from parent",
		"--output-dir new chat.yaml own.yaml":   "own.yaml: VirtualService teams/chat is outside new",
		"--output-dir chat.yaml/x chat.yaml":    "not a directory",
		"--output-dir new --diff new chat.yaml": "error: --diff conflicts with --output-dir; set only one\n",
		"--diff new --list chat.yaml":           "error: --diff conflicts with --list; set only one\n",
		"--output-dir= chat.yaml":               "error: --output-dir: a directory is required\n",
		"-o json chat.yaml":                     "--output json requires --diff",
	} {
		r := run("", append([]string{"render"}, strings.Fields(args)...)...)
		if r.exit == exitOK || !strings.Contains(r.errors, want) || !sameFiles(contents(t), before) {
			t.Errorf("%s: exit code %d, %s", args, r.exit, r.errors)
		}
		if _, err := os.Stat("new"); err == nil {
			t.Errorf("%s: an empty directory is left", args)
		}
	}
}

func TestList(t *testing.T) {
	r := run(config, "render", "--list", "-")
	if r.exit != exitOK || prerequisiteLines.ReplaceAllString(r.errors, "") != "" || strings.Count(r.out, "\n") != 9 ||
		!strings.Contains(r.out, "Mattermost             teams/chat             installation.mattermost.com/v1beta1\n") {
		t.Errorf("exit code %d, printed\n%s%s", r.exit, r.out, r.errors)
	}
}

func TestDiffAsJSON(t *testing.T) {
	lay(t, map[string]string{"chat.yaml": config})
	run("", "render", "--output-dir", "d", "chat.yaml")
	edit(t, "d/chat/server.yaml", "replicas: 1", "replicas: 2")
	r := run("", "render", "--diff", "d", "-o", "json", "chat.yaml")
	var changes []jsonChange
	if err := json.Unmarshal([]byte(r.out), &changes); err != nil || r.exit != exitDifferent || len(changes) != 9 {
		t.Fatalf("%v, exit code %d\n%s", err, r.exit, r.out)
	}
	for _, change := range changes {
		if isServer := change.Kind == "Mattermost"; (change.State == "changed") != isServer ||
			strings.Contains(change.Diff, "\n-  replicas: 2\n+  replicas: 1\n") != isServer {
			t.Errorf("got %+v", change)
		}
	}
	edit(t, "d/chat/server.yaml", "replicas: 2", "replicas: 1")
	if r := run("", "render", "--diff", "d", "-o", "json", "chat.yaml"); r.exit != exitOK {
		t.Errorf("exit code %d\n%s", r.exit, r.out)
	}
}

func TestFailOn(t *testing.T) {
	warned := config + "  database: {host: db.example.com, password: hunter2}\n"
	for args, exit := range map[string]int{
		"check -": exitOK, "check --fail-on error -": exitOK, "check --fail-on warning -": exitRefused,
		"check --fail-on info -": exitUsage,
	} {
		if r := run(warned, strings.Fields(args)...); r.exit != exit {
			t.Errorf("%s: exit code %d", args, r.exit)
		}
	}
	if r := run(config+"  allow: [MM072]\n", "check", "--fail-on", "warning", "-"); r.exit != exitOK {
		t.Errorf("exit code %d, %s", r.exit, r.out)
	}
}

func TestImages(t *testing.T) {
	community := strings.Replace(config, "spec:", "spec:\n  profile: community\n  route: {type: none}", 1)
	for _, test := range [][2]string{
		{"",
			"mattermost/mattermost-enterprise-edition:11.10.0  Mattermost teams/chat"},
		{"  image: {digest: sha256:" + strings.Repeat("a", 64) + "}\n",
			"mattermost/mattermost-enterprise-edition@sha256:aa"},
		{"  database: {inCluster: {engine: statefulset, password: x}}\n",
			"docker.io/library/postgres:18.4"},
		{"  database: {inCluster: {instances: 1}}\n",
			"(chosen by CloudNativePG 1.29 or 1.30)"},
		{"  database: {inCluster: {image: 'example.com/pg:18.1'}}\n",
			"example.com/pg:18.1"},
		{"  pod: {sidecars: [{name: a, image: 'example.com/a:1', resources: {limits: {cpu: 1, memory: 1Gi}}}]}\n",
			"example.com/a:1"},
	} {
		spec, want := test[0], test[1]
		if r := run(community+spec, "images", "-"); r.exit != exitOK || !strings.Contains(r.out, want) {
			t.Errorf("%s: exit code %d, printed\n%s%s", spec, r.exit, r.out, r.errors)
		}
	}
	var all []image
	if err := json.Unmarshal([]byte(run(community, "images", "-o", "json", "-").out), &all); err != nil || len(all) != 2 {
		t.Errorf("%v, %v", err, all)
	}
	if r := run(config+"  replicas: two\n", "images", "-"); r.exit != exitRefused || r.out != "" {
		t.Errorf("exit code %d, %s", r.exit, r.out)
	}
}

// What new creates has no mistakes, also with each of its comments as a field.
func TestNew(t *testing.T) {
	for _, tool := range tools {
		lay(t, nil)
		r := run("", "new", "--tool", tool, "--domain", "example.org", "d/chat")
		if r.exit != exitOK || prerequisiteLines.ReplaceAllString(r.errors, "") != "" {
			t.Fatalf("exit code %d, %s", r.exit, r.errors)
		}
		if r := run("", "check", "--fail-on", "warning", "d/chat/mattermost.yaml"); r.exit != exitOK {
			t.Errorf("%s: %s", tool, r.out)
		}
		text := contents(t)["d/chat/mattermost.yaml"]
		var fields strings.Builder
		for line := range strings.Lines(text) {
			if field, ok := strings.CutPrefix(line, "  # "); ok && (strings.Contains(field, ": ") || strings.HasSuffix(field,
				":\n")) &&
				!strings.Contains(field, "Enterprise Tier") && field[0] != 'O' {
				line = "  " + field
			}
			fields.WriteString(line)
		}
		if err := os.WriteFile("all.yaml", []byte(fields.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		if r := run("", "check", "all.yaml"); r.exit != exitOK || strings.Contains(r.out, "warning:") {
			t.Errorf("%s: with all fields: %s\n%s", tool, r.out, fields.String())
		}
		before := contents(t)
		if r := run("", "new", "d/chat"); r.exit != exitRefused || !strings.Contains(r.errors, "exists; choose another") ||
			!sameFiles(before, contents(t)) {
			t.Errorf("exit code %d, %s", r.exit, r.errors)
		}
	}
	for domain, hint := range map[string]string{
		"example.com": "",
		"chat.example.com": "The site is https://chat.chat.example.com: the domain is what follows the first label of the " +
			"host. For\nhttps://chat.example.com write domain: example.com in d/mattermost.yaml.\n",
		"dev.example.com": "The site is https://chat.dev.example.com. For https://dev.example.com write " +
			"host: dev.example.com\ninstead of domain in d/mattermost.yaml.\n",
	} {
		lay(t, nil)
		_, after, _ := strings.Cut(run("", "new", "--domain", domain, "d").out, "exec d\n")
		if after = strings.TrimPrefix(after, "\n"); after != hint {
			t.Errorf("%s: printed %q, want %q", domain, after, hint)
		}
	}
	for _, args := range []string{"new --tool helm d", "new --domain https://a.b d", "new"} {
		if r := run("", strings.Fields(args)...); r.exit != exitUsage {
			t.Errorf("%s: exit code %d", args, r.exit)
		}
	}
}

func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"explain spec.s":              "spec.sso\t",
		"explain MM_TEAMSETTINGS_SIT": "MM_TEAMSETTINGS_SITENAME\t",
		"check -o ":                   "json\n",
		"check --fail-on ":            "warning\n",
		"render --diff d -o ":         "json\n",
		"schema -o ":                  "json-schema\n",
		"check ":                      "yaml\nyml\n:8\n", // ShellCompDirectiveFilterFileExt
		"new --tool ":                 "kpt\n",
		"help re":                     "render\t",
	} {
		command := append([]string{"__complete"}, strings.Split(args, " ")...)
		if r := run("", command...); r.exit != exitOK || !strings.Contains(r.out, want) {
			t.Errorf("%q: exit code %d, printed %s", args, r.exit, r.out)
		}
	}
	if r := run("", "--help"); !strings.Contains(r.out, "\n  completion ") {
		t.Errorf("completion is hidden in\n%s", r.out)
	}
}

func edit(t *testing.T, file, old, new string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func modified(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime().UnixNano()
}

func sameFiles(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, text := range a {
		if other, ok := b[name]; !ok || other != text {
			return false
		}
	}
	return true
}
