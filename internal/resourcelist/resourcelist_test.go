// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/result"
)

const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

// A list that is read and written does not change, except for insignificant white space.
func TestReadAndWrite(t *testing.T) {
	for _, test := range []struct{ name, in, out string }{
		{name: "no items", in: head + "items: []\n"},
		{"no items field", head, head + "items: []\n"},
		{"null items", head + "items:\n", head + "items: []\n"},
		{name: "items of all forms keep their order", in: head + `items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: b
- resources: [a.yaml]
- apiVersion: kpt.dev/v1
  kind: Kptfile
  metadata:
    name: chat
    annotations: {}
- {}
- metadata: null
- metadata: [1, 2]
  kind: {}
- apiVersion: v1
  kind: List
  items:
  - a: null
`},
		{name: "comments", in: head + `items:
# before
- apiVersion: v1 # next to
  # inside
  kind: ConfigMap
  # after
`},
		{name: "functionConfig and unknown fields keep their order", in: head + `functionConfig:
  apiVersion: v1
  kind: ConfigMap
extra: true
items:
- a: b
`},
		{name: "scalars of all styles", in: head + `items:
- a: |
    block
      of text
  b: "yes"
  c: 'no'
  d: >-
    folded
  e: on
  f: 0755
  g: 10.10
  h: "\U0001F600"
`},
		{name: "anchors of another item", in: head + "items:\n- a: &x {b: c}\n- d: *x\n"},
		{name: "indented items", in: head + "items: # all\n  # first\n  - a:  b\n  -   c: d\n"},
		{name: "a document marker", in: "---\n" + head + "items:\n- a:  b\n"},
		{name: "comments in the first column", in: "# head\n" + head + "items: # all\n# first\n- a: " +
			" b\n# second\n-  c: d\n# end\n"},
		{name: "all styles next to a folded scalar", in: head + "items:\n- a: >\n    b\n      c\n    d\n- e: " +
			"&x !!str f\n  g: {h,\n    i: j}\n" +
			"  ? k\n  : l\n  m: n\n    o\n- p:\tq\n- metadata:\n    managedFields:\n    - fieldsV1:\n        " +
			"k:{\"uid\":\"1\"}:\n          .: {}\n"},
		{name: "anchors inside an item", in: head + `items:
- a: &x {b: c}
  d: *x
- a: &x {b: d}
  d: *x
`},
		{"no line feed at the end of the input", head + "items:\n- a: |-\n    b\n  c: |\n    d",
			head + "items:\n- a: |-\n    b\n  c: |-\n    d\n"},
		{"empty results", head + "items: []\nresults: []\n", head + "items: []\nresults: []\n"},

		{
			"JSON",
			`{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [{"kind": "A"}, {"kind": "B"}]}`,
			`"apiVersion": "config.kubernetes.io/v1"
"kind": "ResourceList"
"items":
- {"kind": "A"}
- {"kind": "B"}
`,
		},
		{
			"Windows line endings",
			"apiVersion: config.kubernetes.io/v1\r\nkind: ResourceList\r\nitems:\r\n- a: |\r\n    b\r\n    c\r\n",
			"apiVersion: config.kubernetes.io/v1\r\nkind: ResourceList\r\nitems:\r\n- a: |\r\n    b\r\n    c\r\n",
		},
		{"document markers", "---\n" + head + "items: []\n...\n", head + "items: []\n"},
		{name: "results of previous functions", in: head + `items: []
results:
- message: earlier
  severity: info
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			list, err := Read([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if test.out == "" {
				test.out = test.in
			}
			var out bytes.Buffer
			encoded, err := list.Encode(nil)
			if err != nil {
				t.Fatal(err)
			}
			encoded.Write(&out)
			if out.String() != test.out {
				t.Errorf("wrote\n%s\nwant\n%s", out.String(), test.out)
			}
		})
	}
}

func TestReadRejects(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", "standard input is empty; expected a ResourceList, as kustomize and kpt send it. To render a file: " +
			"mattermost-fn render FILE"},
		{"white space", " \n\t\n", "standard input is empty"},
		{"a comment", "# nothing\n", "standard input is not a ResourceList (config.kubernetes.io/v1)"},
		{"a configuration without a list", "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n",
			"standard input is not a ResourceList"},
		{"a string", "hello\n", "standard input is not a ResourceList"},
		{"a list", "[1, 2]\n", "standard input is not a ResourceList"},
		{"a list of another group", "apiVersion: example.com/v1\nkind: ResourceList\nitems: []\n",
			"standard input is not a ResourceList"},
		{"a kind that is not a string", "apiVersion: [config.kubernetes.io/v1]\nkind: {a: b}\n",
			"standard input is not a ResourceList"},
		{"two lists", head + "items: []\n---\n" + head + "items: []\n", "standard input has content after the ResourceList"},
		{"a list and invalid YAML", head + "items: []\n---\n[", "standard input has content after the ResourceList"},
		{"items that are not a list", head + "items: {a: b}\n", "items of the ResourceList must be a list"},
		{"items that are a string", head + "items: a\n", "items of the ResourceList must be a list"},
		{"an item that is not an object", head + "items:\n- a: b\n- text\n",
			"items[1] of the ResourceList must be an object"},
		{"an item that is null", head + "items: [null]\n", "items[0] of the ResourceList must be an object"},
		{"a functionConfig that is not an object", head + "items: []\nfunctionConfig: [a]\n",
			"functionConfig of the ResourceList must be an object"},
		{"a truncated list", `{"kind": "ResourceList", "items": [`, "standard input is not valid YAML: line 1: " +
			"a [ or { is not closed, or a comma is missing between the values in it"},
		{"a tab", head + "items:\n\t- a\n", "standard input is not valid YAML: line 4: " +
			"indented with a tab; YAML allows only spaces as indentation"},
		{"an alias to another object in a flow list", head + "items: [{a: &x b}, {c: *x}]\n",
			"items[1] of the ResourceList contains an alias (*) to an anchor (&) in another object; replace it with the value"},
		{"two lists of items", head + "items: []\nitems: []\n", "duplicate field items of the ResourceList; " +
			"keep one of the two"},
		{"invalid UTF-8", head + "items: [\xff\xfe]\n", "standard input is not valid YAML: "},
		{"an unquoted password that is an alias without an anchor", head + "items: [{a: *Hunter2}]\n",
			"standard input is not valid YAML: line 3: alias (*) without an anchor (&); " +
				"quote values that begin with an asterisk"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read([]byte(test.in))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "Hunter2") {
				t.Errorf("the error contains a secret: %v", err)
			}
		})
	}
}

func TestItem(t *testing.T) {
	for _, test := range []struct {
		name, yaml string
		want       Item
		local      bool
	}{
		{name: "all fields", yaml: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
  namespace: teams
  annotations: {internal.config.kubernetes.io/path: a/b.yaml, internal.config.kubernetes.io/index: "2"}
`, want: Item{ID: ID{"apps/v1", "Deployment", "teams", "chat"}, File: "a/b.yaml", Index: 2}},
		{name: "the legacy annotations", yaml: `
metadata: {annotations: {config.kubernetes.io/path: a/b.yaml, config.kubernetes.io/index: "2"}}
`, want: Item{File: "a/b.yaml", Index: 2}},
		{name: "aliases", yaml: `
kind: &k Service
metadata: {name: *k, annotations: &a {config.kubernetes.io/local-config: "true"}}
`, want: Item{ID: ID{Kind: "Service", Name: "Service"}}, local: true},
		{name: "an empty object", yaml: "{}"},
		{name: "no metadata", yaml: "{apiVersion: v1, kind: A}", want: Item{ID: ID{APIVersion: "v1", Kind: "A"}}},
		{name: "metadata that is a list", yaml: "{kind: A, metadata: [name]}", want: Item{ID: ID{Kind: "A"}}},
		{name: "metadata that is a string", yaml: "{kind: A, metadata: name}", want: Item{ID: ID{Kind: "A"}}},
		{name: "nulls", yaml: "{apiVersion: null, kind: ~, metadata: {name: null, annotations: null}}"},
		{name: "annotations that are a list", yaml: "{metadata: {annotations: [a]}}"},
		{name: "a name that is a number", yaml: "{metadata: {name: 7}}", want: Item{ID: ID{Name: "7"}}},
		{name: "a name that is a mapping", yaml: "{metadata: {name: {a: b}}}"},
		{name: "an index that is not a number", yaml: "{metadata: {annotations: {internal.config.kubernetes.io/index: x}}}"},
		{name: "local config", yaml: `{metadata: {annotations: {config.kubernetes.io/local-config: "true"}}}`, local: true},
		{name: "local config without true, as kpt reads it",
			yaml: `{metadata: {annotations: {config.kubernetes.io/local-config: ""}}}`, local: true},
		{name: "not local config", yaml: `{metadata: {annotations: {config.kubernetes.io/local-config: "false"}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := yaml.MustParse(test.yaml)
			got := NewItem(node.YNode())
			if got.ID != test.want.ID || got.File != test.want.File || got.Index != test.want.Index {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if got.IsLocalConfig() != test.local {
				t.Errorf("IsLocalConfig is %t, want %t", got.IsLocalConfig(), test.local)
			}
		})
	}
}

func TestID(t *testing.T) {
	for _, test := range []struct {
		id          ID
		group, text string
	}{
		{ID{"v1", "Secret", "teams", "chat"}, "", "Secret teams/chat"},
		{ID{"apps/v1", "Deployment", "teams", "chat"}, "apps", "Deployment teams/chat"},
		{ID{"rbac.authorization.k8s.io/v1", "ClusterRole", "", "chat"}, "rbac.authorization.k8s.io", "ClusterRole chat"},
	} {
		if got := test.id.Group(); got != test.group {
			t.Errorf("%v: got group %q, want %q", test.id, got, test.group)
		}
		if got := test.id.String(); got != test.text {
			t.Errorf("got string %q, want %q", got, test.text)
		}
	}
}

// Results are appended to those of previous functions in the form of the specification, without duplicates.
func TestResults(t *testing.T) {
	list, err := Read([]byte(head + "items: []\nresults:\n- message: earlier\n- {severity: info, message: " +
		"of the previous run}\n"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	encoded, err := list.Encode(result.Results{
		{Severity: result.Warning, Message: "short"},
		{Severity: result.Info, Message: "of the previous run"},
		{
			Severity: result.Error, Rule: "MM012", Message: "all: of it", Field: "spec.replicas", File: "chat.yaml",
			FileIndex: 2, Line: 7,
			Resource: result.Resource{APIVersion: "mattermost.bigbang.dev/v1alpha1", Kind: "MattermostConfig",
				Namespace: "teams", Name: "chat"},
		},
	})
	encoded.Write(&out)
	want := head + `items: []
results:
- message: earlier
- {severity: info, message: of the previous run}
- message: short
  severity: warning
- message: 'all: of it'
  severity: error
  resourceRef:
    apiVersion: mattermost.bigbang.dev/v1alpha1
    kind: MattermostConfig
    name: chat
    namespace: teams
  field:
    path: spec.replicas
  file:
    path: chat.yaml
    index: 2
  tags:
    rule: MM012
`
	if err != nil || out.String() != want {
		t.Errorf("wrote\n%s\nand %v, want\n%s", out.String(), err, want)
	}
}

func TestReadFile(t *testing.T) {
	list := &List{}
	text := `# the first
apiVersion: v1
kind: Secret
metadata: {name: a}
---
# nothing
---
null
---
# the second
kind: Service
metadata: {name: b} # next to
---
kind: Local
metadata: {name: c}
`
	if err := list.ReadFile("chat.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Secret a, chat.yaml 0, line 2", "Service b, chat.yaml 3, line 11",
		"Local c, chat.yaml 4, line 14"} {
		item := list.Items[i]
		if got := fmt.Sprintf("%s, %s %d, line %d", item.ID, item.File, item.Index, item.Node().Line); got != want ||
			!item.LinesAreOfFile {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	var out bytes.Buffer
	err := list.WriteDocuments(&out, func(i *Item) bool { return i.Kind != "Local" })
	want := `# the first
apiVersion: v1
kind: Secret
metadata: {name: a}
---
# the second
kind: Service
metadata: {name: b} # next to
`
	if err != nil || out.String() != want {
		t.Errorf("wrote\n%s\nand %v, want\n%s", out.String(), err, want)
	}
	for text, want := range map[string]string{
		"a: [": "bad.yaml:1: not valid YAML: a [ or { is not closed, or a comma is missing between the values in it",
		"a: b\n---\nc": "bad.yaml:3: expected an object with apiVersion and kind; a " +
			"configuration begins with apiVersion: mattermost.bigbang.dev/v1alpha1",
		"- a": "bad.yaml:1: expected an object with apiVersion and kind; a " +
			"configuration begins with apiVersion: mattermost.bigbang.dev/v1alpha1",
		"a: *Hunter2": "bad.yaml:1: not valid YAML: alias (*) without an anchor (&); " +
			"quote values that begin with an asterisk",
	} {
		if err := list.ReadFile("bad.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// The results of previous functions are kept, also if they are many.
func TestEarlierResultsAreKept(t *testing.T) {
	earlier := strings.Repeat("- message: "+strings.Repeat("x", 1000)+"\n", 4_000)
	list, err := Read([]byte(head + "items: []\nresults:\n" + earlier))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	encoded, err := list.Encode(result.Results{{Severity: result.Info, Message: "more"}})
	if err != nil {
		t.Fatal(err)
	}
	encoded.Write(&out)
	if !strings.Contains(out.String(), "results:\n"+earlier+"- message: more\n") {
		t.Error("the results of previous functions are missing")
	}
}
