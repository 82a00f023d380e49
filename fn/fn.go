// SPDX-License-Identifier: Apache-2.0

// Package fn provides the function as a library. It reads a ResourceList and writes a ResourceList.
//
// Run is the function as kustomize and kpt call it. Go programs read a List with Read or ReadFile, process it with
// Process, and write it with Write or WriteManifests. The Results contain errors, warnings and decisions. Programs need
// only this package, and package api/v1alpha1 for the names and types of the configuration.
package fn

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/generators"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/prerequisites"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
	"bigbang.dev/mattermost-fn/internal/rules"
	"bigbang.dev/mattermost-fn/transformers"
)

// Run is the function as kustomize and kpt call it. It reads a ResourceList from in, and writes a ResourceList to out
// and the results as lines to errors. It returns the exit code, which alone tells both that the function failed: 0, or
// 1 if the configuration is rejected. In that case the output contains the items of the input unchanged, because kpt
// deletes the file of every missing item.
//
// It reports no prerequisites, of which every configuration has some: they matter once, and a function runs often.
func Run(in io.Reader, out, errors io.Writer) int {
	data, err := readAll(in)
	if err != nil {
		fmt.Fprintln(errors, "error: standard input:", err)
		return 1
	}
	list, err := resourcelist.Read(data)
	if err != nil {
		fmt.Fprintln(errors, "error:", err)
		out.Write(data) // there is no list to which the error could be added
		return 1
	}
	results, _ := process(list, request{report: withoutPrerequisites})
	Print(errors, exported(results))
	exit, encode := 0, list.Encode
	if results.HasErrors() {
		exit, encode = 1, list.Restore
	}
	text, err := encode(results)
	if err != nil {
		fmt.Fprintln(errors, "error: writing the ResourceList:", err)
		out.Write(data)
		return 1
	}
	if err := text.Write(out); err != nil {
		fmt.Fprintln(errors, "error: standard output:", err)
		return 1
	}
	return exit
}

// readAll reads everything. It knows the size of a file, and otherwise doubles its buffer, since each growth copies
// what was read.
func readAll(in io.Reader) ([]byte, error) {
	size := 64 << 10
	if file, ok := in.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() < maxFile {
			size = int(info.Size()) + 1 // one more, to notice the end
		}
	}
	data := make([]byte, 0, size)
	for {
		n, err := in.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return data, err
		case len(data) == cap(data):
			data = slices.Grow(data, len(data))
		}
	}
}

// maxFile limits the size of a file for which memory is reserved at once, in bytes. Longer input is read step by step.
const maxFile = 1 << 30

// Process generates the objects of every MattermostConfig in the list, and changes the list accordingly. If the results
// contain an error, the list does not change. Now is the time for which the validity of licenses is checked if
// spec.evaluationTime is not set. A KRM function has no clock and passes zero, which omits the check.
func Process(list *List, now time.Time) Results {
	results, _ := ProcessChanges(list, now)
	return results
}

// ProcessChanges is Process, and also returns the state of each object that a configuration needs or needed. It returns
// no changes if there is an error.
func ProcessChanges(list *List, now time.Time) (Results, []Change) {
	list.list.Directory = list.Directory
	results, internal := process(&list.list, request{now: now, report: withPrerequisites, earlier: list.earlierVersion})
	var changes []Change
	for _, change := range internal {
		changes = append(changes, Change{Object{change.Item}, State(change.State)})
	}
	return exported(results), changes
}

// reported says what is reported in addition to findings.
type reported bool

const (
	withPrerequisites    reported = true
	withoutPrerequisites reported = false
)

// request is what a run depends on in addition to its list.
type request struct {
	// now is the time for which the validity of licenses is checked; zero if there is no clock.
	now    time.Time
	report reported
	// earlier returns the version of Mattermost that runs for an owner, if the list does not contain it; nil for none.
	earlier func(owner string) string
}

func process(list *resourcelist.List, r request) (result.Results, []transformers.Change) {
	results, changes, _ := processAll(list, r)
	if r.report == withoutPrerequisites {
		results = summarizeUpgrades(results)
	}
	return limit(results), changes
}

// processAll also returns the installations if there is no error.
func processAll(list *resourcelist.List, r request) (result.Results, []transformers.Change, []*installation) {
	configs, results := configurations(list)
	if results.HasErrors() && len(configs) == 0 {
		return results, nil, nil
	}
	owners := transformers.ReadOwners(list)
	if misses := nearMisses(list, owners, configs); len(misses) > 0 {
		return append(results, misses...).Sort(), nil, nil
	}
	switch {
	case len(configs) == 0 && owners.None():
		return append(results, result.Result{
			Severity: result.Warning,
			Message: fmt.Sprintf("found no %s (%s) among the resources, so there is nothing to do; "+
				"if you expect one, check for a selector that hides it", v1alpha1.Kind, v1alpha1.APIVersion),
		}), nil, nil
	case transformers.Selected(list):
		return append(results, result.Result{
			Severity: result.Error,
			Message: "kpt sends the function only a part of the resources (selectors or exclude in the Kptfile, --match-* or " +
				"--exclude-* of kpt fn eval): hidden objects would be added again, and objects of a hidden " +
				v1alpha1.Kind + " would be removed. Remove selectors and exclude from this function: " +
				"it changes only objects that it manages and objects that a " + v1alpha1.Kind + " needs",
		}), nil, nil
	}
	index := indexResources(list, owners)
	seen := map[string]*resourcelist.Item{}
	var installations []*installation
	for _, config := range configs {
		installations = append(installations, read(config, index, seen, r))
	}
	hashed := hashSuffixes(list)
	for _, i := range installations {
		i.generate()
		i.reportHashSuffixes(hashed)
		i.checkJobServer()
	}
	conflicts(installations, index)
	changes := transformers.NewChanges(list, index.items, owners, described(installations))
	for _, i := range installations {
		i.emit(changes)
		if r.report == withPrerequisites {
			i.prerequisites()
		}
		results = append(results, silence(i.report.Results, i.config.Spec.Allow)...)
	}
	results = append(results, list.Problems()...)
	if !results.HasErrors() {
		results = append(results, changes.Finish()...)
	}
	if results.HasErrors() {
		// Nothing is emitted. The prerequisites of installations that are not emitted would only distract from the errors.
		results = slices.DeleteFunc(results, func(r result.Result) bool { return r.Rule == ruleid.Prerequisite })
		return results.Sort(), nil, nil
	}
	return results.Sort(), changes.States(), installations
}

// described returns what the changes need to know about the configurations that are not rejected.
func described(installations []*installation) []transformers.Configuration {
	var configurations []transformers.Configuration
	for _, i := range installations {
		if i.plan == nil {
			continue
		}
		configurations = append(configurations, transformers.Configuration{
			Owner: i.plan.Owner(), File: i.item.File, Package: i.item.Package, Host: i.plan.Site.Hostname(),
			RenamedFrom:   i.config.Annotations[ownership.AnnotationRenamedFrom],
			DowngradeFrom: i.config.Annotations[ownership.AnnotationDowngrade],
			Objects:       i.items,
		})
	}
	return configurations
}

// configurations returns every MattermostConfig once: the host may pass the same one as functionConfig and as an item.
func configurations(list *resourcelist.List) ([]*resourcelist.Item, result.Results) {
	var configs []*resourcelist.Item
	var results result.Results
	if config := list.FunctionConfig; config != nil {
		switch {
		case transformers.IsConfiguration(config):
			configs = append(configs, config)
		case config.APIVersion == "v1" && config.Kind == "ConfigMap" && emptyData(config):
			// kpt fn eval sends this by default
		default:
			results = append(results, result.Result{
				Severity: result.Error, Resource: config.Resource(), File: config.Path(), FileIndex: config.Index,
				Message: fmt.Sprintf("functionConfig must be a %s (%s), got a %s; without a functionConfig, "+
					"the function uses those among the resources", v1alpha1.Kind, v1alpha1.APIVersion, config.Kind),
			})
		}
	}
	found := false // whether the functionConfig is among the items
	for _, item := range list.Items {
		if !transformers.IsConfiguration(item) {
			continue
		}
		if !found && len(configs) > 0 && configs[0] == list.FunctionConfig && isSameConfiguration(item, configs[0]) {
			found = true
			if isOfKustomize(item) {
				configs[0] = item
			} else {
				configs[0].PlaceAt(item)
			}
			continue
		}
		configs = append(configs, item)
	}
	return configs, results
}

// Annotations in which kustomize keeps the identities that a resource had before its transformers, separated by commas,
// and its identity for a function (kustomize 5.8, api/internal/utils/annotations.go and
// api/internal/plugins/fnplugin/fnplugin.go).
const (
	previousNames      = "internal.config.kubernetes.io/previousNames"
	previousNamespaces = "internal.config.kubernetes.io/previousNamespaces"
	kustomizeID        = "kustomize.config.k8s.io/id"
)

// isSameConfiguration reports whether an item is the functionConfig, perhaps with another name: if a kustomization
// lists a configuration under resources and under transformers, namePrefix, nameSuffix and namespace change only the
// item.
func isSameConfiguration(item, config *resourcelist.Item) bool {
	if item.Same(config.ID) {
		return true
	}
	if item.Group() != config.Group() || item.Kind != config.Kind {
		return false
	}
	names := strings.Split(item.Annotation(previousNames), ",")
	namespaces := strings.Split(item.Annotation(previousNamespaces), ",")
	for i := range min(len(names), len(namespaces)) {
		isNamespace := namespaces[i] == config.Namespace || config.Namespace == "" && namespaces[i] == "default"
		if names[i] == config.Name && isNamespace {
			return true
		}
	}
	return false
}

// isOfKustomize reports whether kustomize sent an item. It has the changes of the kustomization, which the
// functionConfig lacks.
func isOfKustomize(item *resourcelist.Item) bool { return item.HasAnnotation(kustomizeID) }

func emptyData(config *resourcelist.Item) bool {
	data := resourcelist.Field(config.Node(), "data")
	return data == nil || len(data.Content) == 0
}

// installation is a configuration with its plan and results.
type installation struct {
	item   *resourcelist.Item
	config *v1alpha1.MattermostConfig
	// has reports whether an object that is not managed is among the resources.
	has func(group, kind, namespace, name string) bool
	// when is the time for which prerequisites hold; zero if there is no clock.
	when time.Time
	// given reports whether a field is set in the configuration.
	given func(field string) bool
	// plan is nil if the configuration is rejected.
	plan   *plan.Plan
	report *result.Reporter
	// items contains the generated objects, with the configuration's patches applied.
	items []*resourcelist.Item
}

// read decodes and validates a configuration, and creates its plan. Seen contains the configurations that were read
// before, by owner.
func read(item *resourcelist.Item, index resourceIndex, seen map[string]*resourcelist.Item, r request) *installation {
	report := &result.Reporter{Resource: item.Resource(), File: item.Path(), FileIndex: item.Index}
	i := &installation{item: item, config: &v1alpha1.MattermostConfig{}, report: report, has: index.Has}
	if item.APIVersion != v1alpha1.APIVersion {
		report.Line = func(field string) int { return lineOf(item, field) }
		report.Report(result.Error, "", "apiVersion", "must be %s in this release, got %q; write apiVersion: %s",
			v1alpha1.APIVersion, item.APIVersion, v1alpha1.APIVersion)
		return i
	}
	if !item.IsReadable() {
		return i // List.Problems returns the error
	}
	config := i.config
	lines, problems, unset := decode.StrictAndUnset(item.Node(), config)
	config.SetDefaults()
	report.Resource.Namespace = config.Namespace
	if item.LinesAreOfFile {
		report.Line = func(field string) int {
			if field == "" { // about the whole
				return 0
			}
			return cmp.Or(lines.Of(field), item.Node().Line)
		}
	}
	owner := ownership.Owner(config.Namespace, config.Name)
	if other := seen[owner]; other != nil && config.Name != "" {
		report.Report(result.Error, "", "metadata.name", "there is another %s %s%s; rename or remove one of the two",
			v1alpha1.Kind, owner, in(other))
		return i
	}
	seen[owner] = item
	for _, problem := range problems {
		report.Add(result.Result{Severity: result.Error, Field: problem.Path, Message: problem.Message})
		if item.LinesAreOfFile && report.Omitted() == 0 {
			report.Results[len(report.Results)-1].Line = problem.Line
		}
	}
	if len(problems) == 1 && problems[0].Whole {
		return i
	}
	for _, field := range unset {
		report.Add(result.Result{
			Severity: result.Info, Rule: ruleid.UnsetFields, Field: field.Path, Message: field.Message,
		})
		if item.LinesAreOfFile && report.Omitted() == 0 {
			report.Results[len(report.Results)-1].Line = field.Line
		}
	}
	i.when = prerequisites.Time(&config.Spec, r.now)
	given := func(field string) bool { _, ok := lines[field]; return ok }
	i.given = given
	ruleReport := &result.Reporter{
		Resource: report.Resource, File: report.File, FileIndex: report.FileIndex, Line: report.Line,
	}
	rules.Run(config, given, index, r.now, ruleReport)
	for _, r := range ruleReport.Results {
		if !isInvalid(r.Field, problems) {
			report.Results = append(report.Results, r)
		}
	}
	if omitted := report.Omitted() + ruleReport.Omitted(); omitted > 0 {
		report.Results = append(report.Results, result.Result{
			Severity: result.Error, Resource: report.Resource, File: report.File, FileIndex: report.FileIndex,
			Omitted: omitted,
		})
	}
	if report.HasErrors() {
		return i
	}
	p := plan.New(config, given, index, report)
	rules.Plan(config, given, p, report)
	i.upgrade(p, index, r.earlier)
	if !report.HasErrors() {
		i.plan = p
	}
	return i
}

// lineOf returns the line of a field of an object in its file, counted from 1; 0 if the host gives none.
func lineOf(item *resourcelist.Item, field string) int {
	if !item.LinesAreOfFile || !item.IsReadable() {
		return 0
	}
	if node := resourcelist.Field(item.Node(), field); node != nil {
		return node.Line
	}
	return item.Node().Line
}

// generate generates the objects of the configuration and applies its patches.
func (i *installation) generate() {
	if i.plan == nil {
		return
	}
	var items []*resourcelist.Item
	for _, object := range generators.Generate(i.plan) {
		manifest, err := generators.Manifest(object)
		if err != nil {
			i.report.Report(result.Error, "", "", "internal error in mattermost-fn; please report it: %v", err)
			return
		}
		apiVersion, kind := object.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
		id := resourcelist.ID{APIVersion: apiVersion, Kind: kind, Namespace: object.GetNamespace(), Name: object.GetName()}
		items = append(items, resourcelist.Generated(manifest, id, object.GetLabels(), object.GetAnnotations()))
	}
	i.items = i.patch(items)
}

// emit adds the objects of the configuration to the changes.
func (i *installation) emit(changes *transformers.Changes) {
	if i.plan == nil {
		return
	}
	for _, item := range i.items {
		changes.Upsert(item, i.plan.Owner(), i.report)
	}
}

// prerequisites reports what must exist or be done outside the configuration.
func (i *installation) prerequisites() {
	if i.plan == nil {
		return
	}
	rules.Prerequisites(i.config, i.given, i.report)
	for _, p := range prerequisites.List(prerequisites.Input{
		Plan: i.plan, Spec: &i.config.Spec, Time: i.when, Objects: i.items, Configuration: i.item.Node(), Has: i.has,
	}) {
		i.report.Add(result.Result{
			Severity: result.Info, Rule: ruleid.Prerequisite,
			Topic: string(p.Topic), Field: p.Field, Message: p.Message, Prerequisite: &p.Prerequisite,
		})
	}
}

// patch applies the configuration's patches to the generated items. It returns no items if a patch cannot be applied.
func (i *installation) patch(items []*resourcelist.Item) []*resourcelist.Item {
	if len(i.config.Spec.Patches) == 0 {
		return items
	}
	var manifests []*yaml.RNode
	guarded := map[resourcelist.ID]bool{}
	for _, item := range items {
		guarded[item.ID] = item.HasAnnotation(ownership.AnnotationSyncOptions)
		manifests = append(manifests, yaml.NewRNode(item.Node()))
	}
	patcher := transformers.NewPatcher(manifests)
	for n, patch := range i.config.Spec.Patches {
		if err := patcher.Apply(kustomizePatch(patch)); err != nil {
			i.report.Report(result.Error, ruleid.Patch, fmt.Sprintf("spec.patches[%d]", n), "%v", err)
			return nil
		}
	}
	items = nil
	for _, manifest := range patcher.Objects() {
		item := resourcelist.NewItem(manifest.YNode())
		if i.plan.DeletionProtection && guarded[item.ID] {
			keepGuard(item)
		}
		items = append(items, item)
	}
	return items
}

// keepGuard adds Argo CD's options that protect data to options that a patch wrote over them.
func keepGuard(item *resourcelist.Item) {
	options := resourcelist.Field(item.Node(), "metadata", "annotations", ownership.AnnotationSyncOptions)
	if options != nil && options.Kind == yaml.ScalarNode {
		options.Value = ownership.WithSyncOptions(options.Value)
	}
}

// kustomizePatch converts a patch to kustomize's type.
func kustomizePatch(patch v1alpha1.Patch) types.Patch {
	out := types.Patch{Patch: patch.Patch}
	if target := patch.Target; target != nil {
		out.Target = &types.Selector{
			ResId: resid.ResId{
				Gvk:  resid.Gvk{Group: target.Group, Version: target.Version, Kind: target.Kind},
				Name: target.Name, Namespace: target.Namespace,
			},
			LabelSelector:      target.LabelSelector,
			AnnotationSelector: target.AnnotationSelector,
		}
	}
	return out
}

// silence removes warnings and infos of the rules in spec.allow. It keeps errors.
func silence(results result.Results, allowed []string) result.Results {
	return slices.DeleteFunc(results, func(r result.Result) bool {
		return r.Severity != result.Error && slices.Contains(allowed, r.Rule)
	})
}

// in returns the file of an item for a message, or an empty string if it is not known.
func in(item *resourcelist.Item) string {
	if item.File == "" {
		return ""
	}
	return " in " + item.Path()
}

// isInvalid reports whether a field, or a field that contains it, could not be decoded. Rules see a value of such a
// field that the user did not write. The same holds for the field that an unknown one was meant to be, and for the
// element of a list with an invalid field.
func isInvalid(field string, problems []decode.Problem) bool {
	return slices.ContainsFunc(problems, func(p decode.Problem) bool {
		return field == p.Path || strings.HasPrefix(field, p.Path+".") || strings.HasPrefix(field, p.Path+"[") ||
			p.Meant != "" && field == p.Meant || strings.HasSuffix(field, "]") && strings.HasPrefix(p.Path, field+".")
	})
}
