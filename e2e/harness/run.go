// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A Run is the result of a command.
type Run struct {
	Command        string
	Stdout, Stderr string
	Code           int
}

// Command describes a command to run.
type Command struct {
	Dir   string // working directory, "" for the test's own
	Stdin string
	Env   []string // nil for the environment of the test with Bin first in PATH
}

// Run starts the command and waits. A command that fails is a Run too, with its exit Code.
func (c Command) Run(t testing.TB, name string, arguments ...string) Run {
	t.Helper()
	command := exec.Command(name, arguments...)
	command.Dir = c.Dir
	command.Stdin = strings.NewReader(c.Stdin)
	command.Env = c.Env
	if command.Env == nil {
		command.Env = append(os.Environ(), "PATH="+Bin()+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", command, err)
	}
	return Run{Command: command.String(), Stdout: stdout.String(), Stderr: stderr.String(),
		Code: command.ProcessState.ExitCode()}
}

// MustSucceed ends the test where the command failed.
func (r Run) MustSucceed(t testing.TB) Run {
	t.Helper()
	if r.Code != 0 {
		t.Fatal(r)
	}
	return r
}

// MustFail ends the test where the command succeeded.
func (r Run) MustFail(t testing.TB) Run {
	t.Helper()
	if r.Code == 0 {
		t.Fatalf("succeeded, and should not have: %s", r)
	}
	return r
}

func (r Run) String() string {
	return fmt.Sprintf("%s\nexit code %d\nstdout:\n%s\nstderr:\n%s", r.Command, r.Code, r.Stdout, r.Stderr)
}

// KustomizeBuild runs the real kustomize on a directory, with the flags that functions need.
func KustomizeBuild(t testing.TB, dir string) Run {
	t.Helper()
	MattermostFn(t)
	return Command{}.Run(t, Kustomize(t), "build", "--enable-alpha-plugins", "--enable-exec", dir)
}
