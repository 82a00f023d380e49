// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	networkingv1 "bigbang.dev/mattermost-fn/internal/apis/istio/networking/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// serviceEntries returns the ServiceEntries, which add the external services to the mesh's registry for this namespace
// only.
func serviceEntries(p *plan.Plan) []Object {
	if !p.Istio.ServiceEntries {
		return nil
	}
	var entries []Object
	for _, host := range externalHosts(p.Destinations) {
		entries = append(entries, serviceEntry(p, host))
	}
	slices.SortFunc(entries, func(a, b Object) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return entries
}

// externalHost is one host outside the cluster with the destinations on it.
type externalHost struct {
	// name is a host name in lower case, or an IP address; empty for a range of addresses.
	name string
	// isRange is true for a range of addresses.
	isRange      bool
	destinations []plan.Destination
}

// externalHosts groups the external destinations by host, in the order of the first destination of each. Two
// ServiceEntries for one host would register the same service twice, and Istio would use the ports of only one.
func externalHosts(destinations []plan.Destination) []*externalHost {
	var hosts []*externalHost
	byName := map[string]*externalHost{}
	for _, d := range destinations {
		if d.IsRange() {
			hosts = append(hosts, &externalHost{isRange: true, destinations: []plan.Destination{d}})
			continue
		}
		if d.Namespace != "" || d.Host == "" {
			continue // in the cluster, or in a Secret that is not among the input
		}
		name := strings.ToLower(strings.TrimSuffix(d.Host, "."))
		host := byName[name]
		if host == nil {
			host = &externalHost{name: name}
			byName[name] = host
			hosts = append(hosts, host)
		}
		host.destinations = append(host.destinations, d)
	}
	return hosts
}

// serviceEntry returns the ServiceEntry of a host. It is named after the first destination on the host.
//
// Istio matches TLS by server name and HTTP by host header, so it may resolve the host itself (DNS). Other TCP can only
// be matched by address and port. With DNS and no addresses, Istio would send every connection to the port, for any
// host, to one host: with read replicas, all of them to one server (istio issue 11741). With NONE it sends each
// connection to its original address, which is correct whether addresses are known or not; if they are known, it
// rejects connections to other addresses on the port. Without addresses, Istio's webhook and istioctl (IST0134) warn
// all the same: they look at protocol and addresses only (pkg/config/validation/validation.go), while for NONE istiod
// makes one listener for the port that passes connections on (pilot/pkg/networking/core/listener.go). Addresses in
// spec.networkPolicies.egress, or an IP address as host, avoid the warning.
func serviceEntry(p *plan.Plan, host *externalHost) Object {
	name := p.ServiceEntryName(host.destinations[0].ObjectName())
	ports := servicePorts(host)
	resolution := networkingv1.ResolutionDNS
	var addresses []string
	isTCP := func(port networkingv1.ServicePort) bool { return port.Protocol == protocolTCP }
	if slices.ContainsFunc(ports, isTCP) {
		resolution = networkingv1.ResolutionNone
		addresses = host.addresses()
	}
	hosts := []string{host.name}
	if host.isRange {
		hosts = []string{name + "." + p.Namespace + ".internal"} // never resolved
	} else if host.isAddress() {
		// Istio requires a host name, which an IP address is not. This name is never resolved.
		hosts = []string{name + "." + p.Namespace + ".internal"}
	}
	return &networkingv1.ServiceEntry{
		TypeMeta:   typeMeta(networkingv1.APIVersion, "ServiceEntry"),
		ObjectMeta: p.ObjectMeta(ownership.ComponentMesh, name),
		Spec: networkingv1.ServiceEntrySpec{
			Hosts:      append(hosts, bucketHosts(p, host)...),
			Addresses:  addresses,
			Ports:      ports,
			Location:   networkingv1.MeshExternal,
			Resolution: resolution,
			ExportTo:   []string{"."},
		},
	}
}

// servicePorts returns the ports of a host, each once, as a ServiceEntry requires: two destinations on one port use the
// same protocol.
func servicePorts(host *externalHost) []networkingv1.ServicePort {
	var ports []networkingv1.ServicePort
	for _, d := range host.destinations {
		if slices.ContainsFunc(ports, func(port networkingv1.ServicePort) bool { return port.Number == d.Port }) {
			continue
		}
		protocol := portProtocol(d)
		if host.isRange || host.isAddress() {
			protocol = protocolTCP // neither a TLS server name nor a host header would match the generated host name
		}
		purpose := d.ObjectName()
		if d.Kind == plan.DestinationAllowed {
			purpose = strconv.Itoa(int(d.Port)) // Istio limits the name to 63 characters
		}
		ports = append(ports, networkingv1.ServicePort{
			Number:   d.Port,
			Name:     strings.ToLower(protocol) + "-" + purpose,
			Protocol: protocol,
		})
	}
	return ports
}

// The protocols of ports, as Istio names them.
const (
	protocolTLS  = "TLS"
	protocolHTTP = "HTTP"
	protocolTCP  = "TCP"
)

// portProtocol returns the protocol of a port for Istio. PostgreSQL, mail and LDAP begin unencrypted even if they
// upgrade to TLS, in SMTP the server sends first, and Redis has its own protocol, so all of them are TCP. Everything
// else without TLS is HTTP, and must be declared as such: a TCP port 80 or 9200 would conflict with every HTTP service
// on the same port (istio issue 35242).
func portProtocol(d plan.Destination) string {
	if d.TLS {
		return protocolTLS
	}
	if d.IsHTTP() {
		return protocolHTTP
	}
	return protocolTCP
}

func (h *externalHost) isAddress() bool {
	_, err := netip.ParseAddr(h.name)
	return err == nil
}

// addresses returns the IP addresses of the host, each once. It returns none unless they are known for every
// destination on the host, since Istio would otherwise reject connections to the unknown ones.
func (h *externalHost) addresses() []string {
	if h.isAddress() {
		return []string{h.name}
	}
	var addresses []string
	for _, d := range h.destinations {
		if len(d.CIDRs) == 0 {
			return nil
		}
		addresses = append(addresses, d.CIDRs...)
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

// amazonRegion matches Amazon's S3 endpoint of one region.
var amazonRegion = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^s3\.([a-z0-9-]+\.amazonaws\.com(?:\.cn)?)$`)
})

// bucketHosts returns the other host names that the server's S3 client uses for the configured endpoint. minio-go
// prepends the bucket to the host names of Amazon, Google and Alibaba, except if a dot in the bucket would not match
// the certificate, and uses the dual-stack endpoint for that of an Amazon region (s3utils.IsVirtualHostSupported,
// Client.makeTargetURL).
func bucketHosts(p *plan.Plan, host *externalHost) []string {
	isStorage := func(d plan.Destination) bool { return d.Kind == plan.DestinationObjectStorage }
	storage := slices.IndexFunc(host.destinations, isStorage)
	if storage < 0 || p.Files.S3 == nil {
		return nil
	}
	endpoints := []string{host.name}
	if match := amazonRegion().FindStringSubmatch(host.name); match != nil {
		endpoints = append(endpoints, "s3.dualstack."+match[1])
	}
	hosts := endpoints[1:]
	if usesVirtualHosts(host.name) && !(host.destinations[storage].TLS && strings.Contains(p.Files.S3.Bucket, ".")) {
		for _, endpoint := range endpoints {
			hosts = append(hosts, p.Files.S3.Bucket+"."+endpoint)
		}
	}
	return hosts
}

// usesVirtualHosts reports whether a service expects the bucket in the host name.
func usesVirtualHosts(host string) bool {
	return v1alpha1.IsAmazonHost(host) || host == "storage.googleapis.com" || strings.HasSuffix(host, ".aliyuncs.com")
}
