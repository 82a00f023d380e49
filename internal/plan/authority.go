// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// authority is a CA certificate of the configuration that the server trusts in addition to the system's.
type authority struct {
	// service names the volume and the ConfigMap.
	service string
	field   string
	// ca is nil if none is configured, or if the server does not connect to the service.
	ca *v1alpha1.CertificateAuthority
}

// authorities returns one for every field with a CA certificate. A test compares them with the fields of the
// configuration.
func authorities(spec *v1alpha1.MattermostConfigSpec) []authority {
	all := []authority{
		{service: "database", field: "spec.database.ca"},
		{service: "object-storage", field: "spec.objectStorage.ca"},
		{service: "sso", field: "spec.sso.ca"},
		{service: "elasticsearch", field: "spec.elasticsearch.ca"},
		{service: "ldap", field: "spec.ldap.ca"},
		{service: "openid", field: "spec.openid.ca"},
		{service: "mail", field: "spec.email.ca"},
	}
	for i := range all {
		all[i].ca = trusted(spec, all[i].service)
	}
	return all
}

// trusted returns the CA certificate of a service that the server connects to.
func trusted(spec *v1alpha1.MattermostConfigSpec, service string) *v1alpha1.CertificateAuthority {
	switch {
	case service == "database" && spec.Database.IsExternal():
		return spec.Database.CA
	case service == "object-storage" && spec.ObjectStorage.InCluster == nil:
		return spec.ObjectStorage.CA
	case service == "sso" && spec.SSO.Enabled:
		return spec.SSO.CA
	case service == "elasticsearch" && spec.Elasticsearch.Enabled:
		return spec.Elasticsearch.CA
	case service == "ldap" && spec.LDAP != nil && spec.LDAP.Enabled:
		return spec.LDAP.CA
	case service == "openid" && spec.OpenID != nil && spec.OpenID.Enabled:
		return spec.OpenID.CA
	case service == "mail" && spec.Email != nil:
		return spec.Email.CA
	}
	return nil
}

// Volume is a volume that the function or the operator adds to the server's pods.
type Volume struct {
	Name string
	// MountPath is where it is, or a file of it, in the server's container.
	MountPath string
	// Emitted reports whether the pods of this configuration have it.
	Emitted bool
}

// Volumes returns all volumes that the function or the operator adds to the pods of some configuration
// (mattermost-operator 1.25.9, pkg/mattermost/mattermost_v1beta.go). The defaults of the configuration are set.
func Volumes(names Names, spec *v1alpha1.MattermostConfigSpec) []Volume {
	license, files := spec.Enterprise.LicenseValue(), spec.ObjectStorage.InCluster
	volumes := []Volume{
		{"mattermost-license", "/mattermost-license", spec.Enterprise.Enabled && license != nil && isLicenseFile(license)},
		{"mattermost-data", DataDirectory, files != nil && files.Engine == v1alpha1.EngineVolume},
	}
	volumes = append(volumes, Volume{WritableVolume, "", spec.Pod != nil && spec.Pod.ReadOnlyRootFilesystem})
	for _, authority := range authorities(spec) {
		bundle := CABundle{Name: names.CABundleName(authority.service)}
		volumes = append(volumes, Volume{caVolumeName(authority.service), bundle.File(), authority.ca != nil})
	}
	return volumes
}

// DataDirectory is where the operator mounts the volume for files.
const DataDirectory = "/mattermost/data"

// authorities makes the server trust the CA certificates of the configuration: each is a file next to the system's,
// which it does not replace. Go reads every file of /etc/ssl/certs, on Red Hat's images a link to /etc/pki/tls/certs,
// in addition to the system's bundle.
func (b *builder) authorities() {
	for _, authority := range authorities(b.spec) {
		if authority.ca != nil {
			b.CABundles = append(b.CABundles, b.bundle(authority))
		}
	}
	slices.SortFunc(b.CABundles, func(x, y CABundle) int { return strings.Compare(x.Name, y.Name) })
}

// caFile returns the file with the CA certificates of a service; empty if there is none.
func (b *builder) caFile(service string) string {
	for _, bundle := range b.CABundles {
		if bundle.Volume == caVolumeName(service) {
			return bundle.File()
		}
	}
	return ""
}

func (b *builder) bundle(authority authority) CABundle {
	ca := authority.ca
	bundle := CABundle{Name: b.CABundleName(authority.service), Volume: caVolumeName(authority.service)}
	switch {
	case ca.ConfigMapKeyRef != nil:
		bundle.ConfigMap, bundle.Key = ca.ConfigMapKeyRef.Name, ca.ConfigMapKeyRef.Key
		b.configMapExists(*ca.ConfigMapKeyRef, authority.field+".configMapKeyRef")
		b.rememberConfigMap(*ca.ConfigMapKeyRef)
	case ca.SecretKeyRef != nil:
		bundle.Secret, bundle.Key = ca.SecretKeyRef.Name, ca.SecretKeyRef.Key
		b.secretExists(*ca.SecretKeyRef, authority.field+".secretKeyRef")
		b.remember(*ca.SecretKeyRef)
	default:
		bundle.ConfigMap, bundle.Key, bundle.PEM = bundle.Name, "ca.crt", ca.PEM
		b.known["ConfigMap/"+bundle.Name] = ca.PEM
	}
	return bundle
}

// File is the path of the certificates in the container.
func (bundle CABundle) File() string { return "/etc/ssl/certs/" + bundle.Name + ".pem" }
