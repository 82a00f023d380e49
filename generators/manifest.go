// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/internal/jsonfield"
)

// Manifest encodes a typed object as YAML: apiVersion, kind and metadata first, then the fields in the order of their
// type. It omits what a type encodes but a manifest must not contain: status, nulls, and empty structs that have no
// omitempty.
//
// The result has the same content as that of encoding/json, which a test compares for all emitted objects.
// encoding/json itself is slower: it analyzes every reachable type before it encodes the first object, and its JSON
// would have to be parsed and encoded again as YAML.
func Manifest(object Object) ([]byte, error) {
	w := &manifestWriter{out: make([]byte, 0, 4096)}
	err := w.topLevel(reflect.ValueOf(object).Elem())
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GetObjectKind().GroupVersionKind().Kind, object.GetName(), err)
	}
	return w.out, nil
}

// manifestWriter appends YAML to out. A column is that of the key or dash that a value belongs to.
type manifestWriter struct {
	out []byte
}

// emptyStructs lists the fields whose Go type is a struct without omitempty, and that have no meaning when empty. Other
// empty mappings have a meaning: emptyDir, podSelector, the spec of an AuthorizationPolicy.
var emptyStructs = map[string]bool{"status": true, "resources": true, "updateStrategy": true, "ca": true, "cert": true}

// topLevel writes the object. Go's TypeMeta has kind before apiVersion.
func (w *manifestWriter) topLevel(object reflect.Value) error {
	fields := slices.DeleteFunc(slices.Clone(jsonfield.Of(object.Type())),
		func(f jsonfield.Field) bool { return f.Name == "status" })
	rank := map[string]int{"apiVersion": -3, "kind": -2, "metadata": -1}
	slices.SortStableFunc(fields, func(a, b jsonfield.Field) int { return rank[a.Name] - rank[b.Name] })
	_, err := w.structure(object, fields, 0)
	return err
}

// structure writes the encoded fields of a struct, and reports whether there are any.
func (w *manifestWriter) structure(v reflect.Value, fields []jsonfield.Field, column int) (filled bool, err error) {
	for _, field := range fields {
		value := v.FieldByIndex(field.Index)
		if field.OmitEmpty && isEmpty(value) || field.OmitZero && isZero(value) {
			continue
		}
		written, err := w.field(field.Name, value, column)
		if err != nil {
			return false, err
		}
		filled = filled || written
	}
	return filled, nil
}

// mapping writes a map in the order of its keys, and reports whether it has any entries.
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

// field writes one field, unless it has no value, and reports whether it wrote it.
func (w *manifestWriter) field(name string, v reflect.Value, column int) (written bool, err error) {
	begin := len(w.out)
	w.out = append(appendKey(appendSpaces(w.out, column), name), ':')
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
		return w.structure(v, jsonfield.Of(v.Type()), column)
	case reflect.Map:
		return w.mapping(v, column)
	}
	return false, fmt.Errorf("cannot encode a %s", v.Type())
}

// elements writes the elements of a list, and reports whether there are any. It omits nulls, since kustomize rejects a
// null in any list.
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
		w.out = append(appendSpaces(w.out, column), '-', ' ')
		begin := len(w.out)
		var nonEmpty bool
		var empty string
		switch {
		case scalar.kind != noScalar:
			w.out = append(scalar.append(w.out, column), '\n')
			continue
		case element.Kind() == reflect.Slice || element.Kind() == reflect.Array:
			nonEmpty, err = w.elements(element, column+2)
			empty = "[]\n"
		default:
			nonEmpty, err = w.fields(element, column+2)
			empty = "{}\n"
		}
		switch {
		case err != nil:
			return false, err
		case nonEmpty: // the dash replaces the indentation of the first line
			w.out = append(w.out[:begin], w.out[begin+column+2:]...)
		default:
			w.out = append(w.out[:begin], empty...)
		}
	}
	return filled, nil
}

// scalar is the value of a YAML scalar.
type scalar struct {
	kind  scalarKind
	value string
}

type scalarKind int

const (
	noScalar scalarKind = iota
	// stringScalar is a string, which may need quotes.
	stringScalar
	// literalScalar is a number or boolean, encoded as it is.
	literalScalar
)

func (s scalar) append(out []byte, column int) []byte {
	if s.kind == literalScalar {
		return append(out, s.value...)
	}
	return appendScalar(out, s.value, column)
}

var marshalerType = reflect.TypeFor[json.Marshaler]()

// resolve follows pointers and interfaces to the value, and returns its scalar if it is one. The returned value is
// invalid if there is no value.
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
			return v, scalar{stringScalar, v.String()}, nil
		case reflect.Bool:
			return v, scalar{literalScalar, strconv.FormatBool(v.Bool())}, nil
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return v, scalar{literalScalar, strconv.FormatInt(v.Int(), 10)}, nil
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			return v, scalar{literalScalar, strconv.FormatUint(v.Uint(), 10)}, nil
		case reflect.Map:
			if v.IsNil() {
				return reflect.Value{}, scalar{}, nil
			}
		case reflect.Slice:
			switch {
			case v.IsNil():
				return reflect.Value{}, scalar{}, nil
			case v.Type().Elem().Kind() == reflect.Uint8:
				return v, scalar{stringScalar, base64.StdEncoding.EncodeToString(v.Bytes())}, nil
			}
		}
		return v, scalar{}, nil
	}
	return v, scalar{}, nil
}

// marshaled returns the scalar of a type with its own JSON encoding, such as a quantity, a time, or a number or string.
// No emitted type of this kind encodes itself as an object or a list.
func marshaled(m json.Marshaler) (reflect.Value, scalar, error) {
	data, err := m.MarshalJSON()
	switch {
	case err != nil:
		return reflect.Value{}, scalar{}, err
	case string(data) == "null":
		return reflect.Value{}, scalar{}, nil
	case data[0] == '{' || data[0] == '[':
		return reflect.Value{}, scalar{}, fmt.Errorf("%T encodes itself as an object or a list", m)
	case data[0] == '"':
		var value string
		err := json.Unmarshal(data, &value)
		return reflect.Value{}, scalar{stringScalar, value}, err
	}
	return reflect.Value{}, scalar{literalScalar, string(data)}, nil
}

// isEmpty reports whether omitempty omits the value.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero reports whether omitzero omits the value.
func isZero(v reflect.Value) bool {
	if v.CanAddr() {
		if zeroer, ok := v.Addr().Interface().(interface{ IsZero() bool }); ok {
			return zeroer.IsZero()
		}
	}
	return v.IsZero()
}
