// SPDX-License-Identifier: Apache-2.0

package expansion

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// harmless is a text that no configuration contains and that means nothing to the kubelet.
const harmless = "qzjq"

// variants are texts that mean something to the kubelet, and where they are put into a value.
var variants = []struct {
	name    string
	hostile string
	place   func(value, text string) string
}{
	{"at the end", "$$(MM_CONFIG)$(MM_CONFIG)$(POSTGRES_PASSWORD)$$$",
		func(value, text string) string { return value + text }},
	{"instead", "$(MM_CONFIG)$(POSTGRES_PASSWORD)", func(_, text string) string { return text }},
	{"before the last character", "$$$", func(value, text string) string {
		last := max(len(value)-1, 0)
		return value[:last] + text + value[last:]
	}},
}

// leaf is a text in a configuration.
type leaf struct {
	field string
	value string
	set   func(string)
}

// leaves are all texts below a value.
func leaves(field string, value any, set func(any)) []leaf {
	switch value := value.(type) {
	case string:
		return []leaf{{field, value, func(text string) { set(text) }}}
	case map[string]any:
		var all []leaf
		for _, key := range slices.Sorted(maps.Keys(value)) {
			all = append(all, leaves(field+"."+key, value[key], func(v any) { value[key] = v })...)
		}
		return all
	case []any:
		var all []leaf
		for i, child := range value {
			all = append(all, leaves(field+"[]", child, func(v any) { value[i] = v })...)
		}
		return all
	}
	return nil
}

// compareLeaves puts a variant into all leaves that take it, and compares what the processes get with what they get
// where the text is harmless. It returns the fields of which a process gets the value.
func compareLeaves(t *testing.T, config map[string]any, all []leaf, variant int) (reached []string) {
	t.Helper()
	v := variants[variant]
	put := func(accepted []leaf, text string) {
		for _, l := range all {
			l.set(l.value)
		}
		for i, l := range accepted {
			l.set(v.place(l.value, fmt.Sprintf("%sq%dz", text, i)))
		}
	}
	accepted := slices.Clone(all)
	for {
		put(accepted, v.hostile)
		refused := errorsOf(t, config)
		if len(refused) == 0 {
			break
		}
		before := len(accepted)
		accepted = slices.DeleteFunc(accepted, func(l leaf) bool { return slices.ContainsFunc(refused, l.concerns) })
		if len(accepted) == before {
			t.Fatalf("%s: refused for something else: %v", v.name, refused)
		}
	}
	got := render(t, config)
	put(accepted, harmless)
	reference := render(t, config)
	put(nil, "")
	compare(t, v.hostile, got, reference)
	for i, l := range accepted {
		for _, value := range reference {
			if strings.Contains(value, fmt.Sprintf("%sq%dz", harmless, i)) {
				reached = append(reached, l.field)
				break
			}
		}
	}
	return reached
}

// compare reports every value of which a process gets something else than the configuration says: the two results must
// differ in nothing but the two texts, which are in a URL as they are or percent-encoded.
func compare(t *testing.T, hostile string, got, reference map[string]string) {
	t.Helper()
	for _, place := range slices.Sorted(maps.Keys(reference)) {
		want := strings.ReplaceAll(reference[place], harmless, hostile)
		if decoded, err := url.PathUnescape(got[place]); got[place] != want && (err != nil || decoded != want) {
			t.Errorf("the process of %s gets %q, want %q", place, got[place], want)
		}
	}
	if len(got) != len(reference) {
		t.Errorf("%d values, and %d where the texts are harmless", len(got), len(reference))
	}
}

// problem is an error that the function reports.
type problem struct{ Severity, Field, Message string }

// concerns reports whether an error is about a leaf: about its field or one above it, or because its message names it.
func (l leaf) concerns(p problem) bool {
	field := index.ReplaceAllString(p.Field, "[]")
	return l.field == field || strings.HasPrefix(l.field, field+".") || strings.HasPrefix(l.field, field+"[") ||
		strings.HasPrefix(field, l.field+".") ||
		strings.Contains(p.Message, strings.TrimPrefix(strings.TrimPrefix(l.field, "spec.settings."), "spec."))
}

var index = regexp.MustCompile(`\[\d+\]`)

func run(t *testing.T, config map[string]any, arguments ...string) harness.Run {
	t.Helper()
	text, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return harness.Command{Stdin: string(text)}.Run(t, harness.MattermostFn(t), append(arguments, "-")...)
}

// errorsOf are the errors of a configuration.
func errorsOf(t *testing.T, config map[string]any) []problem {
	t.Helper()
	checked := run(t, config, "check", "--output", "json")
	var results []problem
	if err := json.Unmarshal([]byte(checked.Stdout), &results); err != nil {
		t.Fatalf("%v: %s", err, checked)
	}
	return slices.DeleteFunc(results, func(p problem) bool { return p.Severity != "error" })
}

// render returns what the processes get that come of a configuration.
func render(t *testing.T, config map[string]any) map[string]string {
	t.Helper()
	objects, err := conventions.Objects(run(t, config, "render").MustSucceed(t).Stdout)
	if err != nil {
		t.Fatal(err)
	}
	values, err := processes(objects)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func read(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	return config
}

// Whatever text a field takes reaches the processes as it is. What a field refuses, no process gets.
func TestFieldsAreNotExpanded(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no configurations", err)
	}
	var tried, reached []string
	for _, file := range files {
		config := read(t, file)
		all := leaves("spec", config["spec"], nil)
		for _, leaf := range all {
			tried = append(tried, leaf.field)
		}
		for variant := range variants {
			t.Run(filepath.Base(file)+" "+variants[variant].name, func(t *testing.T) {
				reached = append(reached, compareLeaves(t, config, all, variant)...)
			})
		}
	}
	for _, field := range texts(t) {
		if !slices.Contains(tried, field) {
			t.Errorf("no configuration in testdata sets %s", field)
		}
	}
	// Fields of which processes are known to get the value. Without them this test compares nothing.
	for _, field := range []string{
		"spec.email.fromName", "spec.ldap.userFilter", "spec.saml.buttonText", "spec.sso.scope", "spec.openid.buttonText",
		"spec.redis.prefix",
		"spec.elasticsearch.username", "spec.objectStorage.pathPrefix", "spec.database.username", "spec.database.database",
		"spec.plugins.settings.com.example.chat.pattern", "spec.plugins.settings.com.example.chat.nested.list[]",
	} {
		if !slices.Contains(reached, field) {
			t.Errorf("%s reaches no process", field)
		}
	}
	count := func(fields []string) int { return len(slices.Compact(slices.Sorted(slices.Values(fields)))) }
	t.Logf("%d fields tried; hostile texts in %d of them are accepted and reach a process", count(tried), count(reached))
}

// elsewhere are texts that are no value of a process: names of objects and keys, and what Kubernetes itself defines,
// which is emitted as it is.
var elsewhere = regexp.MustCompile(
	`\.(externalSecret|secretKeyRef|configMapKeyRef|pem|claims|limits|requests)\b|` +
		`^spec\.(env|pod|patches|settings)\b|\.storage\.size$`)

// texts are the fields of the schema that take any text.
func texts(t *testing.T) []string {
	t.Helper()
	var fields []string
	var walk func(field string, schema map[string]any)
	walk = func(field string, schema map[string]any) {
		if elsewhere.MatchString(field) {
			return
		}
		if properties, ok := schema["properties"].(map[string]any); ok {
			for name, child := range properties {
				walk(field+"."+name, child.(map[string]any))
			}
		}
		if items, ok := schema["items"].(map[string]any); ok {
			walk(field+"[]", items)
		}
		if schema["type"] == "string" && schema["enum"] == nil {
			fields = append(fields, field)
		}
	}
	walk("spec", schema(t))
	if len(fields) < 80 {
		t.Fatalf("the schema has only %d texts", len(fields))
	}
	slices.Sort(fields)
	return fields
}

// schema is the schema of spec.
func schema(t *testing.T) map[string]any {
	t.Helper()
	text := harness.Command{}.Run(t, harness.MattermostFn(t), "schema", "--output", "json-schema").MustSucceed(t).Stdout
	var schema struct {
		Properties map[string]map[string]any `json:"properties"`
	}
	if err := json.Unmarshal([]byte(text), &schema); err != nil {
		t.Fatal(err)
	}
	return schema.Properties["spec"]
}

// Whatever text or list one of Mattermost's settings takes reaches the server as it is. The database in the base is one
// that no setting replaces.
func TestSettingsAreNotExpanded(t *testing.T) {
	sections := schema(t)["properties"].(map[string]any)["settings"].(map[string]any)
	for variant := range variants {
		t.Run(variants[variant].name, func(t *testing.T) {
			config := read(t, "testdata/cloudnative-pg.yaml")
			settings := examples(sections).(map[string]any)
			config["spec"].(map[string]any)["settings"] = settings
			// A setting that refuses the example as well is not set at all.
			var all []leaf
			for {
				all = leaves("spec.settings", settings, nil)
				refused := errorsOf(t, config)
				if len(refused) == 0 {
					break
				}
				for _, l := range all {
					if slices.ContainsFunc(refused, l.concerns) {
						remove(settings, strings.TrimPrefix(l.field, "spec.settings."))
					}
				}
			}
			if reached := compareLeaves(t, config, all, variant); variant == 0 && len(reached) < 100 {
				t.Errorf("only %d settings reach the server", len(reached))
			} else {
				t.Logf("%d settings tried; hostile texts in %d of them are accepted and reach the server", len(all), len(reached))
			}
		})
	}
}

// examples are values for the texts and lists of texts of a schema; nil for anything else.
func examples(schema map[string]any) any {
	if properties, ok := schema["properties"].(map[string]any); ok {
		values := map[string]any{}
		for name, child := range properties {
			if value := examples(child.(map[string]any)); value != nil {
				values[name] = value
			}
		}
		return values
	}
	switch schema["type"] {
	case "string":
		if schema["enum"] == nil {
			return "example"
		}
	case "array":
		return []any{"example"}
	}
	return nil
}

// remove takes a setting out.
func remove(settings map[string]any, field string) {
	key, rest, below := strings.Cut(strings.TrimSuffix(field, "[]"), ".")
	if child, ok := settings[key].(map[string]any); below && ok {
		remove(child, rest)
	} else {
		delete(settings, key)
	}
}

// Any combination of what the kubelet looks for comes back as it was written.
func TestTextsComeBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := map[string]any{}
	for i := range 2000 {
		var text strings.Builder
		for range random.IntN(12) {
			text.WriteString([]string{"$", "$", "(", ")", "A", "MM_CONFIG", "é", "{"}[random.IntN(8)])
		}
		texts[fmt.Sprintf("k%d", i)] = text.String()
	}
	config := read(t, "testdata/existing-secrets.yaml")
	config["spec"].(map[string]any)["plugins"] = map[string]any{"settings": map[string]any{"example": texts}}
	var got map[string]map[string]any
	if err := json.Unmarshal([]byte(render(t, config)["mattermost env MM_PLUGINSETTINGS_PLUGINS"]), &got); err != nil {
		t.Fatal(err)
	}
	for key, text := range texts {
		if got["example"][key] != text {
			t.Errorf("%q came back as %q", text, got["example"][key])
		}
	}
}

// What users write as Kubernetes has it keeps its meaning.
func TestReferencesOfUsers(t *testing.T) {
	config := read(t, "testdata/existing-secrets.yaml")
	spec := config["spec"].(map[string]any)
	own := []any{map[string]any{"name": "WHO", "value": "ann"},
		map[string]any{"name": "MM_TEAMSETTINGS_SITENAME", "value": "$(WHO) pays $$$$5"}}
	limits := map[string]any{"cpu": "1", "memory": "1Gi"}
	spec["env"] = own
	spec["pod"] = map[string]any{"sidecars": []any{map[string]any{
		"name": "aside", "image": "example", "env": own, "args": []any{"$(WHO)"},
		"resources": map[string]any{"limits": limits, "requests": limits},
	}}}
	values := render(t, config)
	for place, want := range map[string]string{
		"mattermost env MM_TEAMSETTINGS_SITENAME": "ann pays $$5",
		"aside env MM_TEAMSETTINGS_SITENAME":      "ann pays $$5",
		"aside args[0]":                           "ann",
	} {
		if values[place] != want {
			t.Errorf("%s: got %q, want %q", place, values[place], want)
		}
	}
}
