// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Each calls visit for every T in the configuration's spec, such as every SecretValue, with its field path.
func Each[T any](config *MattermostConfig, visit func(field string, value *T)) {
	each(reflect.ValueOf(&config.Spec).Elem(), "spec", visit)
}

func each[T any](v reflect.Value, field string, visit func(string, *T)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), field, visit)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			value := reflect.New(v.Type().Elem()).Elem() // a map's values have no address
			value.Set(v.MapIndex(key))
			each(value, field+"."+key.String(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), fmt.Sprintf("%s[%d]", field, i), visit)
		}
	case reflect.Struct:
		if value, ok := v.Addr().Interface().(*T); ok {
			visit(field, value)
		}
		for _, step := range stepsTo(v.Type(), reflect.TypeFor[T]()) {
			each(v.Field(step.index), field+step.name, visit)
		}
	}
}

// step is a field that stepsTo returns.
type step struct {
	index int
	// name is appended to the path; empty for an embedded field.
	name string
}

// steps caches the results of stepsTo by pair of types, since a walk through all fields takes longer than most rules.
var steps sync.Map

// stepsTo returns the fields of a struct that lead to the target type. Only types of this package are searched, since
// Kubernetes' types do not contain them.
func stepsTo(from, target reflect.Type) []step {
	if from.PkgPath() != reflect.TypeFor[MattermostConfig]().PkgPath() {
		return nil
	}
	key := [2]reflect.Type{from, target}
	if known, ok := steps.Load(key); ok {
		return known.([]step)
	}
	var found []step
	for i := range from.NumField() {
		name, _, _ := strings.Cut(from.Field(i).Tag.Get("json"), ",")
		element := from.Field(i).Type
		for element.Kind() == reflect.Pointer || element.Kind() == reflect.Slice || element.Kind() == reflect.Map {
			element = element.Elem()
		}
		leads := element == target || element.Kind() == reflect.Struct && len(stepsTo(element, target)) > 0
		switch {
		case !leads || name == "-":
		case name != "":
			found = append(found, step{i, "." + name})
		case from.Field(i).Anonymous:
			found = append(found, step{i, ""})
		}
	}
	steps.Store(key, found)
	return found
}
