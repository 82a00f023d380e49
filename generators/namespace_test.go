// SPDX-License-Identifier: Apache-2.0

package generators

import "testing"

// Labels of the configuration override the standard labels, but not the ownership metadata.
func TestNamespace(t *testing.T) {
	wantManifests(t, namespace(planOf(t, `{domain: a.b, istio: {injection: true}, namespace: {
    create: true,
    labels: {team: x, app.kubernetes.io/part-of: y, app.kubernetes.io/managed-by: Helm},
    annotations: {note: z, mattermost.bigbang.dev/owner: other}}}`)), `apiVersion: v1
kind: Namespace
metadata:
  name: teams
  labels:
    app.kubernetes.io/component: namespace
    app.kubernetes.io/instance: chat
    app.kubernetes.io/managed-by: mattermost-fn
    app.kubernetes.io/name: mattermost
    app.kubernetes.io/part-of: "y"
    app.kubernetes.io/version: 11.10.0
    istio-injection: enabled
    pod-security.kubernetes.io/enforce: restricted
    team: x
  annotations:
    mattermost.bigbang.dev/owner: teams/chat
    note: z
spec: {}
`)
	wantManifests(t, namespace(planOf(t, "{domain: a.b, namespace: {labels: {team: x}}}")), "")
}
