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
		says, there string
		want        string // what is there afterwards; "" for what was generated
		said        string
	}{
		{
			says: "nothing of the kind is there",
		},
		{
			says: "one of ours becomes what was generated, its comments kept",
			there: `
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
			said: "Service teams/chat: info: Service teams/chat is brought up to date with MattermostConfig teams/chat",
		},
		{
			says: "somebody's own gets our fields, no mark, and a word about it",
			there: `
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
			said: "Service teams/chat: info: Service teams/chat is not ours (it lacks the annotation mattermost.bigbang.dev/owner): our fields are laid over it, everything else stays",
		},
		{
			says: "somebody's own that has everything already is not spoken of",
			there: `
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
			says: "half a mark is none: who takes the annotation off takes the object over",
			there: `
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
			says: "one that another configuration owns stays as it is, and both are named",
			there: `
apiVersion: v1
kind: Service
metadata:
  name: chat
  namespace: teams
  labels: {app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/other}
`,
			want: `
apiVersion: v1
kind: Service
metadata:
  name: chat
  namespace: teams
  labels: {app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: teams/other}
`,
			said: "error: metadata.name: Service teams/chat is wanted by MattermostConfig teams/chat and belongs to teams/other already; rename one of the two, or let only one of them ask for it",
		},
	} {
		t.Run(test.says, func(t *testing.T) {
			list := &resourcelist.List{}
			if test.there != "" {
				list.Items = append(list.Items, resourcelist.NewItem(parse(t, test.there)))
			}
			report := &result.Reporter{}
			changes := NewChanges(list, map[string]string{"teams/chat": ""})
			changes.Upsert(resourcelist.NewItem(parse(t, generated)), "teams/chat", report)
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
			var said []string
			for _, r := range report.Results {
				said = append(said, r.String())
			}
			if got := strings.Join(said, "\n"); got != test.said {
				t.Errorf("said\n%s\nwant\n%s", got, test.said)
			}
		})
	}
}

// An object is the same whatever the version of its API, and another one in another group, kind, namespace or name.
func TestUpsertTellsObjectsApart(t *testing.T) {
	for says, test := range map[string]struct {
		there string
		items int
	}{
		"the same":          {"{apiVersion: v1, kind: Service, metadata: {name: chat, namespace: teams}}", 1},
		"another version":   {"{apiVersion: v2, kind: Service, metadata: {name: chat, namespace: teams}}", 1},
		"another group":     {"{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: chat, namespace: teams}}", 2},
		"another kind":      {"{apiVersion: v1, kind: ConfigMap, metadata: {name: chat, namespace: teams}}", 2},
		"another namespace": {"{apiVersion: v1, kind: Service, metadata: {name: chat, namespace: other}}", 2},
		"no namespace":      {"{apiVersion: v1, kind: Service, metadata: {name: chat}}", 2},
		"another name":      {"{apiVersion: v1, kind: Service, metadata: {name: chat2, namespace: teams}}", 2},
		"no metadata":       {"{apiVersion: v1, kind: Service}", 2},
	} {
		list := &resourcelist.List{Items: []*resourcelist.Item{resourcelist.NewItem(parse(t, test.there))}}
		NewChanges(list, map[string]string{"teams/chat": ""}).Upsert(resourcelist.NewItem(parse(t, generated)), "teams/chat", &result.Reporter{})
		if len(list.Items) != test.items {
			t.Errorf("%s: %d objects, want %d", says, len(list.Items), test.items)
		}
	}
}

// Nothing that may stand where the mark would makes an object ours, and nothing of it is a panic.
func TestOwner(t *testing.T) {
	for object, want := range map[string]string{
		"{metadata: {labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: teams/chat}}}":           "teams/chat",
		"{metadata: {labels: {app.kubernetes.io/managed-by: &m mattermost-fn, x: *m}, annotations: {mattermost.bigbang.dev/owner: teams/chat}}}": "teams/chat",
		"{metadata: {labels: {x: &m mattermost-fn, app.kubernetes.io/managed-by: *m}, annotations: {mattermost.bigbang.dev/owner: teams/chat}}}": "teams/chat",
		"{metadata: {labels: {app.kubernetes.io/managed-by: Helm}, annotations: {mattermost.bigbang.dev/owner: teams/chat}}}":                    "",
		"{metadata: {annotations: {mattermost.bigbang.dev/owner: teams/chat}}}":                                                                  "",
		"{metadata: {labels: {app.kubernetes.io/managed-by: mattermost-fn}}}":                                                                    "",
		"{metadata: {labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: null}}}":                 "",
		"{metadata: {labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: [a]}}}":                  "",
		"{metadata: {labels: [mattermost-fn], annotations: null}}":                                                                               "",
		"{metadata: [labels]}": "",
		"{metadata: null}":     "",
		"{}":                   "",
	} {
		if got := Owner(resourcelist.NewItem(parse(t, object))); got != want {
			t.Errorf("%s\nis owned by %q, want %q", object, got, want)
		}
	}
}
