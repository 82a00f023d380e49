// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// maxMatches is how many fields and settings a search lists.
const maxMatches = 30

// Lookup describes what a word names: a field by its path, a setting of Mattermost (TeamSettings.SiteName), an
// environment variable of the server (MM_TEAMSETTINGS_SITENAME), or a field by its name alone. Of several, and for any
// other word, it lists the fields and settings whose name or description contains the word.
//
// Several words list the fields and settings that contain all of them, in path or description.
func Lookup(word string) (string, error) {
	if words := strings.Fields(strings.ToLower(word)); len(words) > 1 {
		return lookupAll(words)
	}
	text, err := Explain(word)
	if err == nil {
		return text, nil
	}
	if setting, known := settings.FindEnv(word); known {
		return explainSetting(setting), nil
	}
	if isVariable(word) {
		return explainVariable(word)
	}
	if section, key, dotted := strings.Cut(word, "."); dotted && key != "" {
		if setting, known := settings.Find(section, key); known {
			return explainSetting(setting), nil
		}
	} else if len(settings.In(word)) > 0 {
		return Explain("spec.settings." + word)
	}
	root, loadError := loadSchema()
	if loadError != nil {
		return "", loadError
	}
	var exact, other []match
	lower := strings.ToLower(word)
	root.walk("", func(path string, node *schemaNode) {
		name := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
		switch {
		case name == lower:
			exact = append(exact, match{path, node.Description})
		case strings.Contains(name, lower) || containsWord(node.Description, lower):
			other = append(other, match{path, node.Description})
		}
	})
	for _, section := range settings.Sections() {
		for _, setting := range settings.In(section) {
			m := match{"spec.settings." + setting.Name(), settingDescription(setting)}
			switch key := strings.ToLower(setting.Key); {
			case key == lower:
				exact = append(exact, m)
			case strings.Contains(key, lower):
				other = append(other, m)
			}
		}
	}
	if len(exact) == 1 {
		return Explain(exact[0].path)
	}
	found := slices.Concat(exact, other)
	if len(found) == 0 || strings.ContainsAny(word, ".[") {
		return "", err
	}
	return listMatches(word, found), nil
}

// lookupAll lists the fields and settings that contain all words, first those whose path does.
func lookupAll(words []string) (string, error) {
	root, err := loadSchema()
	if err != nil {
		return "", err
	}
	var byPath, other []match
	add := func(m match) {
		path := strings.ToLower(m.path)
		inPath := func(word string) bool { return strings.Contains(path, word) }
		lacks := func(word string) bool { return !inPath(word) && !containsWord(m.description, word) }
		switch {
		case slices.ContainsFunc(words, lacks):
		case !slices.ContainsFunc(words, func(word string) bool { return !inPath(word) }):
			byPath = append(byPath, m)
		default:
			other = append(other, m)
		}
	}
	root.walk("", func(path string, node *schemaNode) { add(match{path, node.Description}) })
	for setting := range settings.All() {
		add(match{"spec.settings." + setting.Name(), settingDescription(setting)})
	}
	found := slices.Concat(byPath, other)
	if len(found) == 0 {
		return "", fmt.Errorf("no field or setting contains all of the words %q; search for one of them",
			strings.Join(words, " "))
	}
	return listMatches(strings.Join(words, " "), found), nil
}

// match is a field or setting that a search found.
type match struct{ path, description string }

func listMatches(word string, found []match) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Fields and settings about %q ('mattermost-fn explain FIELD' describes one):\n\n", word)
	for _, m := range found[:min(maxMatches, len(found))] {
		first, _, _ := strings.Cut(strings.ReplaceAll(m.description, "\n", " "), ". ")
		fmt.Fprintf(&out, "%s\n", wrap("  "+m.path+"  ", "      ", strings.TrimSuffix(first, ".")+"."))
	}
	if more := len(found) - maxMatches; more > 0 {
		fmt.Fprintf(&out, "\n%d more; search for a longer word.\n", more)
	}
	return out.String()
}

// containsWord reports whether a text contains a word, in lower case.
func containsWord(text, word string) bool {
	return slices.Contains(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !(r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	}), word)
}

// walk calls visit for every field under a node, in order, with its path. It leaves out metadata and the fields of
// Kubernetes' own types.
func (n *schemaNode) walk(path string, visit func(path string, node *schemaNode)) {
	object := n.element()
	if object.isSecretValue() {
		return
	}
	for _, name := range object.fields() {
		inner := strings.TrimPrefix(path+"."+name, ".")
		if path == "" && name != "spec" {
			continue
		}
		visit(inner, object.Properties[name])
		object.Properties[name].walk(inner, visit)
	}
}

// Tree lists a field and all fields under it, with their types, one per line.
func Tree(path string) (string, error) {
	root, err := loadSchema()
	if err != nil {
		return "", err
	}
	node, full, err := root.find(root.names(path))
	if err != nil {
		return "", err
	}
	var out strings.Builder
	line := func(path string, node *schemaNode) { fmt.Fprintf(&out, "%s <%s>\n", path, node.typeName()) }
	if full != "" {
		line(full, node)
	}
	node.walk(full, line)
	return out.String(), nil
}

// Complete returns the paths of fields and the names of settings that begin with a text and are one level deeper, each
// with the first sentence of its description after a tab. It is for the completion of shells.
func Complete(begin string) []string {
	root, err := loadSchema()
	if err != nil {
		return nil
	}
	var names []string
	add := func(path, description string) {
		rest, ok := strings.CutPrefix(path, begin)
		if !ok || strings.ContainsAny(strings.TrimPrefix(rest, "."), ".") {
			return
		}
		first, _, _ := strings.Cut(strings.ReplaceAll(description, "\n", " "), ". ")
		names = append(names, path+"\t"+first)
	}
	root.walk("", func(path string, node *schemaNode) { add(path, node.Description) })
	if strings.HasPrefix(begin, "spec.settings.") {
		for _, section := range settings.Sections() {
			add("spec.settings."+section, "section of config.json")
			for _, setting := range settings.In(section) {
				add("spec.settings."+setting.Name(), settingDescription(setting))
			}
		}
	}
	if strings.HasPrefix(begin, "MM_") {
		for _, section := range settings.Sections() {
			for _, setting := range settings.In(section) {
				add(setting.Env, setting.Name())
			}
		}
	}
	return names
}
