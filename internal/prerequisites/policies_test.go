// SPDX-License-Identifier: Apache-2.0

package prerequisites_test

import (
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/prerequisites"
)

// Which policies of Big Bang need an exception, and for which object.
func TestPolicies(t *testing.T) {
	const (
		tokens, bypass       = "update-automountserviceaccounttokens ", "disallow-istio-injection-bypass "
		registries, plain    = "restrict-image-registries ", "  database: {inCluster: {engine: statefulset, password: p"
		labels, namespaces   = "require-labels ", "require-istio-on-namespaces "
		cluster, set, server = "Cluster chat-db", "StatefulSet chat-db", "Deployment chat"
	)
	for _, test := range []struct {
		spec string
		want []string
	}{
		{"", []string{tokens + cluster, bypass + cluster}},
		{"  profile: community\n  route: {gateways: [g/h]}\n", nil},
		{"  route: {type: none}\n", []string{tokens + cluster, bypass + cluster}},
		{"  route: {type: none}\n  namespace: {create: true}\n",
			[]string{tokens + cluster, namespaces + "Namespace teams"}},
		{"  istio: {ambient: true}\n", []string{tokens + cluster}},
		{"  istio: {injection: true}\n", []string{tokens + cluster, bypass + cluster}},
		{"  istio: {injection: false}\n", []string{tokens + cluster, bypass + cluster, bypass + server}},
		{plain + "}}\n", []string{bypass + set}},
		{plain + ", image: 'example.com/pg@sha256:" + strings.Repeat("0", 64) + "'}}\n",
			[]string{bypass + set, registries + set, labels + set}},
		{"  database: {host: db.example.mil, password: p}\n", nil},
		{"  database: {inCluster: {image: 'ghcr.io/cloudnative-pg/postgresql:18.4'}}\n",
			[]string{tokens + cluster, bypass + cluster, registries + cluster}},
		{"  image: {repository: registry.dso.mil/team/mattermost}\n", []string{tokens + cluster, bypass + cluster}},
		{"  image: {repository: registry1.dso.mil.example.com/mattermost}\n",
			[]string{tokens + cluster, bypass + cluster, registries + server}},
		{"  pod: {sidecars: [{name: a, image: 'a.mil/b:1'}]}\n",
			[]string{tokens + cluster, bypass + cluster, registries + server}},
		{"  objectStorage: {inCluster: {engine: minio, accessKey: key, accessSecret: secret12}}\n",
			[]string{tokens + cluster, tokens + "Tenant chat-files", bypass + cluster}},
		{"  namespace: {create: true}\n", []string{tokens + cluster, bypass + cluster, namespaces + "Namespace teams"}},
		{"  namespace: {create: true}\n  istio: {injection: true}\n", []string{tokens + cluster, bypass + cluster}},
	} {
		var got []string
		for _, p := range all(t, test.spec) {
			if p.Topic == prerequisites.Policies && len(p.Keys) == 1 {
				got = append(got, p.Keys[0]+" "+p.Kind+" "+p.Name)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("for\n%sgot %q, want %q", test.spec, got, test.want)
		}
	}
}

// Big Bang's own collector reads the log of the servers before anything redacts it.
func TestAlloy(t *testing.T) {
	has := func(spec string) bool {
		isAlloy := func(p prerequisites.Prerequisite) bool { return p.ID == "alloy-not-redacted" }
		return slices.ContainsFunc(all(t, spec), isAlloy)
	}
	if !has("") || !has("  logging: {fluentBit: {enabled: false}}\n") {
		t.Error("the profile bigbang does not say that Alloy does not redact")
	}
	if has("  profile: community\n  route: {gateways: [g/h]}\n") {
		t.Error("another profile speaks of Alloy")
	}
}
