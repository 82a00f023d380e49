// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"
	"testing"
)

func TestPresence(t *testing.T) {
	for _, test := range []struct {
		name    string
		release Release
		want    Presence
		came    string
	}{
		{"ServiceSettings.SiteURL", Release{9, 5}, Present, "with 9.5 or before"},
		{"ServiceSettings.SiteURL", Release{9, 0}, Present, "with 9.5 or before"},
		{"ExperimentalSettings.EnableWatermark", Release{11, 6}, Absent, "after 11.6 and no later than 11.10"},
		{"ExperimentalSettings.EnableWatermark", Release{11, 5}, Absent, "after 11.6 and no later than 11.10"},
		{"ExperimentalSettings.EnableWatermark", Release{11, 7}, Unsure, "after 11.6 and no later than 11.10"},
		{"ExperimentalSettings.EnableWatermark", Release{11, 10}, Present, "after 11.6 and no later than 11.10"},
		{"ExperimentalSettings.EnableWatermark", Release{12, 0}, Present, "after 11.6 and no later than 11.10"},
		{"ServiceSettings.DCRRedirectURIAllowlist", Release{11, 4}, Absent, "after 11.4 and no later than 11.6"},
		{"ServiceSettings.DCRRedirectURIAllowlist", Release{11, 6}, Present, "after 11.4 and no later than 11.6"},
		{"ServiceSettings.EnableDynamicClientRegistration", Release{11, 1}, Absent, "with 11.2"},
	} {
		s := setting(t, test.name)
		if got := s.Presence(test.release); got != test.want {
			t.Errorf("%s in %s: %d, want %d", test.name, test.release, got, test.want)
		}
		if got := s.Came(); got != test.came {
			t.Errorf("%s came %s, want %s", test.name, got, test.came)
		}
	}
	for _, test := range []struct {
		section, key string
		release      Release
		want         Presence
	}{
		{"ExperimentalAuditSettings", "FileMaxSizeMB", Release{11, 6}, Present},
		{"ExperimentalAuditSettings", "FileMaxSizeMB", Release{11, 8}, Unsure},
		{"ExperimentalAuditSettings", "FileMaxSizeMB", Release{11, 10}, Absent},
		{"TeamSettings", "EnableTeamCreation", Release{9, 5}, Absent},
	} {
		r, found := FindRemoved(test.section, test.key)
		if got := r.Presence(test.release); !found || got != test.want {
			t.Errorf("%s in %s: %d, want %d", r.Name(), test.release, got, test.want)
		}
	}
}

// TestSince finds a release in the tables that was not read.
func TestSince(t *testing.T) {
	for s := range All() {
		if since, ok := parseRelease(strings.TrimSuffix(s.Since, " or before")); !ok || !isRead(since) {
			t.Errorf("%s: since %q", s.Name(), s.Since)
		}
	}
	for _, r := range removed {
		if last, ok := parseRelease(r.Last); r.Last != "" && (!ok || !isRead(last)) {
			t.Errorf("%s: last %q", r.Name(), r.Last)
		}
	}
}

func isRead(release Release) bool {
	for _, read := range readReleases {
		if read == release {
			return true
		}
	}
	return false
}
