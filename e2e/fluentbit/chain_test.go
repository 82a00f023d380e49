// SPDX-License-Identifier: Apache-2.0

package fluentbit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// chat returns a configuration with its logging in a form.
func chat(namespace, name, form string) map[string]any {
	return map[string]any{
		"apiVersion": "mattermost.bigbang.dev/v1alpha1",
		"kind":       "MattermostConfig",
		"metadata":   map[string]any{"name": name, "namespace": namespace},
		"spec": map[string]any{
			"host":    name + "." + namespace + ".example.mil",
			"logging": map[string]any{"fluentBit": map[string]any{"form": form}},
		},
	}
}

// The lines of three installations, two in one namespace and two with one name, become what the unit tests make of
// them, in one Fluent Bit. Lines of other containers and pods stay as they are.
func TestServerLog(t *testing.T) {
	lines, processed := generatorsData(t, "server.log"), generatorsData(t, "server.processed")
	var want []any
	for _, line := range strings.Split(strings.TrimSpace(processed), "\n") {
		if line != "dropped" {
			want = append(want, decoded(t, line))
		}
	}
	const token = `{"msg":"token=abc"}`
	others := []string{
		"chat-db-1_teams_postgres-0f.log", "chat-7d9f8b6c5-x2x4z_teams_istio-proxy-0f.log",
		"chat-7d9f8b6c5-x2x4z_third_mattermost-0f.log",
	}
	logs := pods{podOf("teams", "chat"): lines, podOf("teams", "chat-eu"): lines, podOf("other", "chat"): lines}
	for _, other := range others {
		logs[other] = token + "\n"
	}
	for name, p := range pipelines(t, [2]string{"teams", "chat"}, [2]string{"teams", "chat-eu"},
		[2]string{"other", "chat"}) {
		t.Run(name, func(t *testing.T) {
			got := records(t, p, logs, 3*len(want)+len(others))
			for _, other := range others {
				record := got[other]
				if len(record) != 1 || record[0].(map[string]any)["log"] != token {
					t.Errorf("%s: got %v", other, record)
				}
				delete(got, other)
			}
			if len(got) != 3 {
				t.Errorf("got records of %d installations", len(got))
			}
			for pod, records := range got {
				if diff := cmp.Diff(want, records); diff != "" {
					t.Errorf("%s (-unit tests +Fluent Bit):\n%s", pod, diff)
				}
			}
		})
	}
}

// pipelines returns the pipelines of installations, each a namespace and a name, in both formats of the operator and in
// the form configMap.
func pipelines(t *testing.T, installations ...[2]string) map[string]pipeline {
	t.Helper()
	all := map[string]pipeline{}
	var operator, configMap []map[string]any
	for _, one := range installations {
		operator = append(operator, chat(one[0], one[1], "operator"))
		configMap = append(configMap, chat(one[0], one[1], "configMap"))
	}
	objects := emitted(t, operator...)
	for _, in := range []format{classicFormat, yamlFormat} {
		c, err := write(objects, in)
		if err != nil {
			t.Fatal(err)
		}
		all["operator-"+string(in)] = operatorPipeline(t, objects, c, in)
	}
	all["configMap"] = configMapPipeline(t, emitted(t, configMap...))
	return all
}

// configMapPipeline returns the pipeline with the files of all ConfigMaps in one directory, as docs/logging.md says.
func configMapPipeline(t *testing.T, objects []*unstructured.Unstructured) pipeline {
	t.Helper()
	p := pipeline{in: classicFormat, files: harness.Tree{}, filters: "@INCLUDE DIR/filters*.conf\n"}
	for _, o := range objects {
		if o.GetKind() != "ConfigMap" || !strings.HasSuffix(o.GetName(), "-fluent-bit") {
			continue
		}
		files, _ := field(o.Object, "data").(map[string]any)
		for name, content := range files {
			if base, isConf := strings.CutSuffix(name, ".conf"); isConf {
				name = base + "-" + o.GetName() + ".conf"
			}
			p.files[name] = fmt.Sprint(content)
		}
		p.service += "    Parsers_File DIR/parsers-" + o.GetName() + ".conf\n"
	}
	return p
}

// records runs a pipeline until it has written a number of records, and returns them by the log that they come from,
// without the field kubernetes. Each function is called with the directory of the files afterwards.
func records(t *testing.T, p pipeline, logs pods, count int, then ...func(dir string)) map[string][]any {
	t.Helper()
	toFile := []parameter{{"Name", "file"}, {"Match", "*"}, {"Path", "DIR/"}, {"File", "records"}, {"Format", "plain"}}
	if p.in == yamlFormat {
		toFile[1].value = `"*"`
	}
	p.outputs += section(p.in, "OUTPUT", toFile)
	file := p.lay(t, logs)
	process := start(t, file)
	var written []string
	err := process.wait(t, func() bool {
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "records"))
		written = strings.Split(string(text), "\n")
		return len(written) > count
	})
	process.stop()
	if err != nil {
		t.Fatalf("%v: %s", err, process.output.String())
	}
	for _, f := range then {
		f(filepath.Dir(file))
	}
	got := map[string][]any{}
	for _, line := range written[:len(written)-1] {
		record := decoded(t, line).(map[string]any)
		pod, _ := field(record, "kubernetes", "log").(string)
		delete(record, "kubernetes")
		got[pod] = append(got[pod], record)
	}
	return got
}

// The records that the unit tests redact become the same.
func TestRedact(t *testing.T) {
	var lines string
	var want []any
	for scanner := bufio.NewScanner(strings.NewReader(generatorsData(t, "redact.txt"))); scanner.Scan(); {
		kind, content, ok := strings.Cut(scanner.Text(), " ")
		if !ok || kind == "#" {
			continue
		}
		if kind != ">" {
			lines += content + "\n"
		}
		if kind != "<" {
			want = append(want, decoded(t, content))
		}
	}
	p := pipelines(t, [2]string{"teams", "chat"})["configMap"]
	p.files["json.conf"] = section(classicFormat, "PARSER", []parameter{{"Name", "any"}, {"Format", "json"}})
	p.service += "    Parsers_File DIR/json.conf\n"
	p.filters = section(classicFormat, "FILTER", []parameter{{"Name", "parser"}, {"Match", "*"}, {"Key_Name", "log"},
		{"Parser", "any"}}) + section(classicFormat, "FILTER", []parameter{{"Name", "lua"}, {"Match", "*"},
		{"script", "DIR/redact.lua"}, {"call", "redact_secrets"}})
	var got []any
	for _, records := range records(t, p, pods{podOf("teams", "chat"): lines}, len(want)) {
		got = append(got, records...)
	}
	for i := range want {
		of := want[i].(map[string]any)
		delete(of, "kubernetes") // records removes it
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			t.Errorf("record %d (-unit tests +Fluent Bit):\n%s", i+1, diff)
		}
	}
}

func generatorsData(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(harness.Root(), "generators", "testdata", "fluentbit", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return document
}
