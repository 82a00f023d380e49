// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// upgradeLines returns the lines about an upgrade on standard error.
func upgradeLines(r outcome) []string {
	var lines []string
	for line := range strings.Lines(r.errors) {
		if strings.Contains(line, "["+ruleid.Upgrade+"]") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// The function reports an upgrade of what an earlier run emitted in a few lines, and only until the output has the new
// version.
func TestUpgradeIsReportedOnce(t *testing.T) {
	given := rendered(t, smallest+"  version: 10.5.1\n")
	given[1] = strings.Replace(given[1], "10.5.1", "11.10.0", 1)
	first := run(list("", given...))
	lines := upgradeLines(first)
	if first.exit != 0 || len(lines) != 2 || !strings.Contains(lines[0], "warning: spec.enterprise: since 11.0, ") ||
		!strings.Contains(lines[1], "info: spec.version: upgrades Mattermost from 10.5.1 to 11.10.0: the extended support "+
			"releases 10.11 (supported until 2026-08-15), 11.7 (supported until 2027-05-15) are between both.") ||
		!strings.Contains(lines[1], " in general; 'mattermost-fn check --from 10.5.1' lists them [MM080]") {
		t.Fatalf("exit %d, got %s", first.exit, strings.Join(lines, "\n"))
	}
	if got := messages(t, first.out); !slices.Contains(got, lines[1]) {
		t.Errorf("not among the results: %s", strings.Join(got, "\n"))
	}
	if again := run(first.out); again.exit != 0 || len(upgradeLines(again)) > 0 {
		t.Errorf("the second run: exit %d, %s", again.exit, again.errors)
	}
	silenced := given
	silenced[1] = strings.Replace(given[1], "spec:\n", "spec:\n  allow: [MM080]\n", 1)
	if r := run(list("", silenced...)); r.exit != 0 || len(upgradeLines(r)) > 0 {
		t.Errorf("spec.allow: exit %d, %s", r.exit, r.errors)
	}
}

// A patch release has nothing to say, and neither has the first run.
func TestNoUpgradeIsNotReported(t *testing.T) {
	given := rendered(t, smallest+"  version: 11.10.0\n")
	given[1] = strings.Replace(given[1], "11.10.0", "11.10.1", 1)
	for name, input := range map[string]string{
		"a patch release": list("", given...), "the first run": list("", smallest),
	} {
		if r := run(input); r.exit != 0 || len(upgradeLines(r)) > 0 {
			t.Errorf("%s: exit %d, %s", name, r.exit, r.errors)
		}
	}
}

// The version of a Mattermost resource of the user counts like that of a managed one: for what changes, and for a
// downgrade.
func TestUpgradeOfUsersResource(t *testing.T) {
	const theirs = "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n" +
		"metadata: {name: chat, namespace: teams}\nspec: {version: VERSION}\n"
	older := run(list("", strings.Replace(theirs, "VERSION", "10.11.3", 1), smallest))
	if lines := upgradeLines(older); older.exit != 0 || len(lines) != 2 ||
		!strings.Contains(lines[1], "from 10.11.3 to 11.10.0: the extended support release 11.7 (") {
		t.Errorf("exit %d, got %s", older.exit, older.errors)
	}
	newer := strings.Replace(theirs, "VERSION", "12.1.0", 1)
	const downgrade = "error: spec.version: Mattermost teams/chat: this would replace Mattermost 12.1.0 with 11.10.0. "
	r := run(list("", newer, smallest))
	if r.exit != 1 || strings.Count(r.errors, "this would replace") != 1 || !strings.Contains(r.errors, downgrade) {
		t.Errorf("exit %d, got %s", r.exit, r.errors)
	}
	intended := strings.Replace(smallest, "  namespace: teams\n",
		"  namespace: teams\n  annotations: {mattermost.bigbang.dev/downgrade: 12.1.0}\n", 1)
	if r := run(list("", newer, intended)); r.exit != 0 {
		t.Errorf("an intended downgrade: exit %d, got %s", r.exit, r.errors)
	}
	for _, unknown := range []string{`"sha256:` + strings.Repeat("0", 64) + `"`, `""`, "latest"} {
		r := run(list("", strings.Replace(theirs, "VERSION", unknown, 1), smallest))
		if r.exit != 0 || len(upgradeLines(r)) > 0 {
			t.Errorf("%s: exit %d, got %s", unknown, r.exit, r.errors)
		}
	}
}

// Programs that embed the function get every change with its id, and may name the version that runs.
func TestUpgradeForPrograms(t *testing.T) {
	process := func(earlier string) Results {
		t.Helper()
		read, err := Read([]byte(list("", smallest)))
		if err != nil {
			t.Fatal(err)
		}
		read.Earlier = earlier
		return Process(read, time.Time{})
	}
	var ids []string
	general := false
	for i, r := range process("10.11.17") {
		u := r.Upgrade
		if u == nil {
			continue
		}
		if r.Rule != ruleid.Upgrade || u.From != "10.11.17" || u.To != "11.10.0" || u.Source == "" || u.ID == "" ||
			r.Severity == Info && general && !u.General {
			t.Errorf("%d: %s %+v", i, r, u)
		}
		general = general || u.General
		ids = append(ids, u.ID)
	}
	if !slices.Contains(ids, "entry") || !slices.Contains(ids, "path") || !slices.Contains(ids, "defaults") ||
		len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
		t.Errorf("got %v", ids)
	}
	if results := process("12.0.1"); !results.HasErrors() {
		t.Error("a downgrade is accepted")
	}
}
