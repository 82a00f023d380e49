// SPDX-License-Identifier: Apache-2.0

// Package upgrade describes what changes between two versions of the Mattermost server: as data, with sources, in the
// TSV files next to it.
package upgrade

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Version is a version of the server, such as 11.10.0. That of a release has the patch number 0.
type Version struct{ Major, Minor, Patch int }

// Parse parses a version such as 11.10.0, v11.10.0-rc1 or 11.10.
func Parse(text string) (Version, error) {
	number, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), "-")
	parts := strings.Split(number, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return Version{}, fmt.Errorf("%q is not a version (want two or three numbers, such as 11.10.0)", text)
	}
	var numbers [3]int
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return Version{}, fmt.Errorf("%q is not a version (%q is not a number)", text, part)
		}
		numbers[i] = int(n)
	}
	return Version{numbers[0], numbers[1], numbers[2]}, nil
}

// Compare returns -1, 0 or 1.
func (v Version) Compare(other Version) int {
	return cmp.Or(cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor), cmp.Compare(v.Patch, other.Patch))
}

// Before reports whether the version is older than another.
func (v Version) Before(other Version) bool { return v.Compare(other) < 0 }

// Release returns the version without its patch number, such as 11.10.
func (v Version) Release() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// release returns the first version of the release.
func (v Version) release() Version { return Version{v.Major, v.Minor, 0} }

// Release is what is known of a release.
type Release struct {
	Version
	// Extended means an extended support release.
	Extended bool
	// Supported is the last day with fixes, such as 2027-05-15.
	Supported string
	// PostgreSQL is the oldest major version that the server accepts.
	PostgreSQL int
}

// Note is a change between two releases.
type Note struct {
	// ID is stable.
	ID string
	// Since is the first release with the change; empty for a note about certain versions.
	Since string
	// Warning means that it needs a decision before the upgrade.
	Warning bool
	// When says which configurations it concerns: Everyone, Setting and the name of a setting, or a condition that the
	// caller knows.
	When string
	// Text continues "since <Since>, "; it is the whole message where Since is empty.
	Text string
	// Source is where it is from.
	Source string

	applies func(from, to Version) bool
}

// The values of Note.When that need no configuration, and that name a setting.
const (
	Everyone = "everyone"
	Setting  = "setting:"
)

// Message is the text with its release.
func (n Note) Message() string {
	if n.Since == "" {
		return n.Text
	}
	return "since " + n.Since + ", " + n.Text
}

// Default is a default that changed.
type Default struct {
	// Since is the first release with the new default.
	Since Version
	// Setting such as SqlSettings.MaxOpenConns.
	Setting string
	// Before and After are the defaults, as in config.json.
	Before, After string
	// Source is where it is from.
	Source string
}

// IsStored reports whether a server keeps the earlier default: with its first start it stores all settings in its
// database (server/config/store.go, Load), but not feature flags.
func (d Default) IsStored() bool { return !strings.HasPrefix(d.Setting, "FeatureFlags.") }

//go:embed releases.tsv
var releasesTable string

//go:embed notes.tsv
var notesTable string

//go:embed defaults.tsv
var defaultsTable string

// rows returns the rows of a table, without comments and the header.
func rows(table string, columns int) [][]string {
	var rows [][]string
	header := true
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != columns {
			panic(fmt.Sprintf("upgrade: %q has not %d columns", line, columns))
		}
		if !header {
			rows = append(rows, row)
		}
		header = false
	}
	return rows
}

// must parses a version of a table.
func must(text string) Version {
	v, err := Parse(text)
	if err != nil {
		panic("upgrade: " + err.Error())
	}
	return v
}

var releases = sync.OnceValue(func() []Release {
	var all []Release
	postgreSQL := 0
	for _, row := range rows(releasesTable, 4) {
		if n, err := strconv.Atoi(row[3]); err == nil {
			postgreSQL = n
		}
		all = append(all, Release{must(row[0]), row[1] == "extended", row[2], postgreSQL})
	}
	return all
})

var notes = sync.OnceValue(func() []Note {
	var all []Note
	for _, row := range rows(notesTable, 6) {
		note := Note{ID: row[0], Warning: row[2] == "warning", When: row[3], Text: row[4], Source: row[5]}
		if strings.ContainsAny(row[1], "<>") {
			note.applies = conditions(row[1])
		} else {
			note.Since = row[1]
			since := must(row[1])
			note.applies = func(from, to Version) bool { return from.Before(since) && !to.Before(since) }
		}
		all = append(all, note)
	}
	return all
})

var defaults = sync.OnceValue(func() []Default {
	var all []Default
	for _, row := range rows(defaultsTable, 5) {
		all = append(all, Default{must(row[0]), row[1], row[2], row[3], row[4]})
	}
	return all
})

// conditions parses conditions on the two versions, such as earlier>=10.11.17 target<=11.7.2.
func conditions(text string) func(from, to Version) bool {
	var all []func(from, to Version) bool
	for _, condition := range strings.Fields(text) {
		at := strings.IndexAny(condition, "<>")
		name, limit := condition[:at], must(strings.TrimLeft(condition[at:], "<>="))
		less, equal := condition[at] == '<', condition[at+1] == '='
		all = append(all, func(from, to Version) bool {
			v := to
			if name == "earlier" {
				v = from
			}
			order := v.Compare(limit)
			return order == 0 && equal || order < 0 && less || order > 0 && !less
		})
	}
	return func(from, to Version) bool {
		return !slices.ContainsFunc(all, func(holds func(from, to Version) bool) bool { return !holds(from, to) })
	}
}

// Notes returns the changes of an upgrade, oldest first.
func Notes(from, to Version) []Note {
	var all []Note
	for _, note := range notes() {
		if note.applies(from, to) {
			all = append(all, note)
		}
	}
	return all
}

// Defaults returns the defaults that an upgrade changes, oldest first.
func Defaults(from, to Version) []Default {
	var all []Default
	for _, d := range defaults() {
		if from.Before(d.Since) && !to.Before(d.Since) {
			all = append(all, d)
		}
	}
	return all
}

// Stops returns the extended support releases between the releases of two versions. Mattermost tests upgrades from one
// to the next, and advises to stop at each (product-overview/release-policy).
func Stops(from, to Version) []Release {
	var stops []Release
	for _, r := range releases() {
		if r.Extended && from.release().Before(r.Version) && r.Before(to.release()) {
			stops = append(stops, r)
		}
	}
	return stops
}

// Of returns what is known of the release of a version, and whether it is known itself: otherwise the newest one before
// it is returned.
func Of(v Version) (Release, bool) {
	var found Release
	for _, r := range releases() {
		if !v.release().Before(r.Version) {
			found = r
		}
	}
	return found, found.Version == v.release()
}

// PostgreSQL returns the oldest major version of PostgreSQL that a version of the server accepts; 0 if it is not known.
func PostgreSQL(v Version) int {
	r, _ := Of(v)
	return r.PostgreSQL
}

// PostgreSQLSince returns the release from which on the oldest accepted PostgreSQL is that of a version.
func PostgreSQLSince(v Version) Version {
	required := PostgreSQL(v)
	for _, r := range releases() {
		if r.PostgreSQL == required {
			return r.Version
		}
	}
	return v
}
