// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"strings"
	"testing"
)

// A second run does not escape values again, and merging into a user's Mattermost resource does not escape the user's
// values.
func TestDollarSignsAreEscapedOnce(t *testing.T) {
	config := strings.Replace(smallest, "spec:\n", "spec:\n  settings: {TeamSettings: {CustomBrandText: "+
		"'US$$ $(MM_CONFIG)'}}\n", 1)
	const own = `apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata:
  name: chat
  namespace: teams
spec:
  mattermostEnv:
  - name: OWN
    value: $(MM_CONFIG) $$
  - name: MM_TEAMSETTINGS_CUSTOMBRANDTEXT
    value: $(OWN)
`
	for name, input := range map[string]string{"alone": list("", config), "merged": list("", config, own)} {
		t.Run(name, func(t *testing.T) {
			first := run(input)
			if first.exit != 0 {
				t.Fatal(first.errors)
			}
			if !strings.Contains(first.out, "value: US$$$ $$(MM_CONFIG)\n") {
				t.Errorf("the generated value is not escaped in\n%s", first.out)
			}
			if name == "merged" && !strings.Contains(first.out, "value: $(MM_CONFIG) $$\n") {
				t.Errorf("the user's value was changed in\n%s", first.out)
			}
			second := run(first.out)
			if got, want := strings.Join(items(t, second.out), "---\n"),
				strings.Join(items(t, first.out), "---\n"); got != want {
				t.Errorf("the second run returned\n%s\nfor\n%s", got, want)
			}
		})
	}
}
