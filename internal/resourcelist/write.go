// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/result"
)

// Pieces is output in several parts.
type Pieces [][]byte

// Write writes all parts.
func (p Pieces) Write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	for _, piece := range p {
		out.Write(piece)
	}
	return out.Flush()
}

// Encode encodes the ResourceList that was read, or a new one, with the current items, and adds results to the existing
// ones. Unchanged items are byte for byte as they were read. It returns the whole output before anything is written: a
// list that is cut off by an error would lose objects.
func (l *List) Encode(results result.Results) (Pieces, error) {
	if l.root != nil {
		return l.encodeNodes(results)
	}
	items, err := l.encodeItems()
	if err != nil {
		return nil, err
	}
	addedResults, err := l.encodeResults(results)
	if err != nil {
		return nil, err
	}
	var text Pieces
	if len(l.fields) == 0 {
		text = Pieces{[]byte("apiVersion: " + kio.ResourceListAPIVersion + "\nkind: " + kio.ResourceListKind + "\n")}
	}
	for _, field := range l.fields {
		switch field.Name {
		case "items":
			text, items = append(text, items...), nil
		case "results":
			text, addedResults = append(text, addedResults), nil
		default:
			text = append(text, field.Text)
		}
	}
	return append(append(text, items...), addedResults), nil
}

// Restore returns the list as it was read, with results added after the existing ones. A list in another style than
// block style has no place for results and is returned without them.
func (l *List) Restore(results result.Results) (Pieces, error) {
	if l.root != nil {
		return Pieces{l.input}, nil
	}
	addedResults, err := l.encodeResults(results)
	if err != nil {
		return nil, err
	}
	before := 0
	for _, field := range l.fields {
		if field.Name == "results" {
			after := before + len(field.Text)
			return Pieces{l.input[:before], addedResults, l.input[after:]}, nil
		}
		before += len(field.Text)
	}
	if len(addedResults) > 0 && !bytes.HasSuffix(l.input, []byte("\n")) {
		addedResults = append([]byte("\n"), addedResults...)
	}
	return Pieces{l.input, addedResults}, nil
}

func (l *List) encodeItems() (Pieces, error) {
	if len(l.Items) == 0 {
		return Pieces{[]byte("items: []\n")}, nil
	}
	text := make(Pieces, 0, 1+len(l.Items))
	if text = append(text, l.header); len(l.header) == 0 {
		text[0] = []byte("items:\n")
	}
	l.separate()
	for _, item := range l.Items {
		piece, err := item.asElement(l.indentation)
		if err != nil {
			return nil, err
		}
		text = append(text, piece)
	}
	return text, nil
}

// separate expands aliases to anchors of items that changed or were removed, whose text no longer contains the anchors.
func (l *List) separate() {
	if !l.shared {
		return
	}
	written := map[*yaml.Node]bool{}
	if l.FunctionConfig != nil {
		addNodes(l.FunctionConfig.Node(), written)
	}
	for _, item := range l.Items {
		if item.text == nil {
			continue
		}
		addNodes(item.node, written)
		if !closedIn(item.node, written) {
			Expand(item.node)
			item.Changed()
		}
	}
}

// encodeResults encodes the field results with the given results added.
func (l *List) encodeResults(results result.Results) ([]byte, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, field := range l.fields {
		if field.Name != "results" {
			continue
		}
		if len(results) == 0 {
			return field.Text, nil
		}
		before, err := parseAny(field.Text)
		if err != nil {
			return nil, fmt.Errorf("the results of previous functions are not valid YAML: %s", reason(field.Text, err))
		}
		if before.Kind == yaml.SequenceNode {
			list, list.Style = before, 0
		}
	}
	if len(results) == 0 {
		return nil, nil
	}
	addResults(list, results)
	return encode(mapping("results", list))
}

// encodeNodes encodes a list that was parsed.
func (l *List) encodeNodes(results result.Results) (Pieces, error) {
	items := Field(l.root, "items")
	items.Content = make([]*yaml.Node, len(l.Items))
	for i, item := range l.Items {
		items.Content[i] = item.Node()
	}
	l.root.Style, items.Style = 0, 0 // JSON input would otherwise be written on one line
	if len(results) > 0 {
		all := Field(l.root, "results")
		if all == nil {
			all = &yaml.Node{}
			l.root.Content = append(l.root.Content, stringNode("results"), all)
		}
		if all.Kind != yaml.SequenceNode {
			*all = yaml.Node{Kind: yaml.SequenceNode}
		}
		addResults(all, results)
	}
	whole, err := encode(l.root)
	return Pieces{whole}, err
}

// WriteDocuments writes the objects for which keep returns true as plain YAML documents.
func (l *List) WriteDocuments(w io.Writer, keep func(*Item) bool) error {
	out := bufio.NewWriter(w)
	first := true
	for _, item := range l.Items {
		if !keep(item) {
			continue
		}
		text, err := item.asDocument()
		if err != nil {
			return err
		}
		if !first {
			out.WriteString("---\n")
		}
		first = false
		out.Write(text)
	}
	return out.Flush()
}

// asElement returns the item as an element of a list, with the given indentation.
func (i *Item) asElement(indent int) ([]byte, error) {
	switch {
	case i.text != nil:
		return i.text, nil
	case i.manifest != nil:
		return indented(asElement(i.manifest), indent), nil
	}
	text, err := encode(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{i.node}})
	return indented(text, indent), err
}

// indented returns a text with spaces before each line that is not empty.
func indented(text []byte, indent int) []byte {
	if indent == 0 {
		return text
	}
	var out []byte
	for line := range bytes.Lines(text) {
		if len(line) > 1 {
			out = append(out, strings.Repeat(" ", indent)...)
		}
		out = append(out, line...)
	}
	return out
}

// asDocument returns the item as a document.
func (i *Item) asDocument() ([]byte, error) {
	switch {
	case i.manifest != nil:
		return i.manifest, nil
	case i.document != nil:
		return encode(i.document)
	}
	return encode(i.Node())
}

// asElement indents a document to make it an element of a list.
func asElement(document []byte) []byte {
	out := make([]byte, 0, len(document)+len(document)/8)
	indent := "- "
	for line := range bytes.Lines(document) {
		if len(line) > 1 {
			out = append(out, indent...)
		}
		out = append(out, line...)
		indent = "  "
	}
	return out
}

// encode encodes a node. The library does not write every folded scalar so that it is read with the same value
// (yaml/go-yaml issue 337), so those of several lines become literal.
func encode(node *yaml.Node) ([]byte, error) {
	unfold(node)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	if err := encoder.Encode(node); err != nil {
		return nil, err
	}
	err := encoder.Close()
	return out.Bytes(), err
}

// unfold makes folded scalars literal, except those of a single line.
func unfold(node *yaml.Node) {
	if node.Style&yaml.FoldedStyle != 0 && strings.Contains(strings.TrimSuffix(node.Value, "\n"), "\n") {
		node.Style = node.Style&^yaml.FoldedStyle | yaml.LiteralStyle
	}
	for _, child := range node.Content {
		unfold(child)
	}
}
