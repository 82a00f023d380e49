// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/sops"
)

func logging(s *subject) {
	logging := s.spec.Logging
	fluentBit := logging.FluentBit
	if !*fluentBit.Enabled {
		return
	}
	named := func(v variable) string { // the field of a setting ends with its name
		if strings.HasPrefix(v.field, "spec.env") {
			return v.name + ": "
		}
		return ""
	}
	const jsonFix = "so Fluent Bit can recognize neither severity nor audit records; remove it, " +
		"or set spec.logging.fluentBit.enabled: false"
	if json, set := s.variable("MM_LOGSETTINGS_CONSOLEJSON"); set {
		if on, err := strconv.ParseBool(json.value); json.known && err == nil && !on {
			s.warnf(json.field, "%sis false, "+jsonFix, named(json))
		}
	} else if !*logging.JSON {
		s.warnf("spec.logging.json", "is false, "+jsonFix)
	}
	if console, set := s.variable("MM_LOGSETTINGS_ENABLECONSOLE"); set {
		if on, err := strconv.ParseBool(console.value); console.known && err == nil && !on {
			s.warnf(console.field, "%sis false, so the server writes no log to standard output, from which Fluent Bit reads "+
				"it; remove it, or set spec.logging.fluentBit.enabled: false", named(console))
		}
	}
	if fluentBit.Form == v1alpha1.FluentBitConfigMap && len(fluentBit.Outputs) > 0 {
		s.errorf("spec.logging.fluentBit.outputs", "are resources of the Fluent operator; "+
			"in the form configMap the chart's values define the outputs. Remove them, or set form: operator")
	}
	seen := map[string]bool{}
	for i, output := range fluentBit.Outputs {
		field := index("spec.logging.fluentBit.outputs", i)
		switch {
		case output.Name == "":
			s.errorf(field+".name", "is required; set it to a name, such as elasticsearch")
		case len(validation.IsDNS1123Label(output.Name)) > 0:
			s.errorf(field+".name", "%q is not a name; write lower-case letters, digits and hyphens", output.Name)
		case seen[output.Name]:
			s.errorf(field+".name", "%q is used twice; choose another name", output.Name)
		}
		seen[output.Name] = true
		logOutput(s, field, output)
	}
}

func logOutput(s *subject, field string, output v1alpha1.FluentBitOutput) {
	u, err := v1alpha1.ParseServiceURL(output.URL)
	switch {
	case err != nil:
		s.errorf(field+".url", "%v; write for example https://elasticsearch.example.com:9200", err)
	case !plan.FluentBitReads(u.Host), !plan.FluentBitReads(u.Path):
		s.errorf(field+".url", "the host or the path ends with a colon; %s", fluentBitBreaks)
	case len(u.Path) > maxSearchPath:
		s.errorf(field+".url", "the path has %d characters, of which Fluent Bit uses only %d; shorten it", len(u.Path),
			maxSearchPath)
	}
	if err == nil && !u.TLS && !inCluster(u.Host) {
		s.warnf(field+".url", "begins with http://, so the password and all log lines are sent unencrypted; use https://")
	}
	switch {
	case output.Username == "" && output.Password != nil:
		s.errorf(field+".username", "is required with password; set both, or neither")
	case output.Username != "" && output.Password == nil:
		s.errorf(field+".password", "is required with username; set both, or neither")
	case strings.Contains(output.Username, ":"):
		s.errorf(field+".username", "contains a colon, at which HTTP basic authentication ends the user name; use letters "+
			"and digits")
	case len(output.Username) > maxOutputUsername:
		s.errorf(field+".username", "must have at most %d bytes, got %d", maxOutputUsername, len(output.Username))
	case output.Username != "":
		outputCredential(s, field+".username", output.Username)
	}
	if text, ok := s.visible(output.Password); ok {
		outputPassword(s, field+".password", text, output)
	}
	if !plainText(output.IndexPrefix) || !indexPrefix(output.IndexPrefix) {
		s.errorf(field+".indexPrefix", "%q cannot begin the name of an index; write lower-case letters, digits, dots, "+
			"hyphens and underscores, beginning with a letter or digit", output.IndexPrefix)
	}
	if output.CAFile != "" && (!strings.HasPrefix(output.CAFile, "/") ||
		!plainText(strings.ReplaceAll(output.CAFile, "/", ""))) {
		s.errorf(field+".caFile", "%q is not a path that Fluent Bit can read; write it from the root, with letters, "+
			"digits, dots, hyphens and underscores between slashes", output.CAFile)
	}
}

// maxSearchPath is the length of a path in Elasticsearch's URL: Fluent Bit has 256 bytes for it, /_bulk, ?pipeline= and
// a null byte (plugins/out_es/es.h).
const maxSearchPath = 200

// maxOutputUsername is the number of bytes for which Fluent Bit intends the user name, and the password too
// (5.1.0, src/flb_http_client.c). It checks only both together.
const maxOutputUsername = 255

func outputPassword(s *subject, field, text string, output v1alpha1.FluentBitOutput) {
	size := len(output.Username) + len(text)
	switch {
	case output.Password.SecretKeyRef != nil && unfinished(text):
		if strings.TrimSpace(text) != "" && !sops.IsEncrypted(text) && !plan.FluentBitReads(text) {
			s.warnf(field, "is a placeholder in Secret %s. With configFileFormat: yaml Fluent Bit does not start on any node "+
				"or uses another password, unless the placeholder is replaced before the Secret is applied; replace it with "+
				"letters and digits, which cannot be checked here", output.Password.SecretKeyRef.Name)
		}
	case size > plan.FluentBitCredentials:
		s.errorf(field, "has %d bytes together with username, and Fluent Bit sends neither if they have more than %d; "+
			"shorten it", size, plan.FluentBitCredentials)
	default:
		outputCredential(s, field, text)
	}
}

// outputCredential checks a user name or password, which the Fluent operator writes unquoted into the configuration of
// the whole cluster's Fluent Bit.
func outputCredential(s *subject, field, text string) {
	switch {
	case text == "", sops.IsEncrypted(text):
	case strings.ContainsFunc(text, unicode.IsControl):
		s.errorf(field, "contains a line break or control character; %s", fluentBitBreaks)
	case strings.Contains(text, "${"):
		s.errorf(field, "contains ${, which Fluent Bit replaces with an environment variable; use letters and digits")
	case !plan.FluentBitReads(text):
		s.errorf(field, "is not a plain scalar of YAML, as which the Fluent operator writes it with configFileFormat: yaml: "+
			"Fluent Bit does not start on any node, or uses another value; use letters and digits")
	}
}

const fluentBitBreaks = "it makes Fluent Bit's configuration file invalid for the whole cluster. Remove it"

// plainText reports whether a string has no special meaning in Fluent Bit's configuration file, which is that of the
// whole cluster.
func plainText(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	})
}

// otherFluentBitConfigs finds FluentBitConfigs of the namespace that select an object of the installation, next to its
// own one. The operator (3.10.0) then writes the object twice: Fluent Bit (5.1.0) does not start with two parsers of
// one name, the filters rename fields that they set themselves, and an output sends everything twice. Only the
// operator's form has such objects.
func otherFluentBitConfigs(s *subject) {
	fluentBit := s.spec.Logging.FluentBit
	if !*fluentBit.Enabled || fluentBit.Form != v1alpha1.FluentBitOperator {
		return
	}
	labels := (&plan.Plan{Names: s.names()}).Labels(ownership.ComponentLogging)
	labels[ownership.LabelVersion] = s.spec.Version
	for _, config := range s.resources.FluentBitConfigs(s.Namespace) {
		for _, selected := range []struct{ selector, object, effect string }{
			{"parserSelector", "Parser", "Fluent Bit finds two parsers of one name and does not start on any node"},
			{"filterSelector", "Filter", "Fluent Bit processes every line twice and renames fields that it set itself, " +
				"such as audit_error"},
			{"outputSelector", "Output", "Fluent Bit sends every line twice"},
		} {
			if selected.object == "Output" && len(fluentBit.Outputs) == 0 {
				continue
			}
			if selects(resourcelist.Field(config.Node(), "spec", selected.selector), labels) {
				s.errorf("spec.logging.fluentBit", "FluentBitConfig %s of the namespace selects the %s of the installation too, "+
					"so %s; set its %s to a label that only its own objects have (an empty or missing selector selects "+
					"everything)", config.Name, selected.object, selected.effect, selected.selector)
			}
		}
	}
}

// selects reports whether a label selector selects an object with the labels. Without content it selects everything.
func selects(node *yaml.Node, labels map[string]string) bool {
	var selector struct {
		MatchLabels      map[string]string `yaml:"matchLabels"`
		MatchExpressions []struct {
			Key      string   `yaml:"key"`
			Operator string   `yaml:"operator"`
			Values   []string `yaml:"values"`
		} `yaml:"matchExpressions"`
	}
	if node != nil && node.Decode(&selector) != nil {
		return false // the API server refuses it
	}
	for key, value := range selector.MatchLabels {
		if got, has := labels[key]; !has || got != value {
			return false
		}
	}
	for _, expression := range selector.MatchExpressions {
		value, has := labels[expression.Key]
		among := has && slices.Contains(expression.Values, value)
		switch expression.Operator {
		case "In":
			has = among
		case "NotIn":
			has = !among
		case "DoesNotExist":
			has = !has
		}
		if !has {
			return false
		}
	}
	return true
}
