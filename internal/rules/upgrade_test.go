// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/settings"
	"bigbang.dev/mattermost-fn/internal/upgrade"
)

// Every note is about everyone, a setting that exists, or a condition that exists, and every condition has a note.
func TestUpgradeNotesHaveConditions(t *testing.T) {
	used := map[string]bool{}
	old, newest := upgrade.Version{Major: 7}, upgrade.Version{Major: 99}
	all := upgrade.Notes(old, newest)
	for _, release := range []string{"10.11.17-11.7.2", "10.4.0-10.5.0", "11.7.0-11.7.6"} { // those about certain versions
		from, to, _ := strings.Cut(release, "-")
		earlier, _ := upgrade.Parse(from)
		target, _ := upgrade.Parse(to)
		all = append(all, upgrade.Notes(earlier, target)...)
	}
	for _, note := range all {
		used[note.When] = true
		name, isSetting := strings.CutPrefix(note.When, upgrade.Setting)
		section, key, _ := strings.Cut(name, ".")
		_, exists := settings.Find(section, key)
		switch {
		case note.When == upgrade.Everyone, isSetting && exists, upgradeConditions[note.When] != nil:
		default:
			t.Errorf("%s: unknown condition %s", note.ID, note.When)
		}
	}
	for name := range upgradeConditions {
		if !used[name] {
			t.Errorf("no note has the condition %s", name)
		}
	}
}

// The newest default of a setting is the one of the table of settings.
func TestUpgradeDefaultsAreThoseOfTheTable(t *testing.T) {
	for _, d := range upgrade.Defaults(upgrade.Version{Major: 7}, upgrade.Version{Major: 99}) {
		section, key, _ := strings.Cut(d.Setting, ".")
		setting, ok := settings.Find(section, key)
		if !ok || strings.Trim(setting.Default, `"`) != d.After {
			t.Errorf("%s: %s, the table of settings has %s", d.Setting, d.After, setting.Default)
		}
	}
}

// The releases that the table of settings knows are known with their PostgreSQL as well.
func TestUpgradeKnowsTheNewestRelease(t *testing.T) {
	newest := upgrade.Version{Major: settings.Newest.Major, Minor: settings.Newest.Minor}
	if release, known := upgrade.Of(newest); !known || release.PostgreSQL < 14 {
		t.Errorf("%s: got %v", settings.Newest, release)
	}
	if !slices.ContainsFunc(upgrade.Notes(upgrade.Version{Major: 10}, newest), func(n upgrade.Note) bool {
		return n.ID == "entry"
	}) {
		t.Error("no note about Entry")
	}
}
