// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// route decides how users reach the site.
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

// HasSidecar reports whether the servers get a sidecar, as far as the configuration shows. If the namespace decides, it
// assumes a sidecar if there is an Istio route or any other setting of the mesh.
func (p *Plan) HasSidecar() bool {
	switch {
	case p.Istio.Ambient:
		return false
	case p.Istio.Injection != nil:
		return *p.Istio.Injection
	case p.NamespaceObject != nil && p.NamespaceObject.Labels["istio-injection"] == "enabled":
		return true
	}
	return p.Route.Type == v1alpha1.RouteIstio || p.Istio.MTLS != "" || p.Istio.AuthorizationPolicies ||
		p.Istio.Egress != "" || p.Istio.ServiceEntries
}

// LabelInject is the label with which Istio decides whether a pod gets a sidecar.
const LabelInject = "sidecar.istio.io/inject"

// MayInject reports whether pods without LabelInject may get a sidecar. The namespace decides, so they may unless it is
// emitted without injection, or the mesh is the ambient one.
func (p *Plan) MayInject() bool {
	if p.Istio.Ambient {
		return false
	}
	if p.NamespaceObject == nil || p.Istio.Injection != nil || p.HasSidecar() {
		return true
	}
	return p.NamespaceObject.Labels["istio.io/rev"] != ""
}

// networkPolicies decides who may connect to the servers.
func (b *builder) networkPolicies() {
	policies := b.spec.NetworkPolicies
	b.NetworkPolicies = NetworkPolicies{
		Enabled:             policies.Enabled,
		GatewayNamespaces:   policies.GatewayNamespaces,
		MonitoringNamespace: policies.MonitoringNamespace,
	}
	for i, allowed := range policies.Allow {
		b.allowedDestination(i+1, allowed)
	}
}

// allowedDestination adds an element of spec.networkPolicies.allow.
func (b *builder) allowedDestination(number int, allowed v1alpha1.AllowedDestination) {
	d := Destination{Kind: DestinationAllowed, Number: number, Host: allowed.Host, Port: allowed.Port}
	if allowed.CIDR != "" {
		d.CIDRs = []string{allowed.CIDR}
	}
	protocol := allowed.Protocol
	if protocol == "" {
		protocol = map[int32]v1alpha1.AllowedProtocol{443: v1alpha1.AllowedTLS, 80: v1alpha1.AllowedHTTP}[allowed.Port]
	}
	d.TLS = protocol == v1alpha1.AllowedTLS
	d.IsTCP = protocol != v1alpha1.AllowedTLS && protocol != v1alpha1.AllowedHTTP
	d.Slug = b.allowedSlug(d)
	b.destination(d)
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
