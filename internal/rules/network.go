// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

func route(s *subject) {
	route := s.spec.Route
	for i, gateway := range route.Gateways {
		if route.Type == v1alpha1.RouteGatewayAPI && slices.Contains(route.Gateways[:i], gateway) {
			s.errorf(index("spec.route.gateways", i), "%q is listed twice, which the API server rejects; remove one", gateway)
		}
		for part := range strings.SplitSeq(gateway, "/") {
			if len(validation.IsDNS1123Subdomain(part)) > 0 || strings.Count(gateway, "/") > 1 {
				s.errorf(index("spec.route.gateways", i), "%q is not a gateway; write namespace/name, "+
					"or name for one in the same namespace", gateway)
				break
			}
		}
	}
	switch route.Type {
	case v1alpha1.RouteGatewayAPI:
		if len(route.Gateways) == 0 {
			s.errorf("spec.route.gateways", "is required: the Gateway of the route cannot be guessed. Set gateways: "+
				"[namespace/name]; or set spec.route.type: none and use kubectl port-forward")
		}
	case v1alpha1.RouteIngress:
		ingress(s, route)
	}
	for _, only := range []struct {
		field string
		types []v1alpha1.RouteType
	}{
		{"gateways", []v1alpha1.RouteType{v1alpha1.RouteIstio, v1alpha1.RouteGatewayAPI}},
		{"sectionName", []v1alpha1.RouteType{v1alpha1.RouteGatewayAPI}},
		{"ingressClass", []v1alpha1.RouteType{v1alpha1.RouteIngress}},
		{"tlsSecret", []v1alpha1.RouteType{v1alpha1.RouteIngress}},
		{"annotations", []v1alpha1.RouteType{v1alpha1.RouteIstio, v1alpha1.RouteGatewayAPI, v1alpha1.RouteIngress}},
	} {
		if s.given("spec.route."+only.field) && !slices.Contains(only.types, route.Type) {
			s.warnf("spec.route."+only.field, "is not used by a route of type %s; remove it, or set spec.route.type. %s",
				route.Type, inPatch(only.field))
		}
	}
	if route.Type == v1alpha1.RouteIstio || route.Type == v1alpha1.RouteGatewayAPI {
		for _, key := range slices.Sorted(maps.Keys(route.Annotations)) {
			if isForIngress(key) {
				s.warnf(entry("spec.route.annotations", key), "is for an Ingress, and has no effect on a route of type %s; "+
					"remove it, or set it on the gateway", route.Type)
			}
		}
	}
}

func mesh(s *subject) {
	istio := s.spec.Istio
	if istio.Ambient && istio.Injection != nil && *istio.Injection {
		s.conflictf("spec.istio.injection", "ambient", "contradicts spec.istio.ambient: a pod joins the mesh either "+
			"with a sidecar or in ambient mode; keep one of the two")
	}
	if istio.Ambient && istio.Egress != "" {
		s.errorf("spec.istio.egress", "needs a sidecar, and spec.istio.ambient has none; use spec.networkPolicies, "+
			"or a waypoint and egress gateway of your own")
	}
	meshLabels(s)
	meshAnnotations(s)
	gatewayPrincipals(s)
	if istio.MTLS == "STRICT" && s.spec.Route.Type == v1alpha1.RouteIngress {
		s.warnf("spec.istio.mtls", "allows only clients in the mesh, but an Ingress controller is usually outside; "+
			"use PERMISSIVE, or a route of type istio or gatewayAPI")
	}
	if outsideMesh(istio) {
		for field, wanted := range map[string]bool{"mtls": istio.MTLS != "",
			"authorizationPolicies": istio.AuthorizationPolicies, "egress": istio.Egress != ""} {
			if wanted {
				s.warnf("spec.istio."+field, "has no effect on pods that are not in the mesh (spec.istio.injection is false); "+
					"remove it, or add the pods to the mesh")
			}
		}
	}
	if monitoring := s.spec.Monitoring; monitoring.Enabled && monitoring.ServiceMonitor.Scheme == "https" {
		switch {
		case outsideMesh(istio):
			s.warnf("spec.monitoring.serviceMonitor.scheme", "the mesh would serve https, "+
				"but the pods are not in it (spec.istio.injection is false), so scraping fails; use http")
		case monitoring.ServiceMonitor.TLSConfig == nil:
			s.warnf("spec.monitoring.serviceMonitor.tlsConfig", "is required: the mesh serves https, "+
				"and requires a client certificate of Prometheus. Set caFile, certFile and keyFile, "+
				"in Big Bang below /etc/prom-certs, and insecureSkipVerify: true")
		}
	}
}

// outsideMesh reports whether the pods are not in the mesh.
func outsideMesh(istio *v1alpha1.Istio) bool { return isFalse(istio.Injection) && !istio.Ambient }

// meshLabels reports pod labels about the mesh that contradict the configuration, which overrides them.
func meshLabels(s *subject) {
	istio, labels := s.spec.Istio, s.spec.Pod.Labels
	const inject, mode = "sidecar.istio.io/inject", "istio.io/dataplane-mode"
	switch given, ok := labels[inject]; {
	case !ok:
	case istio.Ambient && given == "true":
		s.errorf(entry("spec.pod.labels", inject), "contradicts spec.istio.ambient; remove it")
	case istio.Injection != nil && given != strconv.FormatBool(*istio.Injection):
		s.errorf(entry("spec.pod.labels", inject), "contradicts spec.istio.injection, which sets it; remove it")
	}
	if given, ok := labels[mode]; ok && istio.Ambient && given != "ambient" {
		s.errorf(entry("spec.pod.labels", mode), "contradicts spec.istio.ambient, which sets it; remove it")
	}
}

// meshAnnotations reports annotations of the pods with which Istio's webhook rejects every pod that gets a sidecar
// (pkg/kube/inject/validate.go), and those that the function sets itself.
func meshAnnotations(s *subject) {
	annotations := s.spec.Pod.Annotations
	if _, given := annotations[plan.AnnotationSecretsChecksum]; given {
		s.warnf(entry("spec.pod.annotations", plan.AnnotationSecretsChecksum), "is set by mattermost-fn; remove it")
	}
	for _, name := range []string{
		plan.AnnotationExcludedPorts, "traffic.sidecar.istio.io/excludeInboundPorts",
		"traffic.sidecar.istio.io/includeInboundPorts",
	} {
		value := annotations[name]
		if name == "traffic.sidecar.istio.io/includeInboundPorts" && value == "*" {
			continue
		}
		if _, err := plan.ParsePorts(value); err != nil {
			s.errorf(entry("spec.pod.annotations", name), "%v, and with it Istio rejects the pods; write ports such as 25,5432",
				err)
		}
	}
	for _, name := range []string{
		"traffic.sidecar.istio.io/excludeOutboundIPRanges", "traffic.sidecar.istio.io/includeOutboundIPRanges",
	} {
		value := annotations[name]
		if value == "" || value == "*" && strings.HasSuffix(name, "includeOutboundIPRanges") {
			continue
		}
		for cidr := range strings.SplitSeq(value, ",") {
			if _, err := netip.ParsePrefix(cidr); err != nil {
				s.errorf(entry("spec.pod.annotations", name), "%q is not a range of addresses, and with it Istio rejects the "+
					"pods; write ranges such as 10.0.0.0/8,192.0.2.7/32, without spaces", cidr)
			}
		}
	}
	if config, given := annotations[plan.AnnotationProxyConfig]; given && config != "" {
		if node, err := yaml.Parse(config); err != nil || node.YNode().Kind != yaml.MappingNode {
			s.errorf(entry("spec.pod.annotations", plan.AnnotationProxyConfig), "is not a mapping in YAML, and with it Istio "+
				"rejects the pods; write for example {concurrency: 2}")
		}
	}
}

func gatewayPrincipals(s *subject) {
	istio, route := s.spec.Istio, s.spec.Route
	for i, principal := range istio.GatewayPrincipals {
		if !strings.Contains(principal, "/ns/") || !strings.Contains(principal, "/sa/") ||
			strings.Contains(principal, "://") {
			s.errorf(index("spec.istio.gatewayPrincipals", i), "%q is not an identity of the mesh; "+
				"write cluster.local/ns/<namespace>/sa/<service account>", principal)
		}
	}
	if !istio.AuthorizationPolicies {
		return
	}
	const fix = "Set it to the identity of your gateway, cluster.local/ns/<namespace>/sa/<service account>"
	switch {
	case route.Type == v1alpha1.RouteNone:
		if len(istio.GatewayPrincipals) == 0 {
			s.warnf("spec.istio.gatewayPrincipals", "is not set: with a route of type none the gateway is not known, "+
				"so authorizationPolicies would block every client in the mesh. %s", fix)
		}
	case s.given("spec.istio.gatewayPrincipals"):
		missingPrincipals(s)
	case route.Type != v1alpha1.RouteIstio:
		s.errorf("spec.istio.gatewayPrincipals", "is required: a route of type %s does not use Big Bang's gateway, "+
			"so authorizationPolicies would block all users. %s", route.Type, fix)
	default:
		var unknown []string
		for _, gateway := range route.Gateways {
			if s.spec.GatewayPrincipal(gateway) == "" && gateway != v1alpha1.MeshGateway {
				unknown = append(unknown, gateway)
			}
		}
		if len(unknown) > 0 {
			s.errorf("spec.istio.gatewayPrincipals", "is required: the identity of %s is not known, "+
				"so authorizationPolicies would block all users there. Set it to the identities of all gateways, "+
				"cluster.local/ns/<namespace>/sa/<service account> for each", strings.Join(unknown, ", "))
		}
	}
}

// missingPrincipals reports gateways of which no identity is listed, as far as that is known: Big Bang's if every
// identity in the list is that of another one of them, and Gateways of the Gateway API, of which Istio gives each its
// own ServiceAccount (pilot/pkg/config/kube/gateway/deploymentcontroller.go).
func missingPrincipals(s *subject) {
	const field = "spec.istio.gatewayPrincipals"
	listed := s.spec.Istio.GatewayPrincipals
	switch s.spec.Route.Type {
	case v1alpha1.RouteGatewayAPI:
		if gateways := s.spec.Route.Gateways; len(listed) < len(gateways) && !slices.ContainsFunc(listed, hasWildcard) {
			s.warnf(field, "has fewer identities (%d) than spec.route.gateways has gateways (%d), "+
				"and Istio gives each its own, so authorizationPolicies may block users of the others; "+
				"add the identity of each", len(listed), len(gateways))
		}
	case v1alpha1.RouteIstio:
		explained := map[string]bool{}
		var missing []string
		for _, gateway := range s.spec.Route.Gateways {
			principal := s.spec.GatewayPrincipal(gateway)
			explained[principal] = true
			if principal != "" && !slices.Contains(listed, principal) {
				missing = append(missing, principal)
			}
		}
		if slices.ContainsFunc(listed, func(principal string) bool { return !explained[principal] }) {
			return // which may be that of a gateway with another ServiceAccount
		}
		for _, principal := range missing {
			s.warnf(field, "does not have %s, the usual identity of a gateway in spec.route.gateways, "+
				"so authorizationPolicies block all users there; add the identity of that gateway", principal)
		}
	}
}

func hasWildcard(principal string) bool { return strings.Contains(principal, "*") }

// join lists values in a message.
func join[T ~string](values []T) string {
	var list []string
	for _, value := range values {
		list = append(list, string(value))
	}
	return strings.Join(list, ", ")
}

func addressRange(s *subject, field, cidr string) {
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		s.errorf(field, "%q is not a range of addresses; write for example 10.1.2.0/24, or 10.1.2.3/32 for one", cidr)
	case prefix.Masked() != prefix:
		s.errorf(field, "%q has bits outside its mask; write %s, or /%d for the one address", cidr, prefix.Masked(),
			prefix.Addr().BitLen())
	}
}

// allowedProtocols are those of spec.networkPolicies.allow.
var allowedProtocols = []string{
	string(v1alpha1.AllowedTLS), string(v1alpha1.AllowedHTTP), string(v1alpha1.AllowedTCP),
}

func allowedDestination(s *subject, field string, allowed v1alpha1.AllowedDestination) {
	_, err := netip.ParseAddr(allowed.Host)
	switch {
	case allowed.Host == "" && allowed.CIDR == "":
		s.errorf(field, "needs a destination; set host, such as proxy.example.com, or cidr, such as 10.1.2.0/24")
	case allowed.Host != "" && allowed.CIDR != "":
		s.errorf(field, "has both host and cidr; set only one of the two")
	case allowed.CIDR != "":
		addressRange(s, field+".cidr", allowed.CIDR)
	case err != nil && len(validation.IsDNS1123Subdomain(strings.ToLower(allowed.Host))) > 0:
		s.errorf(field+".host", "%q is not a host name; write it without scheme and port, such as proxy.example.com",
			allowed.Host)
	}
	if protocol := string(allowed.Protocol); protocol != "" && !slices.Contains(allowedProtocols, protocol) {
		s.errorf(field+".protocol", "%q is not a protocol (one of %s)", protocol, strings.Join(allowedProtocols, ", "))
	}
	switch {
	case allowed.Port == 0 && !s.given(field+".port"):
		s.errorf(field+".port", "is required: the TCP port of the service, such as 443")
	case len(validation.IsValidPortNum(int(allowed.Port))) > 0:
		s.errorf(field+".port", "must be a TCP port from 1 to 65535, got %d", allowed.Port)
	}
}

func networkPolicies(s *subject) {
	policies := s.spec.NetworkPolicies
	for name, cidrs := range policies.Egress {
		field := entry("spec.networkPolicies.egress", name)
		if !slices.Contains(plan.EgressKeys, plan.DestinationKind(name)) {
			s.errorf(field, "is not a destination (one of %s); for others use spec.networkPolicies.allow",
				join(plan.EgressKeys))
			continue
		}
		if len(cidrs) == 0 {
			s.errorf(field, "is empty, which allows every address; list the addresses, or remove it to allow every address")
		}
		for i, cidr := range cidrs {
			addressRange(s, index(field, i), cidr)
		}
	}
	for i, allowed := range policies.Allow {
		allowedDestination(s, index("spec.networkPolicies.allow", i), allowed)
	}
	for field, namespace := range map[string]string{"gatewayNamespace": policies.GatewayNamespace,
		"monitoringNamespace": policies.MonitoringNamespace} {
		if s.given("spec.networkPolicies." + field) {
			namespaceName(s, "spec.networkPolicies."+field, namespace)
		}
	}
	given := s.givenOf("spec.networkPolicies", "gatewayNamespace", "gatewayNamespaces")
	if len(given) == 2 {
		s.errorf("spec.networkPolicies.gatewayNamespaces", "conflicts with spec.networkPolicies.gatewayNamespace; "+
			"set only one")
	}
	if s.given("spec.networkPolicies.gatewayNamespaces") {
		for i, namespace := range policies.GatewayNamespaces {
			namespaceName(s, index("spec.networkPolicies.gatewayNamespaces", i), namespace)
		}
	}
	if !policies.Enabled || len(given) > 0 {
		return
	}
	switch s.spec.Route.Type {
	case v1alpha1.RouteIngress:
		s.errorf("spec.networkPolicies.gatewayNamespace", "is required: with a route of type ingress it cannot be guessed, "+
			"and the policies would block all users. Set it to the namespace of the Ingress controller")
	case v1alpha1.RouteNone:
		if s.spec.Service.Type != corev1.ServiceTypeClusterIP {
			return // which admits clients outside the cluster
		}
		s.warnf("spec.networkPolicies.gatewayNamespace", "is not set: with a route of type none the source of connections "+
			"is not known, so the policies block all users (kubectl port-forward works). "+
			"Set it to the namespace of your gateway")
	}
}
