// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// sample is an object that is not a Kubernetes kind. Its spec can have any value.
type sample struct {
	Status          map[string]int `json:"status"`
	metav1.TypeMeta `json:",inline"`
	Spec            any `json:"spec,omitempty"`
	*metav1.ObjectMeta
}

// number has its own JSON encoding.
type number struct {
	json string
	err  error
}

func (n number) MarshalJSON() ([]byte, error) { return []byte(n.json), n.err }

func TestManifest(t *testing.T) {
	for _, test := range []struct {
		name   string
		object Object
		want   string
	}{
		{
			"apiVersion, kind and metadata first, then the type's own order; no creationTimestamp, no status",
			&corev1.Pod{TypeMeta: typeMeta("v1", "Pod"), ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "b"},
				Spec: corev1.PodSpec{
					Volumes: []corev1.Volume{{Name: "v",
						VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
					Containers: []corev1.Container{{Name: "c"}},
				}}, `apiVersion: v1
kind: Pod
metadata:
  name: a
  namespace: b
spec:
  volumes:
  - name: v
    emptyDir: {}
  containers:
  - name: c
`,
		},
		{
			"an empty selector, which selects everything, is kept",
			&networkingv1.NetworkPolicy{TypeMeta: typeMeta("networking.k8s.io/v1", "NetworkPolicy"),
				ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: networkingv1.NetworkPolicySpec{
					Ingress: []networkingv1.NetworkPolicyIngressRule{{}},
				}}, `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: a
spec:
  podSelector: {}
  ingress:
  - {}
`,
		},
		{
			"nulls are omitted, in lists too; empty lists are kept",
			&sample{Status: map[string]int{"x": 1}, TypeMeta: typeMeta("v1", "A"), Spec: map[string]any{
				"a": nil, "b": []any{nil, 1, map[string]any{"c": nil}, []int{}, [][]string{{"x", "y"}}, (*int)(nil)}, "d": []int{},
				"e": struct{}{}, "resources": struct{}{}, "f": []int(nil),
			}}, `apiVersion: v1
kind: A
spec:
  b:
  - 1
  - {}
  - []
  - - - x
      - "y"
  d: []
  e: {}
`,
		},
		{
			"numbers and booleans are unchanged",
			&sample{Spec: map[string]any{
				"a": int64(9007199254740993), "b": number{json: "1.50"}, "c": true, "d": "true", "e": "1", "f": -1, "g": uint8(3),
				"h": number{json: `"a\u00e9"`}, "i": number{json: "null"}, "j": []byte("x"),
				"k": map[int32]string{10: "ten", 9: "nine"},
			}}, `spec:
  a: 9007199254740993
  b: 1.50
  c: true
  d: "true"
  e: "1"
  f: -1
  g: 3
  h: aé
  j: eA==
  k:
    "10": ten
    "9": nine
`,
		},
		{
			"strings that YAML 1.1 parses as another type, as a value and as a name",
			&sample{Spec: map[string]string{"a": "yes", "b": "On", "y": "n", "d": "OFF", "e": "0755", "f": "1e3", "g": "null",
				"h": "2026-01-01", "i": "<<", "j": ""}}, `spec:
  a: "yes"
  b: "On"
  d: "OFF"
  e: "0755"
  f: "1e3"
  g: "null"
  h: "2026-01-01"
  i: "<<"
  j: ""
  "y": "n"
`,
		},
		{
			"characters that JSON would escape",
			&sample{Spec: []string{"<&>", "one\ntwo\n"}}, `spec:
- <&>
- |
  one
  two
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := manifest(t, test.object); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestManifestFails(t *testing.T) {
	for want, value := range map[string]any{
		"ConfigMap chat: spec: a: broken": map[string]number{
			"a": {err: errors.New("broken")}},
		"ConfigMap chat: spec: generators.number encodes itself as an object or a list": []number{{json: "{}"}},
		"ConfigMap chat: spec: cannot encode a func()":                                  func() {},
	} {
		named := &sample{TypeMeta: typeMeta("v1", "ConfigMap"), ObjectMeta: &metav1.ObjectMeta{Name: "chat"}, Spec: value}
		if _, err := Manifest(named); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

// Every manifest has the same content as the encoding of encoding/json, except for what a manifest must not contain.
func TestManifestMatchesJSON(t *testing.T) {
	for name, spec := range specs {
		for _, object := range Generate(planOf(t, spec)) {
			data, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			var want, got map[string]any
			if err := errors.Join(json.Unmarshal(data, &want), yaml.Unmarshal([]byte(manifest(t, object)), &got)); err != nil {
				t.Fatal(err)
			}
			delete(want, "status")
			wantJSON, _ := json.Marshal(withoutEmpty(want))
			gotJSON, _ := json.Marshal(got)
			if string(gotJSON) != string(wantJSON) {
				kind := object.GetObjectKind().GroupVersionKind().Kind
				t.Errorf("%s: %s %s: got\n%s\nencoding/json\n%s", name, kind, object.GetName(), gotJSON, wantJSON)
			}
		}
	}
}

// Each of the omitted empty structs occurs in an emitted object. Otherwise it could be removed unnoticed from an object
// in which it has a meaning.
func TestEmptyStructsAreEmitted(t *testing.T) {
	emitted := map[string]bool{}
	for _, spec := range append(slices.Collect(maps.Values(specs)),
		`{domain: example.com, pod: {initContainers: [{name: wait, image: example.com/wait:1}]}}`,
		`{domain: example.com, enterprise: {enabled: true, license: x}, monitoring: {enabled: true, serviceMonitor: `+
			`{scheme: https, tlsConfig: {insecureSkipVerify: true}}}}`,
	) {
		for _, object := range Generate(planOf(t, spec)) {
			data, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			var content map[string]any
			if err := json.Unmarshal(data, &content); err != nil {
				t.Fatal(err)
			}
			delete(content, "status") // omitted because of its name
			findEmpty(content, emitted)
		}
	}
	for name := range emptyStructs {
		if !emitted[name] {
			t.Errorf("no object has an empty %s", name)
		}
	}
}

// findEmpty adds the names of all empty mappings to names, and reports whether the value is empty.
func findEmpty(value any, names map[string]bool) (empty bool) {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		empty = true
		for name, inner := range value {
			if !findEmpty(inner, names) {
				empty = false
			} else if inner != nil {
				names[name] = true
			}
		}
	case []any:
		for _, inner := range value {
			findEmpty(inner, names)
		}
	}
	return empty
}

// withoutEmpty removes the values that a manifest omits.
func withoutEmpty(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			value[key] = withoutEmpty(inner)
			if mapping, ok := value[key].(map[string]any); value[key] == nil || ok && len(mapping) == 0 && emptyStructs[key] {
				delete(value, key)
			}
		}
	case []any:
		for i := range value {
			value[i] = withoutEmpty(value[i])
		}
		return slices.DeleteFunc(value, func(v any) bool { return v == nil })
	}
	return value
}

// Every string is unchanged after YAML is parsed as version 1.2 or 1.1, at any depth.
func FuzzManifestString(f *testing.F) {
	for _, seed := range []string{
		"", " ", "\n", "\n\n", "a\n", "\na", " a\nb", "a\n b\n", "a \nb", "\ta\nb", "a\tb\n", "yes", "-", "?", ": ", "#",
		"a #b", "a: b", "|", "- a\n- b\n",
		"\"", "'", "\\", "%", "@", "`", "{a}", "[a]", "&a", "*a", "!a", "<<", "=", "~", "0o7", "0x1f", "--a", "---", "--5",
		"1.2.3", "1.2", "10Gi", "1e5", "1e5a", "12345678901234567890", "2026-01-01T00:00:00Z", "12:30:00", "10.0.0.0/8",
		"a, b", "a:", "'a'", "{a} b", "0s", "-c", "/a #b", "1_000", "1:30", ".inf", "2026-01-01", "\u0085", "\u2028",
		"a\nb\u2028c\n", "a\u2029b", "😀", "a\r\nb", "\ufeff",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", strings.Repeat("long ", 100),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		value = strings.ToValidUTF8(value, "") // a parsed YAML document is valid UTF-8
		object := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"a": value}},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Args: []string{value, "x"},
				Env: []corev1.EnvVar{{Value: value}}}}},
		}
		node := manifestNode(t, object)
		checkQuoted(t, node.YNode())
		var out bytes.Buffer
		if err := yaml.NewEncoder(&out).Encode(map[string][]*yaml.Node{"items": {node.YNode(), node.YNode()}}); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Items []struct {
				Metadata struct{ Annotations map[string]string }
				Spec     struct {
					Containers []struct {
						Args []string
						Env  []struct{ Value string }
					}
				}
			}
		}
		if err := yaml.Unmarshal(out.Bytes(), &read); err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		var named struct {
			Metadata struct{ Labels map[string]string }
		}
		name := manifest(t, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{value: "b"}}})
		if err := yaml.Unmarshal([]byte(name), &named); err != nil && len(value) < 1000 || err == nil &&
			named.Metadata.Labels[value] != "b" {
			t.Errorf("%v: the name %q became\n%s", err, value, name)
		}
		for _, item := range read.Items {
			env := ""
			if value != "" {
				env = item.Spec.Containers[0].Env[0].Value
			}
			if item.Metadata.Annotations["a"] != value || item.Spec.Containers[0].Args[0] != value || env != value {
				t.Errorf("%q became\n%s", value, out.String())
			}
		}
	})
}

// checkQuoted fails the test for a string without quotes that YAML 1.1, which kubectl uses, parses as another type.
func checkQuoted(t *testing.T, node *yaml.Node) {
	t.Helper()
	for _, child := range node.Content {
		checkQuoted(t, child)
	}
	if node.Kind != yaml.ScalarNode || node.Tag != yaml.NodeTagString || node.Style != 0 {
		return
	}
	var read yaml.Node // the encoder quotes strings that YAML 1.2 parses as another type
	if yaml.Unmarshal([]byte(node.Value), &read) == nil && len(read.Content) == 1 &&
		read.Content[0].ShortTag() == yaml.NodeTagString &&
		read.Content[0].Value == node.Value && yaml.IsValueNonString(node.Value) {
		t.Errorf("%q is not quoted", node.Value)
	}
}
