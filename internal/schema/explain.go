// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/nearest"
)

// explainWidth is the number of columns that Explain fills.
const explainWidth = 80

// Explain describes a field of MattermostConfig for users at a terminal, as kubectl explain does: its meaning, its
// allowed values and its fields. The path is that of the field, such as spec.sso.clientID. spec may be omitted, the
// path of a list describes its elements, and an empty path describes the whole resource. The result ends with a
// newline.
//
// For an unknown path it returns an error that names the nearest field and lists the others.
func Explain(path string) (string, error) {
	root, err := loadSchema()
	if err != nil {
		return "", err
	}
	names := root.names(path)
	if len(names) >= 2 && names[0] == "spec" && names[1] == "settings" {
		return explainSettings(root.Properties["spec"].Properties["settings"].Description, names[2:])
	}
	node, path, err := root.find(names)
	if err != nil {
		return "", err
	}

	var out strings.Builder
	explainHead(&out, path, node.typeName(), node.limits(), node.Description)

	object := node.element()
	switch {
	case object.isSecretValue():
		out.WriteString("\nFORMS:\n")
		fmt.Fprintf(&out, "    a plain string\n%s\n", paragraphs("        ", plainSecretDescription))
		for _, name := range object.fields() {
			form := object.Properties[name]
			fmt.Fprintf(&out, "\n    %s\n%s\n", object.form(name), paragraphs("        ", form.Description))
		}
	case len(object.Properties) > 0:
		out.WriteString("\nFIELDS:\n")
		out.WriteString(object.explainFields())
	}
	return out.String(), nil
}

// explainHead writes the part that all fields have: path, type, properties and description.
func explainHead(out *strings.Builder, path, typeName string, properties [][2]string, description string) {
	property := func(name, value string) {
		fmt.Fprintf(out, "%s\n", wrap(fmt.Sprintf("%-10s", name+":"), strings.Repeat(" ", 10), value))
	}
	property("KIND", v1alpha1.Kind)
	property("VERSION", v1alpha1.APIVersion)
	if path != "" {
		out.WriteString("\n")
		property("FIELD", path+" <"+typeName+">")
	}
	for _, p := range properties {
		property(p[0], p[1])
	}
	fmt.Fprintf(out, "\nDESCRIPTION:\n%s\n", paragraphs("    ", description))
}

// explainFields returns the list of an object's fields.
func (n *schemaNode) explainFields() string {
	var entries []string
	secretForms := ""
	for _, name := range n.fields() {
		field := n.Properties[name]
		head := fmt.Sprintf("    %s <%s>", name, field.typeName())
		if slices.Contains(n.Required, name) {
			head += " -required-"
		}
		entries = append(entries, head+"\n"+paragraphs("        ", field.Description)+"\n")
		if field.isSecretValue() {
			forms := []string{"a plain string"}
			for _, form := range field.fields() {
				forms = append(forms, "{"+field.form(form)+"}")
			}
			secretForms = paragraphs("    ", "A "+field.typeName()+" is "+strings.Join(forms, " or ")+".") + "\n"
		}
	}
	if secretForms != "" {
		entries = append(entries, secretForms)
	}
	return strings.Join(entries, "\n")
}

// form returns one of the forms of a SecretValue, such as secretKeyRef: {key, name}.
func (n *schemaNode) form(name string) string {
	field := n.Properties[name]
	switch {
	case field.Type == "boolean":
		return name + ": true"
	case len(field.Properties) == 0:
		return name
	}
	var forms []string
	for _, inner := range field.fields() {
		forms = append(forms, field.form(inner))
	}
	return name + ": {" + strings.Join(forms, ", ") + "}"
}

// names splits a path into the names of its fields, with spec and without indexes.
func (n *schemaNode) names(path string) []string {
	names := strings.FieldsFunc(path, func(r rune) bool { return r == '.' })
	if len(names) > 0 && strings.EqualFold(names[0], v1alpha1.Kind) {
		names = names[1:]
	}
	if len(names) > 0 && n.Properties[withoutIndex(names[0])] == nil && n.meansSpec(withoutIndex(names[0])) {
		names = append([]string{"spec"}, names...)
	}
	for i, name := range names {
		names[i] = withoutIndex(name)
	}
	return names
}

// find returns the node with the given names, and its full path.
func (n *schemaNode) find(names []string) (*schemaNode, string, error) {
	node, full := n, ""
	for _, name := range names {
		object := node.element()
		next := object.Properties[name]
		if next == nil {
			return nil, "", object.noField(full, name)
		}
		if full != "" {
			full += "."
		}
		node, full = next, full+name
	}
	return node, full, nil
}

// meansSpec reports whether a name that is not a top-level field is a field of spec, or a misspelling of one. A name
// that is similar to no field is looked up in spec as well, which has almost all fields.
func (n *schemaNode) meansSpec(name string) bool {
	inSpec := n.Properties["spec"].fields()
	// The fields of spec are first, since Nearest returns the first of two that are equally near.
	near := nearest.Nearest(name, slices.Concat(inSpec, n.fields()))
	return near == "" || slices.Contains(inSpec, near)
}

// withoutIndex removes the index of a list's element, since all elements have the same description.
func withoutIndex(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return name
}

// noField returns the error for a name that is not a field of the object at the path.
func (n *schemaNode) noField(path, name string) error {
	if path == "" {
		path = v1alpha1.Kind
	}
	switch {
	case len(n.Properties) > 0:
		names := n.fields()
		hint := ""
		if near := nearest.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		return fmt.Errorf("unknown field %q in %s%s (fields: %s)", name, path, hint, strings.Join(names, ", "))
	case n.AdditionalProperties != nil:
		return fmt.Errorf("%s is a %s with keys of your choice: no field %q to explain", path, n.typeName(), name)
	case n.PreserveUnknownFields:
		return fmt.Errorf("%s is passed on unchanged: its fields are those of Kubernetes or of a plugin, "+
			"and not explained here", path)
	}
	return fmt.Errorf("%s is a %s and has no fields: cannot explain %q", path, n.typeName(), name)
}

// element returns the schema of a list's elements, or the node itself if it is not a list.
func (n *schemaNode) element() *schemaNode {
	for n.Type == "array" && n.Items != nil {
		n = n.Items
	}
	return n
}

// typeName returns the name of the value's type for users.
func (n *schemaNode) typeName() string {
	switch {
	case n.isSecretValue() && n.Properties["uploaded"] != nil:
		return "License"
	case n.isSecretValue():
		return "SecretValue"
	case n.IntOrString:
		return "quantity" // the only type that is an integer or a string
	case n.Type == "array":
		return "[]" + n.Items.typeName()
	case n.AdditionalProperties != nil:
		return "map[string]" + n.AdditionalProperties.typeName()
	case n.Type == "":
		return "any"
	}
	return n.Type
}

// limits returns the constraints of a value, each with its name.
func (n *schemaNode) limits() [][2]string {
	var limits [][2]string
	add := func(name, value string) { limits = append(limits, [2]string{name, value}) }
	if n.Const != "" {
		add("ALLOWED", n.Const)
	}
	if len(n.Enum) > 0 {
		var values []string
		for _, value := range n.Enum {
			values = append(values, fmt.Sprint(value))
		}
		add("ALLOWED", strings.Join(values, ", "))
	}
	if n.Pattern != "" {
		add("PATTERN", n.Pattern)
	}
	if n.Minimum != nil {
		add("MINIMUM", strconv.FormatFloat(*n.Minimum, 'f', -1, 64))
	}
	if n.Maximum != nil {
		add("MAXIMUM", strconv.FormatFloat(*n.Maximum, 'f', -1, 64))
	}
	if n.Default != nil {
		add("DEFAULT", fmt.Sprintf("%#v", n.Default))
	}
	return limits
}

// paragraphs wraps a description. An empty line begins a new paragraph; other line breaks come from the source and are
// not kept.
func paragraphs(indent, text string) string {
	if text == "" {
		return indent + "(no description)"
	}
	var wrapped []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		wrapped = append(wrapped, wrap(indent, indent, paragraph))
	}
	return strings.Join(wrapped, "\n\n")
}

// wrap breaks text into lines of at most explainWidth columns, except for a single word that is longer. The first line
// begins with first, the others with indent.
func wrap(first, indent, text string) string {
	var lines []string
	line, width := first, utf8.RuneCountInString(first)
	empty := true
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		if !empty && width+1+length > explainWidth {
			lines = append(lines, line)
			line, width, empty = indent, utf8.RuneCountInString(indent), true
		}
		if !empty {
			line += " "
			width++
		}
		line += word
		width += length
		empty = false
	}
	return strings.Join(append(lines, line), "\n")
}
