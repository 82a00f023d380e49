// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"maps"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
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
		run := harness.Command{Stdin: config}.Run(t, harness.MattermostFn(t), "render", "-").MustSucceed(t)
		objects, err := conventions.Objects(run.Stdout)
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range objects {
			if object.GetKind() != "Mattermost" {
				continue
			}
			installation, err := Read(object)
			if err != nil {
				t.Fatal(err)
			}
			deployment, err := installation.Deployment(func(name string) (map[string][]byte, bool) {
				return map[string][]byte{"DB_CONNECTION_STRING": []byte("postgres://"), "license": []byte("l")}, true
			})
			if err != nil {
				t.Fatal(err)
			}
			got := maps.Clone(deployment.Spec.Template.Annotations)
			maps.DeleteFunc(got, func(name, _ string) bool { return !strings.HasPrefix(name, "prometheus.io/") })
			if !maps.Equal(got, want) {
				t.Errorf("%q: got %v, want %v", spec, got, want)
			}
		}
	}
}
