// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"path/filepath"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/apivalidation"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// The configurations of the examples pass the definition that `mattermost-fn schema` prints, which itself is one that
// the API server takes: who keeps configurations in a cluster, or reads the schema in an editor, is told the same as
// the function tells.
func TestConfigurationsPassThePublishedSchema(t *testing.T) {
	definition := harness.Command{}.Run(t, harness.MattermostFn(t), "schema").MustSucceed(t).Stdout
	v := apivalidation.New()
	for _, finding := range v.Hold("mattermost-fn schema", []byte(definition)).Findings {
		t.Error(finding)
	}
	if err := v.Load("mattermost-fn schema", []byte(definition)); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, text := range harness.ReadTree(t, filepath.Join(harness.Root(), "examples")) {
		if !strings.HasSuffix(name, ".yaml") || !strings.Contains(text, "\nkind: MattermostConfig\n") {
			continue
		}
		report := v.Hold(name, []byte(text))
		checked += report.Checked
		for _, finding := range report.Findings {
			t.Error(finding)
		}
	}
	if checked == 0 {
		t.Error("no configuration was found")
	}
}
