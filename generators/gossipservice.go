package generators

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// gossipService emits the Service that declares the port over which servers of one cluster talk. The operator's Service
// does not list it, and a mesh treats a port that no Service declares as unknown: messages get lost (mattermost-operator
// issue 333). Servers look for each other before they are ready.
func gossipService(p *plan.Plan) []Object {
	if p.Replicas < 2 {
		return nil
	}
	protocol := "tcp"
	return []Object{&corev1.Service{
		TypeMeta:   typeMeta("v1", "Service"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentGossip, p.GossipServiceName()),
		Spec: corev1.ServiceSpec{
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
