package plan

import (
	"strings"
)

// route decides how people reach the site.
func (b *builder) route() {
	route := b.spec.Route
	b.Route = Route{
		Type:         route.Type,
		Host:         b.Site.Host,
		SectionName:  route.SectionName,
		IngressClass: route.IngressClass,
		TLSSecret:    route.TLSSecret,
		Annotations:  route.Annotations,
	}
	for _, name := range route.Gateways {
		gateway := Gateway{Name: name}
		if namespace, rest, found := strings.Cut(name, "/"); found {
			gateway = Gateway{Namespace: namespace, Name: rest}
		}
		b.Route.Gateways = append(b.Route.Gateways, gateway)
	}
	istio := b.spec.Istio
	b.Istio = Istio{
		Injection:             istio.Injection,
		Ambient:               istio.Ambient,
		MTLS:                  istio.MTLS,
		AuthorizationPolicies: istio.AuthorizationPolicies,
		GatewayPrincipals:     istio.GatewayPrincipals,
		Egress:                istio.Egress,
		ServiceEntries:        *istio.ServiceEntries,
	}
}

// networkPolicies decides who may connect to the servers.
func (b *builder) networkPolicies() {
	policies := b.spec.NetworkPolicies
	b.NetworkPolicies = NetworkPolicies{
		Enabled:             policies.Enabled,
		GatewayNamespace:    policies.GatewayNamespace,
		MonitoringNamespace: policies.MonitoringNamespace,
	}
}

// destination adds a service that the servers connect to. A name that ends in .svc, with or without the cluster's domain,
// is a Service of this cluster in the namespace that stands before it.
func (b *builder) destination(d Destination) {
	if d.Namespace == "" {
		name := strings.TrimSuffix(strings.TrimSuffix(d.Host, "."), ".cluster.local")
		if labels := strings.Split(name, "."); len(labels) == 3 && labels[2] == "svc" {
			d.Namespace = labels[1]
		} else if d.Host != "" && !strings.Contains(d.Host, ".") && !strings.Contains(d.Host, ":") {
			d.Namespace = b.Namespace
		}
	}
	b.Destinations = append(b.Destinations, d)
}

// namespace decides whether the Namespace is emitted, and its labels.
func (b *builder) namespace() {
	wanted := b.spec.Namespace
	if !wanted.Create {
		return
	}
	labels := map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}
	switch {
	case b.Istio.Ambient:
		labels["istio.io/dataplane-mode"] = "ambient"
	case b.Istio.Injection != nil && *b.Istio.Injection:
		labels["istio-injection"] = "enabled"
	}
	for name, value := range wanted.Labels {
		labels[name] = value
	}
	b.NamespaceObject = &NamespaceObject{Labels: labels, Annotations: wanted.Annotations}
}
