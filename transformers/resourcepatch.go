// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// podFields are the fields of spec.pod in the configuration that are set by the operations of the Deployment's patch,
// by the last part of the path.
var podFields = map[string]string{
	"priorityClassName": "spec.pod.priorityClassName", "runtimeClassName": "spec.pod.runtimeClassName",
	"terminationGracePeriodSeconds": "spec.pod.terminationGracePeriodSeconds", "hostAliases": "spec.pod.hostAliases",
	"dnsConfig": "spec.pod.dnsConfig", "envFrom": "spec.pod.envFrom", "lifecycle": "spec.pod.lifecycle",
	"topologySpreadConstraints": "spec.pod.topologySpreadConstraints",
}

// checkDeploymentPatch returns an error if the user's patch replaced the operator's patch of the Deployment, which is
// one string, by one without the generated operations, such as the strategy Recreate: a rolling update would wait
// forever for the volume. An operation with the path of a generated one replaces it. The operator ignores the whole
// patch if an operation is invalid, and reports that only in the resource's status (mattermost-operator 1.25.9).
func (o *patchedObject) checkDeploymentPatch() error {
	if o.id.Kind != "Mattermost" {
		return nil
	}
	path := deploymentPatchPath
	before := resourcelist.Text(resourcelist.Field(o.generated, path...))
	after := resourcelist.Text(resourcelist.Field(o.node.YNode(), path...))
	if before == after || before == "" || after == "" { // removed on purpose
		return nil
	}
	generated, err := parseJSONPatch(before)
	if err != nil {
		return nil //nolint:nilerr // not generated
	}
	theirs, err := parseJSONPatch(after)
	if err != nil {
		return fmt.Errorf("writes a patch into %s of %s that the operator ignores: it %w", strings.Join(path, "."), o, err)
	}
	var dropped []string
	jobServer := HasJobServer(o.node.YNode())
	for _, operation := range generated {
		if jobServer && isProbe(operation.path) {
			continue // which must not reach the job server
		}
		if isPodMetadata(operation.path) {
			continue // without it the pods work all the same
		}
		if !theirs.changes(operation.path) {
			dropped = append(dropped, "/"+strings.Join(operation.path, "/"))
		}
	}
	if len(dropped) == 0 {
		return nil
	}
	var fields []string
	for _, operation := range theirs {
		if len(operation.path) > 0 && podFields[operation.path[len(operation.path)-1]] != "" {
			fields = append(fields, podFields[operation.path[len(operation.path)-1]])
		}
	}
	advice := "copy these operations into it"
	if len(fields) > 0 {
		slices.Sort(fields)
		advice = "set " + strings.Join(slices.Compact(fields), ", ") + " instead, or " + advice
	}
	return fmt.Errorf("replaces %s of %s, which is one string, and drops the generated operations for %s; %s",
		strings.Join(path, "."), o, strings.Join(dropped, ", "), advice)
}

// deploymentPatchPath is the field with the operator's patch of the Deployments: that of the servers, and that of a
// dedicated job server, if there is one (mattermost-operator 1.25.9).
var deploymentPatchPath = []string{"spec", "resourcePatch", "deployment", "patch"}

// HasJobServer reports whether a Mattermost resource asks for a dedicated job server.
func HasJobServer(mattermost *yaml.Node) bool {
	return resourcelist.Text(resourcelist.Field(mattermost, "spec", "jobServer", "dedicatedJobServer")) == "true"
}

// ProbesJobServer reports whether the operator's patch in a Mattermost resource would give a probe to a dedicated job
// server. The operator removes the probes that the resource has fields for, since a job server serves no HTTP, but then
// applies the patch (pkg/mattermost/mattermost_v1beta.go, GenerateJobServerDeploymentV1Beta).
func ProbesJobServer(mattermost *yaml.Node) bool {
	operations, err := parseJSONPatch(resourcelist.Text(resourcelist.Field(mattermost, deploymentPatchPath...)))
	return err == nil && slices.ContainsFunc(operations, func(o operation) bool {
		return isProbe(o.path) && (o.op == "add" || o.op == "replace")
	})
}

// isProbe reports whether an operation of the operator's patch concerns a probe of the server's container.
func isProbe(path []string) bool {
	const depth = 6 // spec, template, spec, containers, 0, startupProbe
	return len(path) == depth && path[3] == "containers" && path[4] == "0" && strings.HasSuffix(path[5], "Probe")
}

// isPodMetadata reports whether an operation of the operator's patch concerns a label or annotation of the pods.
func isPodMetadata(path []string) bool {
	const depth = 5 // spec, template, metadata, labels, app.kubernetes.io/version
	return len(path) == depth && path[2] == "metadata"
}

// changes reports whether an operation of the patch has the path.
func (p jsonPatch) changes(path []string) bool {
	return slices.ContainsFunc(p, func(o operation) bool { return slices.Equal(o.path, path) && o.op != "test" })
}
