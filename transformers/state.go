// SPDX-License-Identifier: Apache-2.0

package transformers

import "bigbang.dev/mattermost-fn/internal/resourcelist"

// State describes what a run did to an object that a configuration needs or needed before.
type State string

// The states of objects. An object that no configuration needs or needed has no state.
const (
	// Added means that the object is new in the list.
	Added State = "added"
	// Changed means that a managed object was updated, or transferred to another configuration.
	Changed State = "changed"
	// Unchanged means that the object, managed or a user's, already has all generated fields.
	Unchanged State = "unchanged"
	// Patched means that the generated fields were merged into a user's object.
	Patched State = "patched"
	// Retained means that no configuration needs a managed object any more, and that it was kept because of its data. It
	// belongs to the user now.
	Retained State = "retained"
	// Removed means that no configuration needs a managed object any more; it is no longer in the list.
	Removed State = "removed"
)

// Change is an object and its state.
type Change struct {
	Item  *resourcelist.Item
	State State
}

// States returns the state of each object, in the order in which the states were determined. The result is complete
// after Finish.
func (c *Changes) States() []Change { return c.states }

func (c *Changes) record(item *resourcelist.Item, state State) {
	c.states = append(c.states, Change{item, state})
}
