// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// Every setting can be explained, and every setting that can be set is in the schema for editors.
func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	schema := editorSchema(t)
	seen := 0
	for setting := range settings.All() {
		seen++
		path := "spec.settings." + setting.Name()
		text, err := Explain(path)
		if err != nil || !strings.Contains(text, "\nVARIABLE: "+setting.Env+"\n") {
			t.Errorf("%s: %v\n%s", path, err, text)
		}
		if setting.Unsettable == "" && at(t, schema, path)["description"] == nil {
			t.Errorf("%s has no description", path)
		}
	}
	if seen < 600 {
		t.Errorf("only %d settings", seen)
	}
	if settings := at(t, schema,
		"spec.settings.SqlSettings")["properties"].(map[string]any); settings["ReplicaLagSettings"] != nil {
		t.Error("an editor offers a setting that cannot be set")
	}
}
