// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// A patch that replaces the operator's patch of the Deployment must keep its operations, or replace each of them.
func TestDeploymentPatchIsKept(t *testing.T) {
	const startup = `{"op": "add", "path": "/spec/template/spec/containers/0/startupProbe", "value": {}}`
	const recreate = `{"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}}`
	const object = "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: chat}\nspec:\n" +
		"  resourcePatch: {deployment: {patch: '[" + startup + ", " + recreate + "]'}}\n"
	const high = `{"op": "add", "path": "/spec/template/spec/priorityClassName", "value": "high"}`
	replace := func(value string) string {
		return "- {op: replace, path: /spec/resourcePatch/deployment/patch, value: '" + value + "'}\n"
	}
	for name, test := range map[string]struct{ patch, want string }{
		"a field": {replace("[" + high + "]"), "replaces spec.resourcePatch.deployment.patch of Mattermost chat, which is " +
			"one string, and drops the generated operations for /spec/template/spec/containers/0/startupProbe, " +
			"/spec/strategy; set spec.pod.priorityClassName instead, or copy these operations into it"},
		"no field": {replace(`[` + startup + `, {"op": "add", "path": "/spec/paused", "value": true}]`),
			"drops the generated operations for /spec/strategy; copy these operations into it"},
		"a merge": {"apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: chat}\nspec: " +
			"{resourcePatch: {deployment: {patch: '[" + recreate + "]'}}}\n", "startupProbe; copy"},
		"an invalid one":   {replace("[" + startup + `, {"op": "ad", "path": "/a"}]`), "the operator ignores: it operation 2"},
		"none":             {"- {op: remove, path: /spec/resourcePatch}\n", ""},
		"a longer one":     {replace("[" + startup + ", " + recreate + ", " + high + "]"), ""},
		"another strategy": {replace("[" + startup + ", " + strings.ReplaceAll(recreate, "Recreate", "RollingUpdate") + "]"), ""},
		"no probe for a job server": {"- {op: add, path: /spec/jobServer, value: {dedicatedJobServer: true}}\n" +
			replace("["+recreate+"]"), ""},
		"a job server, and a rolling update": {"- {op: add, path: /spec/jobServer, value: {dedicatedJobServer: true}}\n" +
			replace("["+high+"]"), "drops the generated operations for /spec/strategy; set"},
		"the Service's as well": {"- {op: add, path: /spec/resourcePatch/service, value: {patch: '[]'}}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			node := yaml.MustParse(object)
			target := &types.Selector{ResId: resid.ResId{Gvk: resid.Gvk{Kind: "Mattermost"}}}
			if !strings.HasPrefix(test.patch, "- ") {
				target = nil
			}
			err := NewPatcher([]*yaml.RNode{node}).Apply(types.Patch{Patch: test.patch, Target: target})
			if got := errorText(err); (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
