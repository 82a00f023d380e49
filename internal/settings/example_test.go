// SPDX-License-Identifier: Apache-2.0

package settings_test

import (
	"fmt"

	"bigbang.dev/mattermost-fn/internal/settings"
)

func Example() {
	s, _ := settings.Find("ServiceSettings", "TrustedProxyIPHeader")
	value, _ := s.Encode([]any{"X-Forwarded-For", "X-Real-IP"})
	fmt.Printf("%s=%s\n", s.Env, value)

	_, err := s.Encode("X-Real-IP")
	fmt.Println(s.Name(), err)

	near, _ := settings.NearestEnv("MM_SERVICESETTINGS_SITE_URL")
	fmt.Println("did you mean", near.Env)
	// Output:
	// MM_SERVICESETTINGS_TRUSTEDPROXYIPHEADER=X-Forwarded-For X-Real-IP
	// ServiceSettings.TrustedProxyIPHeader is the string "X-Real-IP", expected a list of strings; write each element after a dash
	// did you mean MM_SERVICESETTINGS_SITEURL
}

func ExampleConflicts() {
	environment := map[string]string{"MM_DATARETENTIONSETTINGS_MESSAGERETENTIONHOURS": "24"}
	for _, conflict := range settings.Conflicts(settings.Newest, func(env string) (settings.Value, bool) {
		value, set := environment[env]
		return settings.Value{Text: value, Known: true}, set
	}) {
		fmt.Println(conflict.Message)
	}
	// Output:
	// DataRetentionSettings.MessageRetentionHours is 24 and DataRetentionSettings.MessageRetentionDays is 365, and the server accepts only one of them; set the other to 0
}
