// SPDX-License-Identifier: Apache-2.0

// Package scan splits a ResourceList into objects line by line. It finds the bytes of each object and its type, name,
// labels and annotations, and does not parse anything else. This costs almost nothing, and objects can be written again
// byte for byte. A YAML library takes half a millisecond per object and changes quotes, spaces and line breaks.
//
// Read accepts lists in the block style that kustomize, kpt and kyaml write. An object in another style (anchors, tags,
// tabs, plain scalars and flow mappings over several lines) is only marked as unusual. Callers must parse it on its
// own, and reject the whole list if its text is not one object. Read rejects other input: several documents, indented
// items, other line breaks than line feeds. Callers parse that with a YAML library. Inside objects Read is less strict
// than YAML, but it never disagrees with it: for input that both accept, both find the same objects. A fuzz test
// verifies this.
package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// List is a ResourceList that was split into objects.
type List struct {
	// Fields lists the fields of the ResourceList in order.
	Fields []Field
	// Header contains the lines of the field items before the first object; empty without objects.
	Header []byte
	// Items lists the objects under items in order.
	Items []Object
	// FunctionConfig is the object under functionConfig, or nil.
	FunctionConfig *Object
}

// Field is one field of the ResourceList.
type Field struct {
	// Name of the field.
	Name string
	// Text contains the lines of the field, including its name.
	Text []byte
	// Value is the value if it is a simple scalar, and empty otherwise.
	Value string
}

// Object is one object of the list.
type Object struct {
	// Text contains the object's lines in the list. The first begins with a dash or with "functionConfig:", after comments
	// in the first column.
	Text []byte
	// Unusual is true if the object contains YAML that Read does not support. Its text may not be one object.
	Unusual bool
	// Ambiguous is true if the object must be parsed to identify it, for example because its metadata is a flow mapping
	// or its name spans several lines.
	Ambiguous bool
	// APIVersion, Kind, Name and Namespace are empty if the object does not have them.
	APIVersion, Kind, Name, Namespace string
	// Labels and Annotations are in the order of the input.
	Labels, Annotations []Pair
}

// Pair is a label or an annotation. Key and value are parts of the text: few of them are ever read.
type Pair struct {
	Key, Value []byte
	// Ambiguous is true if the value must be parsed, such as a block scalar.
	Ambiguous bool
}

// UnsupportedError reports YAML that Read does not support. It never quotes the input.
type UnsupportedError struct {
	// Line is counted from 1.
	Line int
	// What names the unsupported construct, such as "tab character".
	What string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("line %d: unsupported YAML: %s", e.Line, e.What)
}

// Read splits a ResourceList into objects. The result refers to the text. The error is an *UnsupportedError.
func Read(text []byte) (*List, error) {
	tabs, err := checkCharacters(text)
	switch {
	case err != nil:
		return nil, err
	case len(text) > 0 && text[len(text)-1] != '\n':
		return nil, &UnsupportedError{lineOf(text, len(text)), "no line feed at the end of the input"}
	}
	r := &reader{
		text: text, tabs: tabs, list: &List{}, levels: []level{{}}, interned: map[string]string{}, commentBegin: -1,
	}
	for r.next < len(text) && r.err == nil {
		r.readLine()
	}
	r.endObject(len(text))
	r.endField(len(text))
	if r.err != nil {
		return nil, r.err
	}
	return r.list, nil
}

// checkCharacters rejects control characters, invalid UTF-8 and invisible line breaks, which YAML accepts. It reports
// whether the text contains tabs.
func checkCharacters(text []byte) (tabs bool, err *UnsupportedError) {
	ascii := true
	for i := 0; i < len(text); {
		if i+8 <= len(text) && isPlain(binary.LittleEndian.Uint64(text[i:])) {
			i += 8
			continue
		}
		for end := min(i+8, len(text)); i < end; i++ {
			switch c := text[i]; {
			case c >= ' ' && c < 0x7f || c == '\n':
			case c == '\t':
				tabs = true
			case c >= 0x80 && !isForbiddenRune(text[i:]):
				ascii = false
			default:
				return false, &UnsupportedError{lineOf(text, i), "control character, or a line break other than a line feed"}
			}
		}
	}
	if !ascii && !utf8.Valid(text) {
		for i := 0; i < len(text); {
			c, width := utf8.DecodeRune(text[i:])
			if c == utf8.RuneError && width == 1 {
				return false, &UnsupportedError{lineOf(text, i), "invalid UTF-8"}
			}
			i += width
		}
	}
	return tabs, nil
}

// isPlain reports whether all of eight bytes are printable ASCII characters or line feeds. Each step leaves the highest
// bit of those bytes that have a property, in all bytes at once.
func isPlain(word uint64) bool {
	const low, high = 0x0101010101010101, 0x8080808080808080
	if word&high != 0 {
		return false
	}
	control := (word + (0x80-' ')*low) ^ high       // below the space
	lineFeed := (word ^ '\n'*low) + 0x7f*low ^ high // equal to the line feed
	isDelete := word + low                          // 0x7f
	return (control&^lineFeed|isDelete)&high == 0
}

func lineOf(text []byte, offset int) int { return bytes.Count(text[:offset], []byte("\n")) + 1 }

// isForbiddenRune reports whether the text, whose first byte is not ASCII, begins with a control character (U+0080 to
// U+009F), a line or paragraph separator (U+2028, U+2029), a byte order mark (U+FEFF) or a noncharacter (U+FFFE,
// U+FFFF).
func isForbiddenRune(text []byte) bool {
	at := func(i int) byte {
		if i < len(text) {
			return text[i]
		}
		return 0
	}
	switch text[0] {
	case 0xc2:
		return at(1) < 0xa0
	case 0xe2:
		return at(1) == 0x80 && (at(2) == 0xa8 || at(2) == 0xa9)
	case 0xef:
		return at(1) == 0xbb && at(2) == 0xbf || at(1) == 0xbf && at(2) >= 0xbe
	}
	return false
}
