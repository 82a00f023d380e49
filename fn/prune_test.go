// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// annotated adds an annotation to an item.
func annotated(t testing.TB, text, name, value string) string {
	t.Helper()
	node := yaml.MustParse(text)
	if err := node.PipeE(yaml.SetAnnotation(name, value)); err != nil {
		t.Fatal(err)
	}
	return asText(t, node.YNode())
}

// inKpt returns items in the form in which kpt sends them: the Kptfile, then each item with a different file unless it
// has one already.
func inKpt(t testing.TB, given ...string) []string {
	t.Helper()
	all := []string{"apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: chat\n  annotations: " +
		"{internal.config.kubernetes.io/path: Kptfile, internal.config.kubernetes.io/index: '0'}\n"}
	for i, text := range given {
		if !strings.Contains(text, "internal.config.kubernetes.io/path") {
			text = annotated(t, text, "internal.config.kubernetes.io/path", fmt.Sprintf("objects/%d.yaml", i))
			text = annotated(t, text, "internal.config.kubernetes.io/index", "0")
		}
		all = append(all, text)
	}
	return all
}

// inKustomize returns items in the form in which kustomize sends them to a transformer.
func inKustomize(t testing.TB, given ...string) []string {
	t.Helper()
	var all []string
	for _, text := range given {
		all = append(all, annotated(t, text, "kustomize.config.k8s.io/id", "x"))
	}
	return all
}

// managed returns kind, namespace and name of the managed items of a ResourceList, sorted.
func managed(t testing.TB, text string) []string { return with(t, text, ownership.AnnotationOwner) }

// retained returns those of the items that were handed over to the user because of their data.
func retained(t testing.TB, text string) []string {
	return with(t, text, ownership.AnnotationRetainedFrom)
}

// with returns kind, namespace and name of the items with an annotation, sorted.
func with(t testing.TB, text, annotation string) []string {
	t.Helper()
	var names []string
	for _, item := range items(t, text) {
		if strings.Contains(item, annotation+":") {
			read := resourcelist.NewItem(yaml.MustParse(item).YNode())
			names = append(names, read.String())
		}
	}
	slices.Sort(names)
	return names
}

const routeless = smallest + "  route: {type: none}\n"

// Objects of an earlier run are removed or kept.
func TestPrune(t *testing.T) {
	made := items(t, run(list("", smallest)).out)[1:]
	inPlace := items(t, run(list("", inKpt(t, smallest)...)).out)[2:]
	talk := strings.ReplaceAll(smallest, "name: chat", "name: talk")
	elsewhere := strings.ReplaceAll(talk, "example.com", "example.org")
	renamed := strings.Replace(elsewhere, "spec:", "  annotations: {mattermost.bigbang.dev/renamed-from: "+
		"teams/chat}\nspec:", 1)
	const otherRoute = "VirtualService teams/chat"
	data := []string{"Cluster teams/chat-db", "PersistentVolumeClaim teams/chat-files"}
	for _, test := range []struct {
		name     string
		input    string
		exit     int
		removed  []string // objects of chat that are removed
		kept     []string // objects of chat that are kept
		retained []string // objects that are handed over
		messages []string // parts of standard error; nil for an empty one
	}{
		{name: "kpt: a feature is turned off", input: list("", inKpt(t, append([]string{routeless}, inPlace...)...)...),
			removed: []string{otherRoute}, kept: []string{"Mattermost teams/chat"},
			messages: []string{"info: VirtualService teams/chat is removed: MattermostConfig teams/chat no longer needs it"}},
		{name: "kpt eval: a feature is turned off", input: list(routeless,
			inKpt(t, append([]string{routeless}, inPlace...)...)...), removed: []string{otherRoute},
			messages: []string{"info: VirtualService teams/chat is removed"}},
		{name: "kustomize transformer: a feature is turned off", input: list(routeless, inKustomize(t, made...)...),
			removed: []string{otherRoute}, kept: []string{"Mattermost teams/chat"},
			messages: []string{"info: VirtualService teams/chat is removed"}},
		{name: "a pipe: a feature is turned off", input: list(routeless, made...), removed: []string{otherRoute},
			kept: []string{"Mattermost teams/chat"}, messages: []string{"VirtualService teams/chat is removed"}},
		{name: "kpt: the configuration is renamed", input: list("", inKpt(t, append([]string{talk}, inPlace...)...)...),
			exit: 1, kept: []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"metadata.name: MattermostConfig teams/chat, whose objects are among the resources, " +
				"no longer exists, and this one has the same host", "renamed-from: teams/chat"}},
		{name: "kpt: the configuration is renamed, with another host in the same file",
			input: list("", inKpt(t, append([]string{elsewhere}, inPlace...)...)...), exit: 1, kept: []string{otherRoute},
			messages: []string{"this one is in the same file"}},
		{name: "kpt: the configuration is renamed on purpose",
			input:   list("", inKpt(t, append([]string{renamed}, inPlace...)...)...),
			removed: []string{otherRoute, "Mattermost teams/chat"}, retained: data,
			messages: []string{"warning: MattermostConfig teams/chat is no longer among the resources: its 7 objects that can " +
				"be generated again are removed (", "warning: Cluster teams/chat-db is kept, because it contains the database"}},
		{name: "kpt: the configuration is deleted", input: list("", inKpt(t, inPlace...)...),
			removed: []string{otherRoute, "Mattermost teams/chat"}, retained: data,
			messages: []string{"its 7 objects that can be generated again are removed",
				"warning: PersistentVolumeClaim teams/chat-files is kept, because it contains the uploaded files: " +
					"its MattermostConfig teams/chat is no longer among the resources. " +
					"It is yours now (annotation mattermost.bigbang.dev/retained-from). To move them, mount"}},
		{name: "kpt: the output of another run, whose configuration is not in the package",
			input: list("", inKpt(t, append([]string{elsewhere}, made...)...)...),
			kept:  []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"warning: MattermostConfig teams/chat is not among the resources; its objects (9, " +
				"the first is Secret teams/chat-database) are kept"}},
		{name: "kustomize transformer without a functionConfig: the output of another run",
			input: list("", inKustomize(t, made...)...), kept: []string{otherRoute, "Mattermost teams/chat"}},
		{name: "kustomize transformer with its configuration among the resources: the output of another run",
			input: list(elsewhere, inKustomize(t, append([]string{elsewhere}, made...)...)...),
			kept:  []string{otherRoute, "Mattermost teams/chat"}},
		{name: "kustomize: one transformer for each configuration", input: list(elsewhere, inKustomize(t, made...)...),
			kept: []string{otherRoute, "Mattermost teams/chat"}},
		{name: "kpt on a subdirectory of the package: the configuration is not in the input",
			input: list("", inKpt(t, inPlace...)[1:]...), kept: []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"warning: MattermostConfig teams/chat is not among the resources; its objects (9, " +
				"the first is Secret teams/chat-database) are kept"}},
		{name: "kpt: the functionConfig is not in the package", input: list(talk, inKpt(t, inPlace...)...),
			kept:     []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"(9, the first is Secret teams/chat-database) are kept because the input may be incomplete"}},
		{name: "kpt: an error in another configuration",
			input: list("", inKpt(t, append([]string{routeless, elsewhere + "  replicas: 1.5\n"}, inPlace...)...)...), exit: 1,
			kept: []string{otherRoute}, messages: []string{"spec.replicas"}},
		{name: "kpt: a selector hides earlier output",
			input: list("", annotated(t, smallest, "internal.config.k8s.io/kpt-resource-id", "3")), exit: 1,
			messages: []string{"kpt sends the function only a part of the resources", "selectors"}},
		{name: "kpt: a selector hides everything",
			input: list(annotated(t, smallest, "internal.config.k8s.io/kpt-resource-id", "3")), exit: 1,
			messages: []string{"kpt sends the function only a part"}},
		{name: "kpt: a selector hides the configuration",
			input: list("", annotated(t, made[0], "internal.config.k8s.io/kpt-resource-id", "3")), exit: 1,
			kept: []string{"Secret teams/chat-database"}, messages: []string{"kpt sends the function only a part"}},
		{name: "kpt: a selector hides the configuration, and there are no managed objects",
			input:    list("", annotated(t, "kind: A\n", "internal.config.k8s.io/kpt-resource-id", "3")),
			messages: []string{"warning: found no MattermostConfig"}},
		{name: "the same object twice", input: list("", inKpt(t, append([]string{smallest, inPlace[0]}, inPlace...)...)...),
			kept: []string{"Secret teams/chat-database"}, messages: []string{"Secret teams/chat-database is removed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := run(test.input)
			if r.exit != test.exit {
				t.Fatalf("exit %d, got %s", r.exit, r.errors)
			}
			names := managed(t, r.out)
			for _, name := range test.removed {
				if slices.Contains(names, name) {
					t.Errorf("%s was not removed", name)
				}
			}
			for _, name := range test.kept {
				if !slices.Contains(names, name) {
					t.Errorf("%s was removed", name)
				}
			}
			if got := retained(t, r.out); !slices.Equal(got, test.retained) {
				t.Errorf("retained %v, want %v", got, test.retained)
			}
			if len(slices.Compact(slices.Clone(names))) != len(names) {
				t.Errorf("duplicate objects: %v", names)
			}
			if len(test.messages) == 0 && r.errors != "" {
				t.Errorf("got %s", r.errors)
			}
			for _, part := range test.messages {
				if !strings.Contains(r.errors, part) {
					t.Errorf("%q is not in\n%s", part, r.errors)
				}
			}
			if test.exit != 0 {
				equal(t, "the items", strings.Join(items(t, r.out), "---\n"), strings.Join(items(t, test.input), "---\n"))
				return
			}
			again := run(r.out)
			equal(t, "the second run's items", strings.Join(items(t, again.out), "---\n"),
				strings.Join(items(t, r.out), "---\n"))
		})
	}
}

// Only objects with complete ownership metadata are removed.
func TestPruneKeepsUnmanagedObjects(t *testing.T) {
	const label, owner = "app.kubernetes.io/managed-by: mattermost-fn", "mattermost.bigbang.dev/owner: teams/chat"
	for name, theirs := range map[string]string{
		"no ownership metadata": "metadata: {name: mine, namespace: teams}\n",
		"the label alone":       "metadata: {name: mine, namespace: teams, labels: {" + label + "}}\n",
		"the annotation alone":  "metadata: {name: mine, namespace: teams, annotations: {" + owner + "}}\n",
		"the label of another tool": "metadata: {name: mine, namespace: teams, labels: {app.kubernetes.io/managed-by: " +
			"Helm}, annotations: {" + owner + "}}\n",
		"an annotation without a value": "metadata: {name: mine, namespace: teams, labels: {" + label +
			"}, annotations: {mattermost.bigbang.dev/owner: ''}}\n",
	} {
		input := list("", inKpt(t, "apiVersion: v1\nkind: ConfigMap\n"+theirs, smallest)...)
		r := run(input)
		if r.exit != 0 {
			t.Fatalf("%s: exit %d, got %s", name, r.exit, r.errors)
		}
		equal(t, name, items(t, r.out)[1], items(t, input)[1])
		r = run(list("", inKpt(t, "apiVersion: v1\nkind: ConfigMap\n"+theirs)...))
		equal(t, name+", no configuration", items(t, r.out)[1], items(t, input)[1])
	}
}

// An object whose ownership metadata a user deleted belongs to the user: it is kept when no configuration needs it.
func TestDeletingOwnershipMetadataTakesTheObjectOver(t *testing.T) {
	first := run(list("", inKpt(t, smallest)...))
	var taken []string
	for _, text := range items(t, first.out) {
		if strings.Contains(text, "kind: VirtualService") {
			text = strings.Replace(text, "    mattermost.bigbang.dev/owner: teams/chat\n", "    mine: really\n", 1)
		}
		_, spec, _ := strings.Cut(smallest, "spec:\n")
		_, without, _ := strings.Cut(routeless, "spec:\n")
		taken = append(taken, strings.Replace(text, spec, without, 1))
	}
	r := run(list("", taken...))
	if route := item(t, r.out, "VirtualService teams/chat"); !strings.Contains(route, "mine: really") {
		t.Errorf("exit %d, got %s and the object\n%s", r.exit, r.errors, route)
	}
	equal(t, "standard error", r.errors, "")
}

// An object of a deleted configuration is transferred to another configuration that needs it.
func TestTransferToAnotherConfiguration(t *testing.T) {
	creating := strings.Replace(smallest, "spec:\n", "spec:\n  namespace: {create: true}\n", 1)
	talk := strings.ReplaceAll(creating, "name: chat", "name: talk")
	made := items(t, run(list("", inKpt(t, creating)...)).out)[2:]
	renamed := strings.Replace(talk, "spec:", "  annotations: {mattermost.bigbang.dev/renamed-from: teams/chat}\nspec:", 1)
	r := run(list("", inKpt(t, append([]string{renamed}, made...)...)...))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	if part := "Namespace teams is transferred from MattermostConfig teams/chat to " +
		"MattermostConfig teams/talk\n"; !strings.Contains(r.errors, part) {
		t.Errorf("%q is not in\n%s", part, r.errors)
	}
	if strings.Contains(r.errors, "Namespace teams is removed") {
		t.Errorf("got %s", r.errors)
	}
	if namespace := item(t, r.out, "Namespace teams"); !strings.Contains(namespace,
		ownership.AnnotationOwner+": teams/talk\n") {
		t.Errorf("got\n%s", namespace)
	}
	// If the other configuration still exists, the object is an error: the two would overwrite each other's changes.
	if r := run(list("", inKpt(t, append([]string{strings.ReplaceAll(talk, "example.com", "example.org"), creating},
		made...)...)...)); r.exit != 1 || !strings.Contains(r.errors,
		"Namespace teams is required by MattermostConfig teams/talk but already belongs to MattermostConfig teams/chat") {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
}

// The same input results in the same bytes, and the order of the input changes neither the objects nor their files.
func TestOrder(t *testing.T) {
	config := func(name, namespace string) string {
		config := strings.NewReplacer("name: chat", "name: "+name, "teams", namespace, "domain: example.com",
			"domain: "+name+"."+namespace+".example.com").Replace(smallest)
		config = annotated(t, config, "internal.config.kubernetes.io/path", namespace+"/"+name+".yaml") +
			"  networkPolicies: {enabled: true}\n"
		return annotated(t, config, "internal.config.kubernetes.io/index", "0")
	}
	given := inKpt(t, config("a", "x"), config("b", "x"), config("a", "y"), config("b", "z"),
		"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: z}\n")
	first := run(list("", given...))
	if first.exit != 0 {
		t.Fatalf("exit %d, got %s", first.exit, first.errors)
	}
	sorted := func(r outcome) string {
		all := items(t, r.out)
		slices.Sort(all)
		return strings.Join(all, "---\n")
	}
	for range 5 {
		equal(t, "the result of the same input", fmt.Sprint(run(list("", given...))), fmt.Sprint(first))
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 10 {
		random.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		r := run(list("", given...))
		equal(t, "the items for another order", sorted(r), sorted(first))
		equal(t, "standard error for another order", r.errors, first.errors)
	}
}

// A second run reports each object that it adds or changes, and nothing if it changes nothing.
func TestReportsOfChanges(t *testing.T) {
	first := run(list("", inKpt(t, routeless)...))
	equal(t, "the first run's standard error", first.errors, "")
	equal(t, "the second run's standard error", run(first.out).errors, "")
	changed := strings.Replace(strings.Replace(first.out, "route: {type: none}", "route: {type: istio}", 1),
		"  domain: example.com", "  domain: example.com\n    networkPolicies: {enabled: true}", 1)
	r := run(changed)
	for _, part := range []string{
		"objects/0.yaml: info: added: VirtualService teams/chat, NetworkPolicy teams/",
	} {
		if !strings.Contains(r.errors, part) {
			t.Errorf("%q is not in\n%s", part, r.errors)
		}
	}
	edited := run(strings.Replace(r.out, "    replicas: 1\n", "    replicas: 3\n", 1))
	equal(t, "standard error for an edited object", edited.errors,
		"objects/chat/server.yaml: info: Mattermost teams/chat is updated to match MattermostConfig teams/chat: "+
			"spec.replicas\n")
}

// After any sequence of features turned on and off, the objects are equal to those of a fresh run, apart from those
// with data, which are kept.
func TestSequenceOfChangesEqualsFreshRun(t *testing.T) {
	features := []string{
		"route: {type: none}",
		"networkPolicies: {enabled: true}",
		"namespace: {create: true}",
		"logging: {fluentBit: {outputs: [{name: es, url: 'https://es.example.com:9200', username: elastic, password: x}]}}",
		"database: {host: db.example.com, password: secret}",
		"objectStorage: {endpoint: https://s3.example.com, bucket: files, accessKey: a, accessSecret: b}",
		"elasticsearch: {enabled: false}",
		"profile: community",
		"istio: {mtls: STRICT}",
		"size: 1000users",
		"env: [{name: MM_TEAMSETTINGS_SITENAME, value: Chat}]",
	}
	var usable []string
	for _, feature := range features {
		if r := run(list("", smallest+"  "+feature+"\n")); r.exit == 0 {
			usable = append(usable, feature)
		}
	}
	if len(usable) < 7 {
		t.Fatalf("only %v are accepted", usable)
	}
	config := func(on []bool) string {
		text := smallest
		for i, feature := range usable {
			if on[i] {
				text += "  " + feature + "\n"
			}
		}
		return text
	}
	objects := func(r outcome) string {
		if r.exit != 0 {
			return r.errors
		}
		all := slices.DeleteFunc(items(t, r.out), func(text string) bool {
			return strings.Contains(text, ownership.AnnotationRetainedFrom)
		})
		for i, text := range all {
			node := yaml.MustParse(text)
			for _, name := range []string{"path", "index"} {
				if err := node.PipeE(yaml.ClearAnnotation("internal.config.kubernetes.io/" + name)); err != nil {
					t.Fatal(err)
				}
			}
			data, err := node.MarshalJSON() // the order of fields may differ
			if err != nil {
				t.Fatal(err)
			}
			all[i] = string(data)
		}
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 4 {
		on := make([]bool, len(usable))
		stream := inKpt(t, config(on))
		for step := range 10 {
			at := random.IntN(len(usable))
			on[at] = !on[at]
			stream[1] = inKpt(t, config(on))[1]
			r, fresh := run(list("", stream...)), run(list("", inKpt(t, config(on))...))
			if got, want := objects(r), objects(fresh); got != want {
				t.Fatalf("round %d, step %d (%s): got\n%s\nwant\n%s", round, step, usable[at], got, want)
			}
			if r.exit != 0 {
				on[at] = !on[at]
				continue
			}
			stream = items(t, r.out)
		}
	}
}

// If the host keeps objects in files, each installation has a directory next to its configuration, with a file per
// concern.
func TestFiles(t *testing.T) {
	in := func(file, config string) string {
		return strings.Replace(config, "  namespace: teams\n", "  namespace: teams\n  annotations: "+
			"{internal.config.kubernetes.io/path: "+file+"}\n", 1)
	}
	theirs := func(file string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine, annotations: {internal.config.kubernetes.io/path: " +
			file + ", internal.config.kubernetes.io/index: '0'}}\n"
	}
	policies := strings.Replace(smallest, "spec:\n", "spec:\n  networkPolicies: {enabled: true}\n", 1)
	for _, test := range []struct {
		name, input string
		want        map[string]string
	}{
		{"the top directory", list("", inKpt(t, in("mattermost.yaml", policies))...), map[string]string{
			"Mattermost teams/chat": "chat/server.yaml 0", "Secret teams/chat-database": "chat/secrets.yaml 0",
			"VirtualService teams/chat":              "chat/route.yaml 0",
			"Cluster teams/chat-db":                  "chat/database.yaml 0",
			"PersistentVolumeClaim teams/chat-files": "chat/object-storage.yaml 0",
		}},
		{"a subdirectory", list("", inKpt(t, in("teams/a.yaml", smallest))...),
			map[string]string{"Mattermost teams/chat": "teams/chat/server.yaml 0"}},
		{"a file with an object of the user", list("", inKpt(t, in("a.yaml", smallest), theirs("chat/server.yaml"))...),
			map[string]string{"Mattermost teams/chat": "chat/server-2.yaml 0",
				"VirtualService teams/chat": "chat/route.yaml 0"}},
		{"two installations with the same name",
			list("", inKpt(t, in("a.yaml", smallest),
				strings.ReplaceAll(in("b.yaml", strings.ReplaceAll(smallest, "example.com", "example.org")), "namespace: teams",
					"namespace: other"))...), map[string]string{
				"Mattermost teams/chat": "teams-chat/server.yaml 0", "Mattermost other/chat": "other-chat/server.yaml 0",
			}},
		{"a configuration outside the package", list(smallest, inKpt(t, theirs("x.yaml"))...),
			map[string]string{"Mattermost teams/chat": "chat/server.yaml 0"}},
		{"kustomize", list(smallest, inKustomize(t, theirs("x.yaml"))...), map[string]string{"Mattermost teams/chat": " 0"}},
		{"a pipe", list("", smallest), map[string]string{"Mattermost teams/chat": " 0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := run(test.input)
			if r.exit != 0 {
				t.Fatalf("exit %d, got %s", r.exit, r.errors)
			}
			read, err := resourcelist.Read([]byte(r.out))
			if err != nil {
				t.Fatal(err)
			}
			places := map[string]string{}
			for _, item := range read.Items {
				place := fmt.Sprint(item.File, " ", item.Index)
				for id, other := range places {
					if other == place && item.File != "" {
						t.Errorf("%s and %s have the same file and index, %s", id, item, place)
					}
				}
				places[item.String()] = place
			}
			for id, want := range test.want {
				if places[id] != want {
					t.Errorf("%s is in %q, want %q", id, places[id], want)
				}
			}
			equal(t, "the second run's output", run(r.out).out, r.out)
		})
	}
}

// A function built on kyaml accepts the output, as in `kpt fn source | mattermost-fn | another`. It rejects a list in
// which only some objects have the legacy annotations.
func TestKyamlReadsTheOutput(t *testing.T) {
	legacy := func(given ...string) []string {
		for i, text := range given {
			text = annotated(t, text, "config.kubernetes.io/path",
				yaml.MustParse(text).GetAnnotations()["internal.config.kubernetes.io/path"])
			given[i] = annotated(t, text, "config.kubernetes.io/index", "0")
		}
		return given
	}
	for name, input := range map[string]string{
		"both kinds of annotations": list("", legacy(inKpt(t, smallest)...)...),
		"no legacy annotations":     list("", inKpt(t, smallest)...),
		"no annotations":            list("", smallest),
	} {
		t.Run(name, func(t *testing.T) {
			made := run(input)
			for _, text := range []string{made.out, run(made.out).out} {
				var out bytes.Buffer
				identity := framework.ResourceListProcessorFunc(func(*framework.ResourceList) error { return nil })
				if err := framework.Execute(identity, &kio.ByteReadWriter{Reader: strings.NewReader(text),
					Writer: &out}); err != nil {
					t.Errorf("the kyaml function failed: %v", err)
				}
				if got, want := len(items(t, out.String())), len(items(t, text)); got != want {
					t.Errorf("got %d items, want %d", got, want)
				}
			}
		})
	}
}

// The password of an existing database cannot change: PostgreSQL's image sets it only in an empty volume.
func TestPasswordOfExistingDatabase(t *testing.T) {
	const password = "password: Hunter2"
	config := smallest + "  database: {inCluster: {engine: statefulset, " + password + "}}\n"
	theirs := "apiVersion: v1\nkind: Secret\nmetadata: {name: mine, namespace: teams}\nstringData: {key: Hunter2}\n"
	const otherPassword = "error: spec.database.inCluster.password: StatefulSet teams/chat-db: " +
		"the database in the volume has another password"
	const unknown = "warning: spec.database.inCluster.password: StatefulSet teams/chat-db: " +
		"the password comes from another place"
	for _, test := range []struct{ name, from, to, message string }{
		{"another password", password, "password: Hunter3", otherPassword},
		{"a generated password", password, "generatePassword: true", otherPassword},
		{"no longer a generated password", "generatePassword: true", password, otherPassword},
		{"the same password in a Secret among the resources", password,
			"password: {secretKeyRef: {name: mine, key: key}}", ""},
		{"a password in a Secret that is not among the resources", password,
			"password: {secretKeyRef: {name: other, key: key}}", unknown},
		{"a password in a store", password, "password: {externalSecret: {store: {name: vault}, key: chat}}", unknown},
		{"another store", "password: {externalSecret: {store: {name: vault}, key: chat}}",
			"password: {externalSecret: {store: {name: vault}, key: talk}}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := run(list("", strings.Replace(config, password, test.from, 1), theirs))
			r := run(strings.Replace(before.out, test.from, test.to, 1))
			if (r.exit != 0) != strings.HasPrefix(test.message, "error") || !strings.Contains(r.errors, test.message) ||
				strings.Contains(r.errors, "Hunter") {
				t.Errorf("exit %d, got %s", r.exit, r.errors)
			}
			if strings.Contains(r.errors, "in the volume has another") != (r.exit != 0) || test.message == "" &&
				strings.Contains(r.errors, "another place") {
				t.Errorf("exit %d, got %s", r.exit, r.errors)
			}
		})
	}
}

// A patch may set the file of an object.
func TestPatchSetsTheFile(t *testing.T) {
	config := smallest + "  patches: [{target: {kind: Mattermost}, patch: \"- {op: add, path: " +
		"/metadata/annotations/internal.config.kubernetes.io~1path, value: mine.yaml}\"}]\n"
	made := item(t, run(list("", inKpt(t, config)...)).out, "Mattermost teams/chat")
	if strings.Count(made, "internal.config.kubernetes.io/path: ") != 1 || !strings.Contains(made, "path: mine.yaml") {
		t.Errorf("got\n%.1500s", made)
	}
}
