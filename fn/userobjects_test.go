// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"encoding/base64"
	"strings"
	"testing"
)

// A user's object keeps what data depends on, whatever the configuration says. Of what contradicts the configuration
// otherwise nothing stays. Each difference is a warning that names the field, and no value that may be a secret. The
// second run changes nothing.
func TestUserObjects(t *testing.T) {
	const (
		statefulSet = "  database: {inCluster: {engine: statefulset, password: abc}}\n"
		minIO       = "  objectStorage: {inCluster: {engine: minio, accessKey: abcdefgh, accessSecret: abcdefgh}}\n"
		asksFor     = ", which MattermostConfig teams/chat asks for: "
		requires    = " to the value that MattermostConfig teams/chat requires. "
		keptAsItIs  = " is kept as it is, although MattermostConfig teams/chat asks for another value: "
	)
	mattermost := func(spec string) string {
		return "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\nmetadata: {name: chat, namespace: " +
			"teams}\n" +
			"spec:\n  " + strings.ReplaceAll(spec, "\n", "\n  ") + "\n"
	}
	cluster := func(spec string) string {
		return "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: chat-db, namespace: " +
			"teams}\nspec:\n  " +
			strings.ReplaceAll(spec, "\n", "\n  ") + "\n"
	}
	claim := func(spec string) string {
		return "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: chat-files, namespace: teams}\nspec:\n " +
			" " +
			strings.ReplaceAll(spec, "\n", "\n  ") + "\n"
	}
	set := func(spec string) string {
		return "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: chat-db, namespace: teams}\nspec:\n  " +
			strings.ReplaceAll(spec, "\n", "\n  ") + "\n"
	}
	for _, test := range []struct {
		name, config, object string
		has, lacks           []string // of the object afterwards
		warnings             []string // without the object in front
	}{
		{
			name: "a Cluster that is being restored", object: cluster("instances: 3\nstorage: {size: 900Gi}\n" +
				"bootstrap: {recovery: {source: old}}\nexternalClusters: [{name: old}]"),
			has: []string{"instances: 3\n", "storage: {size: 900Gi}\n", "bootstrap: {recovery: {source: old}}\n",
				"externalClusters: [{name: old}]\n", "max_connections: \"500\"\n"},
			lacks: []string{"initdb"},
			warnings: []string{
				`spec.instances stays "3" instead of "1"` + asksFor + "CloudNativePG deletes a removed replica " +
					"together with " +
					"its volume. Set spec.database.inCluster.instances to 3",
				`spec.storage.size stays "900Gi" instead of "10Gi"` + asksFor + "a volume cannot shrink. " +
					"Set spec.database.inCluster.storage.size to 900Gi",
				`spec.bootstrap stays "recovery with database app and owner app" instead of "initdb with database mattermost ` +
					`and owner mattermost"` + asksFor + "CloudNativePG accepts one method, which created the " +
					"database. " +
					"Set spec.database.database and spec.database.username to those of the database",
			},
		},
		{
			name: "a Cluster that is larger, another class", object: cluster("instances: 1\nstorage: {size: 10240Mi, " +
				"storageClass: old}\n" +
				"imageName: ghcr.io/cloudnative-pg/postgresql:17.6\nbootstrap: {initdb: {database: mattermost, " +
				"owner: mattermost, encoding: UTF8}}"),
			config: "  database: {inCluster: {image: 'ghcr.io/cloudnative-pg/postgresql:18.1', " +
				"storage: {storageClassName: new}}}\n",
			has: []string{"size: 10240Mi", "storageClass: old", "encoding: UTF8", "imageName: " +
				"ghcr.io/cloudnative-pg/postgresql:17.6"},
			warnings: []string{
				`spec.storage.storageClass stays "old" instead of "new"` + asksFor + "the class of a volume cannot " +
					"change. " +
					"Set spec.database.inCluster.storage.storageClassName to old",
				`spec.imageName stays "ghcr.io/cloudnative-pg/postgresql:17.6" instead of ` +
					`"ghcr.io/cloudnative-pg/postgresql:18.1"` + asksFor + "it decides which PostgreSQL reads the " +
					"data. " +
					"Set spec.database.inCluster.image to ghcr.io/cloudnative-pg/postgresql:17.6",
			},
		},
		{
			name: "a Mattermost resource with keys in the host of the object storage", object: mattermost(
				"fileStore: {external: {url: 'https://KEY:CANARY@s3.example.com', bucket: files, secret: keys}}"),
			config:   "  objectStorage: {endpoint: 'https://s3.example.com', bucket: files, existingSecret: keys}\n",
			has:      []string{"url: s3.example.com, "},
			warnings: []string{`spec.fileStore.external.url is changed from "https://***@s3.example.com" to `},
		},
		{
			name: "a Cluster without a class", object: cluster("instances: 1\nstorage: {size: 10Gi}\nbackup: " +
				"{barmanObjectStore: {destinationPath: 's3://theirs'}}"),
			config: "  database: {inCluster: {storage: {storageClassName: new}, backup: {}}}\n" +
				"  objectStorage: {region: us-gov-west-1, bucket: bbb, existingSecret: s3}\n",
			has:   []string{"backup: {barmanObjectStore: {destinationPath: 's3://theirs'}}\n"},
			lacks: []string{"storageClass"},
			warnings: []string{
				`spec.storage.storageClass stays unset instead of "new"` + asksFor + "the class of a volume cannot " +
					"change. " +
					"Remove the value from the configuration",
				"spec.backup" + keptAsItIs + "backups and the archive of the write-ahead log are there. " +
					"Remove spec.database.inCluster.backup, or describe the same backup",
			},
		},
		{
			name: "a claim", object: claim("accessModes: [ReadWriteMany]\nresources: {requests: {storage: 500Gi}}"),
			has: []string{"accessModes: [ReadWriteMany]\n", "storage: 500Gi"}, lacks: []string{"ReadWriteOnce"},
			warnings: []string{
				`spec.accessModes stays "[ReadWriteMany]" instead of "[ReadWriteOnce]"` + asksFor + "the access " +
					"modes of a claim " +
					"cannot change. Set spec.objectStorage.inCluster.accessModes to [ReadWriteMany]",
				`spec.resources.requests.storage stays "500Gi" instead of "10Gi"` + asksFor + "a volume cannot " +
					"shrink. " +
					"Set spec.objectStorage.inCluster.storage.size to 500Gi",
			},
		},
		{
			name: "a claim of the same size", object: claim("accessModes: [ReadWriteOnce]\nresources: {requests: " +
				"{storage: 10240Mi}}"),
			has: []string{"storage: 10240Mi"},
		},
		{
			name: "a StatefulSet of another chart", config: statefulSet,
			object: set("serviceName: pg-headless\nselector: {matchLabels: {app: pg}}\ntemplate:\n  metadata: " +
				"{labels: {app: pg}}\n  spec:\n" +
				"    securityContext: {runAsUser: 1001}\n    containers:\n    - name: pg\n      image: " +
				"bitnami/postgresql:15\n" +
				"volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 100Gi}}}}]"),
			has: []string{"serviceName: pg-headless\n", "selector: {matchLabels: {app: pg}}\n", "runAsUser: 1001",
				"- name: pg\n",
				"storage: 100Gi", "app.kubernetes.io/name: postgresql"},
			lacks: []string{"PGDATA", "name: postgresql\n      image", "storage: 10Gi"},
			warnings: []string{
				`spec.serviceName stays "pg-headless" instead of "chat-db"` + asksFor + "the Service of a " +
					"StatefulSet cannot change. " +
					"To keep the other value, set it in the configuration, or rename the object",
				"spec.selector" + keptAsItIs + "the selector of a StatefulSet cannot change. " +
					"To keep the other value, set it in the configuration, or rename the object",
				"spec.template.spec.containers" + keptAsItIs + "a second PostgreSQL on the same volume would damage " +
					"the data. " +
					"To keep the other value, set it in the configuration, or rename the object",
				"spec.template.spec.securityContext" + keptAsItIs + "its user must be able to read the data. " +
					"To keep the other value, set it in the configuration, or rename the object",
				`spec.volumeClaimTemplates stays `,
			},
		},
		{
			name: "a StatefulSet with the data in another directory", config: statefulSet,
			object: set("template:\n  spec:\n    containers:\n    - name: postgresql\n      args: [-c, " +
				"work_mem=1GB]\n      env:\n      - {name: " +
				"PGDATA, value: /data/pg}\n" +
				"      - {name: POSTGRES_USER, value: CANARY}\n      - {name: POSTGRES_PASSWORD, value: CANARY}\n    " +
				"  - {name: POSTGRES_DB, value: mattermost}"),
			has: []string{"{name: PGDATA, value: /data/pg}", "{name: POSTGRES_USER, value: CANARY}", "{name: " +
				"POSTGRES_PASSWORD, value: CANARY}"},
			warnings: []string{
				`spec.template.spec.containers.env[PGDATA] stays `,
				"spec.template.spec.containers.args is changed" + requires + "To keep the other value, describe it " +
					"in spec.patches",
				"spec.template.spec.containers.env[POSTGRES_USER]" + keptAsItIs + initOnly + ". Set " +
					"spec.database.username to the same value",
				"spec.template.spec.containers.env[POSTGRES_PASSWORD]" + keptAsItIs + initOnly +
					". Set spec.database.inCluster.password to the same value",
			},
		},
		{
			name: "a Tenant", config: minIO,
			object: "apiVersion: minio.min.io/v2\nkind: Tenant\nmetadata: {name: chat-files, namespace: " +
				"teams}\nspec:\n" +
				"  pools: [{name: p, servers: 4, volumesPerServer: 4}]\n  buckets: [{name: theirs}]\n  " +
				"requestAutoCert: true\n",
			has: []string{"pools: [{name: p, servers: 4, volumesPerServer: 4}]\n", "{name: theirs}, {name: mattermost}",
				"requestAutoCert: false\n"},
			warnings: []string{
				"spec.pools" + keptAsItIs + "its volumes have the files. Set spec.objectStorage.inCluster.storage to " +
					"the same value",
				`spec.requestAutoCert is changed from "true" to "false", which MattermostConfig teams/chat requires. ` +
					"To keep the other value, describe it in spec.patches",
			},
		},
		{
			name: "an ExternalSecret", config: "  database: {host: db.example.com, password: {externalSecret: " +
				"{store: {name: vault}, " +
				"key: chat, property: db}}}\n",
			object: "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: chat-database, " +
				"namespace: teams}\n" +
				"spec:\n  secretStoreRef: {name: theirs, kind: SecretStore}\n  data:\n  - {secretKey: mine, " +
				"remoteRef: {key: mine}}\n" +
				"  - {secretKey: password, remoteRef: {key: theirs, property: db}}\n",
			has: []string{"{secretKey: mine, remoteRef: {key: mine}}", "remoteRef: {key: chat, property: db, "},
			warnings: []string{
				`spec.secretStoreRef.name is changed from "theirs" to "vault", which MattermostConfig teams/chat requires. ` +
					"To keep the other value, describe it in the store of the externalSecret",
				`spec.data.remoteRef.key is changed from "theirs" to "chat", which MattermostConfig teams/chat requires. ` +
					"To keep the other value, describe it in the key of the externalSecret",
			},
		},
		{
			name: "a Namespace", config: "  namespace: {create: true}\n",
			object: "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: teams\n  labels: " +
				"{pod-security.kubernetes.io/enforce: privileged}\n",
			has: []string{"pod-security.kubernetes.io/enforce: privileged"},
			warnings: []string{
				`metadata.labels.pod-security.kubernetes.io/enforce stays "privileged" instead of "restricted"` + asksFor +
					"other pods of the namespace may need it. To keep the other value, describe it in " +
					"spec.namespace.labels",
			},
		},
		{
			name: "a Mattermost resource with a size and other servers", object: mattermost("size: 1000users\n" +
				"elasticSearch: {host: 'https://es:9200', username: elastic, password: CANARY}\njobServer: " +
				"{dedicatedJobServer: true}\n" +
				"useServiceLoadBalancer: true\npodTemplate: {command: [sh, -c, CANARY]}\ndeploymentTemplate: " +
				"{deploymentStrategyType: RollingUpdate}\n" +
				"replicas: 4"),
			has: []string{"replicas: 1"}, lacks: []string{"size", "elasticSearch", "jobServer",
				"useServiceLoadBalancer", "command: [sh", "deploymentTemplate"},
			warnings: []string{
				"spec.size is removed, because with it the operator overrides the generated replicas and resources, " +
					"and could start " +
					"several servers on one volume. To keep the other value, describe it in spec.users",
				"spec.elasticSearch is removed, because the operator writes its password in clear text into the " +
					"Deployment, and its " +
					"variables contradict the generated ones. To keep the other value, describe it in " +
					"spec.elasticsearch",
				"spec.jobServer is removed, because ", "spec.useServiceLoadBalancer is removed, because ",
				"spec.podTemplate.command is removed, because ", "spec.deploymentTemplate is removed, because ",
				`spec.replicas is changed from "4" to "1", which MattermostConfig teams/chat requires. ` +
					"To keep the other value, describe it in spec.replicas",
			},
		},
		{
			name: "a Mattermost resource with another database in its environment", config: "  database: " +
				"{existingSecret: mattermost-db}\n",
			object: mattermost("mattermostEnv:\n- {name: MM_CONFIG, value: 'postgres://u:CANARY@h/d'}\n- {name: " +
				"PGPASSWORD, value: CANARY}\n" +
				"- {name: MM_SQLSETTINGS_DRIVERNAME, value: mysql}\n- {name: MM_SERVICESETTINGS_SITEURL, value: " +
				"'https://CANARY.example.com'}\n" +
				"- {name: MM_LOGSETTINGS_CONSOLEJSON, value: \"true\"}\n- {name: MM_LOGSETTINGS_CONSOLEJSON, value: " +
				"\"false\"}\n" +
				"- {name: MM_FILESETTINGS_DRIVERNAME, value: amazons3}\n- {name: MINE, value: CANARY}"),
			has: []string{"{name: MINE, value: CANARY}", "name: MM_SERVICESETTINGS_SITEURL, value: " +
				"'https://chat.example.com'"},
			lacks: []string{"MM_CONFIG, value", "{name: PGPASSWORD", "MM_SQLSETTINGS_DRIVERNAME", "amazons3",
				"CONSOLEJSON, value: \"false\""},
			warnings: []string{
				"spec.mattermostEnv[MM_CONFIG] is removed, because it would make the server use another database " +
					"than the one that " +
					"is configured, waited for and backed up. To keep the other value, describe it in spec.database",
				"spec.mattermostEnv[PGPASSWORD] is removed, because ",
				"spec.mattermostEnv[MM_SQLSETTINGS_DRIVERNAME] is removed, because ",
				"spec.mattermostEnv[MM_FILESETTINGS_DRIVERNAME] is removed, because it would make the server use " +
					"another file " +
					"store than the configured one. To keep the other value, describe it in spec.objectStorage",
				"spec.mattermostEnv[MM_SERVICESETTINGS_SITEURL] is changed" + requires +
					"To keep the other value, describe it in spec.settings or spec.env",
				"spec.mattermostEnv[MM_LOGSETTINGS_CONSOLEJSON] is changed" + requires,
			},
		},
		{
			name: "a Mattermost resource with the variables of the default database", object: mattermost(
				"mattermostEnv:\n- {name: MM_CONFIG, value: 'postgres://u:CANARY@h/d'}\n- {name: PGUSER, value: " +
					"CANARY}"),
			has:   []string{"name: MM_CONFIG, value: 'postgres://chat-db-rw:5432/mattermost?sslmode=require'"},
			lacks: []string{"CANARY"},
			warnings: []string{
				"spec.mattermostEnv[MM_CONFIG] is changed" + requires + "To keep the other value, describe it in " +
					"spec.database",
				"spec.mattermostEnv[PGUSER] is changed" + requires + "To keep the other value, describe it in " +
					"spec.database",
			},
		},
		{
			name: "a Mattermost resource with other probes and arguments", object: mattermost(
				"probes: {readinessProbe: {exec: {command: [\"true\"]}}, livenessProbe: {tcpSocket: {port: 8065}, " +
					"periodSeconds: 3}}\n" +
					"podExtensions: {initContainers: [{name: wait-for-database, args: [CANARY]}]}"),
			lacks: []string{"exec:", "tcpSocket", "CANARY"}, has: []string{"httpGet"},
			warnings: []string{
				`spec.probes.livenessProbe is changed from "tcpSocket" to "httpGet", which MattermostConfig teams/chat requires. ` +
					"To keep the other value, describe it in spec.patches",
				`spec.probes.readinessProbe is changed from "exec" to "httpGet", which MattermostConfig teams/chat requires. `,
			},
		},
		{
			name: "a Mattermost resource with patches of its own", object: mattermost("resourcePatch: {deployment: " +
				"{patch: '[]'}, service: {patch: '[]'}}"),
			has: []string{"service: {patch: '[]'}", "startupProbe"},
			warnings: []string{"spec.resourcePatch.deployment.patch is changed" + requires +
				"To keep the other value, describe it in spec.patches"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := smallest + test.config
			r := run(list("", test.object, config))
			if r.exit != 0 {
				t.Fatalf("exit %d, got %s", r.exit, r.errors)
			}
			after := items(t, r.out)[0]
			for _, text := range test.has {
				if !strings.Contains(after, text) {
					t.Errorf("%q is not in\n%s", text, after)
				}
			}
			for _, text := range test.lacks {
				if strings.Contains(after, text) {
					t.Errorf("%q is in\n%s", text, after)
				}
			}
			warnings := 0
			for line := range strings.Lines(r.errors) {
				if strings.Contains(line, ": warning: ") && !strings.HasPrefix(line, "MattermostConfig ") {
					warnings++
				}
			}
			for _, want := range test.warnings {
				if !strings.Contains(r.errors, " teams/chat: "+want) && !strings.Contains(r.errors, ": "+want) {
					t.Errorf("%s\nis not in\n%s", want, r.errors)
				}
			}
			if warnings != len(test.warnings) {
				t.Errorf("%d warnings instead of %d:\n%s", warnings, len(test.warnings), r.errors)
			}
			if strings.Contains(r.errors, "CANARY") {
				t.Errorf("a message contains a secret:\n%s", r.errors)
			}
			again := run(r.out)
			if again.exit != 0 || strings.Contains(again.errors, "are merged into it") {
				t.Errorf("the second run: %s", again.errors)
			}
			equal(t, "the second run's output", again.out, r.out)
		})
	}
}

// initOnly is why variables of PostgreSQL's image stay.
const initOnly = "PostgreSQL's image reads it only for an empty volume"

// A user's Secret gets the keys that it lacks. A key with another value is an error that names the key and not the
// value, and nothing changes: the Secret may be the only copy.
func TestUserSecrets(t *testing.T) {
	const connection = "postgres://chat-db-rw:5432/mattermost?sslmode=require"
	encoded := base64.StdEncoding.EncodeToString([]byte(connection))
	const differs = "MattermostConfig teams/chat: error: metadata.name: Secret teams/chat-database is not managed by " +
		"mattermost-fn, and its keys DB_CONNECTION_STRING have other values than those that MattermostConfig " +
		"teams/chat " +
		"generates. They are not overwritten, because they may be the only copies. Refer to the Secret in the " +
		"configuration " +
		"(existingSecret or secretKeyRef), rename it, or remove these keys from it\n"
	for _, test := range []struct{ name, fields, want, errors string }{
		{"other keys", "stringData: {other: CANARY}\n", "stringData: {other: CANARY}\ndata:\n  " +
			"DB_CONNECTION_STRING: " + encoded + "\n", ""},
		{"no keys", "", "data:\n  DB_CONNECTION_STRING: " + encoded + "\n", ""},
		{"the same value", "stringData: {DB_CONNECTION_STRING: '" + connection + "'}\n", "stringData: " +
			"{DB_CONNECTION_STRING: '" + connection + "'}\n", ""},
		{
			"the same value, encoded and folded", "data:\n  DB_CONNECTION_STRING: >-\n    " + encoded[:20] + "\n   " +
				" " + encoded[20:] + "\n",
			"data:\n  DB_CONNECTION_STRING: >-\n    " + encoded[:20] + " " + encoded[20:] + "\n", "",
		},
		{"an empty value", "stringData: {DB_CONNECTION_STRING: ''}\n", "data:\n  " +
			"DB_CONNECTION_STRING: " + encoded + "\n", ""},
		{"another value", "stringData: {DB_CONNECTION_STRING: 'postgres://real:CANARY@db.example.com/mm', other: " +
			"stays}\n", "", differs},
		{"another encoded value", "data: {DB_CONNECTION_STRING: Q0FOQVJZ}\n", "", differs},
		{"a value from a merge key", "stringData: {<<: {DB_CONNECTION_STRING: CANARY}}\n", "", differs},
		{"a value that is not base64", "data: {DB_CONNECTION_STRING: 'CANARY!'}\n", "", differs},
		{"the generated value in data, another one in stringData, which counts",
			"data: {DB_CONNECTION_STRING: " + encoded + "}\nstringData: {DB_CONNECTION_STRING: CANARY}\n", "", differs},
		{"an encrypted value", "data: {DB_CONNECTION_STRING: 'ENC[AES256_GCM,data:CANARY]'}\nsops: {mac: x}\n", "",
			differs},
		{"an immutable Secret", "immutable: true\ndata: {other: Q0FOQVJZ}\n", "",
			"MattermostConfig teams/chat: error: metadata.name: Secret teams/chat-database is not managed by " +
				"mattermost-fn and " +
				"is immutable: the keys that MattermostConfig teams/chat generates cannot be added. Refer to the " +
				"Secret in the " +
				"configuration (existingSecret or secretKeyRef), rename it, or replace it by a mutable one\n"},
		{"encrypted other keys", "data: {other: 'ENC[AES256_GCM,data:CANARY]'}\nsops: {mac: x}\n", "",
			"MattermostConfig teams/chat: error: metadata.name: Secret teams/chat-database is not managed by " +
				"mattermost-fn and is " +
				"encrypted with SOPS: adding keys that MattermostConfig teams/chat generates would make it " +
				"unreadable, because SOPS " +
				"authenticates all values together. Refer to the Secret in the configuration (existingSecret or " +
				"secretKeyRef), " +
				"rename it, or decrypt it before the function runs\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: chat-database, namespace: teams}\ntype: " +
				"Opaque\n" + test.fields
			input := list("", secret, smallest)
			r := run(input)
			equal(t, "the errors", errorLines(r), test.errors)
			if strings.Contains(r.errors, "CANARY") {
				t.Errorf("a message contains the value:\n%s", r.errors)
			}
			after := items(t, r.out)[0]
			if test.errors != "" {
				equal(t, "the Secret", after, items(t, input)[0])
				if len(items(t, r.out)) != 2 {
					t.Errorf("the list has changed:\n%s", r.out)
				}
				return
			}
			_, fields, _ := strings.Cut(after, "\nmetadata:")
			_, fields, _ = strings.Cut(fields, "\n")
			equal(t, "the Secret", fields, "type: Opaque\n"+test.want)
		})
	}
}
