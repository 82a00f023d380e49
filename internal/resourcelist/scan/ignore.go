// SPDX-License-Identifier: Apache-2.0

package scan

import "bytes"

// significant contains the characters that can begin a value over several lines, or end the header of a block scalar,
// or refer to another object. A line without them is complete.
var significant = func() (table [256]bool) {
	for _, c := range []byte(`"'{[&*!|>`) {
		table[c] = true
	}
	return table
}()

// identifies reports whether a field of an object is part of its identity.
func identifies(key []byte) bool {
	switch string(key) {
	case "apiVersion", "kind", "metadata":
		return true
	}
	return false
}

// beginIgnoring starts to ignore the lines after that of a field, which has the given column and text.
func (r *reader) beginIgnoring(column int, text []byte) {
	r.ignoring, r.previousColumn, r.previous = true, column, text
}

// ignore reads a line inside a field that does not identify the object, and the lines of its block scalar or quoted
// scalar. It reports whether the line belongs to the field: whether it is deeper than the fields of the object, or an
// element of a list in their column. Such a line only matters if it begins a value that may continue in lines that are
// not deeper.
func (r *reader) ignore() bool {
	line, next := r.line, r.next
	text := r.nextLine()
	column := leadingSpaces(text)
	own := r.levels[r.depth-1].column
	text = text[column:]
	switch {
	case len(text) == 0:
		return true
	case column < own, column == own && !isDash(text), r.tabs && bytes.IndexByte(text, '\t') >= 0:
		r.line, r.next = line, next
		r.ignoring, r.open = false, false
		r.levels = r.levels[:r.depth]
		return false
	case text[0] == '#':
		return true
	case text[0] == '?':
		r.fail("unusual field name")
		return true
	case column > r.previousColumn && r.isContinuation(column):
		r.fail("plain scalar continued on the next line, or inconsistent indentation")
		return true
	}
	r.previousColumn, r.previous = column, text
	for _, c := range text {
		if significant[c] {
			r.checkValue(column, text)
			break
		}
	}
	return true
}

// isContinuation reports whether a line with the given column is deeper than the line before, although the value in
// that line is complete.
func (r *reader) isContinuation(column int) bool {
	previous, value := innermost(r.previousColumn, r.previous)
	return column > previous && len(value) > 0 && value[0] != '#'
}

// innermost returns the column of the innermost field or dash in a line, and the text after it.
func innermost(column int, text []byte) (int, []byte) {
	for len(text) > 0 && isDash(text) {
		width := 1 + leadingSpaces(text[1:])
		text = text[width:]
		if _, found := valueOf(text); !found && (len(text) == 0 || !isDash(text)) {
			return column, text
		}
		column += width
	}
	if value, found := valueOf(text); found {
		return column, value
	}
	return column, text
}

// valueOf returns the text after the name of a field, and whether the text begins with a field.
func valueOf(text []byte) (value []byte, found bool) {
	if len(text) == 0 {
		return nil, false
	}
	_, value, found = cutKey(text)
	return value, found
}

// checkValue skips the block scalar or quoted scalar that begins in an ignored line.
func (r *reader) checkValue(column int, text []byte) {
	inner, value := innermost(column, text)
	if len(value) == len(text) { // neither a field nor a list element
		r.fail("plain scalar continued on the next line, or neither a field nor a list element")
		return
	}
	r.value(inner, value)
}
