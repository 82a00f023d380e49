// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

func route(s *subject) {
	route := s.spec.Route
	for i, gateway := range route.Gateways {
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
			s.errorf("spec.route.gateways", "is missing: which Gateway the route is bound to cannot be guessed. "+
				"Write gateways: [namespace/name]; or set spec.route.type: none and reach the site with kubectl port-forward")
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
			s.warnf("spec.route."+only.field, "is not used by a route of type %s; remove it, or set spec.route.type", route.Type)
		}
	}
}

func ingress(s *subject, route *v1alpha1.Route) {
	switch route.IngressClass {
	case "":
		s.errorf("spec.route.ingressClass", "is missing: without it the operator asks for nginx, whatever is installed. "+
			"Give the class that `kubectl get ingressclass` shows")
	case s.Name:
		s.errorf("spec.route.ingressClass", "%q is the installation's own name, and the operator deletes an IngressClass "+
			"of that name; rename the installation (metadata.name)", route.IngressClass)
	}
	if route.TLSSecret == "" {
		s.warnf("spec.route.tlsSecret", "is missing, so the Ingress speaks no TLS unless the controller has a certificate "+
			"of its own; the site's address begins with https:// all the same. "+
			"Give the name of a Secret of type kubernetes.io/tls")
	}
	ingressAnnotations(s, route)
}

// bodySize is the annotation that the operator also reads the largest upload from.
const bodySize = "nginx.ingress.kubernetes.io/proxy-body-size"

// bodySizeUnit finds a size in mega- or gigabytes, bodySizeValue one that the operator can read.
var (
	bodySizeUnit  = pattern(`[mMgG]$`)
	bodySizeValue = pattern(`^[1-9][0-9]*[mMgG]$`)
)

// ingressAnnotations are read by the operator, which drops some and stumbles over others (its version 1.25.9).
func ingressAnnotations(s *subject, route *v1alpha1.Route) {
	for key, value := range route.Annotations {
		field := entry("spec.route.annotations", key)
		switch {
		case key == bodySize && value == "":
			s.errorf(field, "is empty, which makes the operator fail at every attempt without a word; "+
				"write a size such as 1000m, or remove it")
		case key == bodySize && bodySizeUnit().MatchString(value) && !bodySizeValue().MatchString(value):
			s.errorf(field, "%q is read as 0 by the operator, which makes it the largest upload, "+
				"and the server does not start; write a whole number such as 1500m", value)
		case key == bodySize && !bodySizeUnit().MatchString(value):
			s.warnf(field, "%q has no unit that the operator reads, so the server goes on refusing uploads above 1000 MiB; "+
				"write m or g, such as 2000m", value)
		case strings.Contains(key, "snippet") || strings.Contains(value, "\n"):
			s.errorf(field, "is dropped by the operator, which passes on no snippets and no line breaks; remove it")
		}
	}
}

// publicGateway is the one whose identity is the default of gatewayPrincipals.
const publicGateway = "istio-gateway/public-ingressgateway"

func mesh(s *subject) {
	istio := s.spec.Istio
	if istio.Ambient && istio.Injection != nil && *istio.Injection {
		s.errorf("spec.istio.injection", "contradicts spec.istio.ambient: a pod is in the mesh by a sidecar or without "+
			"one; keep one of the two")
	}
	if istio.Ambient && istio.Egress != "" {
		s.errorf("spec.istio.egress", "needs a sidecar, and spec.istio.ambient has none; use spec.networkPolicies, "+
			"or a waypoint and egress gateway of your own")
	}
	injectLabel(s)
	gatewayPrincipals(s)
	if istio.MTLS == "STRICT" && s.spec.Route.Type == v1alpha1.RouteIngress {
		s.warnf("spec.istio.mtls", "lets only the mesh in, and an Ingress controller is usually outside; use PERMISSIVE, "+
			"or a route of type istio or gatewayAPI")
	}
	if outsideMesh(istio) {
		for field, wanted := range map[string]bool{"mtls": istio.MTLS != "",
			"authorizationPolicies": istio.AuthorizationPolicies, "egress": istio.Egress != ""} {
			if wanted {
				s.warnf("spec.istio."+field, "has no effect on pods that are not in the mesh (spec.istio.injection is false); "+
					"remove it, or let them in")
			}
		}
	}
	if monitoring := s.spec.Monitoring; monitoring.Enabled && monitoring.ServiceMonitor.Scheme == "https" {
		switch {
		case outsideMesh(istio):
			s.warnf("spec.monitoring.serviceMonitor.scheme", "https is answered by the mesh, "+
				"and the pods are not in it (spec.istio.injection is false), so nothing is measured; use http")
		case monitoring.ServiceMonitor.TLSConfig == nil:
			s.warnf("spec.monitoring.serviceMonitor.tlsConfig", "is missing: https is answered by the mesh, "+
				"to which Prometheus must show a certificate of its own. Give caFile, certFile and keyFile, "+
				"in Big Bang below /etc/prom-certs, and insecureSkipVerify: true")
		}
	}
}

// outsideMesh says that the pods are kept out of the mesh.
func outsideMesh(istio *v1alpha1.Istio) bool { return isFalse(istio.Injection) && !istio.Ambient }

// injectLabel finds a pod label that says another thing about the sidecar than the configuration, whose word replaces
// it.
func injectLabel(s *subject) {
	const label = "sidecar.istio.io/inject"
	given, ok := s.spec.Pod.Labels[label]
	istio := s.spec.Istio
	switch field := entry("spec.pod.labels", label); {
	case !ok:
	case istio.Ambient && given == "true":
		s.errorf(field, "contradicts spec.istio.ambient; remove it")
	case istio.Injection != nil && given != strconv.FormatBool(*istio.Injection):
		s.errorf(field, "contradicts spec.istio.injection, which sets it; remove it")
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
	const fix = "Give the identity of your gateway, cluster.local/ns/<namespace>/sa/<service account>"
	switch {
	case route.Type == v1alpha1.RouteNone:
		if len(istio.GatewayPrincipals) == 0 {
			s.warnf("spec.istio.gatewayPrincipals", "is missing: with a route of type none it is not known who leads people "+
				"to the site, and authorizationPolicies let nobody of the mesh through. %s", fix)
		}
	case len(istio.GatewayPrincipals) == 0:
		s.errorf("spec.istio.gatewayPrincipals", "is missing: with a route of type %s Big Bang's gateway is not the way "+
			"in, and authorizationPolicies would lock everybody out. %s", route.Type, fix)
	case !s.given("spec.istio.gatewayPrincipals") && !slices.Contains(route.Gateways, publicGateway):
		s.errorf("spec.istio.gatewayPrincipals", "is missing: it is only known of %s, which spec.route.gateways does not "+
			"name, and authorizationPolicies would lock everybody out. %s", publicGateway, fix)
	}
}

// join lists values in a message.
func join[T ~string](values []T) string {
	var list []string
	for _, value := range values {
		list = append(list, string(value))
	}
	return strings.Join(list, ", ")
}

func networkPolicies(s *subject) {
	policies := s.spec.NetworkPolicies
	for name, cidrs := range policies.Egress {
		field := entry("spec.networkPolicies.egress", name)
		if !slices.Contains(plan.EgressKeys, plan.DestinationKind(name)) {
			s.errorf(field, "is not a destination (one of %s); for others write a NetworkPolicy of your own",
				join(plan.EgressKeys))
			continue
		}
		if len(cidrs) == 0 {
			s.errorf(field, "is empty, which means every address; give the addresses, or remove it if every address is meant")
		}
		for i, cidr := range cidrs {
			prefix, err := netip.ParsePrefix(cidr)
			switch {
			case err != nil:
				s.errorf(index(field, i), "%q is not a range of addresses; write for example 10.1.2.0/24, "+
					"or 10.1.2.3/32 for one", cidr)
			case prefix.Masked() != prefix:
				s.errorf(index(field, i), "%q has bits outside its mask; write %s, or /%d for the one address", cidr,
					prefix.Masked(), prefix.Addr().BitLen())
			}
		}
	}
	for field, namespace := range map[string]string{"gatewayNamespace": policies.GatewayNamespace,
		"monitoringNamespace": policies.MonitoringNamespace} {
		if s.given("spec.networkPolicies." + field) {
			namespaceName(s, "spec.networkPolicies."+field, namespace)
		}
	}
	if !policies.Enabled || s.given("spec.networkPolicies.gatewayNamespace") {
		return
	}
	switch s.spec.Route.Type {
	case v1alpha1.RouteIngress:
		s.errorf("spec.networkPolicies.gatewayNamespace", "is missing: with a route of type ingress it cannot be guessed, "+
			"and the policies would lock everybody out. Give the namespace that the Ingress controller runs in")
	case v1alpha1.RouteNone:
		s.warnf("spec.networkPolicies.gatewayNamespace", "is missing: with a route of type none it is not known where "+
			"people come from, and the policies let nobody in (kubectl port-forward gets through). "+
			"Give the namespace of what leads to the site")
	}
}

// services are what single variables lead to, and the fields that do the same and let the servers through as well.
var services = map[string]struct{ what, field string }{
	"MM_EMAILSETTINGS_SMTPSERVER":             {"the mail server", "spec.email.server"},
	"MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER": {"the push notification server", "spec.push.server"},
	"MM_LDAPSETTINGS_LDAPSERVER":              {"the LDAP server", "spec.ldap.server"},
	"MM_CACHESETTINGS_REDISADDRESS":           {"Redis", "spec.redis.address"},
}

// unreachable finds services that what is emitted against unwanted connections shuts out.
func unreachable(s *subject) {
	var barriers []string
	if s.spec.NetworkPolicies.Enabled {
		barriers = append(barriers, "spec.networkPolicies")
	}
	if s.spec.Istio.Egress == "RegistryOnly" {
		barriers = append(barriers, "spec.istio.egress")
	}
	if len(barriers) == 0 {
		return
	}
	by := strings.Join(barriers, " and ")
	for _, variable := range s.variables() {
		if service, ok := services[variable.name]; ok && !s.idle(variable.name) {
			s.warnf(variable.field, "%sleads to %s, and with %s the servers are let through only to what fields of this "+
				"configuration name; use %s instead", variable.prefix(), service.what, by, service.field)
		}
	}
	// The addresses in egress answer for the policies, not for the mesh.
	answered := s.spec.Istio.Egress != "RegistryOnly" &&
		len(s.spec.NetworkPolicies.Egress[string(plan.DestinationDatabase)]) > 0
	if secret := s.spec.Database.ExistingSecret; secret != "" && !answered &&
		!s.resources.Has("", "Secret", s.Namespace, secret) {
		s.warnf("spec.database.existingSecret", "is not among the resources, so the database's address is not known here, "+
			"and with %s the servers are let through to port 5432 outside the cluster only. "+
			"Run the function where it sees the Secret, give the addresses in spec.networkPolicies.egress.database, "+
			"or add a NetworkPolicy or ServiceEntry of your own", by)
	}
}
