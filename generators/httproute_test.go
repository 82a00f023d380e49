// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"
)

const httpRouteRules = `  hostnames:
  - chat.example.com
  rules:
  - matches:
    - path:
        type: Exact
        value: /api/v4/websocket
    backendRefs:
    - name: chat
      port: 8065
    timeouts:
      request: 0s
  - matches:
    - path:
        type: PathPrefix
        value: /
    backendRefs:
    - name: chat
      port: 8065
    timeouts:
      request: 0s
`

func TestHTTPRoute(t *testing.T) {
	wantManifests(t, httpRoute(planOf(t, "{domain: example.com, profile: community, route: {gateways: [gw/public, own], "+
		"sectionName: https}}")),
		header("gateway.networking.k8s.io/v1", "HTTPRoute", "chat", "route")+`spec:
  parentRefs:
  - namespace: gw
    name: public
    sectionName: https
  - name: own
    sectionName: https
`+httpRouteRules)
	wantManifests(t, httpRoute(planOf(t, "{domain: example.com, route: {type: gatewayAPI, gateways: [own], annotations: "+
		"{note: x, mattermost.bigbang.dev/owner: other}}}")),
		strings.Replace(header("gateway.networking.k8s.io/v1", "HTTPRoute", "chat", "route"), "owner: teams/chat\n",
			"owner: teams/chat\n    note: x\n", 1)+`spec:
  parentRefs:
  - name: own
`+httpRouteRules)
	for _, kind := range []string{"istio", "ingress, ingressClass: x", "none"} {
		wantManifests(t, httpRoute(planOf(t, "{domain: a.b, route: {type: "+kind+"}}")), "")
	}
}
