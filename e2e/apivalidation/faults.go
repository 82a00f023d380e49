// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"regexp"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// fault describes what is wrong with one field of an object.
type fault struct{ field, message string }

// The strict decoder puts the field's path into its text: unknown field "spec.replica".
var strictText = regexp.MustCompile(`^(unknown field|duplicate field) "(.*)"$`)

func faultsOfDecoding(err error) []fault {
	strict, ok := runtime.AsStrictDecodingError(err)
	if !ok {
		return []fault{{message: err.Error()}}
	}
	var faults []fault
	for _, err := range strict.Errors() {
		if m := strictText.FindStringSubmatch(err.Error()); m != nil {
			faults = append(faults, fault{field: m[2], message: m[1]})
			continue
		}
		faults = append(faults, fault{message: err.Error()})
	}
	return faults
}

func faultsOfValidation(errs field.ErrorList) []fault {
	var faults []fault
	for _, err := range errs {
		path := err.Field
		if path == "<nil>" {
			path = ""
		}
		faults = append(faults, fault{field: path, message: err.ErrorBody()})
	}
	return faults
}
