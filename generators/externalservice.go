// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// externalService returns the Service for clients outside the cluster. It has only the port for users: the one for
// metrics also serves profiles of the process to any client. A load balancer terminates TLS and passes on HTTP.
func externalService(p *plan.Plan) []Object {
	if p.Service == nil {
		return nil
	}
	protocol := "http"
	return []Object{serviceFor(p, ownership.ComponentServer, p.Service, corev1.ServicePort{
		Name: "app", Port: p.Service.Port, NodePort: p.Service.NodePort, TargetPort: intstr.FromInt32(plan.PortApp),
		Protocol: corev1.ProtocolTCP, AppProtocol: &protocol,
	})}
}

// callsService returns the Service for the media of calls: UDP, and TCP as the fallback. Both have the same port of the
// nodes, since the server announces one.
func callsService(p *plan.Plan) []Object {
	if p.Calls == nil {
		return nil
	}
	port := func(name string, protocol corev1.Protocol) corev1.ServicePort {
		return corev1.ServicePort{
			Name: name, Port: p.Calls.Port, NodePort: p.Calls.Service.NodePort, TargetPort: intstr.FromInt32(p.Calls.Port),
			Protocol: protocol,
		}
	}
	return []Object{serviceFor(p, ownership.ComponentCalls, &p.Calls.Service,
		port("udp-calls", corev1.ProtocolUDP), port("tcp-calls", corev1.ProtocolTCP))}
}

func serviceFor(p *plan.Plan, component ownership.Component, s *plan.ExternalService,
	ports ...corev1.ServicePort) *corev1.Service {
	service := &corev1.Service{
		TypeMeta:   typeMeta("v1", "Service"),
		ObjectMeta: p.ObjectMeta(component, s.Name),
		Spec: corev1.ServiceSpec{
			Type: s.Type, Selector: p.ServerLabels(), Ports: ports, LoadBalancerSourceRanges: s.SourceRanges,
		},
	}
	ours := maps.Clone(service.Annotations)
	maps.Copy(service.Annotations, s.Annotations)
	maps.Copy(service.Annotations, ours)
	return service
}
