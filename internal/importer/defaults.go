// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"reflect"
	"slices"
	"strings"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// stays are fields that are kept although they have the value of a default: what is in the plan does not follow from
// them, or another release has another default.
var stays = []string{"apiVersion", "kind", "metadata", "spec.version", "spec.profile", "spec.host", "spec.domain",
	"spec.patches", "spec.replicas", "spec.enterprise", "spec.database.existingSecret", "spec.objectStorage.endpoint",
	"spec.objectStorage.bucket", "spec.database.host", "spec.networkPolicies.egress",
	"spec.objectStorage.inCluster.engine", "spec.database.inCluster.engine", "spec.sso.issuerURL", "spec.email",
	"spec.ldap", "spec.saml"}

// dropDefaults removes fields without which the same objects are emitted, so that the configuration is as short as one
// that is written by hand.
func (t *translation) dropDefaults() {
	want := t.comparablePlan()
	if want == nil {
		return
	}
	for _, path := range t.config.leaves(nil) {
		field := strings.Join(path, ".")
		if slices.ContainsFunc(stays, func(kept string) bool { return field == kept || strings.HasPrefix(field, kept+".") }) {
			continue
		}
		removed := *t.config.get(path...)
		t.config.remove(path...)
		if got := t.comparablePlan(); got == nil || !reflect.DeepEqual(want, got) {
			t.config.setAt(path, removed.value, removed.from...)
			continue
		}
		t.isDefault(field)
	}
}

// comparablePlan returns the plan without what does not change the objects: which field a variable comes from.
func (t *translation) comparablePlan() *plan.Plan {
	p := t.plan()
	if p == nil {
		return nil
	}
	for i := range p.Env {
		p.Env[i].Field = ""
	}
	for i := range p.Database.WaitEnv {
		p.Database.WaitEnv[i].Field = ""
	}
	slices.SortFunc(p.Env, func(a, b plan.Variable) int { return strings.Compare(a.Name, b.Name) })
	return p
}

// isDefault records that a field was removed, since it has the value of its default.
func (t *translation) isDefault(field string) {
	for _, in := range t.inputs {
		in.entries(func(entry *Entry) {
			i := slices.Index(entry.Fields, field)
			if i < 0 {
				return
			}
			if entry.Fields = slices.Delete(entry.Fields, i, i+1); len(entry.Fields) == 0 {
				entry.Fields, entry.Class, entry.Why = nil, Unnecessary, "the default of "+field
			}
		})
	}
}

// nameWrittenFields removes the fields from the records that the configuration does not have. A key that is left
// without any follows from the section that the fields belong to.
func (t *translation) nameWrittenFields() {
	for _, in := range t.inputs {
		in.entries(func(entry *Entry) {
			if entry.Class != Translated {
				return
			}
			named := entry.Fields
			entry.Fields = slices.DeleteFunc(slices.Clone(named), func(field string) bool { return !t.config.writes(field) })
			if len(entry.Fields) > 0 || len(named) == 0 {
				return
			}
			entry.Fields, entry.Class, entry.Why = nil, Unnecessary, "the default of "+named[0]
			if section := t.config.section(named[0]); strings.Count(section, ".") > 0 {
				entry.Why = "follows " + section
			}
		})
	}
}

// section returns the longest part of a path that the configuration has.
func (d *draft) section(path string) string {
	for path != "" && !d.has(path) {
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return path
}

// writes reports whether the configuration has a field, or a value that contains it: an element of a list, or a key of
// the user.
func (d *draft) writes(path string) bool {
	if path, _, _ = strings.Cut(path, "["); d.has(path) {
		return true
	}
	section := d.section(path)
	return section != "" && d.get(strings.Split(section, ".")...).fields == nil
}

// leaves returns the paths of all fields that are no mappings of fields, in a fixed order.
func (d *draft) leaves(path []string) [][]string {
	if d.fields == nil {
		return [][]string{path}
	}
	var all [][]string
	for _, key := range sortedKeys(d.fields) {
		all = append(all, d.fields[key].leaves(append(path[:len(path):len(path)], key))...)
	}
	return all
}
