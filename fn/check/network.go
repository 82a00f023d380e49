package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"mattermost-fn/fn/v1alpha1"
)

func index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

func route(s *subject) {
	route := s.spec.Route
	for i, gateway := range route.Gateways {
		for _, part := range strings.SplitN(gateway, "/", 2) {
			if len(validation.IsDNS1123Subdomain(part)) > 0 {
				s.errorf(index("spec.route.gateways", i), "%q is not a gateway; write namespace/name, or name for one in the same namespace", gateway)
				break
			}
		}
	}
	switch route.Type {
	case v1alpha1.RouteGatewayAPI:
		if len(route.Gateways) == 0 {
			s.errorf("spec.route.gateways", "is missing: which Gateway the route is bound to cannot be guessed. Write gateways: [namespace/name]; or set spec.route.type: none and reach the site with kubectl port-forward")
		}
	case v1alpha1.RouteIngress:
		if route.IngressClass == "" {
			s.errorf("spec.route.ingressClass", "is missing: without it the operator asks for nginx, whatever is installed. Give the class that `kubectl get ingressclass` shows")
		}
		if route.IngressClass == s.Name {
			s.errorf("spec.route.ingressClass", "%q is the installation's own name, and the operator deletes an IngressClass of that name; rename the installation (metadata.name)", route.IngressClass)
		}
		if route.TLSSecret == "" {
			s.warnf("spec.route.tlsSecret", "is missing, so the Ingress speaks no TLS unless the controller has a certificate of its own; the site's address begins with https:// all the same")
		}
		ingressAnnotations(s, route)
	}
	for _, only := range []struct {
		field string
		types []v1alpha1.RouteType
	}{
		{"gateways", []v1alpha1.RouteType{v1alpha1.RouteIstio, v1alpha1.RouteGatewayAPI}},
		{"sectionName", []v1alpha1.RouteType{v1alpha1.RouteGatewayAPI}},
		{"ingressClass", []v1alpha1.RouteType{v1alpha1.RouteIngress}},
		{"tlsSecret", []v1alpha1.RouteType{v1alpha1.RouteIngress}},
	} {
		if s.given("spec.route."+only.field) && !slices.Contains(only.types, route.Type) {
			s.warnf("spec.route."+only.field, "is not used by a route of type %s", route.Type)
		}
	}
}

// ingressAnnotations are read by the operator, which drops some and stumbles over others (operator.md sections 1 and 4).
func ingressAnnotations(s *subject, route *v1alpha1.Route) {
	for key, value := range route.Annotations {
		field := "spec.route.annotations[" + key + "]"
		switch {
		case strings.HasSuffix(key, "proxy-body-size") && value == "":
			s.errorf(field, "is empty, which makes the operator fail at every attempt without a word; write a size such as 1000m, or remove it")
		case strings.Contains(key, "snippet") || strings.Contains(value, "\n"):
			s.errorf(field, "is dropped by the operator, which passes on no snippets and no line breaks; remove it")
		}
	}
}

func mesh(s *subject) {
	istio := s.spec.Istio
	if istio.Ambient && istio.Injection != nil && *istio.Injection {
		s.errorf("spec.istio.injection", "contradicts spec.istio.ambient: a pod is in the mesh by a sidecar or without one")
	}
	if istio.Ambient && istio.Egress != "" {
		s.errorf("spec.istio.egress", "needs a sidecar, and spec.istio.ambient has none; use spec.networkPolicies, or a waypoint and egress gateway of your own")
	}
	if istio.AuthorizationPolicies && s.spec.Route.Type != v1alpha1.RouteNone && len(istio.GatewayPrincipals) == 0 {
		s.errorf("spec.istio.gatewayPrincipals", "is missing: with a route of type %s Big Bang's gateway is not the way in, and authorizationPolicies would lock everybody out. Give the identity of your gateway, cluster.local/ns/<namespace>/sa/<service account>", s.spec.Route.Type)
	}
	for i, principal := range istio.GatewayPrincipals {
		if !strings.Contains(principal, "/ns/") || !strings.Contains(principal, "/sa/") || strings.Contains(principal, "://") {
			s.errorf(index("spec.istio.gatewayPrincipals", i), "%q is not an identity of the mesh; write cluster.local/ns/<namespace>/sa/<service account>", principal)
		}
	}
	if istio.MTLS == "STRICT" && s.spec.Route.Type == v1alpha1.RouteIngress {
		s.warnf("spec.istio.mtls", "lets only the mesh in, and an Ingress controller is usually outside; use PERMISSIVE, or a route of type istio or gatewayAPI")
	}
	if istio.MTLS == "STRICT" && istio.Injection != nil && !*istio.Injection && !istio.Ambient {
		s.warnf("spec.istio.mtls", "has no effect on pods that are not in the mesh (spec.istio.injection is false)")
	}
}

// destinations are what spec.networkPolicies.egress can name.
var destinations = []string{"database", "objectStorage", "sso", "elasticsearch"}

func networkPolicies(s *subject) {
	policies := s.spec.NetworkPolicies
	for name, cidrs := range policies.Egress {
		field := "spec.networkPolicies.egress." + name
		if !slices.Contains(destinations, name) {
			s.errorf(field, "is not a destination (one of %s)", strings.Join(destinations, ", "))
			continue
		}
		for i, cidr := range cidrs {
			prefix, err := netip.ParsePrefix(cidr)
			switch {
			case err != nil:
				s.errorf(index(field, i), "%q is not a range of addresses; write for example 10.1.2.0/24, or 10.1.2.3/32 for one", cidr)
			case prefix.Masked() != prefix:
				s.errorf(index(field, i), "%q has bits outside its mask; write %s", cidr, prefix.Masked())
			}
		}
	}
	for field, namespace := range map[string]string{"gatewayNamespace": policies.GatewayNamespace, "monitoringNamespace": policies.MonitoringNamespace} {
		if namespace != "" && len(validation.IsDNS1123Label(namespace)) > 0 {
			s.errorf("spec.networkPolicies."+field, "%q is not a namespace", namespace)
		}
	}
}
