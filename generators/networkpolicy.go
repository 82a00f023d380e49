// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// networkPolicies returns the policies that deny all traffic of the servers in both directions, then allow what this
// configuration needs: one policy per purpose, so that the list of their names shows who may connect to whom.
//
// They select the servers of this installation, not the namespace, which other installations and pods may share. The
// plain PostgreSQL accepts connections from the servers only. There are no policies for the pods of CloudNativePG and
// MinIO: their operators must reach them on the same ports that a policy would protect (8000 and 5432, 9000), from a
// namespace and with labels that differ between clusters, and a policy that guesses them wrong stops the database.
func networkPolicies(p *plan.Plan) []Object {
	if !p.NetworkPolicies.Enabled {
		return nil
	}
	policies := []*networkingv1.NetworkPolicy{
		denyByDefault(p),
		allowFromGateway(p),
		allowFromOutside(p),
		allowCalls(p),
		allowFromMonitoring(p),
		allowFromProbes(p),
		allowBetweenServers(p),
		allowToDNS(p),
		allowToIstiod(p),
		allowToGateway(p),
		allowServersToDatabase(p),
		allowImportFromDatabase(p),
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
	// portHBONE is the port on which ztunnel receives all connections from other pods of the ambient mesh, whatever
	// their port. Network policies see only this port; if it is open, authorization policies restrict the actual ports.
	portHBONE int32 = 15008
	// portSidecarMetrics is the port on which a sidecar serves its own metrics and the health of the pod.
	portSidecarMetrics int32 = 15020
)

func denyByDefault(p *plan.Plan) *networkingv1.NetworkPolicy {
	policy := serversPolicy(p, "default-deny")
	policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	return policy
}

func allowFromGateway(p *plan.Plan) *networkingv1.NetworkPolicy {
	if len(p.NetworkPolicies.GatewayNamespaces) == 0 {
		return nil
	}
	return allowIngress(serversPolicy(p, "allow-from-gateway"), networkingv1.NetworkPolicyIngressRule{
		From:  gatewayPods(p),
		Ports: tcpOrHBONE(p, plan.PortApp),
	})
}

// allowFromOutside allows clients of the Service for those outside the cluster. They are not restricted to the source
// ranges of a load balancer: it connects from addresses of its own or of the nodes.
func allowFromOutside(p *plan.Plan) *networkingv1.NetworkPolicy {
	if p.Service == nil {
		return nil
	}
	return allowIngress(serversPolicy(p, "allow-from-outside"), networkingv1.NetworkPolicyIngressRule{
		From: everyAddress(), Ports: tcpPorts(plan.PortApp),
	})
}

// allowCalls allows every client to send and receive media of calls.
func allowCalls(p *plan.Plan) *networkingv1.NetworkPolicy {
	if p.Calls == nil {
		return nil
	}
	return allowIngress(serversPolicy(p, "allow-calls"), networkingv1.NetworkPolicyIngressRule{
		From: everyAddress(), Ports: append(udpPorts(p.Calls.Port), tcpPorts(p.Calls.Port)...),
	})
}

// everyAddress returns all IP addresses.
func everyAddress() []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{
		{IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}}, {IPBlock: &networkingv1.IPBlock{CIDR: "::/0"}},
	}
}

func allowFromMonitoring(p *plan.Plan) *networkingv1.NetworkPolicy {
	namespace := p.NetworkPolicies.MonitoringNamespace
	if p.Monitoring == nil || namespace == "" {
		return nil
	}
	ports := tcpOrHBONE(p, plan.PortMetrics)
	if p.HasSidecar() {
		ports = append(ports, tcpPorts(portSidecarMetrics)...)
	}
	return allowIngress(serversPolicy(p, "allow-from-monitoring"), networkingv1.NetworkPolicyIngressRule{
		From:  podsIn(p, namespace, nil),
		Ports: ports,
	})
}

// allowFromProbes allows the kubelet's probes in the ambient mesh. There, istio-cni gives them a special source
// address, so that some network plugins no longer recognize them as connections of the node, which policies never
// block.
func allowFromProbes(p *plan.Plan) *networkingv1.NetworkPolicy {
	if !p.Istio.Ambient {
		return nil
	}
	return allowIngress(serversPolicy(p, "allow-from-probes"), networkingv1.NetworkPolicyIngressRule{
		From:  probeAddresses(),
		Ports: tcpPorts(plan.PortApp),
	})
}

// allowBetweenServers allows the servers of one cluster to discover and notify each other: over UDP, with TCP as the
// fallback. A single server needs no such policy.
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

// allowToDNS allows DNS queries to the three places where clusters serve DNS: pods in kube-system; OpenShift's pods,
// which listen on another port than their Service; and the node-local cache, whose address does not belong to a pod. A
// rule has no effect if the cluster does not use that place.
func allowToDNS(p *plan.Plan) *networkingv1.NetworkPolicy {
	return allowEgress(serversPolicy(p, "allow-to-dns"),
		networkingv1.NetworkPolicyEgressRule{
			To:    podsIn(p, "kube-system", nil),
			Ports: append(udpPorts(53), tcpPorts(53)...),
		},
		networkingv1.NetworkPolicyEgressRule{
			To:    podsIn(p, "openshift-dns", nil),
			Ports: append(udpPorts(5353), tcpPorts(5353)...),
		},
		networkingv1.NetworkPolicyEgressRule{
			To:    []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "169.254.20.10/32"}}},
			Ports: append(udpPorts(53), tcpPorts(53)...),
		},
	)
}

func allowToIstiod(p *plan.Plan) *networkingv1.NetworkPolicy {
	if !p.HasSidecar() {
		return nil
	}
	return allowEgress(serversPolicy(p, "allow-to-istiod"), networkingv1.NetworkPolicyEgressRule{
		To:    podsIn(p, plan.IstioNamespace, map[string]string{"app": "istiod"}),
		Ports: tcpPorts(plan.PortIstiod),
	})
}

func allowToDestination(p *plan.Plan, d plan.Destination) *networkingv1.NetworkPolicy {
	policy := serversPolicy(p, "allow-to-"+d.ObjectName())
	if d.Namespace != "" {
		return allowEgress(policy, networkingv1.NetworkPolicyEgressRule{
			To:    podsIn(p, d.Namespace, d.PodLabels),
			Ports: tcpOrHBONE(p, podPort(d)),
		})
	}
	return allowEgress(policy, networkingv1.NetworkPolicyEgressRule{To: addressBlocks(d), Ports: tcpPorts(d.Port)})
}

// allowToGateway allows connections to external host names that this cluster's own gateway serves, such as that of a
// Keycloak in the same cluster. Kubernetes routes such a connection directly to the gateway's pods, so that a policy
// sees these instead of the external address, and a port that only the gateway knows (kubernetes issue 66607).
// Destinations with CIDRs are skipped, since the user has listed their addresses.
func allowToGateway(p *plan.Plan) *networkingv1.NetworkPolicy {
	if !p.MayUseGateway() {
		return nil
	}
	rule := networkingv1.NetworkPolicyEgressRule{To: gatewayPods(p)}
	return allowEgress(serversPolicy(p, "allow-to-gateway"), rule)
}

// allowServersToDatabase allows only the servers to connect to the plain PostgreSQL. Its outgoing connections are not
// restricted.
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
		allowIngress(policy, networkingv1.NetworkPolicyIngressRule{
			From:  probeAddresses(),
			Ports: tcpPorts(podPort(database)),
		})
	}
	return policy
}

// allowImportFromDatabase allows the import of the plain PostgreSQL that the installation had before, whose own policy
// allows only the servers.
func allowImportFromDatabase(p *plan.Plan) *networkingv1.NetworkPolicy {
	cluster := p.Database.CloudNativePG
	if cluster == nil || cluster.Import == nil || !cluster.Import.IsStatefulSet {
		return nil
	}
	policy := networkPolicy(p, "allow-import-from-database", map[string]string{
		ownership.LabelName: "postgresql", ownership.LabelInstance: p.Name,
	})
	return allowIngress(policy, networkingv1.NetworkPolicyIngressRule{
		From:  podsIn(p, p.Namespace, map[string]string{"cnpg.io/cluster": cluster.Name}),
		Ports: tcpOrHBONE(p, cluster.Import.Port),
	})
}

// serversPolicy returns a policy for the servers of this installation, without rules.
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

// allowIngress adds rules for incoming connections to a policy.
func allowIngress(
	policy *networkingv1.NetworkPolicy, rules ...networkingv1.NetworkPolicyIngressRule,
) *networkingv1.NetworkPolicy {
	policy.Spec.Ingress = append(policy.Spec.Ingress, rules...)
	return withPolicyType(policy, networkingv1.PolicyTypeIngress)
}

// allowEgress adds rules for outgoing connections to a policy.
func allowEgress(
	policy *networkingv1.NetworkPolicy, rules ...networkingv1.NetworkPolicyEgressRule,
) *networkingv1.NetworkPolicy {
	policy.Spec.Egress = append(policy.Spec.Egress, rules...)
	return withPolicyType(policy, networkingv1.PolicyTypeEgress)
}

// withPolicyType adds a direction to the policy types. Without policy types, Kubernetes applies every policy to
// ingress.
func withPolicyType(policy *networkingv1.NetworkPolicy, direction networkingv1.PolicyType) *networkingv1.NetworkPolicy {
	if !slices.Contains(policy.Spec.PolicyTypes, direction) {
		policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, direction)
	}
	return policy
}

// podsIn selects the pods of a namespace: those with the given labels, or all of them. Kubernetes adds the label with
// the name to every namespace. A peer without a namespaceSelector is in the namespace of the policy, also where
// kustomize changes that.
//
// The labels are expressions: kustomize adds labels with includeSelectors to every matchLabels of a podSelector
// (kustomize, api/internal/konfig/builtinpluginconsts/commonlabels.go), and pods of others, such as istiod's, do not
// get them.
func podsIn(p *plan.Plan, namespace string, pods map[string]string) []networkingv1.NetworkPolicyPeer {
	var peer networkingv1.NetworkPolicyPeer
	if namespace != p.Namespace {
		peer.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}}
	}
	if namespace == p.Namespace || len(pods) > 0 {
		peer.PodSelector = &metav1.LabelSelector{}
	}
	for _, key := range slices.Sorted(maps.Keys(pods)) {
		peer.PodSelector.MatchExpressions = append(peer.PodSelector.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: key, Operator: metav1.LabelSelectorOpIn, Values: []string{pods[key]},
		})
	}
	return []networkingv1.NetworkPolicyPeer{peer}
}

// gatewayPods selects the pods of the namespaces of all gateways.
func gatewayPods(p *plan.Plan) []networkingv1.NetworkPolicyPeer {
	var peers []networkingv1.NetworkPolicyPeer
	for _, namespace := range p.NetworkPolicies.GatewayNamespaces {
		peers = append(peers, podsIn(p, namespace, nil)...)
	}
	return peers
}

// probeAddresses returns the source addresses of the kubelet's probes in the ambient mesh, which istio-cni sets.
func probeAddresses() []networkingv1.NetworkPolicyPeer {
	return []networkingv1.NetworkPolicyPeer{
		{IPBlock: &networkingv1.IPBlock{CIDR: "169.254.7.127/32"}},
		{IPBlock: &networkingv1.IPBlock{CIDR: "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"}},
	}
}

// addressBlocks returns the IP addresses of an external destination: those that are known, else every address except
// the cloud's metadata service, which gives the node's credentials to any client.
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

// podPort returns the port of a destination's pods: policies see connections after the Service has routed them to a
// pod.
func podPort(d plan.Destination) int32 {
	if d.PodPort != 0 {
		return d.PodPort
	}
	return d.Port
}

// tcpOrHBONE returns the ports, and the HBONE port in the ambient mesh, for peers that may be in the mesh too.
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
