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

// CheckEnv says why the server would not read a value of the setting's environment variable as what it looks like. The
// server says nothing then, and keeps the default (server/config/environment.go, applyEnvKey).
//
// The error follows the variable's name. It never shows a value that is sensitive.
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
			return fmt.Errorf("is %s, which the server does not take for true or false: "+
				"it would keep the default (%s) without a word; write true or false", s.describe(value), s.Default)
		}
	case Int:
		if !s.parses(value) {
			return fmt.Errorf("is %s, which the server does not take for a whole number: "+
				"it would keep the default (%s) without a word; write digits only", s.describe(value), s.Default)
		}
	case Map, JSON:
		return s.checkObject(value)
	}
	return nil
}

// checkObject says why the server would not read a JSON text as the object that the setting takes. It never shows the
// text, since plugins keep their secrets in one.
func (s Setting) checkObject(text string) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Errorf("is no JSON: it goes wrong at byte %d; write an object such as %s", syntax.Offset,
				s.exampleObject())
		}
		return fmt.Errorf("is JSON, but no object; write one such as %s", s.exampleObject())
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if expected := s.checkMember(object[key]); expected != "" {
			then := "keep the default without a word"
			if s.Type == JSON {
				then = "not start"
			}
			return fmt.Errorf("has something else than %s at %q, so the server would %s; write an object such as %s", expected,
				key, then, s.exampleObject())
		}
	}
	return nil
}

// checkMember returns what is expected in an object where the server would refuse what is there, else "".
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

// exampleObject is one that the setting would take.
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

// pluginStates is the setting whose map the environment replaces to the loss of the prepackaged plugins.
const pluginStates = "PluginSettings.PluginStates"

// parses says that the server would read a text as the boolean or the number that the setting is.
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
