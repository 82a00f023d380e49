package generators

import "testing"

// An authority that the configuration holds goes into a ConfigMap; one that it refers to stays where it is.
func TestConfigMaps(t *testing.T) {
	wantManifests(t, configMaps(planOf(t, `{domain: a.b, sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: 'https://l/r', ca: {pem: "one\ntwo\n"}}}`)),
		header("v1", "ConfigMap", "chat-sso-ca", "server")+`data:
  ca.crt: |
    one
    two
`)
	for _, ca := range []string{"{configMapKeyRef: {name: m, key: k}}", "{secretKeyRef: {name: m, key: k}}"} {
		wantManifests(t, configMaps(planOf(t, "{domain: a.b, sso: {enabled: true, clientID: c, clientSecret: s, issuerURL: 'https://l/r', ca: "+ca+"}}")), "")
	}
}
