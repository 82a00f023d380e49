// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/fntest"
)

// read decodes a configuration and returns the problems, one "line: path: message" per line.
func read(t testing.TB, text string) (*v1alpha1.MattermostConfig, Lines, string) {
	t.Helper()
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	config := &v1alpha1.MattermostConfig{}
	lines, problems := Strict(node.YNode(), config)
	var messages strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&messages, "%d: %s: %s\n", p.Line, p.Path, p.Message)
	}
	return config, lines, messages.String()
}

func TestProblems(t *testing.T) {
	for _, test := range []struct{ name, yaml, want string }{
		{"no problem", `
spec: {domain: example.com, replicas: 2}
`, ``},
		{"an unknown field with a similar name", `
spec:
  domain: example.com
  databse: {host: db}
`, `
4: spec.databse: unknown field; did you mean database?
`},
		{"an unknown field without a similar name", `
spec:
  sso: {ca: {color: red}}
`, `
3: spec.sso.ca.color: unknown field; must be one of configMapKeyRef, pem, secretKeyRef
`},
		{"an unknown field inside a Kubernetes type", `
spec:
  pod:
    tolerations:
    - {key: a, opertor: Exists}
`, `
5: spec.pod.tolerations[0].opertor: unknown field; did you mean operator?
`},
		{"an unknown field outside the spec", `
metadata: {name: chat, label: {a: b}}
status: {}
`, `
2: metadata.label: unknown field; did you mean labels?
3: status: unknown field; must be one of apiVersion, kind, metadata, spec
`},
		{"Big Bang's spelling", `
spec:
  sso: {client_id: chat, issuer_url: "https://login.example.com"}
  database: {ssl_mode: require}
`, `
3: spec.sso.client_id: unknown field; for Big Bang's client_id use clientID
3: spec.sso.issuer_url: unknown field; for Big Bang's issuer_url use issuerURL
4: spec.database.ssl_mode: unknown field; for Big Bang's ssl_mode use sslMode
`},
		{"Big Bang's own names", `
spec:
  replicaCount: 2
  image: {tag: "11.10.0"}
  updateJob: {disabled: true}
`, `
3: spec.replicaCount: unknown field; for Big Bang's replicaCount use spec.replicas
4: spec.image.tag: unknown field; for Big Bang's tag use spec.version
5: spec.updateJob: unknown field, which is not needed: the operator's update job is always off, as it never ends in a mesh
`},
		{"duplicate fields", `
spec:
  replicas: 1
  replicas: 2
  pod: {labels: {a: b, a: c}}
`, `
4: spec.replicas: duplicate field; keep one of the two
5: spec.pod.labels.a: duplicate field; keep one of the two
`},
		{"other values instead of fields, which may be secrets", `
spec:
  database: postgres://mattermost:hunter2@db/mattermost
  enterprise: eyJodW50ZXIyIjo=
  env: {MM_A: hunter2}
  pod: {labels: [a]}
  image: 5
`, `
3: spec.database: expected a mapping of fields (ca, database, existingSecret, host, inCluster, parameters, password, port, readReplicas, sslMode, username, waitImage), got a string
4: spec.enterprise: expected a mapping of fields (enabled, license, verify), got a string
5: spec.env: expected a list, got a mapping; write each element on a separate line that begins with "- "
6: spec.pod.labels: expected a mapping of names to values, got a list; write for example {name: value}
7: spec.image: expected a mapping of fields (digest, pullPolicy, pullSecrets, repository), got a number
`},
		{"an empty element", `
spec:
  route:
    gateways:
    - a/b
    -
`, `
6: spec.route.gateways[1]: empty element; remove it or set a value
`},
		{"a field name that is not a string", `
spec:
  [a, b]: c
`, `
3: spec: a field name must be a string
`},
		{"all problems at once, in the order of the file", `
spec:
  domian: example.com
  replicas: two
  sso: {enabled: "yes"}
`, `
3: spec.domian: unknown field; did you mean domain?
4: spec.replicas: expected an integer, got the string "two"; write a number, such as 3
5: spec.sso.enabled: expected true or false without quotes, got the string "yes"
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, _, got := read(t, test.yaml); got != strings.TrimPrefix(test.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, test.want)
			}
		})
	}
}

// Scalars of all types in fields of all types, as kpt sends them (the bytes of the file) and as kustomize sends them
// (converted to JSON). A value that the two read differently is rejected at least in the form that kpt sends.
func TestScalars(t *testing.T) {
	const (
		str      = "domain"
		boolean  = "enterprise.enabled"
		integer  = "replicas"
		quantity = "database.inCluster.storage.size"
		intstr   = "pod.initContainers[0].readinessProbe.httpGet.port"
	)
	for _, test := range []struct {
		field, value string
		// kpt and kustomize contain the decoded value, or "!" and the message.
		kpt, kustomize string
	}{
		{str, `chat`, `chat`, `chat`},
		{str, `"10.10"`, `10.10`, `10.10`},
		{str, `10.10`, `!expected a string, got the number 10.10; quote it as it is in the file, such as "10.10" ` +
			`(kustomize drops a zero at the end of a number)`,
			`!expected a string, got the number 10.1; quote it as it is in the file, such as "10.1" ` +
				`(kustomize drops a zero at the end of a number)`},
		{str, `11`, `!expected a string, got the number 11; quote it ("11")`,
			`!expected a string, got the number 11; quote it ("11")`},
		{str, `0123`, `!expected a string, got the number 0123; quote it ("0123")`,
			`!expected a string, got the number 83; quote it ("83")`},
		{str, `1e3`, `!expected a string, got the number 1e3; quote it ("1e3")`,
			`!expected a string, got the number 1000; quote it ("1000")`},
		{str, `.inf`, `!expected a string, got the number .inf; quote it (".inf")`, ``},
		{str, `true`, `!expected a string, got the boolean true; quote it ("true")`,
			`!expected a string, got the boolean true; quote it ("true")`},
		{str, `no`, `no`, `no`},
		{str, `on`, `on`, `on`},
		{str, `yes`, `yes`, `yes`},
		{str, `2024-01-01`, `!expected a string, got the date 2024-01-01; quote it ("2024-01-01")`, `2024-01-01T00:00:00Z`},
		{str, `{a: b}`, `!expected a string, got a mapping; write one in quotes, such as domain: "text"`,
			`!expected a string, got a mapping; write one in quotes, such as domain: "text"`},
		{str, `[a]`, `!expected a string, got a list; write one in quotes, such as domain: "text"`,
			`!expected a string, got a list; write one in quotes, such as domain: "text"`},
		{str, `!!str 10.10`, `10.10`, `10.10`},
		{str, `null`, ``, ``},
		{str, `~`, ``, ``},
		{str, ``, ``, ``},

		{boolean, `true`, `true`, `true`},
		{boolean, `True`, `true`, `true`},
		{boolean, `false`, `false`, `false`},
		{boolean, `yes`, `!expected true or false without quotes, got the string "yes"`,
			`!expected true or false without quotes, got the string "yes"`},
		{boolean, `on`, `!expected true or false without quotes, got the string "on"`,
			`!expected true or false without quotes, got the string "on"`},
		{boolean, `"true"`, `!expected true or false without quotes, got the string "true"`,
			`!expected true or false without quotes, got the string "true"`},
		{boolean, `1`, `!expected true or false without quotes, got the number 1`,
			`!expected true or false without quotes, got the number 1`},
		{boolean, `!!bool yes`, `!expected true or false without quotes, got the boolean yes`, ``},
		{boolean, `[true]`, `!expected true or false without quotes, got a list`,
			`!expected true or false without quotes, got a list`},
		{boolean, `null`, `false`, `false`},

		{integer, `3`, `3`, `3`},
		{integer, `-3`, `-3`, `-3`},
		{integer, `"3"`, `!expected an integer without quotes, got the string "3"`,
			`!expected an integer without quotes, got the string "3"`},
		{integer, `3.0`, `!expected an integer without quotes, got the number 3.0`, `3`},
		{integer, `1e3`, `!expected an integer without quotes, got the number 1e3`, `1000`},
		{integer, `0123`, `!expected a decimal integer of at most 32 bits, got the number 0123`, `83`},
		{integer, `0o17`, `!expected a decimal integer of at most 32 bits, got the number 0o17`, `15`},
		{integer, `0xFF`, `!expected a decimal integer of at most 32 bits, got the number 0xFF`, `255`},
		{integer, `1_000`, `!expected a decimal integer of at most 32 bits, got the number 1_000`, `1000`},
		{integer, `2147483648`, `!expected a decimal integer of at most 32 bits, got the number 2147483648`,
			`!expected a decimal integer of at most 32 bits, got the number 2147483648`},
		{integer, `9007199254740993`, `!expected a decimal integer of at most 32 bits, got the number 9007199254740993`,
			`!expected a decimal integer of at most 32 bits, got the number 9007199254740993`},
		{integer, `two`, `!expected an integer, got the string "two"; write a number, such as 3`,
			`!expected an integer, got the string "two"; write a number, such as 3`},
		{integer, `{}`, `!expected an integer without quotes, got a mapping`,
			`!expected an integer without quotes, got a mapping`},
		{integer, `null`, `<nil>`, `<nil>`},

		{quantity, `10Gi`, `10Gi`, `10Gi`},
		{quantity, `10`, `10`, `10`},
		{quantity, `1.5`, `1500m`, `1500m`},
		{quantity, `1e3`, `1e3`, `1k`},
		{quantity, `"1024Mi"`, `1Gi`, `1Gi`},
		{quantity, `ten`, `!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "ten"`,
			`!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "ten"`},
		{quantity, `10GB`, `!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "10GB"`,
			`!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "10GB"`},
		{quantity, `"1e-2147483647"`, `!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "1e-2147483647"`,
			`!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "1e-2147483647"`},
		{quantity, `7Ei`, `7Ei`, `7Ei`},
		{quantity, `9223372036854775807`, `9223372036854775807`, `9223372036854775807`},
		{quantity, `0.000000001`, `1n`, `1e-9`},
		// 45 characters, the longest that is parsed
		{quantity, `"` + strings.Repeat("0", 44) + `1"`, strings.Repeat("0", 44) + "1", strings.Repeat("0", 44) + "1"},
		{quantity, `"` + strings.Repeat("0", 45) + `1"`, `!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "` +
			strings.Repeat("0", 45) + `1"`, `!expected a quantity such as 500m, 2, 512Mi or 4Gi, got "` +
			strings.Repeat("0", 45) + `1"`},
		{quantity, `true`, `!expected a quantity such as 500m or 4Gi, got the boolean true`,
			`!expected a quantity such as 500m or 4Gi, got the boolean true`},
		{quantity, `[]`, `!expected a quantity such as 500m or 4Gi, got a list`,
			`!expected a quantity such as 500m or 4Gi, got a list`},
		{quantity, `null`, `<nil>`, `<nil>`},

		{intstr, `8065`, `8065`, `8065`},
		{intstr, `"http"`, `http`, `http`},
		{intstr, `8065.5`, `!expected a string, got the number 8065.5; quote it as it is in the file, such as "8065.5" ` +
			`(kustomize drops a zero at the end of a number)`,
			`!expected a string, got the number 8065.5; quote it as it is in the file, such as "8065.5" ` +
				`(kustomize drops a zero at the end of a number)`},
		{intstr, `true`, `!expected a string, got the boolean true; quote it ("true")`,
			`!expected a string, got the boolean true; quote it ("true")`},
	} {
		t.Run(test.field+": "+test.value, func(t *testing.T) {
			text := nested(test.field, test.value)
			for host, c := range map[string]struct{ text, want string }{
				"kpt":       {text, test.kpt},
				"kustomize": {throughJSON(t, text), test.kustomize},
			} {
				if c.text == "" {
					continue // kustomize itself rejects it
				}
				config, _, messages := read(t, c.text)
				got := map[string]func() string{
					str:     func() string { return config.Spec.Domain },
					boolean: func() string { return fmt.Sprint(config.Spec.Enterprise != nil && config.Spec.Enterprise.Enabled) },
					integer: func() string {
						if config.Spec.Replicas == nil {
							return "<nil>"
						}
						return fmt.Sprint(*config.Spec.Replicas)
					},
					quantity: func() string { return fmt.Sprint(config.Spec.Database.InCluster.Storage.Size) },
					intstr: func() string {
						return config.Spec.Pod.InitContainers[0].ReadinessProbe.HTTPGet.Port.String()
					},
				}[test.field]
				if _, message, bad := strings.Cut(messages, "spec."+test.field+": "); bad {
					if "!"+strings.TrimSuffix(message, "\n") != c.want {
						t.Errorf("through %s: got %q, want %q", host, message, c.want)
					}
				} else if value := got(); value != c.want || messages != "" {
					t.Errorf("through %s: read %q and got %q, want %q", host, value, messages, c.want)
				}
			}
		})
	}
}

// nested writes a value under a path such as a.b[0].c, as a configuration.
func nested(path, value string) string {
	out := "spec:"
	indent := 0
	for _, name := range strings.Split(path, ".") {
		name, element := strings.CutSuffix(name, "[0]")
		indent += 2
		out += "\n" + strings.Repeat(" ", indent) + name + ":"
		if element {
			indent += 2
			out += "\n" + strings.Repeat(" ", indent-2) + "-"
		}
	}
	return out + " " + value + "\n"
}

// throughJSON converts YAML to JSON, as kustomize does with everything that it sends. It returns an empty string for
// YAML that kustomize cannot send.
func throughJSON(t *testing.T, text string) string {
	t.Helper()
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	data, err := node.MarshalJSON()
	if err != nil {
		return ""
	}
	return string(data)
}

// A field that is null or empty is not set.
func TestNullIsNotSet(t *testing.T) {
	config, lines, messages := read(t, `
spec:
  domain: example.com
  replicas:
  database: {host: null, password: ~, parameters: {a: "1", b: null}}
  sso: null
  empty: &nothing
  pod: {labels: {c: *nothing}}
`)
	if want := "7: spec.empty: unknown field"; !strings.HasPrefix(messages, want) || strings.Count(messages, "\n") != 1 {
		t.Errorf("got\n%s", messages)
	}
	spec := config.Spec
	if spec.Replicas != nil || spec.SSO != nil || spec.Database.Password != nil {
		t.Errorf("fields that are null are set: %+v", spec)
	}
	if want := map[string]string{"a": "1"}; !reflect.DeepEqual(spec.Database.Parameters, want) {
		t.Errorf("parameters are %v, want %v", spec.Database.Parameters, want)
	}
	if len(spec.Pod.Labels) != 0 {
		t.Errorf("labels are %v, want none", spec.Pod.Labels)
	}
	for _, field := range []string{"spec.replicas", "spec.sso", "spec.database.host", "spec.database.password",
		"spec.database.parameters.b"} {
		if _, given := lines[field]; given {
			t.Errorf("%s has a line", field)
		}
	}
}

func TestAliasesAndMergeKeys(t *testing.T) {
	for _, test := range []struct {
		name, yaml string
		want       func(*v1alpha1.MattermostConfig) any
		value      any
		messages   string
	}{
		{
			name:  "an alias has the value of its anchor",
			yaml:  "metadata: {name: &n chat}\nspec: {domain: *n}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Domain },
			value: "chat",
		},
		{
			name:  "an alias as a field name",
			yaml:  "metadata: {name: &d domain}\nspec: {*d : example.com}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Domain },
			value: "example.com",
		},
		{
			name:  "a field takes precedence over a merged one",
			yaml:  "metadata: {labels: &l {a: old, b: old}}\nspec:\n  pod:\n    labels:\n      a: new\n      <<: *l\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Pod.Labels },
			value: map[string]string{"a": "new", "b": "old"},
		},
		{
			name: "the first of several merged mappings wins",
			yaml: "metadata: {labels: &l {a: first}, annotations: &m {a: second, b: second}}\nspec: {pod: {labels: " +
				"{<<: [*l, *m]}}}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Pod.Labels },
			value: map[string]string{"a": "first", "b": "second"},
		},
		{
			name:     "an unknown merged field has the line where it was written",
			yaml:     "metadata: {labels: &l {a: b}}\nspec:\n  <<: *l\n  domain: example.com\n",
			want:     func(c *v1alpha1.MattermostConfig) any { return c.Spec.Domain },
			value:    "example.com",
			messages: "1: spec.a: unknown field",
		},
		{
			name:     "a merge key whose value is not a mapping",
			yaml:     "metadata: {name: &n chat}\nspec: {<<: *n}\n",
			want:     func(c *v1alpha1.MattermostConfig) any { return c.Name },
			value:    "chat",
			messages: "1: spec: the value of a merge key (<<) must be a mapping",
		},
		{
			name:  "a quoted << is an ordinary name",
			yaml:  "spec: {pod: {labels: {\"<<\": x}}}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Pod.Labels },
			value: map[string]string{"<<": "x"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, _, messages := read(t, test.yaml)
			if got := test.want(config); !reflect.DeepEqual(got, test.value) {
				t.Errorf("got %v, want %v", got, test.value)
			}
			if (test.messages == "") != (messages == "") || !strings.HasPrefix(messages, test.messages) {
				t.Errorf("got %q, want %q", messages, test.messages)
			}
		})
	}
}

// A few lines may expand to more values than fit into memory. Decoding them stops early with a single message.
func TestExpansionIsBounded(t *testing.T) {
	many := func(alias string) string { return strings.TrimSuffix(strings.Repeat("*"+alias+", ", 1000), ", ") }
	merges := "metadata:\n  annotations: &m0 {" + manyKeys(1000) + "}\n"
	for i := 1; i < 10; i++ {
		merges += fmt.Sprintf("  labels%d: &m%d {<<: [%s]}\n", i, i, many(fmt.Sprintf("m%d", i-1)))
	}
	for name, text := range map[string]string{
		"a billion variables": "spec:\n  env: [&a {name: lol}]\n  pod:\n    initContainers:\n    - &b {env: [" +
			many("a") + "]}\n" +
			"    sidecars: [" + many("b") + "]\n",
		"a million problems":              "spec:\n  env: [&b {" + manyKeys(1000) + "}, " + many("b") + "]\n",
		"mappings merged a billion times": merges + "spec: {pod: {labels: {<<: *m9}}}\n",
		"a mapping merged into itself":    "spec: &s {<<: *s, domain: example.com}\n",
		"merge keys nested without an alias": "spec: " + strings.Repeat("{<<: ", 3000) + "{domain: a}" +
			strings.Repeat("}", 3000) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			start := fntest.CPUTime()
			_, _, messages := read(t, text)
			if spent := fntest.CPUTime() - start; spent > time.Minute {
				t.Errorf("took %v of CPU", spent)
			}
			if !strings.Contains(messages, "nested deeper than 100 levels or expands to more than 100000 values") ||
				strings.Count(messages, "\n") != 1 {
				t.Errorf("got\n%.2000s", messages)
			}
		})
	}
}

// Decoding a value that contains itself ends at a field with another type.
func TestRecursiveValue(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{"spec:\n  database: &d\n    inCluster: {storage: *d}\n",
			"3: spec.database.inCluster.storage.inCluster: unknown field"},
		{"spec:\n  pod:\n    sidecars: &v [*v]\n", "3: spec.pod.sidecars[0]: expected a mapping of fields (args, command, "},
		{"metadata: &m {name: chat, labels: *m}\n", "1: metadata.labels.labels: expected a string, got a mapping"},
		{"spec: {pod: {labels: " + strings.Repeat("{a: ", 5000) + strings.Repeat("}", 5000) + "}}\n",
			"1: spec.pod.labels.a: expected a string, got a mapping"},
	} {
		if _, _, messages := read(t, test.yaml); !strings.HasPrefix(messages, test.want) ||
			strings.Count(messages, "\n") != 1 {
			t.Errorf("%.60s: got\n%s\nwant %s", test.yaml, messages, test.want)
		}
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: v, ", i)
	}
	return b.String()
}

// Messages about a secret never contain its value: kpt stores messages in files.
func TestMessagesContainNoSecrets(t *testing.T) {
	const (
		forms   = "{secretKeyRef: {name: …, key: …}} or {externalSecret: {store: {name: …}, key: …}}"
		mapping = "expected a string, " + forms + ", got another mapping; quote a string that begins with {"
	)
	for _, test := range []struct{ name, field, value, want string }{
		{"a number", "database.password", "424242", "expected a string, got a number; quote it"},
		{"a date", "database.password", "2042-04-24", "expected a string, got a date; quote it"},
		{"a boolean", "database.password", "true", "expected a string, got a boolean; quote it"},
		{"a custom tag", "database.password", "!Hunter2 {}", "expected a string, " + forms},
		{"a string with a tag", "database.password", "!vault Hunter2", "expected a string, got a value with a tag of its own; " +
			"remove the tag"},
		{"a list", "database.password", "[hunter2]", "expected a string, " + forms + ", got a list"},
		{"another mapping", "database.password", "{value: hunter2}", mapping},
		{"unquoted braces", "database.password", "{hunter2}", mapping},
		{"the same unquoted braces twice", "database.password", "{hunter2, hunter2}", mapping},
		{"a reference that is a string", "database.password", "{secretKeyRef: hunter2}",
			"expected a mapping of fields (key, name), got a string"},
		{"a key that is a number", "database.password", "{secretKeyRef: {name: a, key: 424242}}",
			"expected a string, got a number; quote it"},
		{"two references", "database.password", "{secretKeyRef: {name: a, key: b}, externalSecret: {store: " +
			"{name: a}, key: b}}", "secretKeyRef conflicts with externalSecret; set only one"},
		{"a reference with another field", "database.password", "{externalSecret: {store: {name: " +
			"a}, key: b}, hunter2}", mapping},
		{"an empty reference", "database.password", "{externalSecret: }", "expected a string, " + forms},
		{"a store that is a string", "database.password", "{externalSecret: {store: hunter2, key: a}}",
			"expected a mapping of fields (kind, name), got a string"},
		{"a property that is a number", "database.password", "{externalSecret: {store: {name: a}, key: b, property: 424242}}",
			"expected a string, got a number; quote it"},
		{"an environment variable", "env[0].value", "424242", "expected a string, got a number; quote it"},
		{"an environment variable with structure", "env[0].value", "{hunter2: 1}", "expected a string, got a mapping"},
		{"an init container's environment", "pod.initContainers[0].env[0].value", "true",
			"expected a string, got a boolean; quote it"},
		{"another mapping for a license", "enterprise.license", "{hunter2: true}",
			"expected a string, " + forms + " or {uploaded: true}, got another mapping; quote"},
		{"an uploaded license with a value", "enterprise.license", "{uploaded: true, value: hunter2}",
			"uploaded conflicts with other fields"},
		{"a license that is not uploaded", "enterprise.license", "{uploaded: false}", "must be true"},
		{"uploaded as a string", "enterprise.license", "{uploaded: hunter2}", "expected true or false"},
		{"a license one level too high", "enterprise", "hunter2", "expected a mapping of fields (enabled, license, " +
			"verify), got a string"},
		{"a private key as a CA certificate", "sso.ca", "hunter2", "expected a mapping of fields (configMapKeyRef, pem, " +
			"secretKeyRef), got a string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, messages := read(t, nested(test.field, test.value))
			if !strings.Contains(messages, test.want) || strings.Count(messages, "\n") != 1 {
				t.Errorf("got\n%s\nwant %q", messages, test.want)
			}
			for _, secret := range []string{"unter2", "424242", "2042-04-24"} {
				if strings.Contains(messages, secret) {
					t.Errorf("the message contains the secret:\n%s", messages)
				}
			}
		})
	}
}

func TestLines(t *testing.T) {
	_, lines, _ := read(t, `
metadata:
  annotations:
    proxy.istio.io/config: "{}"
spec:
  env:
  - name: A
    value: b
  - name: B
  database:
    host: db
    host2: db
`)
	for path, want := range map[string]int{
		"spec":                               6,
		"spec.env":                           7,
		"spec.env[0].value":                  8,
		"spec.env[1]":                        9,
		"spec.env[1].valueFrom.secretKeyRef": 9,
		"spec.env[7]":                        7,
		"spec.database.host":                 11,
		"spec.database.host2":                11,
		"spec.database.password":             11,
		"spec.sso.enabled":                   6,
		"metadata.annotations[proxy.istio.io/config]": 4,
		"metadata.annotations[other.io/config]":       4,
		"status":                                      0,
		"":                                            0,
	} {
		if got := lines.Of(path); got != want {
			t.Errorf("line of %q is %d, want %d", path, got, want)
		}
	}
}

// The decoder supports the types of all fields: any other type would cause a panic.
func TestEveryTypeIsSupported(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type, string)
	visit = func(typ reflect.Type, path string) {
		if seen[typ] || typ == quantityType || typ == intOrStringType || reflect.PointerTo(typ).Implements(unmarshalerType) {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Struct:
			for name, index := range fieldsOf(typ) {
				visit(typ.FieldByIndex(index).Type, path+"."+name)
			}
		case reflect.Pointer, reflect.Slice:
			visit(typ.Elem(), path+"[]")
		case reflect.Map:
			if typ.Key().Kind() != reflect.String {
				t.Errorf("%s is a map with keys of type %s", path, typ.Key())
			}
			visit(typ.Elem(), path+"[]")
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64:
		default:
			t.Errorf("%s has the unsupported type %s", path, typ)
		}
	}
	visit(reflect.TypeFor[v1alpha1.MattermostConfig](), "")
	if !seen[reflect.TypeFor[corev1.EphemeralVolumeSource]()] {
		t.Error("the types inside a pod's volumes were not visited")
	}
}

// Types that only support JSON are decoded through JSON.
func TestTimes(t *testing.T) {
	config, _, messages := read(t, "metadata: {creationTimestamp: 2026-04-01T12:00:00Z, deletionTimestamp: "+
		"\"2026-04-02T12:00:00Z\"}\n")
	if messages != "" || config.CreationTimestamp.UTC().Format(time.RFC3339) != "2026-04-01T12:00:00Z" ||
		config.DeletionTimestamp.UTC().Format(time.RFC3339) != "2026-04-02T12:00:00Z" {
		t.Errorf("got %v and %v with messages %q", config.CreationTimestamp, config.DeletionTimestamp, messages)
	}
	if _, _, messages := read(t, "metadata: {creationTimestamp: tomorrow}\n"); messages != "1: "+
		"metadata.creationTimestamp: cannot parse the string \"tomorrow\"; remove it, or "+
		"write it as the API server shows it\n" {
		t.Errorf("got %q", messages)
	}
}

// Decoding never panics, always ends, and is deterministic.
func FuzzStrict(f *testing.F) {
	for _, seed := range []string{
		"spec: {domain: example.com}",
		"spec: {database: {host: db, password: {secretKeyRef: {name: a, key: b}}}}",
		"spec: {env: [{name: A, value: b}], pod: {volumes: [{name: v, emptyDir: {}}]}}",
		"spec: &s {<<: [*s, {}], a: *s}",
		"metadata: {creationTimestamp: null, managedFields: [{fieldsV1: {a: &a [*a]}}]}",
		"? [a, b]\n: c\n*x : y",
		"- !!bool yes\n- !!int a\n- !!null b\n- !!binary c\n- !x d",
		"spec: {replicas: 0x1F, resources: {limits: {cpu: 1e-9, memory: .inf}}}",
		"{{a: b}: c}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("decoding does not end: %q", text)) }).Stop()
		node, err := yaml.Parse(text)
		if err != nil {
			return
		}
		first, again := &v1alpha1.MattermostConfig{}, &v1alpha1.MattermostConfig{}
		lines, problems := Strict(node.YNode(), first)
		linesAgain, problemsAgain := Strict(node.YNode(), again)
		if !reflect.DeepEqual(problems, problemsAgain) || !reflect.DeepEqual(lines, linesAgain) {
			t.Errorf("got %v, then %v", problems, problemsAgain)
		}
		for _, p := range problems {
			if p.Message == "" {
				t.Errorf("empty message about %s", p.Path)
			}
		}
	})
}

// Quantities that Kubernetes changes without an error are refused, wherever they are.
func TestInexactQuantities(t *testing.T) {
	const tooMuch, tooFine = "is more than Kubernetes can count", "has more than 9 digits after the decimal point"
	for text, want := range map[string]string{
		"99999999999999999999Ei": tooMuch, "8Ei": tooMuch, "-9Ei": tooMuch, "9223372036854775808": tooMuch, "1e99": tooMuch,
		"9.3E": tooMuch, "1e19": tooMuch, "9223372036854775.808k": tooMuch,
		"0.1n": tooFine, "0.0000000001": tooFine, "1e-10": tooFine, "1.0000000001Gi": tooFine, "0.00000001u": tooFine,
		"1.5": "", "0.5Ki": "", "1u": "", "1e18": "", "7.5Ei": "", "+1": "", ".5": "", "5.": "", "1E": "", "1E3": "",
	} {
		for _, form := range []string{
			"spec: {database: {inCluster: {storage: {size: %q}}}}", "spec: {resources: {limits: {memory: %q}}}",
			"spec: {pod: {volumes: [{name: a, emptyDir: {sizeLimit: %q}}]}}",
		} {
			_, problems := Strict(parse(t, fmt.Sprintf(form, text)), &v1alpha1.MattermostConfig{})
			if len(problems) != min(len(want), 1) || want != "" && !strings.Contains(problems[0].Message, want) {
				t.Errorf("%s: got %v, want %q", fmt.Sprintf(form, text), problems, want)
			}
		}
	}
}

// A suggestion is not a field of another object that only looks like the one.
func TestSuggestions(t *testing.T) {
	for config, want := range map[string]string{
		"spec: {foo: a}": "unknown field; must be one of ",
		"spec: {calls: {service: {sourceRanges: [10.0.0.0/8]}}}": "unknown field here: only spec.service has it; must be one " +
			"of annotations, nodePort, type",
		"spec: {calls: {nodePort: 30443}}": "unknown field here; did you mean spec.calls.service.nodePort? Indent it below " +
			"service",
		"spec: {calls: {service: {host: a.example.com}}}": "unknown field here; did you mean spec.calls.host or spec.host?",
	} {
		_, problems := Strict(parse(t, config), &v1alpha1.MattermostConfig{})
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Message, want) {
			t.Errorf("%s: got %v, want %q", config, problems, want)
		}
	}
}

func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return node.YNode()
}
