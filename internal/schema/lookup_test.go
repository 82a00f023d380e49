// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"slices"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	for word, want := range map[string][]string{
		"spec.sso":                    {"FIELD:    spec.sso <object>"},
		"license":                     {"FIELD:    spec.enterprise.license <License>"},
		"TeamSettings.SiteName":       {"FIELD:    spec.settings.TeamSettings.SiteName <string>"},
		"TeamSettings":                {"FIELD:    spec.settings.TeamSettings <object>"},
		"MM_TEAMSETTINGS_SITENAME":    {"FIELD:    spec.settings.TeamSettings.SiteName <string>"},
		"SiteName":                    {"FIELD:    spec.settings.TeamSettings.SiteName <string>"},
		"issuerURL":                   {"Fields and settings about", "spec.openid.issuerURL", "spec.sso.issuerURL"},
		"bucket":                      {"FIELD:    spec.objectStorage.bucket <string>"},
		"enabled":                     {" more; search for a longer word.\n"},
		"PluginSettings.ClientSecret": nil,
		"zzz":                         nil,
		"spec.zzz":                    nil,
	} {
		text, err := Lookup(word)
		if (err != nil) != (want == nil) {
			t.Errorf("%s: %v", word, err)
		}
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q is not in\n%s", word, part, text)
			}
		}
	}
}

func TestTree(t *testing.T) {
	text, err := Tree("spec.route")
	if err != nil || !strings.HasPrefix(text, "spec.route <object>\nspec.route.") ||
		!strings.Contains(text, "spec.route.gateways <[]string>\n") {
		t.Errorf("%v\n%s", err, text)
	}
	if whole, err := Tree(""); err != nil || strings.Count(whole, "\n") < 150 || !strings.HasPrefix(whole,
		"spec <object>\n") {
		t.Errorf("%v\n%s", err, whole)
	}
	if _, err := Tree("spec.nope"); err == nil {
		t.Error("no error for an unknown field")
	}
}

func TestComplete(t *testing.T) {
	for begin, want := range map[string]string{
		"":                              "spec",
		"spec.ss":                       "spec.sso",
		"spec.sso.":                     "spec.sso.issuerURL",
		"spec.settings.TeamSettings.Si": "spec.settings.TeamSettings.SiteName",
		"MM_TEAMSETTINGS_SITEN":         "MM_TEAMSETTINGS_SITENAME",
	} {
		if got := Complete(begin); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want+"\t") }) {
			t.Errorf("%q: got %q", begin, got)
		}
	}
	if got := Complete("spec.s"); slices.ContainsFunc(got, func(s string) bool {
		return strings.Contains(s,
			"spec.sso.")
	}) {
		t.Errorf("two levels: %q", got)
	}
	if got := Complete("zzz"); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}
