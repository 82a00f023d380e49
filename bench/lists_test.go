// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

const configuration = "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\nmetadata: {name: chat}\n"

// ours is an item that the function emitted.
const ours = "- apiVersion: v1\n  kind: Secret\n  metadata:\n    annotations:\n      " +
	"mattermost.bigbang.dev/owner: a/b\n"

func withOurs(list string) string {
	return strings.Replace(list, "functionConfig:", ours+"functionConfig:", 1)
}

func TestForeignItemsMustStayAsTheyAre(t *testing.T) {
	input := string(fntest.Foreign(5, configuration))
	for name, test := range map[string]struct {
		output  string
		ignored []string
		kept    bool
	}{
		"nothing changed":   {withOurs(input), nil, true},
		"a byte changed":    {withOurs(strings.Replace(input, "replicas: 2", "replicas: 3", 1)), nil, false},
		"a comment is gone": {strings.Replace(input, " # kpt-set: ${replicas}", "", 1), nil, false},
		"one is gone": {"apiVersion: v1\nkind: ResourceList\nitems:\n" + strings.Join(items([]byte(input))[1:], ""),
			nil, false},
		"two changed places": {
			"apiVersion: v1\nkind: ResourceList\nitems:\n" + strings.Join(reversed(items([]byte(input))), ""), nil, false},
		"a line is gone that does not count": {without(input, []string{ofKyaml}), []string{ofKyaml}, true},
		"a line is gone that counts":         {without(input, []string{ofKyaml}), nil, false},
	} {
		if err := keptForeign([]byte(input), []byte(test.output), test.ignored...); (err == nil) != test.kept {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func reversed(items []string) []string {
	slices.Reverse(items)
	return items
}

func TestItemsThatAreEmitted(t *testing.T) {
	input := fntest.Foreign(5, configuration)
	if got := emitted(input); got != 0 {
		t.Errorf("%d before", got)
	}
	if got := emitted([]byte(withOurs(string(input)))); got != 1 {
		t.Errorf("%d after", got)
	}
}

func TestDocument(t *testing.T) {
	want := "apiVersion: v1\nkind: Mine\ndata:\n  a: |\n    1\n\n    2\n"
	list := "apiVersion: v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Mine\n  data:\n    a: " +
		"|\n      1\n\n      2\n"
	if got := document(items([]byte(list))[0]); got != want {
		t.Errorf("%q", got)
	}
}

func TestMoreDocuments(t *testing.T) {
	if n, err := moreDocuments([]byte("a: 1\n---\na: 2\n"), []byte("a: 2\n---\na: 3\n---\na: 1\n")); n != 1 || err != nil {
		t.Error(n, err)
	}
	if _, err := moreDocuments([]byte("a: 1\n---\na: 2\n"), []byte("a: 1\n---\na: 3\n---\na: 4\n")); err == nil {
		t.Error("one that changed is not noticed")
	}
}
