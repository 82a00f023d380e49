// SPDX-License-Identifier: Apache-2.0

// Package transformers changes the objects of a list: it merges generated objects into existing ones, and removes
// objects that are no longer needed.
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

// Changes collects the changes of one run to a list. Call Upsert for every generated object, then Finish, which applies
// all of them. Without Finish the list stays as it is.
type Changes struct {
	list *resourcelist.List
	host hostInfo
	// items contains the objects that the list will have. They are objects of the list and new ones.
	items []*resourcelist.Item
	// drafts contains the changed copies of existing objects.
	drafts map[*resourcelist.Item]*resourcelist.Item
	// activeOwners contains the owners of this run, each with the file of its configuration, if known.
	activeOwners map[string]string
	// existing contains the objects of the list by id; the first if several have the same id.
	existing map[resourcelist.ID]*resourcelist.Item
	// previousOwners contains the owners with objects from an earlier run.
	previousOwners map[string]bool
	// desired contains the objects that a configuration needs.
	desired map[*resourcelist.Item]bool
	// added contains the names of new objects by owner; reports contains the reporters of the owners' configurations.
	added   map[string][]string
	reports map[string]*result.Reporter
	// files describes the files of the list, for hosts that keep objects in files. It is filled on first use.
	files map[string]*file
	// directories counts the installations that would use each directory.
	directories map[string]int
	// states lists the state of each object.
	states  []Change
	results result.Results
}

// NewChanges starts the changes to a list. The keys of owners are the namespace/name of the configurations of this run;
// the values are the files of the configurations, if known.
func NewChanges(list *resourcelist.List, owners map[string]string) *Changes {
	c := &Changes{
		list: list, host: inspectHost(list), activeOwners: owners,
		items: slices.Clone(list.Items), drafts: map[*resourcelist.Item]*resourcelist.Item{},
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

// unversioned returns an id that is the same for all versions of an API group.
func unversioned(id resourcelist.ID) resourcelist.ID {
	id.APIVersion = id.Group()
	return id
}

// Upsert adds a generated object to the list, or updates the existing one with the same id. A managed object becomes
// equal to the generated one. Any other object belongs to a user: the generated fields are merged into it, and all
// other fields are kept. Owner is the namespace/name of the configuration that the object was generated from.
func (c *Changes) Upsert(item *resourcelist.Item, owner string, report *result.Reporter) {
	existing := c.existing[unversioned(item.ID)]
	if existing == nil {
		if c.host.files {
			c.assignFile(item, owner)
		}
		c.items = append(c.items, item)
		c.existing[unversioned(item.ID)] = item
		c.desired[item] = true
		c.added[owner] = append(c.added[owner], item.String())
		c.reports[owner] = report
		c.record(item, Added)
		return
	}
	c.desired[existing] = true
	current := c.current(existing)
	previousOwner := Owner(current)
	if previousOwner == owner && current.Is(item) {
		c.record(existing, Unchanged)
		return
	}
	draft := current.Copy()
	expand(draft.Node())
	state, guard := Unchanged, guardComments(draft)
	switch {
	case previousOwner == "":
		merger := merger{kind: existing.Kind}
		if merger.merge(draft.Node(), withoutOwnership(item.Node()), overlay) {
			state = Patched
			for _, d := range merger.overridden {
				c.report(result.Warning, existing, "%s: %s is changed from %q to %q, which MattermostConfig %s requires. "+
					"To keep the other value, set it in the configuration, or rename the object",
					existing.ID, d.field, d.theirs, d.ours, owner)
			}
			c.report(result.Info, existing, "%s is not managed by mattermost-fn (annotation %s is missing): "+
				"the generated fields are merged into it, all other fields are kept", existing.ID, ownership.AnnotationOwner)
		}
	case previousOwner == owner:
		if merge(draft.Node(), item.Node(), exact) {
			state = Changed
			c.report(result.Info, existing, "%s is updated to match MattermostConfig %s", existing.ID, owner)
		}
	case c.isOrphaned(current):
		merge(draft.Node(), item.Node(), exact)
		state = Changed
		c.report(result.Info, existing, "%s is transferred from MattermostConfig %s, which is no longer among the "+
			"resources, to MattermostConfig %s", existing.ID, previousOwner, owner)
	default:
		report.Report(result.Error, "", "metadata.name", "%s is required by MattermostConfig %s but already belongs to "+
			"MattermostConfig %s; rename one of the two, or let only one of them create it", existing.ID, owner, previousOwner)
		return
	}
	if state != Unchanged {
		guard(draft.Node())
		draft.Changed()
		c.drafts[existing] = draft
	}
	c.record(existing, state)
}

// current returns the draft of an object of the list, or the object itself if it has none.
func (c *Changes) current(item *resourcelist.Item) *resourcelist.Item {
	if draft := c.drafts[item]; draft != nil {
		return draft
	}
	return item
}

// Finish removes objects that are no longer needed, applies all changes to the list, and returns the results of the
// run. A first run, in which every object is new, has no results about added objects, and a run that changes nothing
// has none at all.
func (c *Changes) Finish() result.Results {
	c.prune()
	c.apply()
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

// apply changes the list. The objects in it stay the same ones, with other contents.
func (c *Changes) apply() {
	for item, draft := range c.drafts {
		*item = *draft
	}
	c.list.Items = c.items
}

// report adds a result about an object.
func (c *Changes) report(severity result.Severity, item *resourcelist.Item, format string, args ...any) {
	report := result.Reporter{Resource: item.Resource(), File: item.File, FileIndex: item.Index}
	report.Report(severity, "", "", format, args...)
	c.results = append(c.results, report.Results...)
}

// Owner returns the namespace/name of the configuration that an object belongs to, or an empty string if mattermost-fn
// does not manage the object.
func Owner(item *resourcelist.Item) string {
	if item.Label(ownership.LabelManagedBy) != ownership.ManagedBy {
		return ""
	}
	return item.Annotation(ownership.AnnotationOwner)
}

// withoutOwnership returns a copy of the object without ownership metadata. Merged into a user's object, the metadata
// would make it a managed object in the next run.
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
