// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/ownership"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/transformers"
)

// List contains the objects of one run, which the function may read and change. The zero value is an empty list.
type List struct {
	// Directory is the directory that contains the files of the objects and of new objects. It is empty unless a directory
	// was read. Objects whose file is not below it were read in addition.
	Directory string
	// Earlier is the version of Mattermost that runs now, such as 10.5.1, from which the configurations upgrade it. If it
	// is empty, the version of the Mattermost resource among the objects counts.
	Earlier string

	list resourcelist.List
	// earlier contains the versions of Mattermost resources that RemoveOutput removed, by owner.
	earlier map[string]string
}

// Read reads a ResourceList (config.kubernetes.io/v1). The list refers to data, which must not change afterwards.
// Errors are messages about standard input.
func Read(data []byte) (*List, error) {
	list, err := resourcelist.Read(data)
	if err != nil {
		return nil, err
	}
	return &List{list: *list}, nil
}

// ReadFile adds the objects of a YAML file to the list. Results contain the name and the line numbers of the file.
// The error is a message that begins with them.
func (l *List) ReadFile(name string, data []byte) error { return l.list.ReadFile(name, data) }

// ReadOutput is ReadFile for the output of a program, of which messages contain no line numbers. The name says what was
// built.
func (l *List) ReadOutput(name string, data []byte) error {
	before := len(l.list.Items)
	err := l.list.ReadFile(name, data)
	for _, item := range l.list.Items[before:] {
		item.LinesAreOfFile = false
	}
	return err
}

// RemoveOutput removes the objects that mattermost-fn manages, the output of earlier runs. A check of configurations
// does not need them: it reports neither what a run would change nor what it would remove. The versions of Mattermost
// in it are remembered, for advice about upgrades.
func (l *List) RemoveOutput() {
	owners := transformers.ReadOwners(&l.list)
	l.list.Items = slices.DeleteFunc(l.list.Items, func(item *resourcelist.Item) bool {
		owner := owners.Of(item)
		if owner != "" && mattermostv1beta1.Is(item.Group(), item.Kind) {
			if l.earlier == nil {
				l.earlier = map[string]string{}
			}
			l.earlier[owner] = item.Label(ownership.LabelVersion)
		}
		return owner != ""
	})
}

// earlierVersion returns the version of Mattermost that runs for an owner, if it is known without the objects.
func (l *List) earlierVersion(owner string) string { return cmp.Or(l.Earlier, l.earlier[owner]) }

// Objects returns the objects of the list in order. The functionConfig is not one of them.
func (l *List) Objects() []Object {
	objects := make([]Object, 0, len(l.list.Items))
	for _, item := range l.list.Items {
		objects = append(objects, Object{item})
	}
	return objects
}

// Write writes the list as a ResourceList with the current objects, and adds the results to those that were read.
// Unchanged objects are written byte for byte as they were read. If an object cannot be encoded, Write writes nothing.
func (l *List) Write(w io.Writer, results Results) error {
	text, err := l.list.Encode(results.internal())
	if err != nil {
		return err
	}
	return text.Write(w)
}

// WriteManifests writes the objects for a cluster as YAML documents: all except the configurations of this function,
// kustomize and kpt, and objects with the annotation config.kubernetes.io/local-config.
func (l *List) WriteManifests(w io.Writer) error { return l.list.WriteDocuments(w, isForCluster) }

// Manifests returns the objects that WriteManifests writes.
func (l *List) Manifests() []Object {
	return slices.DeleteFunc(l.Objects(), func(object Object) bool { return !isForCluster(object.item) })
}

// WriteFile writes the objects of a file as YAML documents, with the comments that were read. It writes nothing if the
// list has no object of the file.
func (l *List) WriteFile(w io.Writer, name string) error {
	return l.list.WriteDocuments(w, func(item *resourcelist.Item) bool { return item.File == name })
}

func isForCluster(item *resourcelist.Item) bool {
	switch {
	case item.Name == "" || item.Group() == v1alpha1.Group:
		return false
	case strings.HasPrefix(item.APIVersion, "kustomize.config.k8s.io/") || strings.HasPrefix(item.APIVersion, "kpt.dev/"):
		return false
	}
	return !item.IsLocalConfig()
}

// Object is an object of a list. Two values are equal if they are the same object of the same list.
type Object struct{ item *resourcelist.Item }

// Resource returns type, namespace and name of the object.
func (o Object) Resource() Resource { return Resource(o.item.Resource()) }

// File returns the file of the object, and its index in the file. The name is empty if it is not known.
func (o Object) File() (name string, index int) { return o.item.File, o.item.Index }

// Node returns the object, a mapping, which must not be changed. It is empty if the object is not valid YAML.
func (o Object) Node() *yaml.Node { return o.item.Node() }

// IsConfiguration reports whether the object is a MattermostConfig, of any version.
func (o Object) IsConfiguration() bool { return transformers.IsConfiguration(o.item) }

// String returns kind, namespace and name.
func (o Object) String() string { return o.item.String() }

// State describes what a run did to an object that a configuration needs or needed before.
type State string

// The states of objects.
const (
	// Added means that the object is new in the list.
	Added State = "added"
	// Changed means that mattermost-fn manages the object and updated it.
	Changed State = "changed"
	// Unchanged means that the object already had all generated fields.
	Unchanged State = "unchanged"
	// Patched means that the object belongs to the user, and that generated fields were merged into it.
	Patched State = "patched"
	// Retained means that no configuration needs an object that mattermost-fn managed, and that it was kept because of its
	// data, or because such an object needs it. It belongs to the user now.
	Retained State = "retained"
	// Removed means that mattermost-fn managed the object and removed it from the list.
	Removed State = "removed"
)

// Change is an object and its state.
type Change struct {
	Object Object
	State  State
}
