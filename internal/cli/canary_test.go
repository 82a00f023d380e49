// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/jsonfield"
)

// canary is a secret that is found wherever it appears. It contains no character that a form of encoding would change,
// so that a part of a larger value is found too.
const canary = "CanaryPa55"

// leaks returns the form in which a text contains the canary; empty if it does not.
func leaks(text string) string {
	forms := map[string]string{"raw": canary, "lower case": strings.ToLower(canary)}
	// In base64, a part of a larger value begins at one of three offsets.
	for offset := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + canary + "xx"))
		start := []int{0, 2, 3}[offset]
		forms["base64"+strconv.Itoa(offset)] = encoded[start : start+11]
	}
	var percent, escaped strings.Builder
	for _, b := range []byte(canary) {
		fmt.Fprintf(&percent, "%%%02X", b)
		fmt.Fprintf(&escaped, `\u%04x`, b)
	}
	forms["percent"], forms["JSON"] = percent.String(), escaped.String()
	for name, form := range forms {
		if strings.Contains(text, form) {
			return name
		}
	}
	return ""
}

func TestLeaks(t *testing.T) {
	for _, text := range []string{canary, "x" + canary + "y", strings.ToLower(canary), url.QueryEscape("a&" + canary)} {
		if leaks(text) == "" {
			t.Errorf("%s: not found", text)
		}
	}
	for _, prefix := range []string{"", "a", "ab", "abc", "postgres://u:"} {
		if text := base64.StdEncoding.EncodeToString([]byte(prefix + canary + "@host")); leaks(text) == "" {
			t.Errorf("%s: not found with %q before it", text, prefix)
		}
	}
	if found := leaks("password: '***'"); found != "" {
		t.Errorf("found %s in a text without it", found)
	}
}

// leaf is a field of the configuration that takes a string.
type leaf struct {
	// path of the field, with [] for an element of a list and {} for a value of a mapping.
	path string
	// secret is true where every value may be a secret, so that messages must not contain it.
	secret bool
	// emitted is true where the value is emitted outside Secrets all the same, such as that of a variable.
	emitted bool
	// reference is true where the value is a name or a key: what is valid as such is no secret.
	reference bool
	// mapping is true where the value is a mapping, whose keys are no secret.
	mapping bool
}

// notSecret are fields of a secret's type whose value is none: a reference to a Secret is allowed there too.
var notSecret = []string{"spec.database.username", "spec.sso.clientID", "spec.openid.clientID"}

// leaves returns all fields of a type that take a string. It walks through the types, so a new field is among them.
func leaves(t reflect.Type, path string, secret bool, around []reflect.Type) []leaf {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for _, outer := range around {
		if outer == t {
			return nil // a type that contains itself
		}
	}
	around = append(around[:len(around):len(around)], t)
	var all []leaf
	switch {
	case t == reflect.TypeFor[v1alpha1.SecretValue](), t == reflect.TypeFor[v1alpha1.License](),
		t == reflect.TypeFor[v1alpha1.SettingValue]():
		public := slices.Contains(notSecret, path)
		all = append(all, leaf{path: path, secret: !public, emitted: public,
			mapping: path == "spec.plugins.settings.{}"})
		for _, field := range []string{"secretKeyRef.name", "secretKeyRef.key", "externalSecret.store.name",
			"externalSecret.store.kind", "externalSecret.key", "externalSecret.property"} {
			all = append(all, leaf{path: path + "." + field, secret: true, reference: true})
		}
	case t == reflect.TypeFor[resource.Quantity](), t == reflect.TypeFor[intstr.IntOrString](),
		t.Kind() == reflect.String, t.Kind() == reflect.Interface:
		all = append(all, leaf{path: path, secret: secret, emitted: true})
	case t.Kind() == reflect.Slice:
		all = leaves(t.Elem(), path+".[]", secret, around)
	case t.Kind() == reflect.Map:
		all = leaves(t.Elem(), path+".{}", secret, around)
	case t.Kind() == reflect.Struct:
		for _, field := range jsonfield.Of(t) {
			if field.Name == "enabled" {
				canBeEnabled[path] = true
			}
			inner := t.FieldByIndex(field.Index)
			mayBeSecret := t == reflect.TypeFor[corev1.EnvVar]() && field.Name == "value" ||
				t == reflect.TypeFor[v1alpha1.Patch]() && field.Name == "patch" ||
				t == reflect.TypeFor[v1alpha1.CertificateAuthority]() && field.Name == "pem"
			all = append(all, leaves(inner.Type, path+"."+field.Name, secret || mayBeSecret, around)...)
		}
	}
	return all
}

// canBeEnabled are the fields that contain a switch, which leaves notes.
var canBeEnabled = map[string]bool{}

// configurationWith returns a configuration with a value, which is YAML in flow style, at a path.
func configurationWith(path, value string) string {
	parts := strings.Split(path, ".")
	for i := len(parts) - 1; i > 0; i-- {
		switch part := parts[i]; part {
		case "[]":
			value = "[" + value + "]"
		case "{}":
			key := "Key"
			if path == "spec.settings.{}.{}" || strings.HasPrefix(path, "spec.settings.{}.{}.") {
				key = []string{2: "EmailSettings", 3: "SMTPPassword"}[i]
			}
			value = "{" + key + ": " + value + "}"
		default:
			switches := ""
			if canBeEnabled[strings.Join(parts[:i], ".")] && part != "enabled" {
				switches = "enabled: true, "
			}
			value = "{" + switches + siblings[strings.Join(parts[:i+1], ".")] + part + ": " + value + "}"
		}
	}
	for _, field := range []string{"domain: example.com", "enterprise: {enabled: true, license: {uploaded: true}}"} {
		if name, _, _ := strings.Cut(field, ":"); !strings.HasPrefix(path, "spec."+name) {
			value = "{" + field + ", " + strings.TrimPrefix(value, "{")
		}
	}
	return "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
		"metadata: {name: chat, namespace: teams}\nspec: " + value + "\n"
}

// siblings are fields that are set next to others, so that the value is used.
var siblings = map[string]string{
	"spec.sso.clientSecret":  "clientID: c, issuerURL: 'https://login.example.com/realms/a', ",
	"spec.database.password": "host: db.example.com, ",
	"spec.database.username": "host: db.example.com, password: x, ",
	"spec.objectStorage.accessKey": "endpoint: 'https://s3.example.com', bucket: bucket, accessSecret: " +
		"s, ",
	"spec.objectStorage.accessSecret": "endpoint: 'https://s3.example.com', bucket: bucket, accessKey: " +
		"key, ",
	"spec.objectStorage.inCluster.accessKey":     "engine: minio, accessSecret: secret12, ",
	"spec.objectStorage.inCluster.accessSecret":  "engine: minio, accessKey: key, ",
	"spec.objectStorage.azure.accessKey":         "account: files, container: chat, ",
	"spec.elasticsearch.password":                "username: u, ",
	"spec.logging.fluentBit.outputs.[].password": "name: es, url: 'https://es.example.com', username: u, ",
	"spec.database.inCluster.password":           "engine: statefulset, ",
	"spec.database.inCluster.import.password":    "host: db.example.com, ",
	"spec.redis.password":                        "address: 'redis:6379', ",
	"spec.email.password":                        "server: smtp.example.com, from: chat@example.com, username: u, ",
	"spec.openid.clientSecret":                   "clientID: c, issuerURL: 'https://login.example.com', ",
	"spec.ldap.bindPassword": "server: ldap.example.com, baseDN: 'dc=example', bindUsername: 'cn=u', " +
		"idAttribute: i, usernameAttribute: u, emailAttribute: m, connectionSecurity: TLS, ",
}

// secretForms are ways to write a secret, rightly or wrongly.
var secretForms = []string{
	canary, strconv.Quote("Canary " + canary + " word"), `"` + canary + `\n"`, "!!int " + canary, "!vault " + canary,
	"[" + canary + "]", "{" + canary + ": 1}", "{" + canary + ": 1, " + canary + ": 2}", "{a: " + canary + "}",
	"{" + canary + "}", "{a: {" + canary + ": null}}", "{value: " + canary + "}", `"$(` + canary + `)"`,
	`"<` + canary + `>"`, `"{\"a\": \"` + canary + `"`, "12" + canary, `"` + canary + `=="`,
	"{secretKeyRef: " + canary + "}", "{externalSecret: [" + canary + "]}",
	"{secretKeyRef: {name: a, key: b}, " + canary + ": 1}",
}

// urlForms are values of fields that are not secret, with a password in them.
var urlForms = []string{
	`"https://user:` + canary + `@host.example.com"`, `"https://user:` + canary + `@host.example.com/%zz"`,
	`"https://u:` + canary + `/x@h y"`, `"user:` + canary + `@host:5432"`,
	`"postgres://u:` + canary + `%2Fx@h/db?sslmode=x"`, `"host=db password=` + canary + ` user=x"`,
	`"smtp://u@x:` + canary + `@h"`,
}

// A secret appears in Secrets only: not in a message of a run that fails or succeeds, nor in another object.
func TestNoSecretLeaves(t *testing.T) {
	all := leaves(reflect.TypeFor[v1alpha1.MattermostConfigSpec](), "spec", false, nil)
	secrets := 0
	for _, leaf := range all {
		forms := urlForms
		if leaf.secret {
			forms = slices.Concat(secretForms, urlForms)
			secrets++
		}
		t.Run(leaf.path, func(t *testing.T) {
			t.Parallel()
			used := false
			for _, form := range forms {
				if leaf.mapping && (strings.HasPrefix(form, "{"+canary) || strings.HasPrefix(form, "{a: {")) {
					continue
				}
				used = noLeak(t, leaf, configurationWith(leaf.path, form)) || used
			}
			if leaf.secret && !leaf.emitted && !leaf.reference && !used {
				t.Error("no run puts the value into a Secret; are fields missing next to it?")
			}
		})
	}
	if len(all) < 500 || secrets < 100 {
		t.Errorf("found %d fields with %d secrets", len(all), secrets)
	}
}

// noLeak runs the commands on a configuration, and reports whether the value is in a Secret that they print.
func noLeak(t *testing.T, leaf leaf, input string) bool {
	t.Helper()
	report := func(what, text string) {
		if form := leaks(text); form != "" {
			at := max(0, strings.Index(strings.ToLower(text), strings.ToLower(canary))-100)
			t.Errorf("%s: %s has the secret (%s) of\n%s\n%.300s", leaf.path, what, form, input, text[at:])
		}
	}
	check := run(input, "check", "-")
	if leaf.reference && check.exit == exitOK {
		return false
	}
	report("check", check.out+check.errors)
	asJSON := run(input, "check", "--output", "json", "-")
	report("check --output json", asJSON.out+asJSON.errors)
	render := run(input, "render", "-")
	report("what render says", render.errors)
	if leaf.emitted || render.exit != exitOK {
		return false
	}
	report("what render prints", withoutSecrets(render.out))
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "chat.yaml"), []byte(input), 0o644); err != nil {
		t.Fatal(err)
	}
	diff := run("", "render", "--diff", directory)
	report("render --diff", diff.out+diff.errors)
	return leaks(render.out) != ""
}

// withoutSecrets removes the Secrets from a stream of objects.
func withoutSecrets(objects string) string {
	var others []string
	for _, object := range strings.Split(objects, "\n---\n") {
		if !strings.Contains(object, "kind: Secret\n") {
			others = append(others, object)
		}
	}
	return strings.Join(others, "\n---\n")
}

// A password in any string of any configuration, and of the objects around it, is in no message: in files that reach
// every rule, and in objects of the user that the function merges into.
func TestNoMessageContainsAPassword(t *testing.T) {
	files, err := filepath.Glob("../rules/testdata/*/*.yaml")
	if err != nil || len(files) < 400 {
		t.Fatalf("found %d files: %v", len(files), err)
	}
	inputs := map[string]string{"merged": mergedInto}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inputs[file] = string(content)
	}
	for name, input := range inputs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var documents []*yaml.Node
			for decoder := yaml.NewDecoder(strings.NewReader(input)); ; {
				var document yaml.Node
				if decoder.Decode(&document) != nil {
					break
				}
				documents = append(documents, &document)
			}
			for _, document := range documents {
				eachValue(document, "", func(path string, value *yaml.Node) {
					before := *value
					*value = yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Style: yaml.DoubleQuotedStyle,
						Value: "https://user:" + canary + "@host.example.com"}
					got := run(encode(t, documents), "check", "-")
					if form := leaks(got.out + got.errors); form != "" {
						t.Errorf("with a password in %s, check prints it (%s):\n%s%s", path, form, got.out, got.errors)
					}
					*value = before
				})
			}
		})
	}
}

// eachValue visits every string of a document, except those that identify its objects.
func eachValue(node *yaml.Node, path string, visit func(path string, value *yaml.Node)) {
	switch node.Kind {
	case yaml.DocumentNode, yaml.SequenceNode:
		for _, child := range node.Content {
			eachValue(child, path, visit)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			eachValue(node.Content[i+1], path+"."+node.Content[i].Value, visit)
		}
	case yaml.ScalarNode:
		if !strings.HasPrefix(path, ".metadata") && path != ".kind" && path != ".apiVersion" {
			visit(path, node)
		}
	}
}

func encode(t *testing.T, documents []*yaml.Node) string {
	t.Helper()
	var out strings.Builder
	encoder := yaml.NewEncoder(&out)
	for _, document := range documents {
		if err := encoder.Encode(document); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// mergedInto is a configuration with the objects of a user that it changes, and says so.
const mergedInto = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata: {name: chat, namespace: teams}
spec:
  domain: example.com
  objectStorage: {endpoint: "https://s3.example.com", bucket: b, accessKey: a, accessSecret: secret12}
  database: {host: db.example.com, password: x}
  patches:
  - target: {kind: Parser}
    patch: '[{op: add, path: /spec/x, value: y}]'
---
apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata: {name: chat, namespace: teams}
spec:
  size: 100users
  database: {external: {secret: theirs}}
  fileStore: {external: {url: "https://key@s3.example.com", bucket: theirs, secret: theirs}}
  ingress: {enabled: true, host: theirs.example.com}
  mattermostEnv: [{name: MM_CONFIG, value: x}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: chat, namespace: teams}
spec: {hosts: [a], gateways: [b], http: [{route: [{destination: {host: c, port: {number: 1}}}]}]}
---
apiVersion: v1
kind: Secret
metadata: {name: chat-database, namespace: teams}
stringData: {DB_CONNECTION_STRING: x}
`

// A secret may make the whole file invalid. The message about it does not quote it.
func TestNoMessageQuotesInvalidYAML(t *testing.T) {
	for _, value := range []string{
		`"` + canary, `'` + canary, "@" + canary, "`" + canary, "%" + canary, "*" + canary, "&" + canary,
		"!" + canary + " x",
		canary + ": x: y", "{" + canary, "[" + canary, "{{ " + canary + " }}", "\t" + canary + ": a",
		`"\q` + canary + `"`,
		"<<<<<<< " + canary + "\n=======\n>>>>>>> " + canary, "- " + canary, "|\n" + canary, `"a" ` + canary,
		"? " + canary,
		"&a " + canary + "\n    x: *" + canary, "{? " + canary + ", b: *" + canary + "}", canary + ": &x\n     " +
			" " + canary + ": *x",
		canary + "\n" + canary, "x\n" + canary + ": {", "x\n  " + canary, "\x01" + canary, "\xff" + canary,
	} {
		input := configurationWith("spec.domain", "a.example.com") + "---\napiVersion: v1\nkind: Secret\nmetadata: " +
			"{name: s}\n" +
			"stringData:\n  password: " + value + "\n"
		for _, command := range []string{"check", "render"} {
			if got := run(input, command, "-"); leaks(got.errors) != "" || command == "check" && leaks(got.out) != "" {
				t.Errorf("%s with %q prints %s%s", command, value, got.out, got.errors)
			}
		}
	}
}
