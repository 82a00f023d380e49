// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"bytes"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/resourcelist/scan"
)

// readLines divides a parsed ResourceList in block style into the lines of its fields and items, so that unchanged
// items are written as they were read. It returns nil if the list is in another style, such as JSON, or is not valid.
func readLines(text []byte, root *yaml.Node) *List {
	complete := text[len(text)-1] == '\n'
	if !complete {
		text = append(text[:len(text):len(text)], '\n')
	}
	lines := lineOffsets(text)
	list := &List{}
	seen := map[string]bool{}
	if root.Kind != yaml.MappingNode || root.Style&yaml.FlowStyle != 0 || root.Anchor != "" {
		return nil
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		begin, end := 0, len(text)
		if i > 0 {
			begin = lines[commentsBefore(text, lines, name.Line, root.Column)]
		}
		if i+2 < len(root.Content) {
			end = lines[commentsBefore(text, lines, root.Content[i+2].Line, root.Column)]
		}
		if seen[name.Value] || name.Column != root.Column || name.Kind != yaml.ScalarNode || begin >= end {
			return nil
		}
		seen[name.Value] = true
		field := scan.Field{Name: name.Value, Text: text[begin:end:end], Value: Text(value)}
		list.fields = append(list.fields, field)
		switch name.Value {
		case "items":
			if !list.readItems(text, lines, value, begin, end) {
				return nil
			}
		case "functionConfig":
			if value.Kind != yaml.MappingNode {
				return nil
			}
			list.FunctionConfig = NewItem(value)
		}
	}
	if !seen["items"] {
		return nil
	}
	if last := list.fields[len(list.fields)-1].Name; last == "items" && !complete {
		list.Items[len(list.Items)-1].Changed() // the line feed may become a part of its last value
	}
	return list
}

// readItems divides the field items, which has the given offsets, into its items.
func (l *List) readItems(text []byte, lines []int, items *yaml.Node, begin, end int) bool {
	if items.Kind != yaml.SequenceNode || items.Style&yaml.FlowStyle != 0 || len(items.Content) == 0 ||
		items.Anchor != "" {
		return false
	}
	l.indentation = items.Column - 1
	var begins []int
	for _, node := range items.Content {
		line := dashBefore(text, lines, node.Line, l.indentation)
		if node.Kind != yaml.MappingNode || line < 0 {
			return false
		}
		at := lines[commentsBefore(text, lines, line+1, l.indentation+1)]
		if at <= begin || len(begins) > 0 && at <= begins[len(begins)-1] {
			return false
		}
		begins = append(begins, at)
	}
	l.header = text[begin:begins[0]:begins[0]]
	for i, node := range items.Content {
		to := end
		if i+1 < len(begins) {
			to = begins[i+1]
		}
		item := NewItem(node)
		item.text = text[begins[i]:to:to]
		l.Items = append(l.Items, item)
		inside := map[*yaml.Node]bool{}
		l.shared = l.shared || !closed(node, inside)
	}
	return true
}

// lineOffsets returns the offsets at which the lines of a text begin, and its length. It counts lines as the YAML
// library does, for which other characters than line feeds end a line too.
func lineOffsets(text []byte) []int {
	offsets := []int{0}
	for i := 0; i < len(text); i++ {
		width := 0
		switch {
		case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
			width = 2
		case text[i] == '\n', text[i] == '\r':
			width = 1
		case bytes.HasPrefix(text[i:], []byte("\u0085")):
			width = 2
		case bytes.HasPrefix(text[i:], []byte("\u2028")), bytes.HasPrefix(text[i:], []byte("\u2029")):
			width = 3
		}
		if width > 0 {
			offsets = append(offsets, i+width)
			i += width - 1
		}
	}
	return offsets
}

// commentsBefore returns the index of the first of the comments directly before a line (counted from 1) that begin in
// the given column (counted from 1) or before it, or the index of the line. No value contains such lines.
func commentsBefore(text []byte, lines []int, line, column int) int {
	index := line - 1
	for index > 0 {
		before := text[lines[index-1]:lines[index]]
		spaces := indentation(before)
		if spaces >= column || spaces == len(before) || before[spaces] != '#' {
			break
		}
		index--
	}
	return index
}

// dashBefore returns the index of the line with the dash of an item whose contents begin in a line (counted from 1). It
// returns -1 if there is none.
func dashBefore(text []byte, lines []int, line, indent int) int {
	for index := line - 1; index >= 0; index-- {
		candidate := text[lines[index]:]
		if spaces := indentation(candidate); spaces == indent && len(candidate) > spaces && candidate[spaces] == '-' {
			return index
		}
	}
	return -1
}
