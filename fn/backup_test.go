// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"os"
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
	wantIn := func(list, id string, has []string, hasNot ...string) {
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
	const archive = "destinationPath: s3://files/postgresql\n"

	kept := run(string(before))
	if kept.exit != 0 || !strings.Contains(kept.errors, "Cluster chat-db, which is among the resources, keeps them") {
		t.Fatalf("exit %d, got %s", kept.exit, kept.errors)
	}
	wantIn(kept.out, cluster, []string{"barmanObjectStore:\n", archive, "serverName: chat-db\n"}, "plugins:")
	wantIn(kept.out, scheduled, []string{"method: barmanObjectStore\n"}, "pluginConfiguration")
	if item(t, kept.out, store) != "" {
		t.Error("an ObjectStore is emitted")
	}
	equal(t, "the second run's output", run(kept.out).out, kept.out)

	for _, output := range []string{string(before), kept.out} {
		moved := run(strings.Replace(output, "backup: {}", "backup: {method: plugin}", 1))
		if moved.exit != 0 || strings.Contains(moved.errors, "warning") {
			t.Fatalf("exit %d, got %s", moved.exit, moved.errors)
		}
		wantIn(moved.out, cluster, []string{"isWALArchiver: true\n", "barmanObjectName: chat-backups\n",
			"serverName: chat-db\n"},
			"backup:")
		wantIn(moved.out, scheduled, []string{"method: plugin\n", "name: barman-cloud.cloudnative-pg.io\n"})
		wantIn(moved.out, store, []string{archive, "retentionPolicy: 30d\n"})
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
			wantIn(handedOver.out, id, []string{"mattermost.bigbang.dev/retained-from: teams/chat\n"}, "managed-by")
		}
	}
}
