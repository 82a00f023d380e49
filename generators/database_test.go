// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"maps"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

// An external database, or one in an existing Secret, is not emitted.
func TestNoDatabase(t *testing.T) {
	wantManifests(t, database(planOf(t, "{domain: a.b, database: {host: db, password: p}}")), "")
	wantManifests(t, database(planOf(t, "{domain: a.b, database: {existingSecret: x}}")), "")
}

const clusterStart = `spec:
  instances: 1
  imageName: registry1.dso.mil/ironbank/opensource/postgres/postgresql:17.10
  imagePullSecrets:
  - name: private-registry
  postgresUID: 1001
  postgresGID: 1001
  postgresql:
    parameters:
      max_connections: "500"
  bootstrap:
`

const clusterEnd = `    initdb:
      database: mattermost
      owner: mattermost
  storage:
    size: 10Gi
  resources:
    limits:
      cpu: 500m
      memory: 1Gi
    requests:
      cpu: 500m
      memory: 1Gi
  inheritedMetadata:
    labels:
      app.kubernetes.io/version: "17"
      sidecar.istio.io/inject: "false"
    annotations:
      sidecar.istio.io/inject: "false"
`

func TestCloudNativePG(t *testing.T) {
	head := header("postgresql.cnpg.io/v1", "Cluster", "chat-db", "database")
	wantManifests(t, database(planOf(t, "{domain: a.b}")), head+clusterStart+clusterEnd)
	wantManifests(t, database(planOf(t, "{domain: a.b, database: {inCluster: {instances: 3, image: 'pg:18', storage: "+
		"{size: 2048Gi, storageClassName: fast}}, username: u, database: d}}")), head+`spec:
  instances: 3
  imageName: pg:18
  imagePullSecrets:
  - name: private-registry
  postgresql:
    parameters:
      max_connections: "500"
  bootstrap:
`+strings.NewReplacer("database: mattermost", "database: d", "owner: mattermost", "owner: u", "size: 10Gi\n",
		"size: 2Ti\n    storageClass: fast\n", `"17"`, `"18"`).Replace(clusterEnd))
}

// Backups are stored in the object storage, with its keys or with a role.
func TestBackups(t *testing.T) {
	withKeys := "{domain: a.b, database: {inCluster: {backup: {METHOD}}}, objectStorage: {endpoint: " +
		"'https://s3.example.com:9000', bucket: b, pathPrefix: chat/, existingSecret: keys}}"
	const destination = `destinationPath: s3://b/chat/postgresql
endpointURL: https://s3.example.com:9000
s3Credentials:
  accessKeyId:
    name: keys
    key: accesskey
  secretAccessKey:
    name: keys
    key: secretkey
wal:
  compression: gzip
data:
  compression: gzip
`
	cluster := header("postgresql.cnpg.io/v1", "Cluster", "chat-db", "database") + clusterStart + clusterEnd
	scheduled := header("postgresql.cnpg.io/v1", "ScheduledBackup", "chat-db", "database") + `spec:
  schedule: 0 0 2 * * *
  backupOwnerReference: cluster
  cluster:
    name: chat-db
`
	const byPlugin = `  method: plugin
  pluginConfiguration:
    name: barman-cloud.cloudnative-pg.io
`
	store := header("barmancloud.cnpg.io/v1", "ObjectStore", "chat-backups", "database") + "spec:\n  configuration:\n"
	const sidecar = `    resources:
      limits:
        cpu: 500m
        memory: 512Mi
      requests:
        cpu: 500m
        memory: 512Mi
`
	plugin := func(serverName string) string {
		return `  plugins:
  - name: barman-cloud.cloudnative-pg.io
    enabled: true
    isWALArchiver: true
    parameters:
      barmanObjectName: chat-backups
      serverName: ` + serverName + "\n"
	}
	wantManifests(t, database(planOf(t, strings.Replace(withKeys, "METHOD", "serverName: chat-db-2", 1))),
		store+indented("    ", destination)+`  retentionPolicy: 30d
  instanceSidecarConfiguration:
    env:
    - name: AWS_REQUEST_CHECKSUM_CALCULATION
      value: when_required
    - name: AWS_RESPONSE_CHECKSUM_VALIDATION
      value: when_required
`+sidecar+"---\n"+cluster+plugin("chat-db-2")+"---\n"+scheduled+byPlugin)
	wantManifests(t, database(planOf(t, strings.Replace(withKeys, "METHOD", "method: barmanObjectStore", 1))),
		cluster+"  backup:\n    barmanObjectStore:\n"+indented("      ", destination)+`      serverName: chat-db
    retentionPolicy: 30d
---
`+scheduled+"  method: barmanObjectStore\n")
	wantManifests(t, database(planOf(t, "{domain: a.b, database: {inCluster: {backup: {schedule: 0 30 1 * * *, "+
		"retention: 14d}}}, objectStorage: {region: us-gov-west-1, bucket: b, roleARN: 'arn:aws-us-gov:iam::1:role/r'}}")),
		store+`    destinationPath: s3://b/postgresql
    endpointURL: https://s3.us-gov-west-1.amazonaws.com
    s3Credentials:
      inheritFromIAMRole: true
    wal:
      compression: gzip
    data:
      compression: gzip
  retentionPolicy: 14d
  instanceSidecarConfiguration:
`+sidecar+"---\n"+cluster+plugin("chat-db")+`  serviceAccountTemplate:
    metadata:
      annotations:
        eks.amazonaws.com/role-arn: arn:aws-us-gov:iam::1:role/r
---
`+strings.Replace(scheduled, "0 0 2", "0 30 1", 1)+byPlugin)
}

// indented returns lines with a prefix before each.
func indented(prefix, lines string) string {
	return prefix + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n"+prefix) + "\n"
}

// A database is restored from an archive or copied from another database when it is created.
func TestFilledDatabases(t *testing.T) {
	const storage = "objectStorage: {endpoint: 'https://s3.us-gov-west-1.amazonaws.com', bucket: b, existingSecret: keys}"
	for _, test := range []struct{ name, inCluster, bootstrap, external string }{
		{
			"the end of the archive", "recover: {from: chat-db}", "    recovery:\n      source: origin\n" +
				"      database: mattermost\n      owner: mattermost\n",
			"    plugin:\n      name: barman-cloud.cloudnative-pg.io\n      parameters:\n" +
				"        barmanObjectName: chat-backups\n        serverName: chat-db\n",
		},
		{
			"a backup elsewhere", "recover: {from: old, objectStore: theirs, backupID: 20261119T020000, targetImmediate: true}",
			"    recovery:\n      source: origin\n      database: mattermost\n      owner: mattermost\n" +
				"      recoveryTarget:\n        backupID: 20261119T020000\n        targetImmediate: true\n",
			"    plugin:\n      name: barman-cloud.cloudnative-pg.io\n      parameters:\n" +
				"        barmanObjectName: theirs\n        serverName: old\n",
		},
		{
			"an import", "import: {host: db.example.com, port: 5433, database: chat, username: u, sslMode: verify-full, " +
				"password: {secretKeyRef: {name: rds, key: pw}}, ca: {pem: x}}",
			"    initdb:\n      database: mattermost\n      owner: mattermost\n      import:\n        type: microservice\n" +
				"        databases:\n        - chat\n        source:\n          externalCluster: origin\n",
			"    connectionParameters:\n      dbname: chat\n      host: db.example.com\n      port: \"5433\"\n" +
				"      sslmode: verify-full\n      user: u\n    password:\n      name: rds\n      key: pw\n" +
				"    sslRootCert:\n      name: chat-database-import-ca\n      key: ca.crt\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects := database(planOf(t, "{domain: a.b, database: {inCluster: {"+test.inCluster+"}}, "+storage+"}"))
			cluster := objects[len(objects)-1] // after its ObjectStore
			_, after, _ := strings.Cut(clusterEnd, "owner: mattermost\n")
			want := header("postgresql.cnpg.io/v1", "Cluster", "chat-db", "database") + clusterStart + test.bootstrap +
				"  externalClusters:\n  - name: origin\n" + test.external + after
			if strings.Contains(test.inCluster, "recover") { // which requires an image
				want = strings.NewReplacer("  imageName: registry1.dso.mil/ironbank/opensource/postgres/postgresql:17.10\n", "",
					"  postgresUID: 1001\n  postgresGID: 1001\n", "", "      app.kubernetes.io/version: \"17\"\n", "").Replace(want)
			}
			wantManifests(t, []Object{cluster}, want)
			if hasStore := len(objects) == 2; hasStore != strings.Contains(test.external, "chat-backups") {
				t.Errorf("%d objects", len(objects))
			}
		})
	}
}

// pg_isready answered "invalid connection option" to a name with an equals sign, and the database never became ready.
func TestDatabaseArgument(t *testing.T) {
	for name, want := range map[string]string{
		"mattermost":        "mattermost",
		"two words":         "two words",
		"a=b":               "dbname='a=b'",
		`o'brien\=`:         `dbname='o\'brien\\='`,
		"postgres://a/b":    "dbname='postgres://a/b'",
		"postgresql://a/b":  "dbname='postgresql://a/b'",
		"my postgres://a/b": "my postgres://a/b",
	} {
		if got := databaseArgument(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// The plain PostgreSQL has its own name and no version in the labels, since the version is that of Mattermost.
func TestStatefulSet(t *testing.T) {
	head := func(apiVersion, kind string) string {
		return strings.NewReplacer("name: mattermost\n", "name: postgresql\n", "    app.kubernetes.io/version: 11.10.0\n",
			"").Replace(header(apiVersion, kind, "chat-db", "database"))
	}
	probe := func(period, failures string) string {
		return `          exec:
            command:
            - pg_isready
            - --username
            - mattermost
            - --dbname
            - mattermost
          timeoutSeconds: 5
          periodSeconds: ` + period + `
          failureThreshold: ` + failures + `
`
	}
	wantManifests(t, database(planOf(t, "{domain: a.b, profile: community, database: {inCluster: {engine: statefulset, "+
		"password: p, storage: {storageClassName: local}}}}")), head("v1", "Service")+`spec:
  ports:
  - name: tcp-postgresql
    protocol: TCP
    port: 5432
    targetPort: postgresql
  selector:
    app.kubernetes.io/instance: chat
    app.kubernetes.io/name: postgresql
  clusterIP: None
  type: ClusterIP
---
`+head("apps/v1", "StatefulSet")+`spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/instance: chat
      app.kubernetes.io/name: postgresql
  template:
    metadata:
      labels:
        app.kubernetes.io/component: database
        app.kubernetes.io/instance: chat
        app.kubernetes.io/managed-by: mattermost-fn
        app.kubernetes.io/name: postgresql
        app.kubernetes.io/part-of: mattermost
        sidecar.istio.io/inject: "false"
    spec:
      volumes:
      - name: run
        emptyDir: {}
      containers:
      - name: postgresql
        image: docker.io/library/postgres:18.4
        args:
        - -c
        - max_connections=500
        ports:
        - name: postgresql
          containerPort: 5432
          protocol: TCP
        env:
        - name: POSTGRES_USER
          value: mattermost
        - name: POSTGRES_DB
          value: mattermost
        - name: POSTGRES_PASSWORD
          valueFrom:
            secretKeyRef:
              name: chat-database
              key: POSTGRES_PASSWORD
        - name: PGDATA
          value: /var/lib/postgresql/data/pgdata
        resources:
          limits:
            cpu: 500m
            memory: 1Gi
          requests:
            cpu: 500m
            memory: 1Gi
        volumeMounts:
        - name: data
          mountPath: /var/lib/postgresql/data
        - name: run
          mountPath: /var/run/postgresql
        livenessProbe:
`+probe("10", "6")+`        readinessProbe:
`+probe("5", "6")+`        startupProbe:
`+probe("5", "60")+`        imagePullPolicy: IfNotPresent
        securityContext:
          capabilities:
            drop:
            - ALL
          runAsNonRoot: true
          allowPrivilegeEscalation: false
          seccompProfile:
            type: RuntimeDefault
      securityContext:
        runAsUser: 999
        runAsGroup: 999
        runAsNonRoot: true
        fsGroup: 999
        seccompProfile:
          type: RuntimeDefault
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes:
      - ReadWriteOnce
      resources:
        requests:
          storage: 10Gi
      storageClassName: local
  serviceName: chat-db
`)
}

// In the profile bigbang the pods have the version of PostgreSQL as a label, which no selector contains. Pods stay out
// of the mesh by a label, which a namespace that does not inject makes unnecessary.
func TestStatefulSetInBigBang(t *testing.T) {
	set := database(planOf(t,
		"{domain: a.b, database: {inCluster: {engine: statefulset, password: p}}}"))[1].(*appsv1.StatefulSet)
	labels, context := set.Spec.Template.Labels, set.Spec.Template.Spec.SecurityContext
	if labels["app.kubernetes.io/version"] != "18.3" || labels["sidecar.istio.io/inject"] != "false" {
		t.Errorf("labels of the pods: %v", labels)
	}
	if *context.RunAsUser != 1001 || *context.RunAsGroup != 1001 || *context.FSGroup != 1001 {
		t.Errorf("the pods run as user %d and group %d, with group %d for files", *context.RunAsUser, *context.RunAsGroup,
			*context.FSGroup)
	}
	outside := database(planOf(t, "{domain: a.b, route: {type: none}, namespace: {create: true}, database: {inCluster: "+
		"{engine: statefulset, password: p}}}"))[1].(*appsv1.StatefulSet)
	if label, ok := outside.Spec.Template.Labels["sidecar.istio.io/inject"]; ok {
		t.Errorf("without a mesh the pods have the label %s", label)
	}
	want := map[string]string{"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": "chat"}
	if got := set.Spec.Selector.MatchLabels; !maps.Equal(got, want) {
		t.Errorf("the selector cannot change, and is %v instead of %v", got, want)
	}
}

// Parameters, the user of the image and the Secret of the role, for both engines.
func TestDatabaseOptions(t *testing.T) {
	const options = "parameters: {work_mem: 16MB, log_min_duration_statement: 500ms}, userID: 1001"
	clusterText, err := Manifest(database(planOf(t, "{domain: a.b, users: 5000, database: {inCluster: {existingSecret: "+
		"mine, "+
		options+"}}}"))[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"  postgresUID: 1001\n  postgresGID: 1001\n",
		"      log_min_duration_statement: 500ms\n      max_connections: \"500\"\n      shared_buffers: 4096MB\n" +
			"      work_mem: 16MB\n",
		"      owner: mattermost\n      secret:\n        name: mine\n", "memory: 16Gi\n",
	} {
		if !strings.Contains(string(clusterText), part) {
			t.Errorf("%q is not in\n%s", part, clusterText)
		}
	}
	restored := database(planOf(t, "{domain: a.b, database: {inCluster: {existingSecret: mine, recover: {from: old, "+
		"objectStore: theirs}}}}"))
	if text, err := Manifest(restored[0]); err != nil || !strings.Contains(string(text),
		"      owner: mattermost\n      secret:\n        name: mine\n") {
		t.Errorf("error %v, got\n%s", err, text)
	}
	plain := database(planOf(t, "{domain: a.b, database: {inCluster: {engine: statefulset, password: p, "+options+"}}}"))
	set := plain[1].(*appsv1.StatefulSet).Spec.Template.Spec
	want := []string{"-c", "log_min_duration_statement=500ms", "-c", "max_connections=500", "-c", "work_mem=16MB"}
	if !slices.Equal(set.Containers[0].Args, want) || *set.SecurityContext.RunAsUser != 1001 {
		t.Errorf("got %q as user %d", set.Containers[0].Args, *set.SecurityContext.RunAsUser)
	}
}
