// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/importer"
	"bigbang.dev/mattermost-fn/internal/schema"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// Every field in the table of keys exists, every other row says why or what to do.
func TestRows(t *testing.T) {
	for _, row := range importer.Rows() {
		source, key, class, text := row[0], row[1], row[2], row[3]
		if text == "" || strings.HasSuffix(text, ".") {
			t.Errorf("%s %s: %q", source, key, text)
		}
		switch class {
		case "field":
			fieldExists(t, source+" "+key, text)
		case "unnecessary", "manual":
			if strings.HasPrefix(text, "spec.") {
				t.Errorf("%s %s: %q is the text of a field", source, key, text)
			}
		default:
			t.Errorf("%s %s: class %q", source, key, class)
		}
	}
}

// Every field and every setting of the table of settings exists.
func TestSettingFields(t *testing.T) {
	for setting, field := range importer.SettingFields() {
		section, key, _ := strings.Cut(setting, ".")
		if _, ok := settings.Find(section, key); !ok {
			t.Errorf("Mattermost has no setting %s", setting)
		}
		fieldExists(t, setting, "spec."+field)
	}
}

func fieldExists(t *testing.T, of, field string) {
	t.Helper()
	if rest, ok := strings.CutPrefix(field, "spec.settings."); ok {
		section, key, hasKey := strings.Cut(rest, ".")
		if _, known := settings.Find(section, key); hasKey && !known || len(settings.In(section)) == 0 {
			t.Errorf("%s: Mattermost has no setting %s", of, rest)
		}
		return
	}
	if _, err := schema.Explain(field); err != nil {
		t.Errorf("%s: %v", of, err)
	}
}
