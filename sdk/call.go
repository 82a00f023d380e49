// SPDX-License-Identifier: Apache-2.0

package sdk

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/fn"
)

// errRefused says that the results hold an error, because of which nothing may change.
var errRefused = errors.New("mattermost-fn changed nothing; the results say why")

// object is one object that the function returned.
type object struct {
	// item is the index of the item that it is, unchanged; -1 for an object that is new or changed.
	item int
	node *yaml.RNode
}

// call calls the function with items and a configuration, which may be empty, and changes neither. It returns the
// objects that there are now and the results, each as an R. With an error there are no objects.
func call[R any](items []*yaml.RNode, configuration *yaml.RNode) ([]object, []*R, error) {
	sent, err := encode(items, configuration)
	if err != nil {
		return nil, nil, fmt.Errorf("writing the objects: %w", err)
	}
	var out, messages bytes.Buffer
	code := fn.Run(bytes.NewReader(sent), &out, &messages)
	if code != 0 && bytes.Equal(out.Bytes(), sent) { // the list cannot be read, so that there is none for results
		return nil, nil, errors.New(strings.TrimPrefix(strings.TrimSpace(messages.String()), "error: "))
	}
	received, err := yaml.Parse(out.String())
	if err != nil {
		return nil, nil, fmt.Errorf("reading what the function returned: %w", err)
	}
	var results []*R
	if list := received.Field("results"); !list.IsNilOrEmpty() {
		if err := list.Value.YNode().Decode(&results); err != nil {
			return nil, nil, fmt.Errorf("reading the results: %w", err)
		}
	}
	if code != 0 {
		return nil, results, errRefused
	}
	objects, err := match(sent, received)
	return objects, results, err
}

// encode writes a ResourceList.
func encode(items []*yaml.RNode, configuration *yaml.RNode) ([]byte, error) {
	sequence := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range items {
		sequence.Content = append(sequence.Content, item.YNode())
	}
	list := yaml.NewMapRNode(&map[string]string{"apiVersion": kio.ResourceListAPIVersion, "kind": kio.ResourceListKind})
	if err := list.PipeE(yaml.SetField("items", yaml.NewRNode(sequence))); err != nil {
		return nil, err
	}
	if !configuration.IsNilOrEmpty() {
		if err := list.PipeE(yaml.SetField("functionConfig", configuration)); err != nil {
			return nil, err
		}
	}
	text, err := list.String()
	return []byte(text), err
}

// match finds the objects of the received list that are items of the sent one: what need not change, the function
// returns byte for byte.
func match(sent []byte, received *yaml.RNode) ([]object, error) {
	list, err := yaml.Parse(string(sent))
	if err != nil {
		return nil, err
	}
	_, texts, err := itemsOf(list)
	if err != nil {
		return nil, err
	}
	unmatched := map[string][]int{}
	for i, text := range texts {
		unmatched[text] = append(unmatched[text], i)
	}
	nodes, texts, err := itemsOf(received)
	if err != nil {
		return nil, err
	}
	var objects []object
	for i, text := range texts {
		item := -1
		if same := unmatched[text]; len(same) > 0 {
			item, unmatched[text] = same[0], same[1:]
		}
		objects = append(objects, object{item, nodes[i]})
	}
	return objects, nil
}

// itemsOf returns the items of a list, and each as text.
func itemsOf(list *yaml.RNode) ([]*yaml.RNode, []string, error) {
	items := list.Field("items")
	if items.IsNilOrEmpty() {
		return nil, nil, nil
	}
	nodes, err := items.Value.Elements()
	if err != nil {
		return nil, nil, err
	}
	var texts []string
	for _, node := range nodes {
		text, err := node.String()
		if err != nil {
			return nil, nil, err
		}
		texts = append(texts, text)
	}
	return nodes, texts, nil
}

// pick returns the items that the objects are. Convert makes an item of one that is new or changed.
func pick[T any](items []T, objects []object, convert func(*yaml.RNode) T) []T {
	var picked []T
	for _, object := range objects {
		if object.item >= 0 {
			picked = append(picked, items[object.item])
		} else {
			picked = append(picked, convert(object.node))
		}
	}
	return picked
}

// appendNew appends the results that are not among the known ones, as after a second run over the same list.
func appendNew[R any](known, results []*R) []*R {
	for _, result := range results {
		if !slices.ContainsFunc(known, func(other *R) bool { return reflect.DeepEqual(other, result) }) {
			known = append(known, result)
		}
	}
	return known
}
