// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"
)

// Clusters: one that names no directory archives under its own name.
const (
	inSight = "metadata: {name: chat-db}\nspec:\n  postgresql: {parameters: {max_connections: \"500\"}}\n"
	builtIn = inSight + "  backup: {barmanObjectStore: {destinationPath: 's3://b/postgresql'}}\n"
	named   = inSight + "  backup: {barmanObjectStore: {destinationPath: 's3://b/postgresql', serverName: old}}\n"

	unnamedPlugin = inSight + "  plugins: [{name: barman-cloud.cloudnative-pg.io}]\n"
	byPlugin      = inSight + "  plugins: [{name: other}, {name: barman-cloud.cloudnative-pg.io, parameters: " +
		"{serverName: chat-db-2}}]\n"
)

// A Cluster that exists keeps its form of backups until the configuration names one, and its directory in the archive.
func TestBackupOfAnExistingCluster(t *testing.T) {
	const kept = "warning: spec.database.inCluster.backup: CloudNativePG deprecates"
	for _, test := range []struct {
		name, backup, around string
		foreign              bool
		method, serverName   string
		messages             string // how they begin
	}{
		{name: "none", method: "plugin", serverName: "chat-db"},
		{name: "one without backups", around: inSight, method: "plugin", serverName: "chat-db"},
		{name: "the built-in form", around: builtIn, method: "barmanObjectStore", serverName: "chat-db", messages: kept},
		{
			name: "a user's with the built-in form", around: builtIn, foreign: true,
			method: "barmanObjectStore", serverName: "chat-db", messages: kept,
		},
		{name: "a name of its own", around: named, method: "barmanObjectStore", serverName: "old", messages: kept},
		{name: "moved to the plugin", backup: "method: plugin", around: named, method: "plugin", serverName: "old"},
		{
			name: "a user's moved to the plugin", backup: "method: plugin", around: builtIn, foreign: true,
			method: "plugin", serverName: "chat-db",
			messages: "error: spec.database.inCluster.backup.method: Cluster chat-db, which is among the resources and not " +
				"managed by mattermost-fn, has spec.backup.barmanObjectStore: CloudNativePG refuses",
		},
		{name: "the plugin", around: byPlugin, method: "plugin", serverName: "chat-db-2"},
		{name: "the plugin without a name", around: unnamedPlugin, method: "plugin", serverName: "chat-db"},
		{name: "the same name", backup: "serverName: chat-db-2", around: byPlugin, method: "plugin", serverName: "chat-db-2"},
		{
			name: "another name", backup: "serverName: chat-db-3", around: byPlugin, method: "plugin", serverName: "chat-db-3",
			messages: "warning: spec.database.inCluster.backup.serverName: the archive of Cluster chat-db changes from " +
				"directory chat-db-2 to chat-db-3: ",
		},
		{
			name: "the built-in form by choice", backup: "method: barmanObjectStore", method: "barmanObjectStore",
			serverName: "chat-db", messages: "warning: spec.database.inCluster.backup.method: CloudNativePG deprecates",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			around := stream{}
			switch {
			case test.foreign:
				around["foreign Cluster chat-db"] = test.around
			case test.around != "":
				around["earlier Cluster chat-db"] = test.around
			}
			p, messages := resolve(t, "  domain: a.b\n  database: {inCluster: {maxConnections: 500, backup: {"+test.backup+
				"}}}\n  objectStorage: {endpoint: 'https://s3', bucket: b, existingSecret: keys}\n", around)
			backup := p.Database.CloudNativePG.Backup
			if string(backup.Method) != test.method || backup.ServerName != test.serverName {
				t.Errorf("got %s in %s, want %s in %s", backup.Method, backup.ServerName, test.method, test.serverName)
			}
			if !strings.HasPrefix(messages, test.messages) || test.messages == "" && messages != "" {
				t.Errorf("got %q, want %q", messages, test.messages)
			}
			if hasStore := p.Database.CloudNativePG.Archive.Name != ""; hasStore != (test.method == "plugin") {
				t.Errorf("an ObjectStore is emitted: %t", hasStore)
			}
		})
	}
}
