package fn

import (
	"io"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/transformers"
)

// List holds the objects of one run: those that the function may read and change. The zero value is an empty list.
type List struct {
	// Directory is where the objects are kept in the files that they name, and where new objects get a file. It is empty
	// unless a directory was read. Objects whose file is not below it were read in addition.
	Directory string

	list resourcelist.List
}

// Read decodes a ResourceList (config.kubernetes.io/v1). The list refers to data, which must not change afterwards.
func Read(data []byte) (*List, error) {
	list, err := resourcelist.Read(data)
	if err != nil {
		return nil, err
	}
	return &List{list: *list}, nil
}

// ReadFile adds the objects of a YAML file to the list. Results name the file and the lines in it.
func (l *List) ReadFile(name string, data []byte) error { return l.list.ReadFile(name, data) }

// Objects returns the objects of the list in their order. The functionConfig is not one of them.
func (l *List) Objects() []Object {
	objects := make([]Object, 0, len(l.list.Items))
	for _, item := range l.list.Items {
		objects = append(objects, Object{item})
	}
	return objects
}

// Write writes the list as a ResourceList: with the objects as they are now, and with results after those that it came
// with. Objects that did not change are written byte for byte as they came. Nothing is written where an object cannot
// be encoded.
func (l *List) Write(w io.Writer, results Results) error {
	text, err := l.list.Encode(results.internal())
	if err != nil {
		return err
	}
	return text.Write(w)
}

// WriteManifests writes the objects that are to be applied to a cluster as YAML documents: all but the configurations of
// this function, kustomize and kpt, and what is marked with config.kubernetes.io/local-config.
func (l *List) WriteManifests(w io.Writer) error { return l.list.WriteDocuments(w, isForCluster) }

func isForCluster(item *resourcelist.Item) bool {
	if item.Name == "" || item.Group() == v1alpha1.Group || strings.HasPrefix(item.APIVersion, "kustomize.config.k8s.io/") || strings.HasPrefix(item.APIVersion, "kpt.dev/") {
		return false
	}
	return !item.IsLocalConfig()
}

// Object is one object of a list. Two of them are equal if they are the same object of the same list.
type Object struct{ item *resourcelist.Item }

// Resource returns what the object is called.
func (o Object) Resource() Resource { return Resource(o.item.Resource()) }

// File returns the file that the object is kept in, and its index there. The name is empty where it is not known.
func (o Object) File() (name string, index int) { return o.item.File, o.item.Index }

// Node returns the object itself, a mapping, which must not be changed. It is empty where the object is not readable YAML.
func (o Object) Node() *yaml.Node { return o.item.Node() }

// IsConfiguration reports whether the object is a MattermostConfig, of any version.
func (o Object) IsConfiguration() bool { return transformers.IsConfiguration(o.item) }

// String returns kind, namespace and name.
func (o Object) String() string { return o.item.String() }

// State is what a run did to an object that a configuration asks for, or asked for earlier.
type State string

// The states of objects.
const (
	// Added is new in the list.
	Added State = "added"
	// Changed is managed by mattermost-fn and was brought up to date.
	Changed State = "changed"
	// Unchanged needed no change.
	Unchanged State = "unchanged"
	// Patched belongs to the user, and fields of ours were merged into it.
	Patched State = "patched"
	// Removed was managed by mattermost-fn and is no longer in the list.
	Removed State = "removed"
)

// Change is an object and what became of it.
type Change struct {
	Object Object
	State  State
}
