package generators

import (
	_ "embed"
	"regexp"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	fluentbit "bigbang.dev/mattermost-fn/internal/apis/fluentbit/v1alpha2"
	"bigbang.dev/mattermost-fn/internal/plan"
)

// fluentBit has Fluent Bit parse, sort and redact the servers' log. docs/logging.md says it in full.
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

// redactScript is Lua that takes secrets out of a record. It is always a file, never code in the configuration: the
// operator joins code into one line, and the first comment then ends Fluent Bit.
//
//go:embed fluentbit_redact.lua
var redactScript string

// redactFunction is what Fluent Bit calls in redactScript.
const redactFunction = "redact_secrets"

// Where Mattermost's JSON lines have their time, and how: 2026-03-02 12:01:35.123 Z, or +02:00 for Z.
const (
	logTimeKey    = "timestamp"
	logTimeFormat = "%Y-%m-%d %H:%M:%S.%L %z"
)

// logContainer is the server's container in the pods that the Mattermost operator makes.
const logContainer = "mattermost"

// logTags matches the tags of the server's lines of this installation:
// kube.var.log.containers.<pod>_<namespace>_<container>-<container id>.log. It is a regular expression because a glob
// cannot tell chat-<hash>-<id>, which is a pod of chat, from chat-eu-<hash>-<id>, which is one of chat-eu. Names are short
// enough for the pods' to be whole: Kubernetes cuts them to 58 characters before it appends the last 5.
//
// What a tag does not tell: a Job or DaemonSet called <installation>-<word> has pods whose names look the same. They are
// taken for servers if their container is called mattermost too.
func logTags(p *plan.Plan) string {
	return `^kube\.var\.log\.containers\.` + regexp.QuoteMeta(p.Name) + `-[a-z0-9]+-[a-z0-9]{5}_` +
		regexp.QuoteMeta(p.Namespace) + `_` + logContainer + `-[0-9a-f]+\.log$`
}

// logFilters is what happens to the server's lines, in this order. One item has one plugin, since the operator orders the
// plugins inside an item by itself; one modify has one kind of rule, since the operator's YAML format groups them by kind.
//
// All values stay in a safe set of characters: one that Fluent Bit cannot read stops the logging of the whole cluster. The
// operator's YAML format does not quote them, and modify splits them at blanks.
func logFilters(p *plan.Plan, script corev1.ConfigMapKeySelector) []fluentbit.FilterItem {
	modify := func(step string, rule fluentbit.Rule, conditions ...fluentbit.Condition) fluentbit.FilterItem {
		return fluentbit.FilterItem{Modify: &fluentbit.Modify{
			Alias: p.LogStepAlias(step), Conditions: conditions, Rules: []fluentbit.Rule{rule},
		}}
	}
	severity := func(step, value, key, pattern string) fluentbit.FilterItem {
		return modify("severity-"+step, setField("severity", value), fieldMatches(key, pattern))
	}
	return []fluentbit.FilterItem{
		// Big Bang's kubernetes filter parses the line into log_processed and keeps the raw one in log. Without the raw one,
		// log_processed is all there is.
		modify("drop-copy", fluentbit.Rule{Remove: "log_processed"}, hasField("log")),
		// A line that is not JSON stays as it is, in log.
		{Parser: &fluentbit.ParserFilter{Alias: p.LogStepAlias("parse"), KeyName: "log", Parser: p.LogParserName(), ReserveData: true}},

		// The probes of Kubernetes and of load balancers. url is the path without its query.
		{Grep: &fluentbit.Grep{Alias: p.LogStepAlias("drop-health-checks"), Exclude: `url ^/api/v4/system/ping$`}},

		// Levels such as LDAPError and SharedChannelServiceMsgInbound say the severity at their end.
		modify("severity-unparsed", addField("severity", "unparsed"), hasField("log"), lacksField("level")),
		severity("panic", "fatal", "log", `^(panic|fatal.error)`),
		severity("fatal", "fatal", "level", `^(panic|fatal|critical)$`),
		severity("error", "error", "level", `(?i)error$`),
		severity("warning", "warning", "level", `(?i)warn$`),
		severity("info", "info", "level", `(?i)(info|stdlog|msginbound|msgoutbound)$`),
		severity("debug", "debug", "level", `(?i)(debug|trace)$`),

		// An audit record is told by its level or, where its target writes none, by its fields.
		modify("audit-level", setField("log_type", "audit"), fieldMatches("level", `^audit-`)),
		modify("audit-fields", setField("log_type", "audit"), hasField("event_name"), hasField("actor")),
		modify("server", addField("log_type", "server")),
		// error is an object in an audit record and text in other lines. Elasticsearch takes only one of them in one index.
		modify("audit-error", fluentbit.Rule{Rename: map[string]string{"error": "audit_error"}}, fieldIs("log_type", "audit")),
		// Audit records, and levels to come.
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
