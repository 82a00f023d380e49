// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

const generated = `
apiVersion: v1
kind: Service
metadata:
  name: chat
  namespace: teams
  labels: {app.kubernetes.io/name: mattermost, app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/chat}
spec:
  ports: [{name: http, port: 8065}]
`

func TestUpsert(t *testing.T) {
	for _, test := range []struct {
		name, existing string
		want           string // the object afterwards; "" for the generated one
		messages       string
	}{
		{
			name: "no existing object",
		},
		{
			name: "a managed object becomes equal to the generated one and keeps its comments",
			existing: `
apiVersion: v1
kind: Service # the gateway's
metadata:
  name: chat
  namespace: teams
  labels: {app.kubernetes.io/name: mattermost, app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/chat, mine: "true"}
spec:
  type: NodePort
  ports: [{name: http, port: 80}] # by hand
`,
			want: `
apiVersion: v1
kind: Service # the gateway's
metadata:
  name: chat
  namespace: teams
  labels: {app.kubernetes.io/name: mattermost, app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/chat}
spec:
  ports: [{name: http, port: 8065}] # by hand
`,
			messages: "Service teams/chat: info: Service teams/chat is updated to match MattermostConfig teams/chat: " +
				"metadata.annotations.mine, spec.ports[http].port, spec.type. " +
				"To keep a field that you added, write it as spec.patches",
		},
		{
			name: "a user's object gets the generated fields, no ownership metadata, and a message",
			existing: `
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: teams}
spec:
  type: NodePort
`,
			want: `
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/name: mattermost}}
spec:
  type: NodePort
  ports: [{name: http, port: 8065}]
`,
			messages: "Service teams/chat: info: Service teams/chat is not managed by mattermost-fn (annotation " +
				"mattermost.bigbang.dev/owner is missing): the generated fields are merged into it, all other fields are kept",
		},
		{
			name: "a user's object that has all generated fields causes no message",
			existing: `
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/name: mattermost}}
spec: {type: NodePort, ports: [{name: http, port: 8065}]}
`,
			want: `
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/name: mattermost}}
spec: {type: NodePort, ports: [{name: http, port: 8065}]}
`,
		},
		{
			name: "the label without the annotation is not ownership: users take an object over by deleting the annotation",
			existing: `
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/name: mattermost, app.kubernetes.io/managed-by: mattermost-fn}}
spec: {type: NodePort, ports: [{name: http, port: 8065}]}
`,
			want: `
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/name: mattermost, app.kubernetes.io/managed-by: mattermost-fn}}
spec: {type: NodePort, ports: [{name: http, port: 8065}]}
`,
		},
		{
			name: "an object of another configuration does not change, and the message names both configurations",
			existing: `
apiVersion: v1
kind: Service
metadata:
  name: chat
  namespace: teams
  labels: {app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/live}
`,
			want: `
apiVersion: v1
kind: Service
metadata:
  name: chat
  namespace: teams
  labels: {app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/live}
`,
			messages: "error: metadata.name: Service teams/chat is required by MattermostConfig teams/chat but already " +
				"belongs to MattermostConfig teams/live; rename one of the two, or let only one of them create it",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := &resourcelist.List{}
			if test.existing != "" {
				list.Items = append(list.Items, resourcelist.NewItem(parse(t, test.existing)))
			}
			report := &result.Reporter{}
			configurations := []Configuration{{Owner: "teams/chat"}, {Owner: "teams/live"}}
			changes := NewChanges(list, resourcelist.NewIndex(list), ReadOwners(list), configurations)
			changes.Upsert(resourcelist.NewItem(parse(t, generated)), "teams/chat", report)
			changes.apply()
			report.Results = append(report.Results, changes.results...)
			if len(list.Items) != 1 {
				t.Fatalf("%d objects, want 1", len(list.Items))
			}
			want := strings.TrimPrefix(test.want, "\n")
			if want == "" {
				want = encode(t, parse(t, generated))
			}
			if got := encode(t, list.Items[0].Node()); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			var messages []string
			for _, r := range report.Results {
				messages = append(messages, r.String())
			}
			if got := strings.Join(messages, "\n"); got != test.messages {
				t.Errorf("messages\n%s\nwant\n%s", got, test.messages)
			}
		})
	}
}

// Objects are the same if group, kind, namespace and name are equal, in any version of the API group.
func TestUpsertIdentifiesObjects(t *testing.T) {
	for name, test := range map[string]struct {
		existing string
		items    int
	}{
		"the same":        {"{apiVersion: v1, kind: Service, metadata: {name: chat, namespace: teams}}", 1},
		"another version": {"{apiVersion: v2, kind: Service, metadata: {name: chat, namespace: teams}}", 1},
		"another group": {"{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: chat, " +
			"namespace: teams}}", 2},
		"another kind":      {"{apiVersion: v1, kind: ConfigMap, metadata: {name: chat, namespace: teams}}", 2},
		"another namespace": {"{apiVersion: v1, kind: Service, metadata: {name: chat, namespace: other}}", 2},
		"no namespace":      {"{apiVersion: v1, kind: Service, metadata: {name: chat}}", 2},
		"another name":      {"{apiVersion: v1, kind: Service, metadata: {name: chat2, namespace: teams}}", 2},
		"no metadata":       {"{apiVersion: v1, kind: Service}", 2},
	} {
		list := &resourcelist.List{Items: []*resourcelist.Item{resourcelist.NewItem(parse(t, test.existing))}}
		changes := NewChanges(list, resourcelist.NewIndex(list), ReadOwners(list), []Configuration{{Owner: "teams/chat"}})
		changes.Upsert(resourcelist.NewItem(parse(t, generated)), "teams/chat", &result.Reporter{})
		changes.apply()
		if len(list.Items) != test.items {
			t.Errorf("%s: %d objects, want %d", name, len(list.Items), test.items)
		}
	}
}

// Incomplete or malformed ownership metadata does not make an object managed, and does not cause a panic.
func TestOwner(t *testing.T) {
	const manager, owner = "app.kubernetes.io/managed-by: ", "annotations: {mattermost.bigbang.dev/owner: "
	const secret = "apiVersion: v1, kind: Secret, "
	for object, want := range map[string]string{
		"{" + secret + "metadata: {labels: {" + manager + "mattermost-fn}, " + owner +
			"teams/chat}}}": "teams/chat",
		"{" + secret + "metadata: {labels: {" + manager + "&m mattermost-fn, x: *m}, " + owner +
			"teams/chat}}}": "teams/chat",
		"{" + secret + "metadata: {labels: {x: &m mattermost-fn, " + manager + "*m}, " + owner +
			"teams/chat}}}": "teams/chat",
		"{" + secret + "metadata: {labels: {" + manager + "Helm}, " + owner + "teams/chat}}}":       "",
		"{" + secret + "metadata: {" + owner + "teams/chat}}}":                                      "",
		"{" + secret + "metadata: {labels: {" + manager + "mattermost-fn}}}":                        "",
		"{" + secret + "metadata: {labels: {" + manager + "mattermost-fn}, " + owner + "null}}}":    "",
		"{" + secret + "metadata: {labels: {" + manager + "mattermost-fn}, " + owner + "[a]}}}":     "",
		"{metadata: {labels: [mattermost-fn], annotations: null}}":                                  "",
		"{kind: Pod, metadata: {labels: {" + manager + "mattermost-fn}, " + owner + "teams/chat}}}": "", // never emitted
		"{metadata: [labels]}": "",
		"{metadata: null}":     "",
		"{}":                   "",
	} {
		if got := ownerIn(resourcelist.NewItem(parse(t, object))); got != want {
			t.Errorf("%s\nhas owner %q, want %q", object, got, want)
		}
	}
}
