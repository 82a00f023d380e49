// SPDX-License-Identifier: Apache-2.0

// Package promtool runs Prometheus' own tool on the alerts and on the queries of the dashboard: both are valid, and
// every alert fires when it should and does not when it should not.
package promtool

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// promtool returns the path of Prometheus' tool. The test is skipped without it.
func promtool(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skipf("%v. It is provided by: apt-get install prometheus", err)
	}
	return path
}

// outputs returns what is emitted for the examples, and for testdata/chat.yaml, which has every alert and chart.
func outputs(t *testing.T) map[string][]*unstructured.Unstructured {
	t.Helper()
	texts := map[string]string{}
	for _, example := range harness.Examples(t) {
		text, err := os.ReadFile(example.Expected())
		if err != nil {
			t.Fatal(err)
		}
		texts[example.Name] = string(text)
	}
	run := harness.Command{}.Run(t, harness.MattermostFn(t), "render", filepath.Join("testdata", "chat.yaml"))
	texts["chat.yaml"] = run.MustSucceed(t).Stdout
	list := map[string][]*unstructured.Unstructured{}
	for name, text := range texts {
		objects, err := conventions.Objects(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list[name] = objects
	}
	return list
}

// ruleFile is the part of Prometheus' rule file that the tests change.
type ruleFile struct {
	Groups []ruleGroup `json:"groups"`
}

type ruleGroup struct {
	Name  string `json:"name"`
	Rules []rule `json:"rules"`
}

type rule struct {
	Alert       string            `json:"alert,omitempty"`
	Record      string            `json:"record,omitempty"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// rulesOf returns the spec of a PrometheusRule, which has the form of a rule file.
func rulesOf(t *testing.T, object *unstructured.Unstructured) ruleFile {
	t.Helper()
	spec, err := json.Marshal(object.Object["spec"])
	if err != nil {
		t.Fatal(err)
	}
	var rules ruleFile
	if err := yaml.UnmarshalStrict(spec, &rules); err != nil {
		t.Fatal(err)
	}
	return rules
}

func (f ruleFile) yaml(t *testing.T) string {
	t.Helper()
	text, err := yaml.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// check runs promtool check rules.
func (f ruleFile) check(t *testing.T, want int) {
	t.Helper()
	dir := harness.Tree{"rules.yaml": f.yaml(t)}.Lay(t)
	run := harness.Command{Dir: dir}.Run(t, promtool(t), "check", "rules", "rules.yaml").MustSucceed(t)
	if found := fmt.Sprintf("%d rules found", want); !strings.Contains(run.Stdout, found) {
		t.Errorf("got %s, want %s", run.Stdout, found)
	}
}

// chatRules returns the rules of testdata/chat.yaml.
func chatRules(t *testing.T) ruleFile {
	t.Helper()
	for _, object := range outputs(t)["chat.yaml"] {
		if object.GetKind() == "PrometheusRule" {
			return rulesOf(t, object)
		}
	}
	t.Fatal("no PrometheusRule")
	return ruleFile{}
}

// Expressions and the templates of annotations are valid.
func TestRules(t *testing.T) {
	checked := 0
	for _, objects := range outputs(t) {
		for _, object := range objects {
			if object.GetKind() == "PrometheusRule" {
				rules, count := rulesOf(t, object), 0
				for _, group := range rules.Groups {
					count += len(group.Rules)
				}
				rules.check(t, count)
				checked++
			}
		}
	}
	if checked < 2 {
		t.Errorf("%d PrometheusRules", checked)
	}
}

// Prometheus runs the tests in testdata/alerts.yaml. They have the summaries of the alerts; the descriptions, which
// contain instructions, are left out.
func TestAlerts(t *testing.T) {
	rules := chatRules(t)
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			delete(rule.Annotations, "description")
		}
	}
	tests, err := os.ReadFile(filepath.Join("testdata", "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := harness.Tree{"rules.yaml": rules.yaml(t), "alerts.yaml": string(tests)}.Lay(t)
	harness.Command{Dir: dir}.Run(t, promtool(t), "test", "rules", "alerts.yaml").MustSucceed(t)
}

// Every alert that the generator has is in the tests twice: it fires once, and once it does not although there are
// samples.
func TestEveryAlertIsTested(t *testing.T) {
	emitted := map[string]bool{}
	for _, group := range chatRules(t).Groups {
		for _, rule := range group.Rules {
			emitted[rule.Alert] = true
		}
	}
	source, err := os.ReadFile(filepath.Join(harness.Root(), "generators", "prometheusrule.go"))
	if err != nil {
		t.Fatal(err)
	}
	generated := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^\s+name:\s+"(\w+)",$`).FindAllStringSubmatch(string(source), -1) {
		generated[found[1]] = true
	}
	if len(generated) < 15 || !maps.Equal(emitted, generated) {
		t.Errorf("testdata/chat.yaml has the alerts %q, the generator %q", slices.Sorted(maps.Keys(emitted)),
			slices.Sorted(maps.Keys(generated)))
	}

	text, err := os.ReadFile(filepath.Join("testdata", "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tests []struct {
			Name   string `json:"name"`
			Series []any  `json:"input_series"`
			Alerts []struct {
				Name     string `json:"alertname"`
				Expected []any  `json:"exp_alerts"`
			} `json:"alert_rule_test"`
		} `json:"tests"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, alert := range test.Alerts {
			if !generated[alert.Name] {
				t.Errorf("%s: there is no alert %s", test.Name, alert.Name)
			}
			if len(alert.Expected) > 0 {
				fires[alert.Name] = true
			} else if len(test.Series) > 0 {
				silent[alert.Name] = true
			}
		}
	}
	for alert := range generated {
		if !fires[alert] || !silent[alert] {
			t.Errorf("testdata/alerts.yaml: %s fires: %v, does not fire: %v", alert, fires[alert], silent[alert])
		}
	}
}

// The queries of the dashboard are valid, with what Grafana puts into them.
func TestDashboard(t *testing.T) {
	boards := 0
	for name, objects := range outputs(t) {
		for _, object := range objects {
			data, _, _ := unstructured.NestedStringMap(object.Object, "data")
			for file, text := range data {
				if object.GetKind() != "ConfigMap" || filepath.Ext(file) != ".json" {
					continue
				}
				var board struct {
					Panels []struct {
						Targets []struct {
							Expr string `json:"expr"`
						} `json:"targets"`
					} `json:"panels"`
				}
				if err := json.Unmarshal([]byte(text), &board); err != nil {
					t.Fatalf("%s: %s: %v", name, file, err)
				}
				group := ruleGroup{Name: "queries"}
				for _, panel := range board.Panels {
					for _, target := range panel.Targets {
						group.Rules = append(group.Rules, rule{
							Record: fmt.Sprintf("query:%d", len(group.Rules)),
							Expr:   strings.ReplaceAll(target.Expr, "$__rate_interval", "5m"),
						})
					}
				}
				if len(group.Rules) < 15 {
					t.Errorf("%s: %s has only %d queries", name, file, len(group.Rules))
				}
				ruleFile{Groups: []ruleGroup{group}}.check(t, len(group.Rules))
				boards++
			}
		}
	}
	if boards < 2 {
		t.Errorf("%d dashboards", boards)
	}
}

// promtool finds what the other tests rely on.
func TestPromtoolRefuses(t *testing.T) {
	for name, expr := range map[string]string{"syntax": "sum(", "variable": "rate(a[$__rate_interval])",
		"type": "rate(a)"} {
		file := ruleFile{Groups: []ruleGroup{{Name: "a", Rules: []rule{{Record: "a:b", Expr: expr}}}}}
		dir := harness.Tree{"rules.yaml": file.yaml(t)}.Lay(t)
		t.Run(name, func(t *testing.T) {
			harness.Command{Dir: dir}.Run(t, promtool(t), "check", "rules", "rules.yaml").MustFail(t)
		})
	}
}
