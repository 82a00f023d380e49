// SPDX-License-Identifier: Apache-2.0

package fluentbit

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// Fluent Bit starts with the logging of every example and of every good configuration of the rules' tests, and redacts.
func TestStarts(t *testing.T) {
	program(t)
	var all []string
	for _, example := range harness.Examples(t) {
		all = append(all, example.Expected())
	}
	good, err := filepath.Glob(filepath.Join(harness.Root(), "internal", "rules", "testdata", "MM*", "good*.yaml"))
	if err != nil || len(good) < 100 {
		t.Fatalf("%d good configurations: %v", len(good), err)
	}
	for _, file := range good {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "fluentBit:") {
			all = append(all, file)
		}
	}
	started := 0
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		emitted := string(text)
		if filepath.Base(file) != "expected.yaml" {
			emitted = harness.Command{}.Run(t, harness.MattermostFn(t), "render", file).MustSucceed(t).Stdout
		}
		objects := objectsOf(t, emitted)
		logs := pods{}
		configMaps := false
		for _, o := range objects {
			if o.GetKind() == "FluentBitConfig" && conventions.Owned(o) {
				logs[podOf(o.GetNamespace(), o.GetName())] = "token=zqx\n"
			}
			if name, found := strings.CutSuffix(o.GetName(), "-fluent-bit"); found && o.GetKind() == "ConfigMap" {
				namespace, name, _ := strings.Cut(name, ".")
				logs[podOf(namespace, name)], configMaps = "token=zqx\n", true
			}
		}
		if len(logs) == 0 {
			continue
		}
		started++
		var pipelines []pipeline
		if configMaps {
			pipelines = append(pipelines, configMapPipeline(t, objects))
		}
		for _, in := range []format{classicFormat, yamlFormat} {
			if configMaps {
				break
			}
			c, err := write(withSecrets(objects), in)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			p := operatorPipeline(t, objects, c, in)
			p.outputs = withoutAuthorities(c.outputs)
			pipelines = append(pipelines, p)
		}
		for _, p := range pipelines {
			for log, records := range records(t, p, logs, len(logs)) {
				if got := records[0].(map[string]any)["log"]; len(records) != 1 || got != "token=[REDACTED]" {
					t.Errorf("%s, %s: %s: got %v", file, p.in, log, records)
				}
			}
		}
	}
	if started < 20 {
		t.Errorf("only %d configurations have logging", started)
	}
}

// withSecrets adds the Secrets that are not emitted, such as those that External Secrets makes. Until they exist, the
// operator does not update the configuration.
func withSecrets(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	all := slices.Clone(objects)
	for _, o := range objects {
		for _, name := range []string{"httpUser", "httpPassword"} {
			ref := field(o.Object, "spec", "es", name, "valueFrom", "secretKeyRef")
			if ref == nil || secretValue(o.GetNamespace(), ref, all) != "" {
				continue
			}
			all = append(all, &unstructured.Unstructured{Object: map[string]any{
				"kind":       "Secret",
				"metadata":   map[string]any{"namespace": o.GetNamespace(), "name": field(ref, "name")},
				"stringData": map[string]any{field(ref, "key").(string): "letters0and1digits2"},
			}})
		}
	}
	return all
}

// withoutAuthorities removes the paths of certificate authorities, which are in Fluent Bit's pods only.
func withoutAuthorities(outputs string) string {
	return strings.Join(slices.DeleteFunc(strings.SplitAfter(outputs, "\n"), func(line string) bool {
		return strings.Contains(line, "tls.ca_file")
	}), "")
}

// What docs/logging.md says about cluster outputs: Fluent Bit compares matchRegex from the beginning of the tag, which
// has a prefix if the namespace has a FluentBitConfig.
func TestClusterOutputs(t *testing.T) {
	for _, test := range []struct {
		match    parameter
		receives bool
	}{
		{parameter{"Match_Regex", `(?:kube|service)\.(.*)`}, false}, // of the operator's chart
		{parameter{"Match_Regex", `^kube\.`}, false},
		{parameter{"Match", `kube.*`}, false},
		{parameter{"Match", `*`}, true},
		{parameter{"Match_Regex", `(?:[0-9a-f]{32}\.)?(?:kube|service)\.(.*)`}, true},
	} {
		for _, in := range []format{classicFormat, yamlFormat} {
			objects := emitted(t, chat("teams", "chat", "operator"))
			c, err := write(objects, in)
			if err != nil {
				t.Fatal(err)
			}
			p := operatorPipeline(t, objects, c, in)
			match := test.match
			if in == yamlFormat && match.key == "Match" {
				match.value = `"` + match.value + `"` // as the operator does
			}
			p.outputs = section(in, "Output", []parameter{{"Name", "file"}, match, {"Path", "DIR/"}, {"File", "matched"},
				{"Format", "plain"}})
			dir := ""
			records(t, p, pods{podOf("teams", "chat"): "token=zqx\n"}, 1, func(in string) { dir = in })
			_, err = os.Stat(filepath.Join(dir, "matched"))
			if received := err == nil; received != test.receives {
				t.Errorf("%s: %s %s: received %v, want %v", in, test.match.key, test.match.value, received, test.receives)
			}
		}
	}
}

// Fluent Bit does not start with a certificate authority that its pod does not have, as docs/logging.md says, nor with
// two parsers of one name, which is why MM077 is an error.
func TestDoesNotStart(t *testing.T) {
	configuration := configurationWith([]map[string]any{{
		"name": "search", "url": "https://search.example.mil:9200", "caFile": "/no/such/file",
	}})
	for _, in := range []format{classicFormat, yamlFormat} {
		for name, change := range map[string]func(*pipeline){
			"authority": func(*pipeline) {},
			"parsers": func(p *pipeline) {
				p.files["parsers.conf"] += p.files["parsers.conf"]
				p.outputs = withoutAuthorities(p.outputs)
			},
		} {
			objects := emitted(t, configuration)
			c, err := write(objects, in)
			if err != nil {
				t.Fatal(err)
			}
			p := operatorPipeline(t, objects, c, in)
			p.outputs = c.outputs
			change(&p)
			process := start(t, p.lay(t, nil))
			if err := process.wait(t, func() bool { return false }); !errors.Is(err, errStops) {
				t.Errorf("%s, %s: got %v", in, name, err)
			}
		}
	}
}

// Without the name of the namespace, which the kubernetes filter does not add while it has no answer of the API server,
// the operator's form does not redact, as docs/logging.md says. The form configMap does.
func TestWithoutMetadata(t *testing.T) {
	for name, p := range pipelines(t, [2]string{"teams", "chat"}) {
		p.withoutMetadata = true
		for _, records := range records(t, p, pods{podOf("teams", "chat"): "token=zqx\n"}, 1) {
			redacted := records[0].(map[string]any)["log"] != "token=zqx"
			if redacted != (name == "configMap") {
				t.Errorf("%s: redacted %v", name, redacted)
			}
		}
	}
}

// What MM077 says of Filters that two FluentBitConfigs select.
func TestFiltersTwice(t *testing.T) {
	p := pipelines(t, [2]string{"teams", "chat"})["operator-classic"]
	_, own, _ := strings.Cut(p.filters, "[Filter]\n    Name    modify\n")
	p.filters += "[Filter]\n    Name    modify\n" + own
	line := `{"timestamp":"2026-11-02 09:15:08.001 Z","level":"audit-api","event_name":"login","error":{"a":1}}` + "\n"
	for _, records := range records(t, p, pods{podOf("teams", "chat"): line}, 1) {
		record := records[0].(map[string]any)
		if record["severity"] != "info" || record["audit_error"] != nil || record["_audit_error"] == nil {
			t.Errorf("got %v", record)
		}
	}
}
