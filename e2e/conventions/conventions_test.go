// SPDX-License-Identifier: Apache-2.0

package conventions

import (
	"slices"
	"testing"
)

const mark = "labels: {app.kubernetes.io/managed-by: mattermost-fn}, annotations: {mattermost.bigbang.dev/owner: a/b}"

func TestCheck(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
	}{
		"well-mannered": {"{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b, " + mark + "}}", nil},
		"cluster-wide":  {"{apiVersion: v1, kind: Namespace, metadata: {name: b, " + mark + "}}", nil},
		"two documents, one of them the user's": {"{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b, " + mark +
			"}}\n---\n" +
			"{apiVersion: v1, kind: Secret, metadata: {name: mine, namespace: b}}", nil},
		"empty": {"", []string{"no object carries the owner's mark: did the function run at all?"}},
		"no namespace": {"{apiVersion: v1, kind: Secret, metadata: {name: a, " + mark + "}}",
			[]string{"v1 Secret /a: has no namespace"}},
		"twice": {"{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b, " + mark + "}}\n---\n{apiVersion: v1, " +
			"kind: Secret, metadata: {name: a, namespace: b}}",
			[]string{"v1 Secret b/a: is there twice"}},
		"left-overs": {"{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: b, creationTimestamp: null, labels: " +
			"{app.kubernetes.io/managed-by: mattermost-fn}, " +
			"annotations: {mattermost.bigbang.dev/owner: a/b, config.kubernetes.io/index: '0'}}, spec: {containers: " +
			"[null]}, status: {}}",
			[]string{
				"v1 Pod b/a: has a status",
				"v1 Pod b/a: keeps the annotation config.kubernetes.io/index",
				"v1 Pod b/a: .metadata.creationTimestamp is there",
				"v1 Pod b/a: .metadata.creationTimestamp is null",
				"v1 Pod b/a: .spec.containers[0] is null",
			}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Check(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
