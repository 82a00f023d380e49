// SPDX-License-Identifier: Apache-2.0

package nearest

import "testing"

func TestNearest(t *testing.T) {
	sso := []string{"authEndpoint", "ca", "clientID", "clientSecret", "enabled", "issuerURL", "provider", "scope"}
	modes := []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	for _, test := range []struct {
		name, input string
		candidates  []string
		want        string
	}{
		{"an exact match", "scope", sso, "scope"},
		{"another case", "IssuerUrl", sso, "issuerURL"},
		{"underscores", "client_id", sso, "clientID"},
		{"hyphens", "auth-endpoint", sso, "authEndpoint"},
		{"hyphens in the candidate", "verifyfull", modes, "verify-full"},
		{"a letter omitted", "requre", modes, "require"},
		{"a letter added", "scopee", sso, "scope"},
		{"a letter replaced", "prefar", modes, "prefer"},
		{"two letters swapped", "enabeld", sso, "enabled"},
		{"a long name may differ by a third", "clientSekrit", sso, "clientSecret"},
		{"the closest of several candidates", "clientIDs", sso, "clientID"},
		{"too far", "password", sso, ""},
		{"a short name without a common letter", "tz", sso, ""},
		{"half of a short name", "foo", []string{"pod"}, ""},
		{"half of four letters", "port", []string{"host"}, ""},
		{"one of three letters", "pob", []string{"pod"}, "pod"},
		{"two of five letters", "ruote", []string{"route"}, "route"},
		{"an empty name", "", sso, ""},
		{"no candidates", "scope", nil, ""},
		{"the first of two with the same distance", "cat", []string{"cut", "cot"}, "cut"},
		{"letters outside ASCII count as one", "größe", []string{"grösse", "länge"}, "grösse"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Nearest(test.input, test.candidates); got != test.want {
				t.Errorf("Nearest(%q) = %q, want %q", test.input, got, test.want)
			}
		})
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1},
		{"abcd", "badc", 2},
		{"ca", "abc", 3}, // 2 in the unrestricted form
		{"kitten", "sitting", 3},
	} {
		if got := distance([]rune(test.a), []rune(test.b)); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if back := distance([]rune(test.b), []rune(test.a)); back != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d as in the other direction", test.b, test.a, back, test.want)
		}
	}
}
