// SPDX-License-Identifier: Apache-2.0

package fntest

import (
	"strings"
	"testing"
)

// The objects have the documented size, to which the documented measurements refer.
func TestObjectsHaveTheDocumentedSize(t *testing.T) {
	for i := range 8 {
		if size := len(item(object(i, true))); size < 1_900 || size > 2_400 {
			t.Errorf("object %d has %d bytes", i, size)
		}
	}
}

func TestForeign(t *testing.T) {
	for _, n := range []int{0, 1, 10} {
		list := string(Foreign(n, "apiVersion: v1\nkind: Mine\nmetadata: {name: mine}\n"))
		if got := strings.Count(list, "\n- apiVersion: "); got != n+1 {
			t.Errorf("%d: got %d items, want %d", n, got, n+1)
		}
		before, after, found := strings.Cut(list, "\n- apiVersion: v1\n  kind: Mine\n")
		if !found || strings.Count(before, "\n- ") != n/2 || strings.Count(after, "\n- apiVersion: ") != n-n/2 {
			t.Errorf("%d: the configuration is not in the middle:\n%s", n, list)
		}
		if strings.Contains(list, "NUMBER") || strings.Contains(list, "METADATA") || strings.Contains(list, "# ANNOTATIONS") {
			t.Errorf("%d: a placeholder was not replaced", n)
		}
	}
	if got, want := string(Foreign(0, "")), "apiVersion: config.kubernetes.io/v1\nkind: "+
		"ResourceList\nitems: []\n"; got != want {
		t.Errorf("without objects and configuration: got %q, want %q", got, want)
	}
}

func TestResourcesHaveNoAnnotationsOfKpt(t *testing.T) {
	resources := string(Resources(8))
	if strings.Count(resources, "---\n") != 8 || strings.Contains(resources, "config.kubernetes.io") {
		t.Error(resources)
	}
}
