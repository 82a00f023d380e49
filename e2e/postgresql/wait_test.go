// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A waiting container runs its command, of which the output is kept.
type waiting struct {
	pod    podOfServer
	output bytes.Buffer
	ended  chan error
}

var hostOfURL = regexp.MustCompile(`^(postgres://(?:[^/@]*@)?)[^/]+`)

// startWaiting starts the command of the container that waits before Mattermost 11.9: a shell with pg_isready. That
// uses the name service of this machine, so the host and port in its connection string are replaced; nothing else is.
func (p podOfServer) startWaiting(ctx context.Context, t *testing.T, on *server) *waiting {
	t.Helper()
	w := &waiting{pod: p, ended: make(chan error, 1)}
	command := exec.CommandContext(ctx, p.command[0], p.command[1:]...)
	command.Env = []string{"PATH=" + on.programs + ":/usr/bin:/bin", "HOME=/"}
	for name, value := range p.wait.env {
		if name == "MM_CONFIG" {
			value = hostOfURL.ReplaceAllString(value, "${1}"+on.address())
		}
		command.Env = append(command.Env, name+"="+value)
	}
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: serverUser, Gid: serverUser}
	}
	// pg_isready is a child of the shell.
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.Stdout, command.Stderr = &w.output, &w.output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { w.ended <- command.Wait() }()
	return w
}

// mustEnd waits for the command to succeed.
func (w *waiting) mustEnd(t *testing.T) {
	t.Helper()
	if err := <-w.ended; err != nil {
		t.Errorf("%s goes on waiting for a server that answers: %v\n%s", w.pod.resource, err, w.output.String())
	}
	mustNotShow(t, w.output.String(), w.pod.database.password)
}

// mustNotWait runs the command while the server answers.
func (p podOfServer) mustNotWait(t *testing.T, on *server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p.startWaiting(ctx, t, on).mustEnd(t)
}

// Every form of credentials, with what earlier commands stumbled over: parameters that lib/pq knows and libpq does not,
// and a user that has no account in the container.
var waits = map[string]string{
	"host": `{host: db.example.com, username: "o'b@r/i?e n", password: "p@ss w/:#%$$(X)", database: "a b?c#d",
		parameters: {binary_parameters: "yes", statement_timeout: "5000"}}`,
	"references": `{host: db.example.com, username: {secretKeyRef: {name: db, key: username}},
		password: {secretKeyRef: {name: db, key: password}}}`,
	"externalSecret": `{host: db.example.com, password: {externalSecret: {store: {name: vault}, key: db}}}`,
	"existingSecret": `{existingSecret: db}`,
	"cloudNativePG":  `{inCluster: {engine: cloudnative-pg}}`,
	"statefulSet":    `{inCluster: {engine: statefulset, password: only-for-a-laptop}}`,
}

// The command waits while the server is stopped, and ends when it answers.
func TestWaitForDatabase(t *testing.T) {
	on := newServer(t)
	t.Cleanup(func() {
		if err := on.close(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var all []*waiting
	for name, form := range waits {
		for _, version := range []string{"11.8.0", "10.11.9"} {
			chosen := credentials{"o'b@r/i?e n", "p@ss w/:#%$$(X)"}
			w := render(t, always(chosen), configured("wait", form, "version: "+version))
			for _, pod := range w.pods(t) {
				pod.resource = name + " " + version
				if !strings.Contains(strings.Join(pod.command, " "), "pg_isready") {
					t.Fatalf("%s waits with %q", pod.resource, pod.command)
				}
				all = append(all, pod.startWaiting(ctx, t, on))
			}
		}
	}
	time.Sleep(5 * time.Second)
	for _, w := range all {
		select {
		case err := <-w.ended:
			t.Fatalf("%s does not wait for the server: %v\n%s", w.pod.resource, err, w.output.String())
		default:
		}
	}
	on.start(t)
	for _, w := range all {
		w.mustEnd(t)
	}
}
