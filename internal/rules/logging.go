// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strconv"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
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
	if u, err := v1alpha1.ParseServiceURL(output.URL); err != nil {
		s.errorf(field+".url", "%v; write for example https://elasticsearch.example.com:9200", err)
	} else if !u.TLS && !inCluster(u.Host) {
		s.warnf(field+".url", "begins with http://, so the password and all log lines are sent unencrypted; use https://")
	}
	switch {
	case output.Username == "" && output.Password != nil:
		s.errorf(field+".username", "is required with password; set both, or neither")
	case output.Username != "" && output.Password == nil:
		s.errorf(field+".password", "is required with username; set both, or neither")
	case strings.ContainsFunc(output.Username, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		s.errorf(field+".username", "%q contains a space or line break; %s", output.Username, fluentBitBreaks)
	}
	outputCredential(s, field+".username", output.Username)
	if text, ok := s.visible(output.Password); ok {
		if output.Password.SecretKeyRef != nil && strings.ContainsFunc(text, unicode.IsControl) {
			s.errorf(field+".password", "contains a line break or control character; %s from the Secret", fluentBitBreaks)
		}
		outputCredential(s, field+".password", text)
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

// outputCredential checks a user name or password, which the Fluent operator writes unquoted into the configuration
// file, in the classic format or, with configFileFormat: yaml, as a plain YAML scalar. A line break is an error
// everywhere.
func outputCredential(s *subject, field, text string) {
	switch {
	case unfinished(text):
	case strings.Contains(text, "${"):
		s.errorf(field, "contains ${, which Fluent Bit replaces with an environment variable; use letters and digits")
	case strings.ContainsRune("!&*@%`{}[]\"'|>#,", rune(text[0])),
		strings.Contains(text, ": "), strings.HasSuffix(text, ":"), strings.Contains(text, " #"):
		s.warnf(field, "has a special meaning in YAML: with configFileFormat: yaml the Fluent operator writes it unquoted, "+
			"and Fluent Bit does not start on any node, or sends only a part of it; use letters and digits")
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
