// SPDX-License-Identifier: Apache-2.0

package kubelet_test

import (
	"testing"

	"bigbang.dev/mattermost-fn/internal/kubelet"
)

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "",
		"plain":              "plain",
		"US$":                "US$",
		"^a$|b":              "^a$|b",
		"${MM_CONFIG%%\\?*}": "${MM_CONFIG%%\\?*}",
		"US$$":               "US$$$",
		"$$$":                "$$$$$",
		"see $(MM_CONFIG)":   "see $$(MM_CONFIG)",
		"$$(MM_CONFIG)":      "$$$$(MM_CONFIG)",
		"$(":                 "$$(",
		"$()":                "$$()",
		"é$(ü)":              "é$$(ü)",
	} {
		got := kubelet.Escape(text)
		if got != want {
			t.Errorf("Escape(%q) = %q, want %q", text, got, want)
		}
		if back, ok := kubelet.Literal(got); back != text || !ok {
			t.Errorf("Literal(%q) = %q, %t, want %q", got, back, ok, text)
		}
	}
}

func TestLiteral(t *testing.T) {
	for text, want := range map[string]struct {
		literal string
		ok      bool
	}{
		"US$":              {"US$", true},
		"US$$":             {"US$", true},
		"$$(MM_CONFIG)":    {"$(MM_CONFIG)", true},
		"$$$(MM_CONFIG)":   {"", false},
		"see $(MM_CONFIG)": {"", false},
		"see $(MM_CONFIG":  {"see $(MM_CONFIG", true},
	} {
		if literal, ok := kubelet.Literal(text); literal != want.literal || ok != want.ok {
			t.Errorf("Literal(%q) = %q, %t, want %q, %t", text, literal, ok, want.literal, want.ok)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a$$(b)$")
	f.Fuzz(func(t *testing.T, text string) {
		if back, ok := kubelet.Literal(kubelet.Escape(text)); back != text || !ok {
			t.Errorf("%q comes back as %q, %t", text, back, ok)
		}
	})
}
