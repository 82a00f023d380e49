package generators

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Manifest turns a typed object into YAML: fields in the order of their type but apiVersion, kind and metadata first,
// without the things that a type prints but a manifest must not hold: status, nulls, and structs that are empty only
// because Go cannot leave them out.
//
// It says what encoding/json would, which a test compares for everything that is emitted. That goes through every type
// that could be reached before it prints the first object, and its text would have to be read and written once more.
func Manifest(object Object) ([]byte, error) {
	w := &manifestWriter{out: make([]byte, 0, 4096)}
	err := w.topLevel(reflect.ValueOf(object).Elem())
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), err)
	}
	return w.out, nil
}

// manifestWriter appends YAML to out. Columns are those of the keys or dashes that a value belongs to.
type manifestWriter struct {
	out []byte
}

// emptyStructs are fields whose Go type is a struct without omitempty, and that mean nothing when they are empty. Other
// empty mappings mean something: emptyDir, podSelector, the spec of an AuthorizationPolicy.
var emptyStructs = map[string]bool{"status": true, "resources": true, "updateStrategy": true, "ca": true, "cert": true}

// topLevel writes the object. Go's TypeMeta has kind before apiVersion.
func (w *manifestWriter) topLevel(object reflect.Value) error {
	fields := slices.DeleteFunc(slices.Clone(fieldsOf(object.Type())), func(f field) bool { return f.name == "status" })
	rank := map[string]int{"apiVersion": -3, "kind": -2, "metadata": -1}
	slices.SortStableFunc(fields, func(a, b field) int { return rank[a.name] - rank[b.name] })
	_, err := w.structure(object, fields, 0)
	return err
}

// structure writes those fields of a struct that it prints, and says whether there were any.
func (w *manifestWriter) structure(v reflect.Value, fields []field, column int) (filled bool, err error) {
	for _, field := range fields {
		value := v.FieldByIndex(field.index)
		if field.omitEmpty && isEmpty(value) || field.omitZero && isZero(value) {
			continue
		}
		written, err := w.field(field.name, value, column)
		if err != nil {
			return false, err
		}
		filled = filled || written
	}
	return filled, nil
}

// mapping writes a map in the order of its keys, and says whether there was anything in it.
func (w *manifestWriter) mapping(v reflect.Value, column int) (filled bool, err error) {
	type entry struct {
		key   string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for _, key := range v.MapKeys() {
		entries = append(entries, entry{fmt.Sprint(key.Interface()), v.MapIndex(key)})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	for _, entry := range entries {
		written, err := w.field(entry.key, entry.value, column)
		if err != nil {
			return false, err
		}
		filled = filled || written
	}
	return filled, nil
}

// field writes one field, unless its value is nothing, and says whether it did.
func (w *manifestWriter) field(name string, v reflect.Value, column int) (written bool, err error) {
	begin := len(w.out)
	w.out = append(appendKey(appendBlanks(w.out, column), name), ':')
	v, scalar, err := resolve(v)
	switch {
	case err != nil:
		return false, fmt.Errorf("%s: %w", name, err)
	case scalar.kind != noScalar:
		w.out = append(scalar.append(append(w.out, ' '), column), '\n')
	case !v.IsValid():
		w.out = w.out[:begin]
		return false, nil
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		body := len(w.out)
		w.out = append(w.out, '\n')
		filled, err := w.elements(v, column)
		if err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
		if !filled {
			w.out = append(w.out[:body], " []\n"...)
		}
	default:
		body := len(w.out)
		w.out = append(w.out, '\n')
		filled, err := w.fields(v, column+2)
		switch {
		case err != nil:
			return false, fmt.Errorf("%s: %w", name, err)
		case !filled && emptyStructs[name]:
			w.out = w.out[:begin]
			return false, nil
		case !filled:
			w.out = append(w.out[:body], " {}\n"...)
		}
	}
	return true, nil
}

func (w *manifestWriter) fields(v reflect.Value, column int) (filled bool, err error) {
	switch v.Kind() {
	case reflect.Struct:
		return w.structure(v, fieldsOf(v.Type()), column)
	case reflect.Map:
		return w.mapping(v, column)
	}
	return false, fmt.Errorf("no way to write a %s", v.Type())
}

// elements writes those elements of a list that are something, and says whether there were any: kustomize refuses a null in
// any list.
func (w *manifestWriter) elements(v reflect.Value, column int) (filled bool, err error) {
	for i := range v.Len() {
		element, scalar, err := resolve(v.Index(i))
		switch {
		case err != nil:
			return false, err
		case scalar.kind == noScalar && !element.IsValid():
			continue
		}
		filled = true
		w.out = append(appendBlanks(w.out, column), '-', ' ')
		begin := len(w.out)
		some, empty := true, ""
		switch {
		case scalar.kind != noScalar:
			w.out = append(scalar.append(w.out, column), '\n')
			continue
		case element.Kind() == reflect.Slice || element.Kind() == reflect.Array:
			some, err = w.elements(element, column+2)
			empty = "[]\n"
		default:
			some, err = w.fields(element, column+2)
			empty = "{}\n"
		}
		switch {
		case err != nil:
			return false, err
		case some: // the dash stands where the blanks of the first line do
			w.out = append(w.out[:begin], w.out[begin+column+2:]...)
		default:
			w.out = append(w.out[:begin], empty...)
		}
	}
	return filled, nil
}

// scalar is a value that is one word to YAML.
type scalar struct {
	kind scalarKind
	text string
}

type scalarKind int

const (
	noScalar scalarKind = iota
	// text may need quotes.
	text
	// literal is a number or boolean as it is written.
	literal
)

func (s scalar) append(out []byte, column int) []byte {
	if s.kind == literal {
		return append(out, s.text...)
	}
	return appendScalar(out, s.text, column)
}

var marshalerType = reflect.TypeFor[json.Marshaler]()

// resolve goes through pointers and interfaces, and says which scalar the value is, if it is one; an invalid value is
// nothing.
func resolve(v reflect.Value) (reflect.Value, scalar, error) {
	for v.IsValid() {
		switch {
		case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
			v = v.Elem()
			continue
		case v.Type().Implements(marshalerType):
			return marshaled(v.Interface().(json.Marshaler))
		case v.CanAddr() && reflect.PointerTo(v.Type()).Implements(marshalerType):
			return marshaled(v.Addr().Interface().(json.Marshaler))
		}
		switch v.Kind() {
		case reflect.String:
			return v, scalar{text, v.String()}, nil
		case reflect.Bool:
			return v, scalar{literal, strconv.FormatBool(v.Bool())}, nil
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return v, scalar{literal, strconv.FormatInt(v.Int(), 10)}, nil
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			return v, scalar{literal, strconv.FormatUint(v.Uint(), 10)}, nil
		case reflect.Map:
			if v.IsNil() {
				return reflect.Value{}, scalar{}, nil
			}
		case reflect.Slice:
			switch {
			case v.IsNil():
				return reflect.Value{}, scalar{}, nil
			case v.Type().Elem().Kind() == reflect.Uint8:
				return v, scalar{text, base64.StdEncoding.EncodeToString(v.Bytes())}, nil
			}
		}
		return v, scalar{}, nil
	}
	return v, scalar{}, nil
}

// marshaled is what a type prints that knows how: a quantity, a time, a number or text. None that is emitted prints more
// than one word.
func marshaled(m json.Marshaler) (reflect.Value, scalar, error) {
	data, err := m.MarshalJSON()
	switch {
	case err != nil:
		return reflect.Value{}, scalar{}, err
	case string(data) == "null":
		return reflect.Value{}, scalar{}, nil
	case data[0] == '{' || data[0] == '[':
		return reflect.Value{}, scalar{}, fmt.Errorf("%T prints itself as more than one word", m)
	case data[0] == '"':
		var word string
		err := json.Unmarshal(data, &word)
		return reflect.Value{}, scalar{text, word}, err
	}
	return reflect.Value{}, scalar{literal, string(data)}, nil
}

// isEmpty is what omitempty leaves out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero is what omitzero leaves out.
func isZero(v reflect.Value) bool {
	if v.CanAddr() {
		if zeroer, ok := v.Addr().Interface().(interface{ IsZero() bool }); ok {
			return zeroer.IsZero()
		}
	}
	return v.IsZero()
}

// field is one that a struct prints.
type field struct {
	name                string
	index               []int
	omitEmpty, omitZero bool
}

// fieldsOf are the fields that a struct prints, in their order.
func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldsByType.Load(t); ok {
		return known.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case name == "" && f.Anonymous && f.Type.Kind() == reflect.Struct:
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
		default:
			if name == "" {
				name = f.Name
			}
			fields = append(fields, field{name, []int{i}, strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero")})
		}
	}
	fieldsByType.Store(t, fields)
	return fields
}

// fieldsByType is what fieldsOf has found out, by reflect.Type.
var fieldsByType sync.Map
