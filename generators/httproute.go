// SPDX-License-Identifier: Apache-2.0

package generators

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// httpRoute returns the route from a Gateway to the servers. A timeout of 0s disables the default of the
// implementation, which uploads and the websocket would exceed.
func httpRoute(p *plan.Plan) []Object {
	if p.Route.Type != v1alpha1.RouteGatewayAPI {
		return nil
	}
	port := gatewayv1.PortNumber(plan.PortApp)
	never := gatewayv1.Duration("0s")
	exact, prefix := gatewayv1.PathMatchExact, gatewayv1.PathMatchPathPrefix
	rule := func(kind *gatewayv1.PathMatchType, path string) gatewayv1.HTTPRouteRule {
		service := gatewayv1.BackendObjectReference{Name: gatewayv1.ObjectName(p.Name), Port: &port}
		return gatewayv1.HTTPRouteRule{
			Matches:     []gatewayv1.HTTPRouteMatch{{Path: &gatewayv1.HTTPPathMatch{Type: kind, Value: &path}}},
			Timeouts:    &gatewayv1.HTTPRouteTimeouts{Request: &never},
			BackendRefs: []gatewayv1.HTTPBackendRef{{BackendRef: gatewayv1.BackendRef{BackendObjectReference: service}}},
		}
	}
	object := &gatewayv1.HTTPRoute{
		TypeMeta:   typeMeta("gateway.networking.k8s.io/v1", "HTTPRoute"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentRoute, p.Name),
		Spec: gatewayv1.HTTPRouteSpec{
			Hostnames: []gatewayv1.Hostname{gatewayv1.Hostname(p.Route.Host)},
			Rules:     []gatewayv1.HTTPRouteRule{rule(&exact, "/api/v4/websocket"), rule(&prefix, "/")},
		},
	}
	for _, gateway := range p.Route.Gateways {
		ref := gatewayv1.ParentReference{Name: gatewayv1.ObjectName(gateway.Name)}
		if gateway.Namespace != "" {
			namespace := gatewayv1.Namespace(gateway.Namespace)
			ref.Namespace = &namespace
		}
		if p.Route.SectionName != "" {
			section := gatewayv1.SectionName(p.Route.SectionName)
			ref.SectionName = &section
		}
		object.Spec.ParentRefs = append(object.Spec.ParentRefs, ref)
	}
	mergeMetadata(object.Annotations, p.Route.Annotations)
	return []Object{object}
}
