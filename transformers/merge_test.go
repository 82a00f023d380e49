package transformers

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// What is there, what was generated, and what becomes of the two: where the object is ours (exact), and where it is
// somebody's own (overlay).
func TestMerge(t *testing.T) {
	for _, test := range []struct {
		says, older, newer string
		exact, overlay     string // "" for no change
	}{
		{
			says: "nothing to change: not a byte changes, whatever the order and style",
			older: `
# who wrote this
spec: {replicas: 2, 'image': "chat"} # one line
kind: Mattermost
`,
			newer: `
kind: Mattermost
spec:
  image: chat
  replicas: 2
`,
		},
		{
			says: "a changed value keeps its comment and its place",
			older: `
spec:
  replicas: 2 # two for high availability
  # the one that was tested
  version: 11.9.0
`,
			newer: `
spec:
  version: 11.10.0
  replicas: 3
`,
			exact: `
spec:
  replicas: 3 # two for high availability
  # the one that was tested
  version: 11.10.0
`,
			overlay: `
spec:
  replicas: 3 # two for high availability
  # the one that was tested
  version: 11.10.0
`,
		},
		{
			says: "what only the older one holds goes from ours, and stays in somebody's own",
			older: `
metadata:
  labels: {team: chat}
data:
  a: b
extra: true
`,
			newer: `
data:
  c: d
`,
			exact: `
data:
  c: d
`,
			overlay: `
metadata:
  labels: {team: chat}
data:
  a: b
  c: d
extra: true
`,
		},
		{
			says: "what the hosts wrote stays in both",
			older: `
metadata:
  annotations:
    config.kubernetes.io/path: chat.yaml
    internal.config.kubernetes.io/index: "3"
    config.kubernetes.io/local-config: "true"
    internal.kpt.dev/upstream-identifier: a|b|c|d
    kustomize.config.k8s.io/id: "7"
    team: chat
`,
			newer: `
metadata:
  annotations:
    owner: us
`,
			exact: `
metadata:
  annotations:
    config.kubernetes.io/path: chat.yaml
    internal.config.kubernetes.io/index: "3"
    config.kubernetes.io/local-config: "true"
    internal.kpt.dev/upstream-identifier: a|b|c|d
    kustomize.config.k8s.io/id: "7"
    owner: us
`,
			overlay: `
metadata:
  annotations:
    config.kubernetes.io/path: chat.yaml
    internal.config.kubernetes.io/index: "3"
    config.kubernetes.io/local-config: "true"
    internal.kpt.dev/upstream-identifier: a|b|c|d
    kustomize.config.k8s.io/id: "7"
    team: chat
    owner: us
`,
		},
		{
			says: "elements with a name are merged with their namesakes",
			older: `
env:
- name: B # the second
  value: old
- name: MINE
  value: stays
- {name: A, value: same} # flow
`,
			newer: `
env:
- name: A
  value: same
- name: B
  value: new
- name: C
  value: added
`,
			exact: `
env:
- {name: A, value: same} # flow
- name: B # the second
  value: new
- name: C
  value: added
`,
			overlay: `
env:
- name: B # the second
  value: new
- name: MINE
  value: stays
- {name: A, value: same} # flow
- name: C
  value: added
`,
		},
		{
			says: "elements with a name in another order: ours follow it, for the first of two containers is the one that tools take",
			older: `
containers:
- name: logs # shows what is said
- name: chat
`,
			newer: `
containers:
- name: chat
- name: logs
`,
			exact: `
containers:
- name: chat
- name: logs # shows what is said
`,
		},
		{
			says: "elements without a name but with a port are known by it",
			older: `
ports:
- port: 1
  protocol: TCP
- port: 2
`,
			newer: `
ports:
- port: 2
  protocol: UDP
`,
			exact: `
ports:
- port: 2
  protocol: UDP
`,
			overlay: `
ports:
- port: 1
  protocol: TCP
- port: 2
- port: 2
  protocol: UDP
`,
		},
		{
			says: "a list of anything else is taken over, equal elements with their comments",
			older: `
args:
- serve # the server
- --old # goes
- --older
`,
			newer: `
args: [serve, --new]
`,
			exact: `
args:
- serve # the server
- --new # goes
`,
			overlay: `
args:
- serve # the server
- --new # goes
`,
		},
		{
			says: "names that stand twice are no names",
			older: `
rules:
- {name: a, x: 1}
- {name: a, x: 2}
`,
			newer: `
rules:
- {name: a, x: 3}
`,
			exact: `
rules:
- {name: a, x: 3}
`,
			overlay: `
rules:
- {name: a, x: 3}
`,
		},
		{
			says: "an empty list and a list with names",
			older: `
env: []
`,
			newer: `
env:
- name: A
`,
			exact: `
env: [{name: A}]
`,
			overlay: `
env: [{name: A}]
`,
		},
		{
			says: "another kind of value",
			older: `
a: text # why
b: [1]
c: {x: y}
d: null
`,
			newer: `
a:
  x: y
b: 1
c: [x]
d: {}
`,
			exact: `
a:
  # why
  x: y
b: 1
c: [x]
d: {}
`,
			overlay: `
a:
  # why
  x: y
b: 1
c: [x]
d: {}
`,
		},
		{
			says: "text and number are not the same",
			older: `
cpu: 2
port: "8065"
`,
			newer: `
cpu: "2"
port: 8065
`,
			exact: `
cpu: "2"
port: 8065
`,
			overlay: `
cpu: "2"
port: 8065
`,
		},
		{
			says: "text that YAML 1.1 takes for a boolean is quoted again",
			older: `
value: yes
`,
			newer: `
value: "yes"
`,
			exact: `
value: "yes"
`,
			overlay: `
value: "yes"
`,
		},
		{
			says: "a block of text changes as a whole and stays a block",
			older: `
patch: |
  one
  two
`,
			newer: `
patch: |
  one
  three
`,
			exact: `
patch: |
  one
  three
`,
			overlay: `
patch: |
  one
  three
`,
		},
		{
			says: "a field that stands twice, of which readers take the second",
			older: `
replicas: 1
replicas: 5
theirs: 1
theirs: 2
`,
			newer: `
replicas: 1
`,
			exact: `
replicas: 1
`,
			overlay: `
replicas: 1
theirs: 1
theirs: 2
`,
		},
		{
			says: "an alias becomes a copy, so that a change does not reach the other places",
			older: `
mine: &labels {app: chat, nested: &n {a: b}}
labels: *labels
other: *n
`,
			newer: `
labels: {app: chat2, nested: {a: c}}
`,
			exact: `
labels: {app: chat2, nested: {a: c}}
`,
			overlay: `
mine: &labels {app: chat, nested: &n {a: b}}
labels: {app: chat2, nested: {a: c}}
other: {a: b}
`,
		},
		{
			says: "an anchor that goes leaves no alias behind",
			older: `
gone: &a {x: y}
kept: *a
`,
			newer: `
kept: {x: y}
`,
			exact: `
kept: {x: y}
`,
			overlay: `
gone: &a {x: y}
kept: {x: y}
`,
		},
		{
			says: "what a merge key brings in is there too",
			older: `
base: &base {app: chat, tier: web}
labels:
  <<: *base
  own: x
`,
			newer: `
labels: {app: chat2}
`,
			exact: `
labels:
  app: chat2
`,
			overlay: `
base: &base {app: chat, tier: web}
labels:
  own: x
  app: chat2
  tier: web
`,
		},
	} {
		for _, c := range []struct {
			mode mode
			name string
			want string
		}{{exact, "exact", test.exact}, {overlay, "overlay", test.overlay}} {
			t.Run(test.says+"/"+c.name, func(t *testing.T) {
				older, newer := parse(t, test.older), parse(t, test.newer)
				generated := encode(t, newer)
				expand(older)
				before := encode(t, older)
				changed := merge(older, newer, c.mode)
				want := strings.TrimPrefix(c.want, "\n")
				if c.want == "" {
					want = encode(t, parse(t, test.older))
				}
				if got := encode(t, older); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				if changed != (before != want) {
					t.Errorf("changed: %t", changed)
				}
				if merge(older, newer, c.mode) {
					t.Error("the second time changed something")
				}
				if after := encode(t, newer); after != generated {
					t.Errorf("what was generated was changed:\n%s", after)
				}
			})
		}
	}
}

func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return node.YNode()
}

func encode(t *testing.T, node *yaml.Node) string {
	t.Helper()
	text, err := yaml.NewRNode(node).String()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
