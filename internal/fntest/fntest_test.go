package fntest

import (
	"strings"
	"testing"
)

// The sizes are what the measurements are said to be of.
func TestObjectsAreOfTheSizeThatIsSaid(t *testing.T) {
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
			t.Errorf("%d: %d items", n, got)
		}
		before, after, found := strings.Cut(list, "\n- apiVersion: v1\n  kind: Mine\n")
		if !found || strings.Count(before, "\n- ") != n/2 || strings.Count(after, "\n- apiVersion: ") != n-n/2 {
			t.Errorf("%d: the configuration is not in the middle:\n%s", n, list)
		}
		if strings.Contains(list, "NUMBER") || strings.Contains(list, "annotations of the tool") {
			t.Errorf("%d: something is not filled in", n)
		}
	}
	if got, want := string(Foreign(0, "")), "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n"; got != want {
		t.Errorf("without anything: %q", got)
	}
}

func TestResourcesHaveNoAnnotationsOfATool(t *testing.T) {
	resources := string(Resources(8))
	if strings.Count(resources, "---\n") != 8 || strings.Contains(resources, "config.kubernetes.io") {
		t.Error(resources)
	}
}
