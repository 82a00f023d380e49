// SPDX-License-Identifier: Apache-2.0

// Package importer translates what describes a Mattermost installation elsewhere into a MattermostConfig: the values of
// Big Bang, of UDS and of Mattermost's Helm charts, and the resources of Mattermost's operator. It accounts for every
// key of the input: translated, unnecessary, or not translated.
//
// keys.tsv has what becomes of every key that the sources are known to have; the translation of a source is the file
// of its name. No value of the input is in a message, and no secret is in the configuration.
package importer

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/rules"
)

// File is a file to import.
type File struct {
	Name string
	Data []byte
}

// Options are what the input does not say.
type Options struct {
	// Name and Namespace of the installation; empty for those of the input, or mattermost.
	Name, Namespace string
	// WritesSecrets says that the manifest of Secrets will be written.
	WritesSecrets bool
}

// Result is what an import gives.
type Result struct {
	// Config is the MattermostConfig, with comments; empty if the input describes no installation.
	Config []byte
	// Secrets are the manifests of the Secrets with the plain secrets of the input; empty if there are none.
	Secrets []byte
	// Report says what became of every key.
	Report Report
}

// Import translates files. Values of one kind are merged as Helm merges several files; resources are read together.
func Import(files []File, options Options) (*Result, error) {
	t := &translation{name: options.Name, namespace: options.Namespace, credentials: map[string]map[string]string{}}
	if err := t.read(files); err != nil {
		return nil, err
	}
	t.identify()
	if err := t.translate(); err != nil {
		return nil, err
	}
	if options.Name != "" {
		t.name = options.Name
	}
	t.account()
	for i := range t.secrets {
		if options.WritesSecrets && t.secrets[i].State == SecretMissing {
			t.secrets[i].State = SecretWritten
		}
	}
	config, err := t.write()
	if err != nil {
		return nil, err
	}
	secrets, err := t.writeSecrets()
	if err != nil {
		return nil, err
	}
	return &Result{Config: config, Secrets: secrets, Report: t.report()}, nil
}

// read parses the files, recognizes what they are, and merges values of one source.
func (t *translation) read(files []File) error {
	for _, file := range files {
		documents, err := parseDocuments(file.Name, file.Data)
		if err != nil {
			return err
		}
		for _, document := range documents {
			if err := t.add(document); err != nil {
				return err
			}
		}
	}
	if len(t.inputs) == 0 {
		return errors.New("the input is empty; name a file with the values of a chart, or with resources (kubectl get -o " +
			"yaml)")
	}
	if !slices.ContainsFunc(t.inputs, func(in input) bool { return in.source != otherObject }) {
		return fmt.Errorf("%s:%d: the input has objects, but no Mattermost or ClusterInstallation; add it "+
			"(kubectl get mattermost NAME -o yaml)", t.inputs[0].file, t.inputs[0].line)
	}
	kinds := map[source]bool{}
	for _, in := range t.inputs {
		if in.source.isValues() {
			kinds[in.source] = true
		}
	}
	if len(kinds) > 1 {
		var names []string
		for _, in := range t.inputs {
			names = append(names, fmt.Sprintf("%s: %s", in.file, in.source))
		}
		return fmt.Errorf("values of different charts cannot be merged; import them one after the other (%s)",
			strings.Join(names, "; "))
	}
	return nil
}

// identify decides name and namespace of the installation.
func (t *translation) identify() {
	if installation := t.installation(); installation != nil {
		name, namespace := installation.at("metadata", "name").string(), installation.at("metadata", "namespace").string()
		if t.name == "" {
			t.name = name
		}
		if t.namespace == "" {
			t.namespace = namespace
		}
	}
	if t.name == "" {
		t.name = "mattermost"
	}
	if t.namespace == "" {
		t.namespace = v1alpha1.DefaultNamespace
	}
}

// translate runs the translation of the sources.
func (t *translation) translate() error {
	var merged *value
	var of source
	for _, in := range t.inputs {
		if in.source.isValues() {
			of = in.source
			merged = overlay(merged, in.value, func(old, replacement *value) {
				old.leaves(func(leaf *value) {
					t.unnecessary(leaf, fmt.Sprintf("%s:%d replaces it", replacement.file, replacement.line))
				})
			})
		}
	}
	switch of {
	case umbrella:
		t.bigBangUmbrella(merged)
	case bigBang:
		t.bigBangPackage(merged)
	case uds:
		t.udsPackage(merged)
	case teamEdition:
		t.teamEdition(merged)
	case enterpriseEdition, mattermostChart:
		t.helmChart(merged, of)
	}
	if t.installation() != nil {
		t.resources()
	}
	if !t.describesInstallation() {
		return nil
	}
	t.oneServerPerVolume()
	if err := t.environment(); err != nil {
		return err
	}
	t.databaseAuthority()
	t.ownObjects()
	t.dropDefaults()
	t.nameWrittenFields()
	t.noVersion()
	if !t.config.has("spec.host") && !t.config.has("spec.domain") {
		t.todo("the input has no host: set spec.host")
	}
	return nil
}

// oneServerPerVolume reduces the servers to one where their files are on a volume that only one can use.
func (t *translation) oneServerPerVolume() {
	shared := func() bool {
		modes := t.config.get("spec", "objectStorage", "inCluster", "accessModes")
		list, _ := modes.valueOrNil().([]any)
		return slices.Contains(list, any("ReadWriteMany"))
	}
	servers := int32(1)
	if text := t.config.text("spec.users"); text != "" {
		if users, err := strconv.ParseInt(text, 10, 32); err == nil {
			number := int32(users)
			servers = plan.Replicas(&number)
		}
	}
	if text := t.config.text("spec.replicas"); text != "" {
		if number, err := strconv.ParseInt(text, 10, 32); err == nil {
			servers = int32(number)
		}
	}
	onVolume := !t.config.has("spec.objectStorage") || t.config.has("spec.objectStorage.inCluster")
	if servers > 1 && onVolume && !shared() {
		t.config.set("spec.replicas", 1, "one server can use the volume")
		t.todo("spec.replicas is 1 instead of %d: the files are on a volume that one server can use. Move them to an S3 "+
			"service, or to a claim with the access mode ReadWriteMany, then remove it", servers)
	}
}

// describesInstallation reports whether there is anything to write a configuration for.
func (t *translation) describesInstallation() bool {
	return slices.ContainsFunc(t.inputs, func(in input) bool { return in.source.isInstallation() })
}

// planned returns the variables that mattermost-fn sets for the fields so far.
func (t *translation) planned() map[string]corev1.EnvVar {
	variables := map[string]corev1.EnvVar{}
	p := t.plan()
	if p == nil {
		return variables
	}
	for _, v := range p.Env {
		variables[v.Name] = v.EnvVar
	}
	return variables
}

// plan resolves the configuration; nil if mattermost-fn check would reject it.
func (t *translation) plan() *plan.Plan {
	node, err := t.document()
	if err != nil {
		return nil
	}
	config := &v1alpha1.MattermostConfig{}
	lines, problems := decode.Strict(node, config)
	if len(problems) > 0 {
		return nil
	}
	config.SetDefaults()
	given := func(field string) bool { _, ok := lines[field]; return ok }
	report := &result.Reporter{}
	rules.Run(config, given, &t.cluster, time.Time{}, report)
	if report.HasErrors() {
		return nil
	}
	p := plan.New(config, given, &t.cluster, report)
	rules.Plan(config, given, p, report)
	if report.HasErrors() {
		return nil
	}
	return p
}

// document returns the configuration as a YAML node.
func (t *translation) document() (*yaml.Node, error) {
	t.config.set("apiVersion", v1alpha1.APIVersion)
	t.config.set("kind", v1alpha1.Kind)
	t.config.set("metadata.name", t.name)
	t.config.set("metadata.namespace", t.namespace)
	t.config.set("metadata.annotations", map[string]any{"config.kubernetes.io/local-config": "true"})
	t.config.place([]string{"spec"})
	return t.config.node(reflect.TypeFor[v1alpha1.MattermostConfig]())
}

// write returns the configuration as YAML.
func (t *translation) write() ([]byte, error) {
	if !t.describesInstallation() {
		return nil, nil
	}
	node, err := t.document()
	if err != nil {
		return nil, err
	}
	return encode(node)
}

func encode(node *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

// writeSecrets returns the manifests of the Secrets with the plain secrets of the input.
func (t *translation) writeSecrets() ([]byte, error) {
	var out []byte
	for _, name := range sortedKeys(t.credentials) {
		var manifest draft
		manifest.set("apiVersion", "v1")
		manifest.set("kind", "Secret")
		manifest.set("metadata.name", name)
		manifest.set("metadata.namespace", t.namespace)
		manifest.set("type", "Opaque")
		manifest.set("stringData", t.credentials[name])
		node, err := manifest.node(nil)
		if err != nil {
			return nil, err
		}
		text, err := encode(node)
		if err != nil {
			return nil, err
		}
		if len(out) > 0 {
			out = append(out, "---\n"...)
		}
		out = append(out, text...)
	}
	return out, nil
}

// account looks up every key that no translation used.
func (t *translation) account() {
	for _, in := range t.inputs {
		in.leavesWithoutEntry(func(leaf *value) {
			if leaf.isEmpty() {
				t.unnecessary(leaf, "empty")
				return
			}
			row, known := in.source.lookup(leaf.pattern())
			switch {
			case !known:
				t.notTranslated(leaf, "unknown key of "+in.source.String()+": if it has an effect, set it in spec, or in "+
					"spec.patches")
			case row.class == tableField && in.source.isValues() && leaf.isFalse() && strings.HasSuffix(leaf.path, "nabled"):
				t.unnecessary(leaf, "off, as without the key")
			case row.class == tableField:
				t.notTranslated(leaf, "set "+row.text+" yourself")
			case row.class == tableUnnecessary:
				t.unnecessary(leaf, row.text)
			default:
				t.notTranslated(leaf, row.text)
			}
		})
	}
}

// leavesWithoutEntry calls yield for every leaf that no entry covers.
func (v *value) leavesWithoutEntry(yield func(*value)) {
	v.leavesExcept(func(v *value) bool { return v.entry != nil }, yield)
}

// entries calls yield for the entries of a document in its order.
func (v *value) entries(yield func(*Entry)) {
	if v.entry != nil {
		yield(v.entry)
		return
	}
	for _, key := range v.keys {
		v.fields[key].entries(yield)
	}
	for _, item := range v.items {
		item.entries(yield)
	}
}

func (t *translation) report() Report {
	report := Report{Secrets: t.secrets, ToDo: t.toDo, Changes: t.changes}
	for _, in := range t.inputs {
		if name := in.source.String(); !slices.Contains(report.Sources, name) {
			report.Sources = append(report.Sources, name)
		}
		if in.source == otherObject && in.isOurs() && in.entry != nil && t.keepsIdentity() {
			used := slices.Contains(t.cluster.used, in.value)
			report.own = append(report.own, ownObject{in.identity(), len(report.Keys), used})
		}
		in.entries(func(entry *Entry) {
			entry.Source = in.source.String()
			report.Keys = append(report.Keys, *entry)
		})
	}
	for _, list := range []*[]string{&report.ToDo, &report.Changes} {
		if *list == nil {
			*list = []string{}
		}
	}
	if report.Secrets == nil {
		report.Secrets = []SecretKey{}
	}
	return report
}

// keepsIdentity reports whether the configuration has name and namespace of the resource of the operator in the input.
func (t *translation) keepsIdentity() bool {
	metadata := t.installation().at("metadata")
	return metadata.at("name").string() == t.name &&
		(metadata.at("namespace") == nil || metadata.at("namespace").string() == t.namespace)
}
