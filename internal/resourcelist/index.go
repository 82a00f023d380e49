// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"hash/maphash"
	"iter"
)

// Index finds the items of a list by their identity, in any version of the API group.
type Index struct {
	items []*Item
	// first contains the index of the first item with a hash of kind, namespace and name; next that of the next item with
	// the same hash, or -1. A map with the ids themselves would take as much time as reading the list.
	first map[uint64]int32
	next  []int32
	seed  maphash.Seed
}

// NewIndex returns an index of the current items of a list. Items without a name cannot be found.
func NewIndex(list *List) *Index {
	x := &Index{
		items: list.Items, first: make(map[uint64]int32, len(list.Items)), next: make([]int32, len(list.Items)),
		seed: maphash.MakeSeed(),
	}
	for i := len(x.items) - 1; i >= 0; i-- { // backwards, so that the first of several is found first
		item := x.items[i]
		if item.Name == "" {
			continue
		}
		hash := x.hash(item.Kind, item.Namespace, item.Name)
		following, found := x.first[hash]
		if !found {
			following = -1
		}
		x.next[i], x.first[hash] = following, int32(i)
	}
	return x
}

func (x *Index) hash(kind, namespace, name string) uint64 {
	const odd = 0x9e3779b97f4a7c15 // so that equal parts do not cancel each other
	return (maphash.String(x.seed, kind)*odd^maphash.String(x.seed, namespace))*odd ^ maphash.String(x.seed, name)
}

// Find returns the first item with the given identity, or nil. Group is empty for the core group.
func (x *Index) Find(group, kind, namespace, name string) *Item {
	for item := range x.All(group, kind, namespace, name) {
		return item
	}
	return nil
}

// All returns the items with the given identity in order. Group is empty for the core group.
func (x *Index) All(group, kind, namespace, name string) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		i, found := x.first[x.hash(kind, namespace, name)]
		for ; found && i >= 0; i = x.next[i] {
			item := x.items[i]
			same := item.Name == name && item.Kind == kind && item.Namespace == namespace && item.Group() == group
			if same && !yield(item) {
				return
			}
		}
	}
}
