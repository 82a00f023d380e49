// SPDX-License-Identifier: Apache-2.0

// Package resourcelist reads and writes the input and output of the function: a ResourceList, or plain YAML files.
//
// Only this package depends on how items are stored. The type and name of an item are known without parsing it;
// Item.Node parses it.
package resourcelist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/resourcelist/scan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// List contains the input objects of the function, and later its output.
type List struct {
	// Items contains all objects in the order of the input.
	Items []*Item
	// FunctionConfig is the functionConfig of the ResourceList, or nil.
	FunctionConfig *Item
	// Directory is the directory that was read, which contains the files of the items and of new objects; empty unless a
	// directory was read. Items whose File is not below it were read in addition.
	Directory string

	// fields contains the fields of a ResourceList in block style, and header the lines of the field items before the
	// first one. In any other style, root is the root of the list.
	fields []scan.Field
	header []byte
	root   *yaml.Node
	// input is the list as it was read.
	input []byte
	// indentation is the number of spaces before the dash of an item.
	indentation int
	// shared is true if items contain aliases to anchors of other items.
	shared bool
}

// maxUnusual limits the size of a ResourceList that must be parsed as a whole, in bytes: parsing takes a second per
// five million bytes, and seventy times the memory. The output of kustomize and kpt is scanned instead, without a
// limit.
const maxUnusual = 16 << 20

const expected = "as kustomize and kpt send it. To render a file: mattermost-fn render FILE"

// Read reads a ResourceList. The list refers to the text. Errors are messages about standard input.
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
		list.input = text
		findRoot(list.Items)
		return list, nil
	case len(text) > maxUnusual && errors.Is(err, errNoList):
		return nil, err
	case len(text) > maxUnusual:
		return nil, fmt.Errorf("standard input is too large for its YAML style (%d MB): %w; "+
			"input over %d MB must have the block style that kustomize and kpt write", len(text)>>20, err, maxUnusual>>20)
	}
	list, err = readNodes(text)
	if err == nil {
		list.input = text
	}
	return list, err
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

// assemble returns a list of scanned objects. It fails if an ambiguous object is invalid YAML.
func assemble(pieces *scan.List) (*List, error) {
	if !isResourceList(valueOf(pieces.Fields, "apiVersion"), valueOf(pieces.Fields, "kind")) {
		return nil, errNoList
	}
	list := &List{fields: pieces.Fields, header: pieces.Header, Items: make([]*Item, len(pieces.Items))}
	items := make([]Item, len(pieces.Items))
	unusual := 0
	for i := range pieces.Items {
		if pieces.Items[i].Unusual {
			if unusual += len(pieces.Items[i].Text); unusual > maxUnusual {
				return nil, errors.New("objects with anchors, tags, tabs, or values in flow or plain style over several lines")
			}
		}
		list.Items[i] = &items[i]
		if err := items[i].read(&pieces.Items[i]); err != nil {
			return nil, err
		}
	}
	if pieces.FunctionConfig != nil {
		list.FunctionConfig = &Item{}
		return list, list.FunctionConfig.read(pieces.FunctionConfig)
	}
	return list, nil
}

func isResourceList(apiVersion, kind string) bool {
	return kind == kio.ResourceListKind && strings.HasPrefix(apiVersion, "config.kubernetes.io/")
}

// readNodes reads a ResourceList in any YAML style.
func readNodes(data []byte) (*List, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("standard input is not valid YAML: %s", reason(data, err))
	}
	root := &document
	if len(document.Content) > 0 {
		root = document.Content[0]
	}
	if !isResourceList(Text(Field(root, "apiVersion")), Text(Field(root, "kind"))) {
		return nil, errNoList
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("standard input has content after the ResourceList; expected one ResourceList, " + expected)
	}
	if list := readLines(data, root); list != nil {
		return list, nil
	}
	if err := checkComplete(root); err != nil {
		return nil, err
	}
	list := &List{root: root}
	items := Field(root, "items")
	switch {
	case items == nil:
		items = &yaml.Node{Kind: yaml.SequenceNode}
		root.Content = append(root.Content, stringNode("items"), items)
	case items.ShortTag() == yaml.NodeTagNull:
		*items = yaml.Node{Kind: yaml.SequenceNode}
	case items.Kind != yaml.SequenceNode:
		return nil, errors.New("items of the ResourceList must be a list")
	}
	for i, node := range items.Content {
		if node.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("items[%d] of the ResourceList must be an object", i)
		}
		list.Items = append(list.Items, NewItem(node))
	}
	switch config := Field(root, "functionConfig"); {
	case config == nil || config.ShortTag() == yaml.NodeTagNull:
	case config.Kind == yaml.MappingNode:
		list.FunctionConfig = NewItem(config)
	default:
		return nil, errors.New("functionConfig of the ResourceList must be an object")
	}
	findRoot(list.Items)
	return list, nil
}

// checkComplete rejects a list that cannot be rewritten without loss: duplicate fields, and aliases to anchors in other
// objects.
func checkComplete(root *yaml.Node) error {
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i].Value, root.Content[i+1]
		if seen[name] {
			return fmt.Errorf("duplicate field %s of the ResourceList; keep one of the two", name)
		}
		seen[name] = true
		objects := []*yaml.Node{value}
		if name == "items" && value.Kind == yaml.SequenceNode {
			objects = value.Content
		}
		for n, object := range objects {
			if inside := map[*yaml.Node]bool{}; !closed(object, inside) {
				return fmt.Errorf("%s[%d] of the ResourceList contains an alias (*) to an anchor (&) in another object; "+
					"replace it with the value", name, n)
			}
		}
	}
	return nil
}

// closed reports whether all aliases of an object refer to anchors in the same object. Inside contains the visited
// nodes.
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

// addNodes adds a node and all nodes in it to a set.
func addNodes(node *yaml.Node, set map[*yaml.Node]bool) {
	set[node] = true
	for _, child := range node.Content {
		addNodes(child, set)
	}
}

// closedIn reports whether all aliases of an object refer to the given nodes.
func closedIn(node *yaml.Node, known map[*yaml.Node]bool) bool {
	if node.Kind == yaml.AliasNode {
		return known[node.Alias]
	}
	return !slices.ContainsFunc(node.Content, func(child *yaml.Node) bool { return !closedIn(child, known) })
}

// Problems returns an error for each object whose node was requested and that is invalid YAML.
func (l *List) Problems() result.Results {
	var problems result.Results
	for _, item := range append(l.Items[:len(l.Items):len(l.Items)], l.FunctionConfig) {
		if item != nil && item.problem != nil {
			problems = append(problems, result.Result{
				Severity: result.Error, Resource: item.Resource(), File: item.Path(), FileIndex: item.Index,
				Message: item.problem.Error(),
			})
		}
	}
	return problems
}

// ReadFile adds the objects of a YAML file to the list, with the name of the file and line numbers of the file. The
// error is a *FileError.
func (l *List) ReadFile(name string, data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for index := 0; ; index++ {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			line, message := explainSyntax(data, err)
			return &FileError{name, line, "not valid YAML: " + message}
		}
		if len(document.Content) == 0 || document.Content[0].ShortTag() == yaml.NodeTagNull {
			continue
		}
		object := document.Content[0]
		if object.Kind != yaml.MappingNode {
			return &FileError{name, object.Line, "expected an object with apiVersion and kind; a configuration begins " +
				"with apiVersion: " + v1alpha1.APIVersion}
		}
		item := NewItem(object)
		item.document, item.File, item.Index, item.LinesAreOfFile = &document, name, index, true
		l.Items = append(l.Items, item)
	}
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
