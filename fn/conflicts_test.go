// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"strings"
	"testing"
)

// Resources that two installations cannot share are an error, which names both and their files, in any order of input.
func TestConflicts(t *testing.T) {
	const away = "database: {existingSecret: db}"
	config := func(name, file, spec string) string {
		namespace := name
		if strings.HasPrefix(spec, "together\n") {
			namespace, spec = "teams", strings.TrimPrefix(spec, "together\n")
		}
		return "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\nmetadata:\n  name: " + name +
			"\n  namespace: " + namespace +
			"\n  annotations: {internal.config.kubernetes.io/path: " + file +
			", internal.config.kubernetes.io/index: '0'}\nspec:\n  " + strings.ReplaceAll(spec, "\n", "\n  ") + "\n"
	}
	const outside = "database: {host: db.example.com, password: x, database: "
	const files = "objectStorage: {endpoint: 'https://s3.example.com', existingSecret: s3, bucket: "
	for _, test := range []struct {
		name, a, b string
		want       string
	}{
		{"nothing shared", "host: a.example.com", "host: b.example.com", ""},
		{"the host", "host: chat.example.com", "host: Chat.example.com",
			"b.yaml: error: spec.host: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in a.yaml both use " +
				"the host chat.example.com at gateway istio-gateway/public-ingressgateway; set a different spec.host for each\n"},
		{"the host by its domain", "domain: example.com", "host: chat.example.com",
			"b.yaml: error: spec.host: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in a.yaml both use " +
				"the host chat.example.com at gateway istio-gateway/public-ingressgateway; set a different spec.host for each\n"},
		{"the host at several gateways is one message", "host: chat.example.com\nroute: {gateways: [i/a, i/b]}",
			"host: chat.example.com\nroute: {gateways: [i/b, i/a]}",
			"b.yaml: error: spec.host: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in a.yaml both use " +
				"the host chat.example.com at gateway i/b; set a different spec.host for each\n"},
		{"the host at different gateways", "host: chat.example.com\nroute: {gateways: [i/a]}",
			"host: chat.example.com\nroute: {gateways: [i/b]}", ""},
		{"gateways with the same name in different namespaces", "host: chat.example.com\nroute: {gateways: [a]}",
			"host: chat.example.com\nroute: {gateways: [a]}", ""},
		{"the host at a gateway of the Gateway API", "host: chat.example.com\nroute: {type: gatewayAPI, gateways: [i/a]}",
			"host: chat.example.com\nroute: {type: gatewayAPI, gateways: [i/a]}",
			"b.yaml: error: spec.host: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in a.yaml both use " +
				"the host chat.example.com at gateway i/a; set a different spec.host for each\n"},
		{"the host at the Ingress controller", "host: chat.example.com\nroute: {type: ingress, ingressClass: nginx}",
			"host: chat.example.com\nroute: {type: ingress, ingressClass: nginx}",
			"b.yaml: error: spec.host: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in a.yaml both use " +
				"the host chat.example.com at Ingress class nginx; set a different spec.host for each\n"},
		{"the host at two Ingress controllers", "host: chat.example.com\nroute: {type: ingress, ingressClass: nginx}",
			"host: chat.example.com\nroute: {type: ingress, ingressClass: haproxy}", ""},
		{"no route", "host: chat.example.com\nroute: {type: none}", "host: chat.example.com\nroute: {type: none}", ""},
		{"the database", "host: a.example.com\n" + outside + "chat}", "host: b.example.com\n" + outside + "chat, port: 5432}",
			"b.yaml: error: spec.database.database: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in " +
				"a.yaml both use the database chat at db.example.com:5432; use a separate database for each\n"},
		{"the database at a host in another case", "host: a.example.com\n" + outside + "chat}",
			"host: b.example.com\n" + strings.Replace(outside, "db.example", "DB.Example", 1) + "chat}",
			"b.yaml: error: spec.database.database: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in " +
				"a.yaml both use the database chat at db.example.com:5432; use a separate database for each\n"},
		{"a database name in another case is another database", "host: a.example.com\n" + outside + "chat}",
			"host: b.example.com\n" + outside + "Chat}", ""},
		{"different databases of one server", "host: a.example.com\n" + outside + "chat}",
			"host: b.example.com\n" + outside + "talk}", ""},
		{"Secrets with the same name in different namespaces", "host: a.example.com\n" + away,
			"host: b.example.com\n" + away, ""},
		{"the same Secret", "together\nhost: a.example.com\n" + away, "together\nhost: b.example.com\n" + away,
			"b.yaml: error: spec.database.existingSecret: MattermostConfig teams/talk in b.yaml and MattermostConfig " +
				"teams/chat in a.yaml both use the database of Secret teams/db; use a separate database for each\n"},
		{"the bucket", "host: a.example.com\n" + files + "files}", "host: b.example.com\n" + files + "files}",
			"b.yaml: error: spec.objectStorage.bucket: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in " +
				"a.yaml both use the bucket files at s3.example.com; use a separate bucket or pathPrefix for each\n"},
		{"the bucket at a host in another case", "host: a.example.com\n" + files + "files}",
			"host: b.example.com\n" + strings.Replace(files, "s3.example", "S3.Example", 1) + "files}",
			"b.yaml: error: spec.objectStorage.bucket: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat in " +
				"a.yaml both use the bucket files at s3.example.com; use a separate bucket or pathPrefix for each\n"},
		{"a port of the nodes", "host: a.example.com\nservice: {type: NodePort, nodePort: 30443}",
			"host: b.example.com\ncalls: {enabled: true, service: {type: NodePort, nodePort: 30443}}",
			"b.yaml: error: spec.calls.service.nodePort: MattermostConfig talk/talk in b.yaml and MattermostConfig chat/chat " +
				"in a.yaml both use the port 30443 of the nodes; use a separate port for each\n"},
		{"two ports of the nodes", "host: a.example.com\nservice: {type: NodePort, nodePort: 30443}",
			"host: b.example.com\nservice: {type: NodePort, nodePort: 30444}", ""},
		{"different prefixes in one bucket", "host: a.example.com\n" + files + "files, pathPrefix: a}",
			"host: b.example.com\n" + files + "files, pathPrefix: b}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := config("chat", "a.yaml", test.a), config("talk", "b.yaml", test.b)
			for _, input := range []string{list("", a, b), list("", b, a), list(b, a, b)} {
				r := run(input)
				var errors string
				for _, line := range strings.SplitAfter(r.errors, "\n") {
					if strings.Contains(line, ": error: ") {
						errors += line
					}
				}
				equal(t, "the errors", errors, test.want)
				if (r.exit == 1) != (errors != "") {
					t.Errorf("exit %d, got %s", r.exit, r.errors)
				}
			}
		})
	}
}
