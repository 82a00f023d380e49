// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// prune decides about managed objects that no configuration needs: objects that a configuration of this run did not
// generate, and objects of a configuration that was deleted. Those with data are kept and handed over to the user,
// together with what they need; the others are removed. It keeps everything else.
func (c *Changes) prune() {
	unwanted, kept := map[string][]*resourcelist.Item{}, map[string][]*resourcelist.Item{}
	for _, item := range c.items {
		owner := c.owners.Of(item)
		switch {
		case owner == "" || c.desired[item]:
		case c.owners.isMoved(item):
			c.reportMoved(item)
		case c.isActive(owner) && c.inSamePackage(item, owner), c.isDeleted(item):
			unwanted[owner] = append(unwanted[owner], item)
		default:
			kept[owner] = append(kept[owner], item)
		}
	}
	removed := map[*resourcelist.Item]bool{}
	for _, owner := range slices.Sorted(maps.Keys(unwanted)) {
		for _, item := range c.retain(owner, unwanted[owner]) {
			removed[item] = true
		}
	}
	c.reportKept(kept)
	c.items = slices.DeleteFunc(c.items, func(item *resourcelist.Item) bool { return removed[item] })
}

// retain hands over the objects with data among those that a configuration no longer needs, and what they need. It
// returns the others, which are removed.
func (c *Changes) retain(owner string, unwanted []*resourcelist.Item) []*resourcelist.Item {
	holders := holders(unwanted)
	kept := map[*resourcelist.Item]bool{}
	for _, holder := range holders {
		kept[holder.item] = true
		for _, item := range holder.needs {
			kept[item] = true
		}
	}
	why := "MattermostConfig " + owner + " no longer needs it"
	if !c.isActive(owner) {
		why = "its MattermostConfig " + owner + " is no longer among the resources"
	}
	for _, holder := range holders {
		c.reportRetained(holder, owner, why)
	}
	for _, earlier := range c.retained() {
		for _, item := range neededBy(earlier, unwanted, kept) {
			c.report(result.Warning, item, "%s is kept, because %s needs it, which was kept earlier. It is yours now "+
				"(annotation %s)", item.ID, earlier.ID, ownership.AnnotationRetainedFrom)
		}
	}
	for _, item := range unwanted {
		if kept[item] {
			c.handOver(item, owner)
		}
	}
	c.keepNeededKeys(holders)
	removed := slices.DeleteFunc(slices.Clone(unwanted), func(item *resourcelist.Item) bool { return kept[item] })
	c.reportRemoved(removed, owner)
	return removed
}

// handOver replaces the ownership metadata of an object with the annotation that says where it came from.
func (c *Changes) handOver(item *resourcelist.Item, owner string) {
	draft := c.current(item).Copy()
	resourcelist.Expand(draft.Node())
	guard := guardComments(draft)
	metadata := resourcelist.Field(draft.Node(), "metadata")
	labels, annotations := resourcelist.Field(metadata, "labels"), resourcelist.Field(metadata, "annotations")
	remove(labels, ownership.LabelManagedBy)
	if labels != nil && len(labels.Content) == 0 {
		remove(metadata, "labels")
	}
	for _, name := range []string{ownership.AnnotationObject, ownership.AnnotationConfiguration} {
		remove(annotations, name)
	}
	at := indexOf(annotations, ownership.AnnotationOwner)
	annotations.Content[at].Value = ownership.AnnotationRetainedFrom
	annotations.Content[at+1].Value = owner
	guard(draft.Node())
	draft.Changed()
	c.drafts[item] = draft
	c.record(item, Retained)
}

func (c *Changes) reportRetained(h holder, owner, why string) {
	with := ""
	if len(h.needs) > 0 {
		var names []string
		for _, item := range h.needs {
			names = append(names, item.String())
		}
		with = "; with it, what it needs is kept: " + strings.Join(names, ", ")
	}
	c.report(result.Warning, h.item, "%s is kept, because it contains %s: %s. It is yours now (annotation %s)%s. "+
		"%s%s. If the data is no longer needed, delete the file", h.item.ID, h.data.contents, why,
		ownership.AnnotationRetainedFrom, with, c.moveFrom(h.item, owner), h.data.advice)
}

// reportRemoved reports objects of a configuration that are removed: in one line if the configuration was deleted.
func (c *Changes) reportRemoved(removed []*resourcelist.Item, owner string) {
	if len(removed) == 0 {
		return
	}
	var names []string
	for _, item := range removed {
		c.record(item, Removed)
		names = append(names, item.String())
		if c.isActive(owner) {
			c.report(result.Info, item, "%s is removed: MattermostConfig %s no longer needs it", item.ID, owner)
		}
	}
	if !c.isActive(owner) {
		c.report(result.Warning, removed[0], "MattermostConfig %s is no longer among the resources: its %d objects that "+
			"can be generated again are removed (%s)", owner, len(names), strings.Join(names, ", "))
	}
}

// reportMoved reports an object whose name or namespace was changed after it was generated, and whose original is not
// needed. It may be a user's copy of a deleted object, so it is kept.
func (c *Changes) reportMoved(item *resourcelist.Item) {
	contains, first := "", ""
	if data, hasData := dataOf(item); hasData {
		contains, first = " It contains "+data.contents+".", "move its data, and then "
	}
	c.report(result.Warning, item, "%s was generated as %s, which no configuration needs, and is kept.%s If it is yours, "+
		"delete its annotations %s and %s; otherwise %sdelete it", item.ID, item.Annotation(ownership.AnnotationObject),
		contains, ownership.AnnotationOwner, ownership.AnnotationObject, first)
}

// reportKept reports objects about which the list proves nothing, in one line per owner.
func (c *Changes) reportKept(kept map[string][]*resourcelist.Item) {
	if c.host.kustomize { // the output of other runs is expected there
		return
	}
	for _, owner := range slices.Sorted(maps.Keys(kept)) {
		items := kept[owner]
		if c.isActive(owner) {
			c.report(result.Warning, items[0], "MattermostConfig %s no longer needs %d objects in another kpt package "+
				"(the first is %s), and a run removes none there. Delete them by hand, objects with data only after the data "+
				"has been moved", owner, len(items), items[0].ID)
			continue
		}
		c.report(result.Warning, items[0], "MattermostConfig %s is not among the resources; its objects (%d, the first is "+
			"%s) are kept because the input may be incomplete: run the function on the whole kpt package (the directory "+
			"with the Kptfile), or delete objects that are no longer needed by hand", owner, len(items), items[0].ID)
	}
}

func (c *Changes) isActive(owner string) bool {
	_, active := c.configurations[owner]
	return active
}

// inSamePackage reports whether an object is in the kpt package of its configuration, as far as both are known. Another
// package is rendered by a run of its own.
func (c *Changes) inSamePackage(item *resourcelist.Item, owner string) bool {
	file := c.configurations[owner].place()
	if file == "" || item.File == "" {
		return true
	}
	ours, _ := c.host.packageOf(file)
	theirs, _ := c.host.packageOf(item.Place())
	return ours == theirs
}

// isDeleted reports whether the configuration that an object belongs to was deleted here: it is not among the
// resources, although it was in the same kpt package when the object was generated. A configuration that the host
// passes only as functionConfig may be one of several, each with a run of its own, so the absence of others proves
// nothing. In kustomize absence never proves anything: resources may contain the output of other runs.
func (c *Changes) isDeleted(item *resourcelist.Item) bool {
	owner := c.owners.Of(item)
	if owner == "" || c.isActive(owner) || c.host.configOutside || c.host.kustomize {
		return false
	}
	directory, found := c.host.packageOf(item.Place())
	if !found {
		return false
	}
	configuration := c.configurationFile(item)
	if configuration == "" {
		return item.Annotation(ownership.AnnotationObject) == "" && isPlaced(item, owner)
	}
	theirs, found := c.host.packageOf(configuration)
	return found && theirs == directory
}

// configurationFile returns the file of the configuration in the metadata of an object, or an empty string.
func (c *Changes) configurationFile(item *resourcelist.Item) string {
	relative := item.Annotation(ownership.AnnotationConfiguration)
	if relative == "" || item.File == "" {
		return ""
	}
	return path.Join(path.Dir(item.Place()), relative)
}

// isPlaced reports whether the file of an object is where a run in place puts it: in the installation's directory, in
// the file for its concern. Earlier releases wrote no other trace of the configuration into the object.
func isPlaced(item *resourcelist.Item, owner string) bool {
	directory := path.Base(path.Dir(item.Place()))
	namespace, name := path.Split(owner)
	if directory != name && directory != strings.TrimSuffix(namespace, "/")+"-"+name {
		return false
	}
	base := strings.TrimSuffix(path.Base(item.File), ".yaml")
	rest, found := strings.CutPrefix(base, concern(item))
	return found && strings.Trim(rest, "-0123456789") == ""
}

// checkRenames reports configurations that replace a deleted one: with the same host, or in the same file. The objects
// with data have the name of the configuration, so a renamed one would begin with an empty database.
func (c *Changes) checkRenames() {
	if !c.host.files || c.host.configOutside {
		return
	}
	previous := map[string]*installation{}
	for _, item := range c.list.Items {
		owner := c.owners.Of(item)
		if owner == "" || c.isActive(owner) || c.owners.isMoved(item) || c.desired[item] {
			continue
		}
		if previous[owner] == nil {
			previous[owner] = &installation{hosts: map[string]bool{}, files: map[string]bool{}}
		}
		previous[owner].files[c.configurationFile(item)] = true
		if item.Kind == "Mattermost" {
			previous[owner].hosts[siteHost(item)] = true
		}
	}
	present := slices.Sorted(maps.Keys(c.reports))
	for _, owner := range slices.Sorted(maps.Keys(previous)) {
		for _, new := range present {
			configuration := c.configurations[new]
			sameHost := previous[owner].hosts[configuration.Host]
			sameFile := configuration.File != "" && previous[owner].files[configuration.place()]
			if c.previousOwners[new] || configuration.RenamedFrom == owner || !sameHost && !sameFile {
				continue
			}
			what := "is in the same file"
			if sameHost {
				what = "has the same host"
			}
			c.refuse(new, "metadata.name", fmt.Sprintf("MattermostConfig %s, whose objects are among the resources, no longer "+
				"exists, and this one %s. A database does not move to another name: this would be a new installation with "+
				"an empty database. To keep the data, change name and namespace back. To start empty, and to move the "+
				"data yourself, add the annotation %s: %s", owner, what, ownership.AnnotationRenamedFrom, owner))
		}
	}
}

// refuse reports an error about a configuration.
func (c *Changes) refuse(owner, field, message string) {
	report := *c.reports[owner]
	report.Results = nil
	report.Report(result.Error, "", field, "%s", message)
	c.results = append(c.results, report.Results...)
}

// installation describes an installation without a configuration.
type installation struct {
	// hosts of its site; files of its configuration.
	hosts, files map[string]bool
}

// siteHost returns the host name of the site of a Mattermost resource.
func siteHost(mattermost *resourcelist.Item) string {
	site, err := url.Parse(resourcelist.ServerVariable(mattermost, "MM_SERVICESETTINGS_SITEURL"))
	if err != nil {
		return ""
	}
	return site.Hostname()
}

// inside reports whether a file is below a directory; "." is the top directory. Standard input (-) is in no directory.
func inside(directory, file string) bool {
	if file == "" || file == "-" {
		return false
	}
	directory, below := path.Clean(directory), path.Clean(file)
	if directory != "." {
		var found bool
		if below, found = strings.CutPrefix(below, strings.TrimSuffix(directory, "/")+"/"); !found {
			return false
		}
	}
	return !path.IsAbs(below) && below != ".." && !strings.HasPrefix(below, "../")
}
