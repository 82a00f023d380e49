// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// DestinationKind is the kind of a service that the servers connect to.
type DestinationKind string

// The kinds of destinations.
const (
	DestinationDatabase      DestinationKind = "database"
	DestinationObjectStorage DestinationKind = "objectStorage"
	// DestinationSTS is Amazon's token service, which exchanges a pod's identity for credentials of an IAM role.
	DestinationSTS DestinationKind = "sts"
	// DestinationCredentials is the service of a node that gives pods the credentials of their identity at Amazon.
	DestinationCredentials DestinationKind = "credentials"
	// DestinationAzureLogin is Microsoft's service that gives pods with an identity at Azure their tokens.
	DestinationAzureLogin DestinationKind = "azureLogin"
	// DestinationSSO is the identity provider of spec.sso, DestinationOpenID that of spec.openid.
	DestinationSSO           DestinationKind = "sso"
	DestinationOpenID        DestinationKind = "openid"
	DestinationElasticsearch DestinationKind = "elasticsearch"
	DestinationLDAP          DestinationKind = "ldap"
	DestinationMail          DestinationKind = "mail"
	DestinationPush          DestinationKind = "push"
	DestinationRedis         DestinationKind = "redis"
	// DestinationNotices and the next three are those of spec.onlineServices.
	DestinationNotices        DestinationKind = "notices"
	DestinationSecurityAlerts DestinationKind = "securityAlerts"
	DestinationMarketplace    DestinationKind = "marketplace"
	DestinationDiagnostics    DestinationKind = "diagnostics"
	// DestinationAllowed is an element of spec.networkPolicies.allow.
	DestinationAllowed DestinationKind = "allowed"
)

// EgressKeys are the kinds that spec.networkPolicies.egress can name, in the order in which messages list them.
var EgressKeys = []DestinationKind{
	DestinationDatabase, DestinationObjectStorage, DestinationSSO, DestinationElasticsearch,
	DestinationLDAP, DestinationMail, DestinationPush, DestinationRedis,
}

// EgressKey returns the key of spec.networkPolicies.egress that lists the addresses of such a service.
func (k DestinationKind) EgressKey() DestinationKind {
	switch k {
	case DestinationSTS, DestinationAzureLogin:
		return DestinationObjectStorage
	case DestinationOpenID:
		return DestinationSSO
	}
	return k
}

// Destination is a service that the servers connect to.
type Destination struct {
	// Kind of the service.
	Kind DestinationKind
	// Number distinguishes destinations of one kind: 2 for the second; 0 for the first.
	Number int
	// Host is a host name or IP address; empty if only a Secret contains it that is not known here.
	Host string
	// Port is a TCP port.
	Port int32
	// TLS is true if the connection begins with TLS (false for PostgreSQL, which begins unencrypted and upgrades).
	TLS bool
	// Namespace is set for a service in this cluster: the namespace of its pods.
	Namespace string
	// PodLabels are the labels of its pods, if they are known.
	PodLabels map[string]string
	// PodPort is the port of its pods, if it differs from Port.
	PodPort int32
	// CIDRs are its addresses outside the pods' network; empty if they are not known.
	CIDRs []string
	// IsTCP is true for an allowed destination whose protocol is neither TLS nor HTTP.
	IsTCP bool
	// Slug is the part of an object's name for an allowed destination, such as proxy-example-com-3128. It is unique within
	// a plan, and does not change when other destinations are added.
	Slug string
}

// IsRange reports whether the destination is a range of addresses instead of a host.
func (d Destination) IsRange() bool {
	return d.Host == "" && (d.Kind == DestinationAllowed || d.Kind == DestinationCredentials)
}

// Name returns the kind, with the number if there are several, such as database-2. It is unique within a plan.
func (d Destination) Name() string {
	if d.Number == 0 {
		return string(d.Kind)
	}
	return fmt.Sprintf("%s-%d", d.Kind, d.Number)
}

// IsHTTP reports whether the protocol is HTTP, with or without TLS.
func (d Destination) IsHTTP() bool {
	switch d.Kind {
	case DestinationDatabase, DestinationMail, DestinationLDAP, DestinationRedis:
		return false
	}
	return !d.IsTCP
}

// MayUseGateway reports whether one of the external host names may be served by the gateway of this cluster, so that
// the servers connect to the gateway's pods. Hosts whose addresses are listed are not.
func (p *Plan) MayUseGateway() bool {
	return len(p.NetworkPolicies.GatewayNamespaces) > 0 && slices.ContainsFunc(p.Destinations, func(d Destination) bool {
		return d.Namespace == "" && len(d.CIDRs) == 0 && (d.TLS || d.IsHTTP())
	})
}

// Allows reports whether the emitted policies and ServiceEntries let the servers connect to a host. Port 0 is any.
func (p *Plan) Allows(host string, port int32) bool {
	address, err := netip.ParseAddr(host)
	return slices.ContainsFunc(p.Destinations, func(d Destination) bool {
		if port != 0 && d.Port != port {
			return false
		}
		if d.Host != "" {
			return strings.EqualFold(strings.TrimSuffix(d.Host, "."), strings.TrimSuffix(host, "."))
		}
		// A range of addresses is how a host whose addresses are known here is allowed.
		return d.Kind == DestinationAllowed && (err != nil || slices.ContainsFunc(d.CIDRs, func(cidr string) bool {
			prefix, err := netip.ParsePrefix(cidr)
			return err == nil && prefix.Contains(address)
		}))
	})
}

// maxSlug is the largest number of characters of a slug.
const maxSlug = 60

// slug returns a text as part of the name of an object: in lower case, with hyphens for other characters, and a
// checksum in place of what is too long.
func slug(text string) string {
	hyphenated := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	hyphenated = strings.Trim(hyphenated, "-")
	if len(hyphenated) > maxSlug {
		sum := sha256.Sum256([]byte(text))
		hyphenated = fmt.Sprintf("%s-%x", strings.TrimRight(hyphenated[:maxSlug-9], "-"), sum[:4])
	}
	return hyphenated
}

// AllowedSlug returns the part of an object's name for an element of spec.networkPolicies.allow: its host or range of
// addresses, and its port.
func AllowedSlug(address string, port int32) string { return slug(fmt.Sprintf("%s-%d", address, port)) }

// allowedSlug returns the slug of an allowed destination, with a number if another one has the same.
func (b *builder) allowedSlug(d Destination) string {
	base := AllowedSlug(d.Host+strings.Join(d.CIDRs, "-"), d.Port)
	for n, name := 2, base; ; n++ {
		if !slices.ContainsFunc(b.Destinations, func(other Destination) bool { return other.ObjectName() == name }) {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
}

// ObjectName returns the name as part of the name of an object: object-storage for objectStorage.
func (d Destination) ObjectName() string {
	if d.Slug != "" {
		return d.Slug
	}
	var kebab strings.Builder
	for i, r := range d.Name() {
		if unicode.IsUpper(r) && i > 0 {
			kebab.WriteByte('-')
		}
		kebab.WriteRune(unicode.ToLower(r))
	}
	return kebab.String()
}

// destination adds a service that the servers connect to. A host that ends in .svc, with or without the cluster's
// domain, is a Service of this cluster; its namespace is the label before that.
func (b *builder) destination(d Destination) {
	if d.Namespace == "" {
		if d.Kind != DestinationAllowed && d.Kind != DestinationCredentials {
			d.CIDRs = b.spec.NetworkPolicies.Egress[string(d.Kind.EgressKey())]
		}
		name := strings.TrimSuffix(strings.TrimSuffix(d.Host, "."), ".cluster.local")
		if labels := strings.Split(name, "."); len(labels) == 3 && labels[2] == "svc" {
			d.Namespace = labels[1]
		} else if d.Host != "" && !strings.Contains(d.Host, ".") && !strings.Contains(d.Host, ":") {
			d.Namespace = b.Namespace
		}
	}
	b.Destinations = append(b.Destinations, d)
}
