// SPDX-License-Identifier: Apache-2.0

package resourcelist

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

func TestExpand(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{"nothing to expand", "a: &x 1\nb: 2\n", "a: &x 1\nb: 2\n"},
		{"an alias keeps its own comment", "a: &x 1 # one\nb: *x # another\n", "a: &x 1 # one\nb: 1 # another\n"},
		{"an alias as a field name", "a: &x k\nb: {*x : 1}\n", "a: &x k\nb: {k: 1}\n"},
		{"anchors inside a copied node", "a: &x {b: &y 1}\nc: *x\nd: *y\n", "a: &x {b: &y 1}\nc: {b: 1}\nd: 1\n"},
		{"aliases inside a copied node", "a: &x 1\nb: &y [*x]\nc: *y\n", "a: &x 1\nb: &y [1]\nc: [1]\n"},
		{"a merge key", "a: &x {k: 1, l: 1}\nb: {<<: *x, l: 2}\n", "a: &x {k: 1, l: 1}\nb: {l: 2, k: 1}\n"},
		{"the first of several merged mappings wins", "a: &x {k: 1}\nb: &y {k: 2, l: 2}\nc: {<<: [*x, *y]}\n",
			"a: &x {k: 1}\nb: &y {k: 2, l: 2}\nc: {k: 1, l: 2}\n"},
		{"a merge key whose value is not a mapping", "a: &x 1\nb: {<<: *x, l: 2}\n", "a: &x 1\nb: {l: 2}\n"},
		{"an alias to an enclosing anchor is kept: no reader accepts it", "a: &x {b: [*x], c: &y [*y], d: *y}\n",
			"a: &x {b: [*x], c: &y [*y], d: [*y]}\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := parsed(t, test.before)
			Expand(node)
			if got := yaml.NewRNode(node).MustString(); got != test.after {
				t.Errorf("got\n%s\nwant\n%s", got, test.after)
			}
		})
	}
}

func parsed(t *testing.T, text string) *yaml.Node {
	t.Helper()
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return node.YNode()
}

func TestExpandIsBounded(t *testing.T) {
	text := "a0: &a0 [lol]\n"
	for i := 1; i < 12; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i,
			strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	node := parsed(t, text)
	start := fntest.CPUTime()
	Expand(node)
	if spent := fntest.CPUTime() - start; spent > time.Minute {
		t.Errorf("took %v of CPU", spent)
	}
}
