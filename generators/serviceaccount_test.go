// SPDX-License-Identifier: Apache-2.0

package generators

import "testing"

// A ServiceAccount is emitted only for a role; otherwise the operator creates its own.
func TestServiceAccount(t *testing.T) {
	wantManifests(t, serviceAccount(planOf(t, "{domain: a.b, objectStorage: {region: us-gov-west-1, bucket: b, roleARN: "+
		"'arn:aws-us-gov:iam::1:role/r'}}")),
		`apiVersion: v1
kind: ServiceAccount
metadata:
  name: chat
  namespace: teams
  labels:
    app.kubernetes.io/component: server
    app.kubernetes.io/instance: chat
    app.kubernetes.io/managed-by: mattermost-fn
    app.kubernetes.io/name: mattermost
    app.kubernetes.io/part-of: mattermost
    app.kubernetes.io/version: 11.10.0
  annotations:
    eks.amazonaws.com/role-arn: arn:aws-us-gov:iam::1:role/r
    mattermost.bigbang.dev/owner: teams/chat
`)
	for _, spec := range []string{
		"{domain: a.b}",
		"{domain: a.b, objectStorage: {endpoint: 'https://s3', bucket: b, existingSecret: x}}",
		"{domain: a.b, objectStorage: {inCluster: {engine: minio, accessKey: key, accessSecret: secret12}}}",
	} {
		wantManifests(t, serviceAccount(planOf(t, spec)), "")
	}
}
