// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// outsideClients checks what clients outside the cluster connect to, except for the route.
func outsideClients(s *subject) {
	service(s)
	calls(s)
	for i, patch := range s.spec.Patches {
		if strings.Contains(patch.Patch, "useServiceLoadBalancer") {
			s.warnf(index("spec.patches", i), "useServiceLoadBalancer replaces the ports app and metrics of the operator's "+
				"Service, which the route, monitoring and policies use; set spec.service.type: LoadBalancer instead")
		}
	}
}

func service(s *subject) {
	const field = "spec.service"
	service, istio := s.spec.Service, s.spec.Istio
	if service.Type == corev1.ServiceTypeClusterIP {
		for _, name := range s.givenOf(field, "port", "nodePort", "sourceRanges") {
			s.warnf(field+"."+name, "has no effect with type ClusterIP; set spec.service.type, or remove it")
		}
		return
	}
	portNumber(s, field+".port", service.Port, 1, 65535)
	portNumber(s, field+".nodePort", service.NodePort, 1, 65535)
	nodePortRange(s, field+".nodePort", service.NodePort)
	for i, cidr := range service.SourceRanges {
		addressRange(s, index(field+".sourceRanges", i), cidr)
	}
	if service.Type == corev1.ServiceTypeNodePort && len(service.SourceRanges) > 0 {
		s.warnf(field+".sourceRanges", "has no effect with type NodePort, which admits every address; use LoadBalancer, "+
			"or your firewall")
	}
	nodePorts(s, field+".type", service.Type)
	const fix = "; use a route through a gateway of the mesh, or remove spec.service"
	switch {
	case istio.MTLS == "STRICT":
		s.errorf(field+".type", "conflicts with spec.istio.mtls: STRICT, which rejects clients outside the mesh"+fix)
	case istio.AuthorizationPolicies:
		s.errorf(field+".type", "conflicts with spec.istio.authorizationPolicies, which reject clients outside the mesh"+fix)
	}
}

// nodePorts warns of ports of nodes where Big Bang's policies reject them.
func nodePorts(s *subject, field string, kind corev1.ServiceType) {
	if kind == corev1.ServiceTypeNodePort && s.spec.Profile == v1alpha1.ProfileBigBang {
		s.warnf(field, "NodePort is rejected by Big Bang's Kyverno policy disallow-nodeport-services; use LoadBalancer, "+
			"or add an exception to the policy")
	}
}

// leastNodePort and mostNodePort are the range from which the API server accepts ports of nodes, unless its
// administrator sets --service-node-port-range.
const leastNodePort, mostNodePort = 30000, 32767

// nodePortRange warns of a port of the nodes that most API servers refuse.
func nodePortRange(s *subject, field string, port *int32) {
	if port != nil && *port >= 1 && *port <= 65535 && (*port < leastNodePort || *port > mostNodePort) {
		s.warnf(field, "%d is outside %d to %d, the default range of the API server, which refuses other ports; use a port "+
			"in the range, or set --service-node-port-range of the API server", *port, leastNodePort, mostNodePort)
	}
}

func portNumber(s *subject, field string, port *int32, least, most int32) {
	if port != nil && (*port < least || *port > most) {
		s.errorf(field, "must be a port from %d to %d, got %d", least, most, *port)
	}
}

// leastCallsPort and mostCallsPort are those that the plugin accepts (mattermost-plugin-calls,
// server/configuration.go).
const leastCallsPort, mostCallsPort = 80, 49151

// callsSettings are settings of the plugin Calls that spec.calls sets, in lower case.
var callsSettings = []string{
	"udpserverport", "tcpserverport", "icehostoverride", "icehostportoverride", "rtcdserviceurl",
}

func calls(s *subject) {
	if !plan.UsesCalls(s.spec) {
		return
	}
	const field = "spec.calls"
	calls := s.spec.Calls
	portNumber(s, field+".port", calls.Port, leastCallsPort, mostCallsPort)
	if port := *calls.Port; slices.Contains([]int32{plan.PortApp, plan.PortMetrics, plan.PortGossip}, port) {
		s.errorf(field+".port", "%d is a port of the server itself; use another one, such as 8443", port)
	}
	if n, _ := s.servers(); n > 1 {
		s.errorf(field+".enabled", "is for one server, and there are %d: the media of a call must reach the server that "+
			"hosts it, and a Service leads to any of them. Run rtcd, and set its URL in spec.plugins.settings "+
			"(com.mattermost.calls: {rtcdserviceurl: URL}) instead of spec.calls", n)
	}
	callsHost(s, calls)
	callsService(s, calls.Service)
	sameNodePort(s)
	plugins := orEmpty(s.spec.Plugins)
	if isFalse(plugins.Enabled) {
		s.errorf(field+".enabled", "conflicts with spec.plugins.enabled: false; set only one")
	} else if on, listed := plugins.States[plan.CallsPlugin]; listed && !on {
		s.errorf(field+".enabled", "conflicts with spec.plugins.states, which disable %s; set only one", plan.CallsPlugin)
	}
	settings, _ := plugins.Settings[plan.CallsPlugin].Value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if slices.Contains(callsSettings, strings.ToLower(name)) && fmt.Sprint(settings[name]) != "" {
			s.errorf("spec.plugins.settings", "%s of %s conflicts with spec.calls; set only one", name, plan.CallsPlugin)
		}
	}
}

func callsHost(s *subject, calls *v1alpha1.Calls) {
	const field = "spec.calls.host"
	const fix = "set it to the host name or address of the load balancer or node"
	host := strings.ToLower(calls.Host)
	address, err := netip.ParseAddr(host)
	switch {
	case host == "":
		s.warnf(field, "is not set: the server tells clients the address from which it reaches a STUN server of "+
			"Mattermost, which is not the address of a Service. Set it to the host name or address of the load balancer or "+
			"node")
	case err != nil && len(validation.IsDNS1123Subdomain(host)) > 0:
		s.errorf(field, "%q is not a host name or IP address; write it without scheme and port", calls.Host)
	case host == "localhost" || strings.HasSuffix(host, ".localhost"), err == nil && isNoDestination(address):
		s.errorf(field, "%q leads no client to a server; %s", calls.Host, fix)
	case calls.Service.Type == corev1.ServiceTypeLoadBalancer && strings.EqualFold(s.site(), host):
		s.warnf(field, "%q is also the host of the site, and one DNS name cannot lead to two load balancers: that of "+
			"Service %s and what serves the site. Use another name, such as calls.example.com, or give both the same "+
			"address", calls.Host, s.names().CallsServiceName())
	}
}

// isNoDestination reports whether clients cannot connect to an address, whatever the network is.
func isNoDestination(address netip.Addr) bool {
	address = address.Unmap()
	return address.IsLoopback() || address.IsUnspecified() || address.IsMulticast() || address.IsLinkLocalUnicast()
}

// sameNodePort reports two Services with one port of the nodes, of which the API server refuses the second.
func sameNodePort(s *subject) {
	site, calls := s.spec.Service, s.spec.Calls.Service
	if site.Type != corev1.ServiceTypeClusterIP && site.NodePort != nil && calls.NodePort != nil &&
		*site.NodePort == *calls.NodePort {
		s.errorf("spec.calls.service.nodePort", "%d is also spec.service.nodePort, and the API server refuses the second "+
			"Service with a port of the nodes; use another port", *calls.NodePort)
	}
}

func callsService(s *subject, service *v1alpha1.CallsService) {
	const field = "spec.calls.service"
	portNumber(s, field+".nodePort", service.NodePort, leastCallsPort, mostCallsPort)
	nodePortRange(s, field+".nodePort", service.NodePort)
	nodePorts(s, field+".type", service.Type)
	switch isNodePort := service.Type == corev1.ServiceTypeNodePort; {
	case isNodePort && service.NodePort == nil:
		s.errorf(field+".nodePort", "is required with type NodePort: the server tells clients the port; set it to one that "+
			"the cluster offers, such as 30443")
	case !isNodePort && service.NodePort != nil:
		s.errorf(field+".nodePort", "conflicts with type %s: clients would connect to the port of the nodes; set type: "+
			"NodePort, or remove it", service.Type)
	}
}
