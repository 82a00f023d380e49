package transformers

import "bigbang.dev/mattermost-fn/internal/resourcelist"

// State is what a run did to an object that a configuration asks for, or asked for once.
type State string

// The states of objects. What no configuration has to do with has none.
const (
	// Added is new in the list.
	Added State = "added"
	// Changed is one of ours that was brought up to date, or passed to another configuration.
	Changed State = "changed"
	// Unchanged has everything already: one of ours, or somebody's own.
	Unchanged State = "unchanged"
	// Patched is somebody's own that our fields were laid over.
	Patched State = "patched"
	// Removed is one of ours that nobody asks for any more; it is no longer in the list.
	Removed State = "removed"
)

// Change is an object and what became of it.
type Change struct {
	Item  *resourcelist.Item
	State State
}

// States returns what became of each object, in the order in which it happened. It is complete after Finish.
func (c *Changes) States() []Change { return c.states }

func (c *Changes) record(item *resourcelist.Item, state State) {
	c.states = append(c.states, Change{item, state})
}
