// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"errors"
	"strings"
	"testing"
)

// Messages about invalid YAML name the line with the mistake, not the line where the object around it begins.
func TestExplainSyntax(t *testing.T) {
	const (
		tab     = "indented with a tab; YAML allows only spaces as indentation"
		quoted  = "a value that begins with @, ` or % must be quoted"
		bracket = "a [ or { is not closed, or a comma is missing between the values in it"
		closed  = "the quoted string that begins here is not closed; add the closing quote"
		after   = "characters after the closing quote; in single quotes, write a quote twice ('')"
		space   = `write a space after the colon, as in "name: value"`
		level   = `elements of a list ("- ") and fields cannot be mixed on one level; check the indentation`
		columns = ", unlike the lines before it; fields of one object and elements of one list must begin in the same column"
		deeper  = ", which has a value already; fields of one object must begin in the same column"
	)
	for _, test := range []struct{ text, want string }{
		{"a: 1\nspec:\n\tb: 1\n", "f:3: " + tab},
		{"spec:\n  a: 1\n\tb: 1\n", "f:3: " + tab},
		{"a: 1\r\nb: 2\r\n\tc: 3\r\n", "f:3: " + tab},
		{"# \ta comment\na: 1\n \t # another\nspec:\n  \tb: 1\n", "f:5: " + tab},
		{"spec:\n  a: 1\n   b: 1\n", "f:3: indented deeper than line 2" + deeper},
		{"spec:\n  a: 1\n\n  # c\n    b: 1\n", "f:5: indented by 4 spaces" + columns},
		{"spec:\n   a: 1\n  b: 1\n", "f:3: indented by 2 spaces" + columns},
		{"x: 1\nspec:\n  l:\n    c: |\n     text\n      text\n    - a\n   - b\n  c: 1\n",
			"f:8: indented by 3 spaces" + columns},
		{"a:\n  - b: 1\n    c: 2\n   d: 3\n", "f:4: indented by 3 spaces" + columns},
		{"# x\n  a: 1\nb: 2\n", "f:3: indented by 0 spaces" + columns},
		{"spec:\n  a:1\n  b: 1\n", "f:2: " + space},
		{"spec:\n  a\n  b: 1\n", `f:2: expected a field, as in "name: value"; the colon is missing`},
		{`{"a": 1 "b": 2}`, "f:1: a comma is missing between the values in [ ] or { }, or there is one too many"},
		{"spec:\n  a: b: c\n", "f:2: a value that contains a colon and a space must be quoted"},
		{"spec:\n  b: 1\n  a: 'x\n  c: 1\n", "f:3: " + closed},
		{"a: \"x\ny\n", "f:1: " + closed},
		{"spec:\n  a: \"x\\d\"\n", "f:2: unknown escape in double quotes; write the backslash twice, or use single quotes"},
		{"spec:\n  a: @x\n", "f:2: " + quoted},
		{"spec:\n  - `x`\n", "f:2: " + quoted},
		{"spec:\n  a: {b: 1\n  c: 1\n", "f:2: " + bracket},
		{"spec:\n  a: ['b]', c\n", "f:2: " + bracket},
		{"a: [", "f:1: " + bracket},
		{"spec:\n  a: - b\n", `f:2: a list must begin on a new line after the name of its field, ` +
			`with "- " before each element`},
		{"spec:\n  a: {{ .V }}x\n", "f:2: " + templateHint},
		{"spec:\n  # {{ x }}\n  {{- if }}\n  a: 1\n", "f:3: " + templateHint},
		{"a: 1\nspec: *Hunter2\n", "f:2: alias (*) without an anchor (&); quote values that begin with an asterisk"},
		{"spec:\n  a: x\xff\n", "f:2: not UTF-8; save the file with the encoding UTF-8"},
		{"spec:\n  a: x\x01\n", "f:2: control characters are not allowed; remove them, " +
			"or write them as escapes in double quotes"},
		{"a: 1\n<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", "f:2: a marker of a merge conflict; resolve the conflict"},
		{"spec:\n  a: \"x\" y\n", "f:2: " + after},
		{"spec:\n  a: 'it's'\n", "f:2: " + after},
		{"a:\n- 1\nb: 2\n- b\n", "f:4: " + level},
		{"- a\nb: 1\n", "f:2: " + level},
	} {
		err := (&List{}).ReadFile("f", []byte(test.text))
		var failed *FileError
		if !errors.As(err, &failed) || strings.Replace(err.Error(), "not valid YAML: ", "", 1) != test.want {
			t.Errorf("%q:\ngot  %v\nwant %s", test.text, err, test.want)
		}
	}
}

// Messages never quote the file.
func FuzzExplainSyntax(f *testing.F) {
	f.Add("a: [")
	f.Add("spec:\n  a: 1\n\tb: 1\n")
	f.Add("a: \"\n- 'b\n |")
	f.Fuzz(func(t *testing.T, text string) {
		err := (&List{}).ReadFile("f", []byte(text+" Hunter2\n: Hunter2 : -\n"))
		if err != nil && strings.Contains(err.Error(), "Hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	})
}
