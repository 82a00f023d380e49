// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"slices"
)

// Fields of the ResourceList that contain objects.
const (
	items          = "items"
	functionConfig = "functionConfig"
)

// maxDepth limits the nesting, and maxFields the fields of the ResourceList. Both are far above the values of real
// lists.
const (
	maxDepth  = 1_000
	maxFields = 100
)

// reader reads the text line by line and tracks which mappings and lists are open: block style has no other structure.
type reader struct {
	text []byte
	// tabs is true if the text contains a tab.
	tabs bool
	list *List
	// interned contains types, names and namespaces, which many objects repeat.
	interned map[string]string
	// pairs contains the labels and annotations of all objects.
	pairs []Pair
	// err is the first unsupported construct.
	err *UnsupportedError

	// line is the number of the current line, next the offset of the line after it.
	line, next int
	// levels lists the open mappings and lists, the outermost first.
	levels []level
	// skipping is true after an unsupported construct in an object, until the object ends.
	skipping bool
	// commentBegin is the offset of the comment in the first column before the current line; -1 for none. Such comments
	// belong to the object or field after them.
	commentBegin int
	// open is true if the last line ended after a colon or a dash, so that a deeper level may follow.
	open bool

	// fieldBegin is the offset at which the current field of the ResourceList begins.
	fieldBegin int
	identity
}

// level is an open mapping or list.
type level struct {
	// column of its keys or dashes.
	column int
	list   bool
}

// failList records an unsupported construct in the current line. Reading stops after it.
func (r *reader) failList(what string) {
	if r.err == nil {
		r.err = &UnsupportedError{r.line, what}
	}
}

// fail records an unsupported construct in the current line. Inside an object, the rest of the object is skipped.
func (r *reader) fail(what string) {
	if r.object == nil {
		r.failList(what)
		return
	}
	r.object.Ambiguous, r.object.Unusual, r.skipping = true, true, true
}

// skip skips a line of an unusual object. It reports whether the object goes on: only a line that begins in the first
// column, and is not a comment, can end it.
func (r *reader) skip() bool {
	switch r.text[r.next] {
	case ' ', '\t', '\n':
		r.skippedLine(false)
		return true
	case '#':
		r.skippedLine(true)
		return true
	}
	r.skipping, r.open = false, false
	r.levels = r.levels[:1]
	if r.fieldName() == items {
		r.levels = append(r.levels, level{0, true})
	}
	return false
}

func (r *reader) skippedLine(comment bool) {
	begin := r.next
	switch empty := len(r.nextLine()) == 0; {
	case comment && r.commentBegin < 0:
		r.commentBegin = begin
	case !comment && !empty:
		r.commentBegin = -1
	}
}

// nextLine returns the next line without its line feed.
func (r *reader) nextLine() []byte {
	r.line++
	rest := r.text[r.next:]
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		r.next = len(r.text)
		return rest
	}
	r.next += end + 1
	return rest[:end]
}

// leadingSpaces counts the spaces at the beginning of a text.
func leadingSpaces(text []byte) int {
	n := 0
	for n < len(text) && text[n] == ' ' {
		n++
	}
	return n
}

// readLine reads a line, and the following lines that belong to its block scalar or quoted scalar.
func (r *reader) readLine() {
	switch {
	case r.skipping:
		if r.skip() {
			return
		}
	case r.ignoring:
		if r.ignore() {
			return
		}
	}
	begin := r.next
	text := r.nextLine()
	column := leadingSpaces(text)
	text = text[column:]
	hasTab := r.tabs && bytes.IndexByte(text, '\t') >= 0
	switch {
	case len(text) == 0:
		return
	case hasTab && (column > 0 || text[0] == '\t'):
		r.fail("tab character")
		return
	case hasTab && !isDash(text):
		r.failList("tab character")
		return
	case text[0] == '#':
		if column == 0 && r.commentBegin < 0 {
			r.commentBegin = begin
		}
		return
	case column == 0 && isMarker(text):
		r.failList("document marker or directive")
		return
	}
	if r.commentBegin >= 0 {
		begin, r.commentBegin = r.commentBegin, -1
	}
	r.leave(column, isDash(text))
	nested := false // after a dash on the same line
	for isDash(text) {
		r.enter(level{column, true}, nested)
		if len(r.levels) == 2 && r.fieldName() == items {
			r.beginItem(begin)
		}
		if hasTab {
			r.fail("tab character")
			return
		}
		nested = true
		width := 1 + leadingSpaces(text[1:])
		text, column = text[width:], column+width
		if len(text) == 0 || text[0] == '#' {
			r.open = true
			return
		}
	}
	key, value, found := cutKey(text)
	switch {
	case found && key == nil:
		r.fail("unusual field name")
	case found:
		r.enter(level{column, false}, nested)
		if len(r.levels) == 1 {
			r.beginField(begin, key)
		}
		content, form := r.value(column, value)
		r.onField(key, content, form)
		if r.object != nil && len(r.levels) == r.depth && !r.skipping && !identifies(key) {
			r.beginIgnoring(column, text)
		}
	case nested:
		content, form := r.value(r.levels[len(r.levels)-1].column, text)
		if len(r.levels) == 2 && r.fieldName() == items {
			r.onItem(content, form)
		}
	default:
		r.fail("plain scalar continued on the next line, or neither a field nor a list element")
	}
}

func isMarker(text []byte) bool {
	return text[0] == '%' || bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))
}

func isDash(text []byte) bool {
	return text[0] == '-' && (len(text) == 1 || text[1] == ' ')
}

// leave closes the levels that end before a line with the given indentation.
func (r *reader) leave(column int, dash bool) {
	n := len(r.levels)
	for n > 1 && (r.levels[n-1].column > column || r.levels[n-1].column == column && r.levels[n-1].list && !dash) {
		n--
	}
	if n < len(r.levels) {
		r.levels, r.open = r.levels[:n], false
	}
}

// enter opens the level of a field or list element, unless it is the innermost open level.
func (r *reader) enter(to level, nested bool) {
	top := r.levels[len(r.levels)-1]
	switch {
	case !nested && top == to:
	case nested, r.open && (top.column < to.column || top.column == to.column && to.list && !top.list):
		if len(r.levels) == maxDepth {
			r.fail("nesting deeper than in any resource")
			return
		}
		r.levels = append(r.levels, to)
		switch {
		case to.list && r.isObject():
			r.failList("list instead of an object")
		case !to.list && len(r.levels) == 2 && r.fieldName() == items:
			r.failList("items that are not a list in block style")
		}
	default:
		r.fail("plain scalar continued on the next line, or inconsistent indentation")
	}
	r.open = false
}

func (r *reader) beginField(begin int, name []byte) {
	r.endObject(begin)
	r.endField(begin)
	if len(r.list.Fields) == maxFields {
		r.failList("more fields than in any ResourceList")
	}
	for _, field := range r.list.Fields {
		if field.Name == string(name) {
			r.failList("duplicate field")
		}
	}
	r.fieldBegin = begin
	r.list.Fields = append(r.list.Fields, Field{Name: string(name)})
	if r.fieldName() == functionConfig {
		r.list.FunctionConfig = &Object{}
		r.beginObject(r.list.FunctionConfig, begin, 2)
	}
}

func (r *reader) endField(end int) {
	if n := len(r.list.Fields); n > 0 {
		r.list.Fields[n-1].Text = r.text[r.fieldBegin:end:end]
	}
}

// fieldName returns the name of the ResourceList's field that the current line belongs to.
func (r *reader) fieldName() string {
	if n := len(r.list.Fields); n > 0 {
		return r.list.Fields[n-1].Name
	}
	return ""
}

func (r *reader) beginItem(begin int) {
	if r.levels[1].column != 0 {
		r.failList("indented items")
	}
	r.endObject(begin)
	if len(r.list.Items) == 0 {
		r.list.Header = r.text[r.fieldBegin:begin:begin]
	}
	if n := len(r.list.Items); n == cap(r.list.Items) {
		r.list.Items = slices.Grow(r.list.Items, n+16) // append would grow a long slice, and copy it, more often
	}
	r.list.Items = append(r.list.Items, Object{})
	r.beginObject(&r.list.Items[len(r.list.Items)-1], begin, 3)
}
