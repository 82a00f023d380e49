// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func version(t *testing.T, text string) Version {
	t.Helper()
	v, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Version{
		"11.10.0": {11, 10, 0}, "v11.10.2-rc1": {11, 10, 2}, "10.5": {10, 5, 0},
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "11", "latest", "11.x.0", "1.2.3.4", "sha256:0123"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is accepted as %v", text, got)
		}
	}
}

// The extended support releases that are passed are named, neither the one that is left nor the one that is reached.
func TestStops(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"10.5.1", "11.10.0", "10.11 11.7"},
		{"10.5.14", "10.11.23", ""},
		{"10.11.23", "11.7.9", ""},
		{"10.11.23", "11.10.0", "11.7"},
		{"9.4.0", "11.7.9", "9.5 9.11 10.5 10.11"},
		{"11.8.0", "11.10.0", ""},
		{"11.7.0", "11.7.9", ""},
	} {
		var got []string
		for _, r := range Stops(version(t, test.from), version(t, test.to)) {
			got = append(got, r.Release())
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s to %s: got %v, want %s", test.from, test.to, got, test.want)
		}
	}
}

func TestPostgreSQL(t *testing.T) {
	for _, test := range []struct {
		version string
		want    int
		since   string
	}{
		{"9.11.0", 11, "8.0"}, {"10.5.9", 11, "8.0"}, {"10.6.0", 13, "10.6"}, {"10.12.4", 13, "10.6"},
		{"11.0.1", 14, "11.0"}, {"11.10.0", 14, "11.0"}, {"99.0.0", 14, "11.0"}, {"6.0.0", 0, "6.0"},
	} {
		v := version(t, test.version)
		since := PostgreSQLSince(v)
		if got := PostgreSQL(v); got != test.want || got > 0 && since.Release() != test.since {
			t.Errorf("%s: got %d since %s, want %d since %s", test.version, got, since.Release(), test.want, test.since)
		}
	}
}

// A note is for the upgrades that pass its release, and one with conditions for those that meet all of them.
func TestNotes(t *testing.T) {
	for _, test := range []struct {
		id, from, to string
		want         bool
	}{
		{"entry", "10.12.4", "11.0.0", true},
		{"entry", "10.5.1", "11.10.0", true},
		{"entry", "11.0.0", "11.10.0", false},
		{"entry", "10.5.1", "10.12.4", false},
		{"migration-numbers", "10.11.17", "11.7.2", true},
		{"migration-numbers", "10.11.23", "11.0.1", true},
		{"migration-numbers", "10.11.16", "11.7.2", false},
		{"migration-numbers", "10.11.17", "11.7.3", false},
		{"migration-numbers", "10.12.0", "11.7.2", false},
		{"migration-numbers", "10.11.17", "10.11.23", false},
		{"jira-settings", "10.4.0", "10.5.1", true},
		{"jira-settings", "10.4.0", "10.5.2", false},
		{"orphaned-threads-11.7", "11.7.5", "11.7.6", true},
		{"orphaned-threads-11.7", "11.7.6", "11.7.9", false},
		{"orphaned-threads", "11.7.6", "11.9.0", true},
	} {
		got := slices.ContainsFunc(Notes(version(t, test.from), version(t, test.to)), func(n Note) bool {
			return n.ID == test.id
		})
		if got != test.want {
			t.Errorf("%s from %s to %s: got %v", test.id, test.from, test.to, got)
		}
	}
}

// The tables are complete and in order, since they are written by hand.
func TestTables(t *testing.T) {
	before := Version{}
	for _, r := range releases() {
		if !before.Before(r.Version) {
			t.Errorf("%s is not after %s", r.Release(), before.Release())
		}
		if _, err := time.Parse(time.DateOnly, r.Supported); err != nil {
			t.Errorf("%s: %v", r.Release(), err)
		}
		before = r.Version
	}
	ids := map[string]bool{}
	for _, n := range notes() {
		if ids[n.ID] || n.ID == "" || n.Text == "" || n.Source == "" || n.When == "" {
			t.Errorf("%q: used twice, or something is missing", n.ID)
		}
		ids[n.ID] = true
	}
	before = Version{}
	for _, d := range defaults() {
		if d.Since.Before(before) || d.Before == d.After || d.Source == "" {
			t.Errorf("%s: not in order, no change, or no source", d.Setting)
		}
		before = d.Since
	}
}

// The release that the tables of settings describe must be known here too.
func TestNewestReleaseIsKnown(t *testing.T) {
	if r, known := Of(Version{11, 10, 0}); !known || r.Extended || r.Supported != "2026-11-15" {
		t.Errorf("got %v, %v", r, known)
	}
}
