// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func TestSidecar(t *testing.T) {
	tests := map[string]struct {
		plan *plan.Plan
		want string
	}{
		"any destination": {
			plan: meshPlanWith(func(p *plan.Plan) {
				p.Istio.Egress = "AllowAny"
				p.Destinations = []plan.Destination{{Kind: plan.DestinationElasticsearch, Host: "es.logging.svc", Port: 9200,
					Namespace: "logging"}}
			}),
			want: `
outboundTrafficPolicy:
  mode: ALLOW_ANY
workloadSelector:
  labels:
    app: mattermost
    installation.mattermost.com/installation: chat
`,
		},
		"only the registry: the installation's namespace, Istio's and those of the services in use": {
			plan: meshPlanWith(func(p *plan.Plan) {
				p.Istio.Egress = "RegistryOnly"
				p.Destinations = []plan.Destination{
					{Kind: plan.DestinationDatabase, Host: "chat-db-rw.teams.svc", Port: 5432, Namespace: "teams"},
					{Kind: plan.DestinationSSO, Host: "keycloak.keycloak.svc", Port: 8080, Namespace: "keycloak"},
					{Kind: plan.DestinationElasticsearch, Host: "es.elastic.svc", Port: 9200, Namespace: "elastic"},
					{Kind: plan.DestinationElasticsearch, Number: 2, Host: "es2.elastic.svc", Port: 9200, Namespace: "elastic"},
					{Kind: plan.DestinationMail, Host: "smtp.example.mil", Port: 587},
				}
			}),
			want: `
egress:
- hosts:
  - ./*
  - istio-system/*
  - elastic/*
  - keycloak/*
outboundTrafficPolicy:
  mode: REGISTRY_ONLY
workloadSelector:
  labels:
    app: mattermost
    installation.mattermost.com/installation: chat
`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { wantSpec(t, sidecar(test.plan), test.want) })
	}
}

func TestSidecarMetadata(t *testing.T) {
	p := meshPlan()
	p.Istio.Egress = "AllowAny"
	wantHeader(t, sidecar(p)[0], header("networking.istio.io/v1", "Sidecar", "chat", "mesh"))
}

func TestNoSidecar(t *testing.T) {
	no := false
	tests := map[string]plan.Istio{
		"egress is not set": {MTLS: "STRICT"},
		"the ambient mesh":  {Egress: "RegistryOnly", Ambient: true},
		"injection is off":  {Egress: "RegistryOnly", Injection: &no},
	}
	for name, istio := range tests {
		t.Run(name, func(t *testing.T) {
			p := meshPlan()
			p.Istio = istio
			if objects := sidecar(p); len(objects) != 0 {
				t.Errorf("got %d objects, want none", len(objects))
			}
		})
	}
}

func TestHasSidecar(t *testing.T) {
	yes, no := true, false
	tests := map[string]struct {
		plan *plan.Plan
		want bool
	}{
		"no setting of the mesh": {meshPlan(), false},
		"injection is on":        {meshPlanWith(func(p *plan.Plan) { p.Istio.Injection = &yes }), true},
		"an Istio route":         {meshPlanWith(func(p *plan.Plan) { p.Route.Type = v1alpha1.RouteIstio }), true},
		"a Gateway API route": {meshPlanWith(func(p *plan.Plan) { p.Route.Type = v1alpha1.RouteGatewayAPI }),
			false},
		"mutual TLS":             {meshPlanWith(func(p *plan.Plan) { p.Istio.MTLS = "PERMISSIVE" }), true},
		"authorization policies": {meshPlanWith(func(p *plan.Plan) { p.Istio.AuthorizationPolicies = true }), true},
		"egress":                 {meshPlanWith(func(p *plan.Plan) { p.Istio.Egress = "AllowAny" }), true},
		"service entries":        {meshPlanWith(func(p *plan.Plan) { p.Istio.ServiceEntries = true }), true},
		"a namespace with injection": {meshPlanWith(func(p *plan.Plan) {
			p.NamespaceObject = labelledNamespace("istio-injection", "enabled")
		}), true},
		"a namespace without injection": {meshPlanWith(func(p *plan.Plan) {
			p.NamespaceObject = labelledNamespace("team", "blue")
		}), false},
		"injection off with an Istio route": {meshPlanWith(func(p *plan.Plan) {
			p.Istio.Injection = &no
			p.Route.Type = v1alpha1.RouteIstio
		}), false},
		"the ambient mesh with an Istio route": {meshPlanWith(func(p *plan.Plan) {
			p.Istio.Ambient = true
			p.Route.Type = v1alpha1.RouteIstio
		}), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.plan.HasSidecar(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func labelledNamespace(key, value string) *plan.NamespaceObject {
	return &plan.NamespaceObject{Labels: map[string]string{key: value}}
}
