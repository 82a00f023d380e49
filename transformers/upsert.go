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
	// live are the owners that this run works for, each with the file of its configuration, if that is known.
	live map[string]string
	// there are the objects of the list by what they are known by, the first of each.
	there map[resourcelist.ID]*resourcelist.Item
	// had are the owners with objects from an earlier run.
	had map[string]bool
	// wanted are the objects that somebody asked for.
	wanted map[*resourcelist.Item]bool
	// added are names of new objects, by owner; reports are those of the owners' configurations.
	added   map[string][]string
	reports map[string]*result.Reporter
	// files are those of the list, where objects are kept in files; made when first asked for.
	files map[string]*file
	// folders counts the installations that would have each folder.
	folders map[string]int
	// states are what became of each object.
	states  []Change
	results result.Results
}

// NewChanges begins the changes to a list for the given owners, each the namespace/name of a configuration with the file
// that the configuration came from, if that is known.
func NewChanges(list *resourcelist.List, owners map[string]string) *Changes {
	c := &Changes{
		list: list, host: inspectHost(list), live: owners,
		there: map[resourcelist.ID]*resourcelist.Item{}, had: map[string]bool{},
		wanted: map[*resourcelist.Item]bool{}, added: map[string][]string{}, reports: map[string]*result.Reporter{},
	}
	for _, item := range list.Items {
		if id := unversioned(item.ID); c.there[id] == nil {
			c.there[id] = item
		}
		c.had[Owner(item)] = true
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
	existing := c.there[unversioned(item.ID)]
	if existing == nil {
		if c.host.files {
			c.place(item, owner)
		}
		c.list.Items = append(c.list.Items, item)
		c.there[unversioned(item.ID)] = item
		c.wanted[item] = true
		c.added[owner] = append(c.added[owner], item.ID.String())
		c.reports[owner] = report
		c.record(item, Added)
		return
	}
	c.wanted[existing] = true
	before := Owner(existing)
	if before == owner && existing.Is(item) {
		c.record(existing, Unchanged)
		return
	}
	expand(existing.Node())
	state, guard := Unchanged, guardComments(existing)
	switch {
	case before == "":
		merger := merger{kind: existing.Kind}
		if merger.merge(existing.Node(), withoutMark(item.Node()), overlay) {
			state = Patched
			for _, d := range merger.overridden {
				c.tell(result.Warning, existing, "%s: %s was %q and is now %q, which MattermostConfig %s needs. If the other value is meant, change the configuration, or give the object another name", existing.ID, d.field, d.theirs, d.ours, owner)
			}
			c.tell(result.Info, existing, "%s is not ours (it lacks the annotation %s): our fields are laid over it, everything else stays", existing.ID, ownership.AnnotationOwner)
		}
	case before == owner:
		if merge(existing.Node(), item.Node(), exact) {
			state = Changed
			c.tell(result.Info, existing, "%s is brought up to date with MattermostConfig %s", existing.ID, owner)
		}
	case c.gone(existing):
		merge(existing.Node(), item.Node(), exact)
		state = Changed
		c.tell(result.Info, existing, "%s passes from MattermostConfig %s, which is no longer among the resources, to %s", existing.ID, before, owner)
	default:
		report.Report(result.Error, "", "metadata.name", "%s is wanted by MattermostConfig %s and belongs to %s already; rename one of the two, or let only one of them ask for it", existing.ID, owner, before)
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
		if c.had[owner] {
			report := *c.reports[owner]
			report.Results = nil
			report.Report(result.Info, "", "", "added: %s", strings.Join(c.added[owner], ", "))
			c.results = append(c.results, report.Results...)
		}
	}
	return c.results
}

// tell says something about an object.
func (c *Changes) tell(severity result.Severity, item *resourcelist.Item, format string, args ...any) {
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

// withoutMark returns the object without the marks of ownership: laid over somebody's own object they would make it ours
// at the next run.
func withoutMark(object *yaml.Node) *yaml.Node {
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
