// SPDX-License-Identifier: Apache-2.0

package generators

import (
	securityv1 "bigbang.dev/mattermost-fn/internal/apis/istio/security/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// peerAuthentication returns the PeerAuthentication, which decides whether the servers accept connections without
// mutual TLS. It selects the servers only: other pods in the namespace keep the mesh's own setting.
func peerAuthentication(p *plan.Plan) []Object {
	if p.Istio.MTLS == "" {
		return nil
	}
	return []Object{&securityv1.PeerAuthentication{
		TypeMeta:   typeMeta(securityv1.APIVersion, "PeerAuthentication"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentMesh, p.Name),
		Spec: securityv1.PeerAuthenticationSpec{
			Selector:      securityv1.WorkloadSelector{MatchLabels: p.ServerLabels()},
			MTLS:          securityv1.MutualTLS{Mode: p.Istio.MTLS},
			PortLevelMTLS: plaintextPorts(p),
		},
	}}
}

// plaintextPorts returns the exceptions from strict mutual TLS: the metrics port, if Prometheus scrapes over plain HTTP
// and so presents no certificate. Istio accepts exceptions only together with a selector, and ztunnel supports them
// too.
func plaintextPorts(p *plan.Plan) map[int32]securityv1.MutualTLS {
	if p.Istio.MTLS != securityv1.Strict || !scrapedInPlaintext(p) {
		return nil
	}
	return map[int32]securityv1.MutualTLS{plan.PortMetrics: {Mode: securityv1.Permissive}}
}

// scrapedInPlaintext reports whether Prometheus may scrape from outside the mesh. Scheme https means that it has a
// certificate of the mesh, since the servers themselves never use TLS on that port.
func scrapedInPlaintext(p *plan.Plan) bool {
	return p.Monitoring != nil && p.Monitoring.Scheme != "https"
}
