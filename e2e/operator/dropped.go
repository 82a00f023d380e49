// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// newerFields are the fields of pods that Kubernetes got after v0.33.1 of k8s.io/api, with which the operator is built,
// by type: the difference between its types and those of v0.37.2. The operator drops them.
var newerFields = map[string][]string{
	"ClusterTrustBundleProjection":  {"user"},
	"ConfigMapVolumeSource":         {"defaultUser"},
	"Container":                     {"restartPolicyRules"},
	"DownwardAPIVolumeFile":         {"user"},
	"DownwardAPIVolumeSource":       {"defaultUser"},
	"EmptyDirVolumeSource":          {"mode"},
	"EnvVarSource":                  {"fileKeyRef"},
	"GRPCAction":                    {"mode"},
	"HTTPGetAction":                 {"protocol"},
	"KeyToPath":                     {"user"},
	"ProjectedVolumeSource":         {"defaultUser"},
	"SecretVolumeSource":            {"defaultUser"},
	"ServiceAccountTokenProjection": {"user"},
	"VolumeMount":                   {"bindMountOptions"},
	"VolumeProjection":              {"podCertificate"},
}

// dropped finds the fields below value that the operator drops.
func dropped(value reflect.Value, path *field.Path) (found []error) {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			return dropped(value.Elem(), path)
		}
	case reflect.Slice:
		for at := range value.Len() {
			found = append(found, dropped(value.Index(at), path.Index(at))...)
		}
	case reflect.Struct:
		newer := newerFields[value.Type().Name()]
		for at := range value.NumField() {
			in := value.Type().Field(at)
			name, _, _ := strings.Cut(in.Tag.Get("json"), ",")
			switch {
			case !in.IsExported() || value.Field(at).IsZero():
			case name == "": // embedded
				found = append(found, dropped(value.Field(at), path)...)
			case slices.Contains(newer, name):
				found = append(found, fmt.Errorf("%s: the operator drops it", path.Child(name)))
			default:
				found = append(found, dropped(value.Field(at), path.Child(name))...)
			}
		}
	}
	return found
}
