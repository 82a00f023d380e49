// SPDX-License-Identifier: Apache-2.0

package generators

import "testing"

// Secrets have encoded data: a key that is removed from stringData would remain in the cluster.
func TestSecrets(t *testing.T) {
	wantManifests(t, secrets(planOf(t, "{domain: a.b, database: {existingSecret: x}, sso: {enabled: true, clientID: c, "+
		"clientSecret: hunter2, issuerURL: 'https://l/r'}, enterprise: {enabled: true, license: eyJ}}")),
		header("v1", "Secret", "chat-license", "license")+`data:
  license: ZXlK
type: Opaque
---
`+header("v1", "Secret", "chat-sso", "sso")+`data:
  client-secret: aHVudGVyMg==
type: Opaque
`)
	wantManifests(t, secrets(planOf(t, "{domain: a.b, database: {existingSecret: x}}")), "")
}
