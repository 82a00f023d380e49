// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

const everyAuthority = `
  host: chat.example.com
  enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}
  database: {host: db, password: pw, ca: {secretKeyRef: {name: ca, key: ca.crt}}}
  objectStorage: {endpoint: https://s3, bucket: b, accessKey: a, accessSecret: b, ca: {secretKeyRef: {name: c, key: k}}}
  sso: {enabled: true, issuerURL: https://id.mil, clientID: c, clientSecret: x, ca: {secretKeyRef: {name: c, key: k}}}
  elasticsearch: {enabled: true, url: https://es.mil, username: u, password: x, ca: {secretKeyRef: {name: c, key: k}}}
  ldap: {enabled: true, server: ldap.mil, ca: {secretKeyRef: {name: c, key: k}}}
  openid: {enabled: true, issuerURL: https://id, clientID: c, clientSecret: x, ca: {secretKeyRef: {name: c, key: k}}}
  email: {server: smtp.mil, from: a@smtp.mil, ca: {secretKeyRef: {name: c, key: k}}}
`

// TestAuthorities compares the authorities with the fields of the configuration, and the volumes that rules reserve
// with those that the pods get.
func TestAuthorities(t *testing.T) {
	p, _ := resolve(t, everyAuthority, stream{})
	var fields, emitted []string
	config := &v1alpha1.MattermostConfigSpec{
		Enterprise: &v1alpha1.Enterprise{}, Database: &v1alpha1.Database{}, ObjectStorage: &v1alpha1.ObjectStorage{},
		SSO: &v1alpha1.SSO{}, Elasticsearch: &v1alpha1.Elasticsearch{},
	}
	volumes := Volumes(Names{}, config)
	for _, authority := range authorities(config) {
		fields = append(fields, authority.field)
	}
	for _, bundle := range p.CABundles {
		emitted = append(emitted, bundle.Volume)
		if !slices.ContainsFunc(volumes, func(v Volume) bool { return v.Name == bundle.Volume }) {
			t.Errorf("the volume %s is not reserved", bundle.Volume)
		}
	}
	want := fieldsOf(reflect.TypeFor[v1alpha1.MattermostConfigSpec](),
		reflect.TypeFor[v1alpha1.CertificateAuthority](), "spec")
	// CloudNativePG's import reads that one, not the servers.
	want = slices.DeleteFunc(want, func(field string) bool { return field == "spec.database.inCluster.import.ca" })
	slices.Sort(want)
	slices.Sort(fields)
	if !slices.Equal(fields, want) {
		t.Errorf("got authorities of %v, want %v", fields, want)
	}
	if len(emitted) != len(want) {
		t.Errorf("the pods have the volumes %v; want one for each of %v", emitted, want)
	}
}

// TestVolumes holds the volumes that a configuration is said to have against those of its plan.
func TestVolumes(t *testing.T) {
	for name, test := range map[string]struct{ spec, want string }{
		"every authority": {everyAuthority, "mattermost-license database-ca object-storage-ca sso-ca elasticsearch-ca " +
			"ldap-ca openid-ca mail-ca"},
		"none": {"\n  host: chat.example.com", "mattermost-data"},
		"license under other key": {`
  host: chat.example.com
  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: file}}}
  objectStorage: {region: us-east-1, bucket: b, roleARN: "arn:aws:iam::123456789012:role/x"}`, ""},
		"switched off": {strings.ReplaceAll(everyAuthority, "enabled: true", "enabled: false"),
			"database-ca object-storage-ca mail-ca"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			p, _ := resolve(t, test.spec, stream{})
			config, _ := read(t, test.spec)
			for _, volume := range Volumes(NamesOf(config), &config.Spec) {
				if volume.Emitted {
					got = append(got, volume.Name)
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
			if (p.LicenseSecret != "") != slices.Contains(got, "mattermost-license") {
				t.Errorf("the plan has the license %q, the volumes are %v", p.LicenseSecret, got)
			}
			if (p.Files.Claim != nil) != slices.Contains(got, "mattermost-data") {
				t.Errorf("the plan has the claim %v, the volumes are %v", p.Files.Claim, got)
			}
		})
	}
}

// fieldsOf returns the paths of the fields of a type.
func fieldsOf(in, target reflect.Type, path string) []string {
	for in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice || in.Kind() == reflect.Map {
		in = in.Elem()
	}
	if in == target {
		return []string{path}
	}
	if in.Kind() != reflect.Struct || in.PkgPath() != target.PkgPath() {
		return nil
	}
	var found []string
	for i := range in.NumField() {
		name, _, _ := strings.Cut(in.Field(i).Tag.Get("json"), ",")
		found = append(found, fieldsOf(in.Field(i).Type, target, path+"."+name)...)
	}
	return found
}
