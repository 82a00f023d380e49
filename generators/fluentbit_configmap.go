// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	fluentbit "bigbang.dev/mattermost-fn/internal/apis/fluentbit/v1alpha2"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// logMountPath is the path at which docs/logging.md tells users to mount the ConfigMap. It is a separate directory
// because the mount of the chart's files hides other files in theirs.
const logMountPath = "/fluent-bit/etc/mattermost"

// redactScriptFile is the name of the script, which is the same for every installation, so that several ConfigMaps can
// be mounted as one directory.
const redactScriptFile = "redact.lua"

// fluentBitConfigMap returns the same filters as files for the plain Fluent Bit chart, which includes them into its own
// configuration. The ConfigMap is in Fluent Bit's namespace, since pods can only mount ConfigMaps of their own
// namespace.
func fluentBitConfigMap(p *plan.Plan) *corev1.ConfigMap {
	meta := p.ObjectMeta(ownership.ComponentLogging, p.LogConfigName())
	meta.Namespace = p.Logging.Namespace
	return &corev1.ConfigMap{
		TypeMeta:   typeMeta("v1", "ConfigMap"),
		ObjectMeta: meta,
		Data: map[string]string{
			"filters.conf":   classicFilters(p),
			"parsers.conf":   classicParser(p),
			redactScriptFile: redactScript,
		},
	}
}

func classicFilters(p *plan.Plan) string {
	script := corev1.ConfigMapKeySelector{Key: redactScriptFile}
	var file strings.Builder
	fmt.Fprintf(&file, "# The log of Mattermost %s. Made by %s: do not edit.\n", p.Owner(), ownership.ManagedBy)
	for _, item := range logFilters(p, p.LogFileParserName(), script) {
		file.WriteByte('\n')
		plugin, settings := classicFilter(item)
		file.WriteString(classicSection("FILTER", append([]classicSetting{
			{"Name", plugin},
			{"Match_Regex", logTags(p, regexp.QuoteMeta(p.Namespace))},
		}, settings...)))
	}
	return file.String()
}

func classicParser(p *plan.Plan) string {
	return classicSection("PARSER", []classicSetting{
		{"Name", p.LogFileParserName()},
		{"Format", "json"},
		{"Time_Key", logTimeKey},
		{"Time_Format", logTimeFormat},
		{"Time_Keep", "On"},
	})
}

// classicSetting is one line of a section in Fluent Bit's classic format.
type classicSetting struct{ key, value string }

func classicSection(name string, settings []classicSetting) string {
	var section strings.Builder
	fmt.Fprintf(&section, "[%s]\n", name)
	for _, s := range settings {
		fmt.Fprintf(&section, "    %-12s %s\n", s.key, s.value)
	}
	return section.String()
}

// classicFilter converts an item for the Fluent operator to the classic format: the plugin and its settings.
func classicFilter(item fluentbit.FilterItem) (plugin string, settings []classicSetting) {
	switch {
	case item.Grep != nil:
		return "grep", []classicSetting{{"Alias", item.Grep.Alias}, {"Exclude", item.Grep.Exclude}}
	case item.Parser != nil:
		return "parser", []classicSetting{
			{"Alias", item.Parser.Alias},
			{"Key_Name", item.Parser.KeyName},
			{"Parser", item.Parser.Parser},
			{"Reserve_Data", "On"},
		}
	case item.Lua != nil:
		return "lua", []classicSetting{
			{"Alias", item.Lua.Alias},
			{"Script", logMountPath + "/" + item.Lua.Script.Key},
			{"Call", item.Lua.Call},
		}
	}
	settings = []classicSetting{{"Alias", item.Modify.Alias}}
	for _, condition := range item.Modify.Conditions {
		settings = append(settings, classicSetting{"Condition", classicCondition(condition)})
	}
	for _, rule := range item.Modify.Rules {
		settings = append(settings, classicRule(rule))
	}
	return "modify", settings
}

func classicCondition(condition fluentbit.Condition) string {
	switch {
	case condition.KeyExists != "":
		return "Key_exists " + condition.KeyExists
	case condition.KeyDoesNotExist != nil:
		return "Key_does_not_exist " + classicPair(condition.KeyDoesNotExist)
	case condition.KeyValueEquals != nil:
		return "Key_value_equals " + classicPair(condition.KeyValueEquals)
	case condition.KeyValueDoesNotMatch != nil:
		return "Key_value_does_not_match " + classicPair(condition.KeyValueDoesNotMatch)
	default:
		return "Key_value_matches " + classicPair(condition.KeyValueMatches)
	}
}

func classicRule(rule fluentbit.Rule) classicSetting {
	switch {
	case rule.Set != nil:
		return classicSetting{"Set", classicPair(rule.Set)}
	case rule.Add != nil:
		return classicSetting{"Add", classicPair(rule.Add)}
	case rule.Rename != nil:
		return classicSetting{"Rename", classicPair(rule.Rename)}
	case rule.HardRename != nil:
		return classicSetting{"Hard_rename", classicPair(rule.HardRename)}
	default:
		return classicSetting{"Remove", rule.Remove}
	}
}

// classicPair returns the only entry of the map, key before value.
func classicPair(pair map[string]string) string {
	for key, value := range pair {
		return strings.TrimSpace(key + " " + value)
	}
	return ""
}
