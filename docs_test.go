// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/cli"
	"bigbang.dev/mattermost-fn/internal/decode"
)

// block is a fenced block of a page, without the indentation of its fence.
type block struct {
	file     string
	line     int
	language string
	text     string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

// generatedPages are tested where they are generated.
var generatedPages = []string{"docs/rules.md", "docs/settings.md", "docs/fields.md"}

// pages returns README.md, the other pages of this directory, docs and the examples.
func pages(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

var fence = regexp.MustCompile("^( *)```([a-z]*)$")

// blocks returns the fenced blocks of the pages.
func blocks(t *testing.T) []block {
	t.Helper()
	var all []block
	for _, file := range pages(t) {
		if slices.Contains(generatedPages, file) {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var open *block
		indent, number := "", 0
		for line := range strings.Lines(string(content)) {
			number++
			line = strings.TrimSuffix(line, "\n")
			match := fence.FindStringSubmatch(line)
			switch {
			case match != nil && open == nil:
				indent, open = match[1], &block{file: file, line: number, language: match[2]}
			case match != nil:
				all, open = append(all, *open), nil
			case open != nil:
				open.text += strings.TrimPrefix(line, indent) + "\n"
			}
		}
		if open != nil {
			t.Errorf("%s: a block is not closed", open)
		}
	}
	if len(all) < 60 {
		t.Fatalf("only %d blocks", len(all))
	}
	return all
}

// Every YAML block is a configuration without errors, a part of one, or valid YAML of another tool. A part is the value
// of spec, of fields of spec, or of fields of spec.database.inCluster.
func TestDocumentedYAML(t *testing.T) {
	checked := 0
	for _, b := range blocks(t) {
		if b.language != "yaml" {
			continue
		}
		for document := range strings.SplitSeq(b.text, "\n---\n") {
			node, err := yaml.Parse(document)
			if err != nil {
				t.Errorf("%s: %v", b, err)
				continue
			}
			if kind := node.GetKind(); kind != "" && kind != v1alpha1.Kind || !isPart(node) {
				continue
			}
			checked++
			if reasons := refused(t, b.file, document, node); reasons != "" {
				t.Errorf("%s:\n%s", b, reasons)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d configurations", checked)
	}
	t.Logf("%d configurations and parts", checked)
}

// otherTools are fields at the top of files of other tools: kustomizations, Kptfiles, Helm values, annotations, and
// fields of objects that the text around names.
var otherTools = regexp.MustCompile(`^(generators|transformers|pipeline|config\.kubernetes\.io/.*|data|` +
	`commonAnnotations|stages|jobs|on|addons|mattermostEnvs|[a-z-]+:)$`)

// isPart reports whether the document looks like a configuration or a part of one.
func isPart(node *yaml.RNode) bool {
	names, err := node.Fields()
	return err == nil && len(names) > 0 && !slices.ContainsFunc(names, otherTools.MatchString)
}

// refused returns the errors of a configuration or of a part of one; empty if it is accepted.
func refused(t *testing.T, file, document string, node *yaml.RNode) string {
	t.Helper()
	const head = "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
		"metadata: {name: mattermost, namespace: mattermost}\n"
	indented := func(by int) string {
		return strings.TrimRight(strings.ReplaceAll("\n"+document, "\n", "\n"+strings.Repeat(" ", by)), " ")
	}
	var text string
	whole := node.GetKind() == v1alpha1.Kind
	switch {
	case whole:
		text = document
	case node.Field("spec") != nil:
		text = head + document
	case isOfSpec(t, node):
		text = head + "spec:" + indented(2)
	default:
		text = head + "spec:\n  database:\n    inCluster:" + indented(6)
	}
	// The domain is left out of parts.
	if !whole && !regexp.MustCompile(`(?m)^  (domain|host):`).MatchString(text) {
		text = strings.Replace(text, "\nspec:", "\nspec:\n  domain: example.com", 1)
	}
	list := &fn.List{}
	if err := list.ReadFile("block.yaml", []byte(text)); err != nil {
		return err.Error()
	}
	var reasons strings.Builder
	for _, result := range fn.Process(list, time.Time{}) {
		// A part need not say what it needs elsewhere, except in the cookbook, but its fields exist and have values of the
		// right type.
		if result.Severity == fn.Error && (whole || file == "docs/cookbook.md" || result.Rule == "") {
			fmt.Fprintf(&reasons, "%s\n", result)
		}
	}
	if reasons.Len() > 0 {
		reasons.WriteString(text)
	}
	return reasons.String()
}

// isOfSpec reports whether the first field of the document is one of spec.
func isOfSpec(t *testing.T, node *yaml.RNode) bool {
	t.Helper()
	names, err := node.Fields()
	if err != nil {
		t.Fatal(err)
	}
	probe, err := yaml.Parse("spec: {" + names[0] + ": null}")
	if err != nil {
		t.Fatal(err)
	}
	_, problems := decode.Strict(probe.YNode(), &v1alpha1.MattermostConfig{})
	return len(problems) == 0
}

var continued = regexp.MustCompile(`\\\n\s*`)

// Every command of mattermost-fn and go run in a block runs if its files are those of a new user: an example, or a
// configuration, a rendered directory, a package and a license of those names. Of others, the command and its flags
// exist.
func TestDocumentedCommands(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	all := blocks(t)
	prepare(t, root)
	ran, known := 0, 0
	for _, b := range all {
		if b.language != "sh" {
			continue
		}
		for line := range strings.Lines(continued.ReplaceAllString(b.text, "")) {
			for _, args := range commandsOf(line) {
				if err := exists(args); err != nil {
					t.Errorf("%s: %s: %v", b, strings.Join(args, " "), err)
				}
				if !runnable(args) {
					known++
					continue
				}
				exit, output := execute(args)
				switch {
				// e2e/examples runs those on overlays, with kustomize.
				case strings.Contains(output, "kustomize, which builds it, is not on PATH"):
					known++
				case exit == 0 || exit == 3 && slices.Contains(args, "--diff"):
					ran++
				default:
					t.Errorf("%s: mattermost-fn %s: exit code %d\n%s", b, strings.Join(args, " "), exit, output)
				}
			}
			for _, match := range regexp.MustCompile(`kustomize build (?:-\S+ )*([\w/.-]+)`).FindAllStringSubmatch(line, -1) {
				if _, err := os.Stat(filepath.Join(match[1], "kustomization.yaml")); err != nil {
					t.Errorf("%s: %v", b, err)
				}
			}
		}
	}
	if ran < 20 {
		t.Errorf("ran only %d commands", ran)
	}
	t.Logf("%d commands ran, %d more exist", ran, known)
}

// README shows what check says about the smallest example today, and names what the default profile needs on its first
// page.
func TestReadmeShowsTheChecklist(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const command = "check examples/basic/mattermost.yaml"
	page := string(readme)
	_, rest, found := strings.Cut(page, "`mattermost-fn "+command+"`:\n\n```\n")
	shown, _, isEnded := strings.Cut(rest, "\n```\n")
	if !found || !isEnded {
		t.Fatalf("README.md does not show the output of %s", command)
	}
	if _, output := execute(strings.Fields(command)); strings.TrimSpace(output) != strings.TrimSpace(shown) {
		t.Errorf("%s prints\n%s\nand README.md shows\n%s", command, output, shown)
	}
	first, _, _ := strings.Cut(page, "\n## What you get")
	for _, need := range []string{"Iron Bank", "private-registry", "profile: community"} {
		if !strings.Contains(first, need) {
			t.Errorf("the first page of README.md does not name %s", need)
		}
	}
}

// Every command that is named in a sentence, or that a CI job of examples/flux runs, exists with its flags.
func TestCommandsInSentencesAndJobs(t *testing.T) {
	checked := 0
	check := func(place, command string) {
		for _, args := range commandsOf(command) {
			if strings.HasPrefix(args[0], "-") {
				continue
			}
			checked++
			if err := exists(args); err != nil {
				t.Errorf("%s: %s: %v", place, command, err)
			}
		}
	}
	inline := regexp.MustCompile("`(mattermost-fn [^`]+)`")
	for _, page := range pages(t) {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range inline.FindAllStringSubmatch(string(content), -1) {
			if !strings.HasPrefix(match[1], "mattermost-fn <") { // standard input
				check(page, strings.ReplaceAll(match[1], "\n", " "))
			}
		}
	}
	for _, job := range []string{"examples/flux/github-actions.yaml", "examples/flux/gitlab-ci.yaml"} {
		content, err := os.ReadFile(job)
		if err != nil {
			t.Fatal(err)
		}
		before := checked
		for line := range strings.Lines(string(content)) {
			check(job, strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "- "), "run: "))
		}
		if checked-before < 2 {
			t.Errorf("%s: no commands", job)
		}
	}
	if checked < 40 {
		t.Errorf("only %d commands", checked)
	}
	t.Logf("%d commands", checked)
}

// prepare makes a directory with the files that the pages name the working directory.
func prepare(t *testing.T, root string) {
	t.Helper()
	t.Chdir(t.TempDir())
	basic, err := os.ReadFile(filepath.Join(root, "examples", "basic", "mattermost.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS("examples", os.DirFS(filepath.Join(root, "examples"))); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"mattermost.yaml":            string(basic),
		"rendered/mattermost.yaml":   "",
		"my-package/mattermost.yaml": string(basic),
		"my-package/Kptfile":         "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: my-package}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// commandsOf returns the arguments of each mattermost-fn in a line.
func commandsOf(line string) [][]string {
	line, _, _ = strings.Cut(line, " #")
	var commands [][]string
	for _, part := range regexp.MustCompile(`\||&&|;|\$\(`).Split(line, -1) {
		words := strings.Fields(part)
		switch {
		case len(words) > 1 && words[0] == "mattermost-fn":
			words = words[1:]
		case len(words) > 3 && slices.Equal(words[:3], []string{"go", "run", "."}):
			words = words[3:]
		default:
			continue
		}
		if end := slices.IndexFunc(words, func(word string) bool { return strings.ContainsAny(word[:1], "<>") }); end >= 0 {
			words = words[:end] // a redirection
		}
		if len(words) > 0 {
			commands = append(commands, words)
		}
	}
	return commands
}

// runnable reports whether all files of a command exist.
func runnable(args []string) bool {
	files := 0
	for i, arg := range args[1:] {
		if strings.HasPrefix(arg, "-") || strings.HasPrefix(args[i], "--") && args[i] != "--diff" || args[0] == "explain" {
			continue
		}
		if _, err := os.Stat(arg); err != nil {
			return false
		}
		files++
	}
	return files > 0 || slices.Contains([]string{"explain", "schema", "version"}, args[0])
}

// exists returns an error if a subcommand or one of its flags does not exist.
func exists(args []string) error {
	exit, help := execute([]string{args[0], "--help"})
	if exit != 0 {
		return fmt.Errorf("unknown command: %s", help)
	}
	for _, arg := range args[1:] {
		if name, _, _ := strings.Cut(arg, "="); strings.HasPrefix(name, "-") && name != "-" && !strings.Contains(help, name) {
			return fmt.Errorf("unknown flag %s", name)
		}
	}
	return nil
}

func execute(args []string) (exit int, output string) {
	var out, errors bytes.Buffer
	exit = cli.Execute(args, strings.NewReader(""), &out, &errors)
	return exit, out.String() + errors.String()
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Every link within the repository leads to a file, and to a heading or an anchor in it.
func TestDocumentedLinks(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		prose := regexp.MustCompile("`[^`\n]*`").ReplaceAllString(string(content), "code")
		for _, match := range link.FindAllStringSubmatch(prose, -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(match[1], "#")
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", page, err)
			} else if anchor != "" && !strings.HasSuffix(target, ".go") && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s: %s has no heading for #%s", page, target, anchor)
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links", links)
	}
}

// anchors returns what links to a page can name: headings as GitHub writes them, and anchors.
func anchors(t *testing.T, page string) []string {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(content), -1) {
		heading := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(heading, " ", "-"))
	}
	for _, anchor := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllStringSubmatch(string(content), -1) {
		all = append(all, anchor[1])
	}
	return all
}
