// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

const twoObjects = `apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata:
  name: chat
  namespace: teams
  labels:
    app.kubernetes.io/managed-by: mattermost-fn
  annotations:
    mattermost.bigbang.dev/owner: teams/chat
spec:
  replicas: 1
  image: i
  mattermostEnv:
  - name: A
    value: "on"
---
apiVersion: v1
kind: Service
metadata:
  name: chat-gossip
  namespace: teams
spec:
  clusterIP: None
  ports:
  - port: 8074
    name: tcp-gossip
`

func TestPatch(t *testing.T) {
	target := func(kind string) *types.Selector {
		return &types.Selector{ResId: resid.ResId{Gvk: resid.Gvk{Kind: kind}}}
	}
	for name, test := range map[string]struct {
		patch types.Patch
		// new replaces old in the objects.
		old, new string
		wrong    string
	}{
		"strategic merge by name": {
			patch: types.Patch{Patch: "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: " +
				"{name: " +
				"chat, namespace: teams}\nspec: {replicas: 0}\n"},
			old: "replicas: 1", new: "replicas: 0",
		},
		"strategic merge by target": {
			patch: types.Patch{Patch: "apiVersion: v1\nkind: Service\nmetadata: {name: any}\nspec: {clusterIP: " +
				"10.0.0.1}\n",
				Target: target("Service")},
			old: "clusterIP: None", new: "clusterIP: 10.0.0.1",
		},
		// kustomize has no merge keys for the lists of a custom resource, so it replaces them.
		"strategic merge of a custom resource's list": {
			patch: types.Patch{Patch: "spec:\n  mattermostEnv:\n  - name: A\n    value: b\n  - name: B\n",
				Target: &types.Selector{ResId: resid.ResId{Gvk: resid.Gvk{Kind: "Matter.*"}, Name: "chat"}}},
			old: "    value: \"on\"\n", new: "    value: b\n  - name: B\n",
		},
		"strategic merge that drops an entry of a list": {
			patch: types.Patch{Patch: "spec:\n  mattermostEnv:\n  - name: B\n    value: zqx-secret\n",
				Target: target("Mattermost")},
			wrong: "replaces the list spec.mattermostEnv of Mattermost chat as a whole, which would drop A; " +
				"write your entries in spec.env instead, or add with a JSON 6902 patch " +
				"({op: add, path: /spec/mattermostEnv/-, value: …}). To drop entries on purpose, use JSON 6902",
		},
		"strategic merge of a list with merge keys": {
			patch: types.Patch{Patch: "spec:\n  ports:\n  - port: 8075\n    name: more\n", Target: target("Service")},
			old:   "  ports:\n", new: "  ports:\n  - port: 8075\n    name: more\n",
		},
		"strategic merge with a directive": {
			patch: types.Patch{Patch: "spec:\n  ports:\n  - port: 8074\n    $patch: delete\n  - port: 1\n",
				Target: target("Service")},
			old: "  - port: 8074\n    name: tcp-gossip\n", new: "  - port: 1\n",
		},
		"the list is removed on purpose": {
			patch: types.Patch{Patch: "- {op: replace, path: /spec/mattermostEnv, value: [{name: B}]}",
				Target: target("Mattermost")},
			old: "  - name: A\n    value: \"on\"\n", new: "  - name: B\n",
		},
		"JSON 6902": {
			patch: types.Patch{Patch: "- {op: replace, path: /spec/image, value: other}\n",
				Target: target("Mattermost")},
			old: "image: i", new: "image: other",
		},
		"a name that no object has": {
			patch: types.Patch{Patch: "apiVersion: v1\nkind: Service\nmetadata: {name: zqx, namespace: teams}\n"},
			wrong: "matches none of the emitted objects (Mattermost chat, Service chat-gossip)",
		},
		"a target that matches nothing": {
			patch: types.Patch{Patch: "- {op: remove, path: /spec}", Target: target("Deployment")},
			wrong: "matches none of the emitted objects (Mattermost chat, Service chat-gossip)",
		},
		"a patch without namespace": {
			patch: types.Patch{Patch: "apiVersion: v1\nkind: Service\nmetadata: {name: chat-gossip}\n"},
			wrong: "does not match Service chat-gossip, which is in a namespace: add metadata.namespace: teams, " +
				"or select it with target: {kind: Service}",
		},
		"a patch for another namespace": {
			patch: types.Patch{Patch: "apiVersion: v1\nkind: Service\nmetadata: {name: chat-gossip, namespace: zqx}\n"},
			wrong: "does not match Service chat-gossip: its namespace is teams",
		},
		"a patch for another apiVersion": {
			patch: types.Patch{Patch: "apiVersion: zqx\nkind: Mattermost\nmetadata: {name: chat, namespace: teams}\n"},
			wrong: "does not match Mattermost chat: its apiVersion is installation.mattermost.com/v1beta1",
		},
		"a misspelled kind": {
			patch: types.Patch{Patch: "- {op: remove, path: /spec}", Target: target("service")},
			wrong: "matches none of the emitted objects (Mattermost chat, Service chat-gossip); did you mean kind Service?",
		},
		"JSON 6902 without a target": {
			patch: types.Patch{Patch: "- {op: remove, path: /spec}"},
			wrong: "a JSON 6902 patch requires a target, such as {kind: Mattermost}",
		},
		"a path that does not exist": {
			patch: types.Patch{Patch: "- {op: replace, path: /spec/zqx/y, value: zqx-secret}",
				Target: target("Mattermost")},
			wrong: "Mattermost chat: operation 1 (replace) does not apply: its path exists only up to /spec",
		},
		"another kind": {
			patch: types.Patch{Patch: "- {op: replace, path: /kind, value: zqx}", Target: target("Mattermost")},
			wrong: "changes the kind of Mattermost chat, which would make it another object; " +
				"write an object of your own next to the configuration instead",
		},
		"another group": {
			patch: types.Patch{Patch: "- {op: replace, path: /apiVersion, value: zqx/v1}",
				Target: target("Mattermost")},
			wrong: "changes the API group of Mattermost chat, which would make it another object; " +
				"write an object of your own next to the configuration instead",
		},
		"another version of the group": {
			patch: types.Patch{Patch: "- {op: replace, path: /apiVersion, value: installation.mattermost.com/v2}",
				Target: target("Mattermost")},
			old: "installation.mattermost.com/v1beta1", new: "installation.mattermost.com/v2",
		},
		"another name": {
			patch: types.Patch{Patch: "- {op: replace, path: /metadata/name, value: zqx}",
				Target: target("Mattermost")},
			wrong: "changes the name of Mattermost chat, which would make it another object; " +
				"write an object of your own next to the configuration instead",
		},
		"no namespace": {
			patch: types.Patch{Patch: "- {op: remove, path: /metadata/namespace}", Target: target("Mattermost")},
			wrong: "changes the namespace of Mattermost chat, which would make it another object; " +
				"write an object of your own next to the configuration instead",
		},
		"another object": {
			patch: types.Patch{Patch: "- {op: replace, path: '', value: {apiVersion: v1, kind: Secret, metadata: " +
				"{name: zqx}}}",
				Target: target("Mattermost")},
			wrong: "changes the API group of Mattermost chat, which would make it another object; " +
				"write an object of your own next to the configuration instead",
		},
		"another owner": {
			patch: types.Patch{Patch: "- {op: replace, path: /metadata/annotations/mattermost.bigbang.dev~1owner, " +
				"value: zqx}",
				Target: target("Mattermost")},
			wrong: "sets metadata.annotations[mattermost.bigbang.dev/owner] of Mattermost chat, by which later runs " +
				"recognize " +
				"what they manage; a patch may only remove it, which makes the object yours",
		},
		"another owner by strategic merge": {
			patch: types.Patch{Patch: "metadata: {annotations: {mattermost.bigbang.dev/owner: zqx}}",
				Target: target("Mattermost")},
			wrong: "sets metadata.annotations[mattermost.bigbang.dev/owner] of Mattermost chat, by which later runs " +
				"recognize " +
				"what they manage; a patch may only remove it, which makes the object yours",
		},
		"ownership of an object without it": {
			patch: types.Patch{Patch: "metadata: {labels: {app.kubernetes.io/managed-by: mattermost-fn}}",
				Target: target("Service")},
			wrong: "sets metadata.labels[app.kubernetes.io/managed-by] of Service chat-gossip, by which later runs " +
				"recognize " +
				"what they manage; a patch may only remove it, which makes the object yours",
		},
		"ownership is removed": {
			patch: types.Patch{Patch: "- {op: remove, path: /metadata/annotations/mattermost.bigbang.dev~1owner}",
				Target: target("Mattermost")},
			old: "  annotations:\n    mattermost.bigbang.dev/owner: teams/chat\n", new: "  annotations: {}\n",
		},
		"the result is not an object": {
			patch: types.Patch{Patch: "- {op: replace, path: /metadata, value: zqx-secret}",
				Target: target("Mattermost")},
			wrong: "Mattermost chat is not a valid object after the patch: apiVersion, " +
				"kind and metadata.name must be strings, metadata.labels and metadata.annotations must be mappings " +
				"with string values",
		},
		"invalid annotations": {
			patch: types.Patch{Patch: "- {op: add, path: /metadata/annotations, value: {replicas: 2}}",
				Target: target("Service")},
			wrong: "Service chat-gossip is not a valid object after the patch: apiVersion, " +
				"kind and metadata.name must be strings, metadata.labels and metadata.annotations must be mappings " +
				"with string values",
		},
		"not a patch": {
			patch: types.Patch{Patch: "zqx-secret", Target: target("Mattermost")},
			wrong: "must be a strategic merge patch (an object with apiVersion, kind and metadata.name) or a JSON " +
				"6902 patch " +
				"(a list of {op, path, value})",
		},
	} {
		t.Run(name, func(t *testing.T) {
			objects, err := kio.FromBytes([]byte(twoObjects))
			if err != nil {
				t.Fatal(err)
			}
			patcher := NewPatcher(objects)
			err = patcher.Apply(test.patch)
			if test.wrong != "" {
				if err == nil || err.Error() != test.wrong {
					t.Fatalf("got %v, want %s", err, test.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := encodeAll(t, patcher.Objects()), strings.Replace(twoObjects, test.old, test.new,
				1); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func encodeAll(t *testing.T, objects []*yaml.RNode) string {
	t.Helper()
	var out strings.Builder
	for i, object := range objects {
		if i > 0 {
			out.WriteString("---\n")
		}
		out.WriteString(object.MustString())
	}
	return out.String()
}

// The cost of a patch does not depend on the number of patches. Three thousand took minutes when each one converted the
// whole object; now they take a second.
func TestManyPatches(t *testing.T) {
	const n = 3000
	for form, patches := range manyPatches(n) {
		objects, err := kio.FromBytes([]byte(twoObjects))
		if err != nil {
			t.Fatal(err)
		}
		patcher := NewPatcher(objects)
		started := fntest.CPUTime()
		for _, patch := range patches {
			if err := patcher.Apply(patch); err != nil {
				t.Fatal(err)
			}
		}
		if spent := fntest.CPUTime() - started; spent > 20*time.Second {
			t.Errorf("%d patches (%s) took %v of CPU time", n, form, spent)
		}
		if got := len(patcher.Objects()[0].GetAnnotations()); got != n+1 {
			t.Errorf("%s: got %d annotations, want %d", form, got, n+1)
		}
	}
}
