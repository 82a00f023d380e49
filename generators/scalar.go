// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"bytes"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// appendScalar appends a string as a YAML scalar, without a final line break, for a field or element at the column. The
// result is the same as that of the YAML library, so that tools that read and write it change nothing. Most strings are
// plain scalars, or clearly need quotes; the library encodes the others.
func appendScalar(out []byte, s string, column int) []byte {
	switch styleOf(s) {
	case plain:
		return append(out, s...)
	case doubleQuoted:
		return append(append(append(out, '"'), s...), '"')
	case singleQuoted:
		return append(append(append(out, '\''), strings.ReplaceAll(s, "'", "''")...), '\'')
	}
	if header := blockHeader(s); header != "" {
		return appendIndented(append(out, header...), s, column)
	}
	for i, line := range bytes.Split(byLibrary(s, needsQuotes(s)), []byte("\n")) {
		if i > 0 {
			out = append(out, '\n')
		}
		if i > 0 && len(line) > 0 {
			out = appendSpaces(out, column)
		}
		out = append(out, line...)
	}
	return out
}

// appendKey appends the name of a field.
func appendKey(out []byte, name string) []byte {
	if styleOf(name) == plain && len(name) <= 128 { // the library writes longer keys in two lines
		return append(out, name...)
	}
	return append(out, byLibrary(name, true)...)
}

// style is the style of a YAML scalar.
type style int

const (
	// unknown leaves the decision to the library.
	unknown style = iota
	plain
	singleQuoted
	doubleQuoted
)

// styleOf returns the style of a line of printable ASCII characters, if it is certain. It is not certain for strings
// that YAML 1.2, or YAML 1.1, which kubectl uses, may parse as a number, a time or null.
func styleOf(s string) style {
	if s == "" || s[0] == ' ' || s[len(s)-1] == ' ' {
		return unknown
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return unknown
		}
	}
	switch c := s[0]; {
	case isReservedWord(s), isNumber(s):
		return doubleQuoted
	case isLetter(c), strings.IndexByte(`/(^$_\;`, c) >= 0, isNotNumber(s):
		if strings.Contains(s, ": ") || strings.Contains(s, " #") || s[len(s)-1] == ':' {
			return singleQuoted
		}
		return plain
	case strings.IndexByte("{}[]*&%@!|>`,#\"'", c) >= 0:
		return singleQuoted
	}
	return unknown
}

// isNumber reports whether YAML certainly parses a string as a number.
func isNumber(s string) bool {
	return len(s) < 18 && strings.Trim(s, "0123456789") == "" && (s[0] != '0' || len(s) == 1)
}

// isNotNumber reports whether a string that begins with a digit or a hyphen is certainly neither a number nor a time: a
// version, an IP address, a number with a unit, or a command-line option.
func isNotNumber(s string) bool {
	switch {
	case strings.HasPrefix(s, "--"):
		return len(s) > 2 && isLetter(s[2])
	case !isDigit(s[0]):
		return false
	case strings.Contains(s, "/"):
		return true
	case strings.Trim(s, "0123456789.") == "":
		return strings.Count(s, ".") > 1
	}
	return s[0] != '0' && !strings.ContainsAny(s, ":-_+. ") && strings.Trim(s, "0123456789eE") != ""
}

// isReservedWord reports whether some version of YAML parses a word as a boolean or null.
func isReservedWord(s string) bool {
	if len(s) > len("false") {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// needsQuotes reports whether the library must be told to quote a string: one that it does not quote although YAML 1.1
// parses it as something else, one with line breaks that only YAML defines, which cannot be indented, or one that would
// be a block scalar with an indentation indicator, which is hard to read.
func needsQuotes(s string) bool {
	return s == "<<" || s == "=" || strings.ContainsAny(s, "\u0085\u2028\u2029") ||
		strings.Contains(s, "\n") && strings.ContainsAny(s[:1], " \t\n")
}

// blockHeader returns the header of a literal block scalar that represents the string unchanged: lines of printable
// ASCII characters. It is empty for any other string.
func blockHeader(s string) string {
	if !strings.Contains(s, "\n") || s[0] == ' ' || s[0] == '\n' || strings.HasSuffix(s, "\n\n") ||
		strings.Contains(s, " \n") || strings.HasSuffix(s, " ") {
		return ""
	}
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c > '~') && c != '\n' {
			return ""
		}
	}
	if strings.HasSuffix(s, "\n") {
		return "|"
	}
	return "|-"
}

// appendIndented appends the lines of a block scalar of a field or element at the column.
func appendIndented(out []byte, s string, column int) []byte {
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
		out = append(out, '\n')
		if line == "" {
			continue
		}
		out = append(appendSpaces(out, column+2), line...)
	}
	return out
}

func appendSpaces(out []byte, n int) []byte {
	for range n {
		out = append(out, ' ')
	}
	return out
}

// byLibrary encodes a string with the YAML library, indented for the first column.
func byLibrary(s string, quotes bool) []byte {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: s}
	if quotes {
		node.Style = yaml.DoubleQuotedStyle
	}
	var out bytes.Buffer
	if err := yaml.NewEncoder(&out).Encode(map[string]*yaml.Node{"a": node}); err != nil {
		panic("the YAML library cannot encode a string: " + err.Error())
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(out.Bytes(), []byte("a: ")), []byte("\n"))
}
