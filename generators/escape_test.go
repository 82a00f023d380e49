// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
)

func valueOf(env []corev1.EnvVar, name string) string {
	if at := slices.IndexFunc(env, func(e corev1.EnvVar) bool { return e.Name == name }); at >= 0 {
		return env[at].Value
	}
	return "(not set)"
}

// References that the kubelet would expand are escaped in every generated value, and in none that the user wrote as a
// Kubernetes field.
func TestExpansionIsEscaped(t *testing.T) {
	p := planOf(t, `
  domain: example.com
  email: {server: smtp.example.com, from: chat@example.com, fromName: 'a$$(MM_CONFIG)'}
  plugins: {states: {'$(a)': true}}
  settings: {TeamSettings: {CustomBrandText: 'see $(MM_CONFIG)', CustomDescriptionText: 'US$'}}
  env:
  - {name: MM_TEAMSETTINGS_SITENAME, value: '$(MY_POD) costs $$5'}
  - {name: MM_SUPPORTSETTINGS_HELPLINK, value: 'https://example.com/$$'}
  pod:
    initContainers: [{name: before, image: example, args: ['$(A)'], env: [{name: A, value: '$$'}]}]
    sidecars: [{name: aside, image: example, command: ['$(B)'], env: [{name: B, value: '$(C)'}]}]
`)
	spec := mattermost(p)[0].(*mattermostv1beta1.Mattermost).Spec
	for name, want := range map[string]string{
		"MM_EMAILSETTINGS_FEEDBACKNAME":         "a$$$$(MM_CONFIG)",
		"MM_TEAMSETTINGS_CUSTOMBRANDTEXT":       "see $$(MM_CONFIG)",
		"MM_TEAMSETTINGS_CUSTOMDESCRIPTIONTEXT": "US$",
		"MM_TEAMSETTINGS_SITENAME":              "$(MY_POD) costs $$5",
		"MM_SUPPORTSETTINGS_HELPLINK":           "https://example.com/$$",
	} {
		if got := valueOf(spec.MattermostEnv, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := valueOf(spec.MattermostEnv, "MM_PLUGINSETTINGS_PLUGINSTATES"); !strings.Contains(got, `"$$(a)"`) {
		t.Errorf("the states of plugins are %s", got)
	}
	before, aside := spec.PodExtensions.InitContainers[1], spec.PodExtensions.SidecarContainers[0]
	if before.Args[0] != "$(A)" || before.Env[0].Value != "$$" || aside.Command[0] != "$(B)" ||
		aside.Env[0].Value != "$(C)" {
		t.Errorf("containers of the user were changed: %v, %v", before, aside)
	}
}

func TestExpansionIsEscapedInTheDatabase(t *testing.T) {
	p := planOf(t,
		`{domain: example.com, database: {username: 'a$$b', database: '$(PGDATA)', inCluster: {engine: statefulset, `+
			`password: example}}}`)
	for _, object := range database(p) {
		set, ok := object.(*appsv1.StatefulSet)
		if !ok {
			continue
		}
		container := set.Spec.Template.Spec.Containers[0]
		if user, name := valueOf(container.Env, "POSTGRES_USER"), valueOf(container.Env, "POSTGRES_DB"); user != "a$$$b" ||
			name != "$$(PGDATA)" {
			t.Errorf("got user %q and database %q", user, name)
		}
		want := []string{"pg_isready", "--username", "a$$$b", "--dbname", "$$(PGDATA)"}
		for _, probe := range []*corev1.Probe{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
			if !slices.Equal(probe.Exec.Command, want) {
				t.Errorf("probe: got %q, want %q", probe.Exec.Command, want)
			}
		}
		return
	}
	t.Error("no StatefulSet")
}

// The container that waits for the database has the same values as the server.
func TestExpansionIsEscapedForTheWaitingContainer(t *testing.T) {
	p := planOf(t,
		`{domain: example.com, database: {host: db.example.com, username: 'a$$b', database: '$$c', password: example}, `+
			`env: [{name: PGAPPNAME, value: '$(PGUSER)'}]}`)
	env := waitForDatabase(p).Env
	for name, want := range map[string]string{
		"PGUSER": "a$$$b", "PGAPPNAME": "$(PGUSER)", "MM_CONFIG": "postgres://db.example.com:5432/$$$c?sslmode=require",
	} {
		if got := valueOf(env, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// Every field of a container that the kubelet expands is escaped, and the plan's own slices are not changed.
func TestEscaped(t *testing.T) {
	command := []string{"sh", "-c", "$(A) $B $$"}
	probe := func() *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: command}}}
	}
	c := escaped(corev1.Container{
		Command: command, Args: command, Env: []corev1.EnvVar{{Name: "A", Value: "$(B)"}},
		LivenessProbe: probe(), ReadinessProbe: probe(), StartupProbe: probe(),
	})
	for name, got := range map[string][]string{
		"command": c.Command, "args": c.Args,
		"liveness": c.LivenessProbe.Exec.Command, "readiness": c.ReadinessProbe.Exec.Command,
		"startup": c.StartupProbe.Exec.Command,
	} {
		if got[2] != "$$(A) $B $$$" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if c.Env[0].Value != "$$(B)" || command[2] != "$(A) $B $$" {
		t.Errorf("got %q, and the original became %q", c.Env[0].Value, command)
	}
}
