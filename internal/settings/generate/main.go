// SPDX-License-Identifier: Apache-2.0

// Command generate writes the lookup tables of package settings, and docs/settings.md, from the .tsv files of the
// package. It runs in the directory of the package.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files that are written, relative to the directory of the package.
const (
	tableFile = "zz_generated_table.go"
	docsFile  = "../../docs/settings.md"
)

func main() {
	files, err := generate(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
	for name, content := range files {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "generate:", err)
			os.Exit(1)
		}
	}
}

// generate returns the content of every generated file, by the file's name, from the tables in a directory.
func generate(directory string) (map[string][]byte, error) {
	settings, err := readSettings(filepath.Join(directory, "settings.tsv"))
	if err != nil {
		return nil, err
	}
	removed, err := readRemoved(filepath.Join(directory, "removed.tsv"))
	if err != nil {
		return nil, err
	}
	phantoms, err := readPhantoms(filepath.Join(directory, "phantom.tsv"))
	if err != nil {
		return nil, err
	}
	table, err := renderTable(settings, removed, phantoms)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		tableFile: table,
		docsFile:  renderDocs(settings, removed, phantoms),
	}, nil
}

// setting is one line of settings.tsv.
type setting struct {
	section, key, kind, value, env, feature, plan, unsettable, since string
	sensitive                                                        bool
}

// removed is one line of removed.tsv.
type removed struct{ section, key, env, last, replacement, note string }

// phantom is one line of phantom.tsv.
type phantom struct{ env, meant, why string }

// types has the name of each type of settings.tsv in the package, and its encoding in the environment.
var types = map[string]struct{ name, encoding string }{
	"string":  {"String", "text"},
	"bool":    {"Bool", "true-or-false"},
	"int":     {"Int", "base-10"},
	"list":    {"List", "joined-by-single-spaces"},
	"map":     {"Map", "json-object"},
	"json":    {"JSON", "json-text"},
	"objects": {"Objects", "none"},
}

// environmentName returns the variable of a setting: the server splits the name at its underscores and looks for a
// field with each part (server/config/environment.go, applyEnvKey).
func environmentName(section, key string) string {
	return "MM_" + strings.ToUpper(section+"_"+strings.ReplaceAll(key, ".", "_"))
}

func readSettings(file string) ([]setting, error) {
	lines, err := readLines(file, "section", "key", "type", "default", "env", "encoding", "feature", "plan", "sensitive",
		"settable", "since")
	if err != nil {
		return nil, err
	}
	var settings []setting
	seen, left := map[string]bool{}, map[string]bool{}
	for _, line := range lines {
		s := setting{
			section: line[0], key: line[1], kind: line[2], value: line[3], env: line[4], feature: line[6], plan: line[7],
			sensitive: line[8] == "yes", since: line[10],
		}
		name := s.section + "." + s.key
		kind, known := types[s.kind]
		reason, unsettable := strings.CutPrefix(line[9], "no: ")
		if unsettable {
			s.unsettable = reason
		}
		switch last := len(settings) - 1; {
		case !known:
			return nil, fmt.Errorf("%s: %s: no type %q", file, name, s.kind)
		case s.env != environmentName(s.section, s.key):
			return nil, fmt.Errorf("%s: %s: its variable is %s, not %s", file, name, environmentName(s.section, s.key), s.env)
		case line[5] != kind.encoding && !(unsettable && line[5] == "none"):
			return nil, fmt.Errorf("%s: %s: a %s is encoded as %s, not %s", file, name, s.kind, kind.encoding, line[5])
		case !json.Valid([]byte(s.value)) && s.value != "<random>" && s.value != "<unset>" && s.value != "<unknown>":
			return nil, fmt.Errorf("%s: %s: the default %s is not JSON", file, name, s.value)
		case line[8] != "yes" && line[8] != "no":
			return nil, fmt.Errorf("%s: %s: sensitive is yes or no, not %q", file, name, line[8])
		case line[9] != "yes" && !unsettable:
			return nil, fmt.Errorf("%s: %s: settable is yes, or no and a reason, not %q", file, name, line[9])
		case seen[s.env]:
			return nil, fmt.Errorf("%s: duplicate setting %s", file, name)
		case left[s.section]:
			return nil, fmt.Errorf("%s: %s is not next to the other settings of its section", file, name)
		case last >= 0 && settings[last].section != s.section:
			left[settings[last].section] = true
		}
		seen[s.env] = true
		settings = append(settings, s)
	}
	return settings, nil
}

func readRemoved(file string) ([]removed, error) {
	lines, err := readLines(file, "section", "key", "env", "last", "replacement", "note")
	if err != nil {
		return nil, err
	}
	var all []removed
	for _, line := range lines {
		r := removed{line[0], line[1], line[2], line[3], line[4], line[5]}
		if r.env != environmentName(r.section, r.key) {
			return nil, fmt.Errorf("%s: %s.%s: its variable is %s, not %s", file, r.section, r.key,
				environmentName(r.section, r.key), r.env)
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b removed) int { return cmp.Compare(a.env, b.env) })
	return all, nil
}

func readPhantoms(file string) ([]phantom, error) {
	lines, err := readLines(file, "env", "meant", "why")
	if err != nil {
		return nil, err
	}
	var all []phantom
	for _, line := range lines {
		all = append(all, phantom{line[0], line[1], line[2]})
	}
	slices.SortFunc(all, func(a, b phantom) int { return cmp.Compare(a.env, b.env) })
	return all, nil
}

// readLines returns the fields of every line of a table, without the line of column names, empty lines and comments.
func readLines(file string, columns ...string) ([][]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lines [][]string
	scanner := bufio.NewScanner(bytes.NewReader(content))
	for number := 1; scanner.Scan(); number++ {
		line := scanner.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != len(columns) {
			return nil, fmt.Errorf("%s:%d: %d fields, expected %d", file, number, len(fields), len(columns))
		}
		lines = append(lines, fields)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(lines) == 0 || !slices.Equal(lines[0], columns) {
		return nil, fmt.Errorf("%s: the first line is not the columns %s", file, strings.Join(columns, ", "))
	}
	return lines[1:], nil
}

// renderTable writes the tables as Go composite literals that need no initialization at run time.
func renderTable(settings []setting, removed []removed, phantoms []phantom) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`// SPDX-License-Identifier: Apache-2.0

// Code generated by generate from settings.tsv, removed.tsv and phantom.tsv. DO NOT EDIT.

package settings

`)

	b.WriteString("// table has every setting, in the order of settings.tsv.\nvar table = [...]Setting{\n")
	for _, s := range settings {
		fmt.Fprintf(&b, "{%q, %q, %q,\n%s, %s, %q, %q, %t, %q, %q},\n",
			s.section, s.key, s.env, types[s.kind].name, literal(s.value), s.feature, s.plan, s.sensitive, s.unsettable, s.since)
	}

	b.WriteString("}\n\n// sections has the part of table that each section is.\nvar sections = [...]section{\n")
	for first := 0; first < len(settings); {
		end := first
		for end < len(settings) && settings[end].section == settings[first].section {
			end++
		}
		fmt.Fprintf(&b, "{%q, %d, %d},\n", settings[first].section, first, end)
		first = end
	}

	b.WriteString("}\n\n// byName is table sorted by section and key.\nvar byName = [...]uint16{")
	renderIndex(&b, settings, func(a, b setting) int {
		return cmp.Or(cmp.Compare(a.section, b.section), cmp.Compare(a.key, b.key))
	})
	b.WriteString("}\n\n// byEnv is table sorted by environment variable.\nvar byEnv = [...]uint16{")
	renderIndex(&b, settings, func(a, b setting) int { return cmp.Compare(a.env, b.env) })

	b.WriteString("}\n\n// removed has every removed setting, sorted by environment variable.\nvar " +
		"removed = [...]Removed{\n")
	for _, r := range removed {
		fmt.Fprintf(&b, "{%q, %q, %q,\n%q, %q, %q},\n", r.section, r.key, r.env, r.last, r.replacement, r.note)
	}
	b.WriteString("}\n\n// phantoms has every variable that only the documentation lists, " +
		"sorted by name.\nvar phantoms = [...]Phantom{\n")
	for _, p := range phantoms {
		fmt.Fprintf(&b, "{%q, %q,\n%s},\n", p.env, p.meant, literal(p.why))
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

// renderIndex writes the indexes of all settings in another order.
func renderIndex(b *bytes.Buffer, settings []setting, compare func(a, b setting) int) {
	index := make([]int, len(settings))
	for i := range index {
		index[i] = i
	}
	slices.SortFunc(index, func(i, j int) int { return compare(settings[i], settings[j]) })
	for i, place := range index {
		if i%20 == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "%d, ", place)
	}
	b.WriteString("\n")
}

// literal quotes a string, with backquotes if that avoids escapes.
func literal(text string) string {
	if strings.Contains(text, `"`) && !strings.Contains(text, "`") {
		return "`" + text + "`"
	}
	return fmt.Sprintf("%q", text)
}

func renderDocs(settings []setting, removed []removed, phantoms []phantom) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<!-- Generated by internal/settings/generate from internal/settings/*.tsv. DO NOT EDIT. -->

# Mattermost's settings

All %d settings in config.json of Mattermost 11.10. Write them under `+"`spec.settings`"+
		`, section by section, as
YAML of their type; each becomes its environment variable, encoded as the server expects:

`+"```yaml"+`
spec:
  settings:
    ServiceSettings:
      EnableUserAccessTokens: true
    MessageExportSettings:
      GlobalRelaySettings:
        CustomSMTPPort: "587"
`+"```"+`

- **type**: string, bool, int, list (of strings), map (an object with keys of your own), json (any object). A secret is
  a password, key, salt or data source; it goes through a Kubernetes Secret.
- **default**: the value that a server started by the operator uses, as JSON. *random* is generated at the first start
  and kept.
- **license**: the feature that the license file must include, and the lowest plan according to Mattermost's
  documentation. Empty means that no license is required.

Environment variables cannot express everything: a list cannot be empty, and its elements cannot contain spaces. A map
or json replaces the whole value; only the states of the prepackaged plugins are merged with yours.
`, len(settings))

	var section string
	var notes []string
	endSection := func() {
		if len(notes) > 0 {
			fmt.Fprintf(&b, "\n%s\n", strings.Join(notes, "\n"))
			notes = nil
		}
	}
	for _, s := range settings {
		if s.section != section {
			endSection()
			section = s.section
			fmt.Fprintf(&b, "\n## %s\n\n| key | type | default | environment variable | license |\n|---|---|---|---|---|\n",
				section)
		}
		kind := s.kind
		if s.sensitive {
			kind += ", secret"
		}
		variable := "`" + s.env + "`"
		if s.unsettable != "" {
			variable = "none"
			notes = append(notes, fmt.Sprintf("`%s` cannot be set by environment: %s.", s.key, s.unsettable))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.key, kind, documentedDefault(s.value), variable,
			documentedLicense(s))
	}
	endSection()

	b.WriteString("\n## Removed\n\nSettings that earlier versions had. Mattermost 11.10 silently ignores them; " +
		"here they are errors.\n\n" +
		"| setting | last seen in | use instead | note |\n|---|---|---|---|\n")
	for _, r := range removed {
		fmt.Fprintf(&b, "| `%s.%s` | %s | %s | %s |\n", r.section, r.key, cmp.Or(r.last, "before 9.5"), code(r.replacement),
			cell(r.note))
	}
	b.WriteString("\n## Documented only\n\nVariables that Mattermost's documentation lists but the server " +
		"does not know.\n\n" +
		"| variable | use instead | note |\n|---|---|---|\n")
	for _, p := range phantoms {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.env, code(p.meant), cell(p.why))
	}
	return b.Bytes()
}

// documentedDefault returns a default as JSON, or a word that says why there is none.
func documentedDefault(value string) string {
	if word, found := strings.CutPrefix(value, "<"); found {
		return "*" + strings.TrimSuffix(word, ">") + "*"
	}
	return code(value)
}

// documentedLicense returns the license feature and plan that a setting requires.
func documentedLicense(s setting) string {
	var needs []string
	if s.feature != "" {
		needs = append(needs, code(s.feature))
	}
	if s.plan != "" && s.plan != "all" {
		needs = append(needs, s.plan)
	}
	return strings.Join(needs, ", ")
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + cell(text) + "`"
}

// cell escapes a string for a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
