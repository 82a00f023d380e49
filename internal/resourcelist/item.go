package resourcelist

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist/scan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// ID is what an object is known by.
type ID struct {
	// APIVersion such as apps/v1.
	APIVersion string
	// Kind such as Deployment.
	Kind string
	// Namespace is empty where the object names none.
	Namespace string
	// Name is empty for things without metadata, such as kustomization.yaml, which kpt passes too.
	Name string
}

// Group is the API group; empty for the core group.
func (id ID) Group() string {
	group, _, found := strings.Cut(id.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// Same says whether both are the same object, whatever the version of its API.
func (id ID) Same(other ID) bool {
	return id.Group() == other.Group() && id.Kind == other.Kind && id.Namespace == other.Namespace && id.Name == other.Name
}

// String is kind, namespace and name for people.
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + " " + id.Name
	}
	return id.Kind + " " + id.Namespace + "/" + id.Name
}

// Item is one object of a list. It knows what it is called without being parsed; who looks inside asks for its node, and
// who changes the node says so, since whatever is not changed is written as it came.
type Item struct {
	ID
	// File is the file that the object came from, where the host tells; Index is its place there.
	File  string
	Index int
	// LinesAreOfFile says that line numbers of the node are those of File.
	LinesAreOfFile bool

	// text is how the object stands in the list, from its dash on; empty once the node has changed, and for an object that
	// came as a node.
	text []byte
	// manifest is how an object that was generated stands by itself; empty for every other.
	manifest []byte
	// labels and annotations of an object that has a text.
	labels, annotations []scan.Pair

	// node is nil until somebody asks for it.
	node *yaml.Node
	// document is what the object was read from, which holds the comments around it; nil for one that came in a list.
	document *yaml.Node
	// problem is why the node cannot be made.
	problem error
}

// Annotations by which hosts from before kpt 1.0 say where an object came from; kpt writes them still.
const (
	LegacyPath  = "config.kubernetes.io/path"
	LegacyIndex = "config.kubernetes.io/index"
)

// NewItem makes an item of a mapping.
func NewItem(node *yaml.Node) *Item {
	spellNulls(node, false)
	item := &Item{node: node}
	item.APIVersion = Text(Field(node, "apiVersion"))
	item.Kind = Text(Field(node, "kind"))
	item.Name = Text(Field(node, "metadata", "name"))
	item.Namespace = Text(Field(node, "metadata", "namespace"))
	item.locate()
	return item
}

// Generated makes an item of a manifest that was generated: block style, apiVersion, kind and metadata first, with a block
// of annotations.
func Generated(manifest []byte, id ID, labels, annotations map[string]string) *Item {
	item := &Item{ID: id, manifest: manifest}
	for key, value := range labels {
		item.labels = append(item.labels, scan.Pair{Key: key, Value: value})
	}
	for key, value := range annotations {
		item.annotations = append(item.annotations, scan.Pair{Key: key, Value: value})
	}
	return item
}

// itemOf makes an item of an object that was not parsed.
func itemOf(object *scan.Object) (*Item, error) {
	item := &Item{
		ID:   ID{object.APIVersion, object.Kind, object.Namespace, object.Name},
		text: object.Text, labels: object.Labels, annotations: object.Annotations,
	}
	if !object.Ambiguous {
		item.locate()
		return item, nil
	}
	node, err := parse(object.Text)
	if err != nil {
		return nil, err
	}
	item = NewItem(node)
	item.text = object.Text
	return item, nil
}

// locate finds out which file an item came from.
func (i *Item) locate() {
	i.File = cmp.Or(i.Annotation(kioutil.PathAnnotation), i.Annotation(LegacyPath))
	i.Index, _ = strconv.Atoi(cmp.Or(i.Annotation(kioutil.IndexAnnotation), i.Annotation(LegacyIndex)))
}

// maxObject is how large an object may be that is looked into, in bytes: an API server takes no larger request
// (k8s.io/apiserver, MaxRequestBodyBytes).
const maxObject = 3 << 20

// parse makes a node of an object as it stands in the list: the element of a list with one element, or the value of a
// mapping with one field.
func parse(text []byte) (*yaml.Node, error) {
	if len(text) > maxObject {
		return nil, fmt.Errorf("an object is too large: %d MB, and no API server takes one of more than %d MB", len(text)>>20, maxObject>>20)
	}
	return parseAny(text)
}

// parseAny does the same whatever the size.
func parseAny(text []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	inner := document.Content[0].Content
	node := inner[len(inner)-1]
	spellNulls(node, false)
	return node, nil
}

// spellNulls writes out the nulls of flow mappings such as {host}, which the encoder would turn into empty strings.
func spellNulls(node *yaml.Node, inFlow bool) {
	inFlow = inFlow || node.Style&yaml.FlowStyle != 0
	for _, child := range node.Content {
		if inFlow && child.Kind == yaml.ScalarNode && child.Value == "" && child.ShortTag() == yaml.NodeTagNull {
			child.Value = "null"
		}
		spellNulls(child, inFlow)
	}
}

// Field returns the value of a field of nested mappings, aliases resolved; nil where there is none.
func Field(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		var value *yaml.Node
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name && node.Content[i].Kind == yaml.ScalarNode {
				value = node.Content[i+1]
				break
			}
		}
		if value != nil && value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		node = value
	}
	return node
}

// Text is the text of a scalar; empty for anything else, and for null.
func Text(node *yaml.Node) string {
	if node == nil || node.Kind != yaml.ScalarNode || node.ShortTag() == yaml.NodeTagNull {
		return ""
	}
	return node.Value
}

// Node is the object itself, a mapping: an empty one where it cannot be read, of which the list tells (List.Problems). Who
// changes it calls Changed.
func (i *Item) Node() *yaml.Node {
	if i.node != nil {
		return i.node
	}
	text := i.text
	if text == nil {
		text = asElement(i.manifest)
	}
	node, err := parse(text)
	if err != nil {
		i.problem = fmt.Errorf("is not readable YAML (lines counted from the object's first): %s", reason(err))
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	}
	i.node = node
	return node
}

// IsReadable says whether the node is what stands in the list.
func (i *Item) IsReadable() bool {
	i.Node()
	return i.problem == nil
}

// Changed says that the node is no longer what the item came as.
func (i *Item) Changed() { i.text, i.manifest = nil, nil }

// Label is the value of a label; empty where there is none.
func (i *Item) Label(name string) string {
	value, _ := i.pair("labels", i.labels, name)
	return value
}

// Annotation is the value of an annotation; empty where there is none.
func (i *Item) Annotation(name string) string {
	value, _ := i.pair("annotations", i.annotations, name)
	return value
}

func (i *Item) pair(field string, pairs []scan.Pair, name string) (value string, found bool) {
	if i.node == nil {
		for _, pair := range pairs {
			switch {
			case pair.Key != name:
			case pair.Ambiguous:
				return i.pairOfNode(field, name)
			default:
				return pair.Value, true
			}
		}
		return "", false
	}
	return i.pairOfNode(field, name)
}

func (i *Item) pairOfNode(field, name string) (value string, found bool) {
	node := Field(i.Node(), "metadata", field, name)
	return Text(node), node != nil
}

// Annotate adds an annotation to an object that was generated and does not have it.
func (i *Item) Annotate(name, value string) {
	i.annotations = append(i.annotations, scan.Pair{Key: name, Value: value})
	const block = "\n  annotations:\n"
	at := bytes.Index(i.manifest, []byte(block))
	if at < 0 || strings.ContainsFunc(value, unicode.IsControl) {
		metadata := Field(i.Node(), "metadata")
		annotations := Field(metadata, "annotations")
		if annotations == nil { // a patch of the user's took them away
			annotations = &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
			metadata.Content = append(metadata.Content, text("annotations"), annotations)
		}
		annotations.Content = append(annotations.Content, text(name), text(value))
		i.Changed()
		return
	}
	at += len(block)
	line := "    " + name + ": '" + strings.ReplaceAll(value, "'", "''") + "'\n"
	i.manifest = slices.Concat(i.manifest[:at], []byte(line), i.manifest[at:])
	i.node = nil
}

// Is says whether the object came as it was generated, but for the annotations by which hosts keep track of it. False says
// nothing: the same may be written in another way.
func (i *Item) Is(generated *Item) bool {
	if i.text == nil || generated.manifest == nil {
		return false
	}
	ours := asElement(generated.manifest)
	metadata, annotations := false, false // that the line stands in
	for line := range bytes.Lines(i.text) {
		switch column := indentation(line); {
		case column == 2:
			metadata, annotations = string(line) == "  metadata:\n", false
		case column == 4:
			annotations = metadata && string(line) == "    annotations:\n"
		case column == 6 && annotations && IsHostAnnotation(string(line[6:])):
			continue
		}
		if !bytes.HasPrefix(ours, line) {
			return false
		}
		ours = ours[len(line):]
	}
	return len(ours) == 0
}

func indentation(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// IsHostAnnotation says whether a key is one by which kustomize and kpt keep track of an object. They are not ours to remove,
// nor is local-config, which is a person's decision.
func IsHostAnnotation(key string) bool {
	return slices.ContainsFunc(hostPrefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

var hostPrefixes = []string{"internal.config.kubernetes.io/", "internal.config.k8s.io/", "config.kubernetes.io/", "config.k8s.io/", "kustomize.config.k8s.io/", "internal.kpt.dev/"}

// IsLocalConfig says whether the object is for tools only and must not reach a cluster, as kpt reads the mark: any value
// but false.
func (i *Item) IsLocalConfig() bool {
	mark, found := i.pair("annotations", i.annotations, "config.kubernetes.io/local-config")
	return found && mark != "false"
}

// Resource names the object in a result.
func (i *Item) Resource() result.Resource {
	return result.Resource{APIVersion: i.APIVersion, Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
}
