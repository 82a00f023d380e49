// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strconv"
	"strings"
	"testing"
)

// The database's max_connections does not follow the number of servers: PostgreSQL would restart. Servers share it. An
// earlier value stays while it leaves 50 connections for each server.
func TestMaxConnections(t *testing.T) {
	cluster := func(number string) stream {
		return stream{"earlier Cluster chat-db": "spec: {postgresql: {parameters: {max_connections: \"" + number + "\"}}}"}
	}
	set := func(number string) stream {
		return stream{"earlier StatefulSet chat-db": "spec: {template: {spec: {containers: [" +
			"{args: [-c, max_connections=" + number + "]}]}}}"}
	}
	const plain = "engine: statefulset, password: p, "
	for _, test := range []struct {
		name, inCluster string
		replicas        int
		around          stream
		number, share   int32
		messages        string
	}{
		{name: "one server", replicas: 1, number: 500, share: 100},
		{name: "three servers", replicas: 3, number: 500, share: 100},
		{name: "four servers", replicas: 4, number: 500, share: 80},
		{name: "seven servers, the most that the default is enough for", replicas: 7, number: 500, share: 50},
		{
			name: "eight servers", replicas: 8, number: 500, share: 44,
			messages: "warning: spec.replicas: 8 servers can open only 44 database connections each; " +
				"10 are required and 50 recommended. Of max_connections 500, 100 are reserved, " +
				"and a rolling update adds one server. " +
				"Set spec.database.inCluster.maxConnections to 550 or more [MM016]",
		},
		{
			name: "eight servers and a value for them", inCluster: "maxConnections: 550", replicas: 8,
			number: 550, share: 50,
		},
		{
			name: "too few", inCluster: "maxConnections: 119", replicas: 1, number: 119, share: 9,
			messages: "error: spec.database.inCluster.maxConnections: one server can open only 9 database connections each; " +
				"10 are required and 50 recommended. Of max_connections 119, 100 are reserved, and a rolling update adds " +
				"one server. " +
				"Set spec.database.inCluster.maxConnections to 200 or more [MM016]",
		},
		{
			name: "an installation of an earlier release", replicas: 1,
			around: cluster("200"),
			number: 200, share: 50,
		},
		{
			name: "three servers of an earlier release", replicas: 3,
			around: cluster("400"),
			number: 400, share: 75,
		},
		{name: "its StatefulSet", inCluster: plain, replicas: 1, around: set("200"), number: 200, share: 50},
		{name: "fewer servers than earlier", replicas: 1, around: cluster("400"), number: 400, share: 100},
		{
			name: "more servers than the earlier value is enough for", replicas: 2,
			around: cluster("200"),
			number: 500, share: 100,
			messages: "warning: spec.replicas: max_connections of the database changes from 200 to 500 " +
				"because 200 are too few " +
				"for 2 servers: PostgreSQL restarts, and with one instance Mattermost is unavailable until it is ready again. " +
				"Apply this when a short interruption is acceptable [MM016]",
		},
		{
			name: "the same in a StatefulSet", inCluster: plain, replicas: 3,
			around: set("200"),
			number: 500, share: 100,
			messages: "warning: spec.replicas: max_connections of the database changes from 200 to 500 " +
				"because 200 are too few " +
				"for 3 servers: PostgreSQL restarts, and with one instance Mattermost is unavailable until it is ready again. " +
				"Apply this when a short interruption is acceptable [MM016]",
		},
		{
			name: "an earlier value that is not enough but larger than the default", replicas: 25,
			around: cluster("1100"),
			number: 1100, share: 38,
			messages: "warning: spec.replicas: 25 servers can open only 38 database connections each; " +
				"10 are required and 50 recommended. Of max_connections 1100, 100 are reserved, " +
				"and a rolling update adds one server. " +
				"Set spec.database.inCluster.maxConnections to 1400 or more [MM016]",
		},
		{
			name: "the field overrides the earlier value", inCluster: "maxConnections: 300", replicas: 1,
			around: cluster("500"),
			number: 300, share: 100,
			messages: "warning: spec.database.inCluster.maxConnections: " +
				"max_connections of the database changes from 500 to 300: " +
				"PostgreSQL restarts, and with one instance Mattermost is unavailable until it is ready again. " +
				"Apply this when a short interruption is acceptable [MM016]",
		},
		{
			name: "the field is the earlier value", inCluster: "maxConnections: 300", replicas: 1,
			around: cluster("300"),
			number: 300, share: 100,
		},
		{
			name: "a database of the user's", replicas: 1,
			around: stream{"foreign Cluster chat-db": "spec: {postgresql: {parameters: {max_connections: \"250\"}}}"},
			number: 250, share: 75,
		},
		{
			name: "a database of the user's with PostgreSQL's default", replicas: 1,
			around: stream{"foreign Cluster chat-db": "spec: {}"},
			number: 500, share: 100,
			messages: "warning: spec.replicas: max_connections of the database changes from 100 to 500 because 100 are too " +
				"few for one server: PostgreSQL restarts, and with one instance Mattermost is unavailable until it is ready " +
				"again. " +
				"Apply this when a short interruption is acceptable [MM016]",
		},
		{name: "an unreadable number", replicas: 1, around: cluster("many"), number: 500, share: 100},
		{
			name: "an earlier database of the other engine", inCluster: plain, replicas: 1,
			around: cluster("200"),
			number: 500, share: 100,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := "  domain: a.b\n  replicas: " + strconv.Itoa(test.replicas) + "\n  enterprise: {enabled: true}\n" +
				"  database: {inCluster: {" + test.inCluster + "}}\n"
			p, messages := resolve(t, spec, test.around)
			if got := strings.TrimSpace(messages); got != test.messages {
				t.Errorf("got the messages\n%s\nwant\n%s", got, test.messages)
			}
			number := int32(0)
			if p.Database.CloudNativePG != nil {
				number = p.Database.CloudNativePG.MaxConnections
			} else {
				number = p.Database.StatefulSet.MaxConnections
			}
			share := variable(p, maxOpenConns)
			if number != test.number || share != strconv.Itoa(int(test.share)) {
				t.Errorf("got max_connections %d and %s for each server, want %d and %d", number, share, test.number, test.share)
			}
		})
	}
}

// A database outside the cluster has a max_connections of its own.
func TestMaxConnectionsOutside(t *testing.T) {
	p, _ := resolve(t, "  domain: a.b\n  database: {existingSecret: db}\n", nil)
	if got := variable(p, maxOpenConns); got != "(unset)" {
		t.Errorf("got %s", got)
	}
}

// A number of connections of the user's is compared with what the database accepts.
func TestOwnMaxOpenConns(t *testing.T) {
	const message = "one server with %d connections each, one more server during a rolling update, and 100 reserved " +
		"connections exceed max_connections (500): PostgreSQL refuses connections when all are in use. " +
		"Set spec.database.inCluster.maxConnections to %d or more, or remove this setting [MM016]"
	for _, test := range []struct{ name, spec, want string }{
		{"as many as there are", "  settings: {SqlSettings: {MaxOpenConns: 200}}\n", ""},
		{"one more", "  settings: {SqlSettings: {MaxOpenConns: 201}}\n", "warning: spec.settings.SqlSettings.MaxOpenConns: " +
			strings.NewReplacer("with %d", "with 201", "to %d", "to 502").Replace(message)},
		{"in the environment", "  env: [{name: MM_SQLSETTINGS_MAXOPENCONNS, value: '300'}]\n", "warning: spec.env[0]: " +
			strings.NewReplacer("with %d", "with 300", "to %d", "to 700").Replace(message)},
		{"from a Secret", "  env: [{name: MM_SQLSETTINGS_MAXOPENCONNS, valueFrom: {secretKeyRef: {name: a, key: b}}}]\n", ""},
		{"for a database outside", "  database: {existingSecret: db}\n  settings: {SqlSettings: {MaxOpenConns: 900}}\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, messages := resolve(t, "  domain: a.b\n"+test.spec, nil)
			if got := strings.TrimSpace(messages); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
