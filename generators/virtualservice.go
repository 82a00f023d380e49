// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"bigbang.dev/mattermost-fn/api/v1alpha1"
	networkingv1 "bigbang.dev/mattermost-fn/internal/apis/istio/networking/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// virtualService returns the route from the mesh's gateway to the servers. The destination is the Service's short name,
// which Istio resolves in the VirtualService's own namespace and which kustomize can rename. No route has a timeout,
// since it would close the websocket.
func virtualService(p *plan.Plan) []Object {
	if p.Route.Type != v1alpha1.RouteIstio {
		return nil
	}
	route := []networkingv1.HTTPRouteDestination{{Destination: networkingv1.Destination{
		Host: p.Name, Port: networkingv1.PortSelector{Number: plan.PortApp},
	}}}
	object := &networkingv1.VirtualService{
		TypeMeta:   typeMeta(networkingv1.APIVersion, "VirtualService"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentRoute, p.Name),
		Spec: networkingv1.VirtualServiceSpec{
			Hosts: []string{p.Route.Host},
			HTTP: []networkingv1.HTTPRoute{
				{
					Name:    "websocket",
					Match:   []networkingv1.HTTPMatch{{URI: networkingv1.StringMatch{Exact: "/api/v4/websocket"}}},
					Route:   route,
					Retries: &networkingv1.HTTPRetry{Attempts: 0}, // an upgrade must not be retried
				},
				{Name: "default", Route: route},
			},
		},
	}
	for _, gateway := range p.Route.Gateways {
		name := gateway.Name
		if gateway.Namespace != "" {
			name = gateway.Namespace + "/" + name
		}
		object.Spec.Gateways = append(object.Spec.Gateways, name)
	}
	mergeMetadata(object.Annotations, p.Route.Annotations)
	return []Object{object}
}
