// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"fmt"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/transformers"
)

// namedConfig returns a configuration in the namespace teams.
func namedConfig(name, file, spec string) string {
	return "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\nmetadata:\n  name: " + name +
		"\n  namespace: teams\n  annotations: {internal.config.kubernetes.io/path: " + file +
		", internal.config.kubernetes.io/index: '0'}\nspec:\n  host: " + name + ".example.com\n" + spec
}

// errorLines returns the lines of standard error with an error.
func errorLines(r outcome) string {
	var errors strings.Builder
	for line := range strings.Lines(r.errors) {
		if strings.Contains(line, ": error: ") {
			errors.WriteString(line)
		}
	}
	return errors.String()
}

// Two configurations of one run must not use names that an operator uses for the other.
func TestNameConflicts(t *testing.T) {
	const (
		statefulSet = "  database: {inCluster: {engine: statefulset, password: abc}}\n"
		two         = "  replicas: 2\n  enterprise: {enabled: true, license: {uploaded: true}}\n" +
			"  objectStorage: {region: us-east-1, bucket: bbb, existingSecret: s}\n"
		minIO   = "  objectStorage: {inCluster: {engine: minio, accessKey: abcdefgh, accessSecret: abcdefgh}}\n"
		outside = "  database: {existingSecret: NAME-connection}\n"
	)
	const chat = "MattermostConfig teams/chat in a.yaml"
	use := func(name, objects string) string {
		return "b.yaml: error: metadata.name: MattermostConfig teams/" + name + " in b.yaml and " + chat +
			" both use " + objects + "; rename one of the two\n"
	}
	for _, test := range []struct{ name, chat, other, otherSpec, want string }{
		{"unrelated names", "", "talk", "", ""},
		{"similar names", "", "chat-one", "", ""},
		{
			"the job server", outside, "chat-jobserver", outside,
			use("chat-jobserver", "Deployment teams/chat-jobserver: the Mattermost operator manages it for "+
				"MattermostConfig "+
				"teams/chat-jobserver, and the Mattermost operator deletes it for MattermostConfig teams/chat"),
		},
		{
			"the database of engine statefulset", statefulSet, "chat-db", outside,
			use("chat-db", "Service teams/chat-db: the Mattermost operator manages it for MattermostConfig "+
				"teams/chat-db, and "+
				"mattermost-fn generates it for MattermostConfig teams/chat"),
		},
		{
			"the database of CloudNativePG", "", "chat-db", outside,
			use("chat-db", "Role teams/chat-db: the Mattermost operator manages it for MattermostConfig "+
				"teams/chat-db, and "+
				"CloudNativePG manages it for MattermostConfig teams/chat, and the same applies to RoleBinding "+
				"teams/chat-db, "+
				"ServiceAccount teams/chat-db"),
		},
		{
			"the Service of the database of CloudNativePG", "", "chat-db-rw", outside,
			use("chat-db-rw", "Service teams/chat-db-rw: the Mattermost operator manages it for MattermostConfig "+
				"teams/chat-db-rw, and CloudNativePG manages it for MattermostConfig teams/chat"),
		},
		{"names of a database that is outside", outside, "chat-db-rw", outside, ""},
		{
			"the Service for gossip", two + outside, "chat-gossip", outside,
			use("chat-gossip", "Service teams/chat-gossip: the Mattermost operator manages it for MattermostConfig "+
				"teams/chat-gossip, and mattermost-fn generates it for MattermostConfig teams/chat"),
		},
		{"no Service for gossip", outside, "chat-gossip", outside, ""},
		{
			"two MinIO Tenants", outside + minIO, "talk", outside + minIO,
			use("talk", "Service teams/minio: the MinIO operator manages it for MattermostConfig teams/talk, and the "+
				"MinIO "+
				"operator manages it for MattermostConfig teams/chat"),
		},
		{
			"the Service of MinIO", outside + minIO, "minio", outside,
			use("minio", "Service teams/minio: the Mattermost operator manages it for MattermostConfig teams/minio, "+
				"and the "+
				"MinIO operator manages it for MattermostConfig teams/chat"),
		},
		{
			"an IngressClass that the operator deletes", outside + "  route: {type: ingress, ingressClass: talk, " +
				"tlsSecret: t}\n",
			"talk", outside, use("talk", "IngressClass talk: the Mattermost operator deletes it for MattermostConfig "+
				"teams/talk, "+
				"and MattermostConfig teams/chat uses it"),
		},
		{
			"an IngressClass that both use", outside + "  route: {type: ingress, ingressClass: public-nginx, " +
				"tlsSecret: t}\n",
			"talk", outside + "  route: {type: ingress, ingressClass: public-nginx, tlsSecret: t}\n", "",
		},
		{
			"the disruption budget of CloudNativePG", "", "chat-db",
			strings.Replace(two, "bucket: bbb", "bucket: ccc", 1) + outside,
			use("chat-db", "PodDisruptionBudget teams/chat-db: mattermost-fn generates it for MattermostConfig "+
				"teams/chat-db, and CloudNativePG manages it for MattermostConfig teams/chat, "+
				"and the same applies to Role teams/chat-db, "+
				"RoleBinding teams/chat-db, ServiceAccount teams/chat-db"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := namedConfig("chat", "a.yaml", strings.ReplaceAll(test.chat, "NAME", "chat"))
			b := namedConfig(test.other, "b.yaml", strings.ReplaceAll(test.otherSpec, "NAME", test.other))
			for _, input := range []string{list("", a, b), list("", b, a)} {
				r := run(input)
				equal(t, "the errors", errorLines(r), test.want)
				if (r.exit != 0) != (test.want != "") {
					t.Errorf("exit %d", r.exit)
				}
			}
			elsewhere := strings.Replace(b, "namespace: teams", "namespace: elsewhere", 1)
			clusterScoped := strings.Contains(test.want, "IngressClass")
			if r := run(list("", a, elsewhere)); (r.exit != 0) != clusterScoped {
				t.Errorf("in different namespaces: %s", errorLines(r))
			}
		})
	}
}

// An object of an installation whose configuration is not in the list is as much in the way.
func TestNameConflictWithAbsentInstallation(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat-gossip\n  namespace: teams\n" +
		"  labels: {app.kubernetes.io/managed-by: mattermost-fn}\n  annotations: {mattermost.bigbang.dev/owner: " +
		"teams/chat}\n"
	r := run(list("", namedConfig("chat-gossip", "a.yaml", ""), service))
	equal(t, "the errors", errorLines(r), "a.yaml: error: metadata.name: conflicts with Service teams/chat-gossip "+
		"among the resources, which was generated for MattermostConfig teams/chat: the Mattermost operator manages it "+
		"for MattermostConfig teams/chat-gossip; rename one of the two installations, or delete the object if the "+
		"other one "+
		"no longer exists\n")
}

// The work is proportional to the number of installations, as far as allocations show it.
func TestNameConflictsAreLinear(t *testing.T) {
	measure := func(n int) float64 {
		installations := make([]*installation, n)
		for i := range installations {
			config := &v1alpha1.MattermostConfig{}
			config.Name, config.Namespace = fmt.Sprint("chat-", i), "teams"
			config.SetDefaults()
			installations[i] = &installation{
				item: &resourcelist.Item{}, config: config, report: &result.Reporter{},
				plan: &plan.Plan{Names: plan.Names{Name: config.Name, Namespace: config.Namespace}},
			}
		}
		index := indexResources(&resourcelist.List{}, transformers.ReadOwners(&resourcelist.List{}))
		return testing.AllocsPerRun(1, func() { nameConflicts(installations, index) })
	}
	if few, many := measure(300), measure(4_800); many > 32*few { // quadratic: 256
		t.Errorf("16 times as many installations need %.0f instead of %.0f allocations", many, few)
	}
}
