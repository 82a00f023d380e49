// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"sort"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// Given is one setting of spec.settings.
type Given struct {
	// Section and Key name it; a key inside another has a dot, such as DefaultLimits.MaxPostsPerDay.
	Section, Key string
	// Value is what it is set to.
	Value v1alpha1.SettingValue
	// Field is its path in the configuration.
	Field string
}

// Flatten returns every setting of spec.settings, sorted by section and key. A mapping that is not itself a setting is
// a group of settings.
func Flatten(sections v1alpha1.Settings) []Given {
	var all []Given
	for section, keys := range sections {
		for key, value := range keys {
			all = append(all, flatten(section, key, value)...)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Field < all[j].Field })
	return all
}

func flatten(section, key string, value v1alpha1.SettingValue) []Given {
	group, isGroup := value.Value.(map[string]any)
	if _, known := Find(section, key); known || !isGroup || !IsGroup(section, key) {
		return []Given{{section, key, value, "spec.settings." + section + "." + key}}
	}
	var all []Given
	for name, inner := range group {
		innerValue := v1alpha1.SettingValue{Value: inner}
		switch ref := inner.(type) {
		case *v1alpha1.KeyRef:
			innerValue = v1alpha1.SettingValue{SecretKeyRef: ref}
		case *v1alpha1.ExternalRef:
			innerValue = v1alpha1.SettingValue{ExternalSecret: ref}
		}
		all = append(all, flatten(section, key+"."+name, innerValue)...)
	}
	return all
}
