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
		"load balancer":               {`about "load balancer"`, "spec.service.sourceRanges", "spec.calls.host"},
		"Database  password":          {"  spec.database.password ", "spec.database.inCluster.import.password"},
		"load zzz":                    nil,
		"MM_CALLS_ICE_HOST_OVERRIDE":  {"not one of Mattermost's own settings.", "FIELD:    spec.calls.host"},
		"PGUSER":                      {"FIELD:    spec.database.username"},
		"MM_CALLS_LOGGER_ENABLEFILE":  {"the plugin Calls reads it", "spec.env"},
		"MM_SERVICEENVIRONMENT":       {"the server reads it"},
		"MM_TEAMSETTINGS_SITENAM":     nil,
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

// Errors say what is wrong with the word, not that a path has no such field.
func TestLookupErrors(t *testing.T) {
	for word, want := range map[string]string{
		"load zzz": `no field or setting contains all of the words "load zzz"; search for one of them`,
		"MM_TEAMSETTINGS_SITENAM": "MM_TEAMSETTINGS_SITENAM: Mattermost has no such setting, and the server ignores the " +
			"variable; did you mean MM_TEAMSETTINGS_SITENAME?",
	} {
		if _, err := Lookup(word); err == nil || err.Error() != want {
			t.Errorf("%s: %v", word, err)
		}
	}
}
