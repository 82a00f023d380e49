// SPDX-License-Identifier: Apache-2.0

package generators

import (
	_ "embed"
	"regexp"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	fluentbit "bigbang.dev/mattermost-fn/internal/apis/fluentbit/v1alpha2"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// fluentBit returns the configuration with which Fluent Bit parses, classifies and redacts the servers' log.
// docs/logging.md describes it.
func fluentBit(p *plan.Plan) []Object {
	switch {
	case p.Logging == nil:
		return nil
	case p.Logging.Form == v1alpha1.FluentBitConfigMap:
		return []Object{fluentBitConfigMap(p)}
	default:
		return fluentBitOperator(p)
	}
}

// redactScript is a Lua script that removes secrets from a record. It is always a file, never inline code in the
// configuration: the operator joins inline code into one line, and with the first comment Fluent Bit fails to start.
//
//go:embed fluentbit_redact.lua
var redactScript string

// redactFunction is the function in redactScript that Fluent Bit calls.
const redactFunction = "redact_secrets"

// The field and the format of the time in Mattermost's JSON lines: 2026-03-02 12:01:35.123 Z, or +02:00 instead of Z.
const (
	logTimeKey    = "timestamp"
	logTimeFormat = "%Y-%m-%d %H:%M:%S.%L %z"
)

// logContainer is the server's container in the pods that the Mattermost operator creates.
const logContainer = "mattermost"

// anyNamespace is a regular expression for the name of a namespace. It contains no underscore, so it ends where the
// container's name begins.
const anyNamespace = `[a-z0-9-]+`

// logTags returns a regular expression for the tags of this installation's server lines:
// kube.var.log.containers.<pod>_<namespace>_<container>-<container id>.log. Namespace is a regular expression too. A
// glob could not distinguish chat-<hash>-<id>, a pod of chat, from chat-eu-<hash>-<id>, a pod of chat-eu. Names of
// installations are short enough that names of pods are not truncated: Kubernetes truncates them to 58 characters
// before it appends the last 5.
//
// A tag is ambiguous in one case: a Job or DaemonSet called <installation>-<word> has pods with names of the same form.
// They are treated as servers if their container is called mattermost too.
func logTags(p *plan.Plan, namespace string) string {
	return `^kube\.var\.log\.containers\.` + regexp.QuoteMeta(p.Name) + `-[a-z0-9]+-[a-z0-9]{5}_` + namespace +
		`_` + logContainer + `-[0-9a-f]+\.log$`
}

// rawLine is the field with a line that is not parsed, while others are.
const rawLine = "raw_line"

// logFilters returns the filters for the server's lines, in order. Each item has one plugin, since the operator
// reorders the plugins in an item; each modify has one kind of rule, since the operator's YAML format groups rules by
// kind.
//
// All values use a safe set of characters: one that Fluent Bit cannot parse stops the logging of the whole cluster. The
// operator's YAML format does not quote them, and modify splits them at spaces.
func logFilters(p *plan.Plan, parser string, script corev1.ConfigMapKeySelector) []fluentbit.FilterItem {
	modifyAll := func(step string, rules []fluentbit.Rule, conditions ...fluentbit.Condition) fluentbit.FilterItem {
		return fluentbit.FilterItem{Modify: &fluentbit.Modify{
			Alias: p.LogStepAlias(step), Conditions: conditions, Rules: rules,
		}}
	}
	modify := func(step string, rule fluentbit.Rule, conditions ...fluentbit.Condition) fluentbit.FilterItem {
		return modifyAll(step, []fluentbit.Rule{rule}, conditions...)
	}
	severity := func(step, value, pattern string) fluentbit.FilterItem {
		return modify("severity-"+step, setField("severity", value), fieldMatches("level", pattern))
	}
	return []fluentbit.FilterItem{
		// Big Bang's kubernetes filter parses the line into log_processed and keeps the raw line in log. If there is no
		// raw line, log_processed is the only content and is kept.
		modify("drop-copy", fluentbit.Rule{Remove: "log_processed"}, hasField("log")),
		// A line that is not JSON remains unchanged in log. The parser itself makes an empty record of an empty line, and
		// drops what follows the JSON in a line, so it does not see those.
		modify("keep-line", hardRename("log", rawLine), fieldDiffers("log", `^[{].*[}][[:space:]]*$`)),
		{Parser: &fluentbit.ParserFilter{Alias: p.LogStepAlias("parse"), KeyName: "log", Parser: parser,
			ReserveData: true}},
		// Only the filters below set these fields. A line that has one of them keeps it under another name, with the
		// prefix that the server gives to fields of a plugin which are called like its own.
		modifyAll("declared", []fluentbit.Rule{hardRename("severity", "_severity"), hardRename("log_type", "_log_type"),
			hardRename("audit_error", "_audit_error")}),
		modify("restore-line", hardRename(rawLine, "log")),

		// The health checks of Kubernetes and of load balancers. url is the path without its query.
		{Grep: &fluentbit.Grep{Alias: p.LogStepAlias("drop-health-checks"), Exclude: `url ^/api/v4/system/ping$`}},

		// Levels such as LDAPError and SharedChannelServiceMsgInbound end with the severity.
		modify("severity-unparsed", addField("severity", "unparsed"), hasField("log"), lacksField("level")),
		modify("severity-panic", setField("severity", "fatal"), fieldMatches("log", `^(panic|fatal.error)`),
			lacksField("level")),
		severity("fatal", "fatal", `^(panic|fatal|critical)$`),
		severity("error", "error", `(?i)error$`),
		severity("warning", "warning", `(?i)warn$`),
		severity("info", "info", `(?i)(info|stdlog|msginbound|msgoutbound)$`),
		severity("debug", "debug", `(?i)(debug|trace)$`),

		// An audit record is identified by its level or, if its log target writes none, by its fields.
		modify("audit-level", setField("log_type", "audit"), fieldMatches("level", `^audit-`)),
		modify("audit-fields", setField("log_type", "audit"), hasField("event_name"), hasField("actor")),
		modify("server", addField("log_type", "server")),
		// error is an object in an audit record and a string in other lines. Elasticsearch accepts only one type per
		// index.
		modify("audit-error", fluentbit.Rule{Rename: map[string]string{"error": "audit_error"}},
			fieldIs("log_type", "audit")),
		// Audit records, and levels of later versions.
		modify("severity-rest", addField("severity", "info")),

		{Lua: &fluentbit.Lua{Alias: p.LogStepAlias("redact"), Script: script, Call: redactFunction}},
	}
}

func setField(key, value string) fluentbit.Rule {
	return fluentbit.Rule{Set: map[string]string{key: value}}
}

func addField(key, value string) fluentbit.Rule {
	return fluentbit.Rule{Add: map[string]string{key: value}}
}

func hardRename(key, name string) fluentbit.Rule {
	return fluentbit.Rule{HardRename: map[string]string{key: name}}
}

func hasField(key string) fluentbit.Condition { return fluentbit.Condition{KeyExists: key} }

func lacksField(key string) fluentbit.Condition {
	return fluentbit.Condition{KeyDoesNotExist: map[string]string{key: ""}}
}

func fieldIs(key, value string) fluentbit.Condition {
	return fluentbit.Condition{KeyValueEquals: map[string]string{key: value}}
}

func fieldMatches(key, pattern string) fluentbit.Condition {
	return fluentbit.Condition{KeyValueMatches: map[string]string{key: pattern}}
}

func fieldDiffers(key, pattern string) fluentbit.Condition {
	return fluentbit.Condition{KeyValueDoesNotMatch: map[string]string{key: pattern}}
}
