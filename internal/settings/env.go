// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// CheckEnv returns an error for a value of the setting's environment variable that the server cannot parse. The server
// then silently keeps the default (server/config/environment.go, applyEnvKey).
//
// The error follows the variable's name. It never shows a sensitive value.
func (s Setting) CheckEnv(value string) error {
	if s.Unsettable != "" {
		return errors.New("cannot be set by environment: " + s.Unsettable)
	}
	if err := checkText(value); err != nil {
		return err
	}
	switch s.Type {
	case Bool:
		if !s.parses(value) {
			return fmt.Errorf("is %s, which the server does not parse as a boolean: "+
				"it would silently keep the default (%s); write true or false", s.describe(value), s.Default)
		}
	case Int:
		if !s.parses(value) {
			return fmt.Errorf("is %s, which the server does not parse as an integer: "+
				"it would silently keep the default (%s); write digits only", s.describe(value), s.Default)
		}
	case Map, JSON:
		return s.checkObject(value)
	}
	return nil
}

// checkObject returns an error for JSON that is not an object that the setting accepts. It never shows the JSON, since
// plugins keep their secrets there.
func (s Setting) checkObject(text string) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Errorf("is not JSON (error at byte %d); write an object such as %s", syntax.Offset,
				s.exampleObject())
		}
		return fmt.Errorf("is JSON, but not an object; write one such as %s", s.exampleObject())
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if expected := s.checkMember(object[key]); expected != "" {
			then := "silently keep the default"
			if s.Type == JSON {
				then = "not start"
			}
			return fmt.Errorf("must have %s at %q, or the server would %s; write an object such as %s", expected,
				key, then, s.exampleObject())
		}
	}
	return nil
}

// checkMember returns what is expected if the server would reject this member of an object, otherwise "".
func (s Setting) checkMember(text json.RawMessage) (expected string) {
	switch s.Name() {
	case pluginStates:
		var state *struct{ Enable bool }
		if json.Unmarshal(text, &state) != nil || state == nil {
			return "a plugin's state"
		}
	case "PluginSettings.Plugins":
		var configuration map[string]any
		if json.Unmarshal(text, &configuration) != nil || configuration == nil {
			return "a plugin's settings"
		}
	case notificationTargets:
		var targets []string
		if json.Unmarshal(text, &targets) != nil || targets == nil {
			return "a list of strings"
		}
	default: // the log targets
		var target *logTarget
		if json.Unmarshal(text, &target) != nil || target == nil {
			return "a log target"
		}
	}
	return ""
}

// exampleObject returns an object that the setting accepts.
func (s Setting) exampleObject() string {
	switch s.Name() {
	case pluginStates:
		return `{"playbooks":{"Enable":true}}`
	case "PluginSettings.Plugins":
		return `{"com.mattermost.calls":{"defaultenabled":true}}`
	case notificationTargets:
		return `{"flagged":["reviewers"]}`
	}
	return `{"console":{"type":"console","format":"json","levels":[{"id":5,"name":"debug"}],"options":{"out":"stdout"}}}`
}

// pluginStates is the setting whose map the environment replaces, which would disable the prepackaged plugins.
const pluginStates = "PluginSettings.PluginStates"

// parses reports whether the server would parse a value as the boolean or the number that the setting is.
func (s Setting) parses(text string) bool {
	switch s.Type {
	case Bool:
		_, err := strconv.ParseBool(text)
		return err == nil
	case Int:
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	}
	return true
}
