// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// The versions of lib/pq that releases of Mattermost have, and the mod file that selects each.
var libraries = map[string]string{"1.10.9": "pq-1.10.9.mod", "1.12.3": "go.mod"}

// serverUser is who Mattermost's image runs as.
const serverUser = 2000

// clients builds the programs that connect as the server does, one for each version of lib/pq, and gives their
// directory.
var clients = sync.OnceValues(func() (string, error) {
	directory := filepath.Join(harness.Bin(), "postgresql")
	for version, modfile := range libraries {
		command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-modfile="+modfile,
			"-o", filepath.Join(directory, version), ".")
		command.Dir = filepath.Join(harness.Root(), "e2e", "postgresql", "client")
		command.Env = append(os.Environ(), "CGO_ENABLED=0") // in a root directory of its own it finds no libraries
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", command, err, output)
		}
	}
	return directory, nil
})

// A container is what a client gets of one.
type container struct {
	env    map[string]string
	files  map[string][]byte
	hosts  []string // that lead to the server
	only   string   // the one variable to connect with, every one where empty
	show   string   // a setting that PostgreSQL shows, none where empty
	secret string   // the password, which nothing may print
}

// A connection is what a client says of one that it opened.
type connection struct {
	Variable, Library, Dialed string
	User, Database, Shown     string
	TLS                       bool
	Error                     string
}

// connect connects as containers do, which have the same files, with one version of lib/pq: as the user of Mattermost's
// image, with a container's variables and no other, in a root directory that holds its files and nothing else. No
// password may be in what the client prints.
func connect(t *testing.T, library string, to *server, containers ...container) [][]connection {
	t.Helper()
	directory, err := clients()
	if err != nil {
		t.Fatal(err)
	}
	type input struct {
		Env, Hosts map[string]string
		Only, Show string
	}
	var inputs []input
	for _, c := range containers {
		in := input{Env: c.env, Hosts: map[string]string{}, Only: c.only, Show: c.show}
		for _, host := range c.hosts {
			in.Hosts[host] = to.address()
		}
		inputs = append(inputs, in)
	}
	stdin, err := json.Marshal(inputs)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("/client")
	command.Dir, command.Err, command.Env = "/", nil, []string{}
	command.SysProcAttr = confined(lay(t, filepath.Join(directory, library), containers[0].files))
	command.Stdin = bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("client: %v\n%s", err, stderr.String())
	}
	for _, c := range containers {
		mustNotShow(t, stdout.String()+stderr.String(), c.secret)
	}
	var opened [][]connection
	if err := json.Unmarshal(stdout.Bytes(), &opened); err != nil {
		t.Fatalf("client: %v", err)
	}
	if len(opened) != len(containers) {
		t.Fatalf("the client answers for %d containers, want %d", len(opened), len(containers))
	}
	for _, connections := range opened {
		if len(connections) == 0 || connections[0].Library != library {
			t.Fatalf("the client opened %v, want a connection with lib/pq %s", connections, library)
		}
	}
	return opened
}

// lay makes a root directory with a program and a container's files.
func lay(t *testing.T, program string, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Link(program, filepath.Join(root, "client")); err != nil { // on another file system
		text, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "client"), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// confined starts a program as the container's user below another root. Without root's rights a namespace grants them.
func confined(root string) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: serverUser, Gid: serverUser}}
	if os.Geteuid() != 0 {
		attributes.Cloneflags = syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: serverUser, HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: serverUser, HostID: os.Getgid(), Size: 1}}
		attributes.Credential.NoSetGroups = true
	}
	return attributes
}

// mustNotShow fails where a password is in a text, as it is or encoded. A short one may be part of another word.
func mustNotShow(t *testing.T, text, password string) {
	t.Helper()
	if len(password) < 6 {
		return
	}
	quoted := fmt.Sprintf("%q", password)
	encoded, err := json.Marshal(password)
	if err != nil {
		t.Fatal(err)
	}
	forms := []string{
		password, quoted[1 : len(quoted)-1], string(encoded[1 : len(encoded)-1]), url.QueryEscape(password),
		url.PathEscape(password),
	}
	for _, form := range forms {
		if strings.Contains(text, form) {
			t.Errorf("the password %q is in the output", password)
			return
		}
	}
}
