// SPDX-License-Identifier: Apache-2.0

package container

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// killed is the exit code of a container whose process the kernel ended for a system call: 128 and the number of
// SIGSYS.
const killed = 128 + 31

// The function needs no network, no other process, no right and no place to write. The kernel kills a process that
// tries for a socket or a process here, and the result is the same.
func TestNoSideEffects(t *testing.T) {
	buildImage(t)
	configuration := harness.ReadTree(t, filepath.Join(harness.Root(), "examples", "enterprise"))["mattermost.yaml"]
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n  " +
		strings.ReplaceAll(configuration, "\n", "\n  ")
	want := harness.Command{Stdin: list}.Run(t, harness.MattermostFn(t)).MustSucceed(t)
	got := confined(t, list, image)
	if got.Code != want.Code || got.Stdout != want.Stdout || got.Stderr != want.Stderr {
		t.Errorf("in the container: %s\noutside: %s", got, want)
	}
	if !strings.Contains(got.Stdout, "kind: Mattermost\n") {
		t.Errorf("rendered no Mattermost:\n%s", got.Stdout)
	}
}

// Without this the test above might pass because nothing is confined.
func TestTheSandboxKills(t *testing.T) {
	buildImage(t)
	probe := filepath.Join(t.TempDir(), "probe")
	harness.Command{Env: append(os.Environ(), "CGO_ENABLED=0")}.Run(t, "go", "build", "-o", probe,
		"./testdata/probe").MustSucceed(t)
	for does, want := range map[string]int{"nothing": 0, "connect": killed, "start a process": killed} {
		if run := confined(t, "", "--volume", probe+":/probe:ro", "--entrypoint", "/probe", image, does); run.Code != want {
			t.Errorf("%s: want exit code %d: %s", does, want, run)
		}
	}
}

// confined runs a container that may do nothing but read standard input and write standard output.
func confined(t *testing.T, stdin string, arguments ...string) harness.Run {
	t.Helper()
	profile, err := filepath.Abs("testdata/no-network-no-processes.json")
	if err != nil {
		t.Fatal(err)
	}
	return harness.Command{Stdin: stdin}.Run(t, harness.Docker(t), append([]string{"run", "--rm", "--interactive",
		"--network", "none", "--user", "nobody", "--read-only", "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges", "--security-opt", "seccomp=" + profile}, arguments...)...)
}
