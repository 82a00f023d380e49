// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"sigs.k8s.io/kustomize/kyaml/yaml/merge2"
)

// An existing node, a generated one, and the result for a managed object (exact) and for a user's object (overlay).
func TestMerge(t *testing.T) {
	for _, test := range []struct {
		name, older, newer string
		exact, overlay     string // "" for no change
	}{
		{
			name: "equal values: no byte changes, in any order and style",
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
			name: "a changed value keeps its comment and its place",
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
			name: "fields that only the older one has are removed from a managed object and kept in a user's",
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
			name: "annotations of hosts are kept in both",
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
			name: "elements are merged by name",
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
			name: "named elements in another order: managed lists follow it, since tools use the first of two containers",
			older: `
containers:
- name: logs # prints the log
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
- name: logs # prints the log
`,
		},
		{
			name: "elements without a name are merged by port",
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
			name: "a list without keys is replaced; equal elements keep their comments",
			older: `
args:
- serve # the server
- --old # replaced
- --older
`,
			newer: `
args: [serve, --new]
`,
			exact: `
args:
- serve # the server
- --new # replaced
`,
			overlay: `
args:
- serve # the server
- --new # replaced
`,
		},
		{
			name: "a repeated name is not a key",
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
			name: "an empty list and a list with names",
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
			name: "another kind of value",
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
			name: "a string and a number are not equal",
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
			name: "a string that YAML 1.1 reads as a boolean is quoted again",
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
			name: "a block scalar changes as a whole and stays a block scalar",
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
			name: "a duplicate field, of which readers use the second",
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
			name: "an alias becomes a copy, so that a change has no effect elsewhere",
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
			name: "the alias of a removed anchor becomes a copy",
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
			name: "the fields of a merge key are merged too",
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
			t.Run(test.name+"/"+c.name, func(t *testing.T) {
				older, newer := parse(t, test.older), parse(t, test.newer)
				generated := encode(t, newer)
				resourcelist.Expand(older)
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
					t.Error("the second merge changed something")
				}
				if after := encode(t, newer); after != generated {
					t.Errorf("the generated node was changed:\n%s", after)
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

// The comment on merge says why it is not kyaml's merge2. If this fails, merge2 may serve after all.
func TestWhatMerge2Does(t *testing.T) {
	const kind = "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nspec:\n"
	for _, test := range []struct{ name, older, newer, want string }{
		{"it keeps fields that are no longer generated", "  size: 100users\n  version: '1'\n", "  version: '1'\n",
			"  size: 100users\n  version: '1'\n"},
		{"it replaces lists of custom resources", "  mattermostEnv:\n  - {name: MINE, value: x}\n",
			"  mattermostEnv:\n  - {name: OURS, value: y}\n",
			"  mattermostEnv:\n  - {name: OURS, value: y}\n"},
		{"it loses comments on changed values", "  version: '1' # mine\n", "  version: '2'\n",
			"  version: '2'\n"},
		{"it combines fields that exclude each other", "  volume:\n    emptyDir: {}\n",
			"  volume:\n    secret: {secretName: x}\n",
			"  volume:\n    emptyDir: {}\n    secret: {secretName: x}\n"},
	} {
		merged, err := merge2.MergeStrings(kind+test.newer, kind+test.older, false, yaml.MergeOptions{})
		if err != nil || merged != kind+test.want {
			t.Errorf("%s: %v, got\n%s", test.name, err, merged)
		}
	}
}
