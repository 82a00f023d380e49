// SPDX-License-Identifier: Apache-2.0

package generators

import "testing"

// A certificate in the configuration is emitted in a ConfigMap; one that it refers to is not copied.
func TestConfigMaps(t *testing.T) {
	wantManifests(t,
		configMaps(planOf(t,
			`{domain: a.b, sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: 'https://l/r', ca: `+
				`{pem: "one\ntwo\n"}}}`)),
		header("v1", "ConfigMap", "chat-sso-ca", "server")+`data:
  ca.crt: |
    one
    two
`)
	for _, ca := range []string{"{configMapKeyRef: {name: m, key: k}}", "{secretKeyRef: {name: m, key: k}}"} {
		wantManifests(t, configMaps(planOf(t, "{domain: a.b, sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: "+
			"'https://l/r', ca: "+ca+"}}")), "")
	}
}
