package v1alpha1

import (
	"errors"
	"slices"
	"sort"
	"time"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// GivenSetting is one setting of spec.settings.
type GivenSetting struct {
	// Section and Key name it; a key inside another has a dot, such as DefaultLimits.MaxPostsPerDay.
	Section, Key string
	// Value is what it is set to.
	Value SettingValue
	// Field is its path in the configuration.
	Field string
}

// All returns every setting in the order of section and key. A mapping that is no setting itself is a group of settings.
func (s Settings) All() []GivenSetting {
	var all []GivenSetting
	for section, keys := range s {
		for key, value := range keys {
			all = append(all, flatten(section, key, value)...)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Field < all[j].Field })
	return all
}

func flatten(section, key string, value SettingValue) []GivenSetting {
	group, isGroup := value.Value.(map[string]any)
	if _, known := settings.Find(section, key); known || !isGroup || !settings.IsGroup(section, key) {
		return []GivenSetting{{section, key, value, "spec.settings." + section + "." + key}}
	}
	var all []GivenSetting
	for name, inner := range group {
		innerValue := SettingValue{Value: inner}
		switch ref := inner.(type) {
		case *KeyRef:
			innerValue = SettingValue{SecretKeyRef: ref}
		case *ExternalRef:
			innerValue = SettingValue{ExternalSecret: ref}
		}
		all = append(all, flatten(section, key+"."+name, innerValue)...)
	}
	return all
}

// ParseTime reads a day (2026-11-23) or a time (2026-11-23T08:00:00Z).
func ParseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if when, err := time.Parse(layout, text); err == nil {
			return when.UTC(), nil
		}
	}
	return time.Time{}, errors.New("expected a day or a time")
}

// HoldsReference says that a reference to a secret stands somewhere inside the value, where nothing can put the secret.
func (s SettingValue) HoldsReference() bool { return holdsReference(s.Value) }

func holdsReference(value any) bool {
	switch value := value.(type) {
	case *KeyRef, *ExternalRef:
		return true
	case []any:
		return slices.ContainsFunc(value, holdsReference)
	case map[string]any:
		for _, inner := range value {
			if holdsReference(inner) {
				return true
			}
		}
	}
	return false
}
