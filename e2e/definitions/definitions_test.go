// SPDX-License-Identifier: Apache-2.0

// Package definitions validates everything that is emitted with the API server's own code and all definitions:
// those that Go modules carry, and those of the Mattermost, Fluent, Prometheus and MinIO operators, which none carries.
package definitions

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/apivalidation"
	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

var ofEverything = sync.OnceValues(func() (*apivalidation.Validator, error) {
	v := apivalidation.New()
	if err := v.LoadModules(); err != nil {
		return nil, err
	}
	return v, v.LoadRepositories(harness.Root())
})

func hold(t *testing.T, name, text string) {
	t.Helper()
	v, err := ofEverything()
	if err != nil {
		t.Fatal(err)
	}
	report := v.Hold(name, []byte(text))
	for _, finding := range report.Findings {
		t.Error(finding)
	}
	if report.Checked == 0 || len(report.Deferred) > 0 {
		t.Error(report.Summary())
	}
}

func TestEveryExamplePasses(t *testing.T) {
	for _, example := range harness.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			text, err := os.ReadFile(example.Expected())
			if err != nil {
				t.Fatal(err)
			}
			hold(t, example.Name, string(text))
		})
	}
}

// Together, the configurations of testdata emit every kind that can be emitted.
func TestEverythingThatCanBeEmittedPasses(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	var kinds []string
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text := harness.Command{}.Run(t, harness.MattermostFn(t), "render", file).MustSucceed(t).Stdout
			hold(t, file, text)
			for _, fault := range conventions.Check(text) {
				t.Error(fault)
			}
			objects, err := conventions.Objects(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, object := range objects {
				kinds = append(kinds, object.GetKind())
			}
		})
	}
	slices.Sort(kinds)
	t.Log("kinds:", slices.Compact(kinds))
	for _, kind := range emitted {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no configuration of testdata makes a %s", kind)
		}
	}
}

// emitted are the kinds that the design names.
var emitted = []string{
	"AuthorizationPolicy", "Cluster", "ConfigMap", "ExternalSecret", "Filter", "FluentBitConfig", "HTTPRoute",
	"Mattermost", "Namespace", "NetworkPolicy", "ObjectStore", "Output", "Parser",
	"Password", "PeerAuthentication", "PersistentVolumeClaim", "PodDisruptionBudget", "PrometheusRule", "ScheduledBackup",
	"Secret", "Service", "ServiceAccount",
	"ServiceEntry", "ServiceMonitor", "Sidecar", "StatefulSet", "Tenant", "VirtualService",
}
