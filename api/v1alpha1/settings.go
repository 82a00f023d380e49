// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"errors"
	"time"
)

// ParseTime parses a date (2026-11-23) or an RFC 3339 time (2026-11-23T08:00:00Z), and returns it in UTC. The empty
// string is the zero time.
func ParseTime(value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if when, err := time.Parse(layout, value); err == nil {
			return when.UTC(), nil
		}
	}
	return time.Time{}, errors.New("must be a date or a time")
}

// ContainsReference reports whether a reference to a secret is nested in the value, where the secret cannot be
// inserted.
func (s SettingValue) ContainsReference() bool {
	found := false
	eachReference(s.Value, func(any) { found = true })
	return found
}

// eachReference calls visit for every *KeyRef and *ExternalRef nested in the value of a setting.
func eachReference(value any, visit func(ref any)) {
	switch value := value.(type) {
	case *KeyRef, *ExternalRef:
		visit(value)
	case []any:
		for _, inner := range value {
			eachReference(inner, visit)
		}
	case map[string]any:
		for _, inner := range value {
			eachReference(inner, visit)
		}
	}
}
