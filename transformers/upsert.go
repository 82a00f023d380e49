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
func Upsert(list *resourcelist.List, object *yaml.RNode, owner string, report *result.Reporter) {
	item := resourcelist.NewItem(object)
	existing := list.Find(item.ID)
	switch {
	case existing == nil:
		list.Items = append(list.Items, item)
	case Owner(existing) == owner:
		merge(content(existing), content(item), exact)
	case Owner(existing) != "":
		report.Report(result.Error, "", "metadata.name", "%s belongs to MattermostConfig %s already; give one of the two configurations another name", existing.ID, Owner(existing))
	default:
		if merge(content(existing), withoutMark(content(item)), overlay) {
			report.Report(result.Info, "", "", "%s is not ours (it lacks the annotation %s): our fields are laid over it, everything else stays", existing.ID, plan.AnnotationOwner)
		}
	}
}

func content(item *resourcelist.Item) *yaml.Node { return item.Node().YNode() }

// Owner returns the configuration that an object carries the mark of; empty for somebody's own.
func Owner(item *resourcelist.Item) string {
	metadata := field(content(item), "metadata")
	if scalarFieldOf(field(metadata, "labels"), plan.LabelManagedBy) != plan.ManagedBy {
		return ""
	}
	return scalarFieldOf(field(metadata, "annotations"), plan.AnnotationOwner)
}

// withoutMark returns the object without the marks of ownership: laid over somebody's own object they would make it ours
// at the next run.
func withoutMark(object *yaml.Node) *yaml.Node {
	object = yaml.CopyYNode(object)
	metadata := field(object, "metadata")
	remove(field(metadata, "labels"), plan.LabelManagedBy)
	annotations := field(metadata, "annotations")
	remove(annotations, plan.AnnotationOwner)
	if annotations != nil && len(annotations.Content) == 0 {
		remove(metadata, "annotations")
	}
	return object
}

func field(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	if at := indexOf(mapping, key); at >= 0 {
		return mapping.Content[at+1]
	}
	return nil
}

func scalarFieldOf(mapping *yaml.Node, key string) string {
	if mapping == nil {
		return ""
	}
	return scalarField(mapping, key)
}

func remove(mapping *yaml.Node, key string) {
	if mapping == nil {
		return
	}
	if at := indexOf(mapping, key); at >= 0 {
		mapping.Content = append(mapping.Content[:at], mapping.Content[at+2:]...)
	}
}
