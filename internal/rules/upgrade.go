// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/settings"
	"bigbang.dev/mattermost-fn/internal/upgrade"
)

// Upgrade reports what changes between the version of the server that runs now and that of the configuration: first
// what concerns this configuration, then what concerns everyone. What the new version refuses is reported by the other
// rules.
func Upgrade(config *v1alpha1.MattermostConfig, given func(field string) bool, resources Resources, p *plan.Plan,
	from string, report *result.Reporter) {
	earlier, err := upgrade.Parse(from)
	if err != nil {
		return // such as the digest of an image
	}
	target, err := upgrade.Parse(config.Spec.Version)
	if err != nil || !earlier.Before(target) {
		return
	}
	s := newSubject(config, given, report)
	s.resources = resources
	s.entitlement = s.readLicense()
	u := &upgraded{s, p, earlier, target, nil}
	for _, rule := range Rules {
		if advise, ok := rule.phase.(onUpgrade); ok {
			s.rule = rule.ID
			advise(u)
			u.report(from)
		}
	}
}

// upgraded is a configuration with another version of the server than the one that runs now.
type upgraded struct {
	*subject
	plan          *plan.Plan
	from, to      upgrade.Version
	announcements []announcement
}

// announcement is a change. Without a field it concerns everyone.
type announcement struct {
	id, since, source, field, message string
	severity                          result.Severity
}

func (u *upgraded) announce(a announcement) { u.announcements = append(u.announcements, a) }

// report reports the changes of this configuration, then the general ones, with their position.
func (u *upgraded) report(from string) {
	slices.SortStableFunc(u.announcements, func(a, b announcement) int {
		switch {
		case a.field != "" && b.field == "":
			return -1
		case a.field == "" && b.field != "":
			return 1
		}
		return 0
	})
	for i, a := range u.announcements {
		u.subject.report.Add(result.Result{
			Severity: a.severity, Rule: u.rule, Field: a.field, Message: result.Format("%s", a.message),
			Upgrade: &result.Upgrade{ID: a.id, From: from, To: u.spec.Version, Since: a.since, Source: a.source,
				General: a.field == "", Position: i + 1},
		})
	}
	u.announcements = nil
}

// changes announces everything that changes with an upgrade.
func changes(u *upgraded) {
	u.stops()
	u.database()
	u.notes()
	u.removedVariables()
	u.removedSettings()
	u.defaults()
}

// stops announces the extended support releases in between.
func (u *upgraded) stops() {
	stops := upgrade.Stops(u.from, u.to)
	if len(stops) == 0 {
		return
	}
	var names []string
	for _, stop := range stops {
		names = append(names, fmt.Sprintf("%s (supported until %s)", stop.Release(), stop.Supported))
	}
	message := "the extended support release %s is between both. Mattermost tests upgrades from one to the next: " +
		"upgrade to its last patch release first"
	if len(stops) > 1 {
		message = "the extended support releases %s are between both. Mattermost tests upgrades from one to the next: " +
			"upgrade " +
			"to the last patch release of each first"
	}
	u.announce(announcement{
		id: "path", source: "release policy", field: "spec.version", severity: result.Info,
		message: fmt.Sprintf(message, strings.Join(names, ", ")),
	})
}

// database announces another oldest PostgreSQL for a database whose version is not in the configuration.
func (u *upgraded) database() {
	before, now := upgrade.PostgreSQL(u.from), upgrade.PostgreSQL(u.to)
	if before >= now || !u.databaseOutside() {
		return
	}
	field := "spec.database.host"
	if !u.given(field) {
		field = "spec.database"
	}
	since := upgrade.PostgreSQLSince(u.to).Release()
	u.announce(announcement{
		id: "postgresql", since: since, source: "important upgrade notes, v" + since, field: field, severity: result.Info,
		message: fmt.Sprintf("since %s, the server requires PostgreSQL %d or newer; before, %d was enough. "+
			"`SELECT version()` shows which one the database has", since, now, before),
	})
}

// notes announces the notes that concern the configuration or everyone.
func (u *upgraded) notes() {
	for _, note := range upgrade.Notes(u.from, u.to) {
		field, concerned := u.concerns(note.When)
		if !concerned {
			continue
		}
		severity := result.Info
		if note.Warning {
			severity = result.Warning
		}
		u.announce(announcement{note.ID, note.Since, note.Source, field, note.Message(), severity})
	}
}

// concerns reports whether a note concerns the configuration, and because of which field; none if it concerns everyone.
func (u *upgraded) concerns(when string) (field string, concerned bool) {
	if name, ok := strings.CutPrefix(when, upgrade.Setting); ok {
		section, key, _ := strings.Cut(name, ".")
		if setting, ok := settings.Find(section, key); ok {
			for _, variable := range u.plan.Env {
				if variable.Name == setting.Env && variable.Field != "" {
					return variable.Field, true
				}
			}
		}
		return "", false
	}
	if when == upgrade.Everyone {
		return "", true
	}
	field = upgradeConditions[when](u)
	return field, field != ""
}

// upgradeConditions are the conditions of upgrade.Note.When: each returns the field because of which a note concerns
// the configuration, or an empty string.
var upgradeConditions = map[string]func(*upgraded) string{
	"unlicensed": func(u *upgraded) string { return when(!u.licensed(), "spec.enterprise") },
	"unlicensed-enterprise": func(u *upgraded) string {
		return when(!u.licensed() && u.spec.Edition == v1alpha1.EditionEnterprise, "spec.enterprise")
	},
	"team-edition": func(u *upgraded) string {
		return when(u.spec.Edition == v1alpha1.EditionTeam, "spec.edition")
	},
	"old-license": func(u *upgraded) string {
		l := u.entitlement.license
		return when(l != nil && (l.Plan == "E10" || l.Plan == "E20"), u.entitlement.field)
	},
	"unknown-license": func(u *upgraded) string {
		return when(u.licensed() && u.entitlement.license == nil, "spec.enterprise.license")
	},
	"gitlab-sso-license-unknown": func(u *upgraded) string {
		return when(u.spec.SSO.Enabled && u.spec.SSO.Provider != v1alpha1.SSOOpenID && u.licensed() &&
			u.entitlement.license == nil, "spec.sso.enabled")
	},
	"retention": func(u *upgraded) string { return when(u.spec.Retention != nil, "spec.retention") },
	"compliance-export": func(u *upgraded) string {
		c := u.spec.Compliance
		return when(c != nil && c.Export != nil && c.Export.Enabled, "spec.compliance.export")
	},
	"ldap": func(u *upgraded) string { return when(u.spec.LDAP != nil && u.spec.LDAP.Enabled, "spec.ldap") },
	"guests": func(u *upgraded) string {
		return when(u.spec.Guests != nil && u.spec.Guests.Enabled, "spec.guests")
	},
	"fips": func(u *upgraded) string {
		return when(strings.Contains(strings.ToLower(u.spec.Image.Repository), "fips"), "spec.image.repository")
	},
	"several-servers": func(u *upgraded) string {
		n, field := u.servers()
		return when(n > 1, field)
	},
}

func when(concerned bool, field string) string {
	if concerned {
		return field
	}
	return ""
}

// removedVariables announces variables of spec.env whose setting the new version may have lost: in which release
// between two that were read is not known. Where it certainly has, another rule reports it.
func (u *upgraded) removedVariables() {
	to := settings.Release{Major: u.to.Major, Minor: u.to.Minor}
	for i, variable := range u.spec.Env {
		if removed, ok := settings.FindRemovedEnv(variable.Name); ok && removed.Presence(to) == settings.Unsure {
			u.announce(announcement{
				id: "removed-" + removed.Name(), source: "server/public/model/config.go", field: index("spec.env", i),
				message: fmt.Sprintf("%s: the setting %s was removed after %s: the new version may ignore it", variable.Name,
					removed.Name(), removed.Last), severity: result.Warning,
			})
		}
	}
}

// removedSettings announces settings that a server may have in its database and that the new version ignores.
func (u *upgraded) removedSettings() {
	from := settings.Release{Major: u.from.Major, Minor: u.from.Minor}
	to := settings.Release{Major: u.to.Major, Minor: u.to.Minor}
	keys := map[string][]string{}
	for removed := range settings.RemovedSettings() {
		if removed.Presence(from) != settings.Absent && removed.Presence(to) == settings.Absent {
			keys[removed.Section] = append(keys[removed.Section], removed.Name())
		}
	}
	var names []string
	for _, section := range slices.Sorted(maps.Keys(keys)) {
		switch n := len(keys[section]); {
		case len(settings.In(section)) == 0:
			names = append(names, "all of "+section)
		case n > 2:
			names = append(names, fmt.Sprintf("%d of %s", n, section))
		default:
			names = append(names, keys[section]...)
		}
	}
	if len(names) == 0 {
		return
	}
	u.announce(announcement{
		id: "removed-settings", source: "server/public/model/config.go", severity: result.Info,
		message: "the new version ignores settings that the System Console may have stored: " + strings.Join(names, ", "),
	})
}

// defaults announces changed defaults of settings that the configuration does not set: of those that a server stores
// with its first start, and of feature flags.
func (u *upgraded) defaults() {
	var stored, flags []string
	for _, d := range upgrade.Defaults(u.from, u.to) {
		section, key, _ := strings.Cut(d.Setting, ".")
		setting, ok := settings.Find(section, key)
		if !ok || slices.ContainsFunc(u.plan.Env, func(v plan.Variable) bool { return v.Name == setting.Env }) {
			continue
		}
		text := fmt.Sprintf("%s from %s to %s (%s)", d.Setting, d.Before, d.After, d.Since.Release())
		if d.IsStored() {
			stored = append(stored, text)
		} else {
			flags = append(flags, text)
		}
	}
	const source = "server/public/model, SetDefaults; changelogs"
	if len(flags) > 0 {
		u.announce(announcement{
			id: "feature-flags", source: source, severity: result.Info,
			message: "feature flags change: " + strings.Join(flags, ", ") + ". Set one in spec.env to keep its earlier value",
		})
	}
	if len(stored) > 0 {
		u.announce(announcement{
			id: "defaults", source: source, severity: result.Info,
			message: "defaults change for new installations: " + strings.Join(stored, ", ") + ". A server that has started " +
				"before keeps the values in its database; set in spec.settings which of the new ones you want",
		})
	}
}
