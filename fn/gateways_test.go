// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// admitted are the clients that an installation's policies let through to the application.
type admitted struct{ principals, namespaces []string }

// admits reads the policies for the gateways.
func admits(t *testing.T, out string) admitted {
	t.Helper()
	var mesh struct {
		Spec struct {
			Rules []struct {
				From []struct{ Source struct{ Principals []string } }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(item(t, out, "AuthorizationPolicy teams/chat")), &mesh); err != nil {
		t.Fatal(err)
	}
	var network struct {
		Spec struct {
			Ingress []struct {
				From []struct {
					NamespaceSelector struct {
						MatchLabels map[string]string `yaml:"matchLabels"`
					} `yaml:"namespaceSelector"`
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(item(t, out, "NetworkPolicy teams/chat-allow-from-gateway")), &network); err != nil {
		t.Fatal(err)
	}
	got := admitted{principals: mesh.Spec.Rules[0].From[0].Source.Principals}
	for _, peer := range network.Spec.Ingress[0].From {
		// Without a selector of namespaces a peer is in the policy's own.
		namespace := cmp.Or(peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"], "teams")
		got.namespaces = append(got.namespaces, namespace)
	}
	return got
}

// The policies admit every gateway of a route, or the configuration is rejected.
func TestEveryGatewayIsAdmitted(t *testing.T) {
	const bigBang = "cluster.local/ns/istio-gateway/sa/"
	const suffix = "-ingressgateway-service-account"
	for name, test := range map[string]struct {
		spec                   string
		principals, namespaces []string
		err                    string
	}{
		"none named": {
			spec:       "domain: example.mil",
			principals: []string{bigBang + "public-ingressgateway" + suffix}, namespaces: []string{"istio-gateway"},
		},
		"two of Big Bang": {
			spec: "domain: example.mil\n  route: {gateways: [istio-gateway/private-ingressgateway, " +
				"istio-gateway/public-ingressgateway]}",
			principals: []string{bigBang + "private-ingressgateway" + suffix, bigBang + "public-ingressgateway" + suffix},
			namespaces: []string{"istio-gateway"},
		},
		"one of Big Bang, and others": {
			spec: "domain: example.mil\n  route: {gateways: [istio-gateway/public-ingressgateway, edge/passthrough, local]}",
			err:  "the identity of edge/passthrough, local is not known",
		},
		"others, with their identities": {
			spec: "domain: example.mil\n  route: {gateways: [local, edge/passthrough, mesh]}\n" +
				"  istio: {gatewayPrincipals: [cluster.local/ns/teams/sa/local, cluster.local/ns/edge/sa/passthrough]}",
			principals: []string{"cluster.local/ns/teams/sa/local", "cluster.local/ns/edge/sa/passthrough"},
			namespaces: []string{"teams", "edge"},
		},
		"two of Big Bang in the other profile": {
			spec: "profile: community\n  domain: example.mil\n  route: {type: istio, gateways: " +
				"[istio-gateway/private-ingressgateway, istio-gateway/public-ingressgateway]}",
			err: "the identity of istio-gateway/private-ingressgateway is not known",
		},
		"several parents": {
			spec: "profile: community\n  domain: example.mil\n  route: {gateways: [a/one, b/two, a/three]}\n" +
				"  istio: {gatewayPrincipals: [cluster.local/ns/a/sa/one-istio, cluster.local/ns/b/sa/two-istio, " +
				"cluster.local/ns/a/sa/three-istio]}",
			principals: []string{"cluster.local/ns/a/sa/one-istio", "cluster.local/ns/b/sa/two-istio",
				"cluster.local/ns/a/sa/three-istio"},
			namespaces: []string{"a", "b"},
		},
		"several parents without identities": {
			spec: "profile: community\n  domain: example.mil\n  route: {gateways: [a/one, b/two]}",
			err:  "spec.istio.gatewayPrincipals: is required",
		},
		"pods elsewhere": {
			spec: "domain: example.mil\n  route: {gateways: [config/one, config/two]}\n" +
				"  istio: {gatewayPrincipals: [cluster.local/ns/x/sa/one, cluster.local/ns/y/sa/two]}\n" +
				"  networkPolicies: {gatewayNamespaces: [x, y]}",
			principals: []string{"cluster.local/ns/x/sa/one", "cluster.local/ns/y/sa/two"}, namespaces: []string{"x", "y"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec := test.spec
			for section, field := range map[string]string{"istio": "authorizationPolicies", "networkPolicies": "enabled"} {
				with := "  " + section + ": {" + field + ": true, "
				if spec = strings.Replace(spec, "  "+section+": {", with, 1); !strings.Contains(spec, with) {
					spec += "\n  " + section + ": {" + field + ": true}"
				}
			}
			r := run(list("", "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n"+
				"metadata: {name: chat, namespace: teams}\nspec:\n  "+spec+"\n"))
			if test.err != "" {
				if r.exit == 0 || !strings.Contains(r.errors, test.err) {
					t.Errorf("got exit code %d, %s; want %s", r.exit, r.errors, test.err)
				}
				return
			}
			if r.exit != 0 {
				t.Fatal(r.errors)
			}
			got := admits(t, r.out)
			if !slices.Equal(got.principals, test.principals) || !slices.Equal(got.namespaces, test.namespaces) {
				t.Errorf("got %+v, want %v and %v", got, test.principals, test.namespaces)
			}
		})
	}
}
