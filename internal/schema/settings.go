// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/nearest"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// settingsSchema returns the JSON Schema of spec.settings: every setting that can be set, by section and key.
func settingsSchema(description string) *schemaNode {
	all := closedObject(description)
	for _, section := range settings.Sections() {
		object := closedObject("Mattermost's " + section + ".")
		for _, setting := range settings.In(section) {
			if setting.Unsettable == "" {
				object.put(setting.Key, settingSchema(setting))
			}
		}
		all.Properties[section] = object
	}
	return all
}

// closedObject returns the schema of an object that rejects unknown fields.
func closedObject(description string) *schemaNode {
	object := &schemaNode{Type: "object", Description: description, Properties: map[string]*schemaNode{}}
	object.close()
	return object
}

// put adds a field. Each dot in the key is one level of nested objects.
func (n *schemaNode) put(key string, field *schemaNode) {
	group, rest, nested := strings.Cut(key, ".")
	if !nested {
		n.Properties[key] = field
		return
	}
	if n.Properties[group] == nil {
		n.Properties[group] = closedObject("Mattermost's " + group + ".")
	}
	n.Properties[group].put(rest, field)
}

// settingSchema returns the JSON Schema of one setting.
func settingSchema(setting settings.Setting) *schemaNode {
	node := &schemaNode{}
	switch setting.Type {
	case settings.Bool:
		node.Type = "boolean"
	case settings.Int:
		node.Type = "integer"
	case settings.List:
		node.Type, node.Items = "array", &schemaNode{Type: "string"}
	case settings.Map, settings.JSON:
		node.Type = "object"
	default:
		node.Type = "string"
	}
	if setting.Sensitive {
		plain := *node
		plain.Description = plainSecretDescription
		str := func() *schemaNode { return &schemaNode{Type: "string"} }
		ref := closedObject("A key of a Secret in the same namespace.")
		ref.require(map[string]*schemaNode{"key": str(), "name": str()})
		kinds := []any{string(v1alpha1.KindSecretStore), string(v1alpha1.KindClusterSecretStore)}
		store := closedObject("")
		store.require(map[string]*schemaNode{"name": str()})
		store.Properties["kind"] = &schemaNode{Type: "string", Enum: kinds}
		external := closedObject("A value that External Secrets fetches in the cluster.")
		external.require(map[string]*schemaNode{"key": str(), "store": store})
		external.Properties["property"] = str()
		node = &schemaNode{OneOf: []*schemaNode{
			&plain, secretForm("secretKeyRef", ref), secretForm("externalSecret", external),
		}}
	}
	node.Description = settingDescription(setting)
	node.Default = defaultOf(setting)
	return node
}

// secretForm returns the schema of an object whose only field refers to a secret.
func secretForm(name string, field *schemaNode) *schemaNode {
	form := closedObject("")
	form.require(map[string]*schemaNode{name: field})
	return form
}

// require adds required fields.
func (n *schemaNode) require(fields map[string]*schemaNode) {
	for name, field := range fields {
		n.Properties[name] = field
	}
	n.Required = slices.Sorted(maps.Keys(fields))
}

// secretSettingForms lists the forms of a secret setting, in addition to the value itself.
const secretSettingForms = "{secretKeyRef: {key, name}} or {externalSecret: {key, property, store: {kind, name}}}"

// settingDescription returns one line with the default, the environment variable and the license of a setting.
func settingDescription(setting settings.Setting) string {
	description := "Default: " + settingDefault(setting) + ". Variable: " + setting.Env + "."
	if license := settingLicense(setting); license != "" {
		description += " License: " + license + "."
	}
	return description
}

// settingDefault returns the default of a setting for users.
func settingDefault(setting settings.Setting) string {
	switch setting.Default {
	case settings.DefaultRandom:
		return "generated at the first start, and kept"
	case settings.DefaultUnset:
		return "none"
	case settings.DefaultUnknown:
		return "unknown"
	}
	if setting.Sensitive && setting.Default != `""` && setting.Default != "[]" {
		return "the server's own" // a data source looks like a password to secret scanners
	}
	return setting.Default
}

// settingLicense returns the license feature or plan that a setting requires; empty if it requires none.
func settingLicense(setting settings.Setting) string {
	plan := setting.Plan
	if plan == "all" {
		plan = ""
	}
	switch {
	case setting.Feature != "" && plan != "":
		return setting.Feature + " (" + plan + ")"
	case setting.Feature != "":
		return setting.Feature
	}
	return plan
}

// settingType returns the type of a setting in the notation of typeName.
func settingType(setting settings.Setting) string {
	switch setting.Type {
	case settings.Bool:
		return "boolean"
	case settings.Int:
		return "integer"
	case settings.List:
		return "[]string"
	case settings.Map, settings.JSON:
		return "object"
	case settings.Objects:
		return "[]object"
	}
	return "string"
}

// explainSettings explains spec.settings, a section, a group of settings or a setting.
func explainSettings(description string, names []string) (string, error) {
	if len(names) == 0 {
		return explainSections(description), nil
	}
	section, key := names[0], strings.Join(names[1:], ".")
	if len(settings.In(section)) == 0 {
		hint := ""
		if near := settings.NearestSection(section); near != "" {
			hint = fmt.Sprintf("; did you mean %s?", near)
		}
		sections := strings.Join(settings.Sections(), ", ")
		return "", fmt.Errorf("unknown section %s%s (sections: %s)", section, hint, sections)
	}
	if setting, ok := settings.Find(section, key); ok {
		return explainSetting(setting), nil
	}
	if key == "" || settings.IsGroup(section, key) {
		return explainGroup(section, key), nil
	}
	return "", unknownSetting(section, key)
}

// unknownSetting returns the error for a setting that does not exist, with the nearest one.
func unknownSetting(section, key string) error {
	name := section + "." + key
	if removed, ok := settings.FindRemoved(section, key); ok {
		return fmt.Errorf("%s %s", name, removed.Why())
	}
	// Users choose the keys of a map or object.
	for at := strings.LastIndex(key, "."); at > 0; at = strings.LastIndex(key[:at], ".") {
		if setting, ok := settings.Find(section, key[:at]); ok {
			return fmt.Errorf("%s takes %s: its contents are not explained", setting.Name(), setting.Type)
		}
	}
	var keys []string
	for _, setting := range settings.In(section) {
		keys = append(keys, setting.Key)
	}
	if near := nearest.Nearest(key, keys); near != "" {
		return fmt.Errorf("unknown setting %s; did you mean %s.%s?", name, section, near)
	}
	if near, ok := settings.NearestKey(section, key); ok {
		return fmt.Errorf("unknown setting %s; did you mean %s?", name, near.Name())
	}
	return fmt.Errorf("unknown setting %s ('mattermost-fn explain spec.settings.%s' lists those of the section)",
		name, section)
}

// explainSections explains spec.settings and lists the sections.
func explainSections(description string) string {
	description += "\n\nThe settings are those of Mattermost 11.10, and every name and value is checked. " +
		"A password, key or salt may be " + secretSettingForms + "."
	var out strings.Builder
	explainHead(&out, "spec.settings", "map[string]map[string]any", nil, description)
	out.WriteString("\nSECTIONS:\n")
	for _, section := range settings.Sections() {
		fmt.Fprintf(&out, "    %s (%d)\n", section, len(settings.In(section)))
	}
	return out.String()
}

// explainGroup explains a section, or a group in it, and lists its settings.
func explainGroup(section, group string) string {
	path, prefix := "spec.settings."+section, ""
	description := "The section " + section + " of Mattermost's config.json."
	if group != "" {
		path, prefix = path+"."+group, group+"."
		description = "A group of settings in the section " + section + " of Mattermost's config.json."
	}
	var out strings.Builder
	explainHead(&out, path, "object", nil, description)
	out.WriteString("\nSETTINGS:\n")
	for _, setting := range settings.In(section) {
		if key, ok := strings.CutPrefix(setting.Key, prefix); ok {
			fmt.Fprintf(&out, "    %s <%s>\n", key, settingType(setting))
		}
	}
	return out.String()
}

// explainSetting explains one setting.
func explainSetting(setting settings.Setting) string {
	properties := [][2]string{{"DEFAULT", settingDefault(setting)}, {"VARIABLE", setting.Env}}
	if license := settingLicense(setting); license != "" {
		properties = append(properties, [2]string{"LICENSE", license})
	}
	if setting.Since != "9.5 or before" {
		properties = append(properties, [2]string{"SINCE", setting.Since})
	}
	description := "A setting of Mattermost's config.json, which takes " + setting.Type.String() + "."
	if strings.Contains(setting.Key, ".") {
		description += " Each dot in its name is one level of YAML."
	}
	if setting.Sensitive {
		description += "\n\nIt is a secret: it is passed to the server in a Secret, and may be " + secretSettingForms + "."
	}
	if setting.Unsettable != "" {
		description += "\n\nIt cannot be set here: " + setting.Unsettable + "."
	}
	if setting.Type == settings.Map || setting.Type == settings.JSON {
		if setting.Env == "MM_PLUGINSETTINGS_PLUGINSTATES" {
			description += "\n\nA value is merged into the default."
		} else {
			description += "\n\nA value replaces the whole default."
		}
	}
	var out strings.Builder
	explainHead(&out, "spec.settings."+setting.Name(), settingType(setting), properties, description)
	return out.String()
}
