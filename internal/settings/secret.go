// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// secretObjects are the settings with objects in which plugins and log targets keep passwords and keys.
var secretObjects = []string{"PluginSettings.Plugins", "LogSettings.AdvancedLoggingJSON",
	"ExperimentalAuditSettings.AdvancedLoggingJSON"}

// IsSecret reports whether a value of the setting, encoded as for its environment variable, belongs in a Secret: a
// sensitive setting, an object that may contain secrets, or a URL with a user or a password.
func (s Setting) IsSecret(value string) bool {
	return s.Sensitive || HoldsUserInfo(value) || slices.Contains(secretObjects, s.Name()) && value != "{}"
}

// userInfo is what precedes the host of a URL.
var userInfo = pattern(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@]*[^\s/?#]*@`)

// HoldsUserInfo reports whether a URL in a text has a user or a password.
func HoldsUserInfo(text string) bool {
	return strings.Contains(text, "@") && userInfo().MatchString(text)
}

// SecretMembers returns the sorted paths of the members of a JSON object that are strings and named like a secret: of
// {"com.example":{"webhookSecret":"x"}} it is com.example.webhookSecret.
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

// secretWords matches names of secrets, and aboutSecret names of something about a secret.
var (
	secretWords = pattern(
		`(password|passwd|passphrase|secret|token|apikey|accesskey|privatekey|secretkey|` +
			`encryptkey|encryptionkey|signingkey|credentials?)(value)?$|secret(access)?key$`)
	aboutSecret = pattern(`(file|path|name|id|url|uri|type|header|length|ttl|expiry)$`)
)

// namesSecret reports whether a key is named like a secret.
func namesSecret(key string) bool {
	letters := strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(strings.ToLower(key))
	return secretWords().MatchString(letters) && !aboutSecret().MatchString(letters)
}

// SavedInClear reports whether the server writes the value into its database when anyone saves the configuration: it
// does not notice that a variable sets a field below a pointer, so it treats the value as its own
// (server/config/environment.go, generateEnvironmentMapWithBaseKey).
func (s Setting) SavedInClear() bool { return strings.Contains(s.Key, ".") }
