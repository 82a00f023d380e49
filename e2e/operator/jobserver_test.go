// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// The recipe of docs/cookbook.md makes the operator run a job server that no probe kills, next to servers that are
// spread and have time to migrate the database.
func TestJobServerOfTheCookbook(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(harness.Root(), "docs", "cookbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, recipe, found := strings.Cut(string(text), "\n## A dedicated job server\n")
	_, recipe, isBlock := strings.Cut(recipe, "\n```yaml\nspec:\n")
	recipe, _, isEnded := strings.Cut(recipe, "\n```\n")
	if !found || !isBlock || !isEnded {
		t.Fatal("docs/cookbook.md has no such recipe")
	}
	config := "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
		"metadata: {name: mattermost, namespace: mattermost}\nspec:\n  host: chat.example.com\n" + recipe + "\n"
	server, jobs := deployments(t, config)
	if probe := jobs.Spec.Template.Spec.Containers[0].StartupProbe; probe != nil {
		t.Errorf("the job server has the startup probe %v", probe)
	}
	if probe := jobs.Spec.Template.Spec.Containers[0].LivenessProbe; probe != nil {
		t.Errorf("the job server has the liveness probe %v", probe)
	}
	pod := server.Spec.Template.Spec
	if len(pod.TopologySpreadConstraints) != 1 {
		t.Errorf("the servers are spread by %v", pod.TopologySpreadConstraints)
	}
	live := pod.Containers[0].LivenessProbe
	if seconds := live.InitialDelaySeconds + live.FailureThreshold*live.PeriodSeconds; seconds < 600 {
		t.Errorf("the servers have %d seconds to migrate", seconds)
	}
}

// deployments are those of the servers and of the job server that the operator makes of a configuration.
func deployments(t *testing.T, config string) (server, jobs *appsv1.Deployment) {
	t.Helper()
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
		secrets := func(string) (map[string][]byte, bool) { return nil, false }
		if server, err = installation.Deployment(secrets); err != nil {
			t.Fatal(err)
		}
		if jobs, err = installation.JobServer(secrets); err != nil {
			t.Fatal(err)
		}
	}
	return server, jobs
}
