package generators

import (
	securityapi "istio.io/api/security/v1beta1"
	typeapi "istio.io/api/type/v1beta1"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"

	"mattermost-fn/fn/plan"
)

// peerAuthentication says whether the servers accept connections without mutual TLS. It selects the servers only: what
// else lives in the namespace keeps the mesh's own setting.
func peerAuthentication(p *plan.Plan) []Object {
	if p.Istio.MTLS == "" {
		return nil
	}
	mode := securityapi.PeerAuthentication_MutualTLS_PERMISSIVE
	if p.Istio.MTLS == "STRICT" {
		mode = securityapi.PeerAuthentication_MutualTLS_STRICT
	}
	return []Object{&securityv1.PeerAuthentication{
		TypeMeta:   typeMeta(securityv1.SchemeGroupVersion.String(), "PeerAuthentication"),
		ObjectMeta: p.ObjectMeta("mesh", p.Name),
		Spec: securityapi.PeerAuthentication{
			Selector:      &typeapi.WorkloadSelector{MatchLabels: p.ServerLabels()},
			Mtls:          &securityapi.PeerAuthentication_MutualTLS{Mode: mode},
			PortLevelMtls: plaintextPorts(p),
		},
	}}
}

// plaintextPorts are the exceptions from strict mutual TLS: the metrics, where Prometheus scrapes over plain HTTP and so
// has no certificate to show. Istio takes exceptions only beside a selector, and ztunnel understands them too.
func plaintextPorts(p *plan.Plan) map[uint32]*securityapi.PeerAuthentication_MutualTLS {
	if p.Istio.MTLS != "STRICT" || !scrapedInPlaintext(p) {
		return nil
	}
	return map[uint32]*securityapi.PeerAuthentication_MutualTLS{
		uint32(plan.PortMetrics): {Mode: securityapi.PeerAuthentication_MutualTLS_PERMISSIVE},
	}
}

// scrapedInPlaintext says that Prometheus may come from outside the mesh. Scheme https means that it holds a certificate
// of the mesh, since the servers themselves never speak TLS on that port.
func scrapedInPlaintext(p *plan.Plan) bool {
	return p.Monitoring != nil && p.Monitoring.Scheme != "https"
}
