package generators

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	networkingv1 "bigbang.dev/mattermost-fn/internal/apis/istio/networking/v1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// serviceEntries make the services outside the cluster known to the mesh, and only to this namespace.
func serviceEntries(p *plan.Plan) []Object {
	if !p.Istio.ServiceEntries {
		return nil
	}
	var entries []Object
	for _, host := range outsideHosts(p.Destinations) {
		entries = append(entries, serviceEntry(p, host))
	}
	slices.SortFunc(entries, func(a, b Object) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return entries
}

// outsideHost is one host outside the cluster with everything that the servers connect to on it.
type outsideHost struct {
	// name is a host name in lower case, or an address.
	name         string
	destinations []plan.Destination
}

// outsideHosts groups the outside destinations by host, in the order of the first of each. Two service entries for one
// host would be two registrations of one service, of which Istio keeps the ports of one.
func outsideHosts(destinations []plan.Destination) []*outsideHost {
	var hosts []*outsideHost
	byName := map[string]*outsideHost{}
	for _, d := range destinations {
		if d.Namespace != "" || d.Host == "" {
			continue // inside the cluster, or in a Secret that is not known here
		}
		name := strings.ToLower(strings.TrimSuffix(d.Host, "."))
		host := byName[name]
		if host == nil {
			host = &outsideHost{name: name}
			byName[name] = host
			hosts = append(hosts, host)
		}
		host.destinations = append(host.destinations, d)
	}
	return hosts
}

// serviceEntry is named after the first of what is on the host.
//
// TLS is matched by server name and HTTP by host header, so Istio may look the host up itself (DNS). Other TCP has
// nothing to match but addresses and ports. With DNS and no addresses, Istio would send every connection to the port, to
// whichever host, to one host: with read replicas, all of them to one server (istioctl's IST0134, istio issue 11741).
// With NONE it sends each connection to where the server wanted it to go, which is right whether addresses are known
// or not; where they are known, no other connection to the port is let through.
func serviceEntry(p *plan.Plan, host *outsideHost) Object {
	name := p.ServiceEntryName(kebabCase(host.destinations[0].Name()))
	ports := servicePorts(host)
	resolution := networkingv1.ResolutionDNS
	var addresses []string
	if slices.ContainsFunc(ports, func(port networkingv1.ServicePort) bool { return port.Protocol == protocolTCP }) {
		resolution = networkingv1.ResolutionNone
		addresses = host.addresses()
	}
	hosts := []string{host.name}
	if host.isAddress() {
		// A service needs a name, and an address is none. Nobody looks this one up.
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

// servicePorts are the ports of a host, each once, as a service entry demands: two destinations on one port speak the
// same protocol.
func servicePorts(host *outsideHost) []networkingv1.ServicePort {
	var ports []networkingv1.ServicePort
	for _, d := range host.destinations {
		if slices.ContainsFunc(ports, func(port networkingv1.ServicePort) bool { return port.Number == d.Port }) {
			continue
		}
		protocol := portProtocol(d)
		if host.isAddress() {
			protocol = protocolTCP // neither a TLS server name nor a host header would match the made-up host
		}
		ports = append(ports, networkingv1.ServicePort{
			Number:   d.Port,
			Name:     strings.ToLower(protocol) + "-" + kebabCase(d.Name()),
			Protocol: protocol,
		})
	}
	return ports
}

// The protocols of ports, as Istio calls them.
const (
	protocolTLS  = "TLS"
	protocolHTTP = "HTTP"
	protocolTCP  = "TCP"
)

// portProtocol is what Istio is told about a port. PostgreSQL, mail and LDAP begin in clear even where they upgrade to
// TLS, a mail server speaks first, and Redis has a protocol of its own, so all are just TCP. Everything else without TLS is HTTP, and must be called so: a
// TCP port 80 or 9200 would stand in the way of every HTTP service on the same port (istio issue 35242).
func portProtocol(d plan.Destination) string {
	if d.TLS {
		return protocolTLS
	}
	switch d.Kind {
	case plan.DestinationDatabase, plan.DestinationMail, plan.DestinationLDAP, plan.DestinationRedis:
		return protocolTCP
	}
	return protocolHTTP
}

func (h *outsideHost) isAddress() bool {
	_, err := netip.ParseAddr(h.name)
	return err == nil
}

// addresses are those of the host, each once; none where they are not known of every destination on it, because then
// the known ones would shut out the others.
func (h *outsideHost) addresses() []string {
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

// amazonRegion is Amazon's S3 endpoint of one region.
var amazonRegion = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^s3\.([a-z0-9-]+\.amazonaws\.com(?:\.cn)?)$`)
})

// bucketHosts are the other host names that the server's S3 client uses for the endpoint that it was given. minio-go
// puts the bucket in front of Amazon's, Google's and Alibaba's host names, except where a dot in it would spoil the
// certificate, and calls the dual-stack endpoint where it was given an Amazon region's (s3utils.IsVirtualHostSupported,
// Client.makeTargetURL).
func bucketHosts(p *plan.Plan, host *outsideHost) []string {
	storage := slices.IndexFunc(host.destinations, func(d plan.Destination) bool { return d.Kind == plan.DestinationObjectStorage })
	if storage < 0 || p.Files.S3 == nil {
		return nil
	}
	endpoints := []string{host.name}
	if match := amazonRegion().FindStringSubmatch(host.name); match != nil {
		endpoints = append(endpoints, "s3.dualstack."+match[1])
	}
	hosts := endpoints[1:]
	if namesBuckets(host.name) && !(host.destinations[storage].TLS && strings.Contains(p.Files.S3.Bucket, ".")) {
		for _, endpoint := range endpoints {
			hosts = append(hosts, p.Files.S3.Bucket+"."+endpoint)
		}
	}
	return hosts
}

// namesBuckets says that a service wants the bucket in the host name.
func namesBuckets(host string) bool {
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn") ||
		host == "storage.googleapis.com" || strings.HasSuffix(host, ".aliyuncs.com")
}

// kebabCase turns the name of a destination, such as objectStorage, into part of an object's name, such as object-storage.
func kebabCase(name string) string {
	var kebab strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			kebab.WriteByte('-')
		}
		kebab.WriteRune(unicode.ToLower(r))
	}
	return kebab.String()
}
