// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"
)

// secretLabels returns the labels of a Secret that External Secrets creates. They contain no ownership metadata, so the
// function never changes the Secret.
func secretLabels(component string) string {
	return `        labels:
          app.kubernetes.io/component: ` + component + `
          app.kubernetes.io/instance: chat
          app.kubernetes.io/name: mattermost
          app.kubernetes.io/part-of: mattermost
`
}

// A value that is used unchanged has the same key as in a Secret that the function emits.
func TestExternalSecret(t *testing.T) {
	wantManifests(t, externalSecrets(planOf(t, "{domain: a.b, database: {existingSecret: x}, enterprise: {enabled: "+
		"true, license: {externalSecret: {store: {name: vault}, key: chat, property: license}}}}")),
		header("external-secrets.io/v1", "ExternalSecret", "chat-license", "license")+`spec:
  refreshPolicy: Periodic
  refreshInterval: 1h0m0s
  secretStoreRef:
    kind: SecretStore
    name: vault
  target:
    name: chat-license
    creationPolicy: Owner
    deletionPolicy: Retain
    template:
      engineVersion: v2
      mergePolicy: Replace
      metadata:
`+secretLabels("license")+`  data:
  - secretKey: license
    remoteRef:
      key: chat
      property: license
      conversionStrategy: Default
      decodingStrategy: None
      metadataPolicy: None
`)
	wantManifests(t, externalSecrets(planOf(t, "{domain: a.b, database: {existingSecret: x}}")), "")
}

// Values of several stores in one Secret each refer to their own store.
func TestExternalSecretOfTwoStores(t *testing.T) {
	got := manifests(t, externalSecrets(planOf(t,
		`{domain: a.b, database: {existingSecret: x}, objectStorage: {endpoint: 'https://s3', bucket: b,
		accessKey: {externalSecret: {store: {name: vault}, key: chat}}, accessSecret: {externalSecret: {store: {name: aws,
		  kind: ClusterSecretStore}, key: chat}}}}`)))
	want := `  data:
  - secretKey: accesskey
    sourceRef:
      storeRef:
        kind: SecretStore
        name: vault
    remoteRef:
      key: chat
      conversionStrategy: Default
      decodingStrategy: None
      metadataPolicy: None
  - secretKey: secretkey
    sourceRef:
      storeRef:
        kind: ClusterSecretStore
        name: aws
    remoteRef:
`
	if !strings.Contains(got, want) || strings.Contains(got, "secretStoreRef") {
		t.Errorf("got\n%s\nwant it to contain\n%s", got, want)
	}
}

// A generated password is generated once: no change of the ExternalSecret generates another one.
func TestGeneratedPassword(t *testing.T) {
	wantManifests(t, externalSecrets(planOf(t, "{domain: a.b, database: {inCluster: {engine: statefulset, "+
		"generatePassword: true}}}")),
		header("generators.external-secrets.io/v1alpha1", "Password", "chat-database", "database")+`spec:
  length: 32
  digits: 8
  symbols: 0
  noUpper: false
  allowRepeat: true
  encoding: raw
---
`+header("external-secrets.io/v1", "ExternalSecret", "chat-database", "database")+`spec:
  refreshPolicy: CreatedOnce
  refreshInterval: 0s
  target:
    name: chat-database
    creationPolicy: Orphan
    deletionPolicy: Retain
    immutable: true
    template:
      engineVersion: v2
      mergePolicy: Replace
      metadata:
`+secretLabels("database")+`      data:
        DB_CONNECTION_STRING: postgres://chat-db:5432/mattermost?sslmode=disable
        POSTGRES_PASSWORD: '{{ .password }}'
  dataFrom:
  - sourceRef:
      generatorRef:
        apiVersion: generators.external-secrets.io/v1alpha1
        kind: Password
        name: chat-database
`)
}

// Plain-text secrets of the configuration are never in an ExternalSecret, whatever the other fields are.
func TestNoPlainSecretInExternalSecrets(t *testing.T) {
	p := planOf(t,
		`{domain: a.b, database: {host: db, password: {externalSecret: {store: {name: vault}, key: chat}}},
		  email: {server: s, from: a@b.c, username: u, password: HUNTER2},
		redis: {address: 'r:1', password: {externalSecret: {store: {name: vault}, key: redis}}},
		  settings: {FileSettings: {PublicLinkSalt: HUNTER2}},
		logging: {fluentBit: {outputs: [{name: a, url: 'https://e', username: u,
		  password: {externalSecret: {store: {name: vault}, key: es}}}, {name: b, url: 'https://e', username: u,
		  password: HUNTER2}]}}}`)
	if got := manifests(t, externalSecrets(p)); strings.Contains(got, "HUNTER2") ||
		strings.Count(got, "kind: ExternalSecret\n") != 3 {
		t.Errorf("got\n%s", got)
	}
	count := 0
	for _, secret := range p.Secrets {
		for _, value := range secret.Data {
			if value == "HUNTER2" {
				count++
			}
		}
		for _, external := range p.ExternalSecrets {
			if external.Name == secret.Name {
				t.Errorf("%s is written by the function and by External Secrets", secret.Name)
			}
		}
	}
	if count != 3 {
		t.Errorf("the Secrets contain the plain values %d times, want 3", count)
	}
}
