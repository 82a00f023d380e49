// SPDX-License-Identifier: Apache-2.0

package generators

import "testing"

// One server has no budget, which would prevent its node from being drained.
func TestPodDisruptionBudget(t *testing.T) {
	const two = "domain: a.b, replicas: 2, enterprise: {enabled: true, license: x}"
	wantManifests(t, podDisruptionBudget(planOf(t, "{"+two+"}")),
		header("policy/v1", "PodDisruptionBudget", "chat", "server")+`spec:
  selector:
    matchLabels:
      app: mattermost
      installation.mattermost.com/installation: chat
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
`)
	wantManifests(t, podDisruptionBudget(planOf(t, "{"+two+", availability: {enabled: false}}")), "")
	wantManifests(t, podDisruptionBudget(planOf(t, "{domain: a.b, availability: {enabled: true}}")), "")
}
