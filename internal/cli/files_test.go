// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tooMuch begins the message about input above the limit.
const tooMuch = "the input is larger than 32 MiB in total"

const outside = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: outside}\n"

// inTime runs the command line, which must not wait for anything.
func inTime(t *testing.T, args ...string) ran {
	t.Helper()
	done := make(chan ran, 1)
	go func() { done <- run("", args...) }()
	select {
	case got := <-done:
		return got
	case <-time.After(time.Minute):
		t.Fatalf("%v: waits", args)
		return ran{}
	}
}

// A pull request can put each of these into a directory that CI checks.
func TestOnlyRegularFilesBelowTheDirectoryAreRead(t *testing.T) {
	const (
		isLink = "a symbolic link that is absolute or leads out of "
		isPipe = "expected a regular file, got a named pipe"
	)
	for name, test := range map[string]struct {
		place func(path string) error
		want  string
	}{
		"a link to a device": {func(path string) error { return os.Symlink("/dev/zero", path) }, isLink},
		"a link out": {func(path string) error {
			return os.Symlink(strings.Repeat("../", strings.Count(path, "/"))+"outside.yaml", path)
		},
			isLink},
		"an absolute link": {func(path string) error {
			target, err := filepath.Abs("outside.yaml")
			if err != nil {
				return err
			}
			return os.Symlink(target, path)
		}, isLink},
		"a named pipe": {func(path string) error { return syscall.Mkfifo(path, 0o644) }, isPipe},
		"a link to a named pipe": {func(path string) error {
			if err := syscall.Mkfifo(path+".pipe", 0o644); err != nil {
				return err
			}
			return os.Symlink(filepath.Base(path)+".pipe", path)
		}, isPipe},
		"a socket": {func(path string) error {
			listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
			if err == nil {
				listener.SetUnlinkOnClose(false)
				err = listener.Close()
			}
			return err
		}, "expected a regular file, got a socket"},
		"a file that is too large": {func(path string) error {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				return err
			}
			return os.Truncate(path, maxInput+1)
		}, tooMuch},
	} {
		for _, command := range []struct {
			args string
			file string // with what is not a regular file
		}{
			{"check d", "d/x.yaml"},
			{"render d", "d/x.yaml"},
			{"check d/x.yaml", "d/x.yaml"},
			{"render chat.yaml d/x.yaml", "d/x.yaml"},
			{"license d/license", "d/license"},
			{"render --diff d", "d/x.yaml"},
			{"render --diff d", "d/sub/x.json"},
			{"render --diff d", "d/sub/Kptfile"},
			{"render --diff d", "d/.krmignore"},
			{"render --diff d d/x.txt", "d/x.txt"},
		} {
			t.Run(name+"/"+command.args+"/"+command.file, func(t *testing.T) {
				lay(t, map[string]string{"outside.yaml": outside, "chat.yaml": config, "d/chat.yaml": config, "d/sub/chat.txt": ""})
				if err := test.place(command.file); err != nil {
					t.Fatal(err)
				}
				got := inTime(t, strings.Fields(command.args)...)
				want := "error: " + command.file + ": " + test.want
				if got.exit != exitRefused || got.out != "" || !strings.Contains(got.errors, want) {
					t.Errorf("exit code %d, printed %q, want %s\ngot %s", got.exit, got.out, want, got.errors)
				}
			})
		}
	}
}

// A ConfigMap's volume consists of links within it, and a directory itself may be a link.
func TestLinksWithinTheDirectoryAreFollowed(t *testing.T) {
	lay(t, map[string]string{"d/..2026/chat.yaml": config, "other/chat.yaml": config})
	for link, target := range map[string]string{
		"d/..data": "..2026", "d/chat.yaml": "..data/chat.yaml", "linked": "other", "other/again.yml": "chat.yaml",
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range []string{"check d", "check d/chat.yaml", "check linked/chat.yaml", "render d"} {
		if got := inTime(t, strings.Fields(args)...); got.exit != exitOK {
			t.Errorf("%s: exit code %d\n%s", args, got.exit, got.errors)
		}
	}
	got := inTime(t, "check", "linked")
	if got.exit != exitRefused || !strings.Contains(got.errors+got.out, "another MattermostConfig") {
		t.Errorf("a link to a file of the same directory is not followed: exit code %d\n%s", got.exit, got.errors)
	}
}

// endless is standard input without an end.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func TestInputHasALimit(t *testing.T) {
	for _, args := range [][]string{{"check", "-"}, {"render", "-"}, {"license", "-"}} {
		var out, errs bytes.Buffer
		stdin := &endless{}
		exit := Execute(args, stdin, &out, &errs)
		if exit != exitRefused || !strings.HasPrefix(errs.String(), "error: standard input: "+tooMuch) {
			t.Errorf("%v: exit code %d, %s", args, exit, &errs)
		}
		if stdin.read > 4*maxInput {
			t.Errorf("%v: read %d bytes", args, stdin.read)
		}
	}
}

// The limit is for all files together.
func TestManyFilesShareTheLimit(t *testing.T) {
	lay(t, map[string]string{"d/chat.yaml": config})
	for _, name := range []string{"d/a.yaml", "d/b.yaml", "d/c.yaml"} {
		if err := os.WriteFile(name, bytes.Repeat([]byte("#\n"), maxInput/5), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := inTime(t, "check", "d")
	if got.exit != exitRefused || !strings.HasPrefix(got.errors, "error: d/c.yaml: "+tooMuch) {
		t.Errorf("exit code %d, %s", got.exit, got.errors)
	}
}

// A file that cannot be opened for another reason has the reason of the system.
func TestMissingAndForbiddenFiles(t *testing.T) {
	lay(t, map[string]string{"d/chat.yaml": config})
	if err := os.Symlink("nothing", "d/x.yaml"); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"check none.yaml", "check none/x.yaml", "check d", "check d/x.yaml"} {
		got := inTime(t, strings.Fields(args)...)
		if got.exit != exitRefused || !strings.Contains(got.errors, "no such file or directory") {
			t.Errorf("%s: exit code %d, %s", args, got.exit, got.errors)
		}
	}
	if os.Getuid() == 0 {
		return // may read everything
	}
	if err := os.Chmod("d/chat.yaml", 0); err != nil {
		t.Fatal(err)
	}
	got := inTime(t, "check", "d/chat.yaml")
	if got.exit != exitRefused || !strings.Contains(got.errors, "permission denied") {
		t.Errorf("exit code %d, %s", got.exit, got.errors)
	}
}
