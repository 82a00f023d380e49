// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"regexp"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// looksLikeService matches the keys of settings that may name a service.
var looksLikeService = regexp.MustCompile(`URI|(?i:url|host|server$|servername|endpoint|address|link|datasource|` +
	`proxy|corsfrom|advancedlogging|^plugins$|drivername|internalconnections|frameancestors|s3region|` +
	`azure(storageaccount|cloud))`)

// Every setting that may name a service is one to which the servers connect, or is known not to be.
func TestEverySettingOfAServiceIsClassified(t *testing.T) {
	known := map[string]bool{}
	for s := range settings.All() {
		known[s.Name()] = true
		isText := s.Type != settings.Bool && s.Type != settings.Int
		if !isText || !looksLikeService.MatchString(s.Key) && !strings.Contains(s.Default, "://") ||
			s.Name() == "SqlSettings.DriverName" {
			continue
		}
		_, contacted := contacts[s.Env]
		_, other := notContacted[s.Name()]
		if contacted == other {
			t.Errorf("%s: in contacts %t, in notContacted %t; want one of them", s.Name(), contacted, other)
		}
	}
	for name := range notContacted {
		if !known[name] {
			t.Errorf("%s is not a setting", name)
		}
	}
	for name := range contacts {
		if _, ok := settings.FindEnv(name); !ok && strings.HasPrefix(name, "MM_") &&
			!strings.HasPrefix(name, "MM_CALLS_") && name != settings.AdditionalAudit {
			t.Errorf("%s is not the variable of a setting", name)
		}
	}
}
