// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Names of allowed destinations are valid, unique, and the same in another order and with others next to them.
func TestNamesOfAllowedDestinations(t *testing.T) {
	long := strings.Repeat("a.", 120) + "example.com"
	elements := []string{
		"{host: Proxy.Example.com, port: 3128}", "{host: proxy.example.com, port: 443}",
		"{host: a-b.example.com, port: 1}", "{host: a.b.example.com, port: 1}", "{host: 10.1.2.3, port: 6514}",
		"{cidr: 10.0.0.0/8, port: 6514}", "{cidr: 'fd00::/8', port: 6514}", "{host: " + long + ", port: 443}",
	}
	names := func(elements []string) (found []string) {
		p, _ := resolve(t, "  domain: a.b\n  database: {host: db.example.com, password: p}\n"+
			"  networkPolicies: {enabled: true, allow: ["+strings.Join(elements, ", ")+"]}\n", nil)
		for _, d := range p.Destinations {
			name := d.ObjectName()
			if len(validation.IsDNS1123Label(name)) > 0 || slices.Contains(found, name) {
				t.Errorf("%q is no name, or not unique", name)
			}
			if d.Kind == DestinationAllowed {
				found = append(found, name)
			}
		}
		return found
	}
	first := names(elements)
	want := []string{
		"proxy-example-com-3128", "proxy-example-com-443", "a-b-example-com-1", "a-b-example-com-1-2", "10-1-2-3-6514",
		"10-0-0-0-8-6514", "fd00---8-6514",
	}
	if !slices.Equal(first[:7], want) || len(first[7]) > maxSlug || !strings.HasPrefix(first[7], "a-a-a-") {
		t.Errorf("got %q, want %q", first, want)
	}
	slices.Reverse(elements)
	again := names(append([]string{"{host: new.example.com, port: 443}"}, elements...))
	slices.Reverse(again)
	slices.Sort(first)
	again = again[:len(again)-1]
	slices.Sort(again)
	if !slices.Equal(again, first) {
		t.Errorf("in another order %q instead of %q", again, first)
	}
}
