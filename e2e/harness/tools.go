// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Bin is the directory of the tools that are built from the project; it is first in PATH of every command.
func Bin() string { return filepath.Join(Root(), ".bin") }

var (
	mattermostFn = sync.OnceValue(func() error {
		return build(".", "-trimpath", "-buildvcs=false", "-o", filepath.Join(Bin(), "mattermost-fn"), ".")
	})
	setNamespace = sync.OnceValue(func() error {
		return build("e2e", "-o", filepath.Join(Bin(), "set-namespace"), "./kpt/setnamespace")
	})
	kustomize = sync.OnceValue(func() error {
		return build("tools", "-o", filepath.Join(Bin(), "kustomize"), "sigs.k8s.io/kustomize/kustomize/v5")
	})
)

// build runs go build in a directory of the project. Test packages run in parallel, so one builds at a time; the go
// command does not rewrite an executable that is up to date.
func build(dir string, arguments ...string) error {
	if err := os.MkdirAll(Bin(), 0o755); err != nil {
		return err
	}
	lock, err := os.Create(filepath.Join(Bin(), ".lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	command := exec.Command("go", append([]string{"build"}, arguments...)...)
	command.Dir = filepath.Join(Root(), dir)
	if output, err := command.CombinedOutput(); err != nil {
		return &buildError{command: command.String(), output: string(output), err: err}
	}
	return nil
}

type buildError struct {
	command, output string
	err             error
}

func (e *buildError) Error() string { return e.command + ": " + e.err.Error() + "\n" + e.output }

// MattermostFn is the path of the project's command, built from the sources as they are.
func MattermostFn(t testing.TB) string {
	t.Helper()
	if err := mattermostFn(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(Bin(), "mattermost-fn")
}

// SetNamespace is the path of a KRM function that sets the namespace of all objects with kustomize's own filter, as the
// function of that name in kpt's catalog does, which no registry of Go modules serves.
func SetNamespace(t testing.TB) string {
	t.Helper()
	if err := setNamespace(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(Bin(), "set-namespace")
}

// Kustomize is the path of the real kustomize, built from the version in tools/go.mod.
func Kustomize(t testing.TB) string {
	t.Helper()
	if err := kustomize(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(Bin(), "kustomize")
}

// Kpt is the path of the real kpt. No registry of Go modules serves it.
func Kpt(t testing.TB) string {
	t.Helper()
	return installed(t, "kpt", "apt-get install google-cloud-cli-kpt (with the source `deb "+
		"https://packages.cloud.google.com/apt cloud-sdk main`), "+
		"or download it from https://github.com/kptdev/kpt/releases")
}

// Docker is the path of the docker command, with an engine that answers it.
func Docker(t testing.TB) string {
	t.Helper()
	path := installed(t, "docker", "apt-get install docker.io")
	if output, err := exec.Command(path, "version").CombinedOutput(); err != nil {
		t.Fatalf("docker has no engine (systemctl start docker, or dockerd &): %v\n%s", err, output)
	}
	return path
}

// ControlPlane is the directory with etcd and kube-apiserver. They take a quarter of an hour to build, so no test does
// it.
func ControlPlane() (string, error) {
	dir := os.Getenv("KUBEBUILDER_ASSETS")
	if dir == "" {
		dir = filepath.Join(Bin(), "control-plane")
	}
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return "", fmt.Errorf("%w. It is provided by: make control-plane, or, where the internet is, "+
				"export KUBEBUILDER_ASSETS=$(go run sigs.k8s.io/controller-runtime/tools/setup-envtest@release-0.25 "+
				"use -p path 1.36.x)", err)
		}
	}
	return dir, nil
}

// Judge is the path of a command line of another project, kyverno or istioctl. They take a quarter of an hour to build,
// so no test does it, and the test is skipped without it.
func Judge(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Bin(), "judges", name)
	if _, err := exec.LookPath(path); err != nil {
		t.Skipf("%v. It is provided by: make judges", err)
	}
	return path
}

// PostgreSQL is the directory of PostgreSQL's programs, of the newest version that is installed. Debian does not put
// those of the server on PATH.
func PostgreSQL() (string, error) {
	const programs = "/usr/lib/postgresql/*/bin/initdb"
	found, err := filepath.Glob(programs)
	if err != nil {
		return "", err
	}
	version := func(program string) int {
		number, _ := strconv.Atoi(strings.Split(program, "/")[4])
		return number
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) == 0 {
		return "", fmt.Errorf("no %s. It is provided by: apt-get install postgresql", programs)
	}
	return filepath.Dir(found[0]), nil
}

func installed(t testing.TB, name, provider string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not on PATH. It is provided by: %s", name, provider)
	}
	return path
}
