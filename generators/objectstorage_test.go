// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"
)

func TestObjectStorage(t *testing.T) {
	wantManifests(t, objectStorage(planOf(t, "{domain: a.b}")),
		header("v1", "PersistentVolumeClaim", "chat-files", "object-storage")+`spec:
  accessModes:
  - ReadWriteOnce
  resources:
    requests:
      storage: 10Gi
`)
	wantManifests(t, objectStorage(planOf(t, "{domain: a.b, objectStorage: {inCluster: {storage: {size: 1024Mi, "+
		"storageClassName: slow}}}}")), header("v1", "PersistentVolumeClaim", "chat-files", "object-storage")+`spec:
  accessModes:
  - ReadWriteOnce
  resources:
    requests:
      storage: 1Gi
  storageClassName: slow
`)
	wantManifests(t, objectStorage(planOf(t, "{domain: a.b, objectStorage: {inCluster: {accessModes: [ReadWriteMany], "+
		"storage: {storageClassName: nfs}}}}")), header("v1", "PersistentVolumeClaim", "chat-files", "object-storage")+`spec:
  accessModes:
  - ReadWriteMany
  resources:
    requests:
      storage: 10Gi
  storageClassName: nfs
`)
	wantManifests(t, objectStorage(planOf(t, "{domain: a.b, objectStorage: {inCluster: {existingClaim: theirs}}}")), "")
	wantManifests(t, objectStorage(planOf(t, "{domain: a.b, objectStorage: {endpoint: 'https://s3', bucket: b, "+
		"existingSecret: x}}")), "")
}

// MinIO has no TLS, since no program would trust its certificates, and its pods satisfy the restricted level.
func TestMinIO(t *testing.T) {
	const keys = "accessKey: key, accessSecret: secret12"
	wantManifests(t, objectStorage(planOf(t, "{domain: a.b, objectStorage: {inCluster: {engine: minio, image: 'minio:1', "+
		keys+"}}}")),
		header("minio.min.io/v2", "Tenant", "chat-files", "object-storage")+`spec:
  image: minio:1
  imagePullPolicy: IfNotPresent
  imagePullSecret:
    name: private-registry
  configuration:
    name: chat-files-config
  buckets:
  - name: mattermost
  pools:
  - name: pool-0
    servers: 1
    volumesPerServer: 1
    volumeClaimTemplate:
      metadata:
        name: data
      spec:
        accessModes:
        - ReadWriteOnce
        resources:
          requests:
            storage: 10Gi
    resources:
      limits:
        cpu: 500m
        memory: 1Gi
      requests:
        cpu: 500m
        memory: 1Gi
    labels:
      app.kubernetes.io/name: minio
      app.kubernetes.io/version: "1"
    securityContext:
      runAsUser: 1000
      runAsGroup: 1000
      runAsNonRoot: true
      fsGroup: 1000
      seccompProfile:
        type: RuntimeDefault
    containerSecurityContext:
      capabilities:
        drop:
        - ALL
      runAsNonRoot: true
      allowPrivilegeEscalation: false
      seccompProfile:
        type: RuntimeDefault
  requestAutoCert: false
`)
}

// The servers mount the user's claim. Pods are only recreated instead of rolled if one node mounts the volume.
func TestFilesOnUsersClaim(t *testing.T) {
	for spec, want := range map[string]struct {
		claim    string
		recreate bool
	}{
		"{}":                                {"chat-files", true},
		"{existingClaim: theirs}":           {"theirs", true},
		"{accessModes: [ReadWriteOncePod]}": {"chat-files", true},
		"{accessModes: [ReadWriteMany]}":    {"chat-files", false},
		"{existingClaim: theirs, accessModes: [ReadWriteMany]}": {"theirs", false},
		"{accessModes: [ReadWriteOnce, ReadWriteMany]}":         {"chat-files", false},
	} {
		got := manifest(t, mattermost(planOf(t, "{domain: a.b, objectStorage: {inCluster: "+spec+"}}"))[0])
		if !strings.Contains(got, "volumeClaimName: "+want.claim+"\n") || strings.Contains(got, "Recreate") != want.recreate {
			t.Errorf("%s: want the claim %s, recreate %v, got\n%s", spec, want.claim, want.recreate, got)
		}
	}
}
