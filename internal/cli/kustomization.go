// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// follower follows kustomizations to the configurations in them. A pull request can write anything into them, so it
// runs nothing and fetches nothing that they name: it reads their files itself, with the limits of input, copies them
// to a directory of its own without functions, plugins and charts, and there runs the user's kustomize without the
// flags that enable those, and without a PATH on which it could find git.
type follower struct {
	in *input
	// copies is the directory with the copies, below which a directory has its absolute path; empty until it is needed.
	copies string
	// targets contains the kustomizations that were read, by absolute directory, in the order in which they are built.
	targets map[string]*target
	order   []*target
	// configurations contains the configurations that were found, for one check of all.
	configurations []configuration
	warnings       fn.Results
	// withoutFunction contains an error for each configuration that kustomize cannot run.
	withoutFunction fn.Results
	// builds is how often kustomize was run.
	builds int
}

// target is a directory with a kustomization.
type target struct {
	// directory is the name for messages, absolute that of the copy below follower.copies.
	directory, absolute string
	// file is the name of the kustomization in it, root its content without functions.
	file string
	root *yaml.Node
	// generated contains the configurations that are generators, with the file that their output replaces.
	generated []configuration
	// transformer is the configuration that is a transformer, after is what follows it.
	transformer *configuration
	after       []*yaml.Node
	// resources contains the names of the files among the resources. HasConfiguration is true if a configuration is among
	// the resources, also those of its bases.
	resources        []string
	hasConfiguration bool
	// renamed contains the configuration of the transformer as kustomize builds it, if it is among the resources.
	renamed []byte
	// isPlain is true if the kustomization only lists configurations as generators, so that nothing changes the output.
	isPlain bool
}

// configuration is the content of a file with a configuration.
type configuration struct {
	// name is the file, or the directory that kustomize built.
	name string
	text []byte
	// isBuilt is true if kustomize built it, so that lines have no meaning.
	isBuilt bool
	// output is the name of the file with what is generated from it, in the directory of its kustomization.
	output string
}

var kustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// kustomizationIn returns the name of the kustomization in a directory; empty if there is none.
func kustomizationIn(directory string) string {
	for _, name := range kustomizationNames {
		if _, err := os.Lstat(filepath.Join(directory, name)); err == nil {
			return name
		}
	}
	return ""
}

func newFollower(in *input) *follower { return &follower{in: in, targets: map[string]*target{}} }

// remove removes the copies.
func (f *follower) remove() {
	if f.copies != "" {
		os.RemoveAll(f.copies)
	}
}

// follow reads the kustomization in a directory and all that it refers to.
func (f *follower) follow(directory string) (*target, error) {
	absolute, err := filepath.Abs(directory)
	if err != nil {
		return nil, err
	}
	if t, found := f.targets[absolute]; found {
		if t == nil {
			return nil, fmt.Errorf("%s: the kustomizations refer to each other in a circle", directory)
		}
		return t, nil
	}
	f.targets[absolute] = nil // until it has been read
	t := &target{directory: directory, absolute: absolute, file: kustomizationIn(directory)}
	if t.file == "" {
		return nil, fmt.Errorf("%s contains no kustomization", directory)
	}
	name := filepath.Join(directory, t.file)
	data, _, err := f.in.read(directory, t.file, name)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, (&fn.List{}).ReadFile(name, data) // the same mistake, explained
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: expected a Kustomization", name)
	}
	t.root = document.Content[0]
	if err := f.read(t); err != nil {
		return nil, err
	}
	f.targets[absolute] = t
	f.order = append(f.order, t)
	return t, nil
}

// read reads what a kustomization refers to, and takes out what would run something.
func (f *follower) read(t *target) error {
	t.isPlain = true
	var kept, outputs []*yaml.Node
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		key, value := t.root.Content[i], resolve(t.root.Content[i+1])
		var err error
		// kustomize decodes by encoding/json, which ignores case.
		switch name := strings.ToLower(key.Value); name {
		case "apiversion", "kind", "metadata":
		case "<<":
			return fmt.Errorf("%s: merge keys (<<) are not followed; write the fields", filepath.Join(t.directory, t.file))
		case "resources", "bases", "components":
			t.isPlain = false
			err = f.eachEntry(t, name, value, func(entry string) error { return f.readResource(t, entry) })
		case "generators", "transformers", "validators":
			t.isPlain = t.isPlain && name == "generators"
			var entries []*yaml.Node
			entries, err = f.readPlugins(t, name, value)
			value = &yaml.Node{Kind: yaml.SequenceNode, Content: entries}
		case "helmcharts", "helmchartinflationgenerator", "helmglobals":
			t.isPlain = false
			if name != "helmglobals" {
				f.warn(t, "%s is not run: charts run a program; render them first", key.Value)
			}
			continue
		default:
			t.isPlain = false
			err = f.readReferences(t, name, value)
		}
		if err != nil {
			return err
		}
		if value.Kind != yaml.SequenceNode || len(value.Content) > 0 {
			kept = append(kept, key, value)
		}
	}
	if err := f.patchesOfGenerators(t); err != nil {
		return err
	}
	for _, c := range t.generated {
		outputs = append(outputs, stringNode(c.output))
	}
	t.root = &yaml.Node{Kind: yaml.MappingNode, Content: kept}
	t.add("resources", outputs)
	return nil
}

// add adds entries to a list of the kustomization.
func (t *target) add(name string, entries []*yaml.Node) {
	if len(entries) == 0 {
		return
	}
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		if list := t.root.Content[i+1]; strings.EqualFold(t.root.Content[i].Value, name) && list.Kind == yaml.SequenceNode {
			list.Content = append(list.Content, entries...)
			return
		}
	}
	t.root.Content = append(t.root.Content, stringNode(name), &yaml.Node{Kind: yaml.SequenceNode, Content: entries})
}

func stringNode(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: value}
}

func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func (f *follower) warn(t *target, format string, args ...any) {
	f.warnings = append(f.warnings, fn.Result{Severity: fn.Warning, File: filepath.Join(t.directory, t.file),
		Message: fmt.Sprintf(format, args...)})
}

// eachEntry calls read with every string of a list.
func (f *follower) eachEntry(t *target, field string, list *yaml.Node, read func(entry string) error) error {
	if list.Kind != yaml.SequenceNode {
		return nil // kustomize reports it
	}
	for _, element := range list.Content {
		element = resolve(element)
		if element.Kind != yaml.ScalarNode {
			continue
		}
		if err := read(element.Value); err != nil {
			return fmt.Errorf("%s: %s: %w", filepath.Join(t.directory, t.file), field, err)
		}
	}
	return nil
}

// readResource reads a file or directory in resources, bases or components.
func (f *follower) readResource(t *target, entry string) error {
	isDirectory, err := t.stat(entry)
	if err != nil {
		return err
	}
	if isDirectory {
		base, err := f.follow(filepath.Join(t.directory, entry))
		if err == nil {
			t.hasConfiguration = t.hasConfiguration || base.hasConfiguration
		}
		return err
	}
	name := filepath.Join(t.directory, entry)
	t.resources = append(t.resources, name)
	data, _, err := f.in.read(t.directory, entry, name)
	if err != nil {
		return err
	}
	t.hasConfiguration = t.hasConfiguration || kindOfConfiguration.Match(data)
	return f.write(t, entry, data)
}

// kindOfConfiguration matches objects that are configurations, and patches of them.
var kindOfConfiguration = regexp.MustCompile(`(?m)\bkind"?:\s*"?` + v1alpha1.Kind + `\b`)

// patchesOfGenerators reports patches of a configuration that is a generator. kustomize lets them match, since it keeps
// the configuration until the end of the build, but the function ran before (kustomize 5.8).
func (f *follower) patchesOfGenerators(t *target) error {
	if t.hasConfiguration || t.isComponent() {
		return nil
	}
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		field, list := t.root.Content[i].Value, resolve(t.root.Content[i+1])
		switch strings.ToLower(field) {
		case "patches", "patchesstrategicmerge", "patchesjson6902":
		default:
			continue
		}
		for n, entry := range list.Content {
			isOurs, err := f.isPatchOfConfiguration(t, resolve(entry))
			if err != nil {
				return err
			}
			if isOurs {
				f.warnings = append(f.warnings, fn.Result{Severity: fn.Error, File: filepath.Join(t.directory, t.file),
					Line: entry.Line, Field: fmt.Sprintf("%s[%d]", field, n), Message: fmt.Sprintf("changes the %s after "+
						"the function ran, so it has no effect; point generators: at a directory with a kustomization of its "+
						"own, and patch it there (examples/overlays)", v1alpha1.Kind)})
			}
		}
	}
	return nil
}

// isComponent reports whether a kustomization is a Component, whose patches are for the resources of others.
func (t *target) isComponent() bool {
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		if strings.EqualFold(t.root.Content[i].Value, "kind") {
			return t.root.Content[i+1].Value == "Component"
		}
	}
	return false
}

// isPatchOfConfiguration reports whether an entry of a list of patches is for a configuration.
func (f *follower) isPatchOfConfiguration(t *target, entry *yaml.Node) (bool, error) {
	if resourcelist.Text(resourcelist.Field(entry, "target", "kind")) == v1alpha1.Kind {
		return true, nil
	}
	text := resourcelist.Text(resourcelist.Field(entry, "patch"))
	file := resourcelist.Text(resourcelist.Field(entry, "path"))
	if entry.Kind == yaml.ScalarNode { // of patchesStrategicMerge
		if text = entry.Value; !strings.Contains(text, "\n") {
			text, file = "", text
		}
	}
	if file == "" || !filepath.IsLocal(file) {
		return kindOfConfiguration.MatchString(text), nil
	}
	data, _, err := f.in.read(t.directory, file, filepath.Join(t.directory, file))
	return err == nil && kindOfConfiguration.Match(data), err
}

// stat reports whether an entry is a directory. It refuses what is not in the repository: kustomize would fetch it.
func (t *target) stat(entry string) (isDirectory bool, err error) {
	remote := fmt.Errorf("%q is not a file or directory here, and nothing is fetched; run "+
		"'kustomize build %s | mattermost-fn check -'", printable(entry), t.directory)
	// kustomize tries a URL of a Git repository before a directory with the same name (api/internal/git/repospec.go).
	if strings.ContainsAny(entry, ":@?\\") || strings.Contains(entry, "//") || strings.Contains(entry, ".git/") ||
		strings.Contains(entry, "_git/") || strings.HasPrefix(strings.ToLower(entry), "github.com") || filepath.IsAbs(entry) {
		return false, remote
	}
	info, err := os.Lstat(filepath.Join(t.directory, entry))
	switch {
	case err != nil:
		return false, remote
	case info.Mode()&fs.ModeSymlink != 0 && !filepath.IsLocal(entry):
		return false, fmt.Errorf("%q is a symbolic link, which is not followed", printable(entry))
	case info.Mode()&fs.ModeSymlink != 0:
		if info, err = os.Stat(filepath.Join(t.directory, entry)); err != nil {
			return false, err
		}
		if info.IsDir() {
			return false, fmt.Errorf("%q is a symbolic link, which is not followed", printable(entry))
		}
	}
	if !info.IsDir() && !filepath.IsLocal(entry) {
		return false, fmt.Errorf("%q is a file outside the directory of its kustomization, which kustomize refuses too",
			printable(entry))
	}
	return info.IsDir(), nil
}

// copyFile copies a file in the directory of a kustomization.
func (f *follower) copyFile(t *target, name string) error {
	data, _, err := f.in.read(t.directory, name, filepath.Join(t.directory, name))
	if err != nil {
		return err
	}
	return f.write(t, name, data)
}

// write writes a file into the copy of a kustomization's directory.
func (f *follower) write(t *target, name string, data []byte) error {
	if f.copies == "" {
		var err error
		if f.copies, err = os.MkdirTemp("", "mattermost-fn-"); err != nil {
			return err
		}
	}
	data = bytes.ReplaceAll(data, []byte(localConfig), []byte(keptLocalConfig))
	file := filepath.Join(f.copies, t.absolute, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

// references are the fields, in lower case, whose values are names of files in a kustomization or in the configuration
// of a built-in generator or transformer.
var references = []string{
	"path", "paths", "files", "file", "env", "envs", "configurations", "crds", "patchesstrategicmerge", "valuesfile",
	"additionalvaluesfiles", "openapi", "patches", "patchesjson6902", "replacements",
}

// readReferences copies the files that a value refers to, at any depth.
func (f *follower) readReferences(t *target, field string, value *yaml.Node) error {
	value = resolve(value)
	switch value.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(value.Content); i += 2 {
			name := strings.ToLower(value.Content[i].Value)
			if err := f.readReferences(t, name, value.Content[i+1]); err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		for _, element := range value.Content {
			if err := f.readReferences(t, field, element); err != nil {
				return err
			}
		}
	case yaml.ScalarNode:
		if slices.Contains(references, field) && !strings.Contains(value.Value, "\n") {
			return f.readReference(t, field, value.Value)
		}
	}
	return nil
}

func (f *follower) readReference(t *target, field, value string) error {
	for _, name := range []string{value, value[strings.IndexByte(value, '=')+1:]} { // key=file in files
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "http:") || strings.HasPrefix(lower, "https:") {
			return fmt.Errorf("%s: %s: %q is not a file here, and nothing is fetched", filepath.Join(t.directory, t.file),
				field, printable(name))
		}
		if !filepath.IsLocal(name) {
			continue
		}
		// A path within an object, as replacements have it, is no file.
		if info, err := os.Stat(filepath.Join(t.directory, name)); err != nil || info.IsDir() {
			continue
		}
		if err := f.copyFile(t, name); err != nil {
			return err
		}
	}
	return nil
}

// readPlugins reads generators, transformers or validators. It returns those that kustomize itself has, as files.
func (f *follower) readPlugins(t *target, field string, list *yaml.Node) ([]*yaml.Node, error) {
	var kept []*yaml.Node
	err := f.eachEntry(t, field, list, func(entry string) error {
		name, text, isBuilt := filepath.Join(t.directory, entry), []byte(entry), false
		if !strings.Contains(entry, "\n") {
			isDirectory, err := t.stat(entry)
			if err != nil {
				return err
			}
			if isBuilt = isDirectory; isDirectory {
				text, err = f.buildConfigurations(t, entry)
			} else {
				text, _, err = f.in.read(t.directory, entry, name)
			}
			if err != nil {
				return err
			}
		} else {
			name, isBuilt = filepath.Join(t.directory, t.file), true // lines of the string, not of the file
		}
		plugins := &fn.List{}
		if err := plugins.ReadFile(name, text); err != nil {
			return err
		}
		found := len(f.configurations)
		for _, object := range plugins.Objects() {
			resource := object.Resource()
			switch {
			case object.IsConfiguration():
				f.checkFunction(object, field, name)
				if found == len(f.configurations) { // one file may have several
					f.configurations = append(f.configurations, configuration{name: name, text: text, isBuilt: isBuilt})
				}
			case resource.APIVersion == "builtin":
				if err := f.readReferences(t, "", object.Node()); err != nil {
					return err
				}
				file := fmt.Sprintf(".mattermost-fn-%s-%d.yaml", field, len(f.configurations)+len(kept))
				text, err := document(object.Node())
				if err == nil {
					err = f.write(t, file, []byte(text))
				}
				if err != nil {
					return err
				}
				if t.transformer != nil && field == "transformers" {
					t.after = append(t.after, stringNode(file))
				} else {
					kept = append(kept, stringNode(file))
				}
			default:
				f.warn(t, "%s: %s in %s is not run: it is a function or plugin", field, printable(object.String()), name)
			}
		}
		if found == len(f.configurations) {
			return nil
		}
		ours := onlyConfigurations(plugins)
		switch field {
		case "generators":
			t.generated = append(t.generated, configuration{name: name, text: ours,
				output: fmt.Sprintf(".mattermost-fn-%d.yaml", len(f.configurations))})
		case "transformers":
			if t.transformer != nil {
				return errors.New("two MattermostConfigs are transformers; list them as generators")
			}
			t.transformer = &configuration{name: name, text: ours}
		}
		return nil
	})
	return kept, err
}

// onlyConfigurations returns the configurations of a list as YAML documents.
func onlyConfigurations(list *fn.List) []byte {
	var text bytes.Buffer
	for _, object := range list.Objects() {
		if object.IsConfiguration() {
			if part, err := document(object.Node()); err == nil {
				text.WriteString("---\n" + part)
			}
		}
	}
	return text.Bytes()
}

// buildConfigurations builds the kustomization of a directory with configurations of generators or transformers.
func (f *follower) buildConfigurations(t *target, entry string) ([]byte, error) {
	inner, err := f.follow(filepath.Join(t.directory, entry))
	if err != nil {
		return nil, err
	}
	return f.build(inner)
}

// kustomize drops resources with the annotation localConfig at the end of a build, but not if they are generators. In
// the copies the annotation has another name, so that configurations are found in every build.
const (
	localConfig     = "config.kubernetes.io/local-config"
	keptLocalConfig = "config.mattermost.bigbang.dev/local-config"
)

// assemble writes the kustomizations that were read, with what is generated in them, to the copies.
func (f *follower) assemble() error {
	for _, t := range f.order {
		for _, c := range t.generated {
			text, err := generate(c, nil)
			if err != nil {
				return err
			}
			if err := f.write(t, c.output, text); err != nil {
				return err
			}
		}
		if err := f.writeKustomization(t); err != nil {
			return err
		}
		if t.transformer == nil {
			continue
		}
		resources, err := f.kustomize(t)
		if err != nil {
			return err
		}
		transformer := *t.transformer
		if t.isResource(transformer) {
			// The function takes the resource, which the kustomization may have renamed.
			transformer.text, t.renamed = nil, resources
		}
		text, err := generate(transformer, resources)
		if err != nil {
			return err
		}
		const all = ".mattermost-fn-all.yaml"
		if err := f.write(t, all, text); err != nil {
			return err
		}
		last := &yaml.Node{Kind: yaml.MappingNode}
		for i := 0; i+1 < len(t.root.Content); i += 2 {
			// kustomize applies these at the end of a build.
			if name := strings.ToLower(t.root.Content[i].Value); name == "buildmetadata" || name == "sortoptions" {
				last.Content = append(last.Content, t.root.Content[i], t.root.Content[i+1])
			}
		}
		t.root, t.transformer = last, nil
		t.add("resources", []*yaml.Node{stringNode(all)})
		t.add("transformers", t.after)
		if err := f.writeKustomization(t); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) writeKustomization(t *target) error {
	root := &yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(t.root.Content)}
	const empty = ".mattermost-fn-empty.yaml"
	if !slices.ContainsFunc(root.Content, func(node *yaml.Node) bool { return node.Kind != yaml.ScalarNode }) {
		// Nothing is left, which kustomize would refuse.
		root.Content = append(root.Content, stringNode("resources"),
			&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{stringNode(empty)}})
		if err := f.write(t, empty, nil); err != nil {
			return err
		}
	}
	text, err := document(root)
	if err != nil {
		return err
	}
	return f.write(t, t.file, []byte(text))
}

// generate returns what the function makes of a configuration, together with the other resources, if it is a
// transformer. A configuration with errors makes nothing: all are checked together, and reported, afterwards.
func generate(c configuration, resources []byte) ([]byte, error) {
	list := &fn.List{}
	for _, text := range [][]byte{c.text, resources} {
		if err := list.ReadFile(c.name, text); err != nil {
			return nil, err
		}
	}
	if fn.Process(list, time.Now()).HasErrors() {
		return resources, nil
	}
	var out bytes.Buffer
	err := list.WriteManifests(&out)
	return out.Bytes(), err
}

// maxBuild limits how long a build may take.
const maxBuild = 2 * time.Minute

// maxBuilds limits how many builds one command needs.
const maxBuilds = 200

// kustomize builds a copy with the user's kustomize. It enables no function, plugin or chart, and has no PATH, on which
// it would find git, and no way to the network but loopback addresses, whose URLs are refused before.
func (f *follower) kustomize(t *target) ([]byte, error) {
	if f.builds++; f.builds > maxBuilds {
		return nil, fmt.Errorf("%s: more than %d kustomizations must be built; name one of them", t.directory, maxBuilds)
	}
	program, err := exec.LookPath("kustomize")
	if err != nil {
		return nil, fmt.Errorf("%s: kustomize, which builds it, is not on PATH; install it, or name the file with the %s",
			t.directory, v1alpha1.Kind)
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxBuild)
	defer cancel()
	command := exec.CommandContext(ctx, program, "build", "--load-restrictor", "LoadRestrictionsRootOnly",
		filepath.Join(f.copies, t.absolute))
	const nowhere = "http://127.0.0.1:9"
	command.Dir = f.copies
	command.Env = []string{"PATH=", "HOME=" + f.copies, "HTTP_PROXY=" + nowhere, "HTTPS_PROXY=" + nowhere}
	var out, failed bytes.Buffer
	command.Stdout, command.Stderr = &limitedBuffer{Buffer: &out, left: maxInput}, &limitedBuffer{Buffer: &failed,
		left: 1 << 16}
	if err := command.Run(); err != nil {
		reason := strings.TrimSpace(strings.ReplaceAll(failed.String(), f.copies, ""))
		if reason == "" {
			reason = err.Error()
		}
		return nil, fmt.Errorf("%s: kustomize cannot build it: %s", t.directory, printable(strings.TrimPrefix(reason,
			"Error: ")))
	}
	return bytes.ReplaceAll(out.Bytes(), []byte(keptLocalConfig), []byte(localConfig)), nil
}

// limitedBuffer fails when more is written than is left.
type limitedBuffer struct {
	*bytes.Buffer
	left int
}

func (b *limitedBuffer) Write(text []byte) (int, error) {
	if b.left -= len(text); b.left < 0 {
		return 0, errors.New("the output is too large")
	}
	return b.Buffer.Write(text)
}

// build returns everything that a kustomization makes. Where nothing but the function generates and changes resources,
// kustomize is not necessary.
func (f *follower) build(t *target) ([]byte, error) {
	if err := f.assemble(); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("kustomize"); err != nil && t.isPlain {
		var text []byte
		for _, c := range t.generated {
			output, err := generate(c, nil)
			if err != nil {
				return nil, err
			}
			text = append(append(text, "---\n"...), output...)
		}
		return text, nil
	}
	return f.kustomize(t)
}

// isResource reports whether a configuration is also among the resources of a kustomization.
func (t *target) isResource(c configuration) bool { return slices.Contains(t.resources, c.name) }

// configurationsOf adds the configurations of a kustomization to a list: those that are generators or transformers, and
// those among its resources, as kustomize builds them.
func (f *follower) configurationsOf(t *target, list *fn.List, added int) error {
	found := len(f.configurations) > added
	for _, c := range f.configurations[added:] {
		if t.isResource(c) {
			found = false // the one that kustomize builds has the final name
			continue
		}
		read := list.ReadFile
		if c.isBuilt {
			read = list.ReadOutput
		}
		if err := read(c.name, c.text); err != nil {
			return err
		}
	}
	if found {
		return nil
	}
	text, err := f.build(t)
	if err != nil {
		return err
	}
	if t.renamed != nil {
		text = t.renamed
	}
	return list.ReadOutput(t.directory, text)
}

// checkBuilt builds the kustomizations that were named, and checks what kustomize made of the generated objects.
// Without kustomize it checks nothing: reading the configurations may not need it.
func (in *input) checkBuilt() fn.Results {
	if _, err := exec.LookPath("kustomize"); err != nil {
		return nil
	}
	var results fn.Results
	for _, t := range in.built {
		list := &fn.List{}
		text, err := in.follower.build(t)
		if err == nil {
			err = list.ReadOutput(t.directory, text)
		}
		if err != nil {
			results = append(results, fn.Result{Severity: fn.Warning, File: filepath.Join(t.directory, t.file),
				Message: fmt.Sprintf("its output is not checked: %v", err)})
			continue
		}
		results = append(results, t.unused(text, fn.Warning)...)
		results = append(results, fn.CheckOutput(list)...)
	}
	return results
}

// unused returns a result if nothing in the output of a kustomization is emitted: its configuration is under resources,
// where kustomize runs no function, and kustomize says nothing about that.
func (t *target) unused(output []byte, severity fn.Severity) fn.Results {
	if bytes.Contains(output, []byte(ownership.AnnotationOwner)) {
		return nil
	}
	return fn.Results{{Severity: severity, File: filepath.Join(t.directory, t.file), Message: fmt.Sprintf(
		"resources: kustomize runs no function for the %s here, so nothing becomes of it; list it under generators:",
		v1alpha1.Kind)}}
}

// warnings returns what the commands do not run: functions, plugins and charts of kustomizations, and functions of kpt
// packages.
func (in *input) warnings(list *fn.List) fn.Results {
	var warnings fn.Results
	if in.follower != nil {
		warnings = in.follower.warnings
	}
	for _, object := range list.Objects() {
		if object.Resource().Kind != kptfile {
			continue
		}
		for _, field := range []string{"mutators", "validators"} {
			steps := resourcelist.Field(object.Node(), "pipeline", field)
			if steps == nil {
				continue
			}
			for _, step := range steps.Content {
				name := resourcelist.Text(resourcelist.Field(step, "exec")) + resourcelist.Text(resourcelist.Field(step, "image"))
				if base := path.Base(strings.SplitN(name, ":", 2)[0]); base != "mattermost-fn" && name != "" {
					file, _ := object.File()
					warnings = append(warnings, fn.Result{Severity: fn.Warning, File: file, Line: step.Line,
						Message: fmt.Sprintf("pipeline.%s: %s is not run; only mattermost-fn is", field, printable(name))})
				}
			}
		}
	}
	return warnings
}

// output returns the objects that the configurations in the files are rendered to, and the results. In a kustomization
// the function's output takes the place of its configuration, and kustomize applies the rest. From is the version of
// Mattermost that runs; empty if it is not known.
func output(streams ioStreams, names []string, from string) (*fn.List, fn.Results, error) {
	in, all := newInput(streams), &fn.List{Earlier: from}
	defer in.close()
	if err := in.add(all, names); err != nil {
		return nil, nil, err
	}
	missing := missingConfiguration(all, names)
	if len(in.built) == 0 {
		results := process(all, in.invalid, missing)
		return all, append(results, in.warnings(all)...), nil
	}
	// All configurations are checked together. Those of kustomizations are then rendered by kustomization.
	warnings := in.warnings(all)
	results := append(process(all, in.invalid, missing), warnings...)
	if results.HasErrors() {
		return nil, results, nil
	}
	list := &fn.List{}
	plain := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return kustomizationIn(name) != "" })
	if slices.Contains(plain, "-") {
		return nil, nil, errors.New("- is not possible together with a kustomization; name files")
	}
	if len(plain) > 0 {
		files := newInput(streams)
		if err := files.add(list, plain); err != nil {
			return nil, nil, err
		}
		fn.Process(list, time.Now())
	}
	for _, t := range in.built {
		text, err := in.follower.build(t)
		if err != nil {
			return nil, nil, err
		}
		if err := list.ReadFile(t.directory, text); err != nil {
			return nil, nil, err
		}
		results = append(results, t.unused(text, fn.Error)...)
	}
	return list, results, nil
}

// directoryHelp describes how the commands read a directory.
const directoryHelp = `For a directory with a kustomization, the MattermostConfigs in its generators and
transformers are read, in those of its bases, and in its resources. Overlays are
built with kustomize, which must be on PATH. No function, plugin or chart in it is
run and nothing is fetched. For a kpt package, all its files are read. For any
other directory, the YAML files directly in it are read.`
