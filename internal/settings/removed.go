// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"iter"
	"slices"
	"sort"
	"strings"
)

// Removed is a setting of an earlier version that 11.10 does not have. The server silently ignores it.
type Removed struct {
	// Section such as NotificationLogSettings.
	Section string
	// Key within the section.
	Key string
	// Env was its environment variable.
	Env string
	// Last is the last of the versions 9.5, 9.11, 10.5, 10.11, 11.0, 11.1, 11.2, 11.4 and 11.6 that has it; empty where
	// none of them has. See Presence.
	Last string
	// Replacement is the setting to use instead, such as TeamSettings.EnableChannelCategorySorting. It is empty where none
	// is certain.
	Replacement string
	// Note is what else to know, or empty.
	Note string
}

// Name is the section and the key, such as NotificationLogSettings.EnableFile.
func (r Removed) Name() string { return r.Section + "." + r.Key }

// Why explains since when the setting is ignored and what to use instead, to follow its name.
func (r Removed) Why() string {
	why := "was removed from Mattermost: " + r.Last + " still had it, 11.10 ignores it"
	if r.Last == "" {
		why = "was removed before Mattermost 9.5, and the server ignores it"
	}
	if r.Note != "" {
		why += "; " + r.Note
	}
	if r.Replacement != "" {
		return why + "; use " + r.Replacement
	}
	return why + "; remove it"
}

// RemovedSettings iterates over all removed settings.
func RemovedSettings() iter.Seq[Removed] { return slices.Values(removed[:]) }

// FindRemoved returns the removed setting with a key in a section.
func FindRemoved(section, key string) (Removed, bool) {
	for _, r := range removed {
		if r.Section == section && r.Key == key {
			return r, true
		}
	}
	return Removed{}, false
}

// FindRemovedEnv returns the removed setting that an environment variable once set. Case does not matter.
func FindRemovedEnv(name string) (Removed, bool) {
	name = strings.ToUpper(name)
	i, found := sort.Find(len(removed), func(i int) int { return strings.Compare(name, removed[i].Env) })
	if !found {
		return Removed{}, false
	}
	return removed[i], true
}

// Phantom is an environment variable that Mattermost's documentation lists and the server does not know. The server
// silently ignores it. Some belonged to a removed setting: FindRemovedEnv has more details about those.
type Phantom struct {
	// Env is the variable.
	Env string
	// Meant is the variable that does what the documentation says of this one, or empty.
	Meant string
	// Because says why it has no effect, unless Meant shows it.
	Because string
}

// Why explains what is wrong with the variable and what to use instead, to follow its name.
func (p Phantom) Why() string {
	why := "is in Mattermost's documentation, but the server does not know it"
	if p.Because != "" {
		why += "; " + p.Because
	}
	if p.Meant != "" {
		return why + "; use " + p.Meant
	}
	return why + "; remove it"
}

// FindPhantom returns the variable of that name that only the documentation lists. Case does not matter.
func FindPhantom(name string) (Phantom, bool) {
	name = strings.ToUpper(name)
	i, found := sort.Find(len(phantoms), func(i int) int { return strings.Compare(name, phantoms[i].Env) })
	if !found {
		return Phantom{}, false
	}
	return phantoms[i], true
}
