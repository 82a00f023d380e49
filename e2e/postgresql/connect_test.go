// SPDX-License-Identifier: Apache-2.0

// Package postgresql connects with what is rendered: the variables of the server's pods are resolved as the operator
// and the kubelet do, and lib/pq, in both versions that releases of Mattermost have, connects with them to a real
// PostgreSQL.
package postgresql

import (
	"bytes"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// readConfigurations reads the MattermostConfigs of some YAML.
func readConfigurations(t *testing.T, texts ...string) (found []configuration) {
	t.Helper()
	for _, text := range texts {
		for document := range strings.SplitSeq(text, "\n---") {
			var c configuration
			if err := utilyaml.Unmarshal([]byte(document), &c); err != nil || c.Kind != "MattermostConfig" {
				continue // patches and values of other tools are no such objects
			}
			c.Metadata.Namespace = or(c.Metadata.Namespace, "mattermost")
			found = append(found, c)
		}
	}
	return found
}

func TestExamplesConnect(t *testing.T) {
	for _, example := range harness.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			output, err := os.ReadFile(example.Expected())
			if err != nil {
				t.Fatal(err)
			}
			top, _, _ := strings.Cut(example.Name, "/")
			var sources []string
			for name, text := range harness.ReadTree(t, harness.Root()+"/examples/"+top) {
				if strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, "expected.yaml") {
					sources = append(sources, text)
				}
			}
			chosen := credentials{role: "chat", password: `p@ss w/:#%$$(X)é"'\`}
			w := newWorld(t, string(output), readConfigurations(t, sources...), always(chosen))
			mustConnect(t, w.pods(t)...)
		})
	}
}

// mustConnect connects with both versions of lib/pq: every connection of the server and that of the container that
// waits.
func mustConnect(t *testing.T, pods ...podOfServer) {
	t.Helper()
	to := running(t)
	for len(pods) > 0 {
		// In turn: at one time a role has one password.
		now, later := apart(pods)
		for _, pod := range now {
			to.certify(t, pod.certified()...)
		}
		to.create(t, databases(now)...)
		connectAll(t, to, now)
		pods = later
	}
}

// apart splits off the pods whose role or database another one has with another password or owner.
func apart(pods []podOfServer) (now, later []podOfServer) {
	passwords, owners := map[string]string{}, map[string]string{}
	for _, pod := range pods {
		d := pod.database
		if or(passwords[d.role], d.password) != d.password || or(owners[d.name], d.role) != d.role {
			later = append(later, pod)
			continue
		}
		passwords[d.role], owners[d.name] = d.password, d.role
		now = append(now, pod)
	}
	return now, later
}

func databases(pods []podOfServer) (all []database) {
	for _, pod := range pods {
		all = append(all, pod.database)
	}
	return all
}

func connectAll(t *testing.T, to *server, pods []podOfServer) {
	t.Helper()
	// One client connects as all containers that have no files.
	var together []podOfServer
	var containers []container
	for _, pod := range pods {
		if pod.command[0] != "/mattermost/bin/mattermost" {
			pod.mustNotWait(t, to)
		}
		if len(pod.server.files) > 0 || pod.waitsOtherwise() {
			pod.connect(t, to)
			continue
		}
		together, containers = append(together, pod), append(containers, pod.server)
	}
	if len(together) == 0 {
		return
	}
	for _, library := range slices.Sorted(maps.Keys(libraries)) {
		for at, opened := range connect(t, library, to, containers...) {
			together[at].check(t, opened)
		}
	}
}

func (p podOfServer) connect(t *testing.T, to *server) {
	t.Helper()
	for _, library := range slices.Sorted(maps.Keys(libraries)) {
		p.check(t, connect(t, library, to, p.server)[0])
		p.checkEach(t, connect(t, library, to, p.wait)[0])
	}
}

// waitsOtherwise tells whether the container that waits connects with other variables or files than the server.
func (p podOfServer) waitsOtherwise() bool {
	for _, env := range []map[string]string{p.wait.env, p.server.env} {
		for name := range env {
			if p.wait.env[name] != p.server.env[name] && !strings.HasPrefix(name, "MM_SQLSETTINGS_") {
				return true
			}
		}
	}
	return !maps.EqualFunc(p.server.files, p.wait.files, bytes.Equal)
}

// certified are the names that the database's certificate has to hold.
func (p podOfServer) certified() (names []string) {
	for _, address := range p.server.hosts {
		if host, _, err := net.SplitHostPort(address); err == nil && net.ParseIP(host) == nil && p.database.verified {
			names = append(names, host)
		}
	}
	return names
}

// check holds the server's connections against the database: one for its configuration, one for its data and one for
// each read replica, in their order.
func (p podOfServer) check(t *testing.T, connections []connection) {
	t.Helper()
	p.checkEach(t, connections)
	var got []string
	for _, c := range connections {
		got = append(got, c.Variable+" "+c.Dialed)
	}
	primary := connections[0].Dialed
	want := []string{"MM_CONFIG " + primary, "MM_SQLSETTINGS_DATASOURCE " + primary}
	for _, replica := range p.database.replicas {
		want = append(want, "MM_SQLSETTINGS_DATASOURCEREPLICAS "+replica)
	}
	if !slices.Contains(p.database.hosts, primary) || !slices.Equal(got, want) {
		t.Errorf("%s connects to %q, want %q", p.resource, got, want)
	}
}

func (p podOfServer) checkEach(t *testing.T, connections []connection) {
	t.Helper()
	for _, c := range connections {
		switch {
		case c.Error != "":
			t.Errorf("%s, lib/pq %s: %s: %s", p.resource, c.Library, c.Variable, c.Error)
		case c.User != p.database.role || c.Database != p.database.name || c.TLS != p.database.tls:
			t.Errorf("%s, lib/pq %s: %s: role %q, database %q, TLS %t, want %q, %q, %t",
				p.resource, c.Library, c.Variable, c.User, c.Database, c.TLS, p.database.role, p.database.name, p.database.tls)
		}
	}
}
