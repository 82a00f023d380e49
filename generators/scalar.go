package generators

import (
	"bytes"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// appendScalar appends a text as YAML, without a line break at its end, for a field or element at the column: as the YAML
// library writes it, so that tools that read and write it change nothing. Most texts plainly stand for themselves; the
// library writes the others.
func appendScalar(out []byte, text string, column int) []byte {
	switch beginning := blockBeginning(text); {
	case isPlain(text):
		return append(out, text...)
	case needsOnlyQuotes(text):
		return append(append(append(out, '"'), text...), '"')
	case beginning != "":
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
	if isPlain(name) && len(name) <= 128 { // the library writes a longer one in two lines
		return append(out, name...)
	}
	return append(out, byLibrary(name, true)...)
}

// isPlain says whether a text certainly needs no quotes: letters, digits and a few signs inside, and nothing that YAML 1.1,
// by which kubectl reads, or 1.2 takes for something else than text.
func isPlain(text string) bool {
	switch {
	case isQuantity(text) || text != "" && isDigit(text[0]) && strings.Contains(text, "/"):
	case text == "" || !isLetter(text[0]) && text[0] != '/':
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case isLetter(c), isDigit(c), strings.IndexByte(".-_/@+=(),;{}[]'\"&!?<>$%*~^\\|`", c) >= 0:
		case c == ':' && i+1 < len(text) && text[i+1] != ' ':
		case c == ' ' && i+1 < len(text) && text[i+1] != '#':
		default:
			return false
		}
	}
	return !isWord(text)
}

// isQuantity says whether a text is a number with a unit, such as 30s or 10Gi.
func isQuantity(text string) bool {
	unit := strings.TrimLeft(text, "0123456789")
	return unit != "" && unit != text && text[0] != '0' && strings.Trim(unit, "smhdkMGTi") == ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// needsOnlyQuotes says whether a text is one of those that YAML takes for a boolean or a number, and that nothing in it needs
// another form than quotes.
func needsOnlyQuotes(text string) bool {
	if isWord(text) {
		return true
	}
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return text != "" && len(text) < 18 && (text[0] != '0' || len(text) == 1)
}

// needsQuotes says whether a text is one that the library leaves without quotes and that YAML 1.1 takes for something else,
// or would be a block whose beginning is not readable.
func needsQuotes(text string) bool {
	return isWord(text) || text == "<<" || text == "=" || strings.Contains(text, "\n") && strings.ContainsAny(text[:1], " \t\n")
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// isWord says whether YAML, of whatever version, takes a word for a boolean, a number or nothing.
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
