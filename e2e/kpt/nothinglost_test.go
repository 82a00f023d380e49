// SPDX-License-Identifier: Apache-2.0

package kpt

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

const kptfile = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: p}\n" +
	"pipeline: {mutators: [{exec: mattermost-fn}]}\n"

const configuration = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: teams
spec:
  host: chat.example.com
`

// dataObject matches the first lines of an object that holds data.
var dataObject = regexp.MustCompile(
	`(?m)^kind: (Cluster|Namespace|PersistentVolumeClaim|StatefulSet|Tenant)\nmetadata:[^\n]*\n  name: (\S+)$`)

// data returns kind and name of the objects in a package that hold data, sorted.
func data(tree harness.Tree) []string {
	var found []string
	for name, text := range tree {
		for _, match := range dataObject.FindAllStringSubmatch(text, -1) {
			if strings.HasSuffix(name, ".yaml") {
				found = append(found, match[1]+" "+match[2])
			}
		}
	}
	slices.Sort(found)
	return found
}

// A mistake in a rendered package is an error that changes no file, or removes no object with data.
func TestNoEditRemovesData(t *testing.T) {
	const inner = "chat/Kptfile"
	for _, test := range []struct {
		name    string
		edit    func(tree harness.Tree)
		refused string // a part of the error; "" if the run succeeds
		gone    string // a file that the run removes; "" for none
	}{
		{"a letter is missing in the kind", func(tree harness.Tree) {
			tree["m.yaml"] = strings.Replace(configuration, "MattermostConfig", "MattermostConfg", 1)
		}, "has a misspelled kind", ""},
		{"a letter is missing in the group", func(tree harness.Tree) {
			tree["m.yaml"] = strings.Replace(configuration, "bigbang.dev", "bigbang.dv", 1)
		}, "has another API group", ""},
		{"the configuration is renamed", func(tree harness.Tree) {
			tree["m.yaml"] = strings.Replace(configuration, "name: chat", "name: chta", 1)
		}, "renamed-from: teams/chat", ""},
		{"the namespace is lost", func(tree harness.Tree) {
			tree["m.yaml"] = strings.Replace(configuration, "  namespace: teams\n", "", 1)
		}, "renamed-from: teams/chat", ""},
		{"every line is commented out", func(tree harness.Tree) {
			tree["m.yaml"] = "# " + strings.ReplaceAll(configuration, "\n", "\n# ") + "\n"
		}, "", "chat/server.yaml"},
		{"the configuration is deleted", func(tree harness.Tree) { delete(tree, "m.yaml") }, "", "chat/server.yaml"},
		{"the database moves out of the cluster", func(tree harness.Tree) {
			tree["m.yaml"] += "  database: {host: db.example.com, password: {secretKeyRef: {name: db, key: password}}}\n"
		}, "", ""},
		{"the directory becomes a package", func(tree harness.Tree) { tree[inner] = kptfile }, "", ""},
		{"a copy with all metadata", func(tree harness.Tree) {
			tree["analytics.yaml"] = strings.Replace(tree["chat/database.yaml"], "name: chat-db\n", "name: analytics\n", 1)
		}, "", ""},
		{"a copy of a database with its name", func(tree harness.Tree) {
			tree["backup.yaml"] = tree["chat/database.yaml"]
		}, "Cluster teams/chat-db is among the resources twice, in backup.yaml and chat/database.yaml", ""},
		{"the configuration moves into another package", func(tree harness.Tree) {
			tree["inner/Kptfile"], tree["inner/m.yaml"] = kptfile, tree["m.yaml"]
			delete(tree, "m.yaml")
		}, "delete the one in chat/secrets.yaml, or move it", ""},
		{"metadata on the configuration", func(tree harness.Tree) {
			tree["m.yaml"] = strings.Replace(configuration, "spec:", "  labels: {app.kubernetes.io/managed-by: "+
				"mattermost-fn}\n  annotations: {mattermost.bigbang.dev/owner: teams/chat}\nspec:", 1)
		}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := harness.Tree{"Kptfile": kptfile, "m.yaml": configuration}.Lay(t)
			kpt(t, "fn", "render", dir, "--allow-exec")
			tree := harness.ReadTree(t, dir)
			test.edit(tree)
			dir = tree.Lay(t)
			run := harness.Command{}.Run(t, harness.Kpt(t), "fn", "render", dir, "--allow-exec", "--truncate-output=false")
			after := harness.ReadTree(t, dir)
			if test.refused != "" {
				run.MustFail(t)
				if !strings.Contains(run.Stderr, test.refused) {
					t.Errorf("%q is not in\n%s", test.refused, run.Stderr)
				}
				after.MustEqual(t, tree)
				return
			}
			run.MustSucceed(t)
			if got, want := data(after), data(tree); !slices.Equal(got, want) {
				t.Errorf("objects with data: %v, before the run %v; got\n%s", got, want, run.Stderr)
			}
			for name := range tree {
				if _, kept := after[name]; !kept && name != test.gone && test.gone == "" {
					t.Errorf("%s was removed", name)
				}
			}
			if _, kept := after[test.gone]; kept && test.gone != "" {
				t.Errorf("%s was not removed", test.gone)
			}
			kpt(t, "fn", "render", dir, "--allow-exec")
			harness.ReadTree(t, dir).MustEqual(t, after)
		})
	}
}

// The output of another installation, committed as README says for Flux, is not removed, although its configuration is
// elsewhere. Neither is it in kustomize.
func TestOutputOfOthersIsKept(t *testing.T) {
	other := strings.NewReplacer("name: chat", "name: bravo", "teams", "bns", "chat.example", "bravo.example").
		Replace(configuration)
	rendered := harness.Command{Stdin: other}.Run(t, harness.MattermostFn(t), "render", "-").MustSucceed(t).Stdout
	dir := harness.Tree{"Kptfile": kptfile, "m.yaml": configuration, "bravo.yaml": rendered}.Lay(t)
	kpt(t, "fn", "render", dir, "--allow-exec")
	if got := data(harness.ReadTree(t, dir)); !slices.Equal(got, []string{
		"Cluster bravo-db", "Cluster chat-db", "PersistentVolumeClaim bravo-files", "PersistentVolumeClaim chat-files",
	}) {
		t.Errorf("kpt: got %v", got)
	}
	transformer := strings.Replace(configuration, "spec:", "  annotations:\n"+
		"    config.kubernetes.io/function: \"exec: {path: mattermost-fn}\"\nspec:", 1)
	for name, resources := range map[string]string{
		"among the resources": "[bravo.yaml, m.yaml]", "as a transformer alone": "[bravo.yaml]",
	} {
		dir := harness.Tree{
			"kustomization.yaml": "resources: " + resources + "\ntransformers: [m.yaml]\n",
			"m.yaml":             transformer, "bravo.yaml": rendered,
		}.Lay(t)
		built := harness.Tree{"built.yaml": harness.KustomizeBuild(t, dir).MustSucceed(t).Stdout}
		for _, object := range []string{"name: bravo-db\n", "name: bravo-files\n", "name: chat-db\n", "name: chat-files\n"} {
			if !strings.Contains(built["built.yaml"], object) {
				t.Errorf("kustomize, %s: %s is missing", name, object)
			}
		}
	}
}

// A package that commit 24cefdc rendered, which named no objects in the metadata, is rendered again: no object is
// removed or added but the ones that later releases emit, and the second run changes nothing.
func TestPackageOfAnEarlierRelease(t *testing.T) {
	before := harness.ReadTree(t, "testdata/earlier/24cefdc")
	dir := before.Lay(t)
	run := kpt(t, "fn", "render", dir, "--allow-exec", "--truncate-output=false")
	after := harness.ReadTree(t, dir)
	if got, want := slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	got, want := slices.Sorted(maps.Keys(objects(t, resources(after).YAML()))),
		slices.Sorted(maps.Keys(objects(t, resources(before).YAML())))
	if !slices.Equal(got, want) || strings.Contains(run.Stderr, "removed") {
		t.Errorf("objects\n%v, want\n%v\n%s", got, want, run.Stderr)
	}
	kpt(t, "fn", "render", dir, "--allow-exec")
	harness.ReadTree(t, dir).MustEqual(t, after)
}

// A function that moves everything to another namespace after mattermost-fn: from the second run on nothing changes,
// whether it moves the configuration too or not.
func TestNamespaceIsSetAfterwards(t *testing.T) {
	for _, configurations := range []string{"moved", "kept"} {
		t.Run(configurations, func(t *testing.T) {
			dir := harness.Tree{
				"Kptfile": "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: p}\npipeline:\n  mutators:\n" +
					"  - exec: mattermost-fn\n  - exec: " + harness.SetNamespace(t) + "\n" +
					"    configMap: {namespace: ops, configurations: " + configurations + "}\n",
				"m.yaml": configuration,
			}.Lay(t)
			var second harness.Tree
			for run := range 3 {
				kpt(t, "fn", "render", dir, "--allow-exec")
				after := harness.ReadTree(t, dir)
				if got := data(after); !slices.Equal(got, []string{"Cluster chat-db", "PersistentVolumeClaim chat-files"}) {
					t.Errorf("run %d: objects with data: %v", run+1, got)
				}
				switch run {
				case 1:
					second = after
				case 2:
					after.MustEqual(t, second)
				}
			}
		})
	}
}

// A variant of a rendered package in another namespace, as kpt's package variants make it.
func TestVariantOfARenderedPackage(t *testing.T) {
	dir := harness.Tree{"Kptfile": kptfile, "m.yaml": configuration}.Lay(t)
	kpt(t, "fn", "render", dir, "--allow-exec")
	variant := harness.ReadTree(t, dir)
	for name, text := range variant {
		if strings.HasSuffix(name, ".yaml") {
			variant[name] = strings.ReplaceAll(text, "namespace: teams\n", "namespace: ops\n")
		}
	}
	dir = variant.Lay(t)
	run := kpt(t, "fn", "render", dir, "--allow-exec", "--truncate-output=false")
	after := harness.ReadTree(t, dir)
	if got, want := slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(variant)); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v; got\n%s", got, want, run.Stderr)
	}
	if got, want := data(after), data(variant); !slices.Equal(got, want) {
		t.Errorf("objects with data: %v, want %v", got, want)
	}
}

// The objects of a configuration in an inner package are written into that package, when the outer one is rendered.
func TestConfigurationInAnInnerPackage(t *testing.T) {
	withoutPipeline, _, _ := strings.Cut(kptfile, "pipeline")
	tree := harness.Tree{"Kptfile": kptfile, "inner/Kptfile": withoutPipeline, "inner/m.yaml": configuration}
	dir := tree.Lay(t)
	kpt(t, "fn", "render", dir, "--allow-exec")
	after := harness.ReadTree(t, dir)
	for name := range after {
		if _, before := tree[name]; !before && !strings.HasPrefix(name, "inner/chat/") {
			t.Errorf("%s was written", name)
		}
	}
	if len(after) <= len(tree) {
		t.Error("no file was written")
	}
	kpt(t, "fn", "render", dir, "--allow-exec")
	harness.ReadTree(t, dir).MustEqual(t, after)
	delete(after, "inner/m.yaml")
	dir = after.Lay(t)
	kpt(t, "fn", "render", dir, "--allow-exec")
	left := harness.ReadTree(t, dir)
	if got := data(left); !slices.Equal(got, []string{"Cluster chat-db", "PersistentVolumeClaim chat-files"}) {
		t.Errorf("objects with data: %v", got)
	}
	if _, kept := left["inner/chat/server.yaml"]; kept {
		t.Error("inner/chat/server.yaml was not removed")
	}
}
