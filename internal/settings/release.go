// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Release is a version of Mattermost without its patch number, such as 11.10.
type Release struct{ Major, Minor int }

// Newest is the release that the table describes.
var Newest = Release{11, 10}

// Before reports whether the release is older than another.
func (r Release) Before(other Release) bool { return r.compare(other) < 0 }

// String formats the release: 11.10.
func (r Release) String() string { return fmt.Sprintf("%d.%d", r.Major, r.Minor) }

func (r Release) compare(other Release) int {
	return cmp.Or(cmp.Compare(r.Major, other.Major), cmp.Compare(r.Minor, other.Minor))
}

// readReleases are the releases whose source was read for the table, oldest first. In which release between two of them
// a setting changed is not known.
var readReleases = [...]Release{{9, 5}, {9, 11}, {10, 5}, {10, 11}, {11, 0}, {11, 1}, {11, 2}, {11, 4},
	{11, 6}, {11, 10}}

// Presence reports whether a release has a setting.
type Presence uint8

// Possible presence.
const (
	// Absent: the release does not have it and ignores it.
	Absent Presence = iota
	// Unsure: it was added or removed between two releases that were read, and this one is between them.
	Unsure
	// Present: the release has it.
	Present
)

// Presence reports whether a release has the setting.
func (s Setting) Presence(release Release) Presence {
	since, ok := parseRelease(s.Since)
	if !ok || strings.HasSuffix(s.Since, "before") || !release.Before(since) {
		return Present
	}
	if at := slices.Index(readReleases[:], since); at > 0 && readReleases[at-1].Before(release) {
		return Unsure
	}
	return Absent
}

// Came returns when the setting was added, to follow "it came": with 11.1, or after 11.6 and no later than 11.10.
func (s Setting) Came() string {
	since, ok := parseRelease(s.Since)
	at := slices.Index(readReleases[:], since)
	if !ok || at < 1 {
		return "with " + s.Since
	}
	if before := readReleases[at-1]; before.Major != since.Major || before.Minor+1 != since.Minor {
		return "after " + before.String() + " and no later than " + s.Since
	}
	return "with " + s.Since
}

// Presence reports whether a release still has the removed setting.
func (r Removed) Presence(release Release) Presence {
	last, ok := parseRelease(r.Last)
	if !ok {
		return Absent // removed before the first release that was read
	}
	if !last.Before(release) {
		return Present
	}
	if at := slices.Index(readReleases[:], last); at >= 0 && at+1 < len(readReleases) &&
		release.Before(readReleases[at+1]) {
		return Unsure
	}
	return Absent
}

// parseRelease parses the release at the beginning of a string, such as 9.5 or before.
func parseRelease(text string) (Release, bool) {
	var r Release
	n, _ := fmt.Sscanf(text, "%d.%d", &r.Major, &r.Minor)
	return r, n == 2
}
