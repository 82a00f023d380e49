// SPDX-License-Identifier: Apache-2.0

// Package transformers changes the objects of a list: it merges generated objects into existing ones, and removes
// objects that are no longer needed.
package transformers

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Configuration is a MattermostConfig of this run.
type Configuration struct {
	// Owner is its namespace/name.
	Owner string
	// File is its file; empty if it is not known. In kpt, it is relative to Package.
	File, Package string
	// Host is the host name of its site.
	Host string
	// RenamedFrom is the owner that it replaces, in ownership.AnnotationRenamedFrom.
	RenamedFrom string
	// DowngradeFrom is the version from which a downgrade is intended, in ownership.AnnotationDowngrade.
	DowngradeFrom string
	// Objects contains the generated objects.
	Objects []*resourcelist.Item
}

// place returns the file with the directory of its package, or an empty string if it is not known.
func (c Configuration) place() string {
	if c.File == "" {
		return ""
	}
	return path.Join(c.Package, c.File)
}

// Changes collects the changes of one run to a list. Call Upsert for every generated object, then Finish, which applies
// all of them. Without Finish the list stays as it is.
type Changes struct {
	list *resourcelist.List
	host hostInfo
	// owners contains the ownership metadata of the list.
	owners *Owners
	// items contains the objects that the list will have. They are objects of the list and new ones.
	items []*resourcelist.Item
	// drafts contains the changed copies of existing objects.
	drafts map[*resourcelist.Item]*resourcelist.Item
	// configurations contains those of this run, by owner.
	configurations map[string]Configuration
	// index contains the objects of the list; the first if several have the same id.
	index *resourcelist.Index
	// upserted contains the objects that were added or found under another id, by the id of the generated object.
	upserted map[resourcelist.ID]*resourcelist.Item
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
	// inLists contains the List of each object that is inside one; nil until it is first needed.
	inLists map[resourcelist.ID]*resourcelist.Item
	// duplicates contains pairs of objects with one id that an owner needs.
	duplicates map[string][][2]*resourcelist.Item
	// moves contains the stores that change their place, by owner.
	moves map[string][]*move
	// retainedItems contains the objects that no configuration needs and that stay where they are, if retainedRead is
	// true.
	retainedItems []*resourcelist.Item
	retainedRead  bool
	// states lists the state of each object.
	states  []Change
	results result.Results
}

// NewChanges starts the changes to a list, with its index, its ownership metadata and the configurations of this run.
func NewChanges(
	list *resourcelist.List, index *resourcelist.Index, owners *Owners, configurations []Configuration,
) *Changes {
	c := &Changes{
		list: list, host: inspectHost(list), owners: owners, configurations: map[string]Configuration{},
		items: slices.Clone(list.Items), drafts: map[*resourcelist.Item]*resourcelist.Item{},
		index: index, upserted: map[resourcelist.ID]*resourcelist.Item{}, previousOwners: map[string]bool{},
		desired: map[*resourcelist.Item]bool{}, added: map[string][]string{}, reports: map[string]*result.Reporter{},
		duplicates: map[string][][2]*resourcelist.Item{}, moves: map[string][]*move{},
	}
	for _, configuration := range configurations {
		c.configurations[configuration.Owner] = configuration
	}
	for item := range owners.of {
		c.previousOwners[owners.Of(item)] = true
	}
	return c
}

// existing returns the object with an id, or nil.
func (c *Changes) existing(id resourcelist.ID) *resourcelist.Item {
	if item := c.upserted[unversioned(id)]; item != nil {
		return item
	}
	return c.index.Find(id.Group(), id.Kind, id.Namespace, id.Name)
}

// unversioned returns an id that is the same for all versions of an API group.
func unversioned(id resourcelist.ID) resourcelist.ID {
	id.APIVersion = id.Group()
	return id
}

// Upsert adds a generated object to the list, or updates the existing one with the same id, or the one that was
// generated with that id and then moved by another function. A managed object becomes equal to the generated one. Any
// other object belongs to a user: the generated fields are merged into it, and all other fields are kept. Owner is the
// namespace/name of the configuration that the object was generated from, report its reporter.
func (c *Changes) Upsert(item *resourcelist.Item, owner string, report *result.Reporter) {
	c.reports[owner] = report
	if list := c.listWith(item.ID); list != nil {
		report.Report(result.Error, "", "metadata.name", "%s is inside %s%s, where the function does not read it; write "+
			"it as an object of its own", item.ID, strings.TrimSpace(list.String()), inFile(list))
		return
	}
	existing := c.find(item, owner)
	if existing == nil {
		if c.host.files {
			c.assignFile(item, owner)
		}
		c.nameConfiguration(item, item.Place(), owner)
		c.items = append(c.items, item)
		c.upserted[unversioned(item.ID)] = item
		c.desired[item] = true
		c.added[owner] = append(c.added[owner], item.String())
		c.record(item, Added)
		return
	}
	c.desired[existing] = true
	if other := c.duplicate(existing, owner); other != nil {
		c.duplicates[owner] = append(c.duplicates[owner], [2]*resourcelist.Item{existing, other})
		return
	}
	c.nameConfiguration(item, existing.Place(), owner)
	current := c.current(existing)
	if ownerIn(current) == owner && current.Is(item) {
		c.record(existing, Unchanged)
		return
	}
	c.update(existing, item, owner, report)
}

// find returns the object of the list for a generated one, or nil.
func (c *Changes) find(item *resourcelist.Item, owner string) *resourcelist.Item {
	if existing := c.existing(item.ID); existing != nil {
		return existing
	}
	moved := c.owners.moved[item.String()]
	if moved == nil || moved.Group() != item.Group() || ownerIn(moved) != owner || c.desired[moved] {
		return nil
	}
	c.upserted[unversioned(item.ID)] = moved
	return moved
}

// listWith returns the List that contains an object with an id, or nil. Hosts usually send its objects instead, but not
// for a List with a name.
func (c *Changes) listWith(id resourcelist.ID) *resourcelist.Item {
	if c.inLists == nil {
		c.inLists = map[resourcelist.ID]*resourcelist.Item{}
		for _, list := range c.list.Items {
			if list.APIVersion != "v1" || list.Kind != "List" {
				continue
			}
			elements := resourcelist.Field(list.Node(), "items")
			for i := 0; elements != nil && i < len(elements.Content); i++ {
				if element := elements.Content[i]; element.Kind == yaml.MappingNode {
					c.inLists[unversioned(idOf(element))] = list
				}
			}
		}
	}
	return c.inLists[unversioned(id)]
}

// idOf returns the id of an object.
func idOf(object *yaml.Node) resourcelist.ID {
	text := func(path ...string) string { return resourcelist.Text(resourcelist.Field(object, path...)) }
	return resourcelist.ID{
		APIVersion: text("apiVersion"), Kind: text("kind"),
		Namespace: text("metadata", "namespace"), Name: text("metadata", "name"),
	}
}

// inFile returns the file of an object for a message, or an empty string if it is not known.
func inFile(item *resourcelist.Item) string {
	if item.File == "" {
		return ""
	}
	return " in " + item.Path()
}

// duplicate returns another object of the list with the same id, or nil. A deployment tool would apply both, one after
// the other, or neither. An object that is for tools only, such as an example, is applied by none, and a managed one
// without data is removed.
func (c *Changes) duplicate(item *resourcelist.Item, owner string) *resourcelist.Item {
	for other := range c.index.All(item.Group(), item.Kind, item.Namespace, item.Name) {
		if other == item || other.IsLocalConfig() {
			continue
		}
		if _, hasData := dataOf(other); hasData || c.owners.Of(other) != owner || !c.inSamePackage(other, owner) {
			return other
		}
	}
	return nil
}

// reportDuplicates reports pairs of objects with one id, in one line per configuration: the first pair, and the names
// of the others.
func (c *Changes) reportDuplicates() {
	for _, owner := range slices.Sorted(maps.Keys(c.duplicates)) {
		first, others := c.duplicates[owner][0], ""
		for _, pair := range c.duplicates[owner][1:] {
			others += ", " + pair[0].String()
		}
		if others != "" {
			others = ". So are" + strings.TrimPrefix(others, ",")
		}
		c.refuse(owner, "metadata.name", first[0].String()+" is among the resources twice"+
			c.whichToDelete(first[0], first[1], owner)+others)
	}
}

// whichToDelete ends the message about two objects with one id that a configuration needs.
func (c *Changes) whichToDelete(one, other *resourcelist.Item, owner string) string {
	if one.File == "" || other.File == "" {
		return "; delete one of the two"
	}
	files := ", in " + one.Path() + " and " + other.Path()
	if c.inSamePackage(one, owner) == c.inSamePackage(other, owner) {
		return files + "; delete one of the two"
	}
	outside := one
	if c.inSamePackage(one, owner) {
		outside = other
	}
	return files + "; delete the one in " + outside.Path() + ", or move it to the kpt package of the configuration"
}

// update changes an existing object. Item is the generated one.
func (c *Changes) update(existing, item *resourcelist.Item, owner string, report *result.Reporter) {
	current := c.current(existing)
	draft := current.Copy()
	draft.ID = item.ID
	resourcelist.Expand(draft.Node())
	state, guard := Unchanged, guardComments(draft)
	switch claim := c.claim(current, owner); claim {
	case users:
		c.checkUsersData(current, item, owner, report)
		if c.mergeIntoUsers(existing, draft, item, owner, report) {
			state = Patched
		}
	case refused:
		report.Report(result.Error, "", "metadata.name", "%s", c.refusal(current, owner))
		return
	default:
		c.checkData(current, item, owner, report)
		c.keepHeldKeys(current, item, c.heldKeys(existing))
		if !merge(draft.Node(), item.Node(), exact) {
			break
		}
		state = Changed
		switch claim {
		case own:
			fields := changedFields(current.Node(), draft.Node())
			if fields == "" {
				fields = "only the form of values" // such as quotes
			}
			hint := ""
			if losesFields(current.Node(), draft.Node()) {
				hint = ". To keep a field that you added, write it as spec.patches"
			}
			c.report(result.Info, existing, "%s is updated to match MattermostConfig %s: %s%s",
				existing.ID, owner, fields, hint)
		case readopted:
			c.report(result.Info, existing, "%s, which was kept for you, belongs to MattermostConfig %s again",
				existing.ID, owner)
		default:
			c.report(result.Info, existing, "%s is transferred from MattermostConfig %s to MattermostConfig %s",
				existing.ID, ownerIn(current), owner)
		}
	}
	if state != Unchanged {
		guard(draft.Node())
		draft.Changed()
		c.drafts[existing] = draft
	}
	c.record(existing, state)
}

// claim is the relation of a configuration to an existing object that it needs.
type claim int

const (
	// own means that the object belongs to the configuration.
	own claim = iota
	// transferred means that the object belonged to another configuration, which does not need it.
	transferred
	// readopted means that the object was retained from the same configuration.
	readopted
	// users means that the object belongs to the user.
	users
	// refused means that the object belongs to another configuration, or was retained from it.
	refused
)

// claim decides whether a configuration that needs an existing object may have it. The id of the object counts more
// than its metadata: earlier releases did not write the object's name into it, and kpt's package variants change names
// and namespaces afterwards.
func (c *Changes) claim(existing *resourcelist.Item, owner string) claim {
	previous := ownerIn(existing)
	named := existing.Annotation(ownership.AnnotationObject)
	switch from := existing.Annotation(ownership.AnnotationRetainedFrom); {
	case previous == "" && from == "":
		return users
	case previous == "" && from == owner:
		return readopted
	case previous == "":
		return refused
	case previous == owner:
		return own
	case named != "" && named != existing.String():
		return transferred
	case c.isActive(previous) || c.host.configOutside:
		return refused
	}
	return transferred
}

// refusal returns the error for an object that belongs to another configuration.
func (c *Changes) refusal(existing *resourcelist.Item, owner string) string {
	if from := existing.Annotation(ownership.AnnotationRetainedFrom); ownerIn(existing) == "" {
		otherwise := "rename the configuration"
		if existing.Kind == "Namespace" {
			otherwise = "remove spec.namespace.create"
		}
		return fmt.Sprintf("%s is required by MattermostConfig %s but was kept from MattermostConfig %s with its data "+
			"(annotation %s). To use its data here, set the annotation to %s; otherwise %s",
			existing.ID, owner, from, ownership.AnnotationRetainedFrom, owner, otherwise)
	}
	return fmt.Sprintf("%s is required by MattermostConfig %s but already belongs to MattermostConfig %s; "+
		"rename one of the two, or let only one of them create it", existing.ID, owner, ownerIn(existing))
}

// nameConfiguration writes the file of the configuration into the metadata of an object of the same kpt package.
func (c *Changes) nameConfiguration(item *resourcelist.Item, file, owner string) {
	configuration := c.configurations[owner].place()
	if file == "" || configuration == "" {
		return
	}
	ours, found := c.host.packageOf(configuration)
	if theirs, _ := c.host.packageOf(file); !found || ours != theirs {
		return
	}
	item.Annotate(ownership.AnnotationConfiguration, relativeTo(path.Dir(file), configuration))
}

// relativeTo returns the path of a file relative to a directory. Both are relative to the same directory.
func relativeTo(directory, file string) string {
	up := ""
	for directory != "." && directory != "/" && !inside(directory, file) {
		directory = path.Dir(directory)
		up += "../"
	}
	if directory == "." {
		return up + file
	}
	return up + strings.TrimPrefix(strings.TrimPrefix(file, directory), "/")
}

// current returns the draft of an object of the list, or the object itself if it has none.
func (c *Changes) current(item *resourcelist.Item) *resourcelist.Item {
	if draft := c.drafts[item]; draft != nil {
		return draft
	}
	return item
}

// Finish removes objects that are no longer needed, applies all changes to the list, and returns the results of the
// run. If they contain an error, nothing is applied. A first run, in which every object is new, has no results about
// added objects, and a run that changes nothing has none at all.
func (c *Changes) Finish() result.Results {
	c.reportDuplicates()
	c.checkRenames()
	c.checkPasswords()
	if c.results.HasErrors() {
		// The other results are about changes that are not applied.
		return slices.DeleteFunc(c.results, func(r result.Result) bool { return r.Severity != result.Error })
	}
	c.prune()
	for _, owner := range slices.Sorted(maps.Keys(c.moves)) {
		c.reportMoves(owner)
	}
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
	report := result.Reporter{Resource: item.Resource(), File: item.Path(), FileIndex: item.Index}
	report.Report(severity, "", "", format, args...)
	c.results = append(c.results, report.Results...)
}

// withoutOwnership returns a copy of the object without ownership metadata and guards. Merged into a user's object, the
// metadata would make it a managed object in the next run.
func withoutOwnership(object *yaml.Node) *yaml.Node {
	object = yaml.CopyYNode(object)
	metadata := resourcelist.Field(object, "metadata")
	remove(resourcelist.Field(metadata, "labels"), ownership.LabelManagedBy)
	annotations := resourcelist.Field(metadata, "annotations")
	if annotations == nil {
		return object
	}
	var kept []*yaml.Node
	guards := ownership.Guards()
	for i := 0; i+1 < len(annotations.Content); i += 2 {
		name := annotations.Content[i].Value
		if _, isGuard := guards[name]; !isGuard && !ownership.IsMetadata(name) {
			kept = append(kept, annotations.Content[i], annotations.Content[i+1])
		}
	}
	annotations.Content = kept
	if len(kept) == 0 {
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
