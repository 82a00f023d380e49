// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// guardedPlan returns an installation with all network policies, in a mesh with sidecars.
func guardedPlan() *plan.Plan {
	return meshPlanWith(func(p *plan.Plan) {
		p.Replicas = 3
		p.Route.Type = v1alpha1.RouteIstio
		p.Monitoring = &plan.Monitoring{Scheme: "http"}
		p.NetworkPolicies = plan.NetworkPolicies{Enabled: true, GatewayNamespaces: []string{"istio-gateway"},
			MonitoringNamespace: "monitoring"}
		p.Database.StatefulSet = &plan.StatefulSet{Name: "chat-db"}
		p.Destinations = []plan.Destination{
			{
				Kind: plan.DestinationDatabase, Host: "chat-db", Port: 5432, Namespace: "teams",
				PodLabels: map[string]string{"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": "chat"},
			},
			{Kind: plan.DestinationObjectStorage, Host: "s3.us-gov-west-1.amazonaws.com", Port: 443, TLS: true},
			{Kind: plan.DestinationSSO, Host: "login.example.mil", Port: 443, TLS: true,
				CIDRs: []string{"198.51.100.0/24", "203.0.113.7/32"}},
			{Kind: plan.DestinationElasticsearch, Host: "logging-ek-es-http.logging.svc", Port: 443, TLS: true,
				Namespace: "logging", PodPort: 9200},
			{Kind: plan.DestinationMail, Host: "192.0.2.25", Port: 587},
		}
	})
}

func TestNetworkPolicyNames(t *testing.T) {
	tests := map[string]struct {
		change func(*plan.Plan)
		want   []string
	}{
		"everything": {
			change: func(*plan.Plan) {},
			want: []string{
				"chat-allow-between-servers", "chat-allow-from-gateway", "chat-allow-from-monitoring",
				"chat-allow-servers-to-database", "chat-allow-to-database", "chat-allow-to-dns", "chat-allow-to-elasticsearch",
				"chat-allow-to-gateway", "chat-allow-to-istiod", "chat-allow-to-mail", "chat-allow-to-object-storage",
				"chat-allow-to-sso", "chat-default-deny",
			},
		},
		"one server, no route, no mesh, no metrics": {
			change: func(p *plan.Plan) {
				p.Replicas = 1
				p.Route.Type = v1alpha1.RouteNone
				p.NetworkPolicies.GatewayNamespaces = nil
				p.Monitoring = nil
				p.Database.StatefulSet = nil
				p.Destinations = nil
			},
			want: []string{"chat-allow-to-dns", "chat-default-deny"},
		},
		"the ambient mesh, with probes and without sidecars": {
			change: func(p *plan.Plan) {
				p.Istio.Ambient = true
				p.Replicas = 1
				p.Database.StatefulSet = nil
				p.Destinations = nil
			},
			want: []string{
				"chat-allow-from-gateway", "chat-allow-from-monitoring", "chat-allow-from-probes", "chat-allow-to-dns",
				"chat-default-deny",
			},
		},
		"no policies for the pods of CloudNativePG and MinIO": {
			change: func(p *plan.Plan) {
				p.Replicas = 1
				p.Monitoring = nil
				p.Database = plan.Database{CloudNativePG: &plan.CloudNativePG{Name: "chat-db"}}
				p.Files.MinIO = &plan.MinIO{Name: "chat-files"}
				p.Destinations = []plan.Destination{
					{Kind: plan.DestinationDatabase, Host: "chat-db-rw", Port: 5432, Namespace: "teams",
						PodLabels: map[string]string{"cnpg.io/cluster": "chat-db"}},
					{Kind: plan.DestinationObjectStorage, Host: "chat-files-hl", Port: 9000, Namespace: "teams",
						PodLabels: map[string]string{"v1.min.io/tenant": "chat-files"}},
				}
			},
			want: []string{
				"chat-allow-from-gateway", "chat-allow-to-database", "chat-allow-to-dns", "chat-allow-to-istiod",
				"chat-allow-to-object-storage", "chat-default-deny",
			},
		},
		"no policy for a database without the labels of its pods": {
			change: func(p *plan.Plan) {
				p.Replicas = 1
				p.Monitoring = nil
				p.Destinations = []plan.Destination{{Kind: plan.DestinationDatabase, Host: "chat-db", Port: 5432,
					Namespace: "teams"}}
			},
			want: []string{"chat-allow-from-gateway", "chat-allow-to-database", "chat-allow-to-dns", "chat-allow-to-istiod",
				"chat-default-deny"},
		},
		"not enabled": {
			change: func(p *plan.Plan) { p.NetworkPolicies.Enabled = false },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := guardedPlan()
			test.change(p)
			var got []string
			for _, policy := range networkPolicies(p) {
				got = append(got, policy.GetName())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNetworkPolicy(t *testing.T) {
	ambient := func(p *plan.Plan) { p.Istio.Ambient = true }
	tests := []struct {
		policy string
		change func(*plan.Plan)
		want   string
	}{
		{policy: "chat-default-deny", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
policyTypes:
- Ingress
- Egress
`},
		{policy: "chat-allow-from-gateway", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
ingress:
- ports:
  - protocol: TCP
    port: 8065
  from:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: istio-gateway
policyTypes:
- Ingress
`},
		{policy: "chat-allow-from-gateway", change: ambient, want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
ingress:
- ports:
  - protocol: TCP
    port: 8065
  - protocol: TCP
    port: 15008
  from:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: istio-gateway
policyTypes:
- Ingress
`},
		{policy: "chat-allow-from-monitoring", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
ingress:
- ports:
  - protocol: TCP
    port: 8067
  - protocol: TCP
    port: 15020
  from:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: monitoring
policyTypes:
- Ingress
`},
		{policy: "chat-allow-from-monitoring", change: ambient, want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
ingress:
- ports:
  - protocol: TCP
    port: 8067
  - protocol: TCP
    port: 15008
  from:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: monitoring
policyTypes:
- Ingress
`},
		{policy: "chat-allow-from-probes", change: ambient, want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
ingress:
- ports:
  - protocol: TCP
    port: 8065
  from:
  - ipBlock:
      cidr: 169.254.7.127/32
  - ipBlock:
      cidr: fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128
policyTypes:
- Ingress
`},
		{policy: "chat-allow-between-servers", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
ingress:
- ports:
  - protocol: UDP
    port: 8074
  - protocol: TCP
    port: 8074
  - protocol: TCP
    port: 8065
  from:
  - podSelector:
      matchLabels:
        app: mattermost
        installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: UDP
    port: 8074
  - protocol: TCP
    port: 8074
  - protocol: TCP
    port: 8065
  to:
  - podSelector:
      matchLabels:
        app: mattermost
        installation.mattermost.com/installation: chat
policyTypes:
- Ingress
- Egress
`},
		{policy: "chat-allow-to-dns", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: UDP
    port: 53
  - protocol: TCP
    port: 53
  to:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: kube-system
- ports:
  - protocol: UDP
    port: 5353
  - protocol: TCP
    port: 5353
  to:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: openshift-dns
- ports:
  - protocol: UDP
    port: 53
  - protocol: TCP
    port: 53
  to:
  - ipBlock:
      cidr: 169.254.20.10/32
policyTypes:
- Egress
`},
		{policy: "chat-allow-to-istiod", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: TCP
    port: 15012
  to:
  - podSelector:
      matchExpressions:
      - key: app
        operator: In
        values:
        - istiod
    namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: istio-system
policyTypes:
- Egress
`},
		// In the cluster, by the labels of the pods.
		{policy: "chat-allow-to-database", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: TCP
    port: 5432
  to:
  - podSelector:
      matchExpressions:
      - key: app.kubernetes.io/instance
        operator: In
        values:
        - chat
      - key: app.kubernetes.io/name
        operator: In
        values:
        - postgresql
policyTypes:
- Egress
`},
		// In the cluster, without labels, with the pods' port instead of the Service's.
		{policy: "chat-allow-to-elasticsearch", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: TCP
    port: 9200
  to:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: logging
policyTypes:
- Egress
`},
		{policy: "chat-allow-to-elasticsearch", change: ambient, want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: TCP
    port: 9200
  - protocol: TCP
    port: 15008
  to:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: logging
policyTypes:
- Egress
`},
		// External, at unknown addresses.
		{policy: "chat-allow-to-object-storage", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: TCP
    port: 443
  to:
  - ipBlock:
      cidr: 0.0.0.0/0
      except:
      - 169.254.169.254/32
  - ipBlock:
      cidr: ::/0
      except:
      - fd00:ec2::254/128
policyTypes:
- Egress
`},
		// External, at known addresses.
		{policy: "chat-allow-to-sso", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: TCP
    port: 443
  to:
  - ipBlock:
      cidr: 198.51.100.0/24
  - ipBlock:
      cidr: 203.0.113.7/32
policyTypes:
- Egress
`},
		// External, with an IP address as the host. The ambient mesh makes no difference for external destinations.
		{policy: "chat-allow-to-mail", change: ambient, want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- ports:
  - protocol: TCP
    port: 587
  to:
  - ipBlock:
      cidr: 192.0.2.25/32
policyTypes:
- Egress
`},
		{policy: "chat-allow-to-gateway", want: `
podSelector:
  matchLabels:
    app: mattermost
    installation.mattermost.com/installation: chat
egress:
- to:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: istio-gateway
policyTypes:
- Egress
`},
		{policy: "chat-allow-servers-to-database", want: `
podSelector:
  matchLabels:
    app.kubernetes.io/instance: chat
    app.kubernetes.io/name: postgresql
ingress:
- ports:
  - protocol: TCP
    port: 5432
  from:
  - podSelector:
      matchLabels:
        app: mattermost
        installation.mattermost.com/installation: chat
policyTypes:
- Ingress
`},
		{policy: "chat-allow-servers-to-database", change: ambient, want: `
podSelector:
  matchLabels:
    app.kubernetes.io/instance: chat
    app.kubernetes.io/name: postgresql
ingress:
- ports:
  - protocol: TCP
    port: 5432
  - protocol: TCP
    port: 15008
  from:
  - podSelector:
      matchLabels:
        app: mattermost
        installation.mattermost.com/installation: chat
- ports:
  - protocol: TCP
    port: 5432
  from:
  - ipBlock:
      cidr: 169.254.7.127/32
  - ipBlock:
      cidr: fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128
policyTypes:
- Ingress
`},
	}
	for _, test := range tests {
		t.Run(test.policy, func(t *testing.T) {
			p := guardedPlan()
			if test.change != nil {
				test.change(p)
			}
			policies := networkPolicies(p)
			i := slices.IndexFunc(policies, func(policy Object) bool { return policy.GetName() == test.policy })
			if i < 0 {
				t.Fatalf("no policy %s", test.policy)
			}
			wantSpec(t, policies[i:i+1], test.want)
		})
	}
}

func TestNoPolicyToTheGatewayIfItServesNoDestination(t *testing.T) {
	tests := map[string][]plan.Destination{
		"in the cluster": {{Kind: plan.DestinationElasticsearch, Host: "es.logging.svc", Port: 9200, TLS: true,
			Namespace: "logging"}},
		"at known addresses": {{Kind: plan.DestinationSSO, Host: "login.example.mil", Port: 443, TLS: true,
			CIDRs: []string{"198.51.100.0/24"}}},
		"not HTTP": {{Kind: plan.DestinationDatabase, Host: "db.example.mil", Port: 5432}},
	}
	for name, destinations := range tests {
		t.Run(name, func(t *testing.T) {
			p := guardedPlan()
			p.Destinations = destinations
			for _, policy := range networkPolicies(p) {
				if policy.GetName() == "chat-allow-to-gateway" {
					t.Errorf("the servers may connect to the gateway")
				}
			}
		})
	}
}

func TestNetworkPolicyMetadata(t *testing.T) {
	policies := networkPolicies(guardedPlan())
	wantHeader(t, policies[len(policies)-1], header("networking.k8s.io/v1", "NetworkPolicy", "chat-default-deny",
		"network"))
}

// Each service of Mattermost, Inc. that is wanted has a policy, a ServiceEntry and its settings.
func TestOnlineServices(t *testing.T) {
	p := planOf(t, "{domain: a.b, networkPolicies: {enabled: true}, istio: {injection: true, egress: RegistryOnly}, "+
		"onlineServices: {notices: true, securityAlerts: true, marketplace: true}}")
	var policies, entries []string
	for _, object := range networkPolicies(p) {
		policies = append(policies, object.GetName())
	}
	for _, object := range serviceEntries(p) {
		entries = append(entries, object.GetName())
		if text := manifest(t, object); !strings.Contains(text, "name: tls-") || !strings.Contains(text, "resolution: DNS") {
			t.Error(text)
		}
	}
	for _, name := range []string{"notices", "security-alerts", "marketplace"} {
		if !slices.Contains(policies, "chat-allow-to-"+name) || !slices.Contains(entries, "chat-"+name) {
			t.Errorf("%s: policies %v, ServiceEntries %v", name, policies, entries)
		}
	}
	if slices.Contains(entries, "chat-diagnostics") || slices.Contains(policies, "chat-allow-to-diagnostics") {
		t.Errorf("diagnostics are not wanted: policies %v, ServiceEntries %v", policies, entries)
	}
}
