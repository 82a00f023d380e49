// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FileError is the error about a file that cannot be read as YAML objects. It never quotes the file, which may contain
// a secret.
type FileError struct {
	File string
	// Line in File, counted from 1; 0 if it is not known.
	Line int
	// Message contains what is wrong and the fix.
	Message string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// reason returns the message about invalid YAML with its line, if that is known.
func reason(text []byte, err error) string {
	line, message := explainSyntax(text, err)
	if line == 0 {
		return message
	}
	return fmt.Sprintf("line %d: %s", line, message)
}

var (
	errorLine  = regexp.MustCompile(`^line (\d+): `)
	unclosed   = regexp.MustCompile(`(?:^|[:\-,\[{] *)(["'])`)
	aliasStart = regexp.MustCompile(`(?:^|[:\-] +)\*`)
	reserved   = regexp.MustCompile("(?:^|[:\\-] +)[@`%]")
	afterQuote = regexp.MustCompile(`(?:^|[:\-] +)(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*') *[^\s,:#\]}]`)
	noSpace    = regexp.MustCompile(`^[\w.-]+:[^\s]`)
	isField    = regexp.MustCompile(`^[\w./-]+:(\s|$)`)
	// The value is not a string of several lines or a flow mapping that continue on the next line.
	isFieldWithValue = regexp.MustCompile(`^[\w./-]+: +[^\s"'\[{&!#|>]+$`)
	twoColons        = regexp.MustCompile(`^[^"'#]*: +[^"'#\[{]*:(\s|$)`)
)

// explainSyntax returns the line of a mistake in YAML, counted from 1 or 0 if it is not known, and a message with the
// fix. The parser's own messages name the rule of YAML's grammar that failed, often at the line where the surrounding
// mapping begins (yaml.v3, parserc.go), so the mistake is searched for in the text.
func explainSyntax(text []byte, err error) (int, string) {
	raw := strings.TrimPrefix(err.Error(), "yaml: ")
	at := 1
	if found := errorLine.FindStringSubmatch(raw); found != nil {
		at, _ = strconv.Atoi(found[1])
		raw = raw[len(found[0]):]
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if line := firstLine(lines, isConflictMarker); line > 0 {
		return line, "a marker of a merge conflict; resolve the conflict"
	}
	if line := firstLine(lines, func(line string) bool { return strings.Contains(withoutComment(line), "{{") }); line > 0 {
		return line, templateHint
	}
	search := func(pattern *regexp.Regexp) int {
		return firstLine(lines, func(line string) bool { return pattern.MatchString(strings.TrimSpace(line)) })
	}
	has := func(part string) bool { return strings.Contains(raw, part) }
	switch {
	case has("unknown anchor"):
		return search(aliasStart), "alias (*) without an anchor (&); quote values that begin with an asterisk"
	case has("UTF-8") || has("UTF-16"):
		return firstLine(lines, func(line string) bool { return !utf8.ValidString(line) }),
			"not UTF-8; save the file with the encoding UTF-8"
	case has("control characters"):
		return firstLine(lines, func(line string) bool {
			return strings.ContainsFunc(line, func(c rune) bool { return unicode.IsControl(c) && c != '\t' })
		}), "control characters are not allowed; remove them, or write them as escapes in double quotes"
	case has("tab character") || has("cannot start any token"):
		if line := firstLine(lines, isIndentedWithTab); line > 0 {
			return line, "indented with a tab; YAML allows only spaces as indentation"
		}
		if line := search(reserved); line > 0 {
			return line, "a value that begins with @, ` or % must be quoted"
		}
	case has("escape character"):
		return at, `unknown escape in double quotes; write the backslash twice, or use single quotes`
	case has("unexpected end of stream"):
		if at > len(lines) || !unclosed.MatchString(strings.TrimSpace(lines[at-1])) {
			at = firstLine(lines, opensQuote)
		}
		return at, "the quoted string that begins here is not closed; add the closing quote"
	case has("block sequence entries"):
		return at, "a list must begin on a new line after the name of its field, with \"- \" before each element"
	case has("mapping values"):
		return explainMappingValue(lines, at)
	case has("',' or"), has("node content"):
		if line := unclosedBracket(lines); line > 0 {
			return line, "a [ or { is not closed, or a comma is missing between the values in it"
		}
		return at, "a comma is missing between the values in [ ] or { }, or there is one too many"
	case has("could not find expected ':'"):
		return explainMissingColon(lines, at)
	}
	if line := search(afterQuote); line > 0 {
		return line, "characters after the closing quote; in single quotes, write a quote twice ('')"
	}
	if line := misindented(lines); line > 0 {
		return line, fmt.Sprintf("indented by %d spaces, unlike the lines before it; "+
			"fields of one object and elements of one list must begin in the same column", indent(lines[line-1]))
	}
	if line := mixed(lines); line > 0 {
		return line, "elements of a list (\"- \") and fields cannot be mixed on one level; check the indentation"
	}
	return at, raw
}

// templateHint is the message about templates of Helm and other programs.
const templateHint = "a template such as {{ … }} is not filled in here; write the value, or render the template first"

// explainMappingValue explains a colon where the parser expects no field.
func explainMappingValue(lines []string, at int) (int, string) {
	if at > len(lines) {
		at = len(lines)
	}
	before := at - 1 // the line before, counted from 1
	for before > 0 && isBlank(lines[before-1]) {
		before--
	}
	if before > 0 && indent(lines[at-1]) >= indent(lines[before-1]) {
		content := strings.TrimPrefix(strings.TrimSpace(lines[before-1]), "- ")
		switch {
		case strings.HasPrefix(content, "---") || strings.HasSuffix(content, ":"):
		case noSpace.MatchString(content) && !strings.Contains(content, ": "):
			return before, "write a space after the colon, as in \"name: value\""
		case !strings.Contains(content, ":"):
			return before, "expected a field, as in \"name: value\"; the colon is missing"
		case indent(lines[at-1]) > indent(lines[before-1]):
			return at, fmt.Sprintf("indented deeper than line %d, which has a value already; "+
				"fields of one object must begin in the same column", before)
		}
	}
	if twoColons.MatchString(lines[at-1]) {
		return at, "a value that contains a colon and a space must be quoted"
	}
	return at, "a field is not allowed here; check the indentation of this line and of the line before it"
}

// explainMissingColon explains a line that the parser took for the name of a field.
func explainMissingColon(lines []string, at int) (int, string) {
	const message = "expected a field, as in \"name: value\"; a colon is missing, or the space after it"
	for n := min(at, len(lines)); n > 0; n-- {
		content := strings.TrimSpace(lines[n-1])
		if !isBlank(content) && !strings.Contains(content, ": ") && !strings.HasSuffix(content, ":") {
			return n, message
		}
	}
	return at, message
}

// firstLine returns the first line that fulfills a condition, counted from 1, or 0.
func firstLine(lines []string, is func(string) bool) int { return slices.IndexFunc(lines, is) + 1 }

func isConflictMarker(line string) bool {
	return strings.HasPrefix(line, "<<<<<<< ") || strings.HasPrefix(line, ">>>>>>> ")
}

func isIndentedWithTab(line string) bool {
	content := strings.TrimLeft(line, " \t")
	return content != "" && content[0] != '#' && strings.Contains(line[:len(line)-len(content)], "\t")
}

func isBlank(line string) bool {
	content := strings.TrimSpace(line)
	return content == "" || content[0] == '#'
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// withoutComment removes a comment, as far as that is possible without parsing the line.
func withoutComment(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return ""
	}
	before, _, _ := strings.Cut(line, " #")
	return before
}

// opensQuote reports whether a line has a quoted string that does not end in it.
func opensQuote(line string) bool {
	quote := rune(0)
	for i, c := range withoutComment(line) {
		switch {
		case quote == 0 && (c == '"' || c == '\'') && (i == 0 || strings.ContainsRune(" [{,:", rune(line[i-1]))):
			quote = c
		case c == quote && (quote != '"' || line[i-1] != '\\'):
			quote = 0
		}
	}
	return quote != 0
}

// unclosedBracket returns the line of the last bracket that is not closed; 0 if all are.
func unclosedBracket(lines []string) int {
	var open []int
	for n, line := range lines {
		quote := rune(0)
		for i, c := range withoutComment(line) {
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case (c == '"' || c == '\'') && (i == 0 || strings.ContainsRune(" [{,:", rune(line[i-1]))):
				quote = c
			case c == '[' || c == '{':
				open = append(open, n+1)
			case (c == ']' || c == '}') && len(open) > 0:
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return 0
	}
	return open[len(open)-1]
}

// mixed returns the first line with an element of a list at the column of the document's fields, or the reverse; 0 if
// there is none.
func mixed(lines []string) int {
	kind, after := 0, ""
	for n, line := range lines {
		if isBlank(line) {
			continue
		}
		if strings.HasPrefix(line, "---") {
			kind, after = 0, ""
			continue
		}
		if indent(line) > 0 {
			after = ""
			continue
		}
		isElement := 1
		if strings.HasPrefix(line, "- ") {
			isElement = 2
		}
		opened := strings.HasSuffix(after, ":") || kind == 3
		switch {
		case kind == 0:
			kind = isElement
		case isElement == 2 && kind != 2 && opened:
			kind = 3 // the list of a field, which may begin at the field's column
		case isElement == 1 && kind == 3:
			kind = 1
		case kind != isElement && kind != 3:
			return n + 1
		}
		after = strings.TrimSpace(withoutComment(line))
	}
	return 0
}

// misindented returns the first line whose column is not one of the columns that are open at it, counted from 1; 0 if
// there is none. Strings of several lines are skipped.
func misindented(lines []string) int {
	var columns []int
	scalar := -1      // column of the field with a block scalar, or -1
	complete := false // whether the line before is a field with its value
	for n, line := range lines {
		if isBlank(line) {
			continue
		}
		if strings.HasPrefix(line, "---") {
			columns, scalar, complete = nil, -1, false
			continue
		}
		column := indent(line)
		if scalar >= 0 && column > scalar {
			continue
		}
		scalar = -1
		deeper := len(columns) == 0 || column > columns[len(columns)-1]
		for len(columns) > 0 && columns[len(columns)-1] > column {
			columns = columns[:len(columns)-1]
		}
		if len(columns) == 0 || columns[len(columns)-1] != column {
			if !deeper || complete && isField.MatchString(strings.TrimSpace(line)) {
				return n + 1
			}
			columns = append(columns, column)
		}
		content := strings.TrimSpace(line)
		for strings.HasPrefix(content, "- ") { // the fields of an element begin after the dash
			inner := strings.TrimLeft(content[2:], " ")
			column += len(content) - len(inner)
			columns, content = append(columns, column), inner
		}
		if fields := strings.Fields(withoutComment(content)); len(fields) > 0 &&
			strings.ContainsAny(fields[len(fields)-1][:1], "|>") {
			scalar = indent(line)
		}
		complete = scalar < 0 && isFieldWithValue.MatchString(content)
	}
	return 0
}
