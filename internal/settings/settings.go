// SPDX-License-Identifier: Apache-2.0

// Package settings describes the settings in Mattermost's own config.json: their names, types, defaults and environment
// variables, the license features that they require, and the values and combinations with which the server does not
// start. It describes Mattermost 11.10; Setting.Since and Removed cover earlier versions.
//
// The data is in settings.tsv, removed.tsv and phantom.tsv; the lookup tables are generated from them.
//
// An environment variable is one of these; look it up in this order: that of a setting (FindEnv), that of a removed
// setting (FindRemovedEnv), one that only Mattermost's documentation lists (FindPhantom), one that the server reads but
// that is not a setting (Reserved), one that sets a setting by accident (ShadowedBy), or unknown (NearestEnv returns
// what was probably meant).
package settings

//go:generate go run ./generate

import (
	"cmp"
	"encoding/json"
	"iter"
	"reflect"
	"sort"
	"strings"
)

// Setting is one setting of config.json.
type Setting struct {
	// Section such as ServiceSettings.
	Section string
	// Key within the section, such as SiteURL. A nested key has dots, such as GlobalRelaySettings.SMTPPassword.
	Key string
	// Env is its environment variable, such as MM_SERVICESETTINGS_SITEURL.
	Env string
	// Type is the type of its value.
	Type Type
	// Default is the value, as JSON, of an unconfigured server that the Mattermost operator started. What the operator
	// sets by environment, such as MM_CLUSTERSETTINGS_ENABLE, is not a default. It is DefaultRandom, DefaultUnset or
	// DefaultUnknown if there is no default.
	Default string
	// Feature is the license feature that it requires in 11.10, such as elastic_search, or empty. Earlier versions may
	// differ: GitLabSettings require openid since 11.0. See FeatureFor: most settings require it only for some values.
	Feature string
	// Plan is the lowest plan by Mattermost's documentation: all, any license, Professional, Enterprise, Enterprise
	// Advanced, or one of these with the free Entry, such as Entry or Professional. It is empty if the
	// documentation does not mention a plan, which means all as far as we know.
	Plan string
	// Sensitive is true for a password, key, salt, secret or data source: all that the server masks
	// (server/public/model/config.go, Sanitize), and similar settings.
	Sensitive bool
	// Unsettable says why the environment cannot set it; empty if it can.
	Unsettable string
	// Since is the first of the versions 9.5, 9.11, 10.5, 10.11, 11.0, 11.1, 11.2, 11.4, 11.6 and 11.10 that has it, such
	// as 9.5 or before. See Presence.
	Since string
}

// The defaults that are not JSON.
const (
	// DefaultRandom is generated at the first start and kept in the database.
	DefaultRandom = "<random>"
	// DefaultUnset is no value at all.
	DefaultUnset = "<unset>"
	// DefaultUnknown is that of a setting that is announced but whose source was not read.
	DefaultUnknown = "<unknown>"
)

// Type is the type of a setting's value.
type Type uint8

// The types of settings.
const (
	// String is any string.
	String Type = iota
	// Bool is true or false.
	Bool
	// Int is an integer of 64 bits.
	Int
	// List is a list of strings.
	List
	// Map is an object with arbitrary keys.
	Map
	// JSON is any object, which the server parses later.
	JSON
	// Objects is a list of objects, which an environment variable cannot express.
	Objects
)

// String returns the type as messages name it: expected …
func (t Type) String() string {
	switch t {
	case String:
		return "a string"
	case Bool:
		return "true or false"
	case Int:
		return "an integer"
	case List:
		return "a list of strings"
	case Map, JSON:
		return "an object"
	}
	return "a list of objects"
}

// section is the part of the table for one section.
type section struct {
	name       string
	first, end uint16
}

// Name is the section and the key, such as ServiceSettings.SiteURL.
func (s Setting) Name() string { return s.Section + "." + s.Key }

// Find returns the setting with a key, such as SiteURL or GlobalRelaySettings.SMTPPassword, in a section. Case matters.
func Find(section, key string) (Setting, bool) {
	i, found := sort.Find(len(byName), func(i int) int {
		s := &table[byName[i]]
		return cmp.Or(strings.Compare(section, s.Section), strings.Compare(key, s.Key))
	})
	if !found {
		return Setting{}, false
	}
	return table[byName[i]], true
}

// FindEnv returns the setting that an environment variable sets. Case does not matter: the server converts the names of
// all variables to upper case (server/config/environment.go, GetEnvironment).
func FindEnv(name string) (Setting, bool) {
	name = strings.ToUpper(name)
	i, found := sort.Find(len(byEnv), func(i int) int { return strings.Compare(name, table[byEnv[i]].Env) })
	if !found {
		return Setting{}, false
	}
	return table[byEnv[i]], true
}

// All iterates over all settings, section by section.
func All() iter.Seq[Setting] {
	return func(yield func(Setting) bool) {
		for _, s := range table {
			if !yield(s) {
				return
			}
		}
	}
}

// Sections returns the names of all sections, in the order of the server's own configuration.
func Sections() []string {
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.name
	}
	return names
}

// In returns the settings of a section, or nil if there is no such section.
func In(section string) []Setting {
	for _, s := range sections {
		if s.name == section {
			return append([]Setting(nil), table[s.first:s.end]...)
		}
	}
	return nil
}

// IsGroup reports whether a key of a section is not a setting but a group of settings, such as GlobalRelaySettings of
// MessageExportSettings.
func IsGroup(section, key string) bool {
	key += "."
	i := sort.Search(len(byName), func(i int) bool {
		s := &table[byName[i]]
		return cmp.Or(strings.Compare(s.Section, section), strings.Compare(s.Key, key)) >= 0
	})
	return i < len(byName) && table[byName[i]].Section == section && strings.HasPrefix(table[byName[i]].Key, key)
}

// AdditionalAudit is a variable with more targets of the audit log, as JSON like that of
// ExperimentalAuditSettings.AdvancedLoggingJSON. The server reads it with any license (server/channels/app/audit.go,
// configureAudit).
const AdditionalAudit = "MM_EXPERIMENTALAUDITSETTINGS_ADDITIONAL"

// CheckAdditionalAudit returns an error for a value of AdditionalAudit that the server cannot use. The server then
// starts without any audit log, even without the targets in the settings. The error follows the variable's name, and
// shows no value.
func CheckAdditionalAudit(value string) error {
	if strings.TrimSpace(value) == "" {
		return nil
	}
	err := named("ExperimentalAuditSettings.AdvancedLoggingJSON").CheckEnv(value)
	if err == nil {
		err = logTargets(value)
	}
	return err
}

// Reserved reports whether the server, or a plugin that comes with it, reads a variable that is not a setting. This
// includes every name that begins with MM_FEATUREFLAGS_, since each version has its own feature flags; those of 11.10
// are settings too, so use FindEnv first.
func Reserved(name string) bool {
	name = strings.ToUpper(name)
	switch name {
	case AdditionalAudit, "MM_CONFIG", // the configuration's data source or file
		"MM_LICENSE",                 // the license itself, above the one in the database
		"MM_SERVICEENVIRONMENT",      // production, test or dev: whose licenses are valid
		"MM_CUSTOM_DEFAULTS_PATH",    // a file of defaults
		"MM_INSTALL_TYPE",            // the kind of installation, which the server reports; the operator sets it
		"MM_CLOUD_FILESTORE_BIFROST", // Mattermost Cloud's own file store
		"MM_LOG_PATH":                // the directory in which logs are allowed, since 11.4
		return true
	}
	return len(name) > len("MM_FEATUREFLAGS_") && strings.HasPrefix(name, "MM_FEATUREFLAGS_") ||
		len(name) > len("MM_CALLS_") && strings.HasPrefix(name, "MM_CALLS_") // read by the Calls plugin
}

// ShadowedBy returns the setting that a variable sets by accident: its name is the variable of a setting followed by an
// underscore and more, such as MM_SQLSETTINGS_DATASOURCE_OLD. The server ignores the rest of the name once it has found
// a value to set (server/config/environment.go, applyEnvKey), so both variables set the same setting, and which one
// wins changes from start to start.
func ShadowedBy(name string) (Setting, bool) {
	if _, exact := FindEnv(name); exact {
		return Setting{}, false
	}
	for end := strings.LastIndexByte(name, '_'); end > 0; end = strings.LastIndexByte(name[:end], '_') {
		if s, found := FindEnv(name[:end]); found {
			return s, true
		}
	}
	return Setting{}, false
}

// DefaultValue returns the default, encoded as for the environment variable. It returns false if there is none, or if
// an environment variable cannot express it, such as an empty list.
func (s Setting) DefaultValue() (string, bool) {
	var value any
	if json.Unmarshal([]byte(s.Default), &value) != nil {
		return "", false
	}
	s.Unsettable = "" // it has a default nevertheless
	encoded, err := s.Encode(value)
	return encoded, err == nil
}

// Unneeded reports whether a value is a list that an environment variable cannot express, but that is the default of
// the setting, so it need not be set.
func (s Setting) Unneeded(value any) bool {
	list, ok := value.([]any)
	if !ok {
		return false
	}
	if _, err := s.Encode(list); err == nil {
		return false
	}
	var byDefault []any
	return json.Unmarshal([]byte(s.Default), &byDefault) == nil && reflect.DeepEqual(list, byDefault)
}
