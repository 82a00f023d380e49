package generators

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Manifest turns a typed object into YAML: fields in the order of their type but apiVersion, kind and metadata first,
// without the things that a type prints but a manifest must not hold: status, nulls, and structs that are empty only
// because Go cannot leave them out.
//
// The types print themselves as JSON, which has the whole order and structure, and the YAML is written while that is read:
// making nodes of it, and having a library write those, takes thirty times as long. Text that does not plainly stand for
// itself is left to the library (scalar.go).
func Manifest(object Object) ([]byte, error) {
	data := scratch.Get().(*bytes.Buffer)
	defer scratch.Put(data)
	data.Reset()
	encoder := json.NewEncoder(data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), err)
	}
	w := &manifestWriter{json: data.Bytes(), out: make([]byte, 0, data.Len()*3/2)}
	w.topLevel()
	return w.out, nil
}

// scratch is where objects print themselves.
var scratch = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// manifestWriter reads JSON that encoding/json has written, which is valid and has no white space, and writes it as YAML.
type manifestWriter struct {
	json []byte
	// next is the place in the JSON.
	next int
	out  []byte
}

// emptyStructs are fields whose Go type is a struct without omitempty, and that mean nothing when they are empty. Other
// empty mappings mean something: emptyDir, podSelector, the spec of an AuthorizationPolicy.
var emptyStructs = map[string]bool{"status": true, "resources": true, "strategy": true, "updateStrategy": true, "ca": true, "cert": true}

// topLevel writes the object: Go's TypeMeta has kind before apiVersion.
func (w *manifestWriter) topLevel() {
	type field struct {
		name  string
		place int
	}
	var fields []field
	w.eachField(func(name string) {
		if name != "status" {
			fields = append(fields, field{name, w.next})
		}
		w.skip()
	})
	rank := map[string]int{"apiVersion": -3, "kind": -2, "metadata": -1}
	slices.SortStableFunc(fields, func(a, b field) int { return rank[a.name] - rank[b.name] })
	for _, field := range fields {
		w.next = field.place
		w.field(field.name, 0)
	}
}

// eachField goes through the fields of the JSON object that begins here. Do moves on behind the value.
func (w *manifestWriter) eachField(do func(name string)) {
	w.next++
	for w.json[w.next] != '}' {
		if w.json[w.next] == ',' {
			w.next++
		}
		name := w.text()
		w.next++ // the colon
		do(name)
	}
	w.next++
}

// skip passes over a value.
func (w *manifestWriter) skip() {
	depth := 0
	for {
		switch w.json[w.next] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return // the end of what is around a number or word
			}
			if depth--; depth == 0 {
				w.next++
				return
			}
		case ',':
			if depth == 0 {
				return
			}
		case '"':
			w.quoted()
			if depth == 0 {
				return
			}
			continue
		}
		w.next++
	}
}

// quoted passes over a JSON string and returns it with its quotes.
func (w *manifestWriter) quoted() []byte {
	begin := w.next
	for w.next++; w.json[w.next] != '"'; w.next++ {
		if w.json[w.next] == '\\' {
			w.next++
		}
	}
	w.next++
	return w.json[begin:w.next]
}

// text reads a JSON string.
func (w *manifestWriter) text() string {
	quoted := w.quoted()
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	if text, simple := unescape(quoted[1 : len(quoted)-1]); simple {
		return text
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		panic("encoding/json wrote what it does not read: " + err.Error())
	}
	return text
}

// unescape reads what stands in a JSON string between its quotes, where it escapes only with one letter: whole scripts do.
func unescape(quoted []byte) (text string, simple bool) {
	var b strings.Builder
	b.Grow(len(quoted))
	for len(quoted) > 0 {
		at := bytes.IndexByte(quoted, '\\')
		if at < 0 {
			b.Write(quoted)
			break
		}
		b.Write(quoted[:at])
		switch c := quoted[at+1]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '"', '\\', '/':
			b.WriteByte(c)
		default:
			return "", false
		}
		quoted = quoted[at+2:]
	}
	return b.String(), true
}

// field writes one field of a mapping whose keys stand at the column, with its value; nothing where the value is nothing.
func (w *manifestWriter) field(name string, column int) {
	begin := len(w.out)
	w.out = appendKey(appendBlanks(w.out, column), name)
	w.out = append(w.out, ':')
	switch w.json[w.next] {
	case '{':
		if filled := w.mapping(column+2, true); !filled && emptyStructs[name] {
			w.out = w.out[:begin]
		}
	case '[':
		w.list(column)
	case 'n':
		w.next += len("null")
		w.out = w.out[:begin]
	default:
		w.out = append(w.out, ' ')
		w.scalar(column)
	}
}

// mapping writes the JSON object that begins here, its keys at the column, and says whether there is anything in it. Below
// says that it stands below its field's name; else its first key stands behind a dash.
func (w *manifestWriter) mapping(column int, below bool) (filled bool) {
	begin := len(w.out)
	if below {
		w.out = append(w.out, '\n')
	}
	body := len(w.out)
	w.eachField(func(name string) { w.field(name, column) })
	switch {
	case len(w.out) == body && below:
		w.out = append(w.out[:begin], " {}\n"...)
		return false
	case len(w.out) == body:
		w.out = append(w.out, "{}\n"...)
		return false
	case !below: // the dash stands where the first key's blanks do
		w.out = append(w.out[:body], w.out[body+column:]...)
	}
	return true
}

// list writes the JSON array that begins here, its dashes at the column.
func (w *manifestWriter) list(column int) {
	w.out = append(w.out, '\n')
	begin := len(w.out)
	w.elements(column)
	if len(w.out) == begin {
		w.out = append(w.out[:begin-1], " []\n"...)
	}
}

func (w *manifestWriter) elements(column int) {
	for w.next++; w.json[w.next] != ']'; {
		switch w.json[w.next] {
		case ',':
			w.next++
		case 'n': // kustomize refuses a null in any list
			w.next += len("null")
		default:
			w.out = append(appendBlanks(w.out, column), '-', ' ')
			w.element(column)
		}
	}
	w.next++
}

// element writes what stands behind a dash at the column.
func (w *manifestWriter) element(column int) {
	switch w.json[w.next] {
	case '{':
		w.mapping(column+2, false)
	case '[':
		begin := len(w.out)
		w.elements(column + 2)
		if len(w.out) == begin {
			w.out = append(w.out, "[]\n"...)
			return
		}
		w.out = append(w.out[:begin], w.out[begin+column+2:]...)
	default:
		w.scalar(column)
	}
}

// scalar writes a string, number or boolean of the field or element at the column.
func (w *manifestWriter) scalar(column int) {
	if w.json[w.next] == '"' {
		w.out = append(appendScalar(w.out, w.text(), column), '\n')
		return
	}
	begin := w.next
	w.skip()
	w.out = append(append(w.out, w.json[begin:w.next]...), '\n')
}
