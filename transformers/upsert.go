// Package transformers changes what is in the stream: it lays what was generated over what is there.
package transformers

import (
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"mattermost-fn/fn/plan"
	"mattermost-fn/fn/resourcelist"
	"mattermost-fn/fn/result"
)

// Upsert adds an object to the list, or brings the one that is there up to date. One that carries our mark becomes what
// was generated; one that does not is somebody's own, and only gets our fields laid over it. Owner is the
// namespace/name of the configuration that the object comes from.
func Upsert(list *resourcelist.List, object *yaml.Node, owner string, report *result.Reporter) {
	item := resourcelist.NewItem(object)
	existing := list.Find(item.ID)
	if existing == nil {
		list.Items = append(list.Items, item)
		return
	}
	expand(existing.Node())
	switch {
	case Owner(existing) == owner:
		merge(existing.Node(), item.Node(), exact)
	case Owner(existing) != "":
		report.Report(result.Error, "", "metadata.name", "%s is wanted by MattermostConfig %s and belongs to %s already; rename one of the two, or let only one of them ask for it", existing.ID, owner, Owner(existing))
	default:
		if merge(existing.Node(), withoutMark(item.Node()), overlay) {
			report.Report(result.Info, "", "", "%s is not ours (it lacks the annotation %s): our fields are laid over it, everything else stays", existing.ID, plan.AnnotationOwner)
		}
	}
}

// Owner returns the configuration that an object carries the mark of; empty for somebody's own.
func Owner(item *resourcelist.Item) string {
	metadata := resourcelist.Field(item.Node(), "metadata")
	if resourcelist.Text(resourcelist.Field(metadata, "labels", plan.LabelManagedBy)) != plan.ManagedBy {
		return ""
	}
	return resourcelist.Text(resourcelist.Field(metadata, "annotations", plan.AnnotationOwner))
}

// withoutMark returns the object without the marks of ownership: laid over somebody's own object they would make it ours
// at the next run.
func withoutMark(object *yaml.Node) *yaml.Node {
	object = yaml.CopyYNode(object)
	metadata := resourcelist.Field(object, "metadata")
	remove(resourcelist.Field(metadata, "labels"), plan.LabelManagedBy)
	annotations := resourcelist.Field(metadata, "annotations")
	remove(annotations, plan.AnnotationOwner)
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
