// SPDX-License-Identifier: Apache-2.0

// Package jsonfield lists the fields of structs by the names that encoding/json gives them.
package jsonfield

import (
	"reflect"
	"strings"
	"sync"
)

// Field is a field of a struct, or of a struct that is embedded in it.
type Field struct {
	Name string
	// Index is the argument of reflect.Value.FieldByIndex.
	Index []int
	// OmitEmpty and OmitZero are options of the tag.
	OmitEmpty, OmitZero bool
}

// known caches the results of Of by reflect.Type.
var known sync.Map

// Of returns the fields of a struct in their order. The caller must not change them.
func Of(t reflect.Type) []Field {
	if fields, ok := known.Load(t); ok {
		return fields.([]Field)
	}
	var fields []Field
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case name == "" && field.Anonymous && field.Type.Kind() == reflect.Struct:
			for _, inner := range Of(field.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				fields = append(fields, inner)
			}
		default:
			if name == "" {
				name = field.Name
			}
			fields = append(fields, Field{
				name, []int{i}, strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero"),
			})
		}
	}
	known.Store(t, fields)
	return fields
}
