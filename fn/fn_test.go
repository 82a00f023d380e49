// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/transformers"
)

// smallest is a configuration that is accepted without messages.
const smallest = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: teams
spec:
  domain: example.com
`

// list returns a ResourceList with the items, and with a functionConfig unless it is empty.
func list(functionConfig string, items ...string) string {
	var b strings.Builder
	b.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n")
	if len(items) == 0 {
		b.WriteString("items: []\n")
	} else {
		b.WriteString("items:\n")
	}
	for _, item := range items {
		b.WriteString("- " + strings.ReplaceAll(strings.TrimSuffix(item, "\n"), "\n", "\n  ") + "\n")
	}
	if functionConfig != "" {
		b.WriteString("functionConfig:\n  " + strings.ReplaceAll(strings.TrimSuffix(functionConfig, "\n"), "\n",
			"\n  ") + "\n")
	}
	return b.String()
}

// outcome is the result of one run.
type outcome struct {
	exit        int
	out, errors string
}

func run(input string) outcome {
	var out, errs bytes.Buffer
	exit := Run(strings.NewReader(input), &out, &errs)
	return outcome{exit, out.String(), errs.String()}
}

// items returns the items of a ResourceList as YAML.
func items(t testing.TB, text string) []string {
	t.Helper()
	read, err := resourcelist.Read([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var all []string
	for _, item := range read.Items {
		all = append(all, asText(t, item.Node()))
	}
	return all
}

// item returns the item of a ResourceList with the given id as YAML, or an empty string.
func item(t testing.TB, text, id string) string {
	t.Helper()
	read, err := resourcelist.Read([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for _, item := range read.Items {
		if item.String() == id {
			return asText(t, item.Node())
		}
	}
	return ""
}

func asText(t testing.TB, node *yaml.Node) string {
	t.Helper()
	text, err := yaml.NewRNode(node).String()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// messages returns the results of a ResourceList in the form of standard error.
func messages(t testing.TB, text string) []string {
	t.Helper()
	var list struct {
		Results []struct {
			Message     string
			Severity    string
			ResourceRef struct{ Kind, Namespace, Name string } `yaml:"resourceRef"`
			Field       struct{ Path string }
			File        struct {
				Path  string
				Index int
			}
			Tags map[string]string
		}
	}
	if err := yaml.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var lines []string
	for _, r := range list.Results {
		lines = append(lines, result.Result{
			Severity: result.Severity(r.Severity), Message: r.Message, Rule: r.Tags["rule"], Field: r.Field.Path,
			File: r.File.Path, FileIndex: r.File.Index,
			Resource: result.Resource{Kind: r.ResourceRef.Kind, Namespace: r.ResourceRef.Namespace, Name: r.ResourceRef.Name},
		}.String())
	}
	return lines
}

func equal(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is\n%s\nwant\n%s", what, got, want)
	}
}

// The host may pass the configuration as an item (kpt), as functionConfig, or as both (kustomize). The generated
// objects are the same.
func TestItemAndFunctionConfig(t *testing.T) {
	want := ""
	for _, test := range []struct {
		name, input string
		given       int // number of input items
	}{
		{"kpt: an item", list("", smallest), 1},
		{"kpt eval without a configuration: an empty ConfigMap",
			list("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: function-input}\ndata: {}\n", smallest), 1},
		{"a ConfigMap without data", list("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: function-input}\n",
			smallest), 1},
		{"a pipe: functionConfig", list(smallest), 0},
		{"a kustomize generator: both", list(smallest, smallest), 1},
		{"a kustomize transformer: both, among other objects", list(smallest, "kind: A\n", smallest, "kind: B\n"), 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := run(test.input)
			if r.exit != 0 || r.errors != "" {
				t.Fatalf("exit %d, got %s", r.exit, r.errors)
			}
			generated := strings.Join(items(t, r.out)[test.given:], "---\n")
			if want == "" {
				want = generated
			}
			if !strings.Contains(generated, "kind: Mattermost\n") {
				t.Errorf("there is no Mattermost in\n%s", generated)
			}
			equal(t, "the generated objects", generated, want)
		})
	}
}

// Each of several configurations results in an installation.
func TestSeveralConfigurations(t *testing.T) {
	other := strings.ReplaceAll(strings.ReplaceAll(smallest, "name: chat", "name: talk"), "example.com", "example.org")
	r := run(list(smallest, smallest, other))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	for _, id := range []string{"Mattermost teams/chat", "Mattermost teams/talk", "VirtualService teams/chat",
		"VirtualService teams/talk"} {
		if item(t, r.out, id) == "" {
			t.Errorf("there is no %s", id)
		}
	}
}

// The results of valid and invalid input. For invalid input the exit code is 1 and the items do not change. Results are
// in the list, and as lines on standard error.
func TestResults(t *testing.T) {
	inFile := func(config, file string) string {
		return strings.Replace(config, "  namespace: teams\n", "  namespace: teams\n  annotations: "+
			"{internal.config.kubernetes.io/path: "+file+"}\n", 1)
	}
	owned := `apiVersion: v1
kind: Secret
metadata:
  name: chat-database
  namespace: teams
  labels: {app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/talk}
`
	for _, test := range []struct {
		name, input string
		exit        int
		want        string
	}{
		{name: "no results", input: list("", smallest)},
		{"no configuration", list("", "kind: A\n"), 0, `
warning: found no MattermostConfig (mattermost.bigbang.dev/v1alpha1) among the resources, so there is nothing to do; if you expect one, check for a selector that hides it
`},
		{"no configuration in an empty list", list(""), 0, `
warning: found no MattermostConfig (mattermost.bigbang.dev/v1alpha1) among the resources, so there is nothing to do; if you expect one, check for a selector that hides it
`},
		{"a ConfigMap as functionConfig", list("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: "+
			"{domain: example.com}\n", smallest), 1, `
ConfigMap c: error: functionConfig must be a MattermostConfig (mattermost.bigbang.dev/v1alpha1), got a ConfigMap; without a functionConfig, the function uses those among the resources
`},
		{"a functionConfig of another kind", list("apiVersion: fn.kpt.dev/v1alpha1\nkind: SetLabels\nmetadata: {name: "+
			"c, namespace: d}\n", "kind: A\n"), 1, `
SetLabels d/c: error: functionConfig must be a MattermostConfig (mattermost.bigbang.dev/v1alpha1), got a SetLabels; without a functionConfig, the function uses those among the resources
`},
		{"the same kind of another group", list(strings.ReplaceAll(smallest, "mattermost.bigbang.dev", "example.com")), 1, `
MattermostConfig teams/chat: error: functionConfig must be a MattermostConfig (mattermost.bigbang.dev/v1alpha1), got a MattermostConfig; without a functionConfig, the function uses those among the resources
`},
		{"an unknown version", list("", strings.ReplaceAll(smallest, "v1alpha1", "v2")), 1, `
MattermostConfig teams/chat: error: apiVersion: must be mattermost.bigbang.dev/v1alpha1 in this release, got "mattermost.bigbang.dev/v2"; write apiVersion: mattermost.bigbang.dev/v1alpha1
`},
		{"several errors at once", list("", "kind: A\n", inFile(smallest, "chat.yaml")+"  databse: {}\n  replicas: 1.5\n"), 1,
			`
chat.yaml: error: spec.databse: unknown field; did you mean database?
chat.yaml: error: spec.replicas: expected an integer without quotes, got the number 1.5
`},
		{"the same error in functionConfig and item, of which only the item has a file",
			list(smallest+"  replicas: 1.5\n", inFile(smallest, "chat.yaml")+"  replicas: 1.5\n"), 1, `
chat.yaml: error: spec.replicas: expected an integer without quotes, got the number 1.5
`},
		{"a valid and an invalid configuration", list("", smallest, strings.ReplaceAll(smallest, "name: chat", "name: talk")+
			"  replicas: 1.5\n"), 1, `
MattermostConfig teams/talk: error: spec.replicas: expected an integer without quotes, got the number 1.5
`},
		{"two configurations with the same name", list("", inFile(smallest, "a.yaml"), inFile(smallest, "b.yaml")), 1, `
b.yaml: error: metadata.name: there is another MattermostConfig teams/chat in a.yaml; rename or remove one of the two
`},
		{
			"two configurations with the same name, one of them in the default namespace",
			list("", strings.ReplaceAll(smallest, "  namespace: teams\n", ""),
				strings.ReplaceAll(smallest, "teams", "mattermost")), 1, `
MattermostConfig mattermost/chat: error: metadata.name: there is another MattermostConfig mattermost/chat; rename or remove one of the two
MattermostConfig mattermost/chat: info: metadata.namespace: is not set; everything goes into the namespace mattermost [MM001]
`},
		{"a configuration that occurs three times", list(smallest, smallest, smallest), 1, `
MattermostConfig teams/chat: error: metadata.name: there is another MattermostConfig teams/chat; rename or remove one of the two
`},
		{"an object of another configuration", list(smallest, owned), 1, `
MattermostConfig teams/chat: error: metadata.name: Secret teams/chat-database is required by MattermostConfig teams/chat but already belongs to MattermostConfig teams/talk; rename one of the two, or let only one of them create it
`},
		{"an object that two configurations need", list("", smallest+"  namespace: {create: true}\n",
			strings.NewReplacer("name: chat", "name: talk", "example.com", "example.org").Replace(smallest)+
				"  namespace: {create: true}\n"), 1, `
MattermostConfig teams/talk: error: metadata.name: Namespace teams is required by MattermostConfig teams/talk but already belongs to MattermostConfig teams/chat; rename one of the two, or let only one of them create it
`},
		{"a line break in a field name", list("", smallest+"  \"data\\nbase\": {}\n"), 1, `
MattermostConfig teams/chat: error: spec.data base: unknown field; did you mean database?
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := run(test.input)
			if r.exit != test.exit {
				t.Errorf("exit code %d, want %d", r.exit, test.exit)
			}
			equal(t, "standard error", r.errors, strings.TrimPrefix(test.want, "\n"))
			results := ""
			for _, line := range messages(t, r.out) {
				results += line + "\n"
			}
			equal(t, "the results", results, r.errors)
			in, out := items(t, test.input), items(t, r.out)
			if test.exit == 0 {
				out = out[:len(in)]
			}
			equal(t, "the items", strings.Join(out, "---\n"), strings.Join(in, "---\n"))
		})
	}
}

// If the input is not a valid ResourceList, Run writes it unchanged: kpt deletes the file of every item that is
// missing.
func TestInvalidInput(t *testing.T) {
	for name, input := range map[string]string{
		"empty":               "",
		"not a ResourceList":  smallest,
		"two documents":       list(smallest) + "---\n" + list(smallest),
		"a truncated list":    list("", smallest)[:120] + "\n  labels: [",
		"invalid UTF-8":       "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [\"\xff\xfe\"]\n",
		"a control character": "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{a: \x07}]\n",
		"an invalid item":     list("", smallest, "just text"),
		"CRLF and invalid":    strings.ReplaceAll(list("", smallest)+"items: [", "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			r := run(input)
			if r.exit != 1 {
				t.Errorf("exit code %d, want 1", r.exit)
			}
			equal(t, "standard output", r.out, input)
			if !strings.HasPrefix(r.errors, "error: ") || strings.Count(r.errors, "\n") != 1 ||
				!strings.HasSuffix(r.errors, "\n") {
				t.Errorf("got %q, want one line that begins with \"error: \"", r.errors)
			}
		})
	}
}

func TestCRLF(t *testing.T) {
	unix, windows := run(list("", smallest)), run(strings.ReplaceAll(list("", smallest), "\n", "\r\n"))
	equal(t, "standard error for CRLF", windows.errors, unix.errors)
	equal(t, "the output for CRLF", strings.ReplaceAll(windows.out, "\r", ""), unix.out)
	if !strings.HasPrefix(windows.out, strings.ReplaceAll(list("", smallest), "\n", "\r\n")) {
		t.Errorf("the items changed:\n%q", windows.out)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errors.New("broken") }
func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestBrokenStreams(t *testing.T) {
	var out, errs bytes.Buffer
	if exit := Run(broken{}, &out, &errs); exit != 1 || errs.String() != "error: standard input: broken\n" ||
		out.Len() > 0 {
		t.Errorf("exit %d, got %q, wrote %q", exit, errs.String(), out.String())
	}
	errs.Reset()
	if exit := Run(strings.NewReader(list("", smallest)), broken{}, &errs); exit != 1 ||
		errs.String() != "error: standard output: broken\n" {
		t.Errorf("exit %d, got %q", exit, errs.String())
	}
}

// Foreign objects do not change: without metadata, with unusual metadata, the hosts' own files, and the configuration.
func TestForeignObjectsDoNotChange(t *testing.T) {
	foreign := []string{
		"resources: [chat.yaml]\n",
		"apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: chat # kpt-merge: a\n  annotations: " +
			"{}\npipeline:\n  mutators: []\n",
		"kind: A\nmetadata: [name]\n",
		"kind: A\nmetadata: {name: 7, annotations: null, labels: [a]}\n",
		"{}\n",
		"apiVersion: v1\nkind: List\nitems:\n- null\n- a\n",
		"# a comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: team, namespace: teams}\ndata:\n  x: on\n  y: " +
			"0755 # octal\n  z: |\n    text\n      text\n",
		"a: &a {b: c}\nd: *a\n",
		smallest + "  # a comment\n",
	}
	r := run(list("", foreign...))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	before, after := items(t, list("", foreign...)), items(t, r.out)
	for i := range before {
		equal(t, fmt.Sprintf("item %d", i), after[i], before[i])
	}
}

// A second run on the output does not change a byte, keeps comments that a user added, and does not repeat results.
func TestSecondRun(t *testing.T) {
	warned := strings.Replace(smallest, "example.com", "example.com\n  database: {host: "+
		"db.example.com, password: secret}", 1)
	for name, input := range map[string]string{
		"kpt":           list("", "kind: A\n", smallest),
		"kustomize":     list(smallest, smallest),
		"results":       list("", warned),
		"nothing to do": list("", "kind: A\n"),
		"a user's object": list("", "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: chat, "+
			"namespace: teams}\n", smallest),
	} {
		t.Run(name, func(t *testing.T) {
			first := run(input)
			if first.exit != 0 {
				t.Fatalf("exit %d, got %s", first.exit, first.errors)
			}
			commented := strings.NewReplacer(
				"kind: Mattermost\n", "kind: Mattermost # added\n",
				"spec:\n", "spec:\n    # also added\n",
			).Replace(first.out)
			if commented == first.out {
				commented += "# the end\n"
			}
			again := run(commented)
			if again.exit != 0 {
				t.Fatalf("exit %d, got %s", again.exit, again.errors)
			}
			// The second run may reformat the added comments, so the third run compares bytes.
			third := run(again.out)
			equal(t, "the third run's output", third.out, again.out)
			if strings.Count(again.out, "#") != strings.Count(commented, "#") && !strings.HasSuffix(commented, "# the end\n") {
				t.Errorf("comments are missing in\n%s", again.out)
			}
			equal(t, "the second run's output", run(first.out).out, first.out)
		})
	}
}

// A managed object that was edited by hand is restored. Comments on existing fields are kept.
func TestEditedObjectIsRestored(t *testing.T) {
	first := run(list("", smallest))
	edited := strings.NewReplacer(
		"replicas: 1\n", "replicas: 7 # by hand\n    size: 5000users\n",
		"imagePullPolicy: IfNotPresent\n", "imagePullPolicy: Never\n",
		"name: MM_LOGSETTINGS_CONSOLELEVEL\n      value: INFO\n", "name: MM_LOGSETTINGS_CONSOLELEVEL\n      value: "+
			"DEBUG\n    - name: MM_OTHER\n      value: x\n",
	).Replace(first.out)
	if strings.Count(edited, "\n") != strings.Count(first.out, "\n")+3 {
		t.Fatalf("the edit was not applied:\n%s", edited)
	}
	again := run(edited)
	equal(t, "the object", item(t, again.out, "Mattermost teams/chat"),
		strings.Replace(item(t, first.out, "Mattermost teams/chat"), "replicas: 1\n", "replicas: 1 # by hand\n", 1))
	equal(t, "standard error", again.errors, "Mattermost teams/chat: info: Mattermost teams/chat is updated to match "+
		"MattermostConfig teams/chat: spec.imagePullPolicy, spec.mattermostEnv[MM_LOGSETTINGS_CONSOLELEVEL].value, "+
		"spec.mattermostEnv[MM_OTHER], spec.podExtensions.initContainers[wait-for-database].imagePullPolicy, "+
		"spec.replicas and 1 more. To keep a field that you added, write it as spec.patches\n")

	// No field is lost by a change of values, nor by one of the configuration.
	again = run(strings.Replace(first.out, "replicas: 1\n", "replicas: 7\n", 1))
	equal(t, "standard error", again.errors, "Mattermost teams/chat: info: Mattermost teams/chat is updated to match "+
		"MattermostConfig teams/chat: spec.replicas\n")
}

// A user's object with the id of a generated one gets the generated fields, keeps all others, and never becomes
// managed.
func TestUsersObject(t *testing.T) {
	theirs := `apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: chat
  namespace: teams
  labels: {team: chat} # comment
spec:
  exportTo: ["."]
  hosts: [old.example.com]
`
	const notice = "VirtualService teams/chat: info: VirtualService teams/chat is not managed by mattermost-fn " +
		"(annotation mattermost.bigbang.dev/owner is missing): the generated fields are merged into it, " +
		"all other fields are kept\n"
	first := run(list("", theirs, smallest))
	if first.exit != 0 {
		t.Fatalf("exit %d, got %s", first.exit, first.errors)
	}
	equal(t, "standard error", first.errors, notice)
	merged := item(t, first.out, "VirtualService teams/chat")
	for _, text := range []string{"exportTo: [\".\"]", "team: chat", "# comment",
		"hosts: [old.example.com, chat.example.com]", "apiVersion: networking.istio.io/v1\n",
		"istio-gateway/public-ingressgateway"} {
		if !strings.Contains(merged, text) {
			t.Errorf("%q is not in\n%s", text, merged)
		}
	}
	for _, key := range []string{ownership.AnnotationOwner, ownership.LabelManagedBy} {
		if strings.Contains(merged, key) {
			t.Errorf("it has the ownership metadata %s:\n%s", key, merged)
		}
	}
	second := run(first.out)
	equal(t, "the second run's standard error", second.errors, "")
	equal(t, "the second run's object", item(t, second.out, "VirtualService teams/chat"), merged)
}

// If a user's object has another value of a field that Mattermost requires, a warning names both values. A second run
// does not repeat it, because the value was replaced.
func TestRequiredValues(t *testing.T) {
	const enterprise = smallest + "  database: {existingSecret: db}\n  objectStorage: {endpoint: " +
		"https://s3.example.com, bucket: files, existingSecret: s3}\n  users: 100\n  replicas: 2\n  monitoring: {enabled: " +
		"true}\n  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: license}}}\n"
	for _, test := range []struct {
		config, theirs string
		want           []string
	}{
		{
			smallest, "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: chat, namespace: " +
				"teams}\nspec: {http: [{route: [{destination: {host: proxy, port: {number: 80}}}]}]}\n",
			[]string{
				`VirtualService teams/chat: spec.http.route.destination.host is changed from "proxy" to "chat", ` +
					`which MattermostConfig teams/chat requires. `, `VirtualService teams/chat: ` +
					`spec.http.route.destination.port.number is changed from "80" to "8065", `},
		},
		{
			smallest, "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: chat, namespace: " +
				"teams}\nspec: {database: {external: {secret: theirs}}, fileStore: {local: {enabled: true}}, ingress: " +
				"{enabled: true}}\n",
			[]string{`Mattermost teams/chat: spec.database.external.secret is changed from "theirs" to "chat-database", `,
				`Mattermost teams/chat: spec.fileStore is changed from "local" to "externalVolume", `,
				`Mattermost teams/chat: spec.ingress.enabled is changed from "true" to "false", `},
		},
		{
			enterprise, "apiVersion: v1\nkind: Service\nmetadata: {name: chat-gossip, namespace: teams}\nspec: {ports: " +
				"[{name: tcp-gossip, port: 7946}]}\n",
			[]string{`Service teams/chat-gossip: spec.ports.port is changed from "7946" to "8074", `},
		},
		{
			enterprise, "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: chat, namespace: " +
				"teams}\nspec: {endpoints: [{port: metrics, path: /m}]}\n",
			[]string{`ServiceMonitor teams/chat: spec.endpoints.path is changed from "/m" to "/metrics", `},
		},
		{
			smallest + "  route: {type: gatewayAPI, gateways: [i/a]}\n", "apiVersion: gateway.networking.k8s.io/v1\nkind: " +
				"HTTPRoute\nmetadata: {name: chat, namespace: teams}\nspec: {rules: [{matches: [{path: {type: PathPrefix, value: " +
				"/}}], backendRefs: [{name: proxy, port: 80}]}]}\n",
			[]string{`HTTPRoute teams/chat: spec.rules.backendRefs.name is changed from "proxy" to "chat", `,
				`HTTPRoute teams/chat: spec.rules.backendRefs.port is changed from "80" to "8065", `},
		},
	} {
		r := run(list("", test.theirs, test.config))
		if r.exit != 0 {
			t.Errorf("exit %d, got %s", r.exit, r.errors)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(r.errors, ": warning: "+want) {
				t.Errorf("%s is not in\n%s", want, r.errors)
			}
		}
		if again := run(r.out); strings.Contains(again.errors, "is changed from") {
			t.Errorf("the second run got\n%s", again.errors)
		}
	}
}

// All forms of a value in a Secret among the resources.
func TestSecretKey(t *testing.T) {
	for _, test := range []struct {
		name, secret string
		text         string
		state        plan.KeyState
	}{
		{"data", "data: {password: aHVudGVyMg==}", "hunter2", plan.KeyFound},
		{"data on several lines", "data: {password: \"aHVu\\ndGVy\\nMg==\\n\"}", "hunter2", plan.KeyFound},
		{"stringData", "stringData: {password: hunter2}", "hunter2", plan.KeyFound},
		{"stringData takes precedence, as in the API server", "stringData: {password: hunter2}\ndata: {password: YQ==}",
			"hunter2", plan.KeyFound},
		{"an alias", "stringData: {a: &a hunter2, password: *a}", "hunter2", plan.KeyFound},
		{"another key", "data: {pass: aHVudGVyMg==}", "", plan.KeyMissing},
		{"null", "data: {password: null}", "", plan.KeyMissing},
		{"an empty value", "stringData: {password: ''}", "", plan.KeyMissing},
		{"a list", "data: {password: [a]}", "", plan.KeyMissing},
		{"no data", "type: Opaque", "", plan.KeyMissing},
		{"data that is not a mapping", "data: [password]", "", plan.KeyMissing},
		{"an encrypted string", "stringData: {password: 'ENC[AES256_GCM,data:x]'}", "", plan.KeyEncrypted},
		{"encrypted data", "data: {password: 'ENC[AES256_GCM,data:x]'}", "", plan.KeyEncrypted},
		{"only the prefix of SOPS", "stringData: {password: ''}\ndata: {password: 'ENC[]'}", "", plan.KeyEncrypted},
		{"not base64", "data: {password: hunter2!}", "", plan.KeyUnreadable},
		{"invalid UTF-8", "data: {password: //79}", "", plan.KeyUnreadable},
		{"a managed Secret, which contains the output of an earlier run", "data: {password: aHVudGVyMg==}\nmetadata: " +
			"{name: s, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: " +
			"{mattermost.bigbang.dev/owner: teams/chat}}", "", plan.SecretMissing},
		{"another namespace", "data: {password: aHVudGVyMg==}\nmetadata: {name: s, namespace: other}", "",
			plan.SecretMissing},
		{"another name", "data: {password: aHVudGVyMg==}\nmetadata: {name: t, namespace: teams}", "", plan.SecretMissing},
	} {
		t.Run(test.name, func(t *testing.T) {
			secret := "apiVersion: v1\nkind: Secret\n" + test.secret + "\n"
			if !strings.Contains(secret, "metadata:") {
				secret += "metadata: {name: s, namespace: teams}\n"
			}
			read, err := resourcelist.Read([]byte(list("", secret)))
			if err != nil {
				t.Fatal(err)
			}
			if text, state := indexResources(read, transformers.ReadOwners(read)).SecretKey("teams", "s",
				"password"); text != test.text || state != test.state {
				t.Errorf("got %q and %d, want %q and %d", text, state, test.text, test.state)
			}
		})
	}
}

// All forms of a value in a ConfigMap among the resources.
func TestConfigMapKey(t *testing.T) {
	for _, test := range []struct {
		name, configMap string
		text            string
		state           plan.KeyState
	}{
		{"data", "data: {ca.crt: pem}", "pem", plan.KeyFound},
		{"binaryData", "binaryData: {ca.crt: cGVt}", "pem", plan.KeyFound},
		{"another key", "data: {ca: pem}", "", plan.KeyMissing},
		{"encrypted", "data: {ca.crt: 'ENC[AES256_GCM,data:x]'}", "", plan.KeyEncrypted},
		{"not base64", "binaryData: {ca.crt: a!}", "", plan.KeyUnreadable},
		{"another name", "data: {ca.crt: pem}\nmetadata: {name: other, namespace: teams}", "", plan.SecretMissing},
		{"a managed ConfigMap", "data: {ca.crt: pem}\nmetadata: {name: c, namespace: teams, labels: " +
			"{app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: teams/chat}}", "",
			plan.SecretMissing},
	} {
		configMap := "apiVersion: v1\nkind: ConfigMap\n" + test.configMap + "\n"
		if !strings.Contains(configMap, "metadata:") {
			configMap += "metadata: {name: c, namespace: teams}\n"
		}
		read, err := resourcelist.Read([]byte(list("", configMap)))
		if err != nil {
			t.Fatal(err)
		}
		if text, state := indexResources(read, transformers.ReadOwners(read)).ConfigMapKey("teams", "c",
			"ca.crt"); text != test.text || state != test.state {
			t.Errorf("%s: got %q and %d, want %q and %d", test.name, text, state, test.text, test.state)
		}
	}
}

// The checksum of the pods covers the ConfigMaps among the resources, since the kubelet never updates a certificate
// that is mounted as a single file.
func TestChangedConfigMapRestartsThePods(t *testing.T) {
	config := strings.Replace(smallest, "spec:\n", `spec:
  database: {host: db.example.mil, password: {secretKeyRef: {name: d, key: p}}, sslMode: verify-full,
    ca: {configMapKeyRef: {name: ca, key: ca.crt}}}
`, 1)
	checksum := func(certificate string) string {
		r := run(list("", config, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: teams}\ndata: {ca.crt: "+
			certificate+"}\n"))
		_, after, found := strings.Cut(item(t, r.out, "Mattermost teams/chat"), "secrets-checksum: ")
		if r.exit != 0 || !found {
			t.Fatalf("exit %d, %s", r.exit, r.errors)
		}
		line, _, _ := strings.Cut(after, "\n")
		return line
	}
	if one, two := checksum("one"), checksum("two"); one == two || one != checksum("one") {
		t.Errorf("got the checksums %s and %s", one, two)
	}
}

// A Secret that exists only in the cluster may be referenced. If its value is needed, the error names the object from
// which the Secret is created. The function changes neither this object nor a Secret that SOPS encrypted.
func TestSecretsInTheCluster(t *testing.T) {
	const referenced = smallest + "  sso: {enabled: true, issuerURL: \"https://login.example.com/realms/r\", clientID: " +
		"c, clientSecret: {secretKeyRef: {name: s, key: password}}}\n"
	// for MinIO's file
	const needed = smallest + "  objectStorage: {inCluster: {engine: minio, accessKey: {secretKeyRef: {name: k, key: " +
		"user}}, accessSecret: {secretKeyRef: {name: s, key: password}}}}\n"
	const user = "apiVersion: v1\nkind: Secret\nmetadata: {name: k, namespace: teams}\nstringData: {user: minio}\n"
	for _, test := range []struct{ name, secret, want string }{
		{"sealed", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: s, namespace: teams}\nspec: " +
			"{encryptedData: {password: AgBy3i4OJSWK}}\n", "Secret s is sealed: only the cluster can decrypt SealedSecret s"},
		{"created by External Secrets", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: s, " +
			"namespace: teams}\nspec: {dataFrom: [{extract: {key: s}}]} # comment\n",
			"Secret s is created in the cluster from ExternalSecret s"},
		{"encrypted", "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: teams}\nstringData:\n  password: " +
			"ENC[AES256_GCM,data:x,type:str]\nsops: {version: 3.9.0}\n", "key \"password\" of Secret s is encrypted (SOPS)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := run(list("", test.secret, referenced))
			if r.exit != 0 {
				t.Fatalf("referenced: exit %d, got %s", r.exit, r.errors)
			}
			untouched := items(t, list("", test.secret))[0]
			if !slices.Contains(items(t, r.out), untouched) {
				t.Errorf("it was changed in\n%s", r.out)
			}
			if reads := environment(t, r.out)["MM_GITLABSETTINGS_SECRET"]; reads != "s/password" {
				t.Errorf("the server reads %s", reads)
			}
			r = run(list("", test.secret, user, needed))
			if r.exit != 1 || !strings.Contains(r.errors, test.want) {
				t.Errorf("needed: exit %d, got %s", r.exit, r.errors)
			}
		})
	}
}

// External Secrets composes values in the cluster, so generators, which receive no Secrets, can use them too. The
// objects are written to the file of the Secrets, and a second run changes nothing.
func TestExternalSecretsInAPackage(t *testing.T) {
	config := strings.Replace(smallest, "  namespace: teams\n",
		"  namespace: teams\n  annotations: {internal.config.kubernetes.io/path: mattermost.yaml}\n", 1) +
		"  database: {inCluster: {engine: statefulset, generatePassword: true}}\n  email: {server: smtp.example.com, from: " +
		"a@example.com, username: u, password: {externalSecret: {store: {name: vault}, key: smtp}}}\n"
	first := run(list("", inKpt(t, config)...))
	if first.exit != 0 {
		t.Fatalf("exit %d, got %s", first.exit, first.errors)
	}
	for _, id := range []string{"Password teams/chat-database", "ExternalSecret teams/chat-database",
		"ExternalSecret teams/chat-settings-external"} {
		if made := item(t, first.out, id); !strings.Contains(made, "chat/secrets.yaml") {
			t.Errorf("it is in another file:\n%s", made)
		}
	}
	if variable := environment(t,
		first.out)["MM_EMAILSETTINGS_SMTPPASSWORD"]; variable != "chat-settings-external/MM_EMAILSETTINGS_SMTPPASSWORD" {
		t.Errorf("the server reads %s", variable)
	}
	second := run(first.out)
	equal(t, "the second run's output", second.out, first.out)
	equal(t, "the second run's standard error", second.errors, first.errors)
}

// A password in a Secret is referenced and not copied, so the output is the same whether the function sees the Secret
// or not.
func TestSecretAmongTheResources(t *testing.T) {
	config := smallest + "  database: {host: db.example.com, password: {secretKeyRef: {name: db, key: password}}}\n"
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: teams}\nstringData: {password: \"p @/?\"}\n"
	seen, unseen := run(list("", secret, config)), run(list("", config))
	if seen.exit != 0 || unseen.exit != 0 {
		t.Fatalf("exit %d, got %s; unseen: exit %d, got %s", seen.exit, seen.errors, unseen.exit, unseen.errors)
	}
	for _, out := range []string{seen.out, unseen.out} {
		variables := environment(t, out)
		equal(t, "the server's connection", variables["MM_CONFIG"],
			"=postgres://db.example.com:5432/mattermost?sslmode=require")
		equal(t, "the server's password", variables["PGPASSWORD"], "db/password")
	}
	equal(t, "the operator's Secret", item(t, seen.out, "Secret teams/chat-database"),
		item(t, unseen.out, "Secret teams/chat-database"))
	equal(t, "the user's Secret", item(t, seen.out, "Secret teams/db"), items(t, list("", secret))[0])
	if strings.Contains(strings.Replace(seen.out, "p @/?", "", 1), "p @/?") || strings.Contains(seen.out, "p%20%40") {
		t.Error("the password is in the output twice")
	}
}

// With any configuration and any other object, Run does not panic, lose an item, or fail without an error message.
func FuzzRun(f *testing.F) {
	for _, seed := range [][2]string{
		{"kind: A", "domain: example.com"},
		{"kind: A\nmetadata: [name]", "domain: example.com"},
		{"metadata: {name: 7, annotations: null}", "host: chat.example.com\nroute: {type: none}"},
		{"apiVersion: v1\nkind: Secret\nmetadata: {name: chat-database, namespace: teams}\ndata: [a]", "domain: example.com"},
		{"apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: chat, namespace: " +
			"teams}\nspec: {mattermostEnv: {a: b}, podTemplate: [1]}", "domain: example.com"},
		{"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: chat, namespace: teams, annotations: " +
			"{internal.config.kubernetes.io/id: '1'}}\nspec:\n  http:\n  # a\n  - route: " +
			"# b\n    - destination:\n        host: c # d\n  - redirect: {} # e\n", "domain: example.com"},
		{"apiVersion: v1\nkind: Secret\nmetadata: {name: chat-database, namespace: teams}\nstringData: " +
			"{DB_CONNECTION_STRING: a}\ndata: {b: YQ==}", "domain: example.com"},
		{"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: &m {name: chat-files, namespace: teams, labels: *m}",
			"domain: example.com"},
		{"apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: teams}\ndata: {k: YQ==}",
			"domain: example.com\ndatabase: {host: '::1', password: {secretKeyRef: {name: s, key: k}}, " +
				"readReplicas: ['[::2]:1']}"},
		{"kind: A", "domain: example.com\nenterprise: {enabled: true, license: eyJ}\nusers: 5000\nenv: " +
			"[{name: A, value: b}]"},
		{"kind: A", "domain: example.com\nobjectStorage: {endpoint: s3.example.com, tls: true, bucket: b, existingSecret: " +
			"s}\nnetworkPolicies: {enabled: true}"},
		{"kind: A", "domain: example.com\nsso: {enabled: true, clientID: a, clientSecret: b, issuerURL: " +
			"'https://login.example.com/realms/a', ca: {pem: x}}"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, theirs, spec string) {
		const secret = "Hunter2Secret"
		if strings.Contains(theirs+spec, secret) {
			t.Skip()
		}
		config := strings.Replace(smallest, "  domain: example.com\n", "  "+strings.ReplaceAll(spec, "\n", "\n  ")+"\n", 1)
		if !strings.Contains(spec, "database") {
			config += "  database: {host: db, password: " + secret + "}\n"
		}
		input := list("", theirs, config)
		r := run(input)
		checkSecret(t, r, input, secret)
		switch r.exit {
		case 0:
			before, after := items(t, input), items(t, r.out)
			if len(after) < len(before) {
				t.Fatalf("got %d items for %d", len(after), len(before))
			}
			if again := run(r.out); again.out != r.out {
				t.Errorf("the second run returned\n%s\nfor\n%s", again.out, r.out)
			}
		case 1:
			if r.errors == "" || !strings.HasSuffix(r.errors, "\n") {
				t.Errorf("got %q", r.errors)
			}
			if _, err := resourcelist.Read([]byte(input)); err != nil {
				equal(t, "standard output", r.out, input)
				return
			}
			equal(t, "the items", strings.Join(items(t, r.out), "---\n"), strings.Join(items(t, input), "---\n"))
		default:
			t.Errorf("exit code %d", r.exit)
		}
	})
}

// checkSecret fails the test if a secret of the configuration is in a message, or in an object other than the
// configuration and a Secret.
func checkSecret(t *testing.T, r outcome, input, secret string) {
	t.Helper()
	if strings.Contains(r.errors, secret) {
		t.Errorf("a message contains the secret: %s", r.errors)
	}
	if _, err := resourcelist.Read([]byte(input)); err != nil || yaml.Unmarshal([]byte(input), &yaml.Node{}) != nil {
		return // the output is the invalid input
	}
	for _, line := range messages(t, r.out) {
		if strings.Contains(line, secret) {
			t.Errorf("a result contains the secret: %s", line)
		}
	}
	for _, text := range items(t, r.out) {
		kind := yaml.MustParse(text).GetKind()
		if kind != "Secret" && kind != "MattermostConfig" &&
			(strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret))[:16])) {
			t.Errorf("the secret is in\n%s", text)
		}
	}
}

// Patches are applied to the emitted objects in order, and a second run on the output changes nothing.
func TestPatches(t *testing.T) {
	const config = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata: {name: chat, namespace: teams}
spec:
  domain: example.com
  patches:
  - patch: |
      apiVersion: installation.mattermost.com/v1beta1
      kind: Mattermost
      metadata: {name: chat, namespace: teams}
      spec: {replicas: 0}
  - target: {kind: Mattermost}
    patch: |
      - {op: test, path: /spec/replicas, value: 0}
      - {op: add, path: /metadata/annotations/example.com~1paused, value: "yes"}
`
	input := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- " +
		strings.ReplaceAll(strings.TrimSpace(config), "\n", "\n  ") + "\n"
	var first, second, messages bytes.Buffer
	if exit := Run(strings.NewReader(input), &first, &messages); exit != 0 || messages.Len() > 0 {
		t.Fatalf("exit %d, got %s", exit, messages.String())
	}
	for _, want := range []string{"\n    replicas: 0\n", "\n      example.com/paused: \"yes\"\n",
		"\n      mattermost.bigbang.dev/owner: teams/chat\n"} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("%q is not in the output", want)
		}
	}
	if exit := Run(bytes.NewReader(first.Bytes()), &second, &messages); exit != 0 || messages.Len() > 0 ||
		second.String() != first.String() {
		t.Errorf("the second run: exit %d, got %s, changed: %t", exit, messages.String(), second.String() != first.String())
	}
}

// Foreign objects do not change by a byte, in any style, when managed objects are added or removed.
func TestForeignObjectsKeepEveryByte(t *testing.T) {
	const foreign = `- # Copyright
  kind: A   # next to
  spec:
      wide:
          - a:   'it''s'
            b: "\U0001F600 é"

      folded: >-
        one
        two

      trailing: |+
        spaces   

      flow: { a: [ 1, 2 ],b: ~ }
      number: 0755
      old: yes
      # the end
- kind: B
  quoted: 'over

    two lines'
`
	for name, input := range map[string]string{
		"no objects": list("", routeless),
		"a route removed": strings.Replace(run(list("", smallest)).out, "    domain: example.com\n",
			"    domain: example.com\n    route: {type: none}\n", 1),
		"nothing to change": run(list("", routeless)).out,
	} {
		t.Run(name, func(t *testing.T) {
			input = strings.Replace(input, "items:\n", "items:\n"+foreign, 1) + foreign
			r := run(input)
			if r.exit != 0 || strings.Count(r.out, foreign) != 2 ||
				strings.Contains(r.out, "kind: VirtualService\n  metadata:") {
				t.Errorf("exit %d, got %s and the output\n%.5000s", r.exit, r.errors, r.out)
			}
		})
	}
}

// A patch may remove any generated field, including ownership metadata. The object then belongs to the user.
func TestPatchesThatRemove(t *testing.T) {
	for operation, exit := range map[string]int{
		"remove, path: /metadata/annotations":                               0,
		"remove, path: /metadata/labels":                                    0,
		"remove, path: /metadata/annotations/mattermost.bigbang.dev~1owner": 0,
		"remove, path: /spec":                                               0,
		"replace, path: /metadata/name, value: other":                       1,
		"remove, path: /metadata":                                           1,
		"remove, path: /kind":                                               1,
		"replace, path: /metadata/name, value: 7":                           1,
		"replace, path: /metadata/annotations, value: [a]":                  1,
		"replace, path: '', value: {a: b}":                                  1,
		"replace, path: '', value: 7":                                       1,
	} {
		config := smallest + "  patches: [{target: {kind: VirtualService}, patch: \"- {op: " + operation + "}\"}]\n"
		for host, input := range map[string]string{"kpt": list("", inKpt(t, config)...), "kustomize": list(config, config)} {
			first := run(input)
			if first.exit != exit {
				t.Errorf("%s, %s: exit %d, got %s", host, operation, first.exit, first.errors)
			}
			if exit == 1 && (!strings.Contains(first.errors, "spec.patches[0]: ") || strings.Count(first.errors, "\n") != 1) {
				t.Errorf("%s, %s: got %s", host, operation, first.errors)
			}
			equal(t, host+", "+operation+": the second run's items", strings.Join(items(t, run(first.out).out), "---\n"),
				strings.Join(items(t, first.out), "---\n"))
		}
	}
}
