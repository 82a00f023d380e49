// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"fmt"
	"strings"
	"testing"
)

// A user's object of each kind: the user's elements are kept, the generated ones are added, and replaced values that
// Mattermost requires are reported.
func TestOverlayMergesTheListsOfEachKind(t *testing.T) {
	for _, test := range []struct {
		name, kind         string
		theirs, ours, want string
		overridden         string
	}{
		{
			"environment variables by name, one source each", "Mattermost",
			"spec:\n  mattermostEnv:\n  - name: MINE # kpt-set: ${mine}\n    value: x\n  - name: A\n    value: theirs # why\n",
			"spec: {mattermostEnv: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: B, value: b}]}\n",
			"spec:\n  mattermostEnv:\n  - name: MINE # kpt-set: ${mine}\n    value: x\n  - name: A\n    valueFrom: " +
				"{secretKeyRef: {name: s, key: k}}\n  - {name: B, value: b}\n",
			"spec.mattermostEnv[A]  ",
		},
		{
			"volumes by name, one source each; mounts by path", "Mattermost",
			"spec: {podExtensions: {volumes: [{name: a, emptyDir: {}}, {name: b, emptyDir: {}}], volumeMounts: [{name: b, " +
				"mountPath: /b}, {name: a, mountPath: /x}]}}\n",
			"spec: {podExtensions: {volumes: [{name: a, secret: {secretName: s}}], volumeMounts: [{name: a, mountPath: /b}]}}\n",
			"spec: {podExtensions: {volumes: [{name: a, secret: {secretName: s}}, {name: b, emptyDir: {}}], volumeMounts: " +
				"[{name: a, mountPath: /b}, {name: a, mountPath: /x}]}}\n",
			"",
		},
		{
			"init containers by name", "Mattermost",
			"spec: {podExtensions: {initContainers: [{name: mine, image: x}, {name: wait, image: old, args: [a]}]}}\n",
			"spec: {podExtensions: {initContainers: [{name: wait, image: new}]}}\n",
			"spec: {podExtensions: {initContainers: [{name: mine, image: x}, {name: wait, image: new, args: [a]}]}}\n",
			"",
		},
		{
			"the database's Secret and the object storage", "Mattermost",
			"spec: {database: {external: {secret: theirs}}, fileStore: {external: {bucket: b, secret: same}}}\n",
			"spec: {database: {external: {secret: chat-database}}, fileStore: {external: {bucket: c, secret: same}}}\n",
			"spec: {database: {external: {secret: chat-database}}, fileStore: {external: {bucket: c, secret: same}}}\n",
			"spec.database.external.secret theirs chat-database, spec.fileStore.external.bucket b c",
		},
		{
			"values of an ExternalSecret by name, and the Secret that it creates", "ExternalSecret",
			"spec: {target: {name: theirs}, data: [{secretKey: mine, remoteRef: {key: a}}, {secretKey: license, remoteRef: " +
				"{key: old, version: v1}}]}\n",
			"spec: {target: {name: chat-license}, data: [{secretKey: license, remoteRef: {key: new}}]}\n",
			"spec: {target: {name: chat-license}, data: [{secretKey: mine, remoteRef: {key: a}}, {secretKey: license, " +
				"remoteRef: {key: new, version: v1}}]}\n",
			"spec.target.name theirs chat-license, spec.data.remoteRef.key old new",
		},
		{
			"one database and one file store: the operator would prefer the user's", "Mattermost",
			"spec: {database: {operatorManaged: {type: postgres}}, fileStore: {external: {bucket: b}, local: " +
				"{enabled: true}}}\n",
			"spec: {database: {external: {secret: s}}, fileStore: {externalVolume: {volumeClaimName: chat-files}}}\n",
			"spec: {database: {external: {secret: s}}, fileStore: {externalVolume: {volumeClaimName: chat-files}}}\n",
			"spec.database operatorManaged external, spec.fileStore external, local externalVolume",
		},
		{
			"a route has one destination, or Istio rejects it", "VirtualService",
			"spec: {http: [{redirect: {authority: other}, headers: {x: y}}]}\n",
			"spec: {http: [{name: default, route: [{destination: {host: chat}}]}]}\n",
			"spec: {http: [{headers: {x: y}, name: default, route: [{destination: {host: chat}}]}]}\n",
			"spec.http redirect route",
		},
		{
			"ports by number and protocol", "Service",
			"spec: {ports: [{name: dns, port: 53, protocol: UDP}, {name: app, port: 8065, targetPort: 80}]}\n",
			"spec: {ports: [{name: tcp, port: 53}, {name: app, port: 8065, targetPort: app}]}\n",
			"spec: {ports: [{name: dns, port: 53, protocol: UDP}, {name: app, port: 8065, targetPort: app}, {name: " +
				"tcp, port: 53}]}\n",
			"spec.ports.targetPort 80 app",
		},
		{
			"a port name has one number", "Service",
			"spec: {ports: [{name: app, port: 80}]}\n",
			"spec: {ports: [{name: app, port: 8065}]}\n",
			"spec: {ports: [{name: app, port: 8065}]}\n",
			"spec.ports.port 80 8065",
		},
		{
			"hosts and gateways of a VirtualService; routes by name, generated ones before a catch-all route", "VirtualService",
			"spec:\n  hosts:\n  - old.example.com # stays\n  gateways: [mesh]\n  http:\n  - route: [{destination: {host: " +
				"other, port: {number: 80}}}]\n    headers: {x: y}\n",
			"spec: {hosts: [chat.example.com], gateways: [istio/public], http: [{name: websocket, match: [{uri: {exact: " +
				"/w}}], route: [{destination: {host: chat, port: {number: 8065}}}]}, {name: default, route: [{destination: " +
				"{host: chat, port: {number: 8065}}}]}]}\n",
			"spec:\n  hosts:\n  - old.example.com # stays\n  - chat.example.com\n  gateways: [mesh, " +
				"istio/public]\n  http:\n  - {name: websocket, match: [{uri: {exact: /w}}], route: [{destination: {host: chat, " +
				"port: {number: 8065}}}]}\n  - route: [{destination: {host: chat, port: {number: 8065}}}]\n    headers: {x: " +
				"y}\n    name: default\n",
			"spec.http.route.destination.host other chat, spec.http.route.destination.port.number 80 8065",
		},
		{
			"endpoints of a ServiceMonitor", "ServiceMonitor",
			"spec: {endpoints: [{port: mine}, {port: metrics, interval: 5s, path: /m}]}\n",
			"spec: {endpoints: [{port: metrics, path: /metrics}]}\n",
			"spec: {endpoints: [{port: mine}, {port: metrics, interval: 5s, path: /metrics}]}\n",
			"spec.endpoints.path /m /metrics",
		},
		{
			"parents and rules of an HTTPRoute", "HTTPRoute",
			"spec: {parentRefs: [{name: a}, {name: b, namespace: n, port: 1}], rules: [{matches: [{path: {value: /mine}}], " +
				"backendRefs: [{name: x}]}]}\n",
			"spec: {parentRefs: [{name: b, namespace: n}, {name: b}], rules: [{matches: [{path: {value: /}}], backendRefs: " +
				"[{name: chat}]}]}\n",
			"spec: {parentRefs: [{name: a}, {name: b, namespace: n, port: 1}, {name: b}], rules: [{matches: [{path: {value: " +
				"/mine}}], backendRefs: [{name: x}]}, {matches: [{path: {value: /}}], backendRefs: [{name: chat}]}]}\n",
			"",
		},
		{
			"lists of a NetworkPolicy are replaced", "NetworkPolicy",
			"spec: {ingress: [{ports: [{port: 1}]}, {}], policyTypes: [Ingress, Egress]}\n",
			"spec: {ingress: [{ports: [{port: 8065}]}], policyTypes: [Ingress]}\n",
			"spec: {ingress: [{ports: [{port: 8065}]}], policyTypes: [Ingress]}\n",
			"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			theirs := parse(t, test.theirs)
			merger := merger{kind: test.kind}
			if !merger.merge(theirs, parse(t, test.ours), overlay) {
				t.Error("nothing changed")
			}
			if got := encode(t, theirs); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			var overridden []string
			for _, d := range merger.differences {
				overridden = append(overridden, fmt.Sprint(d.field, " ", d.theirs, " ", d.ours))
			}
			if got := strings.Join(overridden, ", "); got != test.overridden {
				t.Errorf("overridden: %s, want %s", got, test.overridden)
			}
			merger.differences = nil
			if merger.merge(theirs, parse(t, test.ours), overlay) || merger.differences != nil {
				t.Errorf("the second merge changed something:\n%s", encode(t, theirs))
			}
		})
	}
}
