// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/e2e/kubelet"
)

// Parameters reach PostgreSQL as they are, or lib/pq.
func TestParameters(t *testing.T) {
	shown := map[string]string{
		"application_name": `chat & co=1 #%41 +`, "statement_timeout": "7s", "lock_timeout": "3s",
		"search_path": `public, "a b"`, "timezone": "Europe/Berlin", "work_mem": "8MB", "my.setting": "$(PGPASSWORD) $$ é",
	}
	ofLibrary := map[string]string{"binary_parameters": "yes", "connect_timeout": "10"}
	var parameters []string
	for _, set := range []map[string]string{shown, ofLibrary} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			parameters = append(parameters, quoted(name)+": "+quoted(set[name]))
		}
	}
	spec := "{host: db.example.com, password: 'p@ss w/rd', parameters: {" + strings.Join(parameters, ", ") + "}}"
	w := render(t, always(credentials{}), configured("chat", spec))
	to := running(t)
	for _, pod := range w.pods(t) {
		to.create(t, pod.database)
		var asked []container
		for _, name := range slices.Sorted(maps.Keys(shown)) {
			c := pod.server
			c.show = name
			asked = append(asked, c)
		}
		for _, library := range slices.Sorted(maps.Keys(libraries)) {
			for at, opened := range connect(t, library, to, asked...) {
				for _, c := range opened {
					if c.Error != "" || c.Shown != shown[asked[at].show] {
						t.Errorf("lib/pq %s, %s: %s is %q, want %q; %s",
							library, c.Variable, asked[at].show, c.Shown, shown[asked[at].show], c.Error)
					}
				}
			}
		}
	}
}

// The probes of the database that is emitted ask for a role and a database of any name. They run next to the server, so
// the variables that lead to it here stand in for its socket.
func TestProbes(t *testing.T) {
	to := running(t)
	var documents []string
	for at, h := range hostiles() {
		if !takenByInitdb(h) {
			continue
		}
		documents = append(documents, configured(fmt.Sprintf("chat-%d", at+1), statefulSet(h, "password: x")))
	}
	w := render(t, always(credentials{}), documents...)
	probed := 0
	for _, object := range w.objects {
		if object.GetKind() != "StatefulSet" {
			continue
		}
		var set appsv1.StatefulSet
		convert(t, object, &set)
		for _, container := range set.Spec.Template.Spec.Containers {
			env, err := w.namespace(object.GetNamespace()).Environment(container)
			if err != nil {
				t.Fatal(err)
			}
			done := map[string]bool{}
			for _, probe := range []*corev1.Probe{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
				if probe == nil || probe.Exec == nil {
					continue
				}
				command := kubelet.Probe(probe, container)
				if done[fmt.Sprint(command)] {
					continue
				}
				done[fmt.Sprint(command)] = true
				probed++
				to.mustProbe(t, command, env)
			}
		}
	}
	if probed < len(documents) {
		t.Errorf("%d probes of %d databases", probed, len(documents))
	}
}

func (s *server) mustProbe(t *testing.T, words []string, env map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := s.command(ctx, words[0], words[1:]...)
	for name, value := range env {
		if name != "PGDATA" {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	command.Env = append(command.Env, "PGHOST="+s.directory, fmt.Sprintf("PGPORT=%d", s.port))
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%q: %v\n%s", words, err, output)
	}
}

// What the tests would not see if they asserted nothing: every connection that must fail does, and shows no password.
func TestClientFails(t *testing.T) {
	to := running(t)
	made := database{name: "mattermost", role: "mattermost", password: "p@ss w/:#%$$(X)"}
	to.create(t, made)
	const connection = "postgres://db.example.com:5432/mattermost?sslmode=require"
	base := map[string]string{"MM_CONFIG": connection, "PGUSER": "mattermost", "PGPASSWORD": made.password}
	change := func(name, value string) map[string]string {
		env := maps.Clone(base)
		env[name] = value
		return env
	}
	replace := func(old, new string) map[string]string {
		return change("MM_CONFIG", strings.Replace(connection, old, new, 1))
	}
	for name, test := range map[string]struct {
		env  map[string]string
		want string
	}{
		"works":            {base, ""},
		"wrong password":   {change("PGPASSWORD", "wr@ng w/:#%$$(X)"), "password authentication failed"},
		"wrong role":       {change("PGUSER", "nobody"), "password authentication failed"},
		"wrong database":   {replace("/mattermost", "/other"), `database "other" does not exist`},
		"wrong host":       {replace("db.example.com", "other"), "no such host: tcp other:5432"},
		"wrong scheme":     {replace("postgres:", "postgresql:"), `unknown driver "postgresql"`},
		"no password":      {change("PGPASSWORD", ""), "password"},
		"setting of libpq": {replace("require", "require&gssencmode=disable"), "gssencmode"},
	} {
		t.Run(name, func(t *testing.T) {
			for library := range libraries {
				opened := connect(t, library, to, ofConfig(test.env))[0][0]
				if !strings.Contains(opened.Error, test.want) || (opened.Error == "") != (test.want == "") {
					t.Errorf("lib/pq %s: got %q, want %q", library, opened.Error, test.want)
				}
			}
		})
	}
}

// ofConfig is a container that connects with MM_CONFIG to db.example.com.
func ofConfig(env map[string]string) container {
	return container{env: env, hosts: []string{"db.example.com:5432"}, only: "MM_CONFIG", secret: env["PGPASSWORD"]}
}

// Without the Secret that CloudNativePG makes the container does not start.
func TestMissingSecretIsSeen(t *testing.T) {
	w := render(t, always(credentials{"chat", "secret"}), configured("chat", "{}"))
	delete(w.namespace("teams").Secrets, "chat-db-app")
	found := false
	for _, object := range w.objects {
		if object.GetKind() != "Mattermost" {
			continue
		}
		found = true
		var spec struct {
			Spec struct{ MattermostEnv []corev1.EnvVar }
		}
		convert(t, object, &spec)
		_, err := w.namespace("teams").Environment(corev1.Container{Env: spec.Spec.MattermostEnv})
		if err == nil || !strings.Contains(err.Error(), "chat-db-app not found") {
			t.Errorf("got %v", err)
		}
	}
	if !found {
		t.Error("no Mattermost in the output")
	}
}

// PostgreSQL normalizes these passwords (SASLprep) when it stores them, and lib/pq does not: MM023 reports them.
func TestNormalizedPasswords(t *testing.T) {
	to := running(t)
	for at, password := range []string{
		"cafe\u0301-secret", "\ufb01le-secret", "a\u00a0secret", "a\u00adsecret", "\u200bsecret", "\u2167-secret",
	} {
		made := database{name: "mattermost", role: fmt.Sprintf("normalized-%d", at), password: password}
		to.create(t, made)
		env := map[string]string{
			"MM_CONFIG": "postgres://db.example.com:5432/mattermost?sslmode=require", "PGUSER": made.role,
			"PGPASSWORD": password,
		}
		for library := range libraries {
			opened := connect(t, library, to, ofConfig(env))[0][0]
			if !strings.Contains(opened.Error, "password authentication failed") {
				t.Errorf("lib/pq %s, %+q: got %q; the rule can go", library, password, opened.Error)
			}
		}
		run := tryRender(t, configured("chat", "{host: db.example.com, password: "+quoted(password)+"}"))
		if !strings.Contains(run.Stderr, "spec.database.password: contains a letter with a separate accent") {
			t.Errorf("%+q: no message in %s", password, run.Stderr)
		}
	}
}

// PostgreSQL's initdb, which the image runs, fails with these roles: MM016 refuses them.
func TestRolesOfInitdb(t *testing.T) {
	s := running(t)
	for at, role := range []string{`quo"ted`, "dollar$", "o'brien", `back\slash`, "pg_chat"} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		command := s.command(ctx, "initdb", "--pgdata", fmt.Sprint("role-", at), "--username", role,
			"--auth=trust", "--locale=C", "--no-sync")
		if output, err := command.CombinedOutput(); err == nil {
			t.Errorf("initdb takes %q; the rule can go\n%s", role, output)
		}
		run := tryRender(t, configured("chat", statefulSet(hostile{role: role, database: "chat"}, "password: x")))
		if run.Code == 0 || !strings.Contains(run.Stderr, "spec.database.username") {
			t.Errorf("%q is not refused: %s", role, run.Stderr)
		}
	}
}
