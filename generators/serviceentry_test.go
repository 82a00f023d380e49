// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/plan"
)

func TestServiceEntry(t *testing.T) {
	tests := map[string]struct {
		destinations []plan.Destination
		want         string
	}{
		"TLS is matched by server name": {
			destinations: []plan.Destination{{Kind: plan.DestinationSSO, Host: "Login.Example.Mil", Port: 443, TLS: true}},
			want: `
exportTo:
- .
hosts:
- login.example.mil
location: MESH_EXTERNAL
ports:
- name: tls-sso
  number: 443
  protocol: TLS
resolution: DNS
`,
		},
		"plain HTTP is matched by host header": {
			destinations: []plan.Destination{{Kind: plan.DestinationElasticsearch, Host: "search.example.mil", Port: 9200}},
			want: `
exportTo:
- .
hosts:
- search.example.mil
location: MESH_EXTERNAL
ports:
- name: http-elasticsearch
  number: 9200
  protocol: HTTP
resolution: DNS
`,
		},
		"PostgreSQL keeps the original address": {
			destinations: []plan.Destination{{Kind: plan.DestinationDatabase, Host: "db.example.mil", Port: 5432}},
			want: `
exportTo:
- .
hosts:
- db.example.mil
location: MESH_EXTERNAL
ports:
- name: tcp-database
  number: 5432
  protocol: TCP
resolution: NONE
`,
		},
		"PostgreSQL with known addresses rejects all others": {
			destinations: []plan.Destination{{Kind: plan.DestinationDatabase, Host: "db.example.mil", Port: 5432,
				CIDRs: []string{"10.2.0.0/24", "10.1.0.0/24"}}},
			want: `
addresses:
- 10.1.0.0/24
- 10.2.0.0/24
exportTo:
- .
hosts:
- db.example.mil
location: MESH_EXTERNAL
ports:
- name: tcp-database
  number: 5432
  protocol: TCP
resolution: NONE
`,
		},
		"mail upgrades to TLS or begins with TLS": {
			destinations: []plan.Destination{
				{Kind: plan.DestinationMail, Host: "smtp.example.mil", Port: 587},
				{Kind: plan.DestinationMail, Number: 2, Host: "smtp.example.mil", Port: 465, TLS: true},
			},
			want: `
exportTo:
- .
hosts:
- smtp.example.mil
location: MESH_EXTERNAL
ports:
- name: tcp-mail
  number: 587
  protocol: TCP
- name: tls-mail-2
  number: 465
  protocol: TLS
resolution: NONE
`,
		},
		"an IP address has no name to match": {
			destinations: []plan.Destination{{Kind: plan.DestinationObjectStorage, Host: "192.0.2.7", Port: 443, TLS: true}},
			want: `
addresses:
- 192.0.2.7
exportTo:
- .
hosts:
- chat-object-storage.teams.internal
location: MESH_EXTERNAL
ports:
- name: tcp-object-storage
  number: 443
  protocol: TCP
resolution: NONE
`,
		},
		"one host, two ports": {
			destinations: []plan.Destination{
				{Kind: plan.DestinationObjectStorage, Host: "services.example.mil", Port: 9000, TLS: true},
				{Kind: plan.DestinationElasticsearch, Host: "SERVICES.example.mil.", Port: 9200, TLS: true},
			},
			want: `
exportTo:
- .
hosts:
- services.example.mil
location: MESH_EXTERNAL
ports:
- name: tls-object-storage
  number: 9000
  protocol: TLS
- name: tls-elasticsearch
  number: 9200
  protocol: TLS
resolution: DNS
`,
		},
		"one host, one port, two destinations": {
			destinations: []plan.Destination{
				{Kind: plan.DestinationSSO, Host: "login.example.mil", Port: 443, TLS: true},
				{Kind: plan.DestinationSSO, Number: 2, Host: "login.example.mil", Port: 443, TLS: true},
			},
			want: `
exportTo:
- .
hosts:
- login.example.mil
location: MESH_EXTERNAL
ports:
- name: tls-sso
  number: 443
  protocol: TLS
resolution: DNS
`,
		},
		"no addresses unless they are known for all destinations on the host": {
			destinations: []plan.Destination{
				{Kind: plan.DestinationDatabase, Host: "all.example.mil", Port: 5432, CIDRs: []string{"10.1.0.0/24"}},
				{Kind: plan.DestinationSSO, Host: "all.example.mil", Port: 443, TLS: true},
			},
			want: `
exportTo:
- .
hosts:
- all.example.mil
location: MESH_EXTERNAL
ports:
- name: tcp-database
  number: 5432
  protocol: TCP
- name: tls-sso
  number: 443
  protocol: TLS
resolution: NONE
`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := meshPlan()
			p.Istio.ServiceEntries = true
			p.Destinations = test.destinations
			wantSpec(t, serviceEntries(p), test.want)
		})
	}
}

func TestOneServiceEntryPerExternalHost(t *testing.T) {
	p := meshPlan()
	p.Istio.ServiceEntries = true
	p.Destinations = []plan.Destination{
		{Kind: plan.DestinationSSO, Host: "login.example.mil", Port: 443, TLS: true},
		{Kind: plan.DestinationElasticsearch, Host: "es.logging.svc", Port: 9200, TLS: true, Namespace: "logging"},
		{Kind: plan.DestinationDatabase, Host: "db.example.mil", Port: 5432},
		{Kind: plan.DestinationDatabase, Number: 2, Host: "db-ro.example.mil", Port: 5432},
		{Kind: plan.DestinationObjectStorage, Host: "s3.example.mil", Port: 443, TLS: true},
	}
	var names []string
	for _, entry := range serviceEntries(p) {
		names = append(names, entry.GetName())
	}
	if want := []string{"chat-database", "chat-database-2", "chat-object-storage",
		"chat-sso"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	wantHeader(t, serviceEntries(p)[0], header("networking.istio.io/v1", "ServiceEntry", "chat-database", "mesh"))
}

func TestServiceEntriesNotEnabled(t *testing.T) {
	p := meshPlan()
	p.Destinations = []plan.Destination{{Kind: plan.DestinationSSO, Host: "login.example.mil", Port: 443, TLS: true}}
	if objects := serviceEntries(p); len(objects) != 0 {
		t.Errorf("got %d objects, want none", len(objects))
	}
}

func TestServiceEntryOfBuckets(t *testing.T) {
	tests := map[string]struct {
		host, bucket string
		want         []string
	}{
		"an Amazon region: the bucket's host name, and the dual-stack endpoint that the client uses": {
			host: "s3.us-gov-west-1.amazonaws.com", bucket: "chat",
			want: []string{
				"s3.us-gov-west-1.amazonaws.com",
				"s3.dualstack.us-gov-west-1.amazonaws.com",
				"chat.s3.us-gov-west-1.amazonaws.com",
				"chat.s3.dualstack.us-gov-west-1.amazonaws.com",
			},
		},
		"Amazon in China": {
			host: "s3.cn-north-1.amazonaws.com.cn", bucket: "chat",
			want: []string{
				"s3.cn-north-1.amazonaws.com.cn",
				"s3.dualstack.cn-north-1.amazonaws.com.cn",
				"chat.s3.cn-north-1.amazonaws.com.cn",
				"chat.s3.dualstack.cn-north-1.amazonaws.com.cn",
			},
		},
		"a bucket with a dot, which no certificate matches": {
			host: "s3.us-west-2.amazonaws.com", bucket: "chat.files",
			want: []string{"s3.us-west-2.amazonaws.com", "s3.dualstack.us-west-2.amazonaws.com"},
		},
		"Amazon's FIPS endpoint, which the client uses unchanged": {
			host: "s3-fips.us-gov-west-1.amazonaws.com", bucket: "chat",
			want: []string{"s3-fips.us-gov-west-1.amazonaws.com", "chat.s3-fips.us-gov-west-1.amazonaws.com"},
		},
		"Google": {
			host: "storage.googleapis.com", bucket: "chat",
			want: []string{"storage.googleapis.com", "chat.storage.googleapis.com"},
		},
		"every other service has the bucket in the path": {
			host: "s3.example.mil", bucket: "chat",
			want: []string{"s3.example.mil"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := meshPlan()
			p.Istio.ServiceEntries = true
			p.Files.S3 = &plan.S3{Address: test.host, Bucket: test.bucket}
			p.Destinations = []plan.Destination{{Kind: plan.DestinationObjectStorage, Host: test.host, Port: 443, TLS: true}}
			entries := serviceEntries(p)
			if len(entries) != 1 {
				t.Fatalf("got %d entries, want 1", len(entries))
			}
			node := manifestNode(t, entries[0])
			hosts, err := node.Field("spec").Value.Field("hosts").Value.Elements()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, host := range hosts {
				got = append(got, host.YNode().Value)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// Allowed destinations have policies, and ServiceEntries outside the cluster: by name, or by address for a range.
func TestAllowedDestinations(t *testing.T) {
	p := planOf(t, "{networkPolicies: {enabled: true, allow: [{host: updates.example.com, port: 443}, {host: "+
		"proxy.example.com, port: 3128}, {cidr: 10.1.2.0/24, port: 6514}, {host: rtcd.calls.svc, port: 8045}]}, "+
		"istio: {injection: true, egress: RegistryOnly}}")
	entries, policies := map[string]string{}, map[string]string{}
	for _, object := range serviceEntries(p) {
		entries[object.GetName()] = manifest(t, object)
	}
	for _, object := range networkPolicies(p) {
		policies[object.GetName()] = manifest(t, object)
	}
	for name, parts := range map[string][]string{
		"chat-updates-example-com-443": {"- updates.example.com\n", "name: tls-443\n    number: 443\n    protocol: TLS\n",
			"resolution: DNS\n"},
		"chat-proxy-example-com-3128": {"- proxy.example.com\n", "number: 3128\n    protocol: TCP\n", "resolution: NONE\n"},
		"chat-10-1-2-0-24-6514":       {"addresses:\n  - 10.1.2.0/24\n", "- chat-10-1-2-0-24-6514.", "protocol: TCP\n", "resolution: NONE\n"},
	} {
		for _, part := range parts {
			if !strings.Contains(entries[name], part) {
				t.Errorf("%s has no %q:\n%s", name, part, entries[name])
			}
		}
	}
	if entries["chat-rtcd-calls-svc-8045"] != "" {
		t.Errorf("a Service of the cluster has\n%s", entries["chat-rtcd-calls-svc-8045"])
	}
	for name, part := range map[string]string{
		"chat-allow-to-updates-example-com-443": "port: 443\n",
		"chat-allow-to-10-1-2-0-24-6514":        "cidr: 10.1.2.0/24\n",
		"chat-allow-to-rtcd-calls-svc-8045":     "kubernetes.io/metadata.name: calls\n",
	} {
		if !strings.Contains(policies[name], part) {
			t.Errorf("%s has no %q:\n%s", name, part, policies[name])
		}
	}
}
