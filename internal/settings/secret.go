// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// secretObjects are the settings whose objects plugins and log targets keep their passwords and keys in.
var secretObjects = []string{"PluginSettings.Plugins", "LogSettings.AdvancedLoggingJSON",
	"ExperimentalAuditSettings.AdvancedLoggingJSON"}

// IsSecret says whether a value of the setting, written as its environment variable takes it, belongs into a Secret:
// that of a setting that is sensitive, an object that may contain secrets, and a URL with a user or a password.
func (s Setting) IsSecret(value string) bool {
	return s.Sensitive || HoldsUserInfo(value) || slices.Contains(secretObjects, s.Name()) && value != "{}"
}

// userInfo is what precedes the host of a URL.
var userInfo = pattern(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@]*[^\s/?#]*@`)

// HoldsUserInfo says whether a URL in a text has a user or a password.
func HoldsUserInfo(text string) bool {
	return strings.Contains(text, "@") && userInfo().MatchString(text)
}

// SecretMembers returns the paths of those members of an object, which is JSON, that are strings and named like a
// secret, sorted: of {"com.example":{"webhookSecret":"x"}} it is com.example.webhookSecret.
func SecretMembers(object string) []string {
	var value any
	if json.Unmarshal([]byte(object), &value) != nil {
		return nil
	}
	return secretMembers("", value)
}

func secretMembers(path string, value any) []string {
	var found []string
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			inner := strings.TrimPrefix(path+"."+key, ".")
			if text, ok := value[key].(string); ok && text != "" && (namesSecret(key) || HoldsUserInfo(text)) {
				found = append(found, inner)
			}
			found = append(found, secretMembers(inner, value[key])...)
		}
	case []any:
		for _, element := range value {
			found = append(found, secretMembers(path, element)...)
		}
	}
	return found
}

// secretWords end or begin the name of a secret; about is what names something about a secret instead.
var (
	secretWords = pattern(
		`(password|passwd|passphrase|secret|token|apikey|accesskey|privatekey|secretkey|` +
			`encryptkey|encryptionkey|signingkey|credentials?)(value)?$|secret(access)?key$`)
	aboutSecret = pattern(`(file|path|name|id|url|uri|type|header|length|ttl|expiry)$`)
)

// namesSecret says whether a key is named like a secret.
func namesSecret(key string) bool {
	letters := strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(strings.ToLower(key))
	return secretWords().MatchString(letters) && !aboutSecret().MatchString(letters)
}

// SavedInClear says whether the server writes the value into its database when anyone saves its configuration: it does
// not see that a variable sets what is below a pointer in its configuration, so it takes the value for one of its own
// (server/config/environment.go, generateEnvironmentMapWithBaseKey).
func (s Setting) SavedInClear() bool { return strings.Contains(s.Key, ".") }
