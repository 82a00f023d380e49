// SPDX-License-Identifier: Apache-2.0

// Package fluentbit runs Fluent Bit with the configuration that the Fluent operator writes from the emitted resources,
// in both of its formats, and with the files of the form configMap. Where Fluent Bit is not installed, the function is
// compared with what Fluent Bit made of values when it was run for this project.
package fluentbit

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A format is one in which the operator writes the configuration: the field configFileFormat of a
// ClusterFluentBitConfig.
type format string

const (
	classicFormat format = "classic"
	yamlFormat    format = "yaml"
)

// A configuration is what the Fluent operator (3.10.0) writes for the emitted resources, which this models. Its
// recorded output shows that the model is right.
type configuration struct {
	parsers string // always in the classic format
	filters string // sections, or elements of the list pipeline.filters
	outputs string // sections, or elements of the list pipeline.outputs
}

// A parameter is a line of a section.
type parameter struct{ key, value string }

// instanceLabel is the label by which the emitted selectors select.
const instanceLabel = "app.kubernetes.io/instance"

// write returns the configuration. The cluster has a tail input whose tag is kube.*.
func write(objects []*unstructured.Unstructured, in format) (*configuration, error) {
	byKind := map[string][]*unstructured.Unstructured{}
	for _, o := range objects {
		byKind[o.GetKind()] = append(byKind[o.GetKind()], o)
	}
	for _, all := range byKind {
		slices.SortFunc(all, func(a, b *unstructured.Unstructured) int {
			return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
		})
	}
	c := &configuration{}
	retagged := map[string]bool{}
	for _, selection := range byKind["FluentBitConfig"] {
		namespace := selection.GetNamespace()
		for _, parser := range selected(byKind["Parser"], selection, "parserSelector") {
			json, err := parameters(field(parser.Object, "spec", "json"), "timeKey Time_Key", "timeFormat Time_Format",
				"timeKeep Time_Keep")
			if err != nil {
				return nil, err
			}
			name := parser.GetName() + "-" + prefix(namespace)
			c.parsers += section(classicFormat, "PARSER", append([]parameter{{"Name", name}, {"Format", "json"}}, json...))
		}
		if !retagged[namespace] {
			match := map[format]string{classicFormat: "kube.*", yamlFormat: `"kube.*"`}[in]
			c.filters += section(in, "Filter", []parameter{
				{"Name", "rewrite_tag"},
				{"Match", match},
				{"Rule", "$kubernetes['namespace_name'] ^(" + namespace + ")$ " + prefix(namespace) + ".$TAG false"},
				{"Emitter_Name", fmt.Sprint(field(selection.Object, "spec", "service", "emitterName"))},
			})
		}
		retagged[namespace] = true
	}
	for _, selection := range byKind["FluentBitConfig"] {
		for _, filter := range selected(byKind["Filter"], selection, "filterSelector") {
			items, _ := field(filter.Object, "spec", "filters").([]any)
			for _, item := range items {
				all, err := filterParameters(filter, item)
				if err != nil {
					return nil, err
				}
				c.filters += section(in, "Filter", all)
			}
		}
		for _, output := range selected(byKind["Output"], selection, "outputSelector") {
			all, err := outputParameters(output, byKind["Secret"])
			if err != nil {
				return nil, err
			}
			c.outputs += section(in, "Output", all)
		}
	}
	return c, nil
}

// selected returns the objects of the FluentBitConfig's namespace that one of its selectors selects.
func selected(objects []*unstructured.Unstructured, selection *unstructured.Unstructured, selector string,
) []*unstructured.Unstructured {
	instance := field(selection.Object, "spec", selector, "matchLabels", instanceLabel)
	return slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool {
		return o.GetNamespace() != selection.GetNamespace() || o.GetLabels()[instanceLabel] != instance
	})
}

// prefix is what the operator puts in front of the tags of a namespace.
func prefix(namespace string) string { return fmt.Sprintf("%x", md5.Sum([]byte(namespace))) }

// scriptDir is where the operator mounts its Secret, in which the scripts are.
const scriptDir = "/fluent-bit/config"

// filterParameters returns those of an element of a Filter's list, which has one plugin.
func filterParameters(filter *unstructured.Unstructured, item any) ([]parameter, error) {
	plugins, _ := item.(map[string]any)
	if len(plugins) != 1 {
		return nil, fmt.Errorf("%d plugins in one element, which the operator may reorder", len(plugins))
	}
	namespace := filter.GetNamespace()
	for plugin, settings := range plugins {
		var own []parameter
		var err error
		switch plugin {
		case "grep":
			own, err = parameters(settings, "alias Alias", "exclude Exclude")
		case "parser":
			own, err = parameters(settings, "alias Alias", "keyName Key_Name", "parser Parser", "reserveData Reserve_Data")
			for i := range own {
				if own[i].key == "Parser" {
					own[i].value += "-" + prefix(namespace)
				}
			}
		case "lua":
			script := fmt.Sprint(scriptDir, "/", prefix(namespace), "-", field(settings, "script", "key"))
			own = []parameter{{"Alias", fmt.Sprint(field(settings, "alias"))}, {"script", script},
				{"call", fmt.Sprint(field(settings, "call"))}}
		case "modify":
			own, err = modifyParameters(settings)
		default:
			err = fmt.Errorf("the model does not know the plugin %s", plugin)
		}
		return append([]parameter{{"Name", plugin}, matchRegex(filter)}, own...), err
	}
	return nil, nil
}

// matchRegex returns the expression for the prefixed tags.
func matchRegex(o *unstructured.Unstructured) parameter {
	expression := fmt.Sprint(field(o.Object, "spec", "matchRegex"))
	return parameter{"Match_Regex", "^" + prefix(o.GetNamespace()) + `\.` + strings.TrimPrefix(expression, "^")}
}

func modifyParameters(settings any) ([]parameter, error) {
	all := []parameter{{"Alias", fmt.Sprint(field(settings, "alias"))}}
	conditions, _ := field(settings, "conditions").([]any)
	for _, condition := range conditions {
		own, err := parameters(condition, "keyExists Key_exists", "keyDoesNotExist Key_does_not_exist",
			"keyValueEquals Key_value_equals", "keyValueMatches Key_value_matches",
			"keyValueDoesNotMatch Key_value_does_not_match")
		if err != nil {
			return nil, err
		}
		for _, p := range own {
			all = append(all, parameter{"Condition", p.key + "    " + p.value})
		}
	}
	rules, _ := field(settings, "rules").([]any)
	for _, rule := range rules {
		own, err := parameters(rule, "set Set", "add Add", "remove Remove", "rename Rename", "hardRename Hard_rename")
		if err != nil {
			return nil, err
		}
		all = append(all, own...)
	}
	return all, nil
}

func outputParameters(output *unstructured.Unstructured, secrets []*unstructured.Unstructured) ([]parameter, error) {
	settings, _ := field(output.Object, "spec", "es").(map[string]any)
	settings = maps.Clone(settings)
	for _, name := range []string{"httpUser", "httpPassword"} {
		if settings[name] != nil {
			settings[name] = secretValue(output.GetNamespace(), field(settings[name], "valueFrom", "secretKeyRef"), secrets)
		}
	}
	tls := settings["tls"]
	delete(settings, "tls")
	own, err := parameters(settings, "httpUser HTTP_User", "httpPassword HTTP_Passwd", "host Host", "port Port",
		"path Path", "logstashPrefix Logstash_Prefix", "suppressTypeName Suppress_Type_Name",
		"logstashFormat Logstash_Format", "generateID Generate_ID", "replaceDots Replace_Dots")
	if err != nil {
		return nil, err
	}
	if tls != nil {
		of, err := parameters(tls, "verify tls.verify", "caFile tls.ca_file")
		if err != nil {
			return nil, err
		}
		own = append(append(own, parameter{"tls", "On"}), of...)
	}
	all := []parameter{{"Name", "es"}, matchRegex(output), {"Alias", fmt.Sprint(field(output.Object, "spec", "alias"))},
		{"Retry_Limit", fmt.Sprint(field(output.Object, "spec", "retry_limit"))}}
	return append(all, own...), nil
}

// secretValue returns the value to which a secretKeyRef of the namespace refers. One final line break is removed.
func secretValue(namespace string, ref any, secrets []*unstructured.Unstructured) string {
	key := fmt.Sprint(field(ref, "key"))
	for _, secret := range secrets {
		if secret.GetNamespace() != namespace || secret.GetName() != field(ref, "name") {
			continue
		}
		value, isText := field(secret.Object, "stringData", key).(string)
		if encoded, has := field(secret.Object, "data", key).(string); has && !isText {
			decoded, _ := base64.StdEncoding.DecodeString(encoded)
			value, isText = string(decoded), true
		}
		if isText {
			return strings.TrimSuffix(value, "\n")
		}
	}
	return ""
}

// field returns the value at a path of keys, nil if there is none.
func field(value any, path ...string) any {
	for _, key := range path {
		table, _ := value.(map[string]any)
		value = table[key]
	}
	return value
}

// parameters returns the fields of a plugin that are set. Each of the names is that of a field, a space and that of the
// parameter, in the operator's order. A map has one parameter for each key. A field without a name is an error: the
// model does not know it.
func parameters(settings any, names ...string) ([]parameter, error) {
	table, _ := settings.(map[string]any)
	known := map[string]bool{}
	var all []parameter
	for _, name := range names {
		name, key, _ := strings.Cut(name, " ")
		known[name] = true
		switch value := table[name].(type) {
		case nil:
		case map[string]any:
			for _, entry := range slices.Sorted(maps.Keys(value)) {
				all = append(all, parameter{key, fmt.Sprintf("%s    %v", entry, value[entry])})
			}
		default:
			all = append(all, parameter{key, fmt.Sprint(value)})
		}
	}
	for name := range table {
		if !known[name] {
			return nil, fmt.Errorf("the model does not know the field %s", name)
		}
	}
	for _, p := range all {
		if strings.ContainsAny(p.value, "\r\n") {
			return nil, fmt.Errorf("%s: %w", p.key, errLineBreak)
		}
	}
	return all, nil
}

var errLineBreak = errors.New("the operator refuses a line break")

// section returns a section of the classic format, or an element of a list below pipeline in YAML, where parameters
// with the same key become a list at the place of the first. Neither quotes the values.
func section(in format, name string, parameters []parameter) string {
	var text strings.Builder
	if in == classicFormat {
		fmt.Fprintf(&text, "[%s]\n", name)
		for _, p := range parameters {
			fmt.Fprintf(&text, "    %s    %s\n", p.key, p.value)
		}
		return text.String()
	}
	values := map[string][]string{}
	for _, p := range parameters {
		values[p.key] = append(values[p.key], p.value)
	}
	indent := "    - "
	for _, p := range parameters {
		switch all := values[p.key]; {
		case len(all) == 1:
			fmt.Fprintf(&text, "%s%s: %s\n", indent, strings.ToLower(p.key), p.value)
		case len(all) > 1:
			fmt.Fprintf(&text, "%s%s:\n", indent, strings.ToLower(p.key))
			for _, value := range all {
				fmt.Fprintf(&text, "        - %s\n", value)
			}
		}
		values[p.key] = nil
		indent = "      "
	}
	return text.String()
}
