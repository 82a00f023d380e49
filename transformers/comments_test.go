// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/comments"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// kpt calls kyaml's CopyComments on the output of a function. It must not copy a comment to another element.
func TestCommentsStayWithTheirElement(t *testing.T) {
	const (
		withID = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, " +
			"annotations: {mattermost.bigbang.dev/owner: teams/chat, internal.config.kubernetes.io/id: '7', " +
			"config.k8s.io/id: '7'}}\n"
		kustomize = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, " +
			"annotations: {mattermost.bigbang.dev/owner: teams/chat, internal.config.kubernetes.io/id: '7', " +
			"kustomize.config.k8s.io/id: '7'}}\n"
		withoutID = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, " +
			"annotations: {mattermost.bigbang.dev/owner: teams/chat}}\n"
		meta = "metadata: {name: chat, namespace: teams, labels: {app.kubernetes.io/managed-by: mattermost-fn}, " +
			"annotations: {mattermost.bigbang.dev/owner: teams/chat}}\n"
	)
	for _, test := range []struct {
		name, kind, metadata        string
		existing, generated, wanted string
	}{
		{
			"an element is inserted before one with comments",
			"apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", withID,
			"spec:\n  env:\n  # why\n  - name: B # kpt-set: ${b}\n    value: b # kpt-set: ${value}\n    # below\n",
			"spec:\n  env:\n  - name: A\n    value: a\n  - name: B\n    value: c\n",
			"spec:\n  env:\n  #\n  - name: A #\n    value: a #\n    #\n  # why\n  - name: B # kpt-set: ${b}\n    value: " +
				"c # kpt-set: ${value}\n    # below\n",
		},
		{
			"an element with comments is removed", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", withID,
			"spec:\n  env:\n  - name: A\n    value: a # kpt-set: ${a}\n  - name: B\n    value: b\n",
			"spec: {env: [{name: B, value: b}]}\n",
			"spec:\n  env:\n  - name: B\n    value: b #\n",
		},
		{
			"an element is appended: no empty comments", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n",
			withID,
			"spec:\n  replicas: 1 # kpt-set: ${replicas}\n  env:\n  - name: A\n    value: a # kpt-set: ${a}\n",
			"spec:\n  replicas: 2\n  env: [{name: A, value: b}, {name: B, value: b}]\n",
			"spec:\n  replicas: 2 # kpt-set: ${replicas}\n  env:\n  - name: A\n    value: b # kpt-set: " +
				"${a}\n  - {name: B, value: b}\n",
		},
		{
			"kyaml matches scalars in a list by value", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n",
			withID,
			"spec:\n  hosts:\n  - b # kpt-set: ${b}\n",
			"spec: {hosts: [a, b]}\n",
			"spec:\n  hosts:\n  - a # kpt-set: ${b}\n  - b\n",
		},
		{
			"a kind whose merge keys kpt knows", "apiVersion: v1\nkind: Service\n", withID,
			"spec:\n  ports:\n  - port: 2 # kpt-set: ${two}\n    name: two\n",
			"spec:\n  ports:\n  - port: 1\n    name: one\n  - port: 2\n    name: two\n",
			"spec:\n  ports:\n  - port: 1 #\n    name: one\n  - port: 2 # kpt-set: ${two}\n    name: two\n",
		},
		{
			"without an id kpt copies nothing", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", withoutID,
			"spec:\n  env:\n  - name: A\n    value: a # mine\n  - name: B\n    value: b\n",
			"spec: {env: [{name: B, value: b}]}\n",
			"spec:\n  env:\n  - name: B\n    value: b\n",
		},
		{
			"kustomize does not keep comments", "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n", kustomize,
			"spec:\n  env:\n  - name: A\n    value: a # mine\n  - name: B\n    value: b\n",
			"spec: {env: [{name: B, value: b}]}\n",
			"spec:\n  env:\n  - name: B\n    value: b\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			existing := test.kind + test.metadata + test.existing
			list := &resourcelist.List{Items: []*resourcelist.Item{resourcelist.NewItem(parse(t, existing))}}
			generated := resourcelist.NewItem(parse(t, test.kind+meta+test.generated))
			changes := NewChanges(list, resourcelist.NewIndex(list), ReadOwners(list), []Configuration{{Owner: "teams/chat"}})
			changes.Upsert(generated, "teams/chat", &result.Reporter{})
			changes.apply()
			after := yaml.MustParse(encode(t, list.Items[0].Node()))
			if test.metadata == withID {
				if err := comments.CopyComments(yaml.MustParse(existing), after); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.TrimPrefix(after.MustString(), test.kind+test.metadata); got != test.wanted {
				t.Errorf("got\n%s\nwant\n%s", got, test.wanted)
			}
		})
	}
}
