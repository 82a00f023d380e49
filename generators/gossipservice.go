// SPDX-License-Identifier: Apache-2.0

package generators

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// gossipService returns the Service that declares the port over which the servers of one cluster communicate. The
// operator's Service does not declare it, and a mesh does not know the protocol of a port that no Service declares, so
// that messages are lost (mattermost-operator issue 333). It publishes addresses of pods that are not ready, since
// servers discover each other before they are ready.
func gossipService(p *plan.Plan) []Object {
	if p.Replicas < 2 {
		return nil
	}
	protocol := "tcp"
	return []Object{&corev1.Service{
		TypeMeta:   typeMeta("v1", "Service"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentGossip, p.GossipServiceName()),
		Spec: corev1.ServiceSpec{
			Type:                     corev1.ServiceTypeClusterIP,
			ClusterIP:                corev1.ClusterIPNone,
			PublishNotReadyAddresses: true,
			Selector:                 p.ServerLabels(),
			Ports: []corev1.ServicePort{{
				Name: "tcp-gossip", Port: plan.PortGossip, TargetPort: intstr.FromInt32(plan.PortGossip),
				Protocol: corev1.ProtocolTCP, AppProtocol: &protocol,
			}},
		},
	}}
}
