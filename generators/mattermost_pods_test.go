// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// The operator replaces annotations of scrapers if there is a license; the patch of the Deployment restores them.
func TestScrapeAnnotations(t *testing.T) {
	for license, want := range map[string]bool{"": false, "l": true} {
		p := &plan.Plan{LicenseSecret: license,
			Pod: plan.Pod{Annotations: map[string]string{"prometheus.io/scrape": "false"}}}
		patch := deploymentPatch(p).Deployment.Patch
		if strings.Contains(patch, `annotations/prometheus.io~1scrape","value":"false"`) != want {
			t.Errorf("license %q: %s", license, patch)
		}
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
