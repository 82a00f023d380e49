// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// tlsService is a connection with TLS whose certificate the client verifies.
type tlsService struct {
	// field names the service, caField its authority; empty if there is no such field.
	field, caField string
	host           string
	// ca reports whether the authority is set.
	ca bool
}

// unknownAuthorities reports services of the cluster whose certificates the server verifies without knowing their
// authority: no public one signs the name of a Service (CA/Browser Forum, Baseline Requirements 4.2.2).
func unknownAuthorities(s *subject) {
	for i, output := range s.spec.Logging.FluentBit.Outputs {
		if u, err := v1alpha1.ParseServiceURL(output.URL); err == nil && u.TLS && !output.SkipTLSVerify &&
			output.CAFile == "" && isService(u.Host) {
			s.warnf(index("spec.logging.fluentBit.outputs", i)+".url", "%s is a service of this cluster, whose certificate "+
				"no public authority signs, and caFile is not set, so Fluent Bit sends it nothing; set caFile", u.Host)
		}
	}
	if s.mountsAuthorities() {
		return
	}
	for _, service := range s.tlsServices() {
		if !service.ca && isService(service.host) {
			s.warnf(service.field, "%s is a service of this cluster, whose certificate no public authority signs, and %s is "+
				"not set, so connections to it fail; set it to the authority of the service", service.host, service.caField)
		}
	}
	s.withoutAuthority()
}

// isService reports whether a host is a Service of this cluster. The pod itself is not.
func isService(host string) bool {
	return host != "" && host != "localhost" && inCluster(strings.TrimSuffix(host, "."))
}

// mountsAuthorities reports whether the pods mount certificates, or a variable names others, which are not known here.
func (s *subject) mountsAuthorities() bool {
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := s.variable(name); ok && (!v.known || v.value != "") {
			return true
		}
	}
	return slices.ContainsFunc(s.spec.Pod.VolumeMounts, func(mount corev1.VolumeMount) bool {
		at := path.Clean(mount.MountPath)
		return strings.HasPrefix(at, "/etc/ssl/") || strings.HasPrefix(at, "/etc/pki/")
	})
}

// isSwitchedOn reports whether a variable is on, or not known.
func (s *subject) isSwitchedOn(name string) bool {
	v, ok := s.variable(name)
	return ok && (!v.known || isOn(v.value))
}

// tlsServices returns the connections of fields that have an authority. Unverified ones are MM031's.
func (s *subject) tlsServices() []tlsService {
	spec := s.spec
	var services []tlsService
	add := func(wanted bool, field, caField, host string, ca *v1alpha1.CertificateAuthority) {
		if wanted {
			services = append(services, tlsService{field, caField, host, ca != nil})
		}
	}
	addURL := func(wanted bool, field, caField, rawURL string, ca *v1alpha1.CertificateAuthority) {
		u, err := v1alpha1.ParseQueryURL(rawURL)
		add(wanted && err == nil && u.TLS, field, caField, u.Host, ca)
	}
	database := spec.Database
	verifies := database.IsExternal() && strings.HasPrefix(database.SSLMode, "verify-") &&
		database.Parameters["sslrootcert"] == ""
	add(verifies, "spec.database.host", "spec.database.ca", strings.Trim(database.Host, "[]"), database.CA)
	for i, replica := range database.ReadReplicas {
		host, _, err := v1alpha1.ParseHostPort(replica, 5432)
		add(verifies && err == nil, index("spec.database.readReplicas", i), "spec.database.ca", host, database.CA)
	}
	addURL(spec.ObjectStorage.IsExternal(), "spec.objectStorage.endpoint", "spec.objectStorage.ca",
		objectStorageScheme(spec.ObjectStorage), spec.ObjectStorage.CA)
	search := spec.Elasticsearch
	_, ownCA := s.variable("MM_ELASTICSEARCHSETTINGS_CA")
	addURL(search.Enabled && !search.SkipTLSVerify && !ownCA &&
		!s.isSwitchedOn("MM_ELASTICSEARCHSETTINGS_SKIPTLSVERIFICATION"),
		"spec.elasticsearch.url", "spec.elasticsearch.ca", search.URL, search.CA)
	ldap := orEmpty(spec.LDAP)
	add(ldap.Enabled && ldap.ConnectionSecurity != "None" &&
		!s.isSwitchedOn("MM_LDAPSETTINGS_SKIPCERTIFICATEVERIFICATION"),
		"spec.ldap.server", "spec.ldap.ca", ldap.Server, ldap.CA)
	email := orEmpty(spec.Email)
	add(spec.Email != nil && email.ConnectionSecurity != "None" &&
		!s.isSwitchedOn("MM_EMAILSETTINGS_SKIPSERVERCERTIFICATEVERIFICATION"),
		"spec.email.server", "spec.email.ca", email.Server, email.CA)
	if s.isSwitchedOn(insecureConnections) {
		return services
	}
	openID := orEmpty(spec.OpenID)
	addURL(openID.Enabled, "spec.openid.issuerURL", "spec.openid.ca", openID.IssuerURL, openID.CA)
	if sso := spec.SSO; sso.Enabled {
		endpoints := plan.SSOEndpoints(sso)
		token, user := "spec.sso.tokenEndpoint", "spec.sso.userAPIEndpoint"
		if sso.IssuerURL != "" {
			token, user = "spec.sso.issuerURL", ""
		}
		addURL(true, "spec.sso.issuerURL", "spec.sso.ca", endpoints.Discovery, sso.CA)
		addURL(true, token, "spec.sso.ca", endpoints.Token, sso.CA)
		addURL(user != "", user, "spec.sso.ca", endpoints.UserAPI, sso.CA)
	}
	return services
}

// withoutAuthority reports services of the cluster that only a setting or variable names, unless the configuration has
// any authority: the servers trust each of them for every service.
func (s *subject) withoutAuthority() {
	any := false
	v1alpha1.Each(s.MattermostConfig, func(string, *v1alpha1.CertificateAuthority) { any = true })
	if any {
		return
	}
	report := func(field, prefix, host string) {
		s.warnf(field, "%s%s is a service of this cluster, whose certificate no public authority signs, so connections to "+
			"it fail; mount its authority as a file in /etc/ssl/certs with spec.pod.volumes and volumeMounts", prefix, host)
	}
	if push := s.spec.Push; push != nil && !s.isSwitchedOn(insecureConnections) {
		if u, err := v1alpha1.ParseQueryURL(push.Server); err == nil && u.TLS && isService(u.Host) {
			report("spec.push.server", "", u.Host)
		}
	}
	for _, variable := range s.contacted() {
		if !variable.known {
			continue
		}
		var hosts []string
		contact := contacts[variable.name]
		for _, endpoint := range contact.endpoints(s, variable.value) {
			if s.isVerified(contact, endpoint) && isService(endpoint.host) && !slices.Contains(hosts, endpoint.host) {
				hosts = append(hosts, endpoint.host)
				report(variable.field, variable.prefix(), endpoint.host)
			}
		}
	}
}
