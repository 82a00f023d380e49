// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"testing"

	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/transformers"
)

// Earlier finds what an installation emitted or handed over, Foreign what belongs to users. Neither finds objects of
// another installation.
func TestEarlierAndForeign(t *testing.T) {
	object := func(name, metadata string) string {
		return "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata:\n  name: " + name +
			"\n  namespace: teams\n" + metadata
	}
	const managed = "  labels: {app.kubernetes.io/managed-by: mattermost-fn}\n"
	read, err := resourcelist.Read([]byte(list("",
		object("emitted", managed+"  annotations: {mattermost.bigbang.dev/owner: teams/chat}\n"),
		object("retained", "  annotations: {mattermost.bigbang.dev/retained-from: teams/chat}\n"),
		object("others", managed+"  annotations: {mattermost.bigbang.dev/owner: teams/talk}\n"),
		object("retained-from-others", "  annotations: {mattermost.bigbang.dev/retained-from: teams/talk}\n"),
		object("copy", managed+"  annotations: {mattermost.bigbang.dev/owner: teams/talk, "+
			"mattermost.bigbang.dev/retained-from: teams/chat}\n"),
		object("plain", ""),
	)))
	if err != nil {
		t.Fatal(err)
	}
	index := indexResources(read, transformers.ReadOwners(read))
	for name, want := range map[string]struct{ earlier, foreign bool }{
		"emitted":              {earlier: true},
		"retained":             {earlier: true, foreign: true},
		"others":               {},
		"retained-from-others": {foreign: true},
		"copy":                 {},
		"plain":                {foreign: true},
		"absent":               {},
	} {
		earlier := index.Earlier("teams/chat", "postgresql.cnpg.io", "Cluster", "teams", name)
		foreign := index.Foreign("postgresql.cnpg.io", "Cluster", "teams", name)
		if (earlier != nil) != want.earlier || (foreign != nil) != want.foreign {
			t.Errorf("%s: earlier %v, foreign %v, want %+v", name, earlier != nil, foreign != nil, want)
		}
		if earlier != nil && earlier.Name != name {
			t.Errorf("%s: got the object %s", name, earlier.Name)
		}
	}
}
