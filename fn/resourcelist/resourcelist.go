// Package resourcelist reads and writes what the function is called with: a ResourceList, or plain YAML files.
//
// It is the only place that knows how items are stored. An item tells its type and name without being parsed further;
// who wants to look inside asks for its node.
package resourcelist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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

	node *yaml.RNode
}

// NewItem makes an item of a node.
func NewItem(node *yaml.RNode) *Item {
	item := &Item{node: node}
	item.APIVersion = scalar(node, "apiVersion")
	item.Kind = scalar(node, "kind")
	if metadata := node.Field("metadata"); metadata != nil {
		item.Name = scalar(metadata.Value, "name")
		item.Namespace = scalar(metadata.Value, "namespace")
		if annotations := metadata.Value.Field("annotations"); annotations != nil {
			item.File = scalar(annotations.Value, kioutil.PathAnnotation)
			if item.File == "" {
				item.File = scalar(annotations.Value, kioutil.LegacyPathAnnotation)
			}
			item.Index, _ = strconv.Atoi(scalar(annotations.Value, kioutil.IndexAnnotation))
		}
	}
	return item
}

func scalar(node *yaml.RNode, field string) string {
	if yaml.IsMissingOrNull(node) || node.YNode().Kind != yaml.MappingNode {
		return ""
	}
	value := node.Field(field)
	if value == nil || value.Value.YNode().Kind != yaml.ScalarNode {
		return ""
	}
	return value.Value.YNode().Value
}

// Node is the object itself. Changing it changes what is written.
func (i *Item) Node() *yaml.RNode { return i.node }

// IsLocalConfig says whether the object is for tools only and must not reach a cluster, as kpt reads the mark: any value
// but false.
func (i *Item) IsLocalConfig() bool {
	metadata := i.node.Field("metadata")
	if metadata == nil {
		return false
	}
	annotations := metadata.Value.Field("annotations")
	if annotations == nil {
		return false
	}
	mark := annotations.Value.Field("config.kubernetes.io/local-config")
	return mark != nil && mark.Value.YNode().Value != "false"
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

	apiVersion string
	passed     *yaml.RNode // results of earlier functions
}

// Read reads a ResourceList.
func Read(data []byte) (*List, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("standard input is empty; expected a ResourceList, as kustomize and kpt send it. To render a file: mattermost-fn render FILE")
	}
	reader := kio.ByteReader{Reader: bytes.NewReader(data), OmitReaderAnnotations: true}
	nodes, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("standard input is not readable YAML: %w", cause(err))
	}
	if reader.WrappingKind != kio.ResourceListKind || !strings.HasPrefix(reader.WrappingAPIVersion, "config.kubernetes.io/") {
		return nil, errors.New("standard input is not a ResourceList (config.kubernetes.io/v1), as kustomize and kpt send it. To render a file: mattermost-fn render FILE")
	}
	list := &List{apiVersion: reader.WrappingAPIVersion, passed: reader.Results}
	for i, node := range nodes {
		if node.YNode() == nil || node.YNode().Kind != yaml.MappingNode {
			return nil, fmt.Errorf("items[%d] of the ResourceList is not an object; every item must be a mapping", i)
		}
		list.Items = append(list.Items, NewItem(node))
	}
	if !yaml.IsMissingOrNull(reader.FunctionConfig) {
		list.FunctionConfig = NewItem(reader.FunctionConfig)
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
			return fmt.Errorf("%s: not readable YAML: %w", name, cause(err))
		}
		if yaml.IsYNodeEmptyDoc(&document) || document.Content[0].ShortTag() == yaml.NodeTagNull {
			continue
		}
		if document.Content[0].Kind != yaml.MappingNode {
			return fmt.Errorf("%s:%d: expected an object with apiVersion and kind", name, document.Content[0].Line)
		}
		item := NewItem(yaml.NewRNode(&document))
		item.File, item.Index, item.LinesAreOfFile = name, index, true
		l.Items = append(l.Items, item)
	}
}

// cause drops the stack that kyaml's errors carry.
func cause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
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

// Write writes the list as the ResourceList that it came in as, with results beside those that came with it.
func (l *List) Write(w io.Writer, results result.Results) error {
	nodes := make([]*yaml.RNode, len(l.Items))
	for i, item := range l.Items {
		nodes[i] = item.node
	}
	writer := kio.ByteWriter{
		Writer:                w,
		KeepReaderAnnotations: true,
		WrappingKind:          kio.ResourceListKind,
		WrappingAPIVersion:    l.apiVersion,
		Results:               l.resultNodes(results),
	}
	if l.FunctionConfig != nil {
		writer.FunctionConfig = l.FunctionConfig.node
	}
	return writer.Write(nodes)
}

// WriteDocuments writes the objects for which keep says so as plain YAML documents.
func (l *List) WriteDocuments(w io.Writer, keep func(*Item) bool) error {
	var nodes []*yaml.RNode
	for _, item := range l.Items {
		if keep(item) {
			nodes = append(nodes, item.node)
		}
	}
	return kio.ByteWriter{Writer: w, KeepReaderAnnotations: true}.Write(nodes)
}

// resultNodes is the results field: what came in, then ours.
func (l *List) resultNodes(results result.Results) *yaml.RNode {
	all := yaml.NewListRNode()
	if !yaml.IsMissingOrNull(l.passed) {
		all.YNode().Content = append(all.YNode().Content, l.passed.Content()...)
	}
	for _, r := range results {
		all.YNode().Content = append(all.YNode().Content, resultNode(r))
	}
	if len(all.Content()) == 0 {
		return nil
	}
	return all
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
