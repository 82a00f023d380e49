// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// A server is a real PostgreSQL on 127.0.0.1, with a port of its own.
type server struct {
	programs   string // directory
	directory  string // of everything that it writes
	port       int
	credential *syscall.Credential // of its user: PostgreSQL refuses to run as root
	running    *exec.Cmd
	log        bytes.Buffer

	certified []string          // host names of its certificate; none without TLS
	created   map[string]string // passwords of roles, owners of databases
}

// shared is the server of all tests, which the first one starts.
var shared *server

func running(t *testing.T) *server {
	t.Helper()
	if shared == nil {
		shared = newServer(t)
		shared.certify(t, "db.example.com")
	}
	return shared
}

func TestMain(m *testing.M) {
	if _, err := harness.PostgreSQL(); err != nil {
		fmt.Fprintln(os.Stderr, "not run:", err)
	}
	code := m.Run()
	if shared != nil {
		if err := shared.close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// newServer prepares a server and does not start it.
func newServer(t *testing.T) *server {
	t.Helper()
	programs, err := harness.PostgreSQL()
	if err != nil {
		t.Skip("not run: ", err)
	}
	// Not the directory of the test, which its user may not enter, and whose path may be too long for a socket.
	directory, err := os.MkdirTemp("", "mattermost-fn-postgresql-")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{programs: programs, directory: directory, credential: unprivileged(t), created: map[string]string{}}
	if s.credential != nil {
		if err := os.Chown(directory, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	s.port = freePort(t)
	s.mustRun(t, "initdb", "--pgdata", s.data(), "--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	return s
}

// unprivileged is the user that the server runs as: another one where the test runs as root.
func unprivileged(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			uid, err1 := strconv.ParseUint(found.Uid, 10, 32)
			gid, err2 := strconv.ParseUint(found.Gid, 10, 32)
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("PostgreSQL refuses to run as root, and there is no user postgres and no user nobody")
	return nil
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (s *server) data() string { return filepath.Join(s.directory, "data") }

func (s *server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// command is one of PostgreSQL's programs, as the server's user.
func (s *server) command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(s.programs, name), arguments...)
	command.Dir = s.directory
	command.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + s.directory, "PGCLIENTENCODING=UTF8"}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	return command
}

func (s *server) mustRun(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := s.command(ctx, name, arguments...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return string(output)
}

// start starts the server and waits until it answers.
func (s *server) start(t *testing.T) {
	t.Helper()
	s.running = s.command(context.Background(), "postgres", "-D", s.data(), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+s.directory,
		"-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "ssl="+strconv.FormatBool(len(s.certified) > 0))
	s.log.Reset()
	s.running.Stdout, s.running.Stderr = &s.log, &s.log
	if err := s.running.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ready := s.command(context.Background(), "pg_isready", "-q", "-h", s.directory, "-p", strconv.Itoa(s.port))
		if ready.Run() == nil {
			return
		}
	}
	t.Fatalf("PostgreSQL does not answer: %v\n%s", s.stop(), s.log.String())
}

// stop stops the server without waiting for its clients.
func (s *server) stop() error {
	if s.running == nil {
		return nil
	}
	stopped := s.running
	s.running = nil
	if err := stopped.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return stopped.Wait()
}

func (s *server) close() error { return errors.Join(s.stop(), os.RemoveAll(s.directory)) }

// certify gives the server a certificate for host names, next to those that it has.
func (s *server) certify(t *testing.T, hosts ...string) {
	t.Helper()
	missing := slices.DeleteFunc(hosts, func(host string) bool { return slices.Contains(s.certified, host) })
	if len(missing) == 0 {
		return
	}
	s.certified = append(s.certified, missing...)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	certificate, key := authority(t).issue(t, s.certified)
	for name, content := range map[string][]byte{"server.crt": certificate, "server.key": key} {
		file := filepath.Join(s.data(), name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if s.credential != nil {
			if err := os.Chown(file, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.start(t)
}

// create creates databases and the roles that own them, with their passwords, unless they exist. psql quotes.
func (s *server) create(t *testing.T, databases ...database) {
	t.Helper()
	var script strings.Builder
	arguments := []string{
		"--no-psqlrc", "--quiet", "-h", s.directory, "-p", strconv.Itoa(s.port), "-U", "postgres", "-d", "postgres",
		"-v", "ON_ERROR_STOP=1",
	}
	for at, d := range databases {
		statement := func(format string) { fmt.Fprintf(&script, format+";\n", at) }
		if was, exists := s.created["role "+d.role]; !exists {
			statement(`CREATE ROLE :"role_%[1]d" LOGIN PASSWORD :'password_%[1]d'`)
		} else if was != d.password {
			statement(`ALTER ROLE :"role_%[1]d" PASSWORD :'password_%[1]d'`)
		}
		if was, exists := s.created["database "+d.name]; !exists {
			statement(`CREATE DATABASE :"database_%[1]d" OWNER :"role_%[1]d"`)
		} else if was != d.role {
			statement(`ALTER DATABASE :"database_%[1]d" OWNER TO :"role_%[1]d"`)
		}
		s.created["role "+d.role], s.created["database "+d.name] = d.password, d.role
		for name, value := range map[string]string{"role": d.role, "password": d.password, "database": d.name} {
			arguments = append(arguments, "-v", fmt.Sprintf("%s_%d=%s", name, at, value))
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command := s.command(ctx, "psql", arguments...)
	command.Stdin = strings.NewReader(script.String())
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("psql: %v\n%s", err, output)
	}
}
