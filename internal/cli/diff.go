// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aymanbagabas/go-udiff"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// errDifferent is returned if a run would change the directory. The differences have been printed.
var errDifferent = errors.New("there are differences")

// directoryRun is the outcome of a run on a directory, of which nothing is written.
type directoryRun struct {
	list *fn.List
	// before contains the objects that were read, as they were.
	before map[fn.Object]*yaml.Node
	// files contains the files with objects that were read.
	files   map[string]bool
	changes []fn.Change
}

// runInPlace runs the function on the objects in a directory and the named files, and prints the results. The changes
// are sorted by file. From is the version of Mattermost that runs; empty for the one of the objects.
func runInPlace(streams ioStreams, directory string, files []string, from string) (*directoryRun, error) {
	list, invalid, err := readDirectory(streams, directory, files)
	if err != nil {
		return nil, refuse(streams, err)
	}
	if len(invalid) > 0 {
		streams.errorStyle().printResultLines(streams.errors, invalid)
		return nil, errRefused
	}
	list.Earlier = from
	run := &directoryRun{list: list, before: map[fn.Object]*yaml.Node{}, files: filesOf(list)}
	configured := false
	for _, object := range list.Objects() {
		run.before[object] = object.Node() // not changed later: a changed object gets a new node
		configured = configured || object.IsConfiguration()
	}
	results, changes := fn.ProcessChanges(list, time.Now())
	streams.reportSummary(results)
	switch {
	case results.HasErrors():
		return nil, errRefused
	case len(changes) == 0 && !configured: // a wrong directory must not look like one without differences
		return nil, refuse(streams, fmt.Errorf("no MattermostConfig in %s, and no object whose configuration "+
			"was deleted; add the configuration's file, as in 'mattermost-fn render --diff %[1]s FILE', or use the directory "+
			"with the Kptfile", directory))
	}
	slices.SortStableFunc(changes, func(a, b fn.Change) int {
		aFile, aIndex := a.Object.File()
		bFile, bIndex := b.Object.File()
		return cmp.Or(cmp.Compare(aFile, bFile), cmp.Compare(aIndex, bIndex))
	})
	run.changes = changes
	return run, nil
}

// diff prints what a run in place would change in a directory: each object with its state and a diff, and a summary. It
// writes no file. Of a Secret only the keys are printed.
func diff(streams ioStreams, options renderOptions, files []string) error {
	run, err := runInPlace(streams, options.compared, files, options.from)
	if err != nil {
		return err
	}
	changes, before := run.changes, run.before
	warnOfHiddenFiles(streams, changes, run.files)
	if options.format == "json" {
		return diffJSON(streams, changes, before)
	}
	var out bytes.Buffer
	style := streams.outStyle()
	if err := listChanges(&out, changes, style); err != nil {
		return err
	}
	for _, change := range changes {
		text, err := difference(change, before[change.Object])
		if err != nil {
			return refuse(streams, fmt.Errorf("%s: %w", change.Object, err))
		}
		out.WriteString(style.diff(text))
	}
	different := summarize(&out, changes)
	if err := streams.write(out.Bytes()); err != nil {
		return err
	}
	if different {
		return errDifferent
	}
	return nil
}

// jsonChange is one object of a diff as JSON.
type jsonChange struct {
	State      fn.State `json:"state"`
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Namespace  string   `json:"namespace,omitempty"`
	Name       string   `json:"name"`
	File       string   `json:"file,omitempty"`
	// Diff is a unified diff; empty for an unchanged object.
	Diff string `json:"diff,omitempty"`
}

func diffJSON(streams ioStreams, changes []fn.Change, before map[fn.Object]*yaml.Node) error {
	all, different := []jsonChange{}, false
	for _, change := range changes {
		text, err := difference(change, before[change.Object])
		if err != nil {
			return refuse(streams, fmt.Errorf("%s: %w", change.Object, err))
		}
		file, _ := change.Object.File()
		resource := change.Object.Resource()
		all = append(all, jsonChange{change.State, resource.APIVersion, resource.Kind, resource.Namespace, resource.Name,
			file, strings.TrimPrefix(text, "\n")})
		different = different || change.State != fn.Unchanged
	}
	if err := encodeJSON(streams, all); err != nil {
		return err
	}
	if different {
		return errDifferent
	}
	return nil
}

// encodeJSON prints a value as indented JSON.
func encodeJSON(streams ioStreams, value any) error {
	encoder := json.NewEncoder(streams.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// filesOf returns the files of the objects of a list.
func filesOf(list *fn.List) map[string]bool {
	files := map[string]bool{}
	for _, object := range list.Objects() {
		file, _ := object.File()
		files[file] = true
	}
	return files
}

// warnOfHiddenFiles reports existing files that were not read, to which a run would write new objects: a .krmignore
// hides them from the function, and kpt overwrites them.
func warnOfHiddenFiles(streams ioStreams, changes []fn.Change, known map[string]bool) {
	for _, change := range changes {
		file, _ := change.Object.File()
		if change.State != fn.Added || known[file] {
			continue
		}
		known[file] = true
		if _, err := os.Lstat(file); err == nil {
			fmt.Fprintf(streams.errors, "%s: warning: the file exists, but a .krmignore hides it from the function: kpt would "+
				"overwrite it. Rename it, or do not ignore it\n", printable(file))
		}
	}
}

// listChanges writes a line for each object: state, object, file.
func listChanges(out io.Writer, changes []fn.Change, style style) error {
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, change := range changes {
		file, _ := change.Object.File()
		fmt.Fprintf(table, "%s\t%s\t%s\n", change.State, printable(change.Object.String()), printable(file))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	i := 0
	for line := range strings.Lines(text.String()) { // colored afterwards: codes would count as width
		state := changes[i].State
		if _, err := io.WriteString(out, style.paint(stateColors[state], string(state))+line[len(state):]); err != nil {
			return err
		}
		i++
	}
	return nil
}

// summarize writes the number of objects in each state, and reports whether any differs.
func summarize(out io.Writer, changes []fn.Change) bool {
	count := map[fn.State]int{}
	for _, change := range changes {
		count[change.State]++
	}
	var parts []string
	for _, state := range []fn.State{fn.Added, fn.Changed, fn.Patched, fn.Retained, fn.Removed, fn.Unchanged} {
		parts = append(parts, fmt.Sprintf("%d %s", count[state], state))
	}
	fmt.Fprintf(out, "\n%s\n", strings.Join(parts, ", "))
	return count[fn.Unchanged] < len(changes)
}

// difference returns the unified diff of one object, with the same YAML style on both sides; empty if nothing changes.
func difference(change fn.Change, before *yaml.Node) (string, error) {
	object := change.Object
	after := object.Node()
	switch change.State {
	case fn.Unchanged:
		return "", nil
	case fn.Removed:
		after = nil
	}
	if resource := object.Resource(); resource.Kind == "Secret" && !strings.Contains(resource.APIVersion, "/") {
		before, after = maskSecret(before, after, "before"), maskSecret(after, before, "after")
	}
	older, err := document(before)
	if err != nil {
		return "", err
	}
	newer, err := document(after)
	if err != nil {
		return "", err
	}
	label := func(node *yaml.Node) string {
		if node == nil {
			return "/dev/null"
		}
		file, _ := object.File()
		return printable(file + ": " + object.String())
	}
	return "\n" + udiff.Unified(label(before), label(after), older, newer), nil
}

func document(node *yaml.Node) (string, error) {
	if node == nil {
		return "", nil
	}
	var out strings.Builder
	encoder := yaml.NewEncoder(&out)
	if err := encoder.Encode(node); err != nil {
		return "", err
	}
	return out.String(), encoder.Close()
}

// lastApplied is the annotation in which kubectl apply keeps a copy of the whole object; users commit it with the
// object.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// maskSecret returns a copy of a Secret with asterisks instead of all values. If the other Secret has a different value
// under the same key, the name of this side is added. Comments are removed, since they may contain a value.
func maskSecret(secret, other *yaml.Node, side string) *yaml.Node {
	if secret == nil {
		return nil
	}
	secret = withoutComments(secret)
	for _, path := range [][]string{{"data"}, {"stringData"}, {"metadata", "annotations"}} {
		parent, name := resourcelist.Field(secret, path[:len(path)-1]...), path[len(path)-1]
		if parent == nil {
			continue
		}
		for i := 0; i+1 < len(parent.Content); i += 2 {
			if parent.Content[i].Value == name {
				parent.Content[i+1] = maskValues(parent.Content[i+1], resourcelist.Field(other, path...), side,
					name == "annotations")
			}
		}
	}
	return secret
}

// maskValues returns a copy of a mapping with masked values; among annotations only lastApplied is masked.
func maskValues(values, others *yaml.Node, side string, annotations bool) *yaml.Node {
	if values.Kind == yaml.AliasNode {
		values = values.Alias
	}
	if values.Kind != yaml.MappingNode {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "***"}
	}
	masked := *values
	masked.Style, masked.Anchor, masked.Content = 0, "", slices.Clone(values.Content)
	for i := 0; i+1 < len(masked.Content); i += 2 {
		key := masked.Content[i].Value
		if annotations && key != lastApplied {
			continue
		}
		text, other := "***", resourcelist.Field(others, key)
		if other != nil && resourcelist.Text(other) != resourcelist.Text(resourcelist.Field(values, key)) {
			text = "*** (" + side + ")"
		}
		masked.Content[i+1] = &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	}
	return &masked
}

// withoutComments returns a deep copy of a node, without comments.
func withoutComments(node *yaml.Node) *yaml.Node {
	bare := *node
	bare.HeadComment, bare.LineComment, bare.FootComment = "", "", ""
	bare.Content = nil
	for _, child := range node.Content {
		bare.Content = append(bare.Content, withoutComments(child))
	}
	return &bare
}
