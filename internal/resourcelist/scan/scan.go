// Package scan takes a ResourceList apart by its lines: which bytes are which object, and the few words by which an
// object is known. Nothing is made of the rest, so it costs next to nothing and can be written again byte for byte; a YAML
// library spends half a millisecond on an object, and gives back other quotes, blanks and line breaks than it was given.
//
// It accepts the block style that kustomize, kpt and kyaml write, and refuses everything else as a whole: anchors, tags,
// tabs between words, several documents, text that runs over its line and is neither a block nor in quotes. Who calls it
// hands what is refused to a YAML library. Inside objects it is laxer than YAML, but it never reads anything else: of a text
// that both accept, both find the same objects. A fuzz test holds it to that.
package scan

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// List is a ResourceList as it stands in the text.
type List struct {
	// Fields are the fields of the ResourceList, in their order.
	Fields []Field
	// Items are the objects under items, in their order.
	Items []Object
	// FunctionConfig is the object under functionConfig; nil where there is none.
	FunctionConfig *Object
}

// Field is one field of the ResourceList.
type Field struct {
	// Name of the field.
	Name string
	// Text are its lines, from the name on.
	Text []byte
	// Value is what stands behind the name, where that is one word; empty for anything else.
	Value string
}

// Object is one object of the list.
type Object struct {
	// Text are the object's lines as they stand in the list: the first begins with a dash, or with "functionConfig:".
	Text []byte
	// Ambiguous says that the object has to be parsed to know what it is: its metadata are in braces, for example, or its name
	// is written over several lines.
	Ambiguous bool
	// APIVersion, Kind, Name and Namespace are empty where the object has none.
	APIVersion, Kind, Name, Namespace string
	// Labels and Annotations in their order.
	Labels, Annotations []Pair
}

// Pair is a label or an annotation.
type Pair struct {
	Key, Value string
	// Ambiguous says that the value has to be parsed, such as a block of text.
	Ambiguous bool
}

// UnsupportedError says why a text is not taken apart. It never repeats the text.
type UnsupportedError struct {
	// Line counted from 1.
	Line int
	// What stands there, such as "an anchor or alias".
	What string
}

func (r *UnsupportedError) Error() string { return fmt.Sprintf("line %d holds %s", r.Line, r.What) }

// Read takes a ResourceList apart. What it returns refers to the text. The error is an *UnsupportedError.
func Read(text []byte) (*List, error) {
	tabs, err := characters(text)
	switch {
	case err != nil:
		return nil, err
	case len(text) > 0 && text[len(text)-1] != '\n':
		return nil, &UnsupportedError{lineOf(text, len(text)), "the end of the text without a line feed, behind which nothing can be added"}
	}
	r := &reader{text: text, tabs: tabs, list: &List{}, levels: []level{{}}, interned: map[string]string{}}
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

// characters refuses what is no text, and line breaks that YAML takes for such and nobody sees. It says whether there are
// tabs.
func characters(text []byte) (tabs bool, err *UnsupportedError) {
	ascii := true
	for i, c := range text {
		switch {
		case c >= ' ' && c < 0x7f || c == '\n':
		case c == '\t':
			tabs = true
		case c >= 0x80 && !isForbiddenRune(text[i:]):
			ascii = false
		default:
			return false, &UnsupportedError{lineOf(text, i), "a control character, or a line break that is not a plain line feed"}
		}
	}
	if !ascii && !utf8.Valid(text) {
		for i := 0; i < len(text); {
			c, width := utf8.DecodeRune(text[i:])
			if c == utf8.RuneError && width == 1 {
				return false, &UnsupportedError{lineOf(text, i), "bytes that are not UTF-8"}
			}
			i += width
		}
	}
	return tabs, nil
}

func lineOf(text []byte, place int) int { return bytes.Count(text[:place], []byte("\n")) + 1 }

// isForbiddenRune reports whether bytes outside of ASCII begin a control character (U+0080 to U+009F), a line or paragraph
// separator (U+2028, U+2029), a byte order mark (U+FEFF) or no character at all (U+FFFE, U+FFFF).
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
