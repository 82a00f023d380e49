// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"cmp"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// Owners contains the ownership metadata of a list's objects. A copy of a managed object, which users make to get a
// variant, has the metadata of the original but belongs to the user.
type Owners struct {
	// of contains the owner of each object with ownership metadata.
	of map[*resourcelist.Item]string
	// copies contains the objects that are copies of another object of the list.
	copies map[*resourcelist.Item]bool
	// moved contains the objects whose metadata names an object that is not in the list, by the name in the metadata:
	// another function or the user changed their name or namespace.
	moved map[string]*resourcelist.Item
}

// ReadOwners reads the ownership metadata of a list.
func ReadOwners(list *resourcelist.List) *Owners {
	o := &Owners{
		of: map[*resourcelist.Item]string{}, copies: map[*resourcelist.Item]bool{},
		moved: map[string]*resourcelist.Item{},
	}
	var renamed []*resourcelist.Item
	for _, item := range list.Items {
		owner := ownerIn(item)
		if owner == "" {
			continue
		}
		o.of[item] = owner
		if named := item.Annotation(ownership.AnnotationObject); named != "" && named != item.String() {
			renamed = append(renamed, item)
		}
	}
	if len(renamed) == 0 {
		return o
	}
	names := map[string]bool{}
	for _, item := range list.Items {
		names[item.String()] = true
	}
	for _, item := range renamed {
		switch named := item.Annotation(ownership.AnnotationObject); {
		case names[named]:
			o.copies[item] = true
		case o.moved[named] == nil:
			o.moved[named] = item
		}
	}
	return o
}

// Of returns the owner of an object: the namespace/name of the configuration that it belongs to, or an empty string if
// it belongs to the user.
func (o *Owners) Of(item *resourcelist.Item) string {
	if o.copies[item] {
		return ""
	}
	return o.of[item]
}

// None reports whether the list contains no managed objects.
func (o *Owners) None() bool { return len(o.of) == 0 }

// HasOtherThan reports whether the list contains objects that belong to none of the given configurations.
func (o *Owners) HasOtherThan(configurations []*resourcelist.Item) bool {
	present := map[string]bool{}
	for _, configuration := range configurations {
		// SetDefaults of the configuration has not been called yet.
		namespace := cmp.Or(configuration.Namespace, v1alpha1.DefaultNamespace)
		present[ownership.Owner(namespace, configuration.Name)] = true
	}
	for item, owner := range o.of {
		if !o.copies[item] && !present[owner] {
			return true
		}
	}
	return false
}

// isMoved reports whether an object has another name or namespace than its ownership metadata.
func (o *Owners) isMoved(item *resourcelist.Item) bool {
	return o.moved[item.Annotation(ownership.AnnotationObject)] == item
}

// ownerIn returns the owner in the metadata of an object. It ignores the metadata of kinds that are never generated,
// which another function may have added to everything in a package.
func ownerIn(item *resourcelist.Item) string {
	owner := item.Annotation(ownership.AnnotationOwner)
	if !ownership.IsManaged(item.Label(ownership.LabelManagedBy), owner) ||
		!ownership.IsEmitted(item.Group(), item.Kind) {
		return ""
	}
	return owner
}
