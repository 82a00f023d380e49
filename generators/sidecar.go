// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"slices"

	networkingv1 "bigbang.dev/mattermost-fn/internal/apis/istio/networking/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// sidecar returns the Sidecar, which restricts the outgoing connections of the servers. It is not emitted for the
// ambient mesh, since ztunnel does not read it, nor if the servers have no sidecars.
func sidecar(p *plan.Plan) []Object {
	if p.Istio.Egress == "" || !p.HasSidecar() {
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
		if d.Namespace != "" && d.Namespace != p.Namespace && d.Namespace != plan.IstioNamespace {
			namespaces = append(namespaces, d.Namespace)
		}
	}
	slices.Sort(namespaces)
	hosts := []string{"./*", plan.IstioNamespace + "/*"}
	for _, namespace := range slices.Compact(namespaces) {
		hosts = append(hosts, namespace+"/*")
	}
	return hosts
}
