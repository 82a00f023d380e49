// SPDX-License-Identifier: Apache-2.0

package podvalidation

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/jsonfield"
)

// stricter are errors about what the API server accepts in a Deployment, with the reason.
var stricter = map[string]string{
	"spec.*resources.* \\[MM025\\]": "a container without limits, or with a limit of 0 or of a few bytes, does not run well",
	"is set twice":                  "the operator uses the last of two variables of one name",
	"is negative; write 0 or more":  "the API server replaces a negative grace period",
	"is in labelSelector too":       "the API server adds the key to the selector of each pod, and then refuses the pods",
	"the server writes to":          "the server does not start",
}

// roots are the fields of a configuration that end in the pods.
var roots = []string{"pod", "env", "resources"}

// A mutation is a change of one value in the configuration.
type mutation struct {
	field string
	what  string
	apply func(config map[string]any)
}

// TestEveryField changes every value in a configuration that has all fields of pods, one at a time: removes it,
// replaces it by what its type allows, adds a field that is not there, repeats an element. Each time, the rules must
// refuse the configuration if and only if the API server refuses the Deployment that the operator makes of it.
func TestEveryField(t *testing.T) {
	text, err := os.ReadFile("testdata/all-fields.yaml")
	if err != nil {
		t.Fatal(err)
	}
	base := func() map[string]any {
		var config map[string]any
		if err := yaml.Unmarshal(text, &config); err != nil {
			t.Fatal(err)
		}
		return config
	}
	if wrong := compare(t, text); wrong != "" {
		t.Fatalf("the configuration itself: %s", wrong)
	}
	spec := base()["spec"].(map[string]any)
	m := &mutator{samples: map[reflect.Type][]any{}, seen: map[string]int{}}
	specType := reflect.TypeFor[v1alpha1.MattermostConfigSpec]()
	for _, field := range jsonfield.Of(specType) {
		if slices.Contains(roots, field.Name) {
			m.collect(spec[field.Name], specType.FieldByIndex(field.Index).Type)
		}
	}
	for _, field := range jsonfield.Of(specType) {
		if slices.Contains(roots, field.Name) {
			m.walk(spec[field.Name], specType.FieldByIndex(field.Index).Type, []any{"spec", field.Name})
		}
	}
	compared := 0
	for i, mutation := range m.mutations {
		if i%step() != 0 {
			continue
		}
		compared++
		config := base()
		mutation.apply(config)
		changed, err := yaml.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		wrong := compare(t, changed)
		if wrong != "" && !excused(wrong) {
			t.Errorf("%s %s: %s", mutation.field, mutation.what, wrong)
		}
	}
	t.Logf("%d of %d mutations", compared, len(m.mutations))
	if len(m.mutations) < 5000 {
		t.Errorf("only %d mutations", len(m.mutations))
	}
}

// step is 1 with all mutations, which take four minutes; without -full only every thirteenth is compared.
func step() int {
	if *full {
		return 1
	}
	return 13
}

var full = flag.Bool("full", false, "compare all mutations")

// excused reports whether a difference is one that is known.
func excused(wrong string) bool {
	if !strings.HasPrefix(wrong, "false alarm") {
		return false
	}
	for _, line := range strings.Split(wrong, "\n") {
		known := false
		for pattern := range stricter {
			known = known || regexp.MustCompile(pattern).MatchString(line)
		}
		if !known {
			return false
		}
	}
	return true
}

// compare returns how the verdicts differ; empty if they do not, or if there is nothing to compare.
func compare(t *testing.T, config []byte) string {
	t.Helper()
	deployment, err := Deployment(config)
	if errors.Is(err, errUndecodable) {
		return ""
	}
	if err == nil {
		err = Refused(deployment)
	}
	results, readErr := Results(config)
	if readErr != nil {
		t.Fatal(readErr)
	}
	var ours []string
	for _, r := range results {
		if r.Severity == fn.Error {
			ours = append(ours, r.String())
		}
	}
	switch {
	case err != nil && ours == nil:
		return fmt.Sprintf("missed: %v", err)
	case err == nil && ours != nil:
		return "false alarm: " + strings.Join(ours, "\n")
	}
	return ""
}

// mutator makes mutations of a configuration.
type mutator struct {
	samples   map[reflect.Type][]any
	seen      map[string]int
	mutations []mutation
}

var (
	quantityType    = reflect.TypeFor[resource.Quantity]()
	intOrStringType = reflect.TypeFor[intstr.IntOrString]()
)

// collect remembers values by their types.
func (m *mutator) collect(value any, kind reflect.Type) {
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if !slices.ContainsFunc(m.samples[kind], func(known any) bool { return reflect.DeepEqual(known, value) }) {
		m.samples[kind] = append(m.samples[kind], value)
	}
	switch content := value.(type) {
	case []any:
		for _, element := range content {
			m.collect(element, kind.Elem())
		}
	case map[string]any:
		if kind.Kind() != reflect.Struct {
			return
		}
		for _, field := range jsonfield.Of(kind) {
			if inner, given := content[field.Name]; given {
				m.collect(inner, kind.FieldByIndex(field.Index).Type)
			}
		}
	}
}

func (m *mutator) walk(value any, kind reflect.Type, path []any) {
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch content := value.(type) {
	case []any:
		for i, element := range content {
			m.walk(element, kind.Elem(), append(slices.Clone(path), i))
			m.set(path, "without element "+strconv.Itoa(i), slices.Delete(slices.Clone(content), i, i+1))
			m.set(path, "with element "+strconv.Itoa(i)+" twice", append(slices.Clone(content), element))
		}
	case map[string]any:
		if kind.Kind() == reflect.Map {
			m.entries(content, kind, path)
			return
		}
		for _, field := range jsonfield.Of(kind) {
			fieldKind := kind.FieldByIndex(field.Index).Type
			at := append(slices.Clone(path), field.Name)
			inner, given := content[field.Name]
			if given {
				m.walk(inner, fieldKind, at)
				without := maps.Clone(content)
				delete(without, field.Name)
				m.set(path, "without "+field.Name, without)
				continue
			}
			for _, candidate := range m.candidates(fieldKind, 2) {
				m.set(at, fmt.Sprintf("added: %v", candidate), candidate)
			}
		}
	default:
		for _, candidate := range m.candidates(kind, 2) {
			if !reflect.DeepEqual(candidate, value) {
				m.set(path, fmt.Sprintf("= %v", candidate), candidate)
			}
		}
	}
}

func (m *mutator) entries(content map[string]any, kind reflect.Type, path []any) {
	changed := func(what, key string, value any) {
		more := maps.Clone(content)
		more[key] = value
		m.set(path, what, more)
	}
	if kind.Elem() == quantityType {
		for _, name := range []string{"cpu", "memory", "ephemeral-storage", "hugepages-2Mi", "example.com/gpu", "disk",
			"requests.cpu", "kubernetes.io/batch-cpu", "example.com/a/b", "requests.example.com/gpu"} {
			for _, quantity := range []string{"-1", "0", "1m", "1", "2Mi", "1Gi", "64Gi"} {
				changed(name+" = "+quantity, name, quantity)
			}
		}
		return
	}
	for _, key := range []string{"example.com/key", "bad key", "-a", "", strings.Repeat("a", 64), "a/b/c", "UPPER"} {
		changed(fmt.Sprintf("with the key %q", key), key, "x")
	}
	for _, value := range []string{"", "bad value", "-a", strings.Repeat("a", 64), "UPPER", strings.Repeat("a", 300<<10)} {
		what := value
		if len(what) > 100 {
			what = "a long value"
		}
		changed(fmt.Sprintf("with %q", what), "example.com/key", value)
	}
	if path[len(path)-1] != "annotations" {
		return
	}
	for _, key := range []string{"container.apparmor.security.beta.kubernetes.io/mattermost",
		"container.apparmor.security.beta.kubernetes.io/wait-for-database",
		"container.apparmor.security.beta.kubernetes.io/nobody", "seccomp.security.alpha.kubernetes.io/pod",
		"container.seccomp.security.alpha.kubernetes.io/mattermost",
		"container.seccomp.security.alpha.kubernetes.io/wait-for-database",
		"container.seccomp.security.alpha.kubernetes.io/nobody"} {
		for _, value := range []string{"", "runtime/default", "docker/default", "unconfined", "localhost/a",
			"localhost/../a", "other"} {
			changed(fmt.Sprintf("%s = %q", key, value), key, value)
		}
	}
	for _, value := range []string{"", "1", "+1", "01", "-1", "99999999999", "x"} {
		changed("deletion cost "+value, "controller.kubernetes.io/pod-deletion-cost", value)
	}
	changed("mirror", "kubernetes.io/config.mirror", "x")
}

// candidates returns values of a type: good ones of the configuration, and bad ones.
func (m *mutator) candidates(kind reflect.Type, depth int) []any {
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if depth == 0 {
		return nil
	}
	candidates := slices.Clone(m.samples[kind])
	if len(candidates) > 12 && kind.Kind() != reflect.String {
		candidates = candidates[:12]
	}
	switch {
	case kind == quantityType:
		return []any{"-1", "0", "1m", "1", "1Ki", "3", "1Gi"}
	case kind == intOrStringType:
		return []any{-1, 0, 1, 65535, 65536, "http", "HTTP!", ""}
	case kind.Kind() == reflect.String && kind.PkgPath() != "":
		return append(candidates, "", "Bogus", "always")
	case kind.Kind() == reflect.String:
		return []any{"", "x", "Upper", "a b", "a/b", "/a", "../a", "..a", "a/../b", "-a", "a-", "a.b", "a_b", "1", "a=b",
			"10.0.0.1", "::1", "010.0.0.1", ".", "example.com", "example.com/a", "example.com:a", "v1", "metadata.name",
			"metadata.labels", "metadata.labels['a']", "metadata.labels['a b']", "metadata.annotations['A']", "spec.host",
			"status.podIP", "limits.cpu", "requests.hugepages-2Mi", strings.Repeat("a", 64), strings.Repeat("a", 254)}
	case kind.Kind() == reflect.Bool:
		return []any{true, false}
	case kind.Kind() == reflect.Int32 || kind.Kind() == reflect.Int64:
		numbers := []any{-1, 0, 1, 2, 30, 31, 100, 101, 511, 512, 600, 65535, 65536, 2147483647}
		if kind.Kind() == reflect.Int64 {
			numbers = append(numbers, int64(2147483648), int64(4294967296), int64(4294967297))
		}
		return numbers
	case kind.Kind() == reflect.Slice:
		candidates = append(candidates, []any{})
		for _, element := range m.candidates(kind.Elem(), depth-1) {
			candidates = append(candidates, []any{element})
		}
	case kind.Kind() == reflect.Struct:
		candidates = append(candidates, map[string]any{})
	case kind.Kind() == reflect.Map:
		candidates = append(candidates, map[string]any{}, map[string]any{"a": "b"})
	}
	return candidates
}

// places is how many values of one field are changed: of two env variables, but not of all.
const places = 2

func (m *mutator) set(path []any, what string, value any) {
	shape := regexp.MustCompile(`\[\d+\]`).ReplaceAllString(render(path), "") + what
	if m.seen[shape]++; m.seen[shape] > places {
		return
	}
	m.mutations = append(m.mutations, mutation{field: render(path), what: what, apply: func(config map[string]any) {
		var at any = config
		for _, step := range path[:len(path)-1] {
			switch step := step.(type) {
			case string:
				at = at.(map[string]any)[step]
			case int:
				at = at.([]any)[step]
			}
		}
		switch step := path[len(path)-1].(type) {
		case string:
			at.(map[string]any)[step] = value
		case int:
			at.([]any)[step] = value
		}
	}})
}

func render(path []any) string {
	var b strings.Builder
	for i, step := range path {
		switch step := step.(type) {
		case string:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		}
	}
	return b.String()
}
