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

// step is a field of a struct.
type step struct {
	index int
	// name is what it adds to the path: nothing where it is embedded.
	name string
}

// steps are what stepsTo has found out, by pairs of types. A walk through all fields takes longer than most rules.
var steps sync.Map

// stepsTo are the fields of a struct of ours on the way to a wanted type. A Kubernetes type holds none of ours.
func stepsTo(of, wanted reflect.Type) []step {
	if of.PkgPath() != reflect.TypeFor[MattermostConfig]().PkgPath() {
		return nil
	}
	key := [2]reflect.Type{of, wanted}
	if known, ok := steps.Load(key); ok {
		return known.([]step)
	}
	var found []step
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		held := of.Field(i).Type
		for held.Kind() == reflect.Pointer || held.Kind() == reflect.Slice || held.Kind() == reflect.Map {
			held = held.Elem()
		}
		leads := held == wanted || held.Kind() == reflect.Struct && len(stepsTo(held, wanted)) > 0
		switch {
		case !leads || name == "-":
		case name != "":
			found = append(found, step{i, "." + name})
		case of.Field(i).Anonymous:
			found = append(found, step{i, ""})
		}
	}
	steps.Store(key, found)
	return found
}
