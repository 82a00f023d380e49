// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// rendered returns a kpt package after a run in place.
func rendered(t *testing.T, given ...string) []string {
	t.Helper()
	r := run(list("", inKpt(t, given...)...))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	return items(t, r.out)
}

// edited returns the items with a replacement in the item of a kind.
func edited(t *testing.T, given []string, kind, old, new string) []string {
	t.Helper()
	given = slices.Clone(given)
	for i, text := range given {
		if strings.Contains(text, "kind: "+kind+"\n") {
			if given[i] = strings.Replace(text, old, new, 1); given[i] == text {
				t.Fatalf("%s has no %q:\n%s", kind, old, text)
			}
		}
	}
	return given
}

// ids returns kind, namespace and name of all items, sorted.
func ids(t *testing.T, given []string) []string {
	t.Helper()
	var names []string
	for _, text := range given {
		names = append(names, resourcelist.NewItem(yaml.MustParse(text).YNode()).String())
	}
	slices.Sort(names)
	return names
}

// A misspelled type of the configuration is an error, and nothing is removed.
func TestNearMisses(t *testing.T) {
	before := rendered(t, smallest)
	const config, apiVersion = "MattermostConfig", "mattermost.bigbang.dev/v1alpha1"
	for _, test := range []struct{ name, kind, apiVersion, message string }{
		{"a letter is missing in the kind", "MattermostConfg", apiVersion, "has a misspelled kind"},
		{"another kind in the group", "Mattermost", apiVersion, "has the function's API group, but another kind"},
		{"a list of configurations", "MattermostConfigList", apiVersion, "has the function's API group, but another kind"},
		{"the kind in lower case", "mattermostconfig", apiVersion, "has a misspelled kind"},
		{"another version", config, "mattermost.bigbang.dev/v1beta1",
			"apiVersion: must be mattermost.bigbang.dev/v1alpha1 in this release"},
		{"a letter is missing in the group", config, "mattermost.bigbang.dv/v1alpha1", "has another API group"},
		{"the domain as the group", config, "bigbang.dev/v1alpha1", "has another API group"},
		{"another group of the domain", config, "chat.bigbang.dev/v1alpha1", "has another API group"},
		{"kind and group misspelled", "MattermostConfigs", "matermost.bigbang.dev/v1alpha1",
			"looks like a misspelled configuration"},
		{"a group of someone else", config, "example.com/v1", "has another API group"},
		{"no group", config, "v1alpha1", "has another API group"},
	} {
		t.Run(test.name, func(t *testing.T) {
			given := slices.Clone(before)
			given[1] = strings.Replace(given[1], apiVersion, test.apiVersion, 1)
			given[1] = strings.Replace(given[1], "kind: "+config+"\n", "kind: "+test.kind+"\n", 1)
			r := run(list("", given...))
			if r.exit != 1 || !strings.Contains(r.errors, test.message) {
				t.Errorf("exit %d, got %s", r.exit, r.errors)
			}
			equal(t, "the items", strings.Join(items(t, r.out), "---\n"), strings.Join(items(t, list("", given...)), "---\n"))
		})
	}
	t.Run("commented out", func(t *testing.T) {
		given := slices.Delete(slices.Clone(before), 1, 2)
		r := run(list("", given...))
		if got := retained(t, r.out); r.exit != 0 || !slices.Equal(got,
			[]string{"Cluster teams/chat-db", "PersistentVolumeClaim teams/chat-files"}) {
			t.Errorf("exit %d, retained %v, got %s", r.exit, got, r.errors)
		}
	})
	inList := "apiVersion: v1\nkind: List\nmetadata: {}\nitems:\n- apiVersion: mattermost.bigbang.dev/v1alpha1\n  kind: "
	for kind, message := range map[string]string{
		config + "\n  metadata: {name: chat}\n": "MattermostConfig chat " +
			"(mattermost.bigbang.dev/v1alpha1) is inside a List",
		"MatermostConfig\n  metadata: {name: chat}\n": "MatermostConfig chat " +
			"(mattermost.bigbang.dev/v1alpha1) has a misspelled kind",
		"X\n  metadata: {annotations: {mattermost.bigbang.dev/ignore: 'true'}}\n": "",
	} {
		if r := run(list("", inList+kind)); (r.exit != 0) != (message != "") || !strings.Contains(r.errors, message) {
			t.Errorf("List with %s: exit %d, got %s", kind, r.exit, r.errors)
		}
	}
	for _, apiVersion := range []string{apiVersion, "bigbang.dev/v1"} {
		ignored := "apiVersion: " + apiVersion + "\nkind: MattermostConfigs\nmetadata: {name: x, annotations: " +
			"{mattermost.bigbang.dev/ignore: 'true'}}\n"
		if r := run(list("", smallest, ignored)); r.exit != 0 || !strings.Contains(r.out, "MattermostConfigs") {
			t.Errorf("%s: exit %d, got %s", apiVersion, r.exit, r.errors)
		}
	}
}

// Objects of other types pass, whatever they contain, and although objects of an absent configuration are in the list.
func TestNoNearMisses(t *testing.T) {
	orphans := items(t, run(list("", strings.ReplaceAll(smallest, "name: chat", "name: talk"))).out)[1:]
	for _, theirs := range []string{
		"installation.mattermost.com/v1beta1 Mattermost", "installation.mattermost.com/v1beta1 MattermostRestoreDB",
		"mattermost.com/v1alpha1 ClusterInstallation", "mattermost.com/v1alpha1 MattermostRestoreDB",
		"bigbang.dev/v1 Package", "istio.bigbang.dev/v1 Gateway", "keycloak.bigbang.dev/v1alpha1 Realm",
		"example.com/v1 MatermostConfig", "example.com/v1 Config", "example.com/v1 MattermostConfiguration",
		"v1 ConfigMap", "v1 Secret", "v1 Service", "v1 Namespace", "v1 PersistentVolumeClaim", "apps/v1 Deployment",
		"apps/v1 StatefulSet", "apiextensions.k8s.io/v1 CustomResourceDefinition", "kpt.dev/v1alpha1 PackageVariant",
		"postgresql.cnpg.io/v1 Cluster", "minio.min.io/v2 Tenant", "networking.istio.io/v1 VirtualService",
		"external-secrets.io/v1 ExternalSecret", "kustomize.config.k8s.io/v1beta1 Kustomization",
		"kustomize.toolkit.fluxcd.io/v1 Kustomization", "argoproj.io/v1alpha1 Application",
		"helm.toolkit.fluxcd.io/v2 HelmRelease",
		"batch/v1 CronJob", "policy/v1 PodDisruptionBudget", "monitoring.coreos.com/v1 ServiceMonitor", "v1 Pod",
	} {
		apiVersion, kind, _ := strings.Cut(theirs, " ")
		text := "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: theirs, namespace: other}\ndata:\n  " +
			"kind: MattermostConfg\n  config: |\n    apiVersion: mattermost.bigbang.dev/v1alpha1\n    kind: MattermostConfg\n"
		r := run(list("", append([]string{smallest, text}, orphans...)...))
		if r.exit != 0 || items(t, r.out)[1] != items(t, list("", text))[0] {
			t.Errorf("%s: exit %d, got %s", theirs, r.exit, r.errors)
		}
	}
}

// An object that a configuration needs belongs to it, whatever its metadata says: kpt's package variants change names
// and namespaces, and releases before 0.4 did not write the object's name into its metadata.
func TestPackageVariant(t *testing.T) {
	before := rendered(t, smallest)
	for _, oldForm := range []bool{false, true} {
		var moved []string
		for _, text := range before {
			text = strings.Replace(text, "namespace: teams\n", "namespace: ops\n", 1)
			if oldForm {
				text = withoutLine(withoutLine(text, ownership.AnnotationObject), ownership.AnnotationConfiguration)
			}
			moved = append(moved, text)
		}
		r := run(list("", moved...))
		if r.exit != 0 || strings.Contains(r.errors, "removed") || strings.Contains(r.errors, "added") {
			t.Fatalf("exit %d, got %s", r.exit, r.errors)
		}
		equal(t, "the objects", strings.Join(ids(t, items(t, r.out)), "\n"), strings.Join(ids(t, moved), "\n"))
		again := run(r.out)
		equal(t, "the second run's output", again.out, r.out)
		equal(t, "the second run's standard error", again.errors, "")
	}
}

// withoutLine removes the line with an annotation.
func withoutLine(text, annotation string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), annotation+":") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// Another function that changes the namespace after this one does not make the next run add the objects again.
func TestMovedObjects(t *testing.T) {
	before := rendered(t, smallest)
	moved := slices.Clone(before)
	for i := range moved[2:] { // the configuration stays as it is
		moved[2+i] = strings.Replace(moved[2+i], "namespace: teams\n", "namespace: ops # moved\n", 1)
	}
	r := run(list("", moved...))
	if r.exit != 0 || strings.Contains(r.errors, "added") || strings.Contains(r.errors, "removed") {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	got := strings.ReplaceAll(strings.Join(items(t, r.out), "---\n"), " # moved", "")
	equal(t, "the items", got, strings.Join(before, "---\n"))
}

// A database whose namespace another function changed keeps what it needs when it is no longer needed itself.
func TestMovedDatabase(t *testing.T) {
	moved := rendered(t, smallest+"  database: {inCluster: {engine: statefulset, password: Hunter2}}\n")
	for i := range moved[2:] {
		moved[2+i] = strings.Replace(moved[2+i], "namespace: teams\n", "namespace: ops\n", 1)
	}
	moved[1] = inKpt(t, smallest+"  database: {host: db.example.com, password: other}\n")[1]
	r := run(list("", moved...))
	if r.exit != 0 || !strings.Contains(r.out, "POSTGRES_PASSWORD: "+
		""+base64.StdEncoding.EncodeToString([]byte("Hunter2"))) ||
		!strings.Contains(r.errors, "and is kept. It contains the database.") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
	equal(t, "the second run's output", run(r.out).out, r.out)
	// The same if it was handed over before.
	for i, text := range moved {
		if strings.Contains(text, "kind: StatefulSet\n") {
			text = strings.Replace(text, ownership.AnnotationOwner, ownership.AnnotationRetainedFrom, 1)
			moved[i] = withoutLine(withoutLine(text, ownership.AnnotationObject), ownership.LabelManagedBy)
		}
	}
	r = run(list("", moved...))
	equal(t, "the second run's output with a retained database", run(r.out).out, r.out)
}

// A copy of a managed object belongs to the user, also when the original is no longer needed.
func TestCopies(t *testing.T) {
	before := rendered(t, smallest)
	var copies []string
	for _, text := range before {
		for _, kind := range []string{"Cluster", "VirtualService", "Secret"} {
			if strings.Contains(text, "kind: "+kind+"\n") {
				copied := strings.Replace(text, "  name: chat", "  name: analytics", 1)
				copies = append(copies, strings.ReplaceAll(copied, "path: ", "path: copies/"))
			}
		}
	}
	if len(copies) != 3 {
		t.Fatalf("%d copies", len(copies))
	}
	r := run(list("", append(slices.Clone(before), copies...)...))
	equal(t, "standard error", r.errors, "")
	equal(t, "the items", strings.Join(items(t, r.out), "---\n"),
		strings.Join(append(slices.Clone(before), copies...), "---\n"))

	off := edited(t, items(t, r.out), "MattermostConfig", "domain: example.com\n",
		"domain: example.com\n  route: {type: none}\n")
	r = run(list("", off...))
	if got := ids(t, items(t, r.out)); !slices.Contains(got, "VirtualService teams/analytics") ||
		slices.Contains(got, "VirtualService teams/chat") {
		t.Errorf("got %v and %s", got, r.errors)
	}
	const kept = "warning: VirtualService teams/analytics was generated as VirtualService teams/chat, " +
		"which no configuration needs, and is kept"
	if again := run(r.out); !slices.Contains(ids(t, items(t, again.out)), "VirtualService teams/analytics") ||
		!strings.Contains(again.errors, kept) {
		t.Errorf("got %s", again.errors)
	}
}

// Ownership metadata has no meaning on objects that are never generated.
func TestMetadataOnOtherObjects(t *testing.T) {
	const metadata = "metadata: {name: x, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, " +
		"annotations: {mattermost.bigbang.dev/owner: teams/chat}}\n"
	for _, theirs := range []string{
		"apiVersion: kpt.dev/v1\nkind: Kptfile\n", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
		"apiVersion: apps/v1\nkind: Deployment\n", "apiVersion: v1\nkind: Pod\n",
	} {
		r := run(list("", inKpt(t, smallest, theirs+metadata)...))
		if r.exit != 0 || len(items(t, r.out)) < 12 || !strings.Contains(r.out, strings.SplitN(theirs, "\n", 3)[1]+"\n") {
			t.Errorf("%s: exit %d, got %s", theirs, r.exit, r.errors)
		}
	}
	config := strings.Replace(smallest, "spec:", "  labels: {app.kubernetes.io/managed-by: "+
		"mattermost-fn}\n  annotations: {mattermost.bigbang.dev/owner: teams/chat}\nspec:", 1)
	if r := run(list("", config)); r.exit != 0 || len(items(t, r.out)) != 10 || r.errors != "" {
		t.Errorf("exit %d, %d items, got %s", r.exit, len(items(t, r.out)), r.errors)
	}
}

// Nothing is written below another Kptfile, and its objects are left to its own runs.
func TestPackageBorders(t *testing.T) {
	inner := annotated(t, annotated(t, "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: inner}\n",
		"internal.config.kubernetes.io/path", "chat/Kptfile"), "internal.config.kubernetes.io/index", "0")
	config := annotated(t, annotated(t, smallest, "internal.config.kubernetes.io/path", "m.yaml"),
		"internal.config.kubernetes.io/index", "0")
	before := rendered(t, config, inner)
	for _, text := range before[3:] {
		if !strings.Contains(text, "internal.config.kubernetes.io/path: teams-chat/") {
			t.Errorf("got\n%s", text)
		}
	}
	r := run(list("", before...))
	equal(t, "the second run's items", strings.Join(items(t, r.out), "---\n"), strings.Join(before, "---\n"))
	// An earlier release wrote them into the inner package. They stay there, and the inner package's own run keeps
	// them.
	var old []string
	for _, text := range before {
		old = append(old, withoutLine(strings.ReplaceAll(text, "path: teams-chat/", "path: chat/"),
			ownership.AnnotationConfiguration))
	}
	r = run(list("", old...))
	equal(t, "the items in the inner package", strings.Join(items(t, r.out), "---\n"), strings.Join(old, "---\n"))
	own := slices.Concat(old[2:3], old[3:])
	for i := range own {
		own[i] = strings.ReplaceAll(own[i], "path: chat/", "path: ")
	}
	r = run(list("", own...))
	equal(t, "the items of the inner package's run", strings.Join(items(t, r.out), "---\n"), strings.Join(own, "---\n"))
	// What the configuration no longer needs is kept too, with a warning.
	off := edited(t, old, "MattermostConfig", "domain: example.com\n", "domain: example.com\n  route: {type: none}\n")
	r = run(list("", off...))
	if !slices.Contains(ids(t, items(t, r.out)), "VirtualService teams/chat") ||
		!strings.Contains(r.errors, "no longer needs 1 objects in another kpt package") {
		t.Errorf("got %s", r.errors)
	}
}

// A Tenant that is no longer needed is handed over with its configuration, which no other object writes, whatever
// the new object storage is. The configuration gets it back when it needs it again.
func TestTenantIsHandedOver(t *testing.T) {
	const fetched = "{externalSecret: {store: {name: vault}, key: s3}}"
	minio := func(keys string) string { return "  objectStorage: {inCluster: {engine: minio, " + keys + "}}\n" }
	outside := func(keys string) string { return "  objectStorage: {region: us-east-1, bucket: files, " + keys + "}\n" }
	for _, before := range []string{
		minio("generateKeys: true"), minio("accessKey: aaaa, accessSecret: bbbbbbbb"),
		minio("accessKey: " + fetched + ", accessSecret: " + fetched),
	} {
		for _, after := range []string{
			outside("existingSecret: s3"), outside("accessKey: AKIA, accessSecret: secret"),
			outside("accessKey: " + fetched + ", accessSecret: " + fetched), "",
		} {
			first := rendered(t, smallest+before)
			next := slices.Clone(first)
			next[1] = inKpt(t, smallest+after)[1]
			r := run(list("", next...))
			if r.exit != 0 || !slices.Contains(retained(t, r.out), "Tenant teams/chat-files") {
				t.Fatalf("%sto\n%sexit %d, got %s", before, after, r.exit, r.errors)
			}
			if strings.Contains(r.errors, "database accepts") {
				t.Errorf("%sto\n%sgot %s", before, after, r.errors)
			}
			providers := 0
			for _, text := range items(t, r.out) {
				item := resourcelist.NewItem(yaml.MustParse(text).YNode())
				name := item.Name
				if external := resourcelist.Field(item.Node(), "spec", "target", "name"); external != nil {
					name = external.Value
				}
				isSecret := item.Kind == "Secret" || item.Kind == "ExternalSecret"
				if isSecret && strings.Contains(r.out, "  configuration:\n      name: "+name+"\n") {
					providers++
					if !strings.Contains(text, "config.env: ") || !strings.Contains(text, ownership.AnnotationRetainedFrom) {
						t.Errorf("%sto\n%sMinIO's configuration is\n%s", before, after, text)
					}
				}
			}
			if providers != 1 {
				t.Errorf("%sto\n%s%d objects provide MinIO's configuration:\n%s", before, after, providers, r.errors)
			}
			again := run(r.out)
			equal(t, "the second run's output", again.out, r.out)

			back := items(t, r.out)
			back[1] = first[1]
			r = run(list("", back...))
			if kept := retained(t, r.out); r.exit != 0 || slices.Contains(kept, "Tenant teams/chat-files") {
				t.Errorf("back to\n%sexit %d, still handed over: %v\n%s", before, r.exit, kept, r.errors)
			}
			if after != "" {
				equal(t, "the objects", strings.Join(ids(t, items(t, r.out)), "\n"), strings.Join(ids(t, first), "\n"))
			}
		}
	}
}

// A database that was moved to another kpt package stays there when it is no longer needed, and keeps what it needs.
func TestDatabaseInAnotherPackage(t *testing.T) {
	for name, before := range inClusterForms {
		first := rendered(t, smallest+before)
		inner := annotated(t, annotated(t, "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: inner}\n",
			"internal.config.kubernetes.io/path", "objects/inner/Kptfile"), "internal.config.kubernetes.io/index", "0")
		for i, text := range first {
			if strings.Contains(text, "kind: StatefulSet\n") || strings.Contains(text, "kind: Cluster\n") {
				first[i] = withoutLine(strings.Replace(text, "path: objects/chat/", "path: objects/inner/", 1),
					ownership.AnnotationConfiguration)
			}
		}
		next := append(slices.Clone(first), inner)
		next[1] = inKpt(t, smallest+"  database: {host: db.example.com, password: other}\n")[1]
		r := run(list("", next...))
		if r.exit != 0 || !strings.Contains(r.errors, "in another kpt package") {
			t.Errorf("%s: exit %d, got %s", name, r.exit, r.errors)
			continue
		}
		all := items(t, r.out)
		for i, text := range all { // as if it was handed over
			if strings.Contains(text, "path: objects/inner/database.yaml") {
				text = strings.Replace(text, ownership.AnnotationOwner, ownership.AnnotationRetainedFrom, 1)
				all[i] = withoutLine(withoutLine(text, ownership.AnnotationObject), ownership.LabelManagedBy)
			}
		}
		checkReferences(t, all)
		again := run(r.out)
		equal(t, name+": the second run's output", again.out, r.out)
		if strings.Contains(again.errors, "updated") {
			t.Errorf("%s: the second run reports %s", name, again.errors)
		}
	}
}

// What a handed-over object needs stays also when a later run no longer needs it, and a changed key is reported.
func TestNeedsOfRetainedObjects(t *testing.T) {
	keys := func(endpoint, keys string) string {
		return "  objectStorage: {endpoint: " + endpoint + ", bucket: files, " + keys + "}\n"
	}
	const outside = "  database: {host: db.example.com, password: {secretKeyRef: {name: outside, key: key}}}\n"
	const s3, ours = "https://s3.example.com", "accessKey: a, accessSecret: Hunter2"
	all := rendered(t, smallest+"  database: {inCluster: {backup: {schedule: 0 0 2 * * *}}}\n"+keys(s3, ours))
	step := func(given []string, config string) outcome {
		given = slices.Clone(given)
		given[1] = inKpt(t, smallest+config)[1]
		r := run(list("", given...))
		if r.exit != 0 || strings.Contains(r.errors, "Hunter") || strings.Contains(r.errors, "SHVudGVy") {
			t.Fatalf("exit %d, got %s", r.exit, r.errors)
		}
		if again := run(r.out); again.out != r.out {
			t.Errorf("the second run changes\n%s", again.errors)
		}
		return r
	}
	handedOver := step(all, outside+keys(s3, ours))
	if r := step(items(t, handedOver.out), outside+keys(s3, "existingSecret: mine")); !slices.Contains(retained(t, r.out),
		"Secret teams/chat-object-storage") {
		t.Errorf("got %s", r.errors)
	}
	const changed = "the value of secretkey changes, and ObjectStore teams/chat-backups"
	const moved = "accessKey: b, accessSecret: Hunter3"
	for _, given := range [][]string{all, items(t, handedOver.out)} {
		if r := step(given, outside+keys("https://s4.example.com", moved)); !strings.Contains(r.errors, changed) {
			t.Errorf("got %s", r.errors)
		}
	}
}

// A second object with the id of a generated one is an error, unless it is managed and without data.
func TestDuplicates(t *testing.T) {
	before := rendered(t, smallest)
	inner := annotated(t, annotated(t, "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: inner}\n",
		"internal.config.kubernetes.io/path", "objects/copies/Kptfile"), "internal.config.kubernetes.io/index", "0")
	users := func(text string) string { return withoutLine(text, ownership.AnnotationOwner) }
	example := func(text string) string {
		return annotated(t, users(text), "config.kubernetes.io/local-config", "true")
	}
	same := func(text string) string { return text }
	for _, test := range []struct {
		kind    string
		edit    func(string) string
		others  []string
		message string
	}{
		{"Cluster", same, nil, "Cluster teams/chat-db is among the resources twice, in objects/chat/database.yaml and " +
			"objects/copies/database.yaml; delete one of the two"},
		{"Cluster", users, nil, "Cluster teams/chat-db is among the resources twice"},
		{"VirtualService", users, nil, "VirtualService teams/chat is among the resources twice"},
		{"VirtualService", same, []string{inner}, "in objects/chat/route.yaml and objects/copies/route.yaml; delete the one in " +
			"objects/copies/route.yaml, or move it to the kpt package of the configuration"},
		{"VirtualService", same, nil, ""},
		{"Cluster", example, nil, ""},
	} {
		resources := append(slices.Clone(before), test.others...)
		for _, text := range before {
			if strings.Contains(text, "kind: "+test.kind+"\n") {
				resources = append(resources, test.edit(strings.Replace(text, "path: objects/chat/", "path: objects/copies/", 1)))
			}
		}
		r := run(list("", resources...))
		failed := r.exit != 0
		if failed != (test.message != "") || !strings.Contains(r.errors, test.message) || strings.Contains(r.errors,
			"is kept") {
			t.Errorf("%s: exit %d, got %s", test.kind, r.exit, r.errors)
		}
		if failed {
			equal(t, "the items", strings.Join(items(t, r.out), "---\n"), strings.Join(resources, "---\n"))
		}
	}
}

// An object inside a List is not read, so it must not be generated again next to it.
func TestObjectInList(t *testing.T) {
	inside := "apiVersion: v1\nkind: List\nmetadata: {name: all}\nitems:\n- apiVersion: postgresql.cnpg.io/v1\n  kind: " +
		"Cluster\n  metadata: {name: chat-db, namespace: teams}\n  spec: {instances: 3}\n"
	r := run(list("", inKpt(t, smallest, inside)...))
	if r.exit != 1 || !strings.Contains(r.errors, "Cluster teams/chat-db is inside List all in objects/") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
	other := strings.Replace(inside, "chat-db", "other-db", 1)
	if r := run(list("", inKpt(t, smallest, other)...)); r.exit != 0 || !strings.Contains(r.out, "name: other-db") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
}

// A rejected run does not report changes that it does not make.
func TestRejectedRunReportsNoChanges(t *testing.T) {
	resources := rendered(t, smallest)
	resources[1] = strings.Replace(resources[1], "name: chat\n", "name: talk\n", 1)
	r := run(list("", resources...))
	if r.exit != 1 || !strings.Contains(r.errors, "renamed-from") || strings.Contains(r.errors, "kept") ||
		strings.Contains(r.errors, "removed") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
}

// inClusterForms are the forms of a database in the cluster.
var inClusterForms = map[string]string{
	"cloudnative-pg": "",
	"cloudnative-pg with backups": "  database: {inCluster: {backup: {schedule: 0 0 2 * * *}}}\n  objectStorage: " +
		"{endpoint: https://s3.example.com, bucket: files, accessKey: a, accessSecret: b}\n",
	"a plain password": "  database: {inCluster: {engine: statefulset, password: " +
		"Hunter2}}\n  networkPolicies: {enabled: true}\n",
	"a password in a Secret": "  database: {inCluster: {engine: statefulset, password: {secretKeyRef: {name: " +
		"mine, key: key}}}}\n",
	"a password in a store": "  database: {inCluster: {engine: statefulset, password: {externalSecret: {store: {name: " +
		"vault}, key: chat}}}}\n",
	"a generated password": "  database: {inCluster: {engine: statefulset, generatePassword: true}}\n",
}

// A database in the cluster that is no longer needed is handed over with everything that it needs, whatever the new one
// is. The next run changes nothing, and the configuration gets it back when it needs it again.
func TestDatabaseIsHandedOver(t *testing.T) {
	outside := map[string]string{
		"a plain password":       "password: other",
		"a password in a Secret": "password: {secretKeyRef: {name: outside, key: key}}",
		"a password in a store":  "password: {externalSecret: {store: {name: vault}, key: outside}}",
	}
	for from, before := range inClusterForms {
		for to, password := range outside {
			t.Run(from+" to "+to, func(t *testing.T) {
				first := rendered(t, smallest+before)
				database := "  database: {host: db.example.com, " + password + "}\n"
				if _, storage, found := strings.Cut(before, "  objectStorage:"); found {
					database += "  objectStorage:" + storage
				}
				next := slices.Clone(first)
				next[1] = inKpt(t, smallest+database)[1]
				r := run(list("", next...))
				if r.exit != 0 || !strings.Contains(r.errors, "is kept, because it contains the database") {
					t.Fatalf("exit %d, got %s", r.exit, r.errors)
				}
				checkReferences(t, items(t, r.out))
				if strings.Contains(r.errors, "Hunter2") {
					t.Errorf("a password is in %s", r.errors)
				}
				again := run(r.out)
				equal(t, "the second run's output", again.out, r.out)

				back := items(t, r.out)
				back[1] = first[1]
				r = run(list("", back...))
				if r.exit != 0 {
					t.Fatalf("back: exit %d, got %s", r.exit, r.errors)
				}
				if kept := retained(t, r.out); len(kept) > 0 {
					t.Errorf("still handed over: %v", kept)
				}
				fresh := strings.Join(ids(t, first), "\n")
				equal(t, "the objects afterwards", strings.Join(ids(t, items(t, r.out)), "\n"), fresh)
			})
		}
	}
}

// checkReferences fails the test if a handed-over object refers to a key of a Secret that no object of the list
// provides.
func checkReferences(t *testing.T, all []string) {
	t.Helper()
	provided := map[string]bool{"mine/key": true, "outside/key": true}
	for _, text := range all {
		node := yaml.MustParse(text)
		switch node.GetKind() {
		case "Secret":
			for key := range node.GetDataMap() {
				if provided[node.GetName()+"/"+key] {
					t.Errorf("two objects provide key %s of Secret %s", key, node.GetName())
				}
				provided[node.GetName()+"/"+key] = true
			}
		case "ExternalSecret":
			data, err := node.Pipe(yaml.Lookup("spec", "target", "template", "data"))
			if err != nil {
				t.Fatal(err)
			}
			keys, err := data.Fields()
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range keys {
				if provided[node.GetName()+"/"+key] {
					t.Errorf("two objects provide key %s of Secret %s", key, node.GetName())
				}
				provided[node.GetName()+"/"+key] = true
			}
		}
	}
	holders := 0
	for _, text := range all {
		if !strings.Contains(text, ownership.AnnotationRetainedFrom) {
			continue
		}
		node := yaml.MustParse(text)
		if strings.Contains(text, ownership.ManagedBy+"\n") && node.GetLabels()[ownership.LabelManagedBy] != "" ||
			strings.Contains(text, ownership.AnnotationObject) {
			t.Errorf("%s still has ownership metadata", node.GetName())
		}
		if kind := node.GetKind(); kind == "Cluster" || kind == "StatefulSet" {
			holders++
		}
		for _, reference := range keyReferences(node.YNode()) {
			if !provided[reference] {
				t.Errorf("%s %s refers to %s, which nothing provides", node.GetKind(), node.GetName(), reference)
			}
		}
	}
	if holders != 1 {
		t.Errorf("%d databases were handed over", holders)
	}
}

// keyReferences returns the references to keys of Secrets in an object, as name/key.
func keyReferences(node *yaml.Node) []string {
	var found []string
	name, key := resourcelist.Text(resourcelist.Field(node, "name")), resourcelist.Text(resourcelist.Field(node, "key"))
	if name != "" && key != "" {
		found = append(found, name+"/"+key)
	}
	for _, child := range node.Content {
		found = append(found, keyReferences(child)...)
	}
	return found
}

// What was handed over is not given to another configuration.
func TestRetainedObjectOfAnother(t *testing.T) {
	const claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: chat-files, namespace: teams, " +
		"annotations: {mattermost.bigbang.dev/retained-from: teams/talk}}\nspec: {accessModes: [ReadWriteOnce], resources: " +
		"{requests: {storage: 10Gi}}}\n"
	r := run(list("", smallest, claim))
	const message = "PersistentVolumeClaim teams/chat-files is required by MattermostConfig teams/chat but was kept " +
		"from MattermostConfig teams/talk with its data (annotation mattermost.bigbang.dev/retained-from). " +
		"To use its data here, set the annotation to teams/chat"
	if r.exit != 1 || !strings.Contains(r.errors, message) {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
	namespace := "apiVersion: v1\nkind: Namespace\nmetadata: {name: teams, annotations: " +
		"{mattermost.bigbang.dev/retained-from: teams/talk}}\n"
	if r := run(list("", smallest+"  namespace: {create: true}\n", namespace)); r.exit != 1 ||
		!strings.Contains(r.errors, "set the annotation to teams/chat; otherwise remove spec.namespace.create") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
	r = run(list("", smallest, strings.Replace(claim, "teams/talk", "teams/chat", 1)))
	if r.exit != 0 || !strings.Contains(r.errors, "PersistentVolumeClaim teams/chat-files, which was kept for you, "+
		"belongs to MattermostConfig teams/chat again") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
}

// A Namespace is never removed: other installations may be in it.
func TestNamespaceStays(t *testing.T) {
	before := rendered(t, smallest+"  namespace: {create: true}\n")
	off := edited(t, before, "MattermostConfig", "  namespace: {create: true}\n", "")
	r := run(list("", off...))
	if !slices.Equal(retained(t, r.out), []string{"Namespace teams"}) ||
		!strings.Contains(r.errors, "warning: Namespace teams is kept, because it contains all objects of the namespace") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
}

// Changes that the API server or an operator refuses, or that lose data, are errors before anything is written.
func TestChangesOfData(t *testing.T) {
	const statefulSet = "  database: {inCluster: {engine: statefulset, password: x, storage: {size: 10Gi}, image: " +
		"'postgres:16.4'}}\n"
	const cluster = "  database: {inCluster: {instances: 3, storage: {size: 10Gi, storageClassName: fast}, image: " +
		"'ghcr.io/cloudnative-pg/postgresql:16.4-bookworm'}}\n"
	const claim = "  objectStorage: {inCluster: {storage: {size: 10Gi}}}\n"
	const minio = "  objectStorage: {inCluster: {engine: minio, accessKey: aaaa, accessSecret: bbbbbbbb, " +
		"storage: {size: 10Gi}}}\n"
	const version = "  version: 11.10.2\n"
	for _, test := range []struct{ name, spec, old, new, message string }{
		{"a smaller claim", claim, "10Gi", "5Gi", "error: spec.objectStorage.inCluster.storage.size: " +
			"PersistentVolumeClaim teams/chat-files: the volume cannot shrink from 10Gi to 5Gi; set at least 10Gi"},
		{"a claim of the same size, written differently", claim, "10Gi", "10240Mi", ""},
		{"a larger claim", claim, "10Gi", "20Gi", ""},
		{"another class of the claim", claim, "{size: 10Gi}", "{size: 10Gi, storageClassName: fast}",
			"error: spec.objectStorage.inCluster.storage.storageClassName: PersistentVolumeClaim teams/chat-files: " +
				"storageClassName cannot change from unset to fast"},
		{"a smaller Tenant", minio, "10Gi", "5Gi", "error: spec.objectStorage.inCluster.storage.size: " +
			"Tenant teams/chat-files: the volume cannot shrink"},
		{"a larger StatefulSet", statefulSet, "10Gi", "20Gi", "error: spec.database.inCluster.storage.size: " +
			"StatefulSet teams/chat-db: the claims of a StatefulSet cannot change from 10Gi to 20Gi"},
		{"a smaller StatefulSet", statefulSet, "10Gi", "5Gi", "the volume cannot shrink"},
		{"another class of the StatefulSet", statefulSet, "10Gi}", "10Gi, storageClassName: x}",
			"error: spec.database.inCluster.storage.storageClassName: StatefulSet"},
		{"another database", statefulSet, "database: {", "database: {database: other, ", "error: spec.database.database: " +
			"StatefulSet teams/chat-db: the database in the volume was created with another value"},
		{"another role", statefulSet, "database: {", "database: {username: other, ",
			"error: spec.database.username: StatefulSet"},
		{"another PostgreSQL", statefulSet, "16.4", "17.1", "error: spec.database.inCluster.image: " +
			"StatefulSet teams/chat-db: PostgreSQL 17 cannot read the files of PostgreSQL 16"},
		{"a patch release of PostgreSQL", statefulSet, "16.4", "16.9", ""},
		{"a smaller Cluster", cluster, "10Gi", "5Gi", "error: spec.database.inCluster.storage.size: Cluster teams/chat-db: " +
			"the volume cannot shrink"},
		{"a larger Cluster", cluster, "10Gi", "50Gi", ""},
		{"another class of the Cluster", cluster, "fast", "slow",
			"error: spec.database.inCluster.storage.storageClassName: Cluster teams/chat-db: " +
				"storageClass cannot change from fast to slow"},
		{"another database of the Cluster", cluster, "database: {", "database: {database: other, ",
			"error: spec.database: Cluster teams/chat-db: the bootstrap cannot change"},
		{"another user of the StatefulSet", statefulSet, "{engine", "{userID: 1001, engine", "error: " +
			"spec.database.inCluster.userID: StatefulSet teams/chat-db: PostgreSQL cannot run as user 1001: its files belong " +
			"to user 26"},
		{"another user of the Cluster", cluster, "{instances", "{userID: 1001, instances", "error: " +
			"spec.database.inCluster.userID: Cluster teams/chat-db: PostgreSQL cannot run as user 1001: its files belong to " +
			"user 26"},
		{"the usual user of the Cluster", cluster, "{instances", "{userID: 26, instances", ""},
		{"a Secret with the role", cluster, "{instances", "{existingSecret: mine, instances", ""},
		{"3 instances to 1", cluster, "instances: 3", "instances: 1", "error: spec.database.inCluster.instances: " +
			"Cluster teams/chat-db: from 3 instances to 1"},
		{"3 instances to 2", cluster, "instances: 3", "instances: 2", "warning: spec.database.inCluster.instances: " +
			"Cluster teams/chat-db: from 3 instances to 2: CloudNativePG deletes replicas"},
		{"more instances", cluster, "instances: 3", "instances: 5", ""},
		{"an older PostgreSQL in the Cluster", cluster, "16.4", "15.1", "error: spec.database.inCluster.image: " +
			"Cluster teams/chat-db: PostgreSQL 15 cannot read the files of PostgreSQL 16"},
		{"a newer PostgreSQL in the Cluster", cluster, "16.4", "17.1", "warning: spec.database.inCluster.image: " +
			"Cluster teams/chat-db: CloudNativePG upgrades the database from PostgreSQL 16 to 17"},
		{"a lower version", version, "11.10.2", "11.9.0", "error: spec.version: Mattermost teams/chat: " +
			"this would replace Mattermost 11.10.2 with 11.9.0"},
		{"an earlier patch release", version, "11.10.2", "11.10.0", ""},
		{"a higher version", version, "11.10.2", "11.11.0", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := smallest + test.spec
			if test.spec == version {
				config = strings.Replace(config, "11.10.2", `"11.10.2"`, 1)
			}
			given := rendered(t, config)
			given[1] = strings.Replace(given[1], test.old, test.new, 1)
			r := run(list("", given...))
			if (r.exit != 0) != strings.HasPrefix(test.message, "error") && test.name != "a smaller StatefulSet" {
				t.Errorf("exit %d", r.exit)
			}
			if !strings.Contains(r.errors, test.message) {
				t.Errorf("got %s", r.errors)
			}
			if r.exit != 0 {
				equal(t, "the items", strings.Join(items(t, r.out), "---\n"), strings.Join(given, "---\n"))
			}
		})
	}
}

// A downgrade that is intended passes once.
func TestIntendedDowngrade(t *testing.T) {
	given := rendered(t, smallest+"  version: \"11.10.2\"\n")
	given[1] = strings.Replace(given[1], "11.10.2", "11.9.0", 1)
	given[1] = strings.Replace(given[1], "  annotations:\n",
		"  annotations:\n    mattermost.bigbang.dev/downgrade: 11.10.2\n", 1)
	r := run(list("", given...))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	lower := run(strings.Replace(r.out, "11.9.0\"", "11.8.0\"", 1))
	if lower.exit != 1 || !strings.Contains(lower.errors, "replace Mattermost 11.9.0 with 11.8.0") {
		t.Errorf("exit %d, got %s", lower.exit, lower.errors)
	}
}

// Guards are on objects with data and no others, next to the options of users, and can be turned off.
func TestGuards(t *testing.T) {
	guards := ownership.Guards()
	guarded := func(r outcome) []string {
		t.Helper()
		var names []string
		for _, text := range items(t, r.out) {
			node := yaml.MustParse(text)
			found := 0
			for name, value := range node.GetAnnotations() {
				if guard, is := guards[name]; is && strings.Contains(value, guard) {
					found++
				}
			}
			if found != 0 && found != len(guards) {
				t.Errorf("%s has %d of %d guards", node.GetName(), found, len(guards))
			}
			if found > 0 {
				names = append(names, node.GetKind()+" "+node.GetName())
			}
		}
		slices.Sort(names)
		return names
	}
	for _, test := range []struct {
		spec string
		want []string
	}{
		{"",
			[]string{"Cluster chat-db", "PersistentVolumeClaim chat-files"}},
		{"  deletionProtection: false\n",
			nil},
		{"  namespace: {create: true, annotations: {argocd.argoproj.io/sync-options: ServerSideApply=true}}\n",
			[]string{"Cluster chat-db", "Namespace teams", "PersistentVolumeClaim chat-files"}},
		{"  database: {inCluster: {engine: statefulset, password: x}}\n",
			[]string{"PersistentVolumeClaim chat-files", "Secret chat-database", "StatefulSet chat-db"}},
		{"  database: {inCluster: {engine: statefulset, generatePassword: true}}\n",
			[]string{"ExternalSecret chat-database", "PersistentVolumeClaim chat-files", "StatefulSet chat-db"}},
		{"  database: {host: db, password: x}\n  objectStorage: {inCluster: {engine: minio, accessKey: aaaa, " +
			"accessSecret: bbbbbbbb}}\n",
			[]string{"Secret chat-files-config", "Tenant chat-files"}},
		{"  patches: [{target: {kind: Cluster}, patch: '- {op: replace, path: " +
			"/metadata/annotations/argocd.argoproj.io~1sync-options, value: PruneLast=true}'}]\n",
			[]string{"Cluster chat-db", "PersistentVolumeClaim chat-files"}},
		{"  database: {inCluster: {engine: statefulset, password: x}}\n  patches: [{target: {kind: Secret}, patch: '- {op: " +
			"replace, path: /metadata/annotations/argocd.argoproj.io~1sync-options, value: PruneLast=true}'}]\n",
			[]string{"PersistentVolumeClaim chat-files", "Secret chat-database", "StatefulSet chat-db"}},
		{"  database: {inCluster: {engine: statefulset, generatePassword: true}}\n  patches: [{target: {kind: ExternalSecret}, " +
			"patch: '- {op: replace, path: /metadata/annotations/argocd.argoproj.io~1sync-options, value: PruneLast=true}'}]\n",
			[]string{"ExternalSecret chat-database", "PersistentVolumeClaim chat-files", "StatefulSet chat-db"}},
	} {
		r := run(list("", smallest+test.spec))
		if got := guarded(r); r.exit != 0 || !slices.Equal(got, test.want) {
			t.Errorf("%s: exit %d, got %v, want %v; %s", test.spec, r.exit, got, test.want, r.errors)
		}
	}
	theirs := "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: chat-files, namespace: teams}\nspec: " +
		"{accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}\n"
	if got := guarded(run(list("", smallest, theirs))); !slices.Equal(got, []string{"Cluster chat-db"}) {
		t.Errorf("guards on %v", got)
	}
}
