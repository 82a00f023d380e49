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
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist/scan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// List is what the function works on.
type List struct {
	// Items are all objects, in the order in which they came.
	Items []*Item
	// FunctionConfig is the configuration that the host singles out; nil where there is none.
	FunctionConfig *Item
	// Directory is where items are kept in the files that they name, and where new ones go; empty unless a directory was
	// read. Items whose File is not below it were read in addition.
	Directory string

	// fields are those of the ResourceList as they came, of one that was taken apart; root is the whole of one that was
	// parsed.
	fields []scan.Field
	root   *yaml.Node
}

// maxUnusual bounds what is parsed as a whole, in bytes: it takes a second for each five million, and seventy times the
// memory. What kustomize and kpt write is taken apart instead, whatever its size.
const maxUnusual = 16 << 20

const expected = "as kustomize and kpt send it. To render a file: mattermost-fn render FILE"

// Read reads a ResourceList. The list refers to the text.
func Read(text []byte) (*List, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("standard input is empty; expected a ResourceList, " + expected)
	}
	pieces, err := scan.Read(text)
	var list *List
	if err == nil {
		list, err = assemble(pieces)
	}
	switch {
	case err == nil:
		return list, nil
	case len(text) > maxUnusual && err == errNoList:
		return nil, err
	case len(text) > maxUnusual:
		return nil, fmt.Errorf("standard input is too large to be read as it is written: %d MB, and %w. Up to %d MB are read in any form of YAML, which is slow, and more only in the plain form that kustomize and kpt write", len(text)>>20, err, maxUnusual>>20)
	}
	return readNodes(text)
}

var errNoList = errors.New("standard input is not a ResourceList (config.kubernetes.io/v1), " + expected)

func valueOf(fields []scan.Field, name string) string {
	for _, field := range fields {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}

// assemble makes a list of the pieces of a text. It fails where an object cannot be read that has to be, to know what it is.
func assemble(pieces *scan.List) (*List, error) {
	if !isResourceList(valueOf(pieces.Fields, "apiVersion"), valueOf(pieces.Fields, "kind")) {
		return nil, errNoList
	}
	list := &List{fields: pieces.Fields, Items: make([]*Item, len(pieces.Items))}
	var err error
	for i := range pieces.Items {
		if list.Items[i], err = itemOf(&pieces.Items[i]); err != nil {
			return nil, err
		}
	}
	if pieces.FunctionConfig != nil {
		list.FunctionConfig, err = itemOf(pieces.FunctionConfig)
	}
	return list, err
}

func isResourceList(apiVersion, kind string) bool {
	return kind == kio.ResourceListKind && strings.HasPrefix(apiVersion, "config.kubernetes.io/")
}

// readNodes reads a ResourceList in whatever form of YAML it is.
func readNodes(data []byte) (*List, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("standard input is not readable YAML: %s", reason(err))
	}
	root := &document
	if len(document.Content) > 0 {
		root = document.Content[0]
	}
	if !isResourceList(Text(Field(root, "apiVersion")), Text(Field(root, "kind"))) {
		return nil, errNoList
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("standard input goes on after the ResourceList; expected one ResourceList, " + expected)
	}
	if err := checkComplete(root); err != nil {
		return nil, err
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

// checkComplete rejects a list that cannot be rewritten without loss: duplicate fields, and aliases to anchors in other
// objects.
func checkComplete(root *yaml.Node) error {
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i].Value, root.Content[i+1]
		if seen[name] {
			return fmt.Errorf("the field %s of the ResourceList stands twice; keep one", name)
		}
		seen[name] = true
		objects := []*yaml.Node{value}
		if name == "items" && value.Kind == yaml.SequenceNode {
			objects = value.Content
		}
		for n, object := range objects {
			if inside := map[*yaml.Node]bool{}; !closed(object, inside) {
				return fmt.Errorf("%s[%d] of the ResourceList holds an alias (*) to an anchor (&) in another object; write out what it stands for", name, n)
			}
		}
	}
	return nil
}

// closed says whether the aliases of an object are to its own anchors. Inside are the nodes that were seen.
func closed(node *yaml.Node, inside map[*yaml.Node]bool) bool {
	inside[node] = true
	if node.Kind == yaml.AliasNode {
		return inside[node.Alias]
	}
	for _, child := range node.Content {
		if !closed(child, inside) {
			return false
		}
	}
	return true
}

// Problems are the objects that could not be read when somebody asked for their node.
func (l *List) Problems() result.Results {
	var problems result.Results
	for _, item := range append(l.Items[:len(l.Items):len(l.Items)], l.FunctionConfig) {
		if item != nil && item.problem != nil {
			problems = append(problems, result.Result{
				Severity: result.Error, Resource: item.Resource(), File: item.File, FileIndex: item.Index, Message: item.problem.Error(),
			})
		}
	}
	return problems
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
