// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const twoObjects = `apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata:
  name: chat
  namespace: teams
spec:
  replicas: 1
  mattermostEnv:
  - name: A
    value: "on"
  image: i
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
			patch: types.Patch{Patch: "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: " +
				"chat, namespace: teams}\nspec: {replicas: 0}\n"},
			old: "replicas: 1", new: "replicas: 0",
		},
		"strategic merge by target": {
			patch: types.Patch{Patch: "apiVersion: v1\nkind: Service\nmetadata: {name: any}\nspec: {clusterIP: 10.0.0.1}\n",
				Target: target("Service")},
			old: "clusterIP: None", new: "clusterIP: 10.0.0.1",
		},
		// kustomize has no merge keys for the lists of a custom resource, so it replaces them.
		"strategic merge of a custom resource's list": {
			patch: types.Patch{Patch: "spec:\n  mattermostEnv:\n  - name: B\n    value: b\n",
				Target: &types.Selector{ResId: resid.ResId{Gvk: resid.Gvk{Kind: "Matter.*"}, Name: "chat"}}},
			old: "  - name: A\n    value: \"on\"\n", new: "  - name: B\n    value: b\n",
		},
		"JSON 6902": {
			patch: types.Patch{Patch: "- {op: replace, path: /spec/image, value: other}\n", Target: target("Mattermost")},
			old:   "image: i", new: "image: other",
		},
		"a name that no object has": {
			patch: types.Patch{Patch: "apiVersion: v1\nkind: Service\nmetadata: {name: zqx, namespace: teams}\n"},
			wrong: "matches none of the emitted objects (Mattermost chat, Service chat-gossip)",
		},
		"a target that matches nothing": {
			patch: types.Patch{Patch: "- {op: remove, path: /spec}", Target: target("Deployment")},
			wrong: "matches none of the emitted objects (Mattermost chat, Service chat-gossip)",
		},
		"JSON 6902 without a target": {
			patch: types.Patch{Patch: "- {op: remove, path: /spec}"},
			wrong: "a JSON 6902 patch requires a target, such as {kind: Mattermost}",
		},
		"a path that does not exist": {
			patch: types.Patch{Patch: "- {op: replace, path: /spec/zqx/y, value: zqx-secret}", Target: target("Mattermost")},
			wrong: "an operation does not apply to Mattermost chat: its path does not exist there, or the operation is invalid",
		},
		"the result is not an object": {
			patch: types.Patch{Patch: "- {op: replace, path: /metadata, value: zqx-secret}", Target: target("Mattermost")},
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
			wrong: "must be a strategic merge patch (an object with apiVersion, kind and metadata.name) or a JSON 6902 patch " +
				"(a list of {op, path, value})",
		},
	} {
		t.Run(name, func(t *testing.T) {
			objects, err := kio.FromBytes([]byte(twoObjects))
			if err != nil {
				t.Fatal(err)
			}
			patched, err := Patch(objects, test.patch)
			if test.wrong != "" {
				if err == nil || err.Error() != test.wrong {
					t.Fatalf("got %v, want %s", err, test.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := encodeAll(t, patched), strings.Replace(twoObjects, test.old, test.new, 1); got != want {
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
