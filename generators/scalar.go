package generators

import (
	"bytes"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// appendScalar appends a text as YAML, without a line break at its end, for a field or element at the column: as the YAML
// library writes it, so that tools that read and write it change nothing. Most texts plainly stand for themselves, or need
// quotes of which there is no doubt; the library writes the others.
func appendScalar(out []byte, text string, column int) []byte {
	switch formOf(text) {
	case plain:
		return append(out, text...)
	case doubleQuoted:
		return append(append(append(out, '"'), text...), '"')
	case singleQuoted:
		return append(append(append(out, '\''), strings.ReplaceAll(text, "'", "''")...), '\'')
	}
	if beginning := blockBeginning(text); beginning != "" {
		return appendIndented(append(out, beginning...), text, column)
	}
	for i, line := range bytes.Split(byLibrary(text, needsQuotes(text)), []byte("\n")) {
		if i > 0 {
			out = append(out, '\n')
		}
		if i > 0 && len(line) > 0 {
			out = appendBlanks(out, column)
		}
		out = append(out, line...)
	}
	return out
}

// appendKey appends the name of a field.
func appendKey(out []byte, name string) []byte {
	if formOf(name) == plain && len(name) <= 128 { // the library writes a longer one in two lines
		return append(out, name...)
	}
	return append(out, byLibrary(name, true)...)
}

// form is how a text is written.
type form int

const (
	// unknown is for the library to find out.
	unknown form = iota
	plain
	singleQuoted
	doubleQuoted
)

// formOf says how a line of visible characters is written, where that is certain. The doubtful ones are those that YAML 1.2,
// or 1.1, by which kubectl reads, may take for a number, a time or nothing.
func formOf(text string) form {
	if text == "" || text[0] == ' ' || text[len(text)-1] == ' ' {
		return unknown
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return unknown
		}
	}
	switch c := text[0]; {
	case isWord(text), isNumber(text):
		return doubleQuoted
	case isLetter(c), strings.IndexByte(`/(^$_\;`, c) >= 0, isNoNumber(text):
		if strings.Contains(text, ": ") || strings.Contains(text, " #") || text[len(text)-1] == ':' {
			return singleQuoted
		}
		return plain
	case strings.IndexByte("{}[]*&%@!|>`,#\"'", c) >= 0:
		return singleQuoted
	}
	return unknown
}

// isNumber says whether a text is certainly a number to YAML.
func isNumber(text string) bool {
	return len(text) < 18 && strings.Trim(text, "0123456789") == "" && (text[0] != '0' || len(text) == 1)
}

// isNoNumber says whether a text that begins with a digit or a hyphen is certainly none, and no time: a version, an address, a
// number with a unit, an option of a command line.
func isNoNumber(text string) bool {
	switch {
	case strings.HasPrefix(text, "--"):
		return len(text) > 2 && isLetter(text[2])
	case !isDigit(text[0]):
		return false
	case strings.Contains(text, "/"):
		return true
	case strings.Trim(text, "0123456789.") == "":
		return strings.Count(text, ".") > 1
	}
	return text[0] != '0' && !strings.ContainsAny(text, ":-_+. ") && strings.Trim(text, "0123456789eE") != ""
}

// isWord says whether YAML, of whatever version, takes a word for a boolean or nothing.
func isWord(text string) bool {
	if len(text) > len("false") {
		return false
	}
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// needsQuotes says whether a text is one that the library leaves without quotes and that YAML 1.1 takes for something else, one
// with line breaks that only YAML knows, which could not be indented, or one that would be a block whose beginning is not
// readable.
func needsQuotes(text string) bool {
	return text == "<<" || text == "=" || strings.ContainsAny(text, "\u0085\u2028\u2029") || strings.Contains(text, "\n") && strings.ContainsAny(text[:1], " \t\n")
}

// blockBeginning is how a block begins that can hold the text as it is: lines of visible characters; empty for any other.
func blockBeginning(text string) string {
	if !strings.Contains(text, "\n") || text[0] == ' ' || text[0] == '\n' || strings.HasSuffix(text, "\n\n") || strings.Contains(text, " \n") || strings.HasSuffix(text, " ") {
		return ""
	}
	for i := range len(text) {
		if c := text[i]; (c < ' ' || c > '~') && c != '\n' {
			return ""
		}
	}
	if strings.HasSuffix(text, "\n") {
		return "|"
	}
	return "|-"
}

// appendIndented appends the lines of a block that belongs to a field or element at the column.
func appendIndented(out []byte, text string, column int) []byte {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		out = append(out, '\n')
		if line == "" {
			continue
		}
		out = append(appendBlanks(out, column+2), line...)
	}
	return out
}

func appendBlanks(out []byte, n int) []byte {
	for range n {
		out = append(out, ' ')
	}
	return out
}

// byLibrary has the YAML library write a text that stands at the first column.
func byLibrary(text string, quotes bool) []byte {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: text}
	if quotes {
		node.Style = yaml.DoubleQuotedStyle
	}
	var out bytes.Buffer
	if err := yaml.NewEncoder(&out).Encode(map[string]*yaml.Node{"a": node}); err != nil {
		panic("the YAML library does not write a text: " + err.Error())
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(out.Bytes(), []byte("a: ")), []byte("\n"))
}
