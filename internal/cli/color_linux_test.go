// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo terminal, and returns a function that ends it and returns what was written to it.
func terminal(t *testing.T) (side *os.File, written func() string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	side, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	text := make(chan string)
	go func() {
		all, _ := io.ReadAll(master) // an error is the end of a terminal
		text <- string(all)
	}()
	return side, func() string {
		side.Close()
		defer master.Close()
		return strings.ReplaceAll(<-text, "\r\n", "\n")
	}
}

// On a terminal results are colored, unless NO_COLOR, TERM or --color never says otherwise. As a function, nothing is.
func TestColorOnATerminal(t *testing.T) {
	for _, test := range []struct {
		name        string
		environment map[string]string
		args        []string
		colored     bool
	}{
		{"a terminal", nil, nil, true},
		{"NO_COLOR", map[string]string{"NO_COLOR": "1"}, nil, false},
		{"an empty NO_COLOR", map[string]string{"NO_COLOR": ""}, nil, true},
		{"a terminal without colors", map[string]string{"TERM": "dumb"}, nil, false},
		{"never", nil, []string{"--color=never"}, false},
		{"always with NO_COLOR", map[string]string{"NO_COLOR": "1"}, []string{"--color=always"}, true},
		{"JSON", nil, []string{"--output=json"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", "")
			t.Setenv("TERM", "xterm-256color")
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			side, written := terminal(t)
			Execute(append(append([]string{"check", "--from=10.5.1"}, test.args...), "-"), strings.NewReader(configured), side,
				side)
			if got := written(); strings.Contains(got, escape) != test.colored || !strings.Contains(got, "warning") {
				t.Errorf("got %.800q", got)
			}
		})
	}
	side, written := terminal(t)
	Execute(nil, strings.NewReader("no list"), io.Discard, side)
	if got := written(); strings.Contains(got, escape) || !strings.Contains(got, "error:") {
		t.Errorf("as a function: %q", got)
	}
}
