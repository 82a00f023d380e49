// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/kio"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// check and render follow the kustomizations of the examples, overlays included, and render prints what kustomize
// builds with the function as an executable.
func TestCommandsFollowKustomizations(t *testing.T) {
	harness.Kustomize(t)
	followed := 0
	for _, example := range harness.Examples(t) {
		if !example.Has("kustomization.yaml") {
			continue
		}
		followed++
		t.Run(example.Name, func(t *testing.T) {
			harness.Command{}.Run(t, harness.MattermostFn(t), "check", example.Dir).MustSucceed(t)
			run := harness.Command{}.Run(t, harness.MattermostFn(t), "render", example.Dir).MustSucceed(t)
			want, err := os.ReadFile(example.Expected())
			if err != nil {
				t.Fatal(err)
			}
			got, expected := objects(t, run.Stdout), objects(t, string(want))
			for id, object := range expected {
				if got[id] != object {
					t.Errorf("%s is\n%s\nwant\n%s", id, got[id], object)
				}
			}
			if len(got) != len(expected) {
				t.Errorf("%d objects, want %d", len(got), len(expected))
			}
		})
	}
	if followed < 9 {
		t.Errorf("only %d examples have a kustomization", followed)
	}
}

// objects are the objects of YAML documents as JSON, by kind, namespace and name.
func objects(t *testing.T, text string) map[string]string {
	t.Helper()
	nodes, err := kio.FromBytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, node := range nodes {
		data, err := node.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		all[node.GetKind()+" "+node.GetNamespace()+"/"+node.GetName()] = string(data)
	}
	return all
}

// in creates a directory with files.
func in(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// only is a directory with nothing but a kustomization.
func only(text string) map[string]string { return map[string]string{"kustomization.yaml": text} }

func team(name, host string) string {
	return "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\nmetadata:\n  name: chat\n  namespace: " +
		name + "\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\n    config.kubernetes.io/function: |\n" +
		"      exec: {path: mattermost-fn}\nspec:\n  host: " + host + "\n"
}

const overlay = "resources: [../../../base]\nnamespace: "

// Two teams that use one host are found across overlays, and mistakes of an overlay name it.
func TestCommandsCheckOverlaysAgainstEachOther(t *testing.T) {
	harness.Kustomize(t)
	patch := "\npatches:\n- target: {kind: MattermostConfig}\n  patch: |\n    - {op: replace, path: /spec/host, value: "
	dir := in(t, map[string]string{
		"base/kustomization.yaml":           "resources: [mattermost.yaml]\n",
		"base/mattermost.yaml":              team("base", "chat.example.com"),
		"teams/a/kustomization.yaml":        "generators: [config]\n",
		"teams/a/config/kustomization.yaml": overlay + "a\n",
		"teams/b/kustomization.yaml":        "generators: [config]\nlabels: [{pairs: {team: b}}]\n",
		"teams/g/kustomization.yaml":        "generators: [../b/config]\nnamePrefix: x-\n",
		"teams/b/config/kustomization.yaml": overlay + "b" + patch + "talk.example.com}\n",
		"teams/c/kustomization.yaml":        "generators: [config]\n",
		"teams/c/config/kustomization.yaml": overlay + "c" + patch + "'https://talk'}\n",
		"teams/d/kustomization.yaml":        "resources: [../a]\ntransformers: [config]\nlabels: [{pairs: {team: d}}]\n",
		"teams/d/config/kustomization.yaml": overlay + "d" + patch + "d.example.com}\n",
		"cluster/kustomization.yaml":        "resources: [../teams/a, ../teams/b]\n",
		"duplicate/kustomization.yaml":      "resources: [../teams/a, ../teams/e]\n",
		"teams/e/kustomization.yaml":        "generators: [config]\n",
		"teams/e/config/kustomization.yaml": overlay + "e\n",
		"teams/f/kustomization.yaml": "generators:\n- |\n  " + strings.ReplaceAll(team("f", "f.example.com"), "\n",
			"\n  "),
		"cycle/kustomization.yaml":     "resources: [../cycle2]\n",
		"cycle2/kustomization.yaml":    "resources: [../cycle]\n",
		"without/kustomization.yaml":   "resources: [service.yaml]\n",
		"without/service.yaml":         "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n",
		"resources/kustomization.yaml": "resources: [../base]\n",
		"patched/kustomization.yaml":   "generators: [../base]\nconfigMapGenerator: [{name: m, files: [a=x.txt]}]\n",
		"patched/x.txt":                "hello",
	})
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"check teams/a", 0, ""},
		{"check teams/a teams/b", 0, ""},
		{"check teams/a teams/e", 1, "teams/e/config: error: spec.host: MattermostConfig e/chat in teams/e/config and " +
			"MattermostConfig a/chat in teams/a/config both use the host chat.example.com"},
		{"check cluster", 0, ""},
		{"check duplicate", 1, "both use the host chat.example.com"},
		{"check teams/c", 1, "teams/c/config: error: spec.host: must be a host"},
		{"render teams/c", 1, "teams/c/config: error: spec.host: must be a host"},
		{"check teams/a/config", 0, ""},
		{"check resources", 0, ""},
		{"check teams/f", 0, ""},
		{"check without", 1, "found no MattermostConfig (mattermost.bigbang.dev/v1alpha1) in without, only Service"},
		{"check cycle", 1, "refer to each other in a circle"},
		{"check teams", 1, "teams contains no YAML files; name the directories in it: teams/a teams/b"},
		{"check teams/g", 1, "teams/g: error: spec.matchRegex: Filter b/x-chat names the installation chat, but the " +
			"installation is b/x-chat now"},
		{"render --list teams/g", 0, "Mattermost             b/x-chat             installation.mattermost.com/v1beta1\n"},
		{"render --list cluster", 0, "Mattermost             a/chat "},
		{"render --list teams/d", 0, "Mattermost             d/chat "},
		{"render teams/d", 0, "    team: d\n"},
		{"render --list patched", 0, "ConfigMap "},
		{"images teams/a", 0, "registry1.dso.mil/ironbank/opensource/mattermost/mattermost:"},
		{"render --diff teams/a/config teams/a", 3, "added  Mattermost a/chat"},
	} {
		t.Run(test.args, func(t *testing.T) {
			run := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), strings.Fields(test.args)...)
			if run.Code != test.code || !strings.Contains(run.Stdout+run.Stderr, test.want) {
				t.Errorf("want %d and %q, got %s", test.code, test.want, run)
			}
		})
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "mattermost-fn-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("copies are left: %q, %v", left, err)
	}
}

// A pull request that writes anything into a kustomization or Kptfile makes these commands run nothing, fetch nothing,
// and read nothing outside its directories.
func TestCommandsRunNothing(t *testing.T) {
	harness.Kustomize(t)
	bin := t.TempDir()
	canary := filepath.Join(bin, "canary")
	trap := "#!/bin/sh\necho \"$0 $@\" >> " + canary + "\n"
	for _, name := range []string{"git", "helm", "docker", "podman", "sh", "trap", "nerdctl"} {
		text := trap
		if name == "sh" {
			text = "#!/bin/bash\necho \"$0 $@\" >> " + canary + "\n"
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(harness.Kustomize(t), filepath.Join(bin, "kustomize")); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var connections atomic.Int32
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			connection.Close()
		}
	}()
	url := "http://" + listener.Addr().String() + "/x.yaml"
	function := func(how string) string {
		return "apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n" +
			"    config.kubernetes.io/function: |\n      " + how + "\n"
	}
	const good = "generators: [mattermost.yaml]\n"
	const secret = "topsecret"
	for name, test := range map[string]struct {
		files map[string]string
		// says is in the messages. Where it is empty, only what must not happen is checked.
		says string
	}{
		"an exec function": {map[string]string{"kustomization.yaml": "generators: [mattermost.yaml, evil.yaml]\n",
			"evil.yaml": function("exec: {path: ./trap}")}, "Evil evil in d/evil.yaml is not run"},
		"an exec function on PATH as transformer": {map[string]string{
			"kustomization.yaml": good + "transformers: [evil.yaml]\n",
			"evil.yaml":          function("exec: {path: trap}")}, "Evil evil in d/evil.yaml is not run"},
		"a container": {map[string]string{"kustomization.yaml": good + "validators: [evil.yaml]\n",
			"evil.yaml": function("container: {image: example.com/x, network: true}")}, "is not run"},
		"our configuration with another program": {map[string]string{"kustomization.yaml": good,
			"mattermost.yaml": strings.Replace(team("a", "a.example.com"), "path: mattermost-fn", "path: ./trap", 1)}, ""},
		"an inline function": {map[string]string{"kustomization.yaml": good + "transformers:\n- |\n  " +
			strings.ReplaceAll(function("exec: {path: trap}"), "\n", "\n  ")}, "is not run"},
		"a function in a generator's directory": {map[string]string{"kustomization.yaml": "generators: [sub]\n",
			"sub/kustomization.yaml": "resources: [evil.yaml]\n", "sub/evil.yaml": function("exec: {path: trap}")},
			"is not run"},
		"a function of a base": {map[string]string{"kustomization.yaml": good + "resources: [base]\n",
			"base/kustomization.yaml": "generators: [evil.yaml]\n", "base/evil.yaml": function("exec: {path: trap}")},
			"is not run"},
		"a chart": {map[string]string{"kustomization.yaml": good + "helmCharts: [{name: x, repo: " + url + "}]\n"},
			"helmCharts is not run"},
		"a chart in upper case": {map[string]string{"kustomization.yaml": good + "HelmCharts: [{name: x, repo: " + url +
			"}]\n"},
			"is not run"},
		"the chart plugin": {map[string]string{"kustomization.yaml": "generators: [mattermost.yaml, c.yaml]\n",
			"c.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: c}\nname: x\nrepo: " + url +
				"\n"}, ""},
		"a legacy plugin": {map[string]string{"kustomization.yaml": good + "transformers: [p.yaml]\n",
			"p.yaml": "apiVersion: someteam.example.com/v1\nkind: Plug\nmetadata: {name: p}\n"}, "is not run"},
		"a Git repository": {map[string]string{"kustomization.yaml": good + "resources: ['https://github.com/a/b?ref=x']\n"},
			"nothing is fetched"},
		"a Git repository by ssh": {map[string]string{"kustomization.yaml": good + "resources: ['git@github.com:a/b']\n"},
			"nothing is fetched"},
		"a Git repository that runs a program": {map[string]string{
			"kustomization.yaml": good + "resources: ['git::ext::sh -c trap% //x']\n"}, "nothing is fetched"},
		"a local Git repository": {map[string]string{"kustomization.yaml": good + "resources: ['file:///x//y']\n"},
			"nothing is fetched"},
		"a directory with the name of a repository": {map[string]string{
			"kustomization.yaml":                good + "resources: [github.com/a/b]\n",
			"github.com/a/b/kustomization.yaml": "resources: [x.yaml]\n",
			"github.com/a/b/x.yaml":             "apiVersion: v1\nkind: X\nmetadata: {name: x}\n"}, "nothing is fetched"},
		"resources by HTTP":  {only(good + "resources: [" + url + "]\n"), "nothing is fetched"},
		"generators by HTTP": {only("generators: [mattermost.yaml, " + url + "]\n"), "nothing is fetched"},
		"Resources by HTTP":  {only(good + "RESOURCES: [" + url + "]\n"), "nothing is fetched"},
		"components by HTTP": {only(good + "components: [" + url + "]\n"), "nothing is fetched"},
		"a patch by HTTP":    {only(good + "patches: [{path: " + url + "}]\n"), "nothing is fetched"},
		"a Patch by HTTP":    {only(good + "patches: [{Path: " + url + "}]\n"), "nothing is fetched"},
		"crds by HTTP":       {only(good + "crds: [" + url + "]\n"), "nothing is fetched"},
		"openapi by HTTP":    {only(good + "openapi: {path: " + url + "}\n"), "nothing is fetched"},
		"replacements":       {only(good + "replacements: [{path: " + url + "}]\n"), "nothing is fetched"},
		"files by HTTP": {only(good + "configMapGenerator: [{name: m, files: ['a=" + url + "']}]\n"),
			"nothing is fetched"},
		"env by HTTP":       {only(good + "secretGenerator: [{name: m, envs: [" + url + "]}]\n"), "nothing is fetched"},
		"a strategic merge": {only(good + "patchesStrategicMerge: [" + url + "]\n"), "nothing is fetched"},
		"a JSON patch": {only(good + "patchesJson6902: [{target: {kind: X, name: x, version: v1}, path: " + url + "}]\n"),
			"nothing is fetched"},
		"a merge key":        {only(good + "<<: {resources: [" + url + "]}\n"), "merge keys"},
		"a nested merge key": {only(good + "patches: [{<<: {path: " + url + "}}]\n"), "nothing is fetched"},
		"an alias":           {only("x: &x [" + url + "]\n" + good + "resources: *x\n"), "nothing is fetched"},
		"a built-in plugin": {map[string]string{"kustomization.yaml": good + "transformers: [p.yaml]\n",
			"p.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: " + url + "\n"},
			"nothing is fetched"},
		"an inline built-in plugin": {map[string]string{"kustomization.yaml": good + "transformers:\n- |\n" +
			"  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: p}\n  path: " + url + "\n"},
			"nothing is fetched"},
		"a link to a secret": {map[string]string{"kustomization.yaml": good +
			"configMapGenerator: [{name: m, files: [link]}]\n",
			"link": "-> ../secret"}, "symbolic link"},
		"a link to a device": {map[string]string{"kustomization.yaml": good + "resources: [link]\n",
			"link": "-> /dev/zero"}, "symbolic link"},
		"a linked directory": {map[string]string{"kustomization.yaml": good + "resources: [link]\n",
			"link": "-> ../other"}, "symbolic link"},
		"a file outside": {only(good + "resources: [../other/secret.yaml]\n"), "outside the directory"},
		"a generator outside": {only("generators: [mattermost.yaml, ../other/secret.yaml]\n"),
			"outside the directory"},
		"files outside": {only(good + "configMapGenerator: [{name: m, files: [../secret]}]\n"), ""},
		"a pipe": {map[string]string{"kustomization.yaml": good + "resources: [pipe]\n",
			"pipe": "|"}, "named pipe"},
		"a kustomization that is a pipe": {map[string]string{"kustomization.yaml": "|"}, "named pipe"},
		"a kustomization that is a link": {only("-> ../other/kustomization.yaml"), "symbolic link"},
		"a Kptfile": {map[string]string{"Kptfile": "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: x}\npipeline:\n" +
			"  mutators:\n  - exec: ./trap\n  - image: example.com/x:1\n"}, "pipeline.mutators: ./trap is not run"},
		"circles of YAML": {only("generators: &x [mattermost.yaml, *x]\n"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"secret": secret,
				"other/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n" +
					"stringData: {a: " + secret + "}\n", "other/kustomization.yaml": "resources: [secret.yaml]\n",
				"d/mattermost.yaml": team("a", "a.example.com"), "d/trap": ""}
			for name, text := range test.files {
				files["d/"+name] = text
			}
			dir := in(t, files)
			if err := os.WriteFile(filepath.Join(dir, "d/trap"), []byte(trap), 0o755); err != nil {
				t.Fatal(err)
			}
			for name, text := range files {
				var err error
				file := filepath.Join(dir, name)
				if target, link := strings.CutPrefix(text, "-> "); link {
					err = os.Remove(file)
					if err == nil {
						err = os.Symlink(target, file)
					}
				} else if text == "|" {
					err = os.Remove(file)
					if err == nil {
						err = syscall.Mkfifo(file, 0o644)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, command := range []string{"check d", "render d", "render --diff other d", "render --output-dir out d",
				"images d"} {
				started := time.Now()
				run := harness.Command{Dir: dir, Env: []string{"PATH=" + bin, "HOME=" + dir}}.Run(t, harness.MattermostFn(t),
					strings.Fields(command)...)
				if test.says != "" && (command == "check d" || command == "render d") &&
					!strings.Contains(run.Stdout+run.Stderr, test.says) {
					t.Errorf("%s: %q is not in %s", command, test.says, run)
				}
				if strings.Contains(run.Stdout+run.Stderr, secret) || strings.Contains(run.Stdout, "dG9wc2VjcmV0") {
					t.Errorf("%s read a file outside: %s", command, run)
				}
				if spent := time.Since(started); spent > 30*time.Second {
					t.Errorf("%s took %v", command, spent)
				}
			}
			if ran, err := os.ReadFile(canary); err == nil {
				t.Errorf("it ran %s", ran)
				os.Remove(canary)
			}
			if n := connections.Swap(0); n > 0 {
				t.Errorf("it connected %d times", n)
			}
		})
	}
}

// The messages of a kustomization are results like all others.
func TestCommandsReportKustomizationsAsJSON(t *testing.T) {
	harness.Kustomize(t)
	dir := in(t, map[string]string{"kustomization.yaml": "generators: [mattermost.yaml]\nhelmCharts: [{name: x}]\n",
		"mattermost.yaml": team("a", "a.example.com")})
	run := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), "check", "-o", "json", ".").MustSucceed(t)
	var results []struct{ Severity, File, Message string }
	if err := json.Unmarshal([]byte(run.Stdout), &results); err != nil {
		t.Fatal(err, run)
	}
	if !slices.ContainsFunc(results, func(r struct{ Severity, File, Message string }) bool {
		return r.Severity == "warning" && r.File == "kustomization.yaml" && strings.HasPrefix(r.Message,
			"helmCharts is not run")
	}) {
		t.Error(fmt.Sprint(results))
	}
}
