// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/jsonfield"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// unused finds settings that have no effect because of the rest of the configuration. Sections that are switched off
// explicitly (enabled: false) are not reported: that is what the switch is for.
func unused(s *subject) {
	forgottenSwitches(s)
	unusedCABundles(s)
	unusedEgress(s)
	spec := s.spec
	if spec.SSO.Enabled && spec.SSO.Provider == v1alpha1.SSOGitLab && s.given("spec.sso.buttonText") {
		s.warnf("spec.sso.buttonText", "has no effect: the button of the gitlab provider has its own text; remove it, "+
			"or use provider openid")
	}
	if spec.Database.WaitImage != "" && v1alpha1.AtLeast(spec.Version, 11, 9) {
		s.warnf("spec.database.waitImage", "has no effect since version 11.9, whose own image waits for the database; "+
			"remove it")
	}
	if in := spec.ObjectStorage.InCluster; in != nil && in.UserID != nil && in.Engine != v1alpha1.EngineMinIO {
		s.warnf("spec.objectStorage.inCluster.userID", "has no effect unless engine is minio; remove it")
	}
	if plugins := orEmpty(spec.Plugins); isTrue(spec.OnlineServices.Marketplace) {
		for name, on := range map[string]*bool{"enabled": plugins.Enabled, "marketplace": plugins.Marketplace} {
			if isFalse(on) {
				s.warnf("spec.onlineServices.marketplace", "has no effect while spec.plugins.%s is false; remove one of the two",
					name)
			}
		}
	}
	if !spec.Istio.AuthorizationPolicies && s.given("spec.istio.gatewayPrincipals") {
		s.warnf("spec.istio.gatewayPrincipals", "has no effect without authorizationPolicies; "+
			"set spec.istio.authorizationPolicies: true, or remove it")
	}
	if spec.Logging.FluentBit.Form == v1alpha1.FluentBitOperator && s.given("spec.logging.fluentBit.namespace") {
		s.warnf("spec.logging.fluentBit.namespace", "has no effect: the form operator emits everything into the "+
			"installation's own namespace; remove it, or set form: configMap")
	}
	if spec.Monitoring.Enabled && spec.Monitoring.ServiceMonitor.Scheme == "http" &&
		s.given("spec.monitoring.serviceMonitor.tlsConfig") {
		s.warnf("spec.monitoring.serviceMonitor.tlsConfig", "has no effect with scheme http; set scheme: https, or remove it")
	}
}

// sections are those that do nothing until their toggle is true.
func (s *subject) sections() []section {
	spec := s.spec
	policies := section{field: "spec.networkPolicies", on: spec.NetworkPolicies.Enabled, fields: spec.NetworkPolicies,
		// unusedEgress reports these, which service entries use too.
		others: []string{"egress", "allow"}}
	if spec.Istio.AuthorizationPolicies { // which admit Prometheus
		policies.others = append(policies.others, "monitoringNamespace")
	}
	return []section{
		{field: "spec.elasticsearch", on: spec.Elasticsearch.Enabled, fields: spec.Elasticsearch},
		{field: "spec.monitoring", on: spec.Monitoring.Enabled, fields: spec.Monitoring},
		{field: "spec.monitoring.alerts", on: spec.Monitoring.Alerts.Enabled, fields: spec.Monitoring.Alerts},
		{field: "spec.monitoring.dashboard", on: spec.Monitoring.Dashboard.Enabled, fields: spec.Monitoring.Dashboard},
		policies,
		{field: "spec.ldap", on: orEmpty(spec.LDAP).Enabled, fields: spec.LDAP},
		{field: "spec.saml", on: orEmpty(spec.SAML).Enabled, fields: spec.SAML},
		{field: "spec.openid", on: orEmpty(spec.OpenID).Enabled, fields: spec.OpenID},
		{field: "spec.guests", on: orEmpty(spec.Guests).Enabled, fields: spec.Guests},
		{field: "spec.compliance.export", on: orEmpty(orEmpty(spec.Compliance).Export).Enabled,
			fields: orEmpty(spec.Compliance).Export},
		{field: "spec.calls", on: plan.UsesCalls(spec), fields: spec.Calls},
		{field: "spec.namespace", toggle: "create", on: spec.Namespace.Create, fields: spec.Namespace},
	}
}

// section is an object of the configuration with a switch.
type section struct {
	field string
	// toggle is the switch; empty for enabled.
	toggle string
	on     bool
	// fields is a pointer to the struct, of which all fields depend on the toggle, apart from others.
	fields any
	others []string
}

// forgottenSwitches reports sections that are configured but not enabled.
func forgottenSwitches(s *subject) {
	for _, section := range s.sections() {
		toggle := cmp.Or(section.toggle, "enabled")
		var names []string
		for _, field := range jsonfield.Of(reflect.TypeOf(section.fields).Elem()) {
			if field.Name != toggle && !slices.Contains(section.others, field.Name) {
				names = append(names, field.Name)
			}
		}
		fields := s.givenOf(section.field, names...)
		if !section.on && len(fields) > 0 && !s.given(section.field+"."+toggle) {
			s.warnf(section.field+"."+fields[0], "has no effect while %s.%s is false, the default; set it to true, or remove %s",
				section.field, toggle, strings.Join(fields, ", "))
		}
	}
}

// unusedCABundles reports CA certificates of connections without TLS or without verification.
func unusedCABundles(s *subject) {
	spec := s.spec
	for _, bundle := range []struct {
		field string
		given bool
		why   string
	}{
		{"spec.database.ca", spec.Database.CA != nil && spec.Database.SSLMode == "disable",
			"spec.database.sslMode is disable"},
		{"spec.objectStorage.ca", spec.ObjectStorage.CA != nil && clearText(objectStorageScheme(spec.ObjectStorage)),
			"the connection has no TLS (spec.objectStorage.endpoint)"},
		{"spec.elasticsearch.ca", spec.Elasticsearch.CA != nil && spec.Elasticsearch.Enabled &&
			clearText(spec.Elasticsearch.URL), "the connection has no TLS (spec.elasticsearch.url)"},
		{"spec.elasticsearch.ca", spec.Elasticsearch.CA != nil && spec.Elasticsearch.Enabled &&
			spec.Elasticsearch.SkipTLSVerify, "certificates are not checked (spec.elasticsearch.skipTLSVerify)"},
		{"spec.ldap.ca", orEmpty(spec.LDAP).CA != nil && orEmpty(spec.LDAP).ConnectionSecurity == "None",
			"spec.ldap.connectionSecurity is None"},
		{"spec.email.ca", orEmpty(spec.Email).CA != nil && orEmpty(spec.Email).ConnectionSecurity == "None",
			"spec.email.connectionSecurity is None"},
		{"spec.openid.ca", orEmpty(spec.OpenID).CA != nil && clearText(orEmpty(spec.OpenID).IssuerURL),
			"the connection has no TLS (spec.openid.issuerURL)"},
	} {
		if bundle.given {
			s.warnf(bundle.field, "is not used: %s; remove one of the two", bundle.why)
		}
	}
	for i, output := range spec.Logging.FluentBit.Outputs {
		field := index("spec.logging.fluentBit.outputs", i) + ".caFile"
		switch {
		case output.CAFile == "":
		case clearText(output.URL):
			s.warnf(field, "is not used: the connection has no TLS (url); remove one of the two")
		case output.SkipTLSVerify:
			s.warnf(field, "is not used: certificates are not checked (skipTLSVerify); remove one of the two")
		}
	}
}

func clearText(url string) bool { return strings.HasPrefix(url, "http://") }

// objectStorageScheme returns the endpoint as a URL, whichever field has the scheme.
func objectStorageScheme(files *v1alpha1.ObjectStorage) string {
	if endpoint, err := files.ParseEndpoint(); err == nil {
		return endpoint.String()
	}
	return files.Endpoint
}

// unusedEgress reports addresses of services outside the cluster that this configuration does not use.
func unusedEgress(s *subject) {
	for _, service := range []struct {
		kind plan.DestinationKind
		used bool
	}{
		{plan.DestinationDatabase, s.spec.Database.InCluster == nil},
		{plan.DestinationObjectStorage, s.spec.ObjectStorage.InCluster == nil},
		{plan.DestinationSSO, s.spec.SSO.Enabled || orEmpty(s.spec.OpenID).Enabled},
		{plan.DestinationLDAP, orEmpty(s.spec.LDAP).Enabled},
		{plan.DestinationMail, s.spec.Email != nil ||
			orEmpty(orEmpty(orEmpty(s.spec.Compliance).Export).GlobalRelay).CustomerType == "CUSTOM"},
		{plan.DestinationPush, s.spec.Push != nil},
		{plan.DestinationRedis, s.spec.Redis != nil},
		{plan.DestinationElasticsearch, s.spec.Elasticsearch.Enabled},
	} {
		if _, given := s.spec.NetworkPolicies.Egress[string(service.kind)]; given && !service.used {
			s.warnf("spec.networkPolicies.egress."+string(service.kind),
				"has no effect: this configuration uses no such service outside the cluster; remove it")
		}
	}
	if s.spec.NetworkPolicies.Enabled || *s.spec.Istio.ServiceEntries || s.given("spec.networkPolicies.enabled") {
		return
	}
	for _, name := range s.givenOf("spec.networkPolicies", "egress", "allow") {
		s.warnf("spec.networkPolicies."+name, "has no effect in the cluster without network policies or service entries; "+
			"set spec.networkPolicies.enabled: true, or remove it")
	}
}
