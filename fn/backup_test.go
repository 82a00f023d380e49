// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// testdata/backups/built-in.yaml is the output of commit 440495e, which used CloudNativePG's own code for backups. It
// stays until the configuration chooses the plugin, which then archives into the same directory.
func TestUpgradeOfBackups(t *testing.T) {
	before, err := os.ReadFile("testdata/backups/built-in.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const cluster, scheduled, store = "Cluster teams/chat-db", "ScheduledBackup teams/chat-db",
		"ObjectStore teams/chat-backups"
	const archive = "destinationPath: s3://files/postgresql\n"

	kept := run(string(before))
	if kept.exit != 0 || !strings.Contains(kept.errors, "Cluster chat-db, which is among the resources, keeps them") {
		t.Fatalf("exit %d, got %s", kept.exit, kept.errors)
	}
	wantIn(t, kept.out, cluster, []string{"barmanObjectStore:\n", archive, "serverName: chat-db\n"}, "plugins:")
	wantIn(t, kept.out, scheduled, []string{"method: barmanObjectStore\n"}, "pluginConfiguration")
	if item(t, kept.out, store) != "" {
		t.Error("an ObjectStore is emitted")
	}
	equal(t, "the second run's output", run(kept.out).out, kept.out)

	for _, output := range []string{string(before), kept.out} {
		moved := run(strings.Replace(output, "backup: {}", "backup: {method: plugin}", 1))
		if moved.exit != 0 || strings.Contains(moved.errors, "warning") {
			t.Fatalf("exit %d, got %s", moved.exit, moved.errors)
		}
		wantIn(t, moved.out, cluster, []string{"isWALArchiver: true\n", "barmanObjectName: chat-backups\n",
			"serverName: chat-db\n"},
			"backup:")
		wantIn(t, moved.out, scheduled, []string{"method: plugin\n", "name: barman-cloud.cloudnative-pg.io\n"})
		wantIn(t, moved.out, store, []string{archive, "retentionPolicy: 30d\n"})
		equal(t, "the second run's output", run(moved.out).out, moved.out)
		// Once moved, the plugin stays without a method too.
		stays := run(strings.Replace(moved.out, "{method: plugin}", "{}", 1))
		equal(t, "the Cluster", item(t, stays.out, cluster), item(t, moved.out, cluster))

		// A Cluster that is no longer needed keeps its archive: without its ObjectStore it would not be managed anymore.
		handedOver := run(strings.Replace(moved.out, "database: {inCluster: {instances: 3, backup: {method: plugin}}}",
			"database: {existingSecret: outside}", 1))
		if handedOver.exit != 0 {
			t.Fatalf("exit %d, got %s", handedOver.exit, handedOver.errors)
		}
		for _, id := range []string{cluster, scheduled, store} {
			wantIn(t, handedOver.out, id, []string{"mattermost.bigbang.dev/retained-from: teams/chat\n"}, "managed-by")
		}
	}
}

// wantIn fails the test unless an object of the list contains all the parts, and none of the others.
func wantIn(t *testing.T, list, id string, has []string, hasNot ...string) {
	t.Helper()
	text := item(t, list, id)
	for _, part := range has {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not contain %q:\n%s", id, part, text)
		}
	}
	for _, part := range hasNot {
		if strings.Contains(text, part) {
			t.Errorf("%s contains %q:\n%s", id, part, text)
		}
	}
}

// withDatabase returns the configuration with a database in the cluster that has the given fields, in YAML.
func withDatabase(fields string) string {
	return smallest + "  database: {inCluster: {" + fields + "}}\n  objectStorage: {endpoint: 'https://s3.example.com', " +
		"bucket: files, existingSecret: keys}\n"
}

// rerun runs the function on earlier output with another configuration.
func rerun(t *testing.T, earlier []string, config string) outcome {
	t.Helper()
	next := slices.Clone(earlier)
	next[1] = inKpt(t, config)[1]
	return run(list("", next...))
}

const restoreImage = "image: ghcr.io/cloudnative-pg/postgresql:17.6-standard-bookworm, "

// A restore over a Cluster that exists is refused. To another name it keeps the existing Cluster with its archive, and
// what was restored stays the same when the field is removed.
func TestRestore(t *testing.T) {
	const cluster, restored = "Cluster teams/chat-db", "Cluster teams/chat-db-2"
	first := rendered(t, withDatabase(restoreImage+"backup: {}"))
	over := rerun(t, first, withDatabase(restoreImage+"backup: {serverName: other}, recover: {from: chat-db}"))
	if over.exit != 1 || !strings.Contains(over.errors, "error: spec.database.inCluster.recover: "+cluster+
		": CloudNativePG fills a database only when it creates it, and this one exists") {
		t.Errorf("exit %d, got %s", over.exit, over.errors)
	}
	const target = "recover: {from: chat-db, targetTime: '2026-11-20T02:30:00Z'}"
	r := rerun(t, first, withDatabase(restoreImage+"name: chat-db-2, backup: {}, "+target))
	if r.exit != 0 || !strings.Contains(r.errors, cluster+" is kept, because it contains the database") {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	wantIn(t, r.out, restored, []string{
		"bootstrap:\n    recovery:\n      source: origin\n      database: mattermost\n      owner: mattermost\n" +
			"      recoveryTarget:\n        targetTime: \"2026-11-20T02:30:00Z\"\n",
		"barmanObjectName: chat-backups\n        serverName: chat-db\n", // from
		"barmanObjectName: chat-backups\n      serverName: chat-db-2\n", // to
		"imageName: ghcr.io/cloudnative-pg/postgresql:17.6-standard-bookworm\n",
	}, "initdb")
	wantIn(t, r.out, cluster, []string{"retained-from: teams/chat\n", "barmanObjectName: chat-backups\n"})
	wantIn(t, r.out, "ScheduledBackup teams/chat-db", []string{"retained-from: teams/chat\n"})
	wantIn(t, r.out, "ObjectStore teams/chat-backups", []string{"owner: teams/chat\n"})
	wantIn(t, r.out, "Mattermost teams/chat", []string{"name: chat-db-2-app\n", "chat-db-2-rw:5432/"}, "chat-db-app")
	equal(t, "the second run's output", run(r.out).out, r.out)

	done := rerun(t, items(t, r.out), withDatabase(restoreImage+"name: chat-db-2, backup: {}"))
	if done.exit != 0 {
		t.Fatalf("exit %d, got %s", done.exit, done.errors)
	}
	wantIn(t, done.out, restored, []string{"initdb:\n      database: mattermost\n", "serverName: chat-db-2\n"}, "origin")
	changed := rerun(t, items(t, r.out), withDatabase(restoreImage+"name: chat-db-2, backup: {}, recover: {from: old}"))
	if changed.exit != 1 || !strings.Contains(changed.errors, "error: spec.database.inCluster.recover: "+restored) {
		t.Errorf("exit %d, got %s", changed.exit, changed.errors)
	}
	// Without backups the archive of the Cluster that was handed over stays described.
	off := rerun(t, items(t, done.out), withDatabase(restoreImage+"name: chat-db-2"))
	if off.exit != 0 {
		t.Fatalf("exit %d, got %s", off.exit, off.errors)
	}
	wantIn(t, off.out, "ObjectStore teams/chat-backups", []string{"retained-from: teams/chat\n"})
}

// The plain PostgreSQL of an installation is copied into a Cluster: its network policy lets the import in, and it is
// kept with its password. The servers do not restart when the password of the import changes.
func TestImportOfThePlainDatabase(t *testing.T) {
	const policies = "  networkPolicies: {enabled: true}\n"
	first := rendered(t, withDatabase("engine: statefulset, password: Hunter2")+policies)
	config := withDatabase("import: {host: chat-db, sslMode: disable, password: Hunter2}") + policies
	r := rerun(t, first, config)
	if r.exit != 0 || !strings.Contains(r.errors, "StatefulSet teams/chat-db is kept") {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	wantIn(t, r.out, "Cluster teams/chat-db", []string{
		"import:\n        type: microservice\n        databases:\n        - mattermost\n        source:\n" +
			"          externalCluster: origin\n",
		"dbname: mattermost\n      host: chat-db\n      port: \"5432\"\n      sslmode: disable\n      user: mattermost\n" +
			"    password:\n      name: chat-database-import\n      key: password\n",
	})
	wantIn(t, r.out, "Secret teams/chat-database-import", []string{"password: SHVudGVyMg==\n"})
	wantIn(t, r.out, "NetworkPolicy teams/chat-allow-import-from-database", []string{
		"- key: cnpg.io/cluster\n", "- chat-db\n"})
	wantIn(t, r.out, "Service teams/chat-db", []string{"retained-from: teams/chat\n"})
	wantIn(t, r.out, "NetworkPolicy teams/chat-allow-servers-to-database", []string{"retained-from: teams/chat\n"})
	equal(t, "the second run's output", run(r.out).out, r.out)

	other := rerun(t, items(t, r.out), strings.Replace(config, "Hunter2", "Hunter3", 1))
	if other.exit != 0 {
		t.Fatalf("exit %d, got %s", other.exit, other.errors)
	}
	const server = "Mattermost teams/chat"
	equal(t, "the Mattermost resource", item(t, other.out, server), item(t, r.out, server))

	empty := rendered(t, withDatabase(""))
	over := rerun(t, empty, config)
	if over.exit != 1 || !strings.Contains(over.errors, "error: spec.database.inCluster.import: Cluster teams/chat-db: ") {
		t.Errorf("exit %d, got %s", over.exit, over.errors)
	}
}
