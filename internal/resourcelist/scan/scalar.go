// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"strings"
)

// form is the syntactic form of a value.
type form int

const (
	// nothing means that the rest of the line is empty; a mapping or list may follow in deeper lines.
	nothing form = iota
	// null is an explicit null.
	null
	// literal is a scalar whose characters are its value: a plain scalar, or a quoted one without escapes.
	literal
	// braces and brackets are a flow mapping and a flow list on one line.
	braces
	brackets
	emptyBraces
	emptyBrackets
	// other is a block scalar, or a quoted scalar with escapes or several lines.
	other
)

// value reads the value after a colon or a dash, and the lines that it spans. Column is the column of the key or dash.
func (r *reader) value(column int, text []byte) ([]byte, form) {
	switch {
	case len(text) == 0 || text[0] == '#':
		r.open = true
		return nil, nothing
	case text[0] == '|' || text[0] == '>':
		r.block(column, text[1:])
		return nil, other
	case text[0] == '"' || text[0] == '\'':
		return r.quoted(text)
	case text[0] == '{' || text[0] == '[':
		return nil, r.flow(text)
	}
	text, ok := plainScalar(text)
	switch {
	case !ok:
		r.fail("anchor, alias, tag, or invalid plain scalar")
	case isNull(text):
		return nil, null
	}
	return text, literal
}

func isNull(text []byte) bool {
	switch string(text) {
	case "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// plainScalar returns a plain scalar without the comment after it, and reports whether the text begins with one.
func plainScalar(text []byte) ([]byte, bool) {
	spaceNext := func(i int) bool { return i+1 >= len(text) || text[i+1] == ' ' }
	switch text[0] {
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return nil, false
	case '-', '?', ':':
		if spaceNext(0) {
			return nil, false
		}
	}
	for i, c := range text {
		switch {
		case c == ':' && spaceNext(i):
			return nil, false
		case c == '#' && text[i-1] == ' ':
			return bytes.TrimRight(text[:i], " "), true
		}
	}
	return bytes.TrimRight(text, " "), true
}

// keyChars classifies the characters that a key may contain.
var keyChars = func() (classes [256]charClass) {
	for c := range classes {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		switch {
		case letter, strings.IndexByte("_./$(-+", byte(c)) >= 0:
			classes[c] = startsKey
		case c >= ' ' && c < 0x7f: // such as k:{"uid":"1"} in managedFields
			classes[c] = inKey
		}
	}
	return classes
}()

type charClass byte

const (
	inKey charClass = 1 + iota
	startsKey
)

// cutKey splits a field into name and value. The key is nil if the name is not supported.
func cutKey(text []byte) (key, value []byte, found bool) {
	end := 0 // end of the name
	switch text[0] {
	case '"', '\'':
		quote := closingQuote(text, 1, text[0])
		if quote < 0 {
			return nil, nil, false
		}
		end = quote + 1
		if key = text[1:quote]; bytes.IndexByte(key, '\\') >= 0 || bytes.IndexByte(key, '\'') >= 0 {
			key = nil
		}
		if end == len(text) || text[end] != ':' {
			return nil, nil, false
		}
	case '{', '[', '|', '>', '#':
		return nil, nil, false
	default:
		end = bytes.IndexByte(text, ':')
		for end >= 0 && end+1 < len(text) && text[end+1] != ' ' {
			next := bytes.IndexByte(text[end+1:], ':')
			if next < 0 {
				return nil, nil, false
			}
			end += 1 + next
		}
		if end < 0 {
			return nil, nil, false
		}
		if comment := bytes.Index(text[:end], []byte(" #")); comment >= 0 {
			return nil, nil, false
		}
		if isKey(text[:end]) {
			key = text[:end]
		}
	}
	if end+1 < len(text) && text[end+1] != ' ' {
		return nil, nil, false
	}
	value = text[end+1:]
	return key, value[leadingSpaces(value):], true
}

func isKey(text []byte) bool {
	if len(text) == 0 || len(text) > 500 || keyChars[text[0]] != startsKey || text[len(text)-1] == ' ' || isNull(text) {
		return false
	}
	for _, c := range text {
		if keyChars[c] == 0 {
			return false
		}
	}
	return true
}

// closingQuote returns the index of the closing quote at or after from, or -1 if the line has none.
func closingQuote(text []byte, from int, quote byte) int {
	for i := from; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] != quote:
		case quote == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		default:
			return i
		}
	}
	return -1
}

// quoted reads a quoted scalar, which may span several lines.
func (r *reader) quoted(text []byte) ([]byte, form) {
	quote := text[0]
	if end := closingQuote(text, 1, quote); end >= 0 {
		r.checkTrailing(text[end+1:])
		inner := text[1:end]
		if bytes.IndexByte(inner, '\\') >= 0 && quote == '"' || bytes.IndexByte(inner, '\'') >= 0 && quote == '\'' {
			return nil, other
		}
		return inner, literal
	}
	line, next := r.line, r.next
	for r.next < len(r.text) {
		text = r.nextLine()
		if len(text) > 0 && isMarker(text) {
			break
		}
		if end := closingQuote(text, 0, quote); end >= 0 {
			r.checkTrailing(text[end+1:])
			return nil, other
		}
	}
	r.line, r.next = line, next
	r.fail("quoted scalar without a closing quote")
	return nil, other
}

// checkTrailing rejects anything but a comment after a value.
func (r *reader) checkTrailing(text []byte) {
	n := leadingSpaces(text)
	if n < len(text) && (n == 0 || text[n] != '#') {
		r.fail("trailing characters after a value")
	}
}

// flow reads a flow mapping or a flow list.
func (r *reader) flow(text []byte) form {
	end := closingBrace(text)
	if end < 0 {
		r.fail("flow mapping or list that is not closed on its line or has unusual contents")
		return other
	}
	r.checkTrailing(text[end+1:])
	empty := len(bytes.TrimSpace(text[1:end])) == 0
	switch {
	case text[0] == '{' && empty:
		return emptyBraces
	case text[0] == '{':
		return braces
	case empty:
		return emptyBrackets
	}
	return brackets
}

// closingBrace returns the index of the closing brace or bracket of a flow mapping or list. It returns -1 if the line
// has none, or if finding it would require a full YAML parser.
func closingBrace(text []byte) int {
	var open []byte
	start, quoted := true, false // start: a value may begin here; quoted: the last value was quoted
	for i := 0; i < len(text); i++ {
		next := byte(' ')
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch c := text[i]; c {
		case ' ':
		case '{', '[':
			if !start || len(open) == maxDepth {
				return -1
			}
			open = append(open, c+2) // the closing character in ASCII
			quoted = false
		case '}', ']':
			if open[len(open)-1] != c {
				return -1
			}
			open = open[:len(open)-1]
			if len(open) == 0 {
				return i
			}
			start, quoted = false, false
		case ',':
			if start {
				return -1
			}
			start, quoted = true, false
		case ':':
			switch {
			case quoted || next == ' ':
				start, quoted = true, false
			case start || bytes.IndexByte([]byte(",[]{}"), next) >= 0:
				return -1
			}
		case '"', '\'':
			if !start {
				return -1
			}
			end := closingQuote(text, i+1, c)
			if end < 0 {
				return -1
			}
			i, start, quoted = end, false, true
		default:
			switch {
			case quoted, c == '#' && text[i-1] == ' ',
				start && bytes.IndexByte([]byte("&*!|>%@`?#"), c) >= 0,
				start && c == '-' && next == ' ':
				return -1
			}
			start = false
		}
	}
	return -1
}

// block skips a block scalar. Header is the rest of the line after | or >.
func (r *reader) block(column int, header []byte) {
	content := -1 // indentation of the contents, once it is known
	for len(header) > 0 && header[0] != ' ' {
		switch c := header[0]; {
		case c == '-' || c == '+':
		case c >= '1' && c <= '9' && content < 0:
			content = column + int(c-'0')
		default:
			r.fail("unusual block scalar header")
			return
		}
		header = header[1:]
	}
	r.checkTrailing(header)
	for r.next < len(r.text) {
		line, next := r.line, r.next
		text := r.nextLine()
		indent := leadingSpaces(text)
		switch {
		case indent == len(text):
		case indent <= column:
			r.line, r.next = line, next
			return
		case content < 0 && text[indent] == '\t':
			r.fail("tab character")
			return
		case content < 0:
			content = indent
		case indent < content:
			r.fail("block scalar with a line that is indented less than its first")
			return
		}
	}
}
