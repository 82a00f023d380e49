// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// FeatureFor returns the key of the license file without which the server does not do what a value of the setting asks
// for, or "". The value is written as the environment variable takes it. Nothing is needed to switch something off or
// to say what the default says; and some settings need a feature for one value only, such as CacheType for redis.
func (s Setting) FeatureFor(value string) string {
	if s.Feature == "" {
		return ""
	}
	if byDefault, ok := s.DefaultValue(); ok && byDefault == value || !ok && value == "" {
		return ""
	}
	if on, err := strconv.ParseBool(value); s.Type == Bool && (err != nil || !on) {
		return ""
	}
	needed := true
	switch s.Name() {
	case "CacheSettings.CacheType":
		needed = value == "redis" // the server exits without the feature
	case "EmailSettings.PushNotificationContents":
		needed = value == "id_loaded"
	case "EmailSettings.PushNotificationServer":
		needed = isHostedPush(value)
	case "LogSettings.AdvancedLoggingJSON":
		needed = logsElsewhere(value)
	}
	if !needed {
		return ""
	}
	return s.Feature
}

// hostedPush are the hosts of Mattermost's hosted push service that need a license
// (server/channels/app/notification.go).
var hostedPush = [...]string{
	"push.mattermost.com", "hpns-de.mattermost.com", "global.push.mattermost.com", "us.push.mattermost.com",
	"eu.push.mattermost.com", "ap.push.mattermost.com",
}

func isHostedPush(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && slices.Contains(hostedPush[:], strings.ToLower(parsed.Hostname()))
}

// logsElsewhere says that a log configuration has a target that is neither console nor file.
func logsElsewhere(value string) bool {
	var targets map[string]logTarget
	if json.Unmarshal([]byte(value), &targets) != nil {
		return false
	}
	for _, target := range targets {
		if kind := strings.ToLower(target.Type); kind != "console" && kind != "file" {
			return true
		}
	}
	return false
}
