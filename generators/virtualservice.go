package generators

import (
	"bytes"
	"encoding/json"

	networking "istio.io/api/networking/v1"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"

	"mattermost-fn/fn/plan"
	"mattermost-fn/fn/v1alpha1"
)

// virtualService emits the way from the mesh's gateway to the server. The destination is the Service's short name, which
// stands in the VirtualService's own namespace and which kustomize can rename. No route has a timeout: the websocket
// would end with it.
func virtualService(p *plan.Plan) []Object {
	if p.Route.Type != v1alpha1.RouteIstio {
		return nil
	}
	route := func() []*networking.HTTPRouteDestination {
		return []*networking.HTTPRouteDestination{{Destination: &networking.Destination{
			Host: p.Name, Port: &networking.PortSelector{Number: uint32(plan.PortApp)},
		}}}
	}
	object := &networkingv1.VirtualService{
		TypeMeta:   typeMeta("networking.istio.io/v1", "VirtualService"),
		ObjectMeta: p.ObjectMeta("route", p.Name),
		Spec: networking.VirtualService{
			Hosts: []string{p.Route.Host},
			Http: []*networking.HTTPRoute{
				{
					Name: "websocket",
					Match: []*networking.HTTPMatchRequest{{Uri: &networking.StringMatch{
						MatchType: &networking.StringMatch_Exact{Exact: "/api/v4/websocket"},
					}}},
					Retries: &networking.HTTPRetry{Attempts: 0}, // an upgrade is not to be tried twice
					Route:   route(),
				},
				{Name: "default", Route: route()},
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
	add(object.Annotations, p.Route.Annotations)
	return []Object{spelledOut{Object: object, fields: map[string]any{"http": []any{
		spelledOutRoute{object.Spec.Http[0]}, object.Spec.Http[1],
	}}}}
}

// spelledOutRoute is a route that says that it tries once: protobuf drops a number that is zero and leaves retries: {},
// which means that to Istio, and nothing to a reader.
type spelledOutRoute struct{ *networking.HTTPRoute }

// MarshalJSON prints the route with the number of attempts in place.
func (r spelledOutRoute) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(r.HTTPRoute)
	if err != nil {
		return nil, err
	}
	return bytes.Replace(data, []byte(`"retries":{}`), []byte(`"retries":{"attempts":0}`), 1), nil
}
