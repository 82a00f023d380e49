// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"

// kptOutput contains every construct that a ResourceList written by kpt may contain.
const kptOutput = head + `items:
- apiVersion: apps/v1
  kind: Deployment # of the team
  metadata: # kpt-merge: apps/app
    name: app
    namespace: apps
    labels: {}
    annotations:
      internal.config.kubernetes.io/path: 'app/deployment.yaml'
      internal.config.kubernetes.io/index: '0'
      "config.kubernetes.io/index": "0"
      mine: |
        a block # with a number sign

          of text
  spec:
    replicas: 2 # kpt-set: ${replicas}
    template:
      args: ["--port=8080", '--it''s', {a: b, "c":1}]
      env:
      - name: A
        value: 'on two

          lines'
      - {name: B, value: "it's"}
      -   name: C
      - - a
        - b

      empty: {}
    # the end
- # Copyright
  kind: ConfigMap
  metadata:
    annotations:
      config.kubernetes.io/function: |-
        exec:
        - a
    name: "b"
    namespace:
  data:
    a.conf: |2+
        two more
      - a: b

    folded: >-
      one
      two
    url: http://example.com:80/#a
    time: 12:30:00
    f:metadata:
      f:labels: {}
- {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}}
- metadata: {name: d}
  kind: null
- resources: [a.yaml]
- {}
functionConfig:
  apiVersion: mattermost.bigbang.dev/v1alpha1
  kind: MattermostConfig
  metadata:
    name: chat
  spec:
    domain: example.com
results:
- message: 'earlier: message'
  severity: info
`

func TestRead(t *testing.T) {
	list, err := Read([]byte(kptOutput))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, o := range append(list.Items, *list.FunctionConfig) {
		fmt.Fprintf(&got, "%s %s %s/%s, ambiguous %t, labels %v, annotations %v, %d lines\n", o.APIVersion, o.Kind,
			o.Namespace, o.Name, o.Ambiguous, pairs(o.Labels), pairs(o.Annotations), bytes.Count(o.Text, []byte("\n")))
	}
	want := `apps/v1 Deployment apps/app, ambiguous false, labels [], annotations [{internal.config.kubernetes.io/path app/deployment.yaml false} {internal.config.kubernetes.io/index 0 false} {config.kubernetes.io/index 0 false} {mine  true}], 30 lines
 ConfigMap /b, ambiguous false, labels [], annotations [{config.kubernetes.io/function  true}], 21 lines
  /, ambiguous true, labels [], annotations [], 1 lines
  /, ambiguous true, labels [], annotations [], 2 lines
  /, ambiguous false, labels [], annotations [], 1 lines
  /, ambiguous true, labels [], annotations [], 1 lines
mattermost.bigbang.dev/v1alpha1 MattermostConfig /chat, ambiguous false, labels [], annotations [], 7 lines
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	agree(t, []byte(kptOutput))
}

// Read marks an object as unusual that it could read differently from a YAML parser, and reads its neighbors.
func TestReadMarksUnusualObjects(t *testing.T) {
	for _, item := range []string{
		"a: &x b", "a: *x", "a: !t b", "a: b\n   c", "a: b\n    c: d", "kind:\n    Secret", "a: [b,\n    c]", "a: {b: c} d",
		"a: \"b", "a: 'b' c", "a: b: c", "a:\tb", "a: |\n      b\n     c", "a: |3x\n      b", "a\"b: 'c' d", "<<: {}",
		"a:" + strings.Repeat(" - ", 9), "? a\n  : b", "a: {b: c,\n# comment\nd}", "a: b\n\tc", "a: [\n]",
	} {
		text := head + "items:\n- kind: A\n# of the next\n- " + item + "\n# of the last\n- kind: Z\n"
		list, err := Read([]byte(text))
		if err != nil || len(list.Items) != 3 {
			t.Errorf("%q: %v", item, err)
			continue
		}
		first, second, third := list.Items[0], list.Items[1], list.Items[2]
		if first.Unusual || !second.Unusual || !second.Ambiguous || third.Unusual || third.Kind != "Z" ||
			string(second.Text) != "# of the next\n- "+item+"\n" || string(third.Text) != "# of the last\n- kind: Z\n" {
			t.Errorf("%q: got %t, %t %q, %t %q", item, first.Unusual, second.Unusual, second.Text, third.Unusual, third.Text)
		}
		agree(t, []byte(text))
	}
}

// Read rejects input of which it cannot tell the objects apart.
func TestReadRejects(t *testing.T) {
	for item, want := range map[string]string{
		"a: b\n---\n- c: d": "document marker or directive",
		"a: b\r\n  c: d":    "control character",
		"a: b\u2028- c":     "control character",
		"a: \u0085":         "control character",
		"a: \ufeff":         "control character",
		"a: \xff":           "invalid UTF-8",
		"a: \x00":           "control character",
		"a: 1234567\x7f":    "control character",
		"- b":               "list instead of an object",
		"text":              "scalar or list instead of an object",
		"[a]":               "scalar or list instead of an object",
		"":                  "empty value instead of an object",
		"a: b\nitems: []":   "duplicate field",
	} {
		_, err := Read([]byte(head + "items:\n- " + item + "\n"))
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || !strings.Contains(unsupported.What, want) || unsupported.Line < 4 &&
			want != "duplicate field" {
			t.Errorf("%q: got %v, want %q", item, err, want)
		}
	}
	for text, want := range map[string]string{
		"items: []":                         "no line feed at the end",
		strings.Repeat("a: b\n", 2):         "duplicate field",
		manyFields(maxFields + 1):           "more fields",
		"items: {}\n":                       "not a list in block style",
		"items:\n  - a: b\n":                "indented items",
		"items:\n  a: b\n":                  "not a list in block style",
		"functionConfig: {}\n":              "not an object in block style",
		"functionConfig:\n- a: b\n":         "list instead of an object",
		"functionConfig:\nitems: []\n":      "empty value instead of an object",
		"a:\n" + deep(maxDepth+1) + "  b\n": "deeper",
	} {
		if _, err := Read([]byte(text)); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %q", text, err, want)
		}
	}
}

// The YAML library accepts names of at most 1024 characters including quotes. Read accepts about half of that.
func TestReadLongNames(t *testing.T) {
	item := func(length int) []byte { return []byte(head + "items:\n- " + strings.Repeat("a", length) + ": b\n") }
	if !agree(t, item(500)) {
		t.Error("a name of 500 characters is rejected")
	}
	if list, err := Read(item(501)); err != nil || !list.Items[0].Unusual {
		t.Errorf("a name of 501 characters: %v", err)
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: b\n", i)
	}
	return b.String()
}

func deep(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	return b.String()
}

// agree fails the test if Read and the YAML library accept a text but read it differently. One may accept what the
// other rejects.
func agree(t *testing.T, text []byte) (accepted bool) {
	t.Helper()
	list, err := Read(text)
	if err != nil {
		return false
	}
	for _, object := range list.Items {
		if object.Unusual && !isOneObject(object.Text) {
			return false // callers reject it
		}
	}
	if list.FunctionConfig != nil && list.FunctionConfig.Unusual && !isOneObject(list.FunctionConfig.Text) {
		return false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	if decoder.Decode(&document) != nil {
		return false
	}
	if decoder.Decode(&more) == nil {
		t.Fatalf("a second document in\n%s", text)
	}
	root := document.Content[0]
	var joined []byte
	for i, field := range list.Fields {
		joined = append(joined, field.Text...)
		if key := root.Content[2*i]; key.Value != field.Name {
			t.Fatalf("field %d is %q, not %q, in\n%s", i, key.Value, field.Name, text)
		}
	}
	if len(root.Content) != 2*len(list.Fields) || !bytes.HasSuffix(text, joined) {
		t.Fatalf("the fields do not cover\n%s", text)
	}
	for i, field := range list.Fields {
		switch value := root.Content[2*i+1]; field.Name {
		case items:
			if len(value.Content) != len(list.Items) {
				t.Fatalf("%d items, not %d, in\n%s", len(value.Content), len(list.Items), text)
			}
			for n := range list.Items {
				agreeOn(t, &list.Items[n], value.Content[n], text)
			}
		case functionConfig:
			agreeOn(t, list.FunctionConfig, value, text)
		default:
			if field.Value != "" && field.Value != value.Value {
				t.Fatalf("%s is %q, not %q, in\n%s", field.Name, value.Value, field.Value, text)
			}
		}
	}
	return true
}

// isOneObject reports whether an object of a list is valid YAML on its own: a list or mapping with one element.
func isOneObject(text []byte) bool {
	var document yaml.Node
	if yaml.Unmarshal(text, &document) != nil || len(document.Content) == 0 {
		return false
	}
	content := document.Content[0].Content
	isList := document.Content[0].Kind == yaml.SequenceNode
	return len(content) > 0 && (isList && len(content) == 1 || !isList && len(content) == 2) &&
		content[len(content)-1].Kind == yaml.MappingNode
}

func agreeOn(t *testing.T, object *Object, node *yaml.Node, text []byte) {
	t.Helper()
	var alone yaml.Node
	if err := yaml.Unmarshal(object.Text, &alone); err != nil {
		t.Fatalf("cannot parse the object on its own: %v\n%s\nof\n%s", err, object.Text, text)
	}
	inner := alone.Content[0].Content
	if !same(inner[len(inner)-1], node) || node.Kind != yaml.MappingNode {
		t.Fatalf("parsed on its own it is another object\n%s\nin\n%s", object.Text, text)
	}
	if object.Ambiguous {
		return
	}
	for _, field := range []struct {
		got  string
		path []string
	}{
		{object.APIVersion, []string{"apiVersion"}}, {object.Kind, []string{"kind"}},
		{object.Name, []string{"metadata", "name"}}, {object.Namespace, []string{"metadata", "namespace"}},
	} {
		if want := textOf(fieldOf(node, field.path...)); field.got != want {
			t.Fatalf("%v is %q, not %q, in\n%s", field.path, want, field.got, text)
		}
	}
	agreeOnPairs(t, object.Labels, fieldOf(node, "metadata", "labels"), text)
	agreeOnPairs(t, object.Annotations, fieldOf(node, "metadata", "annotations"), text)
}

func pairs(of []Pair) []string {
	var all []string
	for _, pair := range of {
		all = append(all, fmt.Sprintf("{%s %s %t}", pair.Key, pair.Value, pair.Ambiguous))
	}
	return all
}

func agreeOnPairs(t *testing.T, pairs []Pair, node *yaml.Node, text []byte) {
	t.Helper()
	if node == nil || node.Kind != yaml.MappingNode {
		if len(pairs) > 0 {
			t.Fatalf("got labels or annotations, want none in\n%s", text)
		}
		return
	}
	if len(node.Content) != 2*len(pairs) {
		t.Fatalf("%d labels or annotations, not %d, in\n%s", len(node.Content)/2, len(pairs), text)
	}
	for i, pair := range pairs {
		if node.Content[2*i].Value != string(pair.Key) ||
			!pair.Ambiguous && textOf(node.Content[2*i+1]) != string(pair.Value) {
			t.Fatalf("%s: %s became %v in\n%s", node.Content[2*i].Value, node.Content[2*i+1].Value, pair, text)
		}
	}
}

func fieldOf(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		var value *yaml.Node
		for i := 0; node != nil && node.Kind == yaml.MappingNode && i+1 < len(node.Content) && value == nil; i += 2 {
			if node.Content[i].Value == name && node.Content[i].Kind == yaml.ScalarNode {
				value = node.Content[i+1]
			}
		}
		node = value
	}
	return node
}

func textOf(node *yaml.Node) string {
	if node == nil || node.Kind != yaml.ScalarNode || node.ShortTag() == yaml.NodeTagNull {
		return ""
	}
	return node.Value
}

func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.ShortTag() != b.ShortTag() || a.Style != b.Style ||
		len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// lines replace lines of a text in mutations: they begin or end a construct, or look like it.
var lines = []string{
	"", " ", "- ", "-", "  - a", "- a: b", "-  a: b", "- - a: b", "  a: b", "   a: b", "    a: b", "      a: b", "  a:",
	"    a:", "  a: |", "    a: >-", "    - |", "      text", "  # comment", "    # comment",
	"  kind: Secret", "  kind:", "  kind: Secret # comment", "  kind: 'a", "    b'", "  kind: \"a\\\"b\"",
	"  apiVersion: ~", "  metadata:", "  metadata: {name: x}", "  metadata: null",
	"    name: x", "    name: |", "    namespace: 'it''s'", "    labels:", "      app: x", "    annotations:",
	"      config.kubernetes.io/path: 'a: b'", "      a: |-",
	"items:", "items: []", "functionConfig:", "results:", "other: x", "  a: {b: [c, 'd'], \"e\":1}", "  a: {b: c",
	"  a: [}", "  a: b # c: d", "  a: b #c", "  a: b: c", "  a:b", "  a : b", "  'a': b", "  \"a\" : b", "  - a: b",
	"    - a", "    -", "    - - b", "     - a", "  a: - b", "  a: ? b", "  ? a", "  a: 'b' # c", "  a: 'b'c",
	"  a: \"b\n\n  c\"", "  a: |2", "  a: |+", "       deep", "  é: é", "  <<: x", "  a: @b", "  a: -1", "  a: :b",
	"  a: #b", "  a: b:",
	"  a: >", "\ta", "  a:\tb", "  a: b\tc", "  a: |\n\tb", "...", "---", "%a", "  a: *b", "  a: &b c", "  a: !b c",
	"  a: [*b]", "  a: [&b]", "  a: [!b c]", "  a: [b:c, d: e]", "  a: [b #c]", "  a: [b#c]", "  a: ['b'c]", "  a: [b'c]",
	"  a: {'b':c}", "  a: {b:c}", "  a: {?}", "  a: [-]", "  a: [- b]", "  a: [-b]",
}

// mutate replaces, inserts, removes, indents, unindents or duplicates lines of a text.
func mutate(random *rand.Rand, text string) string {
	all := strings.Split(text, "\n")
	for range 1 + random.IntN(3) {
		at := random.IntN(len(all))
		switch random.IntN(6) {
		case 0:
			all[at] = lines[random.IntN(len(lines))]
		case 1:
			all = append(all[:at:at], append([]string{lines[random.IntN(len(lines))]}, all[at:]...)...)
		case 2:
			all = append(all[:at:at], all[at+1:]...)
		case 3:
			all[at] = strings.Repeat(" ", random.IntN(4)) + all[at]
		case 4:
			all[at] = strings.TrimPrefix(all[at], strings.Repeat(" ", random.IntN(4)))
		case 5:
			from := random.IntN(len(all))
			all = append(all[:at:at], append([]string{all[from]}, all[at:]...)...)
		}
		if len(all) == 0 {
			return ""
		}
	}
	return strings.Join(all, "\n")
}

// Read reads a mutated list like the YAML library, or rejects it. MUTATIONS=1000000 runs more mutations.
func TestMutations(t *testing.T) {
	n := 3_000
	if more := os.Getenv("MUTATIONS"); more != "" {
		fmt.Sscan(more, &n)
	}
	random, accepted := rand.New(rand.NewPCG(1, uint64(n))), 0
	for range n {
		if agree(t, []byte(mutate(random, kptOutput))) {
			accepted++
		}
	}
	if accepted < n/20 {
		t.Errorf("only %[2]d of %[1]d texts were accepted: too few to prove anything", n, accepted)
	}
}

// Read reads any text like the YAML library, or rejects it.
func FuzzRead(f *testing.F) {
	f.Add([]byte(kptOutput))
	for _, line := range lines {
		f.Add([]byte(head + "items:\n- kind: A\n" + line + "\n  metadata:\n    name: x\n"))
	}
	f.Fuzz(func(t *testing.T, text []byte) { agree(t, text) })
}

// asItems returns a ResourceList with the documents as items, in the style of kpt and kyaml.
func asItems(t testing.TB, documents []byte) []byte {
	t.Helper()
	list := yaml.Node{Kind: yaml.SequenceNode}
	for decoder := yaml.NewDecoder(bytes.NewReader(documents)); ; {
		var document yaml.Node
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list.Content = append(list.Content, document.Content[0])
	}
	var out bytes.Buffer
	out.WriteString(head)
	if err := yaml.NewEncoder(&out).Encode(map[string]*yaml.Node{"items": &list}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Read accepts the output of the function.
func TestReadAcceptsExamples(t *testing.T) {
	examples, _ := filepath.Glob("../../../examples/*/expected.yaml")
	if len(examples) == 0 {
		t.Fatal("there are no examples")
	}
	for _, example := range examples {
		text, err := os.ReadFile(example)
		if err != nil {
			t.Fatal(err)
		}
		if !agree(t, asItems(t, text)) {
			_, err := Read(asItems(t, text))
			t.Errorf("%s is rejected: %v", example, err)
		}
	}
}
