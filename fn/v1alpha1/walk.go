package v1alpha1

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Each calls visit for every T in the configuration's spec, such as every SecretValue, with its field path.
func Each[T any](config *MattermostConfig, visit func(field string, value *T)) {
	each(reflect.ValueOf(&config.Spec).Elem(), "spec", visit)
}

// EachExternal calls visit for every value that External Secrets fetches, those in groups of settings included, with the
// path of the field that holds the reference.
func EachExternal(config *MattermostConfig, visit func(field string, ref *ExternalRef)) {
	Each(config, func(field string, value *SecretValue) {
		if value.ExternalSecret != nil {
			visit(field, value.ExternalSecret)
		}
	})
	for _, given := range config.Spec.Settings.All() {
		if given.Value.ExternalSecret != nil {
			visit(given.Field, given.Value.ExternalSecret)
		}
	}
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
		if v.Type().PkgPath() != reflect.TypeFor[MattermostConfig]().PkgPath() {
			return // a Kubernetes type holds none of ours
		}
		for i := range v.NumField() {
			if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
				each(v.Field(i), field+"."+name, visit)
			}
		}
	}
}
