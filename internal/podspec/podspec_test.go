// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/internal/jsonfield"
)

// emitted are the fields of the operator's resource that have a type of Kubernetes' pods.
type emitted struct {
	MattermostEnv []corev1.EnvVar      `json:"mattermostEnv"`
	Volumes       []corev1.Volume      `json:"volumes"`
	VolumeMounts  []corev1.VolumeMount `json:"volumeMounts"`
	Scheduling    struct {
		Resources   corev1.ResourceRequirements `json:"resources"`
		Affinity    corev1.Affinity             `json:"affinity"`
		Tolerations []corev1.Toleration         `json:"tolerations"`
	} `json:"scheduling"`
	PodTemplate struct {
		SecurityContext          corev1.PodSecurityContext `json:"securityContext"`
		ContainerSecurityContext corev1.SecurityContext    `json:"containerSecurityContext"`
	} `json:"podTemplate"`
	PodExtensions struct {
		InitContainers    []corev1.Container `json:"initContainers"`
		SidecarContainers []corev1.Container `json:"sidecarContainers"`
	} `json:"podExtensions"`
}

// patched are fields that only a patch of the Deployment sets.
type patched struct {
	HostAliases               []corev1.HostAlias
	DNSConfig                 corev1.PodDNSConfig
	TopologySpreadConstraints []corev1.TopologySpreadConstraint
	EnvFrom                   []corev1.EnvFromSource
	Lifecycle                 corev1.Lifecycle
}

// visit calls f for every type below t once.
func visit(t reflect.Type, seen map[reflect.Type]bool, f func(reflect.Type)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if seen[t] || slices.Contains(leaves, t) || t == reflect.TypeFor[corev1.EphemeralVolumeSource]() {
		return
	}
	seen[t] = true
	f(t)
	if t.Kind() == reflect.Struct {
		for _, field := range jsonfield.Of(t) {
			visit(t.FieldByIndex(field.Index).Type, seen, f)
		}
	}
}

// Every string type of a pod's fields has its values, or is known to have any.
func TestValuesAreKnown(t *testing.T) {
	// of volumes that the operator rejects
	ignored := []string{"AzureDataDiskCachingMode", "AzureDataDiskKind", "HostPathType"}
	var found []reflect.Type
	seen := map[reflect.Type]bool{}
	for _, root := range []reflect.Type{reflect.TypeFor[emitted](), reflect.TypeFor[patched]()} {
		visit(root, seen, func(t reflect.Type) {
			if t.Kind() == reflect.String && t.PkgPath() != "" {
				found = append(found, t)
			}
		})
	}
	for _, kind := range found {
		newer := []string{"HTTPProtocol", "GRPCProbeMode", "ContainerRestartRuleAction",
			"ContainerRestartRuleOnExitCodesOperator"}
		if _, known := allowedValues[kind]; !known && !slices.Contains(anyValue, kind) &&
			!slices.Contains(ignored, kind.Name()) && !slices.Contains(newer, kind.Name()) {
			t.Errorf("%s has no allowed values", kind)
		}
	}
	for kind := range allowedValues {
		if !slices.Contains(found, kind) {
			t.Errorf("%s is not reachable from a pod's fields", kind)
		}
	}
}

// schema is a part of a definition.
type schema struct {
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
}

// The fields that the operator's definition does not know are those of newerFields.
func TestNewerFieldsAreThoseOfTheDefinition(t *testing.T) {
	const file = "../../../shared/crds/mattermost/installation.mattermost.com_mattermosts.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("the operator's definition is not there: %v", err)
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema *schema `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(text, &definition); err != nil {
		t.Fatal(err)
	}
	got := map[reflect.Type][]string{}
	var compare func(reflect.Type, *schema, int)
	compare = func(kind reflect.Type, known *schema, depth int) {
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			if kind.Kind() == reflect.Slice && known.Items != nil {
				known = known.Items
			}
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Struct || slices.Contains(leaves, kind) ||
			kind == reflect.TypeFor[corev1.EphemeralVolumeSource]() {
			return
		}
		for _, field := range jsonfield.Of(kind) {
			inner := known.Properties[field.Name]
			switch {
			case inner != nil:
				compare(kind.FieldByIndex(field.Index).Type, inner, depth+1)
			case !slices.Contains(got[kind], field.Name):
				got[kind] = append(got[kind], field.Name)
			}
		}
	}
	compare(reflect.TypeFor[emitted](), definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"], 0)
	names := func(fields map[reflect.Type][]string) string {
		var lines []string
		for kind := range maps.Keys(fields) {
			slices.Sort(fields[kind])
			lines = append(lines, kind.Name()+": "+strings.Join(fields[kind], " "))
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	if got, want := names(got), names(newerFields); got != want {
		t.Errorf("the definition does not know\n%s\nwant\n%s", got, want)
	}
}
