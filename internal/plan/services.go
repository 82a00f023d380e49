// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// ExternalService is a Service for clients outside the cluster.
type ExternalService struct {
	// Name of the Service.
	Name string
	// Type is never empty.
	Type corev1.ServiceType
	// Annotations of the Service.
	Annotations map[string]string
	// Port is what clients connect to.
	Port int32
	// NodePort is 0 if the cluster chooses it.
	NodePort int32
	// SourceRanges are the addresses that a load balancer admits; empty for all.
	SourceRanges []string
}

// Calls is media of calls that goes through the server.
type Calls struct {
	// Port of the server, over UDP and TCP.
	Port int32
	// Host is where clients find it; empty if the server asks a STUN server.
	Host string
	// Service for the clients.
	Service ExternalService
}

// ClientPort returns the port that clients connect to.
func (c *Calls) ClientPort() int32 {
	if c.Service.NodePort != 0 {
		return c.Service.NodePort
	}
	return c.Port
}

// ClientAddress returns host and port that clients connect to, for users; the host may be unknown.
func (c *Calls) ClientAddress() string {
	port := strconv.Itoa(int(c.ClientPort()))
	if c.Host == "" {
		return "port " + port
	}
	return net.JoinHostPort(c.Host, port)
}

// service decides how clients outside the cluster reach the servers without a route. The operator's Service stays as
// it is: with useServiceLoadBalancer it would lose the ports of the route and of the metrics, and its status would
// depend on labels (mattermost-operator 1.25.9, pkg/mattermost/mattermost_v1beta.go).
func (b *builder) service() {
	service := b.spec.Service
	if service.Type == corev1.ServiceTypeClusterIP {
		b.ServiceAnnotations = service.Annotations
		return
	}
	b.Service = &ExternalService{
		Name: b.ExternalServiceName(), Type: service.Type, Annotations: service.Annotations, Port: *service.Port,
		NodePort: orNone(service.NodePort), SourceRanges: service.SourceRanges,
	}
}

// calls configures the plugin Calls by its own variables, which override its settings one by one (mattermost-plugin-
// calls 1.10, server/environment.go). The server's variable for plugins' settings would replace those of all plugins.
func (b *builder) calls() {
	calls := b.spec.Calls
	if calls == nil || !calls.Enabled {
		return
	}
	b.Calls = &Calls{
		Port: *calls.Port, Host: calls.Host,
		Service: ExternalService{
			Name: b.CallsServiceName(), Type: calls.Service.Type, Annotations: calls.Service.Annotations, Port: *calls.Port,
			NodePort: orNone(calls.Service.NodePort),
		},
	}
	port := strconv.Itoa(int(b.Calls.Port))
	b.setEnv("MM_CALLS_UDP_SERVER_PORT", port, "spec.calls.port")
	b.setEnv("MM_CALLS_TCP_SERVER_PORT", port, "spec.calls.port")
	if calls.Host != "" {
		b.setEnv("MM_CALLS_ICE_HOST_OVERRIDE", calls.Host, "spec.calls.host")
	}
	if clients := b.Calls.ClientPort(); clients != b.Calls.Port {
		b.setEnv("MM_CALLS_ICE_HOST_PORT_OVERRIDE", strconv.Itoa(int(clients)), "spec.calls.service.nodePort")
	}
}

// CallsPlugin is the ID of the plugin Calls.
const CallsPlugin = "com.mattermost.calls"

// UsesCalls reports whether the configuration leads media of calls through the server.
func UsesCalls(spec *v1alpha1.MattermostConfigSpec) bool {
	return spec.Calls != nil && spec.Calls.Enabled
}

func orNone(port *int32) int32 {
	if port == nil {
		return 0
	}
	return *port
}
