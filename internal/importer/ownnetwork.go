// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"net/netip"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

const (
	fieldPolicies      = "spec.networkPolicies."
	fieldAllow         = fieldPolicies + "allow"
	labelNamespaceName = "kubernetes.io/metadata.name"
)

// ownNetworkPolicies translates the network policies that mattermost-fn emitted, and the ServiceEntries next to them.
func (t *translation) ownNetworkPolicies() {
	var policies []*value
	for _, policy := range t.cluster.all("networking.k8s.io", "NetworkPolicy") {
		if policy.isOurs() {
			t.config.set(fieldPolicies+"enabled", true, "the network policies in the input")
			policies = append(policies, policy)
		}
	}
	names := plan.Names{Name: t.name, Namespace: t.namespace}
	for _, policy := range policies {
		from := t.namespacesOf(policy)
		if len(from) == 0 {
			continue
		}
		switch policy.at("metadata", "name").string() {
		case names.NetworkPolicyName("allow-from-gateway"):
			t.set(fieldPolicies+"gatewayNamespaces", from, policy)
		case names.NetworkPolicyName("allow-from-monitoring"):
			t.set(fieldPolicies+"monitoringNamespace", from[0], policy)
		}
	}
	t.ownDestinations(policies)
	for _, policy := range policies {
		t.mark(policy, Translated, "", fieldPolicies+"enabled")
	}
}

// namespacesOf returns the namespaces that a policy allows connections from, by its first rule.
func (t *translation) namespacesOf(policy *value) []any {
	rules := policy.at("spec", "ingress").all()
	if len(rules) == 0 {
		return nil
	}
	var namespaces []any
	for _, peer := range rules[0].at("from").all() {
		name := peer.at("namespaceSelector", "matchLabels", labelNamespaceName).string()
		if name == "" && peer.at("podSelector") != nil {
			name = t.namespace
		}
		if name != "" {
			namespaces = append(namespaces, name)
		}
	}
	return namespaces
}

// ownDestinations translates the policies for services that the servers connect to: the addresses of those that other
// fields name, and the others to spec.networkPolicies.allow.
func (t *translation) ownDestinations(policies []*value) {
	planned := map[string]plan.Destination{}
	p := t.plan()
	if p == nil {
		p = &plan.Plan{}
	}
	for _, d := range p.Destinations {
		planned[d.ObjectName()] = d
	}
	var allowed []any
	addresses := map[string][]any{}
	for _, policy := range policies {
		name, found := strings.CutPrefix(policy.at("metadata", "name").string(), t.name+"-allow-to-")
		if !found || slices.Contains([]string{"dns", "istiod", "gateway"}, name) {
			continue
		}
		if d, known := planned[name]; known {
			t.ownAddresses(policy, d, addresses)
			continue
		}
		element, exact := t.allowedBy(policy, name)
		if element == nil {
			t.notTranslated(policy, "the policy does not name the host: add it to "+fieldAllow)
			continue
		}
		if !exact {
			t.todo("%s[%d].host is %s, after the name of %s, in which hyphens replace all other characters: correct it if the "+
				"host has hyphens", fieldAllow, len(allowed), element["host"], policy.where())
		}
		allowed = append(allowed, element)
		t.mark(policy, Translated, "", fieldAllow)
	}
	for _, entry := range t.ownServiceEntries() {
		if planned[strings.TrimPrefix(entry.at("metadata", "name").string(), t.name+"-")].IsRange() {
			continue
		}
		for _, element := range t.allowedByEntry(entry) {
			host, _ := element["host"].(string)
			port, _ := element["port"].(int64)
			same := func(other any) bool { return sameDestination(other, element) }
			if !p.Allows(host, int32(port)) && !slices.ContainsFunc(allowed, same) {
				allowed = append(allowed, element)
				t.mark(entry, Translated, "", fieldAllow)
			}
		}
	}
	if len(allowed) > 0 {
		t.config.set(fieldAllow, allowed, "the policies for further services")
	}
	for key := range sorted(addresses) {
		t.config.set(fieldPolicies+"egress."+key, addresses[key], "the policies for this service")
	}
}

// ownAddresses translates the IP addresses of a service that another field names.
func (t *translation) ownAddresses(policy *value, d plan.Destination, addresses map[string][]any) {
	key := string(d.Kind.EgressKey())
	if d.Kind == plan.DestinationCredentials || !slices.Contains(plan.EgressKeys, d.Kind.EgressKey()) {
		return
	}
	for _, block := range blocksOf(policy) {
		if address, err := netip.ParseAddr(d.Host); err == nil && isAddress(block, address) {
			continue // the policy follows the host
		}
		if !slices.Contains(addresses[key], any(block)) {
			addresses[key] = append(addresses[key], block)
		}
		t.mark(policy, Translated, "", fieldPolicies+"egress."+key)
	}
}

// blocksOf returns the ranges of addresses that a policy allows connections to; none if it allows all.
func blocksOf(policy *value) []string {
	var blocks []string
	for _, rule := range policy.at("spec", "egress").all() {
		for _, peer := range rule.at("to").all() {
			if block := peer.at("ipBlock"); block != nil && block.at("except") == nil {
				blocks = append(blocks, block.at("cidr").string())
			}
		}
	}
	return blocks
}

func isAddress(block string, address netip.Addr) bool {
	prefix, err := netip.ParsePrefix(block)
	return err == nil && prefix.Addr() == address && prefix.IsSingleIP()
}

// allowedBy returns the element of spec.networkPolicies.allow that a policy follows from, and whether it is certain;
// nil if the name of the policy does not give the host.
func (t *translation) allowedBy(policy *value, name string) (element map[string]any, exact bool) {
	var peer, port *value
	for _, rule := range policy.at("spec", "egress").all() {
		if to, ports := rule.at("to").all(), rule.at("ports").all(); len(to) > 0 && len(ports) > 0 {
			peer, port = to[0], ports[0].at("port")
		}
	}
	number, ok := port.int()
	if peer == nil || !ok || number < 1 || number > 65535 {
		return nil, false
	}
	follows := func(address string) bool {
		slug := plan.AllowedSlug(address, int32(number))
		return name == slug || strings.HasPrefix(name, slug+"-") // with a number, where several have the same name
	}
	for _, entry := range t.ownServiceEntries() {
		for _, element := range t.allowedByEntry(entry) {
			address, _ := firstSet(element, "host", "cidr").(string)
			if element["port"] == number && follows(address) {
				return element, true
			}
		}
	}
	for _, block := range blocksOf(policy) {
		if follows(block) {
			return map[string]any{"cidr": block, "port": number}, true
		}
		if prefix, err := netip.ParsePrefix(block); err == nil && follows(prefix.Addr().String()) {
			return map[string]any{"host": prefix.Addr().String(), "port": number}, true
		}
	}
	host, found := strings.CutSuffix(name, "-"+port.string())
	if !found {
		return nil, false
	}
	if peer.at("ipBlock") == nil {
		// A Service: its name and its namespace have no dots.
		namespace := peer.at("namespaceSelector", "matchLabels", labelNamespaceName).string()
		if namespace == "" {
			namespace = t.namespace
		}
		for _, end := range []string{".svc", ".svc.cluster.local"} {
			if service, ok := strings.CutSuffix(host, strings.ReplaceAll("."+namespace+end, ".", "-")); ok {
				host, exact = service+"."+namespace+end, true
			}
		}
		exact = exact || namespace == t.namespace
	} else {
		host = strings.ReplaceAll(host, "-", ".")
	}
	if !follows(host) {
		return nil, false
	}
	return map[string]any{"host": host, "port": number}, exact
}

// allowedByEntry returns the elements of spec.networkPolicies.allow that a ServiceEntry may follow from: one per port.
func (t *translation) allowedByEntry(entry *value) []map[string]any {
	hosts := entry.at("spec", "hosts").all()
	if len(hosts) == 0 {
		return nil
	}
	field, address := "host", hosts[0].string()
	if strings.HasSuffix(address, "."+t.namespace+".internal") {
		for _, ip := range entry.at("spec", "addresses").all() {
			address = ip.string()
			if strings.Contains(address, "/") {
				field = "cidr"
			}
		}
	}
	usual := map[int64]v1alpha1.AllowedProtocol{443: v1alpha1.AllowedTLS, 80: v1alpha1.AllowedHTTP}
	var elements []map[string]any
	for _, port := range entry.at("spec", "ports").all() {
		number, ok := port.at("number").int()
		if !ok {
			continue
		}
		element := map[string]any{field: address, "port": number}
		protocol := v1alpha1.AllowedProtocol(port.at("protocol").string())
		isDefault := usual[number] == protocol || usual[number] == "" && protocol == v1alpha1.AllowedTCP
		if !isDefault && address == hosts[0].string() {
			element["protocol"] = string(protocol)
		}
		elements = append(elements, element)
	}
	return elements
}

// sameDestination reports whether two elements of spec.networkPolicies.allow are the same but for the protocol.
func sameDestination(one any, other map[string]any) bool {
	element, _ := one.(map[string]any)
	return element["port"] == other["port"] &&
		firstSet(element, "host", "cidr") == firstSet(other, "host", "cidr")
}

// firstSet returns the first member of an object that is set; nil if none is.
func firstSet(object map[string]any, names ...string) any {
	for _, name := range names {
		if object[name] != nil {
			return object[name]
		}
	}
	return nil
}
