// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"
)

const virtualServiceRoutes = `  http:
  - name: websocket
    match:
    - uri:
        exact: /api/v4/websocket
    route:
    - destination:
        host: chat
        port:
          number: 8065
    retries:
      attempts: 0
  - name: default
    route:
    - destination:
        host: chat
        port:
          number: 8065
`

func TestVirtualService(t *testing.T) {
	wantManifests(t, virtualService(planOf(t, "{domain: Example.com}")),
		header("networking.istio.io/v1", "VirtualService", "chat", "route")+`spec:
  gateways:
  - istio-gateway/public-ingressgateway
  hosts:
  - chat.example.com
`+virtualServiceRoutes)
	wantManifests(t, virtualService(planOf(t, "{host: talk.example.com, route: {gateways: [gw/a, own], annotations: "+
		"{note: x, mattermost.bigbang.dev/owner: other}}}")),
		strings.Replace(header("networking.istio.io/v1", "VirtualService", "chat", "route"), "owner: teams/chat\n",
			"owner: teams/chat\n    note: x\n", 1)+`spec:
  gateways:
  - gw/a
  - own
  hosts:
  - talk.example.com
`+virtualServiceRoutes)
	for _, kind := range []string{"gatewayAPI, gateways: [a]", "ingress, ingressClass: x", "none"} {
		wantManifests(t, virtualService(planOf(t, "{domain: a.b, route: {type: "+kind+"}}")), "")
	}
}
