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
func managed(t testing.TB, text string) []string {
	t.Helper()
	var names []string
	for _, item := range items(t, text) {
		if strings.Contains(item, ownership.AnnotationOwner) {
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
	talk := strings.ReplaceAll(smallest, "name: chat", "name: talk")
	const otherRoute = "VirtualService teams/chat"
	for _, test := range []struct {
		name     string
		input    string
		exit     int
		removed  []string // objects of chat that are removed
		kept     []string // objects of chat that are kept
		messages []string // parts of standard error; nil for an empty one
	}{
		{name: "kpt: a feature is turned off", input: list("", inKpt(t, append([]string{routeless}, made...)...)...),
			removed: []string{otherRoute}, kept: []string{"Mattermost teams/chat"},
			messages: []string{"info: VirtualService teams/chat is removed: MattermostConfig teams/chat no longer needs it"}},
		{name: "kpt eval: a feature is turned off", input: list(routeless,
			inKpt(t, append([]string{routeless}, made...)...)...), removed: []string{otherRoute},
			messages: []string{"info: VirtualService teams/chat is removed"}},
		{name: "kustomize transformer: a feature is turned off", input: list(routeless, inKustomize(t, made...)...),
			removed: []string{otherRoute}, kept: []string{"Mattermost teams/chat"},
			messages: []string{"info: VirtualService teams/chat is removed"}},
		{name: "a pipe: a feature is turned off", input: list(routeless, made...), removed: []string{otherRoute},
			kept: []string{"Mattermost teams/chat"}, messages: []string{"VirtualService teams/chat is removed"}},
		{name: "kpt: the configuration is renamed", input: list("", inKpt(t, append([]string{talk}, made...)...)...),
			removed: []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"Mattermost teams/chat is removed: its MattermostConfig teams/chat is no longer " +
				"among the resources", "warning: Cluster teams/chat-db is removed"}},
		{name: "kpt: the configuration is deleted", input: list("", inKpt(t, made...)...),
			removed: []string{otherRoute, "Mattermost teams/chat"}, messages: []string{"Mattermost teams/chat is removed"}},
		{name: "kustomize transformer without a functionConfig: the configuration is deleted",
			input: list("", inKustomize(t, made...)...), removed: []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"Mattermost teams/chat is removed"}},
		{name: "kustomize transformer with the configurations among the resources: the configuration is renamed",
			input: list(talk, inKustomize(t, append([]string{talk}, made...)...)...), removed: []string{"Mattermost teams/chat"},
			messages: []string{"Mattermost teams/chat is removed"}},
		{name: "kustomize: one transformer for each configuration",
			input: list(strings.ReplaceAll(talk, "example.com", "example.org"), inKustomize(t, made...)...),
			kept:  []string{otherRoute, "Mattermost teams/chat"}},
		{name: "kpt on a subdirectory of the package: the configuration is not in the input",
			input: list("", inKpt(t, made...)[1:]...), kept: []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"warning: MattermostConfig teams/chat is not among the resources; its objects (9, " +
				"the first is Secret teams/chat-database) are kept"}},
		{name: "kpt: the functionConfig is not in the package", input: list(talk, inKpt(t, made...)...),
			kept:     []string{otherRoute, "Mattermost teams/chat"},
			messages: []string{"(9, the first is Secret teams/chat-database) are kept because the input may be incomplete"}},
		{name: "kpt: an error in another configuration",
			input: list("", inKpt(t, append([]string{routeless, strings.ReplaceAll(talk, "example.com", "example.org") +
				"  replicas: 1.5\n"}, made...)...)...), exit: 1, kept: []string{otherRoute}, messages: []string{"spec.replicas"}},
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
		{name: "the same object twice", input: list("", inKpt(t, append([]string{smallest, made[0]}, made...)...)...),
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
	made := items(t, run(list("", creating)).out)[1:]
	r := run(list("", inKpt(t, append([]string{talk}, made...)...)...))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	if part := "Namespace teams is transferred from MattermostConfig teams/chat, " +
		"which is no longer among the resources, to MattermostConfig teams/talk\n"; !strings.Contains(r.errors, part) {
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
		"objects/chat/server.yaml: info: Mattermost teams/chat is updated to match MattermostConfig teams/chat\n")
}

// After any sequence of features turned on and off, the objects are equal to those of a fresh run.
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
		all := items(t, r.out)
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

// If a password in the configuration is replaced with a generated one, its Secret is removed from the package. Pruning
// the Secret in the cluster would then lock the servers out of the existing database, so a warning is reported.
func TestSwitchToGeneratedPassword(t *testing.T) {
	const plainText = smallest + "  database: {inCluster: {engine: statefulset, password: Hunter2}}\n"
	generated := strings.Replace(plainText, "password: Hunter2", "generatePassword: true", 1)
	r := run(strings.Replace(run(list("", plainText)).out, "password: Hunter2", "generatePassword: true", 1))
	if !strings.Contains(r.errors, "warning: Secret teams/chat-database is removed: External Secrets now creates it") ||
		!strings.Contains(r.errors, "Prune=false") {
		t.Errorf("got %s", r.errors)
	}
	equal(t, "the managed objects", strings.Join(managed(t, r.out), ", "),
		strings.Join(managed(t, run(list("", generated)).out), ", "))
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
