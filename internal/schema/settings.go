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

// settingsSchema is the JSON Schema of spec.settings: every setting that can be set, by section and key.
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

func closedObject(description string) *schemaNode {
	object := &schemaNode{Type: "object", Description: description, Properties: map[string]*schemaNode{}}
	object.close()
	return object
}

// put adds a field. A key with dots stands in as many objects.
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

// settingSchema is the JSON Schema of one setting.
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
		plain.Description = plainSecretText
		text := func() *schemaNode { return &schemaNode{Type: "string"} }
		ref := closedObject("A key of a Secret in the same namespace.")
		ref.require(map[string]*schemaNode{"key": text(), "name": text()})
		store := closedObject("")
		store.require(map[string]*schemaNode{"name": text()})
		store.Properties["kind"] = &schemaNode{Type: "string", Enum: []any{string(v1alpha1.KindSecretStore), string(v1alpha1.KindClusterSecretStore)}}
		external := closedObject("A value that External Secrets fetches in the cluster.")
		external.require(map[string]*schemaNode{"key": text(), "store": store})
		external.Properties["property"] = text()
		node = &schemaNode{OneOf: []*schemaNode{&plain, secretForm("secretKeyRef", ref), secretForm("externalSecret", external)}}
	}
	node.Description = settingText(setting)
	return node
}

// secretForm is an object with one field that says where a secret stands.
func secretForm(name string, field *schemaNode) *schemaNode {
	form := closedObject("")
	form.require(map[string]*schemaNode{name: field})
	return form
}

// require adds fields that must be there.
func (n *schemaNode) require(fields map[string]*schemaNode) {
	for name, field := range fields {
		n.Properties[name] = field
	}
	n.Required = slices.Sorted(maps.Keys(fields))
}

// secretSettingForms are the forms of a setting that is a secret, beside the value itself.
const secretSettingForms = "{secretKeyRef: {key, name}} or {externalSecret: {key, property, store: {kind, name}}}"

// settingText says in one line what there is to know of a setting beside its type.
func settingText(setting settings.Setting) string {
	text := "Default: " + settingDefault(setting) + ". Variable: " + setting.Env + "."
	if license := settingLicense(setting); license != "" {
		text += " Licence: " + license + "."
	}
	return text
}

func settingDefault(setting settings.Setting) string {
	switch setting.Default {
	case settings.DefaultRandom:
		return "made at the first start, and kept"
	case settings.DefaultUnset:
		return "none"
	case settings.DefaultUnknown:
		return "not known"
	}
	if setting.Sensitive && setting.Default != `""` && setting.Default != "[]" {
		return "the server's own" // a data source looks like a password to whoever searches for one
	}
	return setting.Default
}

// settingLicense says what of a licence a setting needs; empty for nothing.
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
		return "", fmt.Errorf("no section of Mattermost is called %s%s (its sections: %s)", section, hint, strings.Join(settings.Sections(), ", "))
	}
	if setting, ok := settings.Find(section, key); ok {
		return explainSetting(setting), nil
	}
	if key == "" || settings.IsGroup(section, key) {
		return explainGroup(section, key), nil
	}
	return "", unknownSetting(section, key)
}

// unknownSetting says what to look for instead of a setting that does not exist.
func unknownSetting(section, key string) error {
	name := section + "." + key
	if removed, ok := settings.FindRemoved(section, key); ok {
		return fmt.Errorf("%s %s", name, removed.Why())
	}
	// What is in a map or object is the user's own.
	for at := strings.LastIndex(key, "."); at > 0; at = strings.LastIndex(key[:at], ".") {
		if setting, ok := settings.Find(section, key[:at]); ok {
			return fmt.Errorf("%s takes %s: there is nothing in it to explain", setting.Name(), setting.Type)
		}
	}
	var keys []string
	for _, setting := range settings.In(section) {
		keys = append(keys, setting.Key)
	}
	if near := nearest.Nearest(key, keys); near != "" {
		return fmt.Errorf("no setting of Mattermost is called %s; did you mean %s.%s?", name, section, near)
	}
	if near, ok := settings.NearestKey(section, key); ok {
		return fmt.Errorf("no setting of Mattermost is called %s; did you mean %s?", name, near.Name())
	}
	return fmt.Errorf("no setting of Mattermost is called %s ('mattermost-fn explain spec.settings.%s' lists those of the section)", name, section)
}

func explainSections(description string) string {
	var text strings.Builder
	explainHead(&text, "spec.settings", "map[string]map[string]any", nil, description+"\n\nThey are those of Mattermost 11.10, and every name and value is checked. "+
		"A password, key or salt may be "+secretSettingForms+".")
	text.WriteString("\nSECTIONS:\n")
	for _, section := range settings.Sections() {
		fmt.Fprintf(&text, "    %s (%d)\n", section, len(settings.In(section)))
	}
	return text.String()
}

// explainGroup lists the settings of a section, or of a group in it.
func explainGroup(section, group string) string {
	path, prefix := "spec.settings."+section, ""
	description := "The section " + section + " of Mattermost's config.json."
	if group != "" {
		path, prefix = path+"."+group, group+"."
		description = "A group of settings in the section " + section + " of Mattermost's config.json."
	}
	var text strings.Builder
	explainHead(&text, path, "object", nil, description)
	text.WriteString("\nSETTINGS:\n")
	for _, setting := range settings.In(section) {
		if key, ok := strings.CutPrefix(setting.Key, prefix); ok {
			fmt.Fprintf(&text, "    %s <%s>\n", key, settingType(setting))
		}
	}
	return text.String()
}

func explainSetting(setting settings.Setting) string {
	properties := [][2]string{{"DEFAULT", settingDefault(setting)}, {"VARIABLE", setting.Env}}
	if license := settingLicense(setting); license != "" {
		properties = append(properties, [2]string{"LICENCE", license})
	}
	if setting.Since != "9.5 or before" {
		properties = append(properties, [2]string{"SINCE", setting.Since})
	}
	description := "A setting of Mattermost's config.json, which takes " + setting.Type.String() + "."
	if strings.Contains(setting.Key, ".") {
		description += " Each dot in its name is one level of YAML."
	}
	if setting.Sensitive {
		description += "\n\nIt is a secret: it goes through a Secret, and may be " + secretSettingForms + "."
	}
	if setting.Unsettable != "" {
		description += "\n\nIt cannot be set here: " + setting.Unsettable + "."
	}
	if setting.Type == settings.Map || setting.Type == settings.JSON {
		description += "\n\nA value takes the place of the whole default."
		if setting.Env == "MM_PLUGINSETTINGS_PLUGINSTATES" {
			description = strings.Replace(description, "A value takes the place of the whole default.", "What is given is laid over the default.", 1)
		}
	}
	var text strings.Builder
	explainHead(&text, "spec.settings."+setting.Name(), settingType(setting), properties, description)
	return text.String()
}
