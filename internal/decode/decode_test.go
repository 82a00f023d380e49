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

// read decodes a configuration and returns what there is to say about it, one "line: path: message" a line.
func read(t testing.TB, text string) (*v1alpha1.MattermostConfig, Lines, string) {
	t.Helper()
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	config := &v1alpha1.MattermostConfig{}
	lines, problems := Strict(node.YNode(), config)
	var said strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&said, "%d: %s: %s\n", p.Line, p.Path, p.Message)
	}
	return config, lines, said.String()
}

func TestProblems(t *testing.T) {
	for _, test := range []struct{ says, yaml, want string }{
		{"nothing wrong", `
spec: {domain: example.com, replicas: 2}
`, ``},
		{"an unknown field, with the nearest name", `
spec:
  domain: example.com
  databse: {host: db}
`, `
4: spec.databse: there is no such field; did you mean database?
`},
		{"an unknown field that resembles nothing", `
spec:
  sso: {ca: {colour: red}}
`, `
3: spec.sso.ca.colour: there is no such field (fields here: configMapKeyRef, pem, secretKeyRef)
`},
		{"an unknown field inside a Kubernetes type", `
spec:
  pod:
    tolerations:
    - {key: a, opertor: Exists}
`, `
5: spec.pod.tolerations[0].opertor: there is no such field; did you mean operator?
`},
		{"an unknown field outside the spec", `
metadata: {name: chat, label: {a: b}}
status: {}
`, `
2: metadata.label: there is no such field; did you mean labels?
3: status: there is no such field (fields here: apiVersion, kind, metadata, spec)
`},
		{"Big Bang's spelling", `
spec:
  sso: {client_id: chat, issuer_url: "https://login.example.com"}
  database: {ssl_mode: require}
`, `
3: spec.sso.client_id: there is no such field; Big Bang's client_id is clientID here
3: spec.sso.issuer_url: there is no such field; Big Bang's issuer_url is issuerURL here
4: spec.database.ssl_mode: there is no such field; Big Bang's ssl_mode is sslMode here
`},
		{"Big Bang's own names", `
spec:
  replicaCount: 2
  image: {tag: "11.10.0"}
  updateJob: {disabled: true}
`, `
3: spec.replicaCount: there is no such field; Big Bang's replicaCount is spec.replicas here
4: spec.image.tag: there is no such field; Big Bang's tag is spec.version here
5: spec.updateJob: there is no such field, and none is needed: the operator's update job is always off, it never ends under a mesh
`},
		{"the same field twice; the first one counts", `
spec:
  replicas: 1
  replicas: 2
  pod: {labels: {a: b, a: c}}
`, `
4: spec.replicas: stands twice in the same place; keep one
5: spec.pod.labels.a: stands twice in the same place; keep one
`},
		{"one thing where several fields belong, which may be a secret as a whole", `
spec:
  database: postgres://mattermost:hunter2@db/mattermost
  enterprise: eyJodW50ZXIyIjo=
  env: {MM_A: hunter2}
  pod: {labels: [a]}
  image: 5
`, `
3: spec.database: got text, expected fields: ca, database, existingSecret, host, inCluster, parameters, password, port, readReplicas, sslMode, username
4: spec.enterprise: got text, expected fields: enabled, license, verify
5: spec.env: got a mapping, expected a list; write each element on a line of its own that begins with "- "
6: spec.pod.labels: got a list, expected a mapping of names to values
7: spec.image: got a number, expected fields: digest, pullPolicy, pullSecrets, repository
`},
		{"an empty element", `
spec:
  route:
    gateways:
    - a/b
    -
`, `
6: spec.route.gateways[1]: is empty; remove the element or fill it in
`},
		{"a name that is no text", `
spec:
  [a, b]: c
`, `
3: spec: a field name must be plain text
`},
		{"every problem at once, in the order of the file", `
spec:
  domian: example.com
  replicas: two
  sso: {enabled: "yes"}
`, `
3: spec.domian: there is no such field; did you mean domain?
4: spec.replicas: got text "two", expected a whole number without quotes
5: spec.sso.enabled: got text "yes", expected true or false without quotes
`},
	} {
		t.Run(test.says, func(t *testing.T) {
			if _, _, got := read(t, test.yaml); got != strings.TrimPrefix(test.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, test.want)
			}
		})
	}
}

// Every kind of scalar in every kind of field, as it reaches us from kpt (the text of the file) and from kustomize (which
// sends everything through JSON). A value that would mean different things in the two is refused by at least the one that
// still sees what was written.
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
		// kpt and kustomize: the value that is read, or after "!" what is said about it.
		kpt, kustomize string
	}{
		{str, `chat`, `chat`, `chat`},
		{str, `"10.10"`, `10.10`, `10.10`},
		{str, `10.10`, `!got number 10.10; quote it ("10.10")`, `!got number 10.1; quote it ("10.1")`},
		{str, `11`, `!got number 11; quote it ("11")`, `!got number 11; quote it ("11")`},
		{str, `0123`, `!got number 0123; quote it ("0123")`, `!got number 83; quote it ("83")`},
		{str, `1e3`, `!got number 1e3; quote it ("1e3")`, `!got number 1000; quote it ("1000")`},
		{str, `.inf`, `!got number .inf; quote it (".inf")`, ``},
		{str, `true`, `!got boolean true; quote it ("true")`, `!got boolean true; quote it ("true")`},
		{str, `no`, `no`, `no`},
		{str, `on`, `on`, `on`},
		{str, `yes`, `yes`, `yes`},
		{str, `2024-01-01`, `!got date 2024-01-01; quote it ("2024-01-01")`, `2024-01-01T00:00:00Z`},
		{str, `{a: b}`, `!got a mapping, expected text`, `!got a mapping, expected text`},
		{str, `[a]`, `!got a list, expected text`, `!got a list, expected text`},
		{str, `!!str 10.10`, `10.10`, `10.10`},
		{str, `null`, ``, ``},
		{str, `~`, ``, ``},
		{str, ``, ``, ``},

		{boolean, `true`, `true`, `true`},
		{boolean, `True`, `true`, `true`},
		{boolean, `false`, `false`, `false`},
		{boolean, `yes`, `!got text "yes", expected true or false without quotes`, `!got text "yes", expected true or false without quotes`},
		{boolean, `on`, `!got text "on", expected true or false without quotes`, `!got text "on", expected true or false without quotes`},
		{boolean, `"true"`, `!got text "true", expected true or false without quotes`, `!got text "true", expected true or false without quotes`},
		{boolean, `1`, `!got number 1, expected true or false without quotes`, `!got number 1, expected true or false without quotes`},
		{boolean, `!!bool yes`, `!got boolean yes, expected true or false without quotes`, ``},
		{boolean, `[true]`, `!got a list, expected true or false without quotes`, `!got a list, expected true or false without quotes`},
		{boolean, `null`, `false`, `false`},

		{integer, `3`, `3`, `3`},
		{integer, `-3`, `-3`, `-3`},
		{integer, `"3"`, `!got text "3", expected a whole number without quotes`, `!got text "3", expected a whole number without quotes`},
		{integer, `3.0`, `!got number 3.0, expected a whole number without quotes`, `3`},
		{integer, `1e3`, `!got number 1e3, expected a whole number without quotes`, `1000`},
		{integer, `0123`, `!got number 0123, expected a plain decimal number of at most 32 bits`, `83`},
		{integer, `0o17`, `!got number 0o17, expected a plain decimal number of at most 32 bits`, `15`},
		{integer, `0xFF`, `!got number 0xFF, expected a plain decimal number of at most 32 bits`, `255`},
		{integer, `1_000`, `!got number 1_000, expected a plain decimal number of at most 32 bits`, `1000`},
		{integer, `2147483648`, `!got number 2147483648, expected a plain decimal number of at most 32 bits`, `!got number 2147483648, expected a plain decimal number of at most 32 bits`},
		{integer, `9007199254740993`, `!got number 9007199254740993, expected a plain decimal number of at most 32 bits`, `!got number 9007199254740993, expected a plain decimal number of at most 32 bits`},
		{integer, `two`, `!got text "two", expected a whole number without quotes`, `!got text "two", expected a whole number without quotes`},
		{integer, `{}`, `!got a mapping, expected a whole number without quotes`, `!got a mapping, expected a whole number without quotes`},
		{integer, `null`, `<nil>`, `<nil>`},

		{quantity, `10Gi`, `10Gi`, `10Gi`},
		{quantity, `10`, `10`, `10`},
		{quantity, `1.5`, `1500m`, `1500m`},
		{quantity, `1e3`, `1e3`, `1k`},
		{quantity, `"1024Mi"`, `1Gi`, `1Gi`},
		{quantity, `ten`, `!"ten" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`, `!"ten" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`},
		{quantity, `10GB`, `!"10GB" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`, `!"10GB" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`},
		{quantity, `"1e-2147483647"`, `!"1e-2147483647" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`, `!"1e-2147483647" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`},
		{quantity, `"` + strings.Repeat("0", 44) + `1"`, strings.Repeat("0", 44) + "1", strings.Repeat("0", 44) + "1"}, // 45 characters, the longest that is parsed
		{quantity, `"` + strings.Repeat("0", 45) + `1"`, `!"` + strings.Repeat("0", 45) + `1" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`, `!"` + strings.Repeat("0", 45) + `1" is not a quantity; write one such as 500m, 2, 512Mi or 4Gi`},
		{quantity, `true`, `!got boolean true, expected a quantity such as 500m or 4Gi`, `!got boolean true, expected a quantity such as 500m or 4Gi`},
		{quantity, `[]`, `!got a list, expected a quantity such as 500m or 4Gi`, `!got a list, expected a quantity such as 500m or 4Gi`},
		{quantity, `null`, `<nil>`, `<nil>`},

		{intstr, `8065`, `8065`, `8065`},
		{intstr, `"http"`, `http`, `http`},
		{intstr, `8065.5`, `!got number 8065.5; quote it ("8065.5")`, `!got number 8065.5; quote it ("8065.5")`},
		{intstr, `true`, `!got boolean true; quote it ("true")`, `!got boolean true; quote it ("true")`},
	} {
		t.Run(test.field+": "+test.value, func(t *testing.T) {
			text := nested(test.field, test.value)
			for host, c := range map[string]struct{ text, want string }{
				"kpt":       {text, test.kpt},
				"kustomize": {throughJSON(t, text), test.kustomize},
			} {
				if c.text == "" {
					continue // kustomize itself refuses it
				}
				config, _, said := read(t, c.text)
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
				if _, message, bad := strings.Cut(said, "spec."+test.field+": "); bad {
					if "!"+strings.TrimSuffix(message, "\n") != c.want {
						t.Errorf("through %s: said %q, want %q", host, message, c.want)
					}
				} else if value := got(); value != c.want || said != "" {
					t.Errorf("through %s: read %q and said %q, want %q", host, value, said, c.want)
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

// throughJSON is what kustomize does to everything that it sends; empty for what it cannot send.
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

// A field that is null, or empty, is one that is not given.
func TestNullIsNotGiven(t *testing.T) {
	config, lines, said := read(t, `
spec:
  domain: example.com
  replicas:
  database: {host: null, password: ~, parameters: {a: "1", b: null}}
  sso: null
  empty: &nothing
  pod: {labels: {c: *nothing}}
`)
	if want := "7: spec.empty: there is no such field"; !strings.HasPrefix(said, want) || strings.Count(said, "\n") != 1 {
		t.Errorf("said\n%s", said)
	}
	spec := config.Spec
	if spec.Replicas != nil || spec.SSO != nil || spec.Database.Password != nil {
		t.Errorf("something was read: %+v", spec)
	}
	if want := map[string]string{"a": "1"}; !reflect.DeepEqual(spec.Database.Parameters, want) {
		t.Errorf("parameters are %v, want %v", spec.Database.Parameters, want)
	}
	if len(spec.Pod.Labels) != 0 {
		t.Errorf("labels are %v, want none", spec.Pod.Labels)
	}
	for _, field := range []string{"spec.replicas", "spec.sso", "spec.database.host", "spec.database.password", "spec.database.parameters.b"} {
		if _, given := lines[field]; given {
			t.Errorf("%s counts as given", field)
		}
	}
}

func TestAliasesAndMergeKeys(t *testing.T) {
	for _, test := range []struct {
		says, yaml string
		want       func(*v1alpha1.MattermostConfig) any
		value      any
		said       string
	}{
		{
			says:  "an alias is what it stands for",
			yaml:  "metadata: {name: &n chat}\nspec: {domain: *n}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Domain },
			value: "chat",
		},
		{
			says:  "an alias as a field name",
			yaml:  "metadata: {name: &d domain}\nspec: {*d : example.com}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Domain },
			value: "example.com",
		},
		{
			says:  "what stands beside a merge key wins over what it brings in",
			yaml:  "metadata: {labels: &l {a: old, b: old}}\nspec:\n  pod:\n    labels:\n      a: new\n      <<: *l\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Pod.Labels },
			value: map[string]string{"a": "new", "b": "old"},
		},
		{
			says:  "of several merged mappings the first wins",
			yaml:  "metadata: {labels: &l {a: first}, annotations: &m {a: second, b: second}}\nspec: {pod: {labels: {<<: [*l, *m]}}}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Pod.Labels },
			value: map[string]string{"a": "first", "b": "second"},
		},
		{
			says:  "a merged field that does not exist is said to stand where it was written",
			yaml:  "metadata: {labels: &l {a: b}}\nspec:\n  <<: *l\n  domain: example.com\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Domain },
			value: "example.com",
			said:  "1: spec.a: there is no such field",
		},
		{
			says:  "a merge key that merges no mapping",
			yaml:  "metadata: {name: &n chat}\nspec: {<<: *n}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Name },
			value: "chat",
			said:  "1: spec: a merge key (<<) takes a mapping",
		},
		{
			says:  "a quoted << is a name like any other",
			yaml:  "spec: {pod: {labels: {\"<<\": x}}}\n",
			want:  func(c *v1alpha1.MattermostConfig) any { return c.Spec.Pod.Labels },
			value: map[string]string{"<<": "x"},
		},
	} {
		t.Run(test.says, func(t *testing.T) {
			config, _, said := read(t, test.yaml)
			if got := test.want(config); !reflect.DeepEqual(got, test.value) {
				t.Errorf("read %v, want %v", got, test.value)
			}
			if (test.said == "") != (said == "") || !strings.HasPrefix(said, test.said) {
				t.Errorf("said %q, want %q", said, test.said)
			}
		})
	}
}

// A few lines can stand for more values than there is memory; reading them ends soon, and says so once and nothing else.
func TestExpansionIsBounded(t *testing.T) {
	many := func(alias string) string { return strings.TrimSuffix(strings.Repeat("*"+alias+", ", 1000), ", ") }
	merges := "metadata:\n  annotations: &m0 {" + manyKeys(1000) + "}\n"
	for i := 1; i < 10; i++ {
		merges += fmt.Sprintf("  labels%d: &m%d {<<: [%s]}\n", i, i, many(fmt.Sprintf("m%d", i-1)))
	}
	for says, text := range map[string]string{
		"a billion variables": "spec:\n  env: [&a {name: lol}]\n  pod:\n    initContainers:\n    - &b {env: [" + many("a") + "]}\n" +
			"    sidecars: [" + many("b") + "]\n",
		"a million problems":                 "spec:\n  env: [&b {" + manyKeys(1000) + "}, " + many("b") + "]\n",
		"mappings merged a billion times":    merges + "spec: {pod: {labels: {<<: *m9}}}\n",
		"a mapping merged into itself":       "spec: &s {<<: *s, domain: example.com}\n",
		"merge keys nested without an alias": "spec: " + strings.Repeat("{<<: ", 3000) + "{domain: a}" + strings.Repeat("}", 3000) + "\n",
	} {
		t.Run(says, func(t *testing.T) {
			start := fntest.CPUTime()
			_, _, said := read(t, text)
			if spent := fntest.CPUTime() - start; spent > time.Minute {
				t.Errorf("took %v of CPU", spent)
			}
			if !strings.Contains(said, "nested deeper than 100 levels or expands to more than 100000 values") || strings.Count(said, "\n") != 1 {
				t.Errorf("said\n%.2000s", said)
			}
		})
	}
}

// A value that holds itself ends where its type does.
func TestAValueThatHoldsItself(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{"spec:\n  database: &d\n    inCluster: {storage: *d}\n", "3: spec.database.inCluster.storage.inCluster: there is no such field"},
		{"spec:\n  pod:\n    sidecars: &v [*v]\n", "3: spec.pod.sidecars[0]: got a list, expected fields"},
		{"metadata: &m {name: chat, labels: *m}\n", "1: metadata.labels.labels: got a mapping, expected text"},
		{"spec: {pod: {labels: " + strings.Repeat("{a: ", 5000) + strings.Repeat("}", 5000) + "}}\n", "1: spec.pod.labels.a: got a mapping, expected text"},
	} {
		if _, _, said := read(t, test.yaml); !strings.HasPrefix(said, test.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%.60s: said\n%s\nwant %s", test.yaml, said, test.want)
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

// Whatever is wrong with a secret, its value is not told: kpt stores messages in files.
func TestSecretsAreNotTold(t *testing.T) {
	const (
		forms   = "{secretKeyRef: {name: …, key: …}} or {externalSecret: {store: {name: …}, key: …}}"
		mapping = "got a mapping other than " + forms + "; quote a value that begins with {"
	)
	for _, test := range []struct{ says, field, value, want string }{
		{"a number", "database.password", "424242", "got a number, expected text; quote it"},
		{"a date", "database.password", "2042-04-24", "got a date, expected text; quote it"},
		{"a boolean", "database.password", "true", "got a boolean, expected text; quote it"},
		{"a tag of its own", "database.password", "!Hunter2 {}", "expected text, " + forms},
		{"a list", "database.password", "[hunter2]", "got a list, expected text, " + forms},
		{"a mapping of another form", "database.password", "{value: hunter2}", mapping},
		{"unquoted braces", "database.password", "{hunter2}", mapping},
		{"the same unquoted braces twice", "database.password", "{hunter2, hunter2}", mapping},
		{"a reference that is text", "database.password", "{secretKeyRef: hunter2}", "got text, expected fields: key, name"},
		{"a key that is a number", "database.password", "{secretKeyRef: {name: a, key: 424242}}", "got a number, expected text; quote it"},
		{"two references", "database.password", "{secretKeyRef: {name: a, key: b}, externalSecret: {store: {name: a}, key: b}}", "holds both secretKeyRef and externalSecret; keep the one where the value stands"},
		{"a reference with something beside it", "database.password", "{externalSecret: {store: {name: a}, key: b}, hunter2}", mapping},
		{"an empty reference", "database.password", "{externalSecret: }", "expected text, " + forms},
		{"a store that is text", "database.password", "{externalSecret: {store: hunter2, key: a}}", "got text, expected fields: kind, name"},
		{"a property that is a number", "database.password", "{externalSecret: {store: {name: a}, key: b, property: 424242}}", "got a number, expected text; quote it"},
		{"an environment variable", "env[0].value", "424242", "got a number, expected text; quote it"},
		{"an environment variable with structure", "env[0].value", "{hunter2: 1}", "got a mapping, expected text"},
		{"an init container's environment", "pod.initContainers[0].env[0].value", "true", "got a boolean, expected text; quote it"},
		{"a license of another form", "enterprise.license", "{hunter2: true}", "got a mapping other than " + forms + " or {uploaded: true}; quote"},
		{"an uploaded license with a value", "enterprise.license", "{uploaded: true, value: hunter2}", "has more than uploaded"},
		{"a license that is not uploaded", "enterprise.license", "{uploaded: false}", "must be true"},
		{"uploaded as a string", "enterprise.license", "{uploaded: hunter2}", "expected true or false"},
		{"a license one level too high", "enterprise", "hunter2", "got text, expected fields: enabled, license, verify"},
		{"a private key for a certificate authority", "sso.ca", "hunter2", "got text, expected fields: configMapKeyRef, pem, secretKeyRef"},
	} {
		t.Run(test.says, func(t *testing.T) {
			_, _, said := read(t, nested(test.field, test.value))
			if !strings.Contains(said, test.want) || strings.Count(said, "\n") != 1 {
				t.Errorf("said\n%s\nwant %q", said, test.want)
			}
			for _, secret := range []string{"unter2", "424242", "2042-04-24"} {
				if strings.Contains(said, secret) {
					t.Errorf("told the secret:\n%s", said)
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

// Every type that a configuration can hold is one that the decoder reads: another would be a panic in somebody's hands.
func TestEveryFieldCanBeRead(t *testing.T) {
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
				t.Errorf("%s is a map with keys of %s", path, typ.Key())
			}
			visit(typ.Elem(), path+"[]")
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64:
		default:
			t.Errorf("%s is a %s, which cannot be read", path, typ)
		}
	}
	visit(reflect.TypeFor[v1alpha1.MattermostConfig](), "")
	if !seen[reflect.TypeFor[corev1.EphemeralVolumeSource]()] {
		t.Error("the types inside a pod's volumes were not visited")
	}
}

// What only reads JSON is read through it.
func TestTimes(t *testing.T) {
	config, _, said := read(t, "metadata: {creationTimestamp: 2026-04-01T12:00:00Z, deletionTimestamp: \"2026-04-02T12:00:00Z\"}\n")
	if said != "" || config.CreationTimestamp.UTC().Format(time.RFC3339) != "2026-04-01T12:00:00Z" || config.DeletionTimestamp.UTC().Format(time.RFC3339) != "2026-04-02T12:00:00Z" {
		t.Errorf("read %v and %v, said %q", config.CreationTimestamp, config.DeletionTimestamp, said)
	}
	if _, _, said := read(t, "metadata: {creationTimestamp: tomorrow}\n"); said != "1: metadata.creationTimestamp: got text \"tomorrow\", which cannot be read here\n" {
		t.Errorf("said %q", said)
	}
}

// Reading never panics, always ends, and says the same about the same.
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
		defer time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("reading takes for ever: %q", text)) }).Stop()
		node, err := yaml.Parse(text)
		if err != nil {
			return
		}
		first, again := &v1alpha1.MattermostConfig{}, &v1alpha1.MattermostConfig{}
		lines, problems := Strict(node.YNode(), first)
		linesAgain, problemsAgain := Strict(node.YNode(), again)
		if !reflect.DeepEqual(problems, problemsAgain) || !reflect.DeepEqual(lines, linesAgain) {
			t.Errorf("said %v, then %v", problems, problemsAgain)
		}
		for _, p := range problems {
			if p.Message == "" {
				t.Errorf("nothing is said about %s", p.Path)
			}
		}
	})
}
