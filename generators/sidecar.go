// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"slices"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	networkingv1 "bigbang.dev/mattermost-fn/internal/apis/istio/networking/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// istioNamespace is where istiod runs.
const istioNamespace = "istio-system"

// sidecar returns the Sidecar, which restricts the outgoing connections of the servers. It is not emitted for the
// ambient mesh, since ztunnel does not read it, nor if the servers have no sidecars.
func sidecar(p *plan.Plan) []Object {
	if p.Istio.Egress == "" || !hasSidecar(p) {
		return nil
	}
	object := &networkingv1.Sidecar{
		TypeMeta:   typeMeta(networkingv1.APIVersion, "Sidecar"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentMesh, p.Name),
		Spec: networkingv1.SidecarSpec{
			WorkloadSelector:      networkingv1.WorkloadSelector{Labels: p.ServerLabels()},
			OutboundTrafficPolicy: networkingv1.OutboundTrafficPolicy{Mode: networkingv1.AllowAny},
		},
	}
	if p.Istio.Egress == "RegistryOnly" {
		object.Spec.OutboundTrafficPolicy.Mode = networkingv1.RegistryOnly
		object.Spec.Egress = []networkingv1.EgressListener{{Hosts: visibleHosts(p)}}
	}
	return []Object{object}
}

// visibleHosts returns the part of the mesh's registry that the servers see: their own namespace, which contains the
// ServiceEntries, Istio's namespace, and those of the services that they use.
func visibleHosts(p *plan.Plan) []string {
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

// hasSidecar reports whether the servers get a sidecar, as far as the configuration shows. If the namespace decides, it
// assumes a sidecar if there is an Istio route or any other setting of the mesh.
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
