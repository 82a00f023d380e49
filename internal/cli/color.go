// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"bigbang.dev/mattermost-fn/fn"
)

// colorMode says when text is colored: the value of --color.
type colorMode string

// The values of --color.
const (
	colorAuto   colorMode = "auto"
	colorAlways colorMode = "always"
	colorNever  colorMode = "never"
)

// String, Set and Type implement pflag.Value.
func (m *colorMode) String() string { return string(*m) }

// Type is the placeholder in help.
func (*colorMode) Type() string { return "when" }

// Set accepts the values of --color.
func (m *colorMode) Set(text string) error {
	switch mode := colorMode(text); mode {
	case colorAuto, colorAlways, colorNever:
		*m = mode
		return nil
	}
	return fmt.Errorf("unknown value %q (want auto, always or never)", text)
}

// style colors text for one stream, or leaves it as it is.
type style bool

// styleOf returns the style for what is written to a stream: by default it is colored on a terminal, unless NO_COLOR is
// set (no-color.org) or TERM is dumb.
func (m *colorMode) styleOf(stream any) style {
	switch {
	case m == nil || *m == colorNever:
		return false
	case *m == colorAlways:
		return true
	}
	return style(isTerminal(stream) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// color is a code of ISO 6429 (SGR).
type color string

const (
	bold   color = "1"
	red    color = "31"
	green  color = "32"
	yellow color = "33"
	cyan   color = "36"
)

func (s style) paint(c color, text string) string {
	if !s || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// severityColors are the colors of severities.
var severityColors = map[fn.Severity]color{fn.Error: red, fn.Warning: yellow, fn.Info: cyan}

// result returns a result as a line, with a colored severity.
func (s style) result(r fn.Result) string {
	line := r.String()
	severity := string(r.Severity) + ":"
	at := strings.Index(" "+line, " "+severity+" ")
	if at < 0 {
		return line
	}
	return line[:at] + s.paint(severityColors[r.Severity], severity) + line[at+len(severity):]
}

// printResultLines writes each result as one line.
func (s style) printResultLines(out io.Writer, results fn.Results) error {
	for _, r := range results {
		if _, err := fmt.Fprintln(out, s.result(r)); err != nil {
			return err
		}
	}
	return nil
}

// stateColors are the colors of what a run does to an object. Unchanged objects have none.
var stateColors = map[fn.State]color{
	fn.Added: green, fn.Changed: yellow, fn.Patched: yellow, fn.Retained: yellow, fn.Removed: red,
}

// diff colors the lines of a unified diff.
func (s style) diff(text string) string {
	if !s {
		return text
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		line, newline := strings.CutSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
			line = s.paint(bold, line)
		case strings.HasPrefix(line, "@@"):
			line = s.paint(cyan, line)
		case strings.HasPrefix(line, "+"):
			line = s.paint(green, line)
		case strings.HasPrefix(line, "-"):
			line = s.paint(red, line)
		}
		out.WriteString(line)
		if newline {
			out.WriteString("\n")
		}
	}
	return out.String()
}

// outStyle is the style of standard output, errorStyle that of standard error.
func (s ioStreams) outStyle() style { return s.color.styleOf(s.terminal) }

func (s ioStreams) errorStyle() style { return s.color.styleOf(s.errors) }

// reportSummary writes the summary of results to standard error.
func (s ioStreams) reportSummary(results fn.Results) {
	s.errorStyle().printResultLines(s.errors, fn.Summary(results))
}
