// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"maps"
	"strings"
	"testing"
)

// With a license the operator announces metrics in annotations of the pods, whatever the resource says. Pods without
// metrics announce none, and annotations of the configuration are kept.
func TestPodsWithoutMetricsAnnounceNone(t *testing.T) {
	const scrape, path, port = "prometheus.io/scrape", "prometheus.io/path", "prometheus.io/port"
	metrics := map[string]string{scrape: "true", path: "/metrics", port: "8067"}
	for spec, want := range map[string]map[string]string{
		"":                                {scrape: "false", path: "/metrics", port: "8067"},
		"  monitoring: {enabled: true}\n": metrics,
		"  monitoring: {enabled: true}\n  pod: {annotations: {prometheus.io/scrape: 'false', a: b}}\n": {
			scrape: "false", path: "/metrics", port: "8067"},
		"  pod: {annotations: {prometheus.io/port: '9100', prometheus.io/scrape: 'true'}}\n": {
			scrape: "true", path: "/metrics", port: "9100"},
	} {
		config := "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
			"metadata: {name: chat, namespace: team}\nspec:\n  host: chat.example.com\n" +
			"  enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}\n" +
			"  database: {existingSecret: chat-database}\n" + spec
		server, _ := deployments(t, config)
		got := maps.Clone(server.Spec.Template.Annotations)
		maps.DeleteFunc(got, func(name, _ string) bool { return !strings.HasPrefix(name, "prometheus.io/") })
		if !maps.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", spec, got, want)
		}
	}
}
