package transformers

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/comments"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// kyaml's own copying of comments, which kpt calls on what it gets back, puts none where it does not belong.
func TestCommentsStayWithWhatTheyBelongTo(t *testing.T) {
	const (
		numbered  = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: teams/chat, internal.config.kubernetes.io/id: '7', config.k8s.io/id: '7'}}\n"
		kustomize = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: teams/chat, internal.config.kubernetes.io/id: '7', kustomize.config.k8s.io/id: '7'}}\n"
		unnamed   = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: teams/chat}}\n"
		meta      = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: teams/chat}}\n"
	)
	for _, test := range []struct {
		says, kind, mark    string
		there, ours, wanted string
	}{
		{
			"an element comes before one with comments", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", numbered,
			"spec:\n  env:\n  # why\n  - name: B # kpt-set: ${b}\n    value: b # kpt-set: ${value}\n    # below\n",
			"spec:\n  env:\n  - name: A\n    value: a\n  - name: B\n    value: c\n",
			"spec:\n  env:\n  #\n  - name: A #\n    value: a #\n    #\n  # why\n  - name: B # kpt-set: ${b}\n    value: c # kpt-set: ${value}\n    # below\n",
		},
		{
			"an element with comments goes", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", numbered,
			"spec:\n  env:\n  - name: A\n    value: a # kpt-set: ${a}\n  - name: B\n    value: b\n",
			"spec: {env: [{name: B, value: b}]}\n",
			"spec:\n  env:\n  - name: B\n    value: b #\n",
		},
		{
			"nothing comes before it: no byte more", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", numbered,
			"spec:\n  replicas: 1 # kpt-set: ${replicas}\n  env:\n  - name: A\n    value: a # kpt-set: ${a}\n",
			"spec:\n  replicas: 2\n  env: [{name: A, value: b}, {name: B, value: b}]\n",
			"spec:\n  replicas: 2 # kpt-set: ${replicas}\n  env:\n  - name: A\n    value: b # kpt-set: ${a}\n  - {name: B, value: b}\n",
		},
		{
			"text in a list goes by its value", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", numbered,
			"spec:\n  hosts:\n  - b # kpt-set: ${b}\n",
			"spec: {hosts: [a, b]}\n",
			"spec:\n  hosts:\n  - a # kpt-set: ${b}\n  - b\n",
		},
		{
			"kinds whose merge keys kpt knows are no other", "apiVersion: v1\nkind: Service\n", numbered,
			"spec:\n  ports:\n  - port: 2 # kpt-set: ${two}\n    name: two\n",
			"spec:\n  ports:\n  - port: 1\n    name: one\n  - port: 2\n    name: two\n",
			"spec:\n  ports:\n  - port: 1 #\n    name: one\n  - port: 2 # kpt-set: ${two}\n    name: two\n",
		},
		{
			"nobody copies what has no number", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", unnamed,
			"spec:\n  env:\n  - name: A\n    value: a # mine\n  - name: B\n    value: b\n",
			"spec: {env: [{name: B, value: b}]}\n",
			"spec:\n  env:\n  - name: B\n    value: b\n",
		},
		{
			"kustomize has no comments", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", kustomize,
			"spec:\n  env:\n  - name: A\n    value: a # mine\n  - name: B\n    value: b\n",
			"spec: {env: [{name: B, value: b}]}\n",
			"spec:\n  env:\n  - name: B\n    value: b\n",
		},
	} {
		t.Run(test.says, func(t *testing.T) {
			there := test.kind + test.mark + test.there
			list := &resourcelist.List{Items: []*resourcelist.Item{resourcelist.NewItem(parse(t, there))}}
			NewChanges(list, map[string]string{"teams/chat": ""}).Upsert(resourcelist.NewItem(parse(t, test.kind+meta+test.ours)), "teams/chat", &result.Reporter{})
			after := yaml.MustParse(encode(t, list.Items[0].Node()))
			if test.mark == numbered {
				if err := comments.CopyComments(yaml.MustParse(there), after); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.TrimPrefix(after.MustString(), test.kind+test.mark); got != test.wanted {
				t.Errorf("got\n%s\nwant\n%s", got, test.wanted)
			}
		})
	}
}
