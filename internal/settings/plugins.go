// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"maps"
)

// PluginStates returns the states of the prepackaged plugins that a server has when nobody set any, by the plugin's id:
// for each an object with Enable.
func PluginStates() map[string]any {
	states := map[string]any{}
	if s, found := Find("PluginSettings", "PluginStates"); found {
		_ = json.Unmarshal([]byte(s.Default), &states) // a test reads it too
	}
	return states
}

// MergePluginStates lays plugin states, a value of PluginSettings.PluginStates, over those of the prepackaged plugins.
// The environment replaces the whole map (server/config/environment.go, applyEnvKey), so without it, switching one
// plugin would switch all prepackaged ones off. What is given is not changed.
func MergePluginStates(states map[string]any) map[string]any {
	merged := PluginStates()
	maps.Copy(merged, states)
	return merged
}
