// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// A patch changes what the function emits and nothing else. Anyone who may write a MattermostConfig in a shared package
// must not get hold of everything in it. With an error a host writes nothing, so the package stays as it is.
func TestPatchesChangeNoOtherObject(t *testing.T) {
	const (
		binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: admins
subjects:
- {kind: Group, name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
`
		credentials = `apiVersion: v1
kind: Secret
metadata:
  name: admin-creds
  namespace: kube-system
stringData:
  password: theirs
`
	)
	for name, test := range map[string]struct{ target, patch, want string }{
		"a binding": {"Parser", `[{op: replace, path: /kind, value: ClusterRoleBinding},
			{op: replace, path: /apiVersion, value: rbac.authorization.k8s.io/v1},
			{op: replace, path: /metadata/name, value: admins}, {op: remove, path: /metadata/namespace},
			{op: replace, path: /spec, value: {}},
			{op: add, path: /subjects, value: [{kind: ServiceAccount, name: mattermost, namespace: mattermost}]}]`,
			"changes the API group of Parser mattermost-json"},
		"a Secret": {"ConfigMap", `[{op: replace, path: /kind, value: Secret},
			{op: replace, path: /metadata/name, value: admin-creds},
			{op: replace, path: /metadata/namespace, value: kube-system},
			{op: replace, path: /data, value: {password: b3Vycw==}}]`,
			"changes the kind of ConfigMap mattermost-log-redact"},
		"one of its own": {"PersistentVolumeClaim", `[{op: replace, path: /kind, value: ConfigMap},
			{op: replace, path: /metadata/name, value: mattermost-log-redact}]`,
			"changes the kind of PersistentVolumeClaim mattermost-files"},
		"the owner": {"PersistentVolumeClaim",
			`[{op: replace, path: /metadata/annotations/mattermost.bigbang.dev~1owner, value: teams/two}]`,
			"sets metadata.annotations[mattermost.bigbang.dev/owner] of PersistentVolumeClaim mattermost-files"},
		"all other variables": {"Mattermost", `{spec: {mattermostEnv: [{name: FOO, value: bar}]}}`, "spec.env"},
		"a misspelled path": {"Mattermost", `[{op: replace, path: /spec/replica, value: 7}]`,
			"operation 1 (replace) does not apply: its path exists only up to /spec"},
	} {
		for _, host := range hosts {
			t.Run(name+"/"+host.name, func(t *testing.T) {
				patch := "{target: {kind: " + test.target + "}, patch: '" + strings.Join(strings.Fields(test.patch),
					" ") + "'}"
				tree := packageWith(t, configuration("{domain: bigbang.dev, patches: ["+patch+"]}"))
				tree["binding.yaml"], tree["credentials.yaml"] = binding, credentials
				tree["kustomization.yaml"] = strings.Replace(tree["kustomization.yaml"], "resources:\n",
					"resources:\n- binding.yaml\n- credentials.yaml\n", 1)
				dir := tree.Lay(t)
				if run := host.call(t, dir).MustFail(t); !strings.Contains(run.Stderr, test.want) {
					t.Errorf("want %q in\n%s", test.want, run.Stderr)
				}
				harness.ReadTree(t, dir).MustEqual(t, tree)
			})
		}
	}
}

// kustomize itself accepts a replace of a path that does not exist. docs/rules.md says so (MM053).
func TestKustomizeAcceptsAReplaceOfNothing(t *testing.T) {
	built := harness.KustomizeBuild(t, harness.Tree{
		"kustomization.yaml": "resources: [c.yaml]\npatches:\n- target: {kind: ConfigMap}\n" +
			"  patch: '- {op: replace, path: /data/new, value: x}'\n",
		"c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {old: x}\n",
	}.Lay(t)).MustSucceed(t).Stdout
	if !strings.Contains(built, "new: x") {
		t.Errorf("kustomize refuses it now, as we do:\n%s", built)
	}
}
