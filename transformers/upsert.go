// Package transformers changes what is in the stream: it lays what was generated over what is there, and removes what is
// no longer wanted.
package transformers

import (
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Changes are what one run does to a list: Upsert for every object that is wanted, then Finish.
type Changes struct {
	list *resourcelist.List
	host hostInfo
	// activeOwners are the owners that this run works for, each with the file of its configuration, if that is known.
	activeOwners map[string]string
	// existing are the objects of the list by their ids; of several with one id the first.
	existing map[resourcelist.ID]*resourcelist.Item
	// previousOwners are the owners with objects from an earlier run.
	previousOwners map[string]bool
	// desired are the objects that a configuration asks for.
	desired map[*resourcelist.Item]bool
	// added are names of new objects, by owner; reports are those of the owners' configurations.
	added   map[string][]string
	reports map[string]*result.Reporter
	// files are those of the list, where objects are kept in files; made when first asked for.
	files map[string]*file
	// directories counts the installations that would have each directory.
	directories map[string]int
	// states are what became of each object.
	states  []Change
	results result.Results
}

// NewChanges begins the changes to a list for the given owners, each the namespace/name of a configuration with the file
// that the configuration came from, if that is known.
func NewChanges(list *resourcelist.List, owners map[string]string) *Changes {
	c := &Changes{
		list: list, host: inspectHost(list), activeOwners: owners,
		existing: map[resourcelist.ID]*resourcelist.Item{}, previousOwners: map[string]bool{},
		desired: map[*resourcelist.Item]bool{}, added: map[string][]string{}, reports: map[string]*result.Reporter{},
	}
	for _, item := range list.Items {
		if id := unversioned(item.ID); c.existing[id] == nil {
			c.existing[id] = item
		}
		c.previousOwners[Owner(item)] = true
	}
	return c
}

// unversioned is an id by which an object is found, whatever the version of its API.
func unversioned(id resourcelist.ID) resourcelist.ID {
	id.APIVersion = id.Group()
	return id
}

// Upsert adds an object to the list, or brings the one that is there up to date. One that carries our mark becomes what
// was generated; one that does not is somebody's own, and only gets our fields laid over it. Owner is the
// namespace/name of the configuration that the object comes from.
func (c *Changes) Upsert(item *resourcelist.Item, owner string, report *result.Reporter) {
	existing := c.existing[unversioned(item.ID)]
	if existing == nil {
		if c.host.files {
			c.assignFile(item, owner)
		}
		c.list.Items = append(c.list.Items, item)
		c.existing[unversioned(item.ID)] = item
		c.desired[item] = true
		c.added[owner] = append(c.added[owner], item.ID.String())
		c.reports[owner] = report
		c.record(item, Added)
		return
	}
	c.desired[existing] = true
	previousOwner := Owner(existing)
	if previousOwner == owner && existing.Is(item) {
		c.record(existing, Unchanged)
		return
	}
	expand(existing.Node())
	state, guard := Unchanged, guardComments(existing)
	switch {
	case previousOwner == "":
		merger := merger{kind: existing.Kind}
		if merger.merge(existing.Node(), withoutOwnership(item.Node()), overlay) {
			state = Patched
			for _, d := range merger.overridden {
				c.report(result.Warning, existing, "%s: %s was %q and is now %q, which MattermostConfig %s needs. If the other value is meant, change the configuration, or give the object another name", existing.ID, d.field, d.theirs, d.ours, owner)
			}
			c.report(result.Info, existing, "%s is not ours (it lacks the annotation %s): our fields are laid over it, everything else stays", existing.ID, ownership.AnnotationOwner)
		}
	case previousOwner == owner:
		if merge(existing.Node(), item.Node(), exact) {
			state = Changed
			c.report(result.Info, existing, "%s is brought up to date with MattermostConfig %s", existing.ID, owner)
		}
	case c.isOrphaned(existing):
		merge(existing.Node(), item.Node(), exact)
		state = Changed
		c.report(result.Info, existing, "%s passes from MattermostConfig %s, which is no longer among the resources, to %s", existing.ID, previousOwner, owner)
	default:
		report.Report(result.Error, "", "metadata.name", "%s is wanted by MattermostConfig %s and belongs to %s already; rename one of the two, or let only one of them ask for it", existing.ID, owner, previousOwner)
		return
	}
	if state != Unchanged {
		guard(existing.Node())
		existing.Changed()
	}
	c.record(existing, state)
}

// Finish removes what is no longer wanted, and returns what there is to say about what happened. Of a first run, where
// everything is new, there is nothing to say, nor of one that changes nothing.
func (c *Changes) Finish() result.Results {
	c.prune()
	for _, owner := range slices.Sorted(maps.Keys(c.added)) {
		if c.previousOwners[owner] {
			report := *c.reports[owner]
			report.Results = nil
			report.Report(result.Info, "", "", "added: %s", strings.Join(c.added[owner], ", "))
			c.results = append(c.results, report.Results...)
		}
	}
	return c.results
}

// report adds a result about an object.
func (c *Changes) report(severity result.Severity, item *resourcelist.Item, format string, args ...any) {
	report := result.Reporter{Resource: item.Resource(), File: item.File, FileIndex: item.Index}
	report.Report(severity, "", "", format, args...)
	c.results = append(c.results, report.Results...)
}

// Owner returns the configuration that an object carries the mark of; empty for somebody's own.
func Owner(item *resourcelist.Item) string {
	if item.Label(ownership.LabelManagedBy) != ownership.ManagedBy {
		return ""
	}
	return item.Annotation(ownership.AnnotationOwner)
}

// withoutOwnership returns the object without ownership metadata: merged into a user's object it would make it ours at the
// next run.
func withoutOwnership(object *yaml.Node) *yaml.Node {
	object = yaml.CopyYNode(object)
	metadata := resourcelist.Field(object, "metadata")
	remove(resourcelist.Field(metadata, "labels"), ownership.LabelManagedBy)
	annotations := resourcelist.Field(metadata, "annotations")
	remove(annotations, ownership.AnnotationOwner)
	if annotations != nil && len(annotations.Content) == 0 {
		remove(metadata, "annotations")
	}
	return object
}

func remove(mapping *yaml.Node, key string) {
	if mapping == nil {
		return
	}
	if at := indexOf(mapping, key); at >= 0 {
		mapping.Content = append(mapping.Content[:at], mapping.Content[at+2:]...)
	}
}
