// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"
	"unicode"

	"bigbang.dev/mattermost-fn/internal/nearest"
)

// NearestSection returns the section whose name is most likely meant, or "".
func NearestSection(name string) string { return nearest.Nearest(name, Sections()) }

// NearestKey returns the setting most likely meant by a key: one of the section, or else the same key
// in another section, if it is the only one.
func NearestKey(section, key string) (Setting, bool) {
	var keys []string
	for _, s := range In(section) {
		if sameWords(key, s.Key) {
			keys = append(keys, s.Key)
		}
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

// NearestEnv returns the setting most likely meant by an environment variable: first one that differs only in
// underscores, then one with a similar section and key.
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

// sameWords reports whether no word of a name is replaced by another word: EnableTeamCreation is not a misspelling of
// EnableUserCreation, although few letters differ. Names of different numbers of words are not compared.
func sameWords(name, other string) bool {
	words, others := words(name), words(other)
	if len(words) != len(others) {
		return true
	}
	for i, word := range words {
		if nearest.Nearest(word, others[i:i+1]) == "" {
			return false
		}
	}
	return true
}

// words splits a name before each upper-case letter next to a lower-case one: Smtp, Server; SMTP, Server.
func words(name string) []string {
	var words []string
	runes := []rune(name)
	start := 0
	for i := 1; i < len(runes); i++ {
		afterSmall := unicode.IsLower(runes[i-1])
		beforeSmall := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if unicode.IsUpper(runes[i]) && (afterSmall || beforeSmall) || runes[i] == '.' {
			words, start = append(words, string(runes[start:i])), i
		}
	}
	return append(words, string(runes[start:]))
}
