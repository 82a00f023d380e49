// SPDX-License-Identifier: Apache-2.0

// Package podspec finds what the API server rejects in the parts of a pod that a configuration contains. The operator
// creates the Deployment, so only the operator's log shows such an error (mattermost-operator 1.25.9).
//
// The rules are those of Kubernetes 1.37 (pkg/apis/core/validation), whose code is too large for this program;
// e2e/podvalidation compares the two.
package podspec

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"bigbang.dev/mattermost-fn/internal/jsonfield"
)

// Report receives one problem: the path of the field, and what is wrong with it.
type Report func(field, format string, args ...any)

// reporter collects problems of a part of a pod.
type reporter struct {
	report Report
	// warn receives fields that older definitions of the operator do not know; nil for nobody.
	warn Report
}

func (r *reporter) errorf(field, format string, args ...any) { r.report(field, format, args...) }

// Check reports what the API server rejects in the value that the pointer refers to, and in everything below it, as far
// as that does not depend on other parts of the pod.
func Check(field string, pointer any, report Report) {
	(&reporter{report: report}).walk(field, reflect.ValueOf(pointer))
}

// Known reports the fields in the value that the pointer refers to, and below it, that older definitions of the
// operator do not know.
func Known(field string, pointer any, warn Report) {
	r := &reporter{report: func(string, string, ...any) {}, warn: warn}
	r.walk(field, reflect.ValueOf(pointer))
}

// consequence describes what happens without a field, if that is not obvious.
func consequence(field string) string {
	if field == "restartPolicy" {
		return ", and the pod waits for the init container to end"
	}
	return ""
}

// leaves are types without fields of their own.
var leaves = []reflect.Type{
	reflect.TypeFor[resource.Quantity](), reflect.TypeFor[intstr.IntOrString](), reflect.TypeFor[metav1.Time](),
}

func (r *reporter) walk(field string, value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return
		}
		if allowed, limited := allowedValues[value.Type().Elem()]; limited && value.Elem().String() == "" {
			r.errorf(field, "%q must be one of %s", "", strings.Join(allowed, ", "))
		}
		r.walk(field, value.Elem())
	case reflect.Slice:
		for i := range value.Len() {
			r.walk(index(field, i), value.Index(i))
		}
	case reflect.String:
		r.value(field, value)
	case reflect.Struct:
		if slices.Contains(leaves, value.Type()) {
			return
		}
		if check := checks[value.Type()]; check != nil {
			check(r, field, value.Addr().Interface())
		}
		newer := newerFields[value.Type()]
		for _, f := range jsonfield.Of(value.Type()) {
			inner := value.FieldByIndex(f.Index)
			if !isEmpty(inner) && r.warn != nil && slices.Contains(olderDefinition[value.Type()], f.Name) {
				r.warn(field+"."+f.Name, "is not known to the definition in the operator's install bundles up to 1.25.7, which "+
					"Big Bang's operator package copies: the API server then drops it%s. Use the definition of 1.25.8 or later",
					consequence(f.Name))
			}
			switch {
			case isEmpty(inner):
			case slices.Contains(newer, f.Name):
				r.errorf(field+"."+f.Name, "is newer than the operator %s, which drops it without a message; remove it",
					operatorVersion)
			default:
				r.walk(field+"."+f.Name, inner)
			}
		}
	}
}

// isEmpty reports whether a field has no value. A struct is checked even without values: some of them are required.
func isEmpty(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Slice, reflect.Map:
		return value.Len() == 0
	case reflect.Struct:
		return false
	}
	return value.IsZero()
}

// value checks a string whose type allows only some values.
func (r *reporter) value(field string, value reflect.Value) {
	allowed, limited := allowedValues[value.Type()]
	if limited && value.String() != "" && !slices.Contains(allowed, value.String()) {
		r.errorf(field, "%q must be one of %s", value.String(), strings.Join(allowed, ", "))
	}
}

// checks contains what a type requires of its own fields.
var checks = map[reflect.Type]func(r *reporter, field string, pointer any){}

// register adds the check of a type. It is called while the package is initialized.
func register[T any](check func(r *reporter, field string, value *T)) bool {
	checks[reflect.TypeFor[T]()] = func(r *reporter, field string, pointer any) { check(r, field, pointer.(*T)) }
	return true
}

// index returns the path of an element.
func index(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

// entry returns the path of an entry of a mapping.
func entry(field, key string) string {
	if strings.ContainsAny(key, ".[]/ ") {
		return field + "[" + key + "]"
	}
	return field + "." + key
}

// exactlyOne reports a mapping that has not exactly one of its fields.
func (r *reporter) exactlyOne(field string, names string, set ...bool) {
	if n := count(set); n != 1 {
		r.errorf(field, "must have exactly one of %s, got %d of them", names, n)
	}
}

func count(set []bool) int {
	n := 0
	for _, one := range set {
		if one {
			n++
		}
	}
	return n
}

// required reports an empty string.
func (r *reporter) required(field, value, example string) bool {
	if value == "" {
		r.errorf(field, "is required, such as %s", example)
	}
	return value != ""
}
