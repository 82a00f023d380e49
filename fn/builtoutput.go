// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"bigbang.dev/mattermost-fn/internal/builtoutput"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

// CheckOutput checks the objects of the list that mattermost-fn emitted and another program changed afterwards, such as
// kustomize: whether they still fit together. It needs no configuration, and changes nothing.
func CheckOutput(list *List) Results {
	items := append([]*resourcelist.Item(nil), list.list.Items...)
	return exported(limit(builtoutput.Check(items)))
}

// IsEmitted reports whether mattermost-fn emitted the object.
func (o Object) IsEmitted() bool { return builtoutput.IsEmitted(o.item) }
