package generators

import (
	"slices"

	networkingapi "istio.io/api/networking/v1alpha3"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"

	"mattermost-fn/fn/plan"
	"mattermost-fn/fn/v1alpha1"
)

// istioNamespace is where istiod runs.
const istioNamespace = "istio-system"

// sidecar says where the servers' sidecars let them connect to. There is none in the ambient mesh, where ztunnel does not
// read it, nor where there are no sidecars to configure.
func sidecar(p *plan.Plan) []Object {
	if p.Istio.Egress == "" || !hasSidecar(p) {
		return nil
	}
	object := &networkingv1.Sidecar{
		TypeMeta:   typeMeta(networkingv1.SchemeGroupVersion.String(), "Sidecar"),
		ObjectMeta: p.ObjectMeta("mesh", p.Name),
		Spec: networkingapi.Sidecar{
			WorkloadSelector: &networkingapi.WorkloadSelector{Labels: p.ServerLabels()},
		},
	}
	mode := networkingapi.OutboundTrafficPolicy_ALLOW_ANY
	if p.Istio.Egress == "RegistryOnly" {
		mode = networkingapi.OutboundTrafficPolicy_REGISTRY_ONLY
		object.Spec.Egress = []*networkingapi.IstioEgressListener{{Hosts: knownHosts(p)}}
	}
	object.Spec.OutboundTrafficPolicy = &networkingapi.OutboundTrafficPolicy{Mode: mode}
	return []Object{spelledOut{
		Object: object,
		fields: map[string]any{"outboundTrafficPolicy": map[string]any{"mode": mode.String()}},
	}}
}

// knownHosts are what the mesh's registry holds for the servers: their own namespace, which the service entries live in,
// Istio's, and the namespaces of the services that they use. The rest of the cluster stays unknown to them.
func knownHosts(p *plan.Plan) []string {
	var namespaces []string
	for _, d := range p.Destinations {
		if d.Namespace != "" && d.Namespace != p.Namespace && d.Namespace != istioNamespace {
			namespaces = append(namespaces, d.Namespace)
		}
	}
	slices.Sort(namespaces)
	hosts := []string{"./*", istioNamespace + "/*"}
	for _, namespace := range slices.Compact(namespaces) {
		hosts = append(hosts, namespace+"/*")
	}
	return hosts
}

// hasSidecar says whether the servers get a sidecar, as far as the configuration tells. Where it leaves that to the
// namespace, an Istio route or any other word about the mesh counts as yes.
func hasSidecar(p *plan.Plan) bool {
	switch {
	case p.Istio.Ambient:
		return false
	case p.Istio.Injection != nil:
		return *p.Istio.Injection
	case p.NamespaceObject != nil && p.NamespaceObject.Labels["istio-injection"] == "enabled":
		return true
	}
	return p.Route.Type == v1alpha1.RouteIstio || p.Istio.MTLS != "" || p.Istio.AuthorizationPolicies ||
		p.Istio.Egress != "" || p.Istio.ServiceEntries
}
