// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"strings"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// fieldsOfVariables are the fields of the variables that the function emits and that are no settings of the server.
var fieldsOfVariables = map[string]string{
	"MM_CALLS_UDP_SERVER_PORT":        "spec.calls.port",
	"MM_CALLS_TCP_SERVER_PORT":        "spec.calls.port",
	"MM_CALLS_ICE_HOST_OVERRIDE":      "spec.calls.host",
	"MM_CALLS_ICE_HOST_PORT_OVERRIDE": "spec.calls.service.nodePort",
	"MM_CONFIG":                       "spec.database",
	"MM_LICENSE":                      "spec.enterprise.license",
	"PGUSER":                          "spec.database.username",
	"PGPASSWORD":                      "spec.database.password",
}

// isVariable reports whether a word is written like an environment variable of the server.
func isVariable(word string) bool {
	_, emitted := fieldsOfVariables[word]
	return emitted || strings.HasPrefix(word, "MM_")
}

// explainVariable describes a variable that is no setting: the field that sets it, or who reads it. It returns an error
// for one that nobody reads.
func explainVariable(name string) (string, error) {
	if field, emitted := fieldsOfVariables[name]; emitted {
		text, err := Explain(field)
		return wrap("", "", name+" is not one of Mattermost's own settings. This field sets it:") + "\n\n" + text, err
	}
	if settings.Reserved(name) {
		reader := "the server"
		if strings.HasPrefix(name, "MM_CALLS_") {
			reader = "the plugin Calls"
		}
		return wrap("", "", fmt.Sprintf("%s is not one of Mattermost's own settings, and no field sets it: %s reads it. Set "+
			"it in spec.env.", name, reader)) + "\n", nil
	}
	if removed, ok := settings.FindRemovedEnv(name); ok {
		return "", fmt.Errorf("%s: %s %s", name, removed.Name(), removed.Why())
	}
	hint := ""
	if near, ok := settings.NearestEnv(name); ok {
		hint = "; did you mean " + near.Env + "?"
	}
	return "", fmt.Errorf("%s: Mattermost has no such setting, and the server ignores the variable%s", name, hint)
}
