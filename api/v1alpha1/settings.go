package v1alpha1

import (
	"errors"
	"time"
)

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
func (s SettingValue) HoldsReference() bool {
	found := false
	eachReference(s.Value, func(any) { found = true })
	return found
}

// eachReference calls visit for every *KeyRef and *ExternalRef inside the value of a setting.
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
