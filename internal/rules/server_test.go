// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/rules"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// verdict is what the server makes of one value.
type verdict int

const (
	takes verdict = iota
	replaces
	refuses
	lacks
)

// answer is what a server of a version made of one value of one setting.
type answer struct {
	version, setting string
	value            json.RawMessage
	verdict          verdict
}

// breaks says why a value that the server takes is refused here, by setting: the message must contain it. What start-up
// refuses although the configuration is valid was recorded by starting the server of 11.10.
var breaks = map[string]string{
	"ServiceSettings.SiteURL":                                         "spec.host",
	"ServiceSettings.ListenAddress":                                   "Services, probes and policies",
	"SqlSettings.DataSource":                                          "the only database that the server supports",
	"FileSettings.Directory":                                          "files would be lost at every restart",
	"PluginSettings.PluginStates":                                     "plugin",
	"PluginSettings.Plugins":                                          "keep the default",
	"ServiceSettings.Forward80To443":                                  "does not start",
	"ServiceSettings.UseLetsEncrypt":                                  "does not start",
	"LogSettings.ConsoleLevel":                                        "is not a log level",
	"LogSettings.MaxFieldSize":                                        "the server rejects",
	"SqlSettings.MaxOpenConns":                                        "waits forever",
	"SqlSettings.ReplicaMonitorIntervalSeconds":                       "it crashes",
	"EmailSettings.PushNotificationBuffer":                            "it crashes",
	"ContentFlaggingSettings.NotificationSettings.EventTargetMapping": "keep the default",
}

// differs is part of the message about numbers that YAML readers read differently, in any setting.
const differs = "that tools read differently"

// TestServerAnswers compares the rules with the answers of real servers, one value at a time.
func TestServerAnswers(t *testing.T) {
	checked := map[verdict]int{}
	for _, answer := range serverAnswers(t) {
		checked[answer.verdict]++
		messages := answer.errors(t)
		switch answer.verdict {
		case refuses:
			if len(messages) == 0 {
				t.Errorf("%s: %s is accepted, and a server of %s does not start with it", answer.setting, answer.value,
					answer.version)
			}
		case takes, replaces:
			for _, message := range messages {
				because := breaks[answer.setting]
				if !strings.Contains(message, differs) && (because == "" || !strings.Contains(message, because)) {
					t.Errorf("%s: a server of %s takes %s, and it is refused: %s", answer.setting, answer.version,
						answer.value, message)
				}
			}
		case lacks:
			for _, message := range messages {
				if !strings.Contains(message, "cannot be set") {
					t.Errorf("%s: a server of %s ignores it, and %s is refused: %s", answer.setting, answer.version,
						answer.value, message)
				}
			}
		}
	}
	if checked[takes] < 5000 || checked[refuses] < 2000 || checked[replaces] < 100 || checked[lacks] < 400 {
		t.Errorf("only %v answers were checked", checked)
	}
}

// TestSettingsOfTheServer holds what the table says of releases against the settings that servers had.
func TestSettingsOfTheServer(t *testing.T) {
	releases := map[string]settings.Release{"11.6": {Major: 11, Minor: 6}, "11.10": {Major: 11, Minor: 10}}
	for _, answer := range serverAnswers(t) {
		section, key, _ := strings.Cut(answer.setting, ".")
		setting, found := settings.Find(section, key)
		if !found {
			t.Fatalf("no setting %s", answer.setting)
		}
		if setting.Unsettable != "" || setting.Since == "11.10" && answer.version == "11.10" {
			continue // SyncJobIntervalSeconds is announced for it, and was not there in July 2026
		}
		if has := setting.Presence(releases[answer.version]) == settings.Present; has != (answer.verdict != lacks) {
			t.Errorf("%s: since %s, but a server of %s says otherwise", answer.setting, setting.Since, answer.version)
		}
	}
}

// serverAnswers reads testdata/server-*.tsv.
func serverAnswers(t *testing.T) []answer {
	t.Helper()
	var answers []answer
	for _, version := range []string{"11.6", "11.10"} {
		file, err := os.Open("testdata/server-" + version + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var values []string
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			fields := strings.Split(lines.Text(), "\t")
			switch {
			case strings.HasPrefix(lines.Text(), "#"):
			case fields[0] == "values":
				values = fields[1:]
			default:
				for i, numbers := range fields[1:] {
					for number := range strings.FieldsSeq(numbers) {
						at, err := strconv.Atoi(number)
						if err != nil || at >= len(values) {
							t.Fatalf("%s: %s: no value %q", file.Name(), fields[0], number)
						}
						answers = append(answers, answer{version, fields[0], json.RawMessage(values[at]), verdict(i)})
					}
				}
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return answers
}

// errors are the messages of the errors about a configuration with the one value.
func (a answer) errors(t *testing.T) []string {
	t.Helper()
	section, key, _ := strings.Cut(a.setting, ".")
	value := string(a.value)
	for _, part := range reversed(strings.Split(key, ".")) {
		value = fmt.Sprintf("{%q: %s}", part, value)
	}
	return errorsOf(t, fmt.Sprintf("{host: chat.example.com, route: {type: none}, version: %s.0, "+
		"enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}, settings: {%q: %s}}", a.version,
		section, value))
}

func reversed(parts []string) []string {
	var reversed []string
	for _, part := range parts {
		reversed = append([]string{part}, reversed...)
	}
	return reversed
}

// errorsOf are the messages of the errors about a configuration with a spec, which is YAML.
func errorsOf(t *testing.T, spec string) []string {
	t.Helper()
	node, err := yaml.Parse("apiVersion: " + v1alpha1.APIVersion + "\nkind: MattermostConfig\nmetadata: {name: " +
		"mattermost, namespace: mattermost}\nspec: " + spec)
	if err != nil {
		t.Fatalf("%s: %v", spec, err)
	}
	config := &v1alpha1.MattermostConfig{}
	lines, problems := decode.Strict(node.YNode(), config)
	config.SetDefaults()
	given := func(field string) bool { _, ok := lines[field]; return ok }
	report := &result.Reporter{}
	for _, problem := range problems {
		report.Report(result.Error, "", problem.Path, "%s", problem.Message)
	}
	rules.Run(config, given, noResources{}, time.Time{}, report)
	if !report.HasErrors() {
		rules.Plan(config, given, plan.New(config, given, noResources{}, report), report)
	}
	var messages []string
	for _, r := range report.Results {
		if r.Severity == result.Error {
			messages = append(messages, r.Field+": "+r.Message)
		}
	}
	return messages
}

// TestDefaultsOfTheServer pastes what a server of 11.10 writes into its config.json by default.
func TestDefaultsOfTheServer(t *testing.T) {
	tree := map[string]any{}
	for s := range settings.All() {
		var value any
		if json.Unmarshal([]byte(s.Default), &value) != nil || s.Env == "MM_SQLSETTINGS_DATASOURCE" {
			continue // made at the first start, or nothing
		}
		if list, ok := value.([]any); s.Unsettable != "" && !(ok && len(list) == 0) {
			continue
		}
		at := tree
		parts := strings.Split(s.Name(), ".")
		for _, part := range parts[:len(parts)-1] {
			if at[part] == nil {
				at[part] = map[string]any{}
			}
			at = at[part].(map[string]any)
		}
		at[parts[len(parts)-1]] = value
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range errorsOf(t, fmt.Sprintf("{host: chat.example.com, route: {type: none}, enterprise: "+
		"{enabled: true, license: {secretKeyRef: {name: license, key: license}}}, settings: %s}", text)) {
		t.Error(message)
	}
}
