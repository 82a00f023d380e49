// Package resourcelist reads and writes what the function is called with: a ResourceList, or plain YAML files.
//
// It is the only place that knows how items are stored. An item tells its type and name without being parsed further;
// who wants to look inside asks for its node.
package resourcelist

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"mattermost-fn/fn/result"
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

// Item is one object of a list.
type Item struct {
	ID
	// File is the file that the object came from, where the host tells; Index is its place there.
	File  string
	Index int
	// LinesAreOfFile says that line numbers of the node are those of File.
	LinesAreOfFile bool

	node *yaml.Node
	// document is what the object was read from, which holds the comments around it; nil for one of ours.
	document *yaml.Node
}

// Annotations by which hosts from before kpt 1.0 say where an object came from.
const (
	legacyPath  = "config.kubernetes.io/path"
	legacyIndex = "config.kubernetes.io/index"
)

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

// NewItem makes an item of a mapping.
func NewItem(node *yaml.Node) *Item {
	spellNulls(node, false)
	item := &Item{node: node}
	item.APIVersion = Text(Field(node, "apiVersion"))
	item.Kind = Text(Field(node, "kind"))
	item.Name = Text(Field(node, "metadata", "name"))
	item.Namespace = Text(Field(node, "metadata", "namespace"))
	annotations := Field(node, "metadata", "annotations")
	item.File = cmp.Or(Text(Field(annotations, kioutil.PathAnnotation)), Text(Field(annotations, legacyPath)))
	item.Index, _ = strconv.Atoi(cmp.Or(Text(Field(annotations, kioutil.IndexAnnotation)), Text(Field(annotations, legacyIndex))))
	return item
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

// Node is the object itself, a mapping. Changing it changes what is written.
func (i *Item) Node() *yaml.Node { return i.node }

// IsLocalConfig says whether the object is for tools only and must not reach a cluster, as kpt reads the mark: any value
// but false.
func (i *Item) IsLocalConfig() bool {
	mark := Field(i.node, "metadata", "annotations", "config.kubernetes.io/local-config")
	return mark != nil && Text(mark) != "false"
}

// Resource names the object in a result.
func (i *Item) Resource() result.Resource {
	return result.Resource{APIVersion: i.APIVersion, Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
}

// List is what the function works on.
type List struct {
	// Items are all objects, in the order in which they came.
	Items []*Item
	// FunctionConfig is the configuration that the host singles out; nil where there is none.
	FunctionConfig *Item
	// Folder is where items are kept in the files that they name, and new ones go; empty where no folder was read. Items
	// whose File is not below it came with the command.
	Folder string

	// root is the ResourceList that the items came in.
	root *yaml.Node
}

// Read reads a ResourceList.
func Read(data []byte) (*List, error) {
	const expected = "as kustomize and kpt send it. To render a file: mattermost-fn render FILE"
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("standard input is empty; expected a ResourceList, " + expected)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("standard input is not readable YAML: %s", reason(err))
	}
	root := &document
	if len(document.Content) > 0 {
		root = document.Content[0]
	}
	if Text(Field(root, "kind")) != kio.ResourceListKind || !strings.HasPrefix(Text(Field(root, "apiVersion")), "config.kubernetes.io/") {
		return nil, errors.New("standard input is not a ResourceList (config.kubernetes.io/v1), " + expected)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("standard input goes on after the ResourceList; expected one ResourceList, " + expected)
	}
	list := &List{root: root}
	items := Field(root, "items")
	switch {
	case items == nil:
		items = &yaml.Node{Kind: yaml.SequenceNode}
		root.Content = append(root.Content, text("items"), items)
	case items.ShortTag() == yaml.NodeTagNull:
		*items = yaml.Node{Kind: yaml.SequenceNode}
	case items.Kind != yaml.SequenceNode:
		return nil, errors.New("items of the ResourceList is not a list")
	}
	for i, node := range items.Content {
		if node.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("items[%d] of the ResourceList is not an object; every item must be a mapping", i)
		}
		list.Items = append(list.Items, NewItem(node))
	}
	switch config := Field(root, "functionConfig"); {
	case config == nil || config.ShortTag() == yaml.NodeTagNull:
	case config.Kind == yaml.MappingNode:
		list.FunctionConfig = NewItem(config)
	default:
		return nil, errors.New("functionConfig of the ResourceList is not an object")
	}
	return list, nil
}

// ReadFile adds the objects of a YAML file to the list, each with its file and true line numbers.
func (l *List) ReadFile(name string, data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for index := 0; ; index++ {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: not readable YAML: %s", name, reason(err))
		}
		if len(document.Content) == 0 || document.Content[0].ShortTag() == yaml.NodeTagNull {
			continue
		}
		object := document.Content[0]
		if object.Kind != yaml.MappingNode {
			return fmt.Errorf("%s:%d: expected an object with apiVersion and kind", name, object.Line)
		}
		item := NewItem(object)
		item.document, item.File, item.Index, item.LinesAreOfFile = &document, name, index, true
		l.Items = append(l.Items, item)
	}
}

// reason is what a YAML error says, without a name that is repeated from the input: an unquoted password that begins with
// an asterisk is an alias to YAML.
func reason(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.HasPrefix(text, "unknown anchor") {
		return "there is an alias (*) without its anchor (&); quote a value that begins with an asterisk"
	}
	return text
}

// Find returns the object with the given id, or nil.
func (l *List) Find(id ID) *Item {
	for _, item := range l.Items {
		if item.Same(id) {
			return item
		}
	}
	return nil
}

// Write writes the ResourceList that was read, with the items as they are now and with results added to those that came
// with it.
func (l *List) Write(w io.Writer, results result.Results) error {
	items := Field(l.root, "items")
	items.Content = make([]*yaml.Node, len(l.Items))
	for i, item := range l.Items {
		items.Content[i] = item.node
	}
	l.root.Style, items.Style = 0, 0 // a list that came as JSON would put everything into one line
	if len(results) > 0 {
		all := Field(l.root, "results")
		if all == nil {
			all = &yaml.Node{}
			l.root.Content = append(l.root.Content, text("results"), all)
		}
		if all.Kind != yaml.SequenceNode {
			*all = yaml.Node{Kind: yaml.SequenceNode}
		}
		for _, r := range results {
			node := resultNode(r)
			if !slices.ContainsFunc(all.Content, func(said *yaml.Node) bool { return same(said, node) }) {
				all.Content = append(all.Content, node)
			}
		}
	}
	return encode(w, l.root)
}

// same says whether both nodes say the same; a result holds no lists.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := 0; i+1 < len(b.Content); i += 2 {
		value := Field(a, b.Content[i].Value)
		if value == nil || !same(value, b.Content[i+1]) {
			return false
		}
	}
	return true
}

// WriteDocuments writes the objects for which keep says so as plain YAML documents.
func (l *List) WriteDocuments(w io.Writer, keep func(*Item) bool) error {
	var documents []*yaml.Node
	for _, item := range l.Items {
		switch {
		case !keep(item):
		case item.document != nil:
			documents = append(documents, item.document)
		default:
			documents = append(documents, item.node)
		}
	}
	return encode(w, documents...)
}

func encode(w io.Writer, documents ...*yaml.Node) error {
	encoder := yaml.NewEncoder(w)
	for _, document := range documents {
		if err := encoder.Encode(document); err != nil {
			return err
		}
	}
	return encoder.Close()
}

// resultNode is one result in the form of the function specification, its fields in the specification's order.
func resultNode(r result.Result) *yaml.Node {
	node := mapping("message", text(r.Message), "severity", text(string(r.Severity)))
	if r.Resource.Kind != "" {
		ref := mapping("apiVersion", text(r.Resource.APIVersion), "kind", text(r.Resource.Kind), "name", text(r.Resource.Name))
		if r.Resource.Namespace != "" {
			ref.Content = append(ref.Content, text("namespace"), text(r.Resource.Namespace))
		}
		node.Content = append(node.Content, text("resourceRef"), ref)
	}
	if r.Field != "" {
		node.Content = append(node.Content, text("field"), mapping("path", text(r.Field)))
	}
	if r.File != "" {
		file := mapping("path", text(r.File))
		if r.FileIndex > 0 {
			file.Content = append(file.Content, text("index"), &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagInt, Value: strconv.Itoa(r.FileIndex)})
		}
		node.Content = append(node.Content, text("file"), file)
	}
	if r.Rule != "" {
		node.Content = append(node.Content, text("tags"), mapping("rule", text(r.Rule)))
	}
	return node
}

func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap}
	for i := 0; i < len(pairs); i += 2 {
		node.Content = append(node.Content, text(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return node
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: value}
}
