// SPDX-License-Identifier: Apache-2.0

// Package externalsecrets fills the emitted ExternalSecrets with the template engine and the Password generator of
// External Secrets itself.
package externalsecrets

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	"github.com/external-secrets/external-secrets/pkg/generator/password"
	"github.com/external-secrets/external-secrets/pkg/template"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// plainValue is a value that is acceptable everywhere.
const plainValue = "letters0and1digits2that3are4long5enough"

// hostileValues may each be in a store. A template puts them into the Secret as they are, or refuses them.
var hostileValues = []string{
	`quotes " ' and a backslash \ in it`, "%41@x:y/z?#[]&=+,; 100%", "{{ .password }}{{", "}}{{ fail }}", "a\nb", "a\n",
	" a ", "a$b $(HOME) ${HOME} $$", "ünï", "@x", "*x", "x #y", "x: y", "- x", "`x`", "<x>", "\u2028", "a\x00b", "\xff\xfe",
	"a\r\n[OUTPUT]\n    Name http",
}

// output is what the function emits for one configuration.
type output struct {
	name    string
	objects []map[string]any
}

// outputs returns those of all examples, of all good configurations of the rules' tests, and of the ones in testdata.
func outputs(t *testing.T) []output {
	t.Helper()
	root := filepath.Join("..", "..")
	var list []output
	expected, err := filepath.Glob(filepath.Join(root, "examples", "*", "expected.yaml"))
	if err != nil || len(expected) < 5 {
		t.Fatalf("%d examples: %v", len(expected), err)
	}
	for _, file := range expected {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, output{file, documents(t, content)})
	}
	good, err := filepath.Glob(filepath.Join(root, "internal", "rules", "testdata", "MM*", "good*.yaml"))
	if err != nil || len(good) < 100 {
		t.Fatalf("%d good configurations: %v", len(good), err)
	}
	own, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if err != nil || len(own) == 0 {
		t.Fatalf("%d own configurations: %v", len(own), err)
	}
	for _, file := range append(good, own...) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(content, []byte("external")) && !bytes.Contains(content, []byte("generate")) {
			continue
		}
		var errs bytes.Buffer
		render := exec.Command(program(t), "render", file)
		render.Stderr = &errs
		out, err := render.Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", file, err, errs.String())
		}
		list = append(list, output{file, documents(t, out)})
	}
	return list
}

// program builds the command once. This module cannot import it, which requires newer versions of Kubernetes.
func program(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "mattermost-fn")
	command := exec.Command("go", "build", "-o", path, ".")
	command.Dir = filepath.Join("..", "..")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// binaries is a directory that lasts as long as the tests.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	directory, err := os.MkdirTemp("", "externalsecrets")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(directory)
	binaries = directory
	return m.Run()
}

func documents(t *testing.T, content []byte) []map[string]any {
	t.Helper()
	var objects []map[string]any
	for _, document := range regexp.MustCompile(`(?m)^---\n`).Split(string(content), -1) {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		if object != nil {
			objects = append(objects, object)
		}
	}
	return objects
}

// read decodes an object strictly.
func read(t *testing.T, object map[string]any, into any) {
	t.Helper()
	content, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Errorf("%s: %v", content, err)
	}
}

// external is an ExternalSecret, with the spec of its generator if it has one.
type external struct {
	esv1.ExternalSecret
	generator []byte
}

func externals(t *testing.T, o output) []external {
	t.Helper()
	generators := map[string][]byte{}
	for _, object := range o.objects {
		if object["kind"] == "Password" {
			spec, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			generators[object["metadata"].(map[string]any)["name"].(string)] = spec
		}
	}
	var list []external
	for _, object := range o.objects {
		if object["kind"] != "ExternalSecret" {
			continue
		}
		var e external
		read(t, object, &e.ExternalSecret)
		for _, from := range e.Spec.DataFrom {
			name := from.SourceRef.GeneratorRef.Name
			if e.generator = generators[name]; e.generator == nil {
				t.Errorf("%s: %s refers to the Password %s, which does not exist", o.name, e.Name, name)
			}
		}
		list = append(list, e)
	}
	return list
}

// values returns what the stores hold: the same for all of them, so that it is found again. Or it returns what the
// generator makes.
func (e external) values(t *testing.T, value string) map[string][]byte {
	t.Helper()
	if e.generator != nil {
		values, _, err := (&password.Generator{}).Generate(context.Background(), &apiextensions.JSON{Raw: e.generator}, nil,
			e.Namespace)
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	values := map[string][]byte{}
	for _, data := range e.Spec.Data {
		values[data.SecretKey] = []byte(value)
	}
	return values
}

// fill returns the Secret that External Secrets makes, as its ApplyTemplate does
// (pkg/controllers/externalsecret/externalsecret_controller_template.go): without templates all values, and with
// mergePolicy Replace only the templates otherwise.
func (e external) fill(t *testing.T, values map[string][]byte) (map[string][]byte, error) {
	t.Helper()
	target := e.Spec.Target
	if target.Template == nil || target.Template.MergePolicy != esv1.MergePolicyReplace ||
		len(target.Template.TemplateFrom) > 0 {
		t.Fatalf("%s: unexpected target %+v", e.Name, target)
	}
	if len(target.Template.Data) == 0 {
		return values, nil
	}
	engine, err := template.EngineForVersion(target.Template.EngineVersion)
	if err != nil {
		t.Fatal(err)
	}
	templates := map[string][]byte{}
	for key, text := range target.Template.Data {
		templates[key] = []byte(text)
	}
	var secret corev1.Secret
	err = engine(templates, values, esv1.TemplateScopeValues, esv1.TemplateTargetData, &secret)
	return secret.Data, err
}

// consumers returns the keys of a Secret that other objects name, with the place of one of them.
func consumers(o output, secret string) map[string]string {
	keys := map[string]string{}
	var walk func(place string, node any)
	walk = func(place string, node any) {
		switch node := node.(type) {
		case []any:
			for i, element := range node {
				walk(fmt.Sprintf("%s[%d]", place, i), element)
			}
		case map[string]any:
			name, _ := node["name"].(string)
			if key, ok := node["key"].(string); ok && name == secret {
				keys[key] = place
			}
			for field, element := range node {
				if element == secret {
					switch place + "." + field { // the operator's resource has names only
					case "Mattermost.spec.database.external.secret":
						keys["DB_CONNECTION_STRING"] = place
					case "Mattermost.spec.fileStore.external.secret":
						keys["accesskey"], keys["secretkey"] = place, place
					case "Mattermost.spec.licenseSecret":
						keys["license"] = place
					}
				}
				walk(place+"."+field, element)
			}
		}
	}
	for _, object := range o.objects {
		if kind := fmt.Sprint(object["kind"]); kind != "ExternalSecret" && kind != "Password" {
			walk(kind, object)
		}
	}
	return keys
}

// Every ExternalSecret can be filled, and its Secret has the keys that pods and other objects read.
func TestKeys(t *testing.T) {
	filled, generated, read := 0, 0, 0
	for _, o := range outputs(t) {
		for _, e := range externals(t, o) {
			data, err := e.fill(t, e.values(t, plainValue))
			if err != nil {
				t.Errorf("%s: %s: %v", o.name, e.Name, err)
				continue
			}
			filled++
			if e.generator != nil {
				generated++
			}
			keys := consumers(o, e.Spec.Target.Name)
			for key, place := range keys {
				read++
				if len(data[key]) == 0 {
					t.Errorf("%s: %s reads key %s of %s, which has %q", o.name, place, key, e.Name, slices.Sorted(maps.Keys(data)))
				}
			}
			if len(keys) == 0 && !isMounted(o, e.Spec.Target.Name) {
				t.Errorf("%s: nothing reads the Secret %s", o.name, e.Spec.Target.Name)
			}
		}
	}
	if filled < 15 || generated < 2 || read < 20 {
		t.Errorf("only %d ExternalSecrets, %d generated, %d keys", filled, generated, read)
	}
	t.Logf("%d ExternalSecrets, %d of them generated, %d keys", filled, generated, read)
}

// isMounted reports whether an object names a Secret without a key.
func isMounted(o output, secret string) bool {
	for _, object := range o.objects {
		if object["kind"] == "ExternalSecret" || object["kind"] == "Password" {
			continue
		}
		content, err := json.Marshal(object)
		if err == nil && bytes.Contains(content, []byte(`"`+secret+`"`)) {
			return true
		}
	}
	return false
}

// A value of a store is in the Secret as it is, whatever it contains, or there is no Secret: a template is never
// changed by the value, and no connection string has another password.
func TestHostileValues(t *testing.T) {
	kept, refused := 0, 0
	for _, o := range outputs(t) {
		for _, e := range externals(t, o) {
			if e.generator != nil {
				continue
			}
			plain, err := e.fill(t, e.values(t, plainValue))
			if err != nil {
				continue // reported by TestKeys
			}
			for _, value := range hostileValues {
				data, err := e.fill(t, e.values(t, value))
				if err != nil {
					if !strings.Contains(err.Error(), "cannot hold") && !strings.Contains(err.Error(), "letters and digits") {
						t.Errorf("%s: %s: %q: %v", o.name, e.Name, value, err)
					}
					if len(value) > len(" a ") && strings.Contains(err.Error(), value) { // shorter ones are in every sentence
						t.Errorf("%s: %s: the message has the value: %v", o.name, e.Name, err)
					}
					refused++
					continue
				}
				kept++
				for key, text := range data {
					if connection, err := url.Parse(string(text)); err == nil && strings.HasPrefix(connection.Scheme, "postgres") {
						if given, has := connection.User.Password(); has && given != value {
							t.Errorf("%s: %s: the connection of key %s has the password %q, want %q", o.name, e.Name, key, given, value)
						}
						continue
					}
					if want := strings.ReplaceAll(string(plain[key]), plainValue, value); string(text) != want {
						t.Errorf("%s: %s: key %s is %q, want %q", o.name, e.Name, key, text, want)
					}
				}
			}
		}
	}
	if kept < 100 || refused < 10 {
		t.Errorf("only %d values are kept and %d refused", kept, refused)
	}
	t.Logf("%d values are kept, %d refused", kept, refused)
}

// A generated password needs no escaping in any place: a URL, a shell, a file of MinIO, Fluent Bit, or YAML.
func TestGeneratedPasswords(t *testing.T) {
	acceptable := regexp.MustCompile(`^[A-Za-z0-9]{32}$`)
	seen := map[string]bool{}
	for _, o := range outputs(t) {
		for _, e := range externals(t, o) {
			if e.generator == nil {
				continue
			}
			for range 200 {
				values := e.values(t, "")
				text := string(values["password"])
				if !acceptable.MatchString(text) || seen[text] {
					t.Fatalf("%s: %s: generated %q", o.name, e.Name, text)
				}
				seen[text] = true
				data, err := e.fill(t, values)
				if err != nil {
					t.Fatalf("%s: %s: %v", o.name, e.Name, err)
				}
				found := false
				for _, value := range data {
					found = found || strings.Contains(string(value), text)
				}
				if !found {
					t.Fatalf("%s: %s does not contain the password", o.name, e.Name)
				}
			}
		}
	}
	if len(seen) == 0 {
		t.Error("nothing is generated")
	}
}
