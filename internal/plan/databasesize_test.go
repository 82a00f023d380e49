// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"
)

// The number of users sizes a new database. One that exists keeps its resources until the configuration sets them,
// and a change of a parameter that restarts PostgreSQL is a warning.
func TestDatabaseSize(t *testing.T) {
	const cluster = "metadata: {name: chat-db}\nspec:\n  resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: " +
		"500m, memory: 1Gi}}\n  postgresql: {parameters: {max_connections: \"500\", shared_buffers: 256MB}}\n"
	const set = "metadata: {name: chat-db}\nspec: {template: {spec: {containers: [{args: [-c, max_connections=500], " +
		"resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 500m, memory: 1Gi}}}]}}}\n"
	const kept = "info: spec.users: does not change the resources of the database, which exists and has 500m CPU and " +
		"1Gi: PostgreSQL would restart. 5000 users need 2 CPU and 16Gi; to change them, set " +
		"spec.database.inCluster.resources"
	const large = "resources: {requests: {cpu: \"2\", memory: 16Gi}, limits: {cpu: \"2\", memory: 16Gi}}"
	const restart = "warning: spec.database.inCluster.parameters: shared_buffers changed: PostgreSQL restarts, and " +
		"with one instance Mattermost is unavailable until it is ready again. Apply this when a short " +
		"interruption is acceptable [MM069]"
	for _, test := range []struct {
		name, users, inCluster string
		around                 stream
		memory, shared         string
		messages               string
	}{
		{name: "no users", memory: "1Gi"},
		{name: "few users", users: "100", memory: "1Gi"},
		{name: "many users", users: "5000", memory: "16Gi", shared: "4096MB"},
		{name: "many users of a StatefulSet", users: "25000", inCluster: "engine: statefulset, password: p", memory: "64Gi",
			shared: "16384MB"},
		{name: "resources of its own", users: "5000", inCluster: strings.ReplaceAll(large, "16Gi", "8Gi"), memory: "8Gi"},
		{name: "shared_buffers of its own", users: "5000", inCluster: "parameters: {shared_buffers: 1GB}", memory: "16Gi",
			shared: "1GB"},
		{name: "a database that exists", users: "5000", around: stream{"earlier Cluster chat-db": cluster}, memory: "1Gi",
			shared: "256MB", messages: kept},
		{name: "a StatefulSet that exists", users: "5000", inCluster: "engine: statefulset, password: p",
			around: stream{"earlier StatefulSet chat-db": set}, memory: "1Gi", messages: kept},
		{name: "one that gets more", users: "5000", inCluster: large,
			around: stream{"earlier Cluster chat-db": cluster}, memory: "16Gi"},
		{name: "another shared_buffers", inCluster: "parameters: {shared_buffers: 512MB, work_mem: 8MB}",
			around: stream{"earlier Cluster chat-db": cluster}, memory: "1Gi", shared: "512MB", messages: restart},
		{name: "the same shared_buffers", inCluster: "parameters: {shared_buffers: 256MB, work_mem: 8MB}",
			around: stream{"earlier Cluster chat-db": cluster}, memory: "1Gi", shared: "256MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := "  domain: a.b\n  replicas: 1\n  database: {inCluster: {" + test.inCluster + "}}\n"
			if test.users != "" {
				spec += "  users: " + test.users + "\n"
			}
			p, messages := resolve(t, spec, test.around)
			var memory, shared string
			if c := p.Database.CloudNativePG; c != nil {
				memory, shared = c.Resources.Limits.Memory().String(), c.Parameters["shared_buffers"]
			} else {
				s := p.Database.StatefulSet
				memory, shared = s.Resources.Limits.Memory().String(), s.Parameters["shared_buffers"]
			}
			if memory != test.memory || shared != test.shared {
				t.Errorf("memory %s, shared_buffers %q, want %s and %q", memory, shared, test.memory, test.shared)
			}
			if messages != test.messages {
				t.Errorf("got %q, want %q", messages, test.messages)
			}
		})
	}
}

// The servers read the role and its password from the user's Secret, which must have the name of the role.
func TestRoleSecret(t *testing.T) {
	const spec = "  domain: a.b\n  database: {inCluster: {existingSecret: mine}}\n"
	for name, test := range map[string]struct {
		around   stream
		messages string
	}{
		"unseen": {},
		"right":  {around: stream{"mine/username": "mattermost", "mine/password": "p"}},
		"wrong role": {stream{"mine/username": "app", "mine/password": "p"},
			"is not the role that owns the database (mattermost)"},
		"no password": {stream{"mine/username": "mattermost"},
			"error: spec.database.inCluster.existingSecret: Secret mine, which is among the resources, has no value for key"},
	} {
		t.Run(name, func(t *testing.T) {
			p, messages := resolve(t, spec, test.around)
			if !strings.Contains(messages, test.messages) || test.messages == "" && messages != "" {
				t.Errorf("got %q, want %q", messages, test.messages)
			}
			if user, password := variable(p, "PGUSER"), variable(p, "PGPASSWORD"); user != "secret mine/username" ||
				password != "secret mine/password" {
				t.Errorf("the servers read %s and %s", user, password)
			}
		})
	}
}
