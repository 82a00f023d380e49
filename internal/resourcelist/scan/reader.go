package scan

import "bytes"

// Fields of the ResourceList that hold objects.
const (
	items          = "items"
	functionConfig = "functionConfig"
)

// maxDepth bounds the nesting, maxFields the fields of the list itself; both far above those of any.
const (
	maxDepth  = 1_000
	maxFields = 100
)

// reader goes through the text line by line and knows which mappings and lists are open, which is all the structure that
// block style has.
type reader struct {
	text []byte
	// tabs says that there are any.
	tabs bool
	list *List
	// interned are the strings that many objects contain, each kept once.
	interned map[string]string
	// err is the first reason why the text is not taken apart.
	err *UnsupportedError

	// line is the number of the current line, next the place of the one behind it.
	line, next int
	// levels are the open mappings and lists, the outermost first.
	levels []level
	// open says that the last line ended behind a colon or a dash, so that a deeper level may follow.
	open bool

	// fieldBegin is where the current field of the ResourceList begins.
	fieldBegin int
	identity
}

// level is a mapping or list that is open.
type level struct {
	// column of its keys or dashes.
	column int
	list   bool
}

// fail records what is not supported in the current line; reading stops after it.
func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = &UnsupportedError{r.line, what}
	}
}

// nextLine returns the next line, without its end.
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

// leadingSpaces counts the spaces that a text begins with.
func leadingSpaces(text []byte) int {
	n := 0
	for n < len(text) && text[n] == ' ' {
		n++
	}
	return n
}

// readLine reads a line, and with it the lines that a block or quoted text runs over.
func (r *reader) readLine() {
	begin := r.next
	text := r.nextLine()
	column := leadingSpaces(text)
	text = text[column:]
	switch {
	case len(text) == 0:
		return
	case r.tabs && bytes.IndexByte(text, '\t') >= 0:
		r.fail("a tab")
		return
	case text[0] == '#' && column > 0:
		return
	case text[0] == '#':
		r.fail("a comment in the first column, which may belong to the object before it or behind it")
		return
	case column == 0 && isMarker(text):
		r.fail("the beginning or end of a document")
		return
	}
	r.leave(column, isDash(text))
	nested := false // behind a dash in the same line
	for isDash(text) {
		r.enter(level{column, true}, nested)
		if len(r.levels) == 2 && r.fieldName() == items {
			r.beginItem(begin)
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
		r.fail("a field with an unusual name")
	case found:
		r.enter(level{column, false}, nested)
		if len(r.levels) == 1 {
			r.beginField(begin, key)
		}
		content, form := r.value(column, value)
		r.onField(key, content, form)
	case nested:
		content, form := r.value(r.levels[len(r.levels)-1].column, text)
		if len(r.levels) == 2 && r.fieldName() == items {
			r.onItem(content, form)
		}
	default:
		r.fail("a text that goes on in a second line, or something else than a field or an element of a list")
	}
}

func isMarker(text []byte) bool {
	return text[0] == '%' || bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("..."))
}

func isDash(text []byte) bool {
	return text[0] == '-' && (len(text) == 1 || text[1] == ' ')
}

// leave closes the levels that end before a line that begins at the column.
func (r *reader) leave(column int, dash bool) {
	n := len(r.levels)
	for n > 1 && (r.levels[n-1].column > column || r.levels[n-1].column == column && r.levels[n-1].list && !dash) {
		n--
	}
	if n < len(r.levels) {
		r.levels, r.open = r.levels[:n], false
	}
}

// enter goes to the level that a field or element stands at, and opens it if it is a new one.
func (r *reader) enter(to level, nested bool) {
	top := r.levels[len(r.levels)-1]
	switch {
	case !nested && top == to:
	case nested, r.open && (top.column < to.column || top.column == to.column && to.list && !top.list):
		if len(r.levels) == maxDepth {
			r.fail("a nesting deeper than that of any resource")
			return
		}
		r.levels = append(r.levels, to)
		switch {
		case to.list && r.isObject():
			r.fail("a list where an object belongs")
		case !to.list && len(r.levels) == 2 && r.fieldName() == items:
			r.fail("items that are no list in block style")
		}
	default:
		r.fail("a text that goes on in a second line, or an indentation that fits nothing above")
	}
	r.open = false
}

func (r *reader) beginField(begin int, name []byte) {
	r.endObject(begin)
	r.endField(begin)
	if len(r.list.Fields) == maxFields {
		r.fail("more fields than any ResourceList has")
	}
	for _, field := range r.list.Fields {
		if field.Name == string(name) {
			r.fail("a field that stands twice")
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

// fieldName is the name of the ResourceList's field that the current line belongs to.
func (r *reader) fieldName() string {
	if n := len(r.list.Fields); n > 0 {
		return r.list.Fields[n-1].Name
	}
	return ""
}

func (r *reader) beginItem(begin int) {
	if r.levels[1].column != 0 {
		r.fail("items that are indented")
	}
	r.endObject(begin)
	r.list.Items = append(r.list.Items, Object{})
	r.beginObject(&r.list.Items[len(r.list.Items)-1], begin, 3)
}
