// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// The patch of the Deployment replaces annotations of the pods.
func TestAnnotationsOfTheDeployment(t *testing.T) {
	p := &plan.Plan{}
	p.Pod.Deployment.Annotations = map[string]string{"prometheus.io/scrape": "false"}
	if patch := deploymentPatch(p).Deployment.Patch; !strings.Contains(patch,
		`"path":"/spec/template/metadata/annotations/prometheus.io~1scrape","value":"false"`) {
		t.Error(patch)
	}
}

// The pods are spread by the labels that they have, also if the configuration replaces the function's.
func TestSpreadingFollowsLabels(t *testing.T) {
	p := &plan.Plan{Availability: &plan.Availability{TopologyKey: "zone"},
		Pod: plan.Pod{Labels: map[string]string{"app.kubernetes.io/instance": "blue"}}}
	if patch := deploymentPatch(p).Deployment.Patch; !strings.Contains(patch, `"app.kubernetes.io/instance":"blue"`) {
		t.Error(patch)
	}
}
