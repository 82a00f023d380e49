// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"testing"

	"bigbang.dev/mattermost-fn/internal/plan"
)

const publicGateway = "cluster.local/ns/istio-gateway/sa/public-ingressgateway-ingressgateway-service-account"

func TestAuthorizationPolicy(t *testing.T) {
	tests := map[string]struct {
		plan *plan.Plan
		want string
	}{
		"the gateways may connect to the application only, the servers to each other": {
			plan: meshPlanWith(func(p *plan.Plan) {
				p.Istio.GatewayPrincipals = []string{publicGateway, "cluster.local/ns/istio-gateway/sa/admin"}
			}),
			want: `
action: ALLOW
rules:
- from:
  - source:
      principals:
      - ` + publicGateway + `
      - cluster.local/ns/istio-gateway/sa/admin
  to:
  - operation:
      ports:
      - "8065"
- from:
  - source:
      principals:
      - '*/ns/teams/sa/chat'
  to:
  - operation:
      ports:
      - "8065"
      - "8074"
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
`,
		},
		"without a gateway only the servers may connect": {
			plan: meshPlan(),
			want: `
action: ALLOW
rules:
- from:
  - source:
      principals:
      - '*/ns/teams/sa/chat'
  to:
  - operation:
      ports:
      - "8065"
      - "8074"
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
`,
		},
		"over plain HTTP Prometheus has no principal to require": {
			plan: meshPlanWith(func(p *plan.Plan) {
				p.Monitoring = &plan.Monitoring{Scheme: "http"}
				p.NetworkPolicies.MonitoringNamespace = "monitoring"
			}),
			want: `
action: ALLOW
rules:
- from:
  - source:
      principals:
      - '*/ns/teams/sa/chat'
  to:
  - operation:
      ports:
      - "8065"
      - "8074"
- to:
  - operation:
      ports:
      - "8067"
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
`,
		},
		"with a certificate of the mesh Prometheus must be in its namespace": {
			plan: meshPlanWith(func(p *plan.Plan) {
				p.Monitoring = &plan.Monitoring{Scheme: "https"}
				p.NetworkPolicies.MonitoringNamespace = "monitoring"
			}),
			want: `
action: ALLOW
rules:
- from:
  - source:
      principals:
      - '*/ns/teams/sa/chat'
  to:
  - operation:
      ports:
      - "8065"
      - "8074"
- from:
  - source:
      namespaces:
      - monitoring
  to:
  - operation:
      ports:
      - "8067"
selector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.plan.Istio.AuthorizationPolicies = true
			wantSpec(t, authorizationPolicies(test.plan), test.want)
		})
	}
}

func TestAuthorizationPolicyMetadata(t *testing.T) {
	p := meshPlan()
	p.Istio.AuthorizationPolicies = true
	wantHeader(t, authorizationPolicies(p)[0], header("security.istio.io/v1", "AuthorizationPolicy", "chat", "mesh"))
}

func TestAuthorizationPolicyNotEnabled(t *testing.T) {
	p := meshPlan()
	p.Istio.GatewayPrincipals = []string{publicGateway}
	if objects := authorizationPolicies(p); len(objects) != 0 {
		t.Errorf("got %d objects, want none", len(objects))
	}
}
