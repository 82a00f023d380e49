// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// FeatureFor returns the license feature that a value of the setting requires, or "". The value is encoded as for the
// environment variable. No feature is required to switch something off or to set the default; and some settings require
// a feature for one value only, such as CacheType for redis.
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

// logsElsewhere reports whether a log configuration has a target other than console and file.
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
