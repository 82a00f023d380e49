// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"testing"
)

// A new database of the profile bigbang runs Iron Bank's image as its user. One that exists keeps its user, which owns
// the files, and its image if that of the default cannot read them.
func TestDatabaseImage(t *testing.T) {
	const bank = "registry1.dso.mil/ironbank/opensource/postgres/postgresql:"
	cluster := func(spec string) stream { return stream{"earlier Cluster chat-db": "spec: {" + spec + "}"} }
	set := func(kind, image, user string) stream {
		return stream{kind + " StatefulSet chat-db": "spec: {template: {spec: {securityContext: {runAsUser: " + user +
			"}, containers: [{name: postgresql, image: '" + image + "'}]}}}"}
	}
	const plain = "engine: statefulset, password: p, "
	for _, test := range []struct {
		name, profile, inCluster string
		around                   stream
		want                     string // image, user and the label with the version
	}{
		{name: "Cluster", want: bank + "17.10 1001 17"},
		{name: "StatefulSet", inCluster: plain, want: bank + "18.3 1001 18.3"},
		{name: "community Cluster", profile: "community", want: " 0 "},
		{name: "community StatefulSet", profile: "community", inCluster: plain, want: "docker.io/library/postgres:18.4 999 "},
		{name: "image of the operator", inCluster: "image: 'ghcr.io/cloudnative-pg/postgresql:18.4'",
			want: "ghcr.io/cloudnative-pg/postgresql:18.4 0 18"},
		{name: "mirror of Iron Bank", inCluster: "image: 'mirror.mil/ironbank/opensource/postgres/postgresql:16.9'",
			want: "mirror.mil/ironbank/opensource/postgres/postgresql:16.9 1001 16"},
		{name: "user", inCluster: "userID: 26", want: bank + "17.10 26 17"},
		{name: "digest only", inCluster: plain + "image: 'example.com/pg@sha256:" +
			"0123456789012345678901234567890123456789012345678901234567890123'",
			want: "example.com/pg@sha256:0123456789012345678901234567890123456789012345678901234567890123 26 "},

		{name: "Cluster without an image", around: cluster("instances: 1"), want: " 0 "},
		{name: "Cluster of user 26", around: cluster("imageName: 'ghcr.io/cloudnative-pg/postgresql:17.6'"),
			want: "ghcr.io/cloudnative-pg/postgresql:17.6 0 17"},
		{name: "Cluster of another major version", around: cluster("imageName: '" + bank + "18.3', postgresUID: 1001"),
			want: bank + "18.3 1001 18"},
		{name: "Cluster with an earlier release of the default", around: cluster("imageName: '" + bank +
			"17.6', postgresUID: 1001"), want: bank + "17.10 1001 17"},
		{name: "image in spite of what exists", inCluster: "image: '" + bank + "18.3', userID: 1001",
			around: cluster("instances: 1"), want: bank + "18.3 1001 18"},
		{name: "image with the user of what exists", inCluster: "image: '" + bank + "18.3'",
			around: cluster("instances: 1"), want: bank + "18.3 0 18"},
		{name: "earlier StatefulSet", inCluster: plain, around: set("earlier", bank+"18.3", "26"),
			want: bank + "18.3 26 18.3"},
		{name: "StatefulSet of another tool", inCluster: plain, around: set("foreign", "example.com/pg:16.2", "1001"),
			want: "example.com/pg:16.2 1001 16.2"},
		{name: "community Cluster that exists", profile: "community", around: cluster("imageName: 'pg:17.1'"), want: " 0 "},
	} {
		t.Run(test.name, func(t *testing.T) {
			profile := ""
			if test.profile != "" {
				profile = "profile: " + test.profile + ", "
			}
			p, _ := resolve(t, " {"+profile+"domain: a.b, database: {inCluster: {"+test.inCluster+"}}}", test.around)
			var got string
			if c := p.Database.CloudNativePG; c != nil {
				user := int64(0)
				if c.User != nil {
					user = *c.User
				}
				got = fmt.Sprintf("%s %d %s", c.Image, user, c.Version)
			} else {
				s := p.Database.StatefulSet
				got = fmt.Sprintf("%s %d %s", s.Image, *s.User, s.Version)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Pods of others than the servers need a label to stay out of the mesh, unless their namespace is known not to inject.
// A route that is set later must not decide that: the database exists by then.
func TestMayInject(t *testing.T) {
	for spec, want := range map[string]bool{
		"{domain: a.b}":                                                 true,
		"{domain: a.b, route: {type: none}}":                            true,
		"{domain: a.b, istio: {injection: true}}":                       true,
		"{domain: a.b, istio: {injection: false}}":                      true, // in a namespace that would
		"{domain: a.b, istio: {ambient: true}}":                         false,
		"{domain: a.b, namespace: {create: true}}":                      true, // the route is Istio's
		"{domain: a.b, route: {type: none}, namespace: {create: true}}": false,
		"{domain: a.b, route: {type: none}, namespace: {create: true, labels: {istio-injection: enabled}}}": true,
		"{domain: a.b, route: {type: none}, namespace: {create: true, labels: {istio.io/rev: stable}}}":     true,
		"{domain: a.b, profile: community, route: {gateways: [g/h]}}":                                       true,
	} {
		if p, _ := resolve(t, " "+spec, stream{}); p.MayInject() != want {
			t.Errorf("%s: want %t", spec, want)
		}
	}
}
