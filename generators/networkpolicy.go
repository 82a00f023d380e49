package generators

import (
	"cmp"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// networkPolicies deny the servers everything, both ways, then allow what this configuration needs: one policy for each
// purpose, so that a list of their names reads as an answer to "who may talk to whom".
//
// They select the servers of this installation, not the namespace, which other installations and other people's pods
// may share. A plain PostgreSQL of ours is closed to everybody but the servers. The pods of CloudNativePG and of MinIO are
// left alone: their operators must reach them on the very ports that there are to protect (8000 and 5432, 9000), from a
// namespace and with labels that each cluster chooses for itself, and a policy that guesses them wrong stops the database.
func networkPolicies(p *plan.Plan) []Object {
	if !p.NetworkPolicies.Enabled {
		return nil
	}
	policies := []*networkingv1.NetworkPolicy{
		denyByDefault(p),
		allowFromGateway(p),
		allowFromMonitoring(p),
		allowFromProbes(p),
		allowBetweenServers(p),
		allowToDNS(p),
		allowToIstiod(p),
		allowToGateway(p),
		allowServersToDatabase(p),
	}
	for _, d := range p.Destinations {
		policies = append(policies, allowToDestination(p, d))
	}
	var objects []Object
	for _, policy := range policies {
		if policy != nil {
			objects = append(objects, policy)
		}
	}
	slices.SortFunc(objects, func(a, b Object) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return objects
}

// Ports that Istio adds to a pod or connects to.
const (
	// portHBONE is where ztunnel takes in what other pods of the ambient mesh send, whichever port it is for. Network
	// policies see this port only, so where it is open, authorization policies say which ports are.
	portHBONE int32 = 15008
	// portIstiod is where sidecars fetch their configuration and certificates.
	portIstiod int32 = 15012
	// portSidecarMetrics is where a sidecar serves its own metrics and the health of the pod.
	portSidecarMetrics int32 = 15020
)

func denyByDefault(p *plan.Plan) *networkingv1.NetworkPolicy {
	policy := serversPolicy(p, "default-deny")
	policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	return policy
}

func allowFromGateway(p *plan.Plan) *networkingv1.NetworkPolicy {
	namespace := p.NetworkPolicies.GatewayNamespace
	if namespace == "" {
		return nil
	}
	return allowIngress(serversPolicy(p, "allow-from-gateway"), networkingv1.NetworkPolicyIngressRule{
		From:  podsIn(namespace, nil),
		Ports: tcpOrHBONE(p, plan.PortApp),
	})
}

func allowFromMonitoring(p *plan.Plan) *networkingv1.NetworkPolicy {
	namespace := p.NetworkPolicies.MonitoringNamespace
	if p.Monitoring == nil || namespace == "" {
		return nil
	}
	ports := tcpOrHBONE(p, plan.PortMetrics)
	if hasSidecar(p) {
		ports = append(ports, tcpPorts(portSidecarMetrics)...)
	}
	return allowIngress(serversPolicy(p, "allow-from-monitoring"), networkingv1.NetworkPolicyIngressRule{
		From:  podsIn(namespace, nil),
		Ports: ports,
	})
}

// allowFromProbes lets the kubelet's health checks through in the ambient mesh. There, istio-cni gives them a source
// address of its own, and not every network plugin still takes them for the node's, which no policy may shut out.
func allowFromProbes(p *plan.Plan) *networkingv1.NetworkPolicy {
	if !p.Istio.Ambient {
		return nil
	}
	return allowIngress(serversPolicy(p, "allow-from-probes"), networkingv1.NetworkPolicyIngressRule{
		From:  probeAddresses(),
		Ports: tcpPorts(plan.PortApp),
	})
}

// allowBetweenServers lets the servers of one cluster find and inform each other: over UDP, and TCP where that fails.
// One server has nobody to talk to.
func allowBetweenServers(p *plan.Plan) *networkingv1.NetworkPolicy {
	if p.Replicas < 2 {
		return nil
	}
	servers := []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{MatchLabels: p.ServerLabels()}}}
	ports := append(udpPorts(plan.PortGossip), tcpOrHBONE(p, plan.PortGossip, plan.PortApp)...)
	policy := serversPolicy(p, "allow-between-servers")
	allowIngress(policy, networkingv1.NetworkPolicyIngressRule{From: servers, Ports: ports})
	return allowEgress(policy, networkingv1.NetworkPolicyEgressRule{To: servers, Ports: ports})
}

// allowToDNS knows the three places where clusters answer DNS: pods in kube-system; OpenShift's pods, which listen on
// another port than their Service; and the cache on each node, whose address belongs to no pod. Each rule means nothing
// where the cluster has no such place.
func allowToDNS(p *plan.Plan) *networkingv1.NetworkPolicy {
	return allowEgress(serversPolicy(p, "allow-to-dns"),
		networkingv1.NetworkPolicyEgressRule{
			To:    podsIn("kube-system", nil),
			Ports: append(udpPorts(53), tcpPorts(53)...),
		},
		networkingv1.NetworkPolicyEgressRule{
			To:    podsIn("openshift-dns", nil),
			Ports: append(udpPorts(5353), tcpPorts(5353)...),
		},
		networkingv1.NetworkPolicyEgressRule{
			To:    []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "169.254.20.10/32"}}},
			Ports: append(udpPorts(53), tcpPorts(53)...),
		},
	)
}

func allowToIstiod(p *plan.Plan) *networkingv1.NetworkPolicy {
	if !hasSidecar(p) {
		return nil
	}
	return allowEgress(serversPolicy(p, "allow-to-istiod"), networkingv1.NetworkPolicyEgressRule{
		To:    podsIn(istioNamespace, map[string]string{"app": "istiod"}),
		Ports: tcpPorts(portIstiod),
	})
}

func allowToDestination(p *plan.Plan, d plan.Destination) *networkingv1.NetworkPolicy {
	policy := serversPolicy(p, "allow-to-"+kebabCase(d.Name()))
	if d.Namespace != "" {
		return allowEgress(policy, networkingv1.NetworkPolicyEgressRule{
			To:    podsIn(d.Namespace, d.PodLabels),
			Ports: tcpOrHBONE(p, podPort(d)),
		})
	}
	return allowEgress(policy, networkingv1.NetworkPolicyEgressRule{To: addressBlocks(d), Ports: tcpPorts(d.Port)})
}

// allowToGateway is for outside names that are this cluster's own gateway's, such as a Keycloak's behind it. Kubernetes
// leads such a connection straight to the gateway's pods, and a policy sees those instead of the outside address, on a
// port that only the gateway knows (kubernetes issue 66607). Whoever gives addresses has said which ones they mean.
func allowToGateway(p *plan.Plan) *networkingv1.NetworkPolicy {
	namespace := p.NetworkPolicies.GatewayNamespace
	behindGateway := slices.ContainsFunc(p.Destinations, func(d plan.Destination) bool {
		return d.Namespace == "" && len(d.CIDRs) == 0 && portProtocol(d) != protocolTCP
	})
	if namespace == "" || !behindGateway {
		return nil
	}
	return allowEgress(serversPolicy(p, "allow-to-gateway"), networkingv1.NetworkPolicyEgressRule{To: podsIn(namespace, nil)})
}

// allowServersToDatabase closes the plain PostgreSQL to everybody but the servers. What it connects to is left alone.
func allowServersToDatabase(p *plan.Plan) *networkingv1.NetworkPolicy {
	if p.Database.StatefulSet == nil {
		return nil
	}
	i := slices.IndexFunc(p.Destinations, func(d plan.Destination) bool {
		return d.Kind == plan.DestinationDatabase && d.Namespace == p.Namespace && len(d.PodLabels) > 0
	})
	if i < 0 {
		return nil // without labels the policy would select every pod of the namespace
	}
	database := p.Destinations[i]
	policy := networkPolicy(p, "allow-servers-to-database", database.PodLabels)
	allowIngress(policy, networkingv1.NetworkPolicyIngressRule{
		From:  []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{MatchLabels: p.ServerLabels()}}},
		Ports: tcpOrHBONE(p, podPort(database)),
	})
	if p.Istio.Ambient {
		allowIngress(policy, networkingv1.NetworkPolicyIngressRule{From: probeAddresses(), Ports: tcpPorts(podPort(database))})
	}
	return policy
}

// serversPolicy is a policy for the servers of this installation.
func serversPolicy(p *plan.Plan, purpose string) *networkingv1.NetworkPolicy {
	return networkPolicy(p, purpose, p.ServerLabels())
}

func networkPolicy(p *plan.Plan, purpose string, pods map[string]string) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   typeMeta(networkingv1.SchemeGroupVersion.String(), "NetworkPolicy"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentNetwork, p.NetworkPolicyName(purpose)),
		Spec:       networkingv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: pods}},
	}
}

// allowIngress adds rules for what may connect to the pods of a policy.
func allowIngress(policy *networkingv1.NetworkPolicy, rules ...networkingv1.NetworkPolicyIngressRule) *networkingv1.NetworkPolicy {
	policy.Spec.Ingress = append(policy.Spec.Ingress, rules...)
	return withPolicyType(policy, networkingv1.PolicyTypeIngress)
}

// allowEgress adds rules for what the pods of a policy may connect to.
func allowEgress(policy *networkingv1.NetworkPolicy, rules ...networkingv1.NetworkPolicyEgressRule) *networkingv1.NetworkPolicy {
	policy.Spec.Egress = append(policy.Spec.Egress, rules...)
	return withPolicyType(policy, networkingv1.PolicyTypeEgress)
}

// withPolicyType adds a direction that a policy applies to. Without it Kubernetes applies every policy to ingress too.
func withPolicyType(policy *networkingv1.NetworkPolicy, direction networkingv1.PolicyType) *networkingv1.NetworkPolicy {
	if !slices.Contains(policy.Spec.PolicyTypes, direction) {
		policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, direction)
	}
	return policy
}

// podsIn are the pods of a namespace: those with the given labels, or all of them. Kubernetes itself puts the label with
// the name on every namespace.
func podsIn(namespace string, pods map[string]string) []networkingv1.NetworkPolicyPeer {
	peer := networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{
		MatchLabels: map[string]string{corev1.LabelMetadataName: namespace},
	}}
	if len(pods) > 0 {
		peer.PodSelector = &metav1.LabelSelector{MatchLabels: pods}
	}
	return []networkingv1.NetworkPolicyPeer{peer}
}

// probeAddresses are the addresses that istio-cni gives the kubelet's health checks in the ambient mesh.
func probeAddresses() []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{
		{IPBlock: &networkingv1.IPBlock{CIDR: "169.254.7.127/32"}},
		{IPBlock: &networkingv1.IPBlock{CIDR: "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"}},
	}
}

// addressBlocks are the addresses of an outside destination: those that are known, else every address but the cloud's
// metadata service, which hands the node's credentials to whoever asks.
func addressBlocks(d plan.Destination) []networkingv1.NetworkPolicyPeer {
	cidrs := d.CIDRs
	if address, err := netip.ParseAddr(d.Host); err == nil && len(cidrs) == 0 {
		cidrs = []string{netip.PrefixFrom(address, address.BitLen()).String()}
	}
	if len(cidrs) == 0 {
		return []networkingv1.NetworkPolicyPeer{
			{IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0", Except: []string{"169.254.169.254/32"}}},
			{IPBlock: &networkingv1.IPBlock{CIDR: "::/0", Except: []string{"fd00:ec2::254/128"}}},
		}
	}
	var blocks []networkingv1.NetworkPolicyPeer
	for _, cidr := range cidrs {
		blocks = append(blocks, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr}})
	}
	return blocks
}

// podPort is the port of a destination's pods: policies see connections after the Service has led them to a pod.
func podPort(d plan.Destination) int32 {
	if d.PodPort != 0 {
		return d.PodPort
	}
	return d.Port
}

// tcpOrHBONE are ports of pods that may be in the ambient mesh, beside ours.
func tcpOrHBONE(p *plan.Plan, ports ...int32) []networkingv1.NetworkPolicyPort {
	if p.Istio.Ambient {
		ports = append(ports, portHBONE)
	}
	return tcpPorts(ports...)
}

func tcpPorts(ports ...int32) []networkingv1.NetworkPolicyPort {
	return policyPorts(corev1.ProtocolTCP, ports)
}

func udpPorts(ports ...int32) []networkingv1.NetworkPolicyPort {
	return policyPorts(corev1.ProtocolUDP, ports)
}

func policyPorts(protocol corev1.Protocol, ports []int32) []networkingv1.NetworkPolicyPort {
	var list []networkingv1.NetworkPolicyPort
	for _, port := range ports {
		number := intstr.FromInt32(port)
		list = append(list, networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &number})
	}
	return list
}
