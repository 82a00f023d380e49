// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	fluentbit "bigbang.dev/mattermost-fn/internal/apis/fluentbit/v1alpha2"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// loggedPlan returns an installation whose log is sent to two services.
func loggedPlan() *plan.Plan {
	return &plan.Plan{
		Names: plan.Names{Name: "chat", Namespace: "teams"},
		Image: plan.Image{Version: "11.10.0"},
		Logging: &plan.Logging{
			Form:      v1alpha1.FluentBitOperator,
			Namespace: "fluentbit",
			Outputs: []plan.LogOutput{{
				Name: "chat-search", Host: "logging-ek-es-http.logging.svc.cluster.local", Port: 9200, Path: "/es", TLS: true,
				CAFile: "/etc/elasticsearch/ca.crt", IndexPrefix: "mattermost",
				Username: &v1alpha1.KeyRef{Name: "chat-search-log", Key: "username"},
				Password: &v1alpha1.KeyRef{Name: "chat-search-log", Key: "password"},
			}, {
				Name: "chat-archive", Host: "archive", Port: 80, IndexPrefix: "chat",
			}},
		},
	}
}

// loggedPlanConfigMap returns an installation whose log is processed by the plain chart.
func loggedPlanConfigMap() *plan.Plan {
	p := loggedPlan()
	p.Logging.Form, p.Logging.Outputs = v1alpha1.FluentBitConfigMap, nil
	return p
}

// fluentBitObject returns the only object of a type.
func fluentBitObject[T Object](t *testing.T, objects []Object) T {
	t.Helper()
	var found []T
	for _, object := range objects {
		if o, ok := object.(T); ok {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		t.Fatalf("got %d objects of type %T, want 1", len(found), *new(T))
	}
	return found[0]
}

func TestFluentBitOperator(t *testing.T) {
	objects := fluentBit(loggedPlan())
	var got []string
	for _, object := range objects {
		gvk := object.GetObjectKind().GroupVersionKind()
		got = append(got, gvk.GroupVersion().String()+" "+gvk.Kind+" "+object.GetNamespace()+"/"+object.GetName())

		labels := object.GetLabels()
		for label, want := range map[string]string{
			"app.kubernetes.io/instance":  "chat",
			"app.kubernetes.io/component": "logging",
			ownership.LabelManagedBy:      ownership.ManagedBy,
		} {
			if labels[label] != want {
				t.Errorf("%s: label %s: got %q, want %q", object.GetName(), label, labels[label], want)
			}
		}
		if object.GetAnnotations()[ownership.AnnotationOwner] != "teams/chat" {
			t.Errorf("%s: got annotations %v", object.GetName(), object.GetAnnotations())
		}
		// By this label most FluentBitConfigs select what they process.
		_, conventional := labels["fluentbit.fluent.io/enabled"]
		if conventional != (gvk.Kind == fluentbit.KindFluentBitConfig) {
			t.Errorf("%s %s: got labels %v", gvk.Kind, object.GetName(), labels)
		}
	}
	want := []string{
		"v1 ConfigMap teams/chat-log-redact",
		"fluentbit.fluent.io/v1alpha2 FluentBitConfig teams/chat",
		"fluentbit.fluent.io/v1alpha2 Parser teams/chat-json",
		"fluentbit.fluent.io/v1alpha2 Filter teams/chat",
		"fluentbit.fluent.io/v1alpha2 Output teams/chat-search",
		"fluentbit.fluent.io/v1alpha2 Output teams/chat-archive",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got objects\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFluentBitNotEnabled(t *testing.T) {
	p := loggedPlan()
	p.Logging = nil
	if objects := fluentBit(p); objects != nil {
		t.Errorf("got %d objects, want none", len(objects))
	}
}

// The selectors select only this installation's resources; an empty one would select all in the namespace.
func TestFluentBitSelectors(t *testing.T) {
	spec := fluentBitObject[*fluentbit.FluentBitConfig](t, fluentBit(loggedPlan())).Spec
	var document map[string]any
	if err := json.Unmarshal(jsonOf(t, spec), &document); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"matchLabels": map[string]any{"app.kubernetes.io/instance": "chat"}}
	for _, selector := range []string{
		"filterSelector", "outputSelector", "parserSelector", "clusterParserSelector", "multilineParserSelector",
		"clusterMultilineParserSelector",
	} {
		if !reflect.DeepEqual(document[selector], want) {
			t.Errorf("%s: got %v, want %v", selector, document[selector], want)
		}
	}
}

// Fluent Bit fails if two emitters have the same name.
func TestFluentBitEmitterIsUnique(t *testing.T) {
	seen := map[string]string{}
	for _, owner := range [][2]string{{"a", "b"}, {"a", "b-c"}, {"a-b", "c"}, {"b", "a"}} {
		p := loggedPlan()
		p.Namespace, p.Name = owner[0], owner[1]
		name := fluentBitObject[*fluentbit.FluentBitConfig](t, fluentBit(p)).Spec.Service.EmitterName
		if other, ok := seen[name]; ok {
			t.Errorf("%s and %s share the emitter %s", other, p.Owner(), name)
		}
		seen[name] = p.Owner()
	}
}

func TestFluentBitParser(t *testing.T) {
	objects := fluentBit(loggedPlan())
	parser := fluentBitObject[*fluentbit.Parser](t, objects)
	if got, want := parser.Spec.JSON, (fluentbit.JSONParser{TimeKey: "timestamp", TimeFormat: "%Y-%m-%d %H:%M:%S.%L %z",
		TimeKeep: true}); got != want {
		t.Errorf("got parser %+v, want %+v", got, want)
	}
	// Fluent Bit does not start if a filter refers to an unknown parser.
	for _, item := range fluentBitObject[*fluentbit.Filter](t, objects).Spec.Filters {
		if item.Parser != nil && item.Parser.Parser != parser.Name {
			t.Errorf("the filter refers to the parser %s, but the Parser is %s", item.Parser.Parser, parser.Name)
		}
	}
}

// The files of all installations are parts of one configuration: Fluent Bit does not start if two parsers have the same
// name, and an alias is the name of a filter in its metrics.
func TestFluentBitFileNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, owner := range [][2]string{{"a", "b"}, {"a", "b-c"}, {"a-b", "c"}, {"c", "b"}, {"b", "a"}} {
		p := loggedPlanConfigMap()
		p.Namespace, p.Name = owner[0], owner[1]
		files := fluentBitObject[*corev1.ConfigMap](t, fluentBit(p)).Data
		parser := regexp.MustCompile(`(?m)^    Name +(\S+)$`).FindStringSubmatch(files["parsers.conf"])[1]
		if !strings.Contains(files["filters.conf"], "    Parser       "+parser+"\n") {
			t.Errorf("no filter refers to the parser %s", parser)
		}
		names := []string{"parser " + parser}
		for _, alias := range regexp.MustCompile(`(?m)^    Alias +(\S+)$`).FindAllStringSubmatch(files["filters.conf"], -1) {
			names = append(names, "alias "+alias[1])
		}
		for _, name := range names {
			if other, ok := seen[name]; ok {
				t.Errorf("%s and %s share the %s", other, p.Owner(), name)
			}
			seen[name] = p.Owner()
		}
	}
}

func TestFluentBitScript(t *testing.T) {
	p := loggedPlan()
	objects := fluentBit(p)
	script := fluentBitObject[*corev1.ConfigMap](t, objects)
	filters := fluentBitObject[*fluentbit.Filter](t, objects).Spec.Filters
	call := filters[len(filters)-1].Lua
	if call == nil {
		t.Fatal("the last filter is not the redaction, so later filters could add secrets again")
	}
	if call.Script.Name != script.Name || script.Data[call.Script.Key] != redactScript || len(script.Data) != 1 {
		t.Errorf("the filter reads key %s of %s, but the ConfigMap %s has %v", call.Script.Key, call.Script.Name, script.Name,
			slices.Collect(maps.Keys(script.Data)))
	}
	if !regexp.MustCompile(`^redact-[0-9a-f]{10}\.lua$`).MatchString(call.Script.Key) {
		t.Errorf("key %s does not depend on the content", call.Script.Key)
	}
	if !strings.Contains(redactScript, "\nfunction "+call.Call+"(tag, timestamp, record)") {
		t.Errorf("the script has no function %s", call.Call)
	}
}

// operatorTags returns the regular expression that the Fluent operator derives from a namespaced resource's matchRegex,
// for the tags that it gives the records of the namespace.
func operatorTags(namespace, matchRegex string) *regexp.Regexp {
	prefix := fmt.Sprintf("%x", md5.Sum([]byte(namespace)))
	return regexp.MustCompile("^" + prefix + `\.` + strings.TrimPrefix(matchRegex, "^"))
}

func TestFluentBitMatch(t *testing.T) {
	const id = "0f4e8c1d2b3a495867768594a3b2c1d00f4e8c1d2b3a495867768594a3b2c1d0"
	tags := []struct {
		name, pod, namespace, container string
		want                            bool
	}{
		{"a server", "chat-7d9f8b6c5-x2x4z", "teams", "mattermost", true},
		{"a server with the longest hash", "chat-6b8d7c9f45-bcdfg", "teams", "mattermost", true},
		{"another installation with a longer name", "chat-eu-7d9f8b6c5-x2x4z", "teams", "mattermost", false},
		{"another installation with a longer name without hyphen", "chats-7d9f8b6c5-x2x4z", "teams", "mattermost", false},
		{"another installation with the same suffix", "eu-chat-7d9f8b6c5-x2x4z", "teams", "mattermost", false},
		{"another namespace", "chat-7d9f8b6c5-x2x4z", "team", "mattermost", false},
		{"another namespace with a longer name", "chat-7d9f8b6c5-x2x4z", "teams-eu", "mattermost", false},
		{"an init container", "chat-7d9f8b6c5-x2x4z", "teams", "init-check-database", false},
		{"a sidecar", "chat-7d9f8b6c5-x2x4z", "teams", "istio-proxy", false},
		{"a sidecar with a longer name", "chat-7d9f8b6c5-x2x4z", "teams", "mattermost-exporter", false},
		{"the database", "chat-db-1", "teams", "postgres", false},
		{"a StatefulSet's pod", "chat-mattermost-0", "teams", "mattermost", false},
		// A false positive; see logTags.
		{"a Job with a container of the server's name", "chat-import-x2x4z", "teams", "mattermost", true},
	}
	p := loggedPlan()
	objects := fluentBit(p)
	expressions := map[string]string{"Filter": fluentBitObject[*fluentbit.Filter](t, objects).Spec.MatchRegex}
	for _, object := range objects {
		if output, ok := object.(*fluentbit.Output); ok {
			expressions["Output "+output.Name] = output.Spec.MatchRegex
		}
	}
	path := func(pod, namespace, container string) string {
		return fmt.Sprintf("kube.var.log.containers.%s_%s_%s-%s.log", pod, namespace, container, id)
	}
	// The operator gives the records of each namespace the prefix of that namespace, and an expression the prefix of its
	// object's: the plan's, or another one that kustomize has set.
	for _, namespace := range []string{p.Namespace, "elsewhere"} {
		for resource, expression := range expressions {
			expression := operatorTags(namespace, expression)
			for _, tag := range tags {
				in := tag.namespace
				if in == p.Namespace {
					in = namespace
				}
				prefixed := fmt.Sprintf("%x.%s", md5.Sum([]byte(in)), path(tag.pod, in, tag.container))
				if got := expression.MatchString(prefixed); got != tag.want {
					t.Errorf("%s in %s: %s: got match %v, want %v", resource, namespace, tag.name, got, tag.want)
				}
				if plain := path(tag.pod, in, tag.container); expression.MatchString(plain) {
					t.Errorf("%s in %s: %s matches without the prefix of its namespace", resource, namespace, tag.name)
				}
			}
		}
	}
	// The plain chart gives no prefix: the expression names the namespace.
	p.Logging.Form = v1alpha1.FluentBitConfigMap
	filters := fluentBit(p)[0].(*corev1.ConfigMap).Data["filters.conf"]
	match := regexp.MustCompile(`Match_Regex +(\S+)`).FindStringSubmatch(filters)
	for _, tag := range tags {
		if got := regexp.MustCompile(match[1]).MatchString(path(tag.pod, tag.namespace, tag.container)); got != tag.want {
			t.Errorf("configMap form: %s: got match %v, want %v", tag.name, got, tag.want)
		}
	}
}

// stringsOf returns all strings in a document, keys included.
func stringsOf(document any) []string {
	switch value := document.(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, element := range value {
			all = append(all, stringsOf(element)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			all = append(all, key)
			all = append(all, stringsOf(value[key])...)
		}
		return all
	}
	return nil
}

// The operator writes values unquoted into YAML and into Fluent Bit's classic format. One value that cannot be parsed
// in either stops the logging of the whole cluster.
func TestFluentBitValuesAreSafe(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9(^/_][A-Za-z0-9 ._/^$()|?+*:\\\[\]{}-]*$`)
	objects := fluentBit(loggedPlan())
	specs := map[string]any{"Filter": fluentBitObject[*fluentbit.Filter](t, objects).Spec}
	for _, object := range objects {
		if output, ok := object.(*fluentbit.Output); ok {
			specs[output.Name] = output.Spec
		}
	}
	for name, spec := range specs {
		var document any
		if err := json.Unmarshal(jsonOf(t, spec), &document); err != nil {
			t.Fatal(err)
		}
		for _, value := range stringsOf(document) {
			if value == "" {
				continue // the value of keyDoesNotExist
			}
			if !safe.MatchString(value) || strings.Contains(value, "{{") || !plan.FluentBitReads(value) {
				t.Errorf("%s: %q has characters that may break Fluent Bit's configuration", name, value)
			}
			var list []map[string]string
			if err := yaml.Unmarshal([]byte("- first: x\n  value: "+value+"\n  last: x\n"), &list); err != nil ||
				list[0]["value"] != value {
				t.Errorf("%s: %q is parsed as %v in unquoted YAML: %v", name, value, list, err)
			}
		}
	}
}

func TestFluentBitFilterItems(t *testing.T) {
	filter := fluentBitObject[*fluentbit.Filter](t, fluentBit(loggedPlan()))
	if filter.Spec.Ordinal != 100 {
		t.Errorf("got ordinal %d, want 100", filter.Spec.Ordinal)
	}
	aliases := map[string]bool{}
	for _, item := range filter.Spec.Filters {
		var document map[string]map[string]any
		if err := json.Unmarshal(jsonOf(t, item), &document); err != nil {
			t.Fatal(err)
		}
		if len(document) != 1 {
			t.Errorf("an item has %d plugins, which the operator may reorder: %v", len(document), document)
		}
		for _, settings := range document {
			alias := settings["alias"].(string)
			if aliases[alias] {
				t.Errorf("duplicate alias %s", alias)
			}
			aliases[alias] = true
		}
		if item.Grep != nil && strings.Count(item.Grep.Exclude, " ") != 1 {
			t.Errorf("%q is not a key and an expression", item.Grep.Exclude)
		}
		if item.Modify == nil {
			continue
		}
		kinds := map[string]bool{}
		for _, rule := range item.Modify.Rules {
			kinds[slices.Collect(maps.Keys(documentOf(t, rule).(map[string]any)))[0]] = true
		}
		if len(kinds) != 1 {
			t.Errorf("%s has %d kinds of rules, which the YAML format may reorder", item.Modify.Alias, len(kinds))
		}
		for _, value := range stringsOf(documentOf(t, item.Modify)) {
			if strings.Contains(value, " ") {
				t.Errorf("%s: modify splits %q at its space", item.Modify.Alias, value)
			}
		}
		for _, pattern := range patternsOf(item.Modify) {
			if strings.ContainsAny(pattern, `\"`) {
				t.Errorf("%s: %q has a character that modify may parse as an escape or a quote", item.Modify.Alias, pattern)
			}
		}
	}
}

func patternsOf(modify *fluentbit.Modify) []string {
	var patterns []string
	for _, condition := range modify.Conditions {
		patterns = append(patterns, slices.Collect(maps.Values(condition.KeyValueMatches))...)
		patterns = append(patterns, slices.Collect(maps.Values(condition.KeyValueDoesNotMatch))...)
	}
	return patterns
}

func TestFluentBitOutput(t *testing.T) {
	objects := fluentBit(loggedPlan())
	search, archive := objects[4].(*fluentbit.Output).Spec, objects[5].(*fluentbit.Output).Spec

	want := fluentbit.Elasticsearch{
		Host: "logging-ek-es-http.logging.svc.cluster.local", Port: 9200, Path: "/es",
		LogstashFormat: true, LogstashPrefix: "mattermost", GenerateID: true, ReplaceDots: true, SuppressTypeName: "true",
		TLS:          &fluentbit.TLS{Verify: true, CAFile: "/etc/elasticsearch/ca.crt"},
		HTTPUser:     fluentBitSecret(&v1alpha1.KeyRef{Name: "chat-search-log", Key: "username"}),
		HTTPPassword: fluentBitSecret(&v1alpha1.KeyRef{Name: "chat-search-log", Key: "password"}),
	}
	if !reflect.DeepEqual(search.Elasticsearch, want) {
		t.Errorf("got output %s\nwant       %s", jsonOf(t, search.Elasticsearch), jsonOf(t, want))
	}
	if archive.Elasticsearch.TLS != nil || archive.Elasticsearch.HTTPUser != nil ||
		archive.Elasticsearch.HTTPPassword != nil {
		t.Errorf("the plain output has TLS or credentials: %s", jsonOf(t, archive.Elasticsearch))
	}

	p := loggedPlan()
	p.Logging.Outputs[0].SkipTLSVerify = true
	if fluentBit(p)[4].(*fluentbit.Output).Spec.Elasticsearch.TLS.Verify {
		t.Error("the certificate is verified despite skipTLSVerify")
	}
}

func TestFluentBitConfigMap(t *testing.T) {
	objects := fluentBit(loggedPlanConfigMap())
	if len(objects) != 1 {
		t.Fatalf("got %d objects, want 1", len(objects))
	}
	files := fluentBitObject[*corev1.ConfigMap](t, objects)
	if got, want := files.Namespace+"/"+files.Name, "fluentbit/teams.chat-fluent-bit"; got != want {
		t.Errorf("got name %s, want %s", got, want)
	}
	if files.Annotations[ownership.AnnotationOwner] != "teams/chat" {
		t.Errorf("got annotations %v", files.Annotations)
	}
	if got := slices.Sorted(maps.Keys(files.Data)); !slices.Equal(got,
		[]string{"filters.conf", "parsers.conf", "redact.lua"}) {
		t.Errorf("got files %v", got)
	}
	for _, name := range []string{"filters.conf", "parsers.conf"} {
		want, err := os.ReadFile(filepath.Join("testdata", "fluentbit", name))
		if err != nil {
			t.Fatal(err)
		}
		if files.Data[name] != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, files.Data[name], want)
		}
	}
	if files.Data["redact.lua"] != redactScript {
		t.Error("redact.lua is not the script")
	}
	for name, content := range files.Data {
		// Helm would parse it as a template if a user pastes the file into values.
		if strings.Contains(content, "{{") {
			t.Errorf("%s contains {{", name)
		}
	}
}

// TestFluentBitChain runs a server's lines through the filters. It simulates Fluent Bit's plugins, and runs the actual
// script.
func TestFluentBitChain(t *testing.T) {
	filters := fluentBitObject[*fluentbit.Filter](t, fluentBit(loggedPlan())).Spec.Filters
	lines := fluentBitLines(t, "server.log")
	want := fluentBitLines(t, "server.processed")
	if len(lines) != len(want) {
		t.Fatalf("%d lines, but %d processed lines", len(lines), len(want))
	}
	script := newRedaction(t)
	for i, line := range lines {
		kubernetes := map[string]any{"namespace_name": "teams"}
		record := map[string]any{"log": line, "kubernetes": kubernetes}
		if json.Valid([]byte(line)) && strings.HasPrefix(line, "{") {
			record["log_processed"] = documentOf(t, json.RawMessage(line)) // as Big Bang's kubernetes filter does
		}
		got := "dropped"
		if record = runFilters(t, script, filters, record); record != nil {
			if !reflect.DeepEqual(record["kubernetes"], any(kubernetes)) {
				t.Errorf("line %d: kubernetes was changed to %v", i+1, record["kubernetes"])
			}
			delete(record, "kubernetes")
			got = string(jsonOf(t, record))
		}
		if got != want[i] {
			t.Errorf("line %d:\n     %s\ngot  %s\nwant %s", i+1, line, got, want[i])
		}
	}
}

// Without the raw line, log_processed is the only copy and is kept.
func TestFluentBitKeepsTheOnlyCopy(t *testing.T) {
	filters := fluentBitObject[*fluentbit.Filter](t, fluentBit(loggedPlan())).Spec.Filters
	record := runFilters(t, newRedaction(t), filters, map[string]any{"log_processed": map[string]any{"msg": "token=abc"}})
	want := map[string]any{"msg": "token=[REDACTED]"}
	if !reflect.DeepEqual(record["log_processed"], any(want)) {
		t.Errorf("got %v, want log_processed %v", record, want)
	}
}

// runFilters applies the filters to a record, and returns nil if they drop it.
func runFilters(t *testing.T, script *redaction, filters []fluentbit.FilterItem, record map[string]any) map[string]any {
	t.Helper()
	for _, item := range filters {
		switch {
		case item.Parser != nil:
			line, ok := record[item.Parser.KeyName].(string)
			if parsed := parsedByFluentBit(line); ok && parsed != nil {
				delete(record, item.Parser.KeyName)
				maps.Copy(record, parsed)
			}
		case item.Grep != nil:
			key, pattern, _ := strings.Cut(item.Grep.Exclude, " ")
			if value, ok := record[key].(string); ok && regexp.MustCompile(pattern).MatchString(value) {
				return nil
			}
		case item.Modify != nil:
			if !slices.ContainsFunc(item.Modify.Conditions, func(c fluentbit.Condition) bool { return !isTrue(c, record) }) {
				for _, rule := range item.Modify.Rules {
					applyRule(rule, record)
				}
			}
		case item.Lua != nil:
			_, record = script.run(t, record)
		}
	}
	return record
}

// parsedByFluentBit returns what Fluent Bit 5.1.1 parses a line to, nil if it does not: an empty line is an empty
// object, and a string or number after an object is dropped.
func parsedByFluentBit(line string) map[string]any {
	if line == "" {
		return map[string]any{}
	}
	var parsed, more map[string]any
	decoder := json.NewDecoder(strings.NewReader(line))
	if decoder.Decode(&parsed) != nil || decoder.Decode(&more) == nil {
		return nil
	}
	return parsed
}

// isTrue reports whether a condition is true for a record.
func isTrue(condition fluentbit.Condition, record map[string]any) bool {
	for key := range condition.KeyDoesNotExist {
		_, ok := record[key]
		return !ok
	}
	for key, value := range condition.KeyValueEquals {
		return record[key] == any(value)
	}
	for key, pattern := range condition.KeyValueMatches {
		value, ok := record[key].(string)
		return ok && regexp.MustCompile(pattern).MatchString(value)
	}
	for key, pattern := range condition.KeyValueDoesNotMatch {
		value, ok := record[key]
		text, _ := value.(string)
		return ok && !regexp.MustCompile(pattern).MatchString(text)
	}
	_, ok := record[condition.KeyExists]
	return ok
}

func applyRule(rule fluentbit.Rule, record map[string]any) {
	for key, value := range rule.Set {
		record[key] = value
	}
	for key, value := range rule.Add {
		if _, ok := record[key]; !ok {
			record[key] = value
		}
	}
	for key, name := range rule.Rename {
		value, ok := record[key]
		if _, taken := record[name]; ok && !taken {
			delete(record, key)
			record[name] = value
		}
	}
	for key, name := range rule.HardRename {
		if value, ok := record[key]; ok {
			delete(record, key)
			record[name] = value
		}
	}
	delete(record, rule.Remove)
}

// TestRedact runs the script on the records in testdata/fluentbit/redact.txt.
func TestRedact(t *testing.T) {
	script := newRedaction(t)
	cases := 0
	var before string
	for number, line := range fluentBitLines(t, "redact.txt") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		kind, content := line[:2], line[2:]
		if kind == "< " {
			before = content
			continue
		}
		cases++
		if kind == "= " {
			before = content
		}
		_, after := script.run(t, documentOf(t, json.RawMessage(before)).(map[string]any))
		if want := documentOf(t, json.RawMessage(content)); !reflect.DeepEqual(any(after), want) {
			t.Errorf("line %d:\n     %s\ngot  %s\nwant %s", number+1, before, jsonOf(t, after), content)
		}
		if strings.Contains(string(jsonOf(t, after)), "zqx") {
			t.Errorf("line %d: a part of a secret remains: %s", number+1, jsonOf(t, after))
		}
		if _, again := script.run(t, after); !reflect.DeepEqual(again, after) {
			t.Errorf("line %d: a second run changes the record again: %s", number+1, jsonOf(t, again))
		}
	}
	if cases < 40 {
		t.Errorf("only %d cases", cases)
	}
}

// TestRedactEverywhere runs the script on each kind of secret in each place of a record.
func TestRedactEverywhere(t *testing.T) {
	secrets := []string{
		"postgres://mmuser:zqx@db/mm", "Authorization: Bearer zqx", "bearer zqx", "token=zqx", `"password":"zqx"`,
		"secret: zqx",
		"zqx@example.com", "https://u:zqx@h/?password=zqx&email=zqx@example.com",
	}
	contexts := []string{"%s", "before %s after", "before\n%s\nafter", "(%s)", "[%s]", `"%s"`, "'%s'", "x=%s",
		"ünïcödé %s ✓", "\x00%s\xff"}
	places := []func(string) map[string]any{
		func(s string) map[string]any { return map[string]any{"msg": s, "level": "info"} },
		func(s string) map[string]any { return map[string]any{"log": s} },
		func(s string) map[string]any { return map[string]any{"error": map[string]any{"description": s}} },
		func(s string) map[string]any { return map[string]any{"list": []any{"first", s, []any{s}}} },
		func(s string) map[string]any { return map[string]any{"map": map[string]any{s: "value"}} },
		func(s string) map[string]any { return map[string]any{s: map[string]any{"a": 1.0}} },
		func(s string) map[string]any { return map[string]any{"log_processed": map[string]any{"msg": s}} },
		func(s string) map[string]any {
			return map[string]any{"event_name": "x", "actor": map[string]any{"user_id": "u", "client": s},
				"meta": map[string]any{"api_path": s}}
		},
		func(s string) map[string]any {
			value := any(s)
			for range 100 {
				value = map[string]any{"deeper": value}
			}
			return map[string]any{"top": value}
		},
	}
	script := newRedaction(t)
	for _, secret := range secrets {
		for _, context := range contexts {
			for i, place := range places {
				value := strings.Replace(context, "%s", secret, 1)
				code, after := script.run(t, place(value))
				if code != 2 || strings.Contains(fmt.Sprint(after), "zqx") {
					t.Errorf("%q in place %d: got code %d, %v", value, i, code, after)
				}
			}
		}
	}
}

// Two e-mail addresses as keys must not become one field.
func TestRedactKeepsFieldsApart(t *testing.T) {
	_, after := newRedaction(t).run(t, map[string]any{"failed": map[string]any{"a@example.com": 1.0, "b@example.com": 2.0,
		"[EMAIL] 2": 3.0}})
	failed := after["failed"].(map[string]any)
	values := slices.Sorted(func(yield func(float64) bool) {
		for key, value := range failed {
			if strings.Contains(key, "@") || !yield(value.(float64)) {
				return
			}
		}
	})
	if !slices.Equal(values, []float64{1, 2, 3}) {
		t.Errorf("got %v, want the values 1, 2 and 3", failed)
	}
}

// The script must not raise an error, on which Fluent Bit passes on the whole chunk unchanged.
func TestRedactFailsClosed(t *testing.T) {
	script := newRedaction(t)
	script.state.SetGlobal("type", script.state.NewFunction(func(state *lua.LState) int {
		state.RaiseError("broken")
		return 0
	}))
	code, after := script.run(t, map[string]any{
		"msg": "token=zqx", "severity": "error", "log_type": "server", "kubernetes": map[string]any{"pod_name": "p"},
	})
	want := map[string]any{
		"msg": "the record is withheld: redacting it failed", "severity": "error", "log_type": "server",
		"kubernetes": map[string]any{"pod_name": "p"},
	}
	if code != 2 || !reflect.DeepEqual(after, want) {
		t.Errorf("got code %d, %v", code, after)
	}
}

// redaction is the script, loaded as Fluent Bit loads it.
type redaction struct{ state *lua.LState }

func newRedaction(t *testing.T) *redaction {
	t.Helper()
	state := newLua(t)
	if err := state.DoString(redactScript); err != nil {
		t.Fatal(err)
	}
	return &redaction{state}
}

// newLua returns a machine with enough memory for table.concat, which puts all elements on its stack.
func newLua(t testing.TB) *lua.LState {
	state := lua.NewState(lua.Options{RegistryMaxSize: 1 << 22, RegistryGrowStep: 1 << 16})
	t.Cleanup(state.Close)
	return state
}

// run calls the script with a record as Fluent Bit's filter does, and returns its code and the record that Fluent Bit
// continues with.
func (r *redaction) run(t *testing.T, record map[string]any) (int, map[string]any) {
	t.Helper()
	const timestamp = 1793610901.204
	call := lua.P{Fn: r.state.GetGlobal(redactFunction), NRet: 3, Protect: true}
	if err := r.state.CallByParam(call, lua.LString("tag"), lua.LNumber(timestamp), toLua(r.state, record)); err != nil {
		t.Fatalf("the script fails: %.300v", err)
	}
	defer r.state.Pop(3)
	if time := r.state.Get(-2); time != lua.LNumber(timestamp) {
		t.Errorf("the time was changed to %v", time)
	}
	code := int(r.state.Get(-3).(lua.LNumber))
	if code == 0 {
		return code, record
	}
	return code, fromLua(r.state.Get(-1)).(map[string]any)
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case string:
		return lua.LString(value)
	case float64:
		return lua.LNumber(value)
	case bool:
		return lua.LBool(value)
	case []any:
		list := state.NewTable()
		for _, element := range value {
			list.Append(toLua(state, element))
		}
		return list
	case map[string]any:
		table := state.NewTable()
		for key, element := range value {
			table.RawSetString(key, toLua(state, element))
		}
		return table
	}
	return lua.LNil
}

func fromLua(value lua.LValue) any {
	switch value := value.(type) {
	case lua.LString:
		return string(value)
	case lua.LNumber:
		return float64(value)
	case lua.LBool:
		return bool(value)
	case *lua.LTable:
		if value.Len() > 0 {
			var list []any
			for i := 1; i <= value.Len(); i++ {
				list = append(list, fromLua(value.RawGetInt(i)))
			}
			return list
		}
		table := map[string]any{}
		value.ForEach(func(key, element lua.LValue) { table[key.String()] = fromLua(element) })
		return table
	}
	return nil
}

func fluentBitLines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "fluentbit", name))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for scanner := bufio.NewScanner(bytes.NewReader(data)); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

func jsonOf(t *testing.T, value any) []byte {
	t.Helper()
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(buffer.Bytes())
}

func documentOf(t *testing.T, value any) any {
	t.Helper()
	var document any
	if err := json.Unmarshal(jsonOf(t, value), &document); err != nil {
		t.Fatal(err)
	}
	return document
}
