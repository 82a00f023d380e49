package settings

import (
	"strings"

	"bigbang.dev/mattermost-fn/internal/nearest"
)

// NearestSection returns the section whose name is most likely meant, or "".
func NearestSection(name string) string { return nearest.Nearest(name, Sections()) }

// NearestKey returns the setting most likely meant by a key: one of the section, or else one with that very key where a
// single other section has it.
func NearestKey(section, key string) (Setting, bool) {
	settings := In(section)
	keys := make([]string, len(settings))
	for i, s := range settings {
		keys[i] = s.Key
	}
	if near := nearest.Nearest(key, keys); near != "" {
		return Find(section, near)
	}
	var elsewhere Setting
	found := 0
	for s := range All() {
		if s.Section != section && strings.EqualFold(s.Key, key) {
			elsewhere = s
			found++
		}
	}
	if found != 1 {
		return Setting{}, false
	}
	return elsewhere, true
}

// NearestEnv returns the setting most likely meant by an environment variable: first one that differs in underscores
// alone, then one with a section and a key that are near.
func NearestEnv(name string) (Setting, bool) {
	name = strings.ToUpper(name)
	letters := strings.ReplaceAll(name, "_", "")
	for s := range All() {
		if strings.ReplaceAll(s.Env, "_", "") == letters {
			return s, true
		}
	}
	section, key, found := strings.Cut(strings.TrimPrefix(name, "MM_"), "_")
	if !found {
		return Setting{}, false
	}
	return NearestKey(NearestSection(section), key)
}
