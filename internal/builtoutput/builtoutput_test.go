// SPDX-License-Identifier: Apache-2.0

package builtoutput

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

func check(t *testing.T, text string) result.Results {
	t.Helper()
	list := &resourcelist.List{}
	if err := list.ReadFile("out.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	return Check(list.Items)
}

// examples returns the expected output of every example by its directory.
func examples(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir("../../examples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "expected.yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		all[filepath.Dir(path)] = string(text)
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d examples, %v", len(all), err)
	}
	return all
}

func TestExamplesFitTogether(t *testing.T) {
	for name, text := range examples(t) {
		for _, r := range check(t, text) {
			t.Errorf("%s: %s", name, r)
		}
	}
}

// The outputs that kustomize makes of one configuration are in e2e/examples. These are single values of the examples.
func TestCheck(t *testing.T) {
	enterprise, component := examples(t)["../../examples/enterprise"], examples(t)["../../examples/component"]
	balanced := examples(t)["../../examples/load-balancer"]
	for name, test := range map[string]struct {
		output, old, new string
		want             string
	}{
		"several servers": {enterprise, "    value: \"true\"\n  - name: MM_METRICSSETTINGS_ENABLE",
			"    value: \"false\"\n  - name: MM_METRICSSETTINGS_ENABLE", "error: spec.replicas: Mattermost mattermost/mattermost " +
				"has 2 replicas, but MM_CLUSTERSETTINGS_ENABLE is not true"},
		"variables that a patch removed": {enterprise, "  - name: MM_SERVICESETTINGS_SITEURL\n", "  - name: FOO\n",
			"error: spec.mattermostEnv: Mattermost mattermost/mattermost has no MM_SERVICESETTINGS_SITEURL: a patch replaced"},
		"a volume that a patch removed": {enterprise, "\n  volumeMounts:\n",
			"\n  volumeMounts:\n  - mountPath: /a\n    name: gone\n",
			"error: spec.volumeMounts[0].name: Mattermost mattermost/mattermost mounts the volume gone, which is not in"},
		"a tag in the image": {enterprise, "\n  image: registry1.dso.mil/ironbank/opensource/mattermost/mattermost\n",
			"\n  image: registry.example.com:5000/mattermost:11.10.1\n", "spec.image: Mattermost mattermost/mattermost has the " +
				"image registry.example.com:5000/mattermost:11.10.1, to which the operator appends the version 11.10.0"},
		"a registry with a port": {enterprise, "registry1.dso.mil/ironbank/opensource/mattermost/mattermost",
			"registry.example.com:5000/mattermost", ""},
		"a label that Argo CD replaces": {enterprise, "    app.kubernetes.io/component: logging\n" +
			"    app.kubernetes.io/instance: mattermost\n", "    app.kubernetes.io/component: logging\n" +
			"    app.kubernetes.io/instance: argo\n", "error: spec.filterSelector.matchLabels.app.kubernetes.io/instance: " +
			"FluentBitConfig mattermost/mattermost selects by the label app.kubernetes.io/instance: mattermost, which is " +
			"\"argo\" in Filter mattermost"},
		"a label for pods of others": {enterprise, "        - key: app\n          operator: In\n          values:\n" +
			"          - istiod\n", "        - key: app\n          operator: In\n          values:\n          - istiod\n" +
			"        matchLabels:\n          app.kubernetes.io/part-of: mattermost\n", ""},
		"a Secret with a hash": {component, "  name: dev-chat-s3-b9bdk9tt8g\n", "  name: dev-chat-s3-2222222222\n",
			""}, // no name without a hash: the Secret may be in the cluster
		"a Secret that lost its hash": {component, "secret: dev-chat-s3-b9bdk9tt8g", "secret: dev-chat-s3",
			"error: spec.fileStore.external.secret: Mattermost mattermost/dev-mattermost names Secret dev-chat-s3, which is not " +
				"in the output; it is called dev-chat-s3-b9bdk9tt8g there. List the Component of examples/component under " +
				"components:, or set generatorOptions: {disableNameSuffixHash: true}"},
		"a Secret without its prefix": {component, "secret: dev-chat-s3-b9bdk9tt8g", "secret: chat-s3",
			"names Secret chat-s3, which is not in the output; it is called dev-chat-s3-b9bdk9tt8g there"},
		"a Secret in no namespace": {balanced, "", misplaced("Secret", "mattermost-postgres", ""), "error: " +
			"spec.mattermostEnv[9].valueFrom.secretKeyRef.name: Mattermost mattermost/mattermost names Secret " +
			"mattermost-postgres of namespace mattermost, which is not in the output; mattermost-postgres with no namespace " +
			"is, and pods cannot read that. Add namespace: mattermost to it, or to its entry in secretGenerator or"},
		"a Secret in no namespace, with a hash": {balanced, "", misplaced("Secret", "mattermost-postgres-b9bdk9tt8g", ""),
			"mattermost-postgres-b9bdk9tt8g with no namespace is, and pods cannot read that. Add namespace: mattermost to " +
				"it, or to its entry in secretGenerator or configMapGenerator, and set generatorOptions: " +
				"{disableNameSuffixHash: true}"},
		"a Secret in another namespace": {balanced, "", misplaced("Secret", "mattermost-postgres", "other"),
			"warning: spec.mattermostEnv[9].valueFrom.secretKeyRef.name: Mattermost mattermost/mattermost names Secret " +
				"mattermost-postgres of namespace mattermost, which is not in the output; mattermost-postgres with namespace " +
				"other is"},
		"a Secret with another name": {balanced, "", misplaced("Secret", "mattermost-postgres-2", ""), ""},
		"an object of another kind":  {balanced, "", misplaced("Service", "mattermost-postgres", ""), ""},
		"a Secret in both": {balanced, "", misplaced("Secret", "mattermost-postgres", "") +
			misplaced("Secret", "mattermost-postgres", "mattermost"), ""},
		"the Secret of an installation in another namespace": {balanced, "", misplaced("Secret", "mattermost-postgres",
			"other") + misplaced("Mattermost", "other", "other"), ""},
		"the label of buildMetadata": {enterprise, "managed-by: mattermost-fn", "managed-by: kustomize-v5.8.2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			changed := test.output + test.new
			if test.old != "" {
				changed = strings.ReplaceAll(test.output, test.old, test.new)
			}
			if changed == test.output {
				t.Fatal("nothing was replaced")
			}
			got := ""
			for _, r := range check(t, changed) {
				got += r.String() + "\n"
			}
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// misplaced returns a document with an object that is not in the namespace of the installation: one of the user, or a
// Mattermost resource that mattermost-fn emitted.
func misplaced(kind, name, namespace string) string {
	text := "---\napiVersion: v1\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n"
	if kind == "Mattermost" {
		text = strings.Replace(text, "v1", "installation.mattermost.com/v1beta1", 1) +
			"  labels: {app.kubernetes.io/managed-by: mattermost-fn}\n  annotations:\n" +
			"    mattermost.bigbang.dev/owner: " + namespace + "/" + name + "\n"
	}
	if namespace != "" && kind == "Mattermost" {
		text += "  namespace: " + namespace + "\nspec: {mattermostEnv: [{name: MM_SERVICESETTINGS_SITEURL, value: x}]}\n"
	} else if namespace != "" {
		text += "  namespace: " + namespace + "\n"
	}
	return text
}

// Objects of others are read, and never reported.
func TestOnlyEmittedObjectsAreChecked(t *testing.T) {
	text := examples(t)["../../examples/enterprise"]
	text = strings.ReplaceAll(text, "managed-by: mattermost-fn", "managed-by: Helm")
	text = strings.ReplaceAll(text, "installation: mattermost\n", "installation: other\n")
	for _, r := range check(t, text) {
		t.Error(r)
	}
	if results := check(t, "apiVersion: v1\nkind: List\nitems: []\n"); len(results) > 0 {
		t.Error(results)
	}
}
