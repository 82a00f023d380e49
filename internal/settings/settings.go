// SPDX-License-Identifier: Apache-2.0

// Package settings knows the settings of Mattermost's own config.json: their names, types, defaults and environment
// variables, what they need of a license, and which values and combinations keep the server from starting. It knows
// Mattermost 11.10; what it says of earlier versions is in Setting.Since and Removed.
//
// The data is in settings.tsv, removed.tsv and phantom.tsv; the lookup tables are generated from them.
//
// An environment variable is one of these, to be asked in this order: a setting's (FindEnv), a removed setting's
// (FindRemovedEnv), one that only Mattermost's documentation knows (FindPhantom), one that is real without being a
// setting's (Reserved), one that sets a setting by accident (ShadowedBy), or unknown (NearestEnv says what was meant).
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
	// Key within the section, such as SiteURL. A dot separates the parts of one that is nested, such as
	// GlobalRelaySettings.SMTPPassword.
	Key string
	// Env is its environment variable, such as MM_SERVICESETTINGS_SITEURL.
	Env string
	// Type is what kind of value it takes.
	Type Type
	// Default is what a server uses that the Mattermost operator started and nobody configured, as JSON. What the operator
	// sets by environment, such as MM_CLUSTERSETTINGS_ENABLE, is not a default. It is DefaultRandom, DefaultUnset or
	// DefaultUnknown where there is none.
	Default string
	// Feature is the key of the license file that opens it, such as elastic_search, or empty. It is what 11.10 asks for:
	// GitLabSettings need openid since 11.0 only. See FeatureFor, since few settings need it whatever their value is.
	Feature string
	// Plan is the lowest plan by Mattermost's documentation: all, any license, Professional, Enterprise, Enterprise
	// Advanced, or one of these with the free Entry, such as Entry or Professional. It is empty where nothing is said,
	// which means all as far as anybody knows.
	Plan string
	// Sensitive says that it holds a password, key, salt, secret or data source: all that the server masks
	// (server/public/model/config.go, Sanitize), and their like.
	Sensitive bool
	// Unsettable says why the environment cannot set it. It is empty where it can.
	Unsettable string
	// Since is the first of the versions 9.5, 9.11, 10.5, 10.11, 11.0, 11.1, 11.2, 11.4, 11.6 and 11.10 that has it, such
	// as 9.5 or before. See Presence.
	Since string
}

// The defaults that are no JSON.
const (
	// DefaultRandom is made at the first start and kept in the database.
	DefaultRandom = "<random>"
	// DefaultUnset is no value at all.
	DefaultUnset = "<unset>"
	// DefaultUnknown is that of a setting which is announced, but whose source nobody has read.
	DefaultUnknown = "<unknown>"
)

// Type is what kind of value a setting takes.
type Type uint8

// The types of settings.
const (
	// String is any text.
	String Type = iota
	// Bool is true or false.
	Bool
	// Int is a whole number of 64 bits.
	Int
	// List is a list of strings.
	List
	// Map is an object whose keys are free.
	Map
	// JSON is any object, which the server reads itself later.
	JSON
	// Objects is a list of objects, which no environment variable can hold.
	Objects
)

// String names the type as a message does: what it expected.
func (t Type) String() string {
	switch t {
	case String:
		return "a string"
	case Bool:
		return "true or false"
	case Int:
		return "a whole number"
	case List:
		return "a list of strings"
	case Map, JSON:
		return "an object"
	}
	return "a list of objects"
}

// section is the part of the table that one section is.
type section struct {
	name       string
	first, end uint16
}

// Name is the section and the key, such as ServiceSettings.SiteURL.
func (s Setting) Name() string { return s.Section + "." + s.Key }

// Find returns the setting with a key, such as SiteURL or GlobalRelaySettings.SMTPPassword, in a section. Upper and
// lower case count.
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

// FindEnv returns the setting that an environment variable sets. Upper and lower case do not count: the server turns
// the names of all variables into upper case (server/config/environment.go, GetEnvironment).
func FindEnv(name string) (Setting, bool) {
	name = strings.ToUpper(name)
	i, found := sort.Find(len(byEnv), func(i int) int { return strings.Compare(name, table[byEnv[i]].Env) })
	if !found {
		return Setting{}, false
	}
	return table[byEnv[i]], true
}

// All goes through every setting, section by section.
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

// In returns the settings of a section, or nothing where there is no such section.
func In(section string) []Setting {
	for _, s := range sections {
		if s.name == section {
			return append([]Setting(nil), table[s.first:s.end]...)
		}
	}
	return nil
}

// IsGroup says that a key of a section is no setting but holds some, as GlobalRelaySettings of MessageExportSettings
// does.
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

// CheckAdditionalAudit says why the server makes nothing of a value of AdditionalAudit. It then starts without an audit
// log, of the settings' own targets too. The error follows the variable's name, and shows no value.
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

// Reserved says that a variable which sets no setting is real nevertheless: the server, or a plugin that comes with it,
// reads it by itself. A feature flag is real under any name that begins with MM_FEATUREFLAGS_, since each version has
// its own; those of 11.10 are settings besides, so ask FindEnv first.
func Reserved(name string) bool {
	name = strings.ToUpper(name)
	switch name {
	case AdditionalAudit, "MM_CONFIG", // the configuration's data source or file
		"MM_LICENSE",                 // the license itself, above the one in the database
		"MM_SERVICEENVIRONMENT",      // production, test or dev: whose licenses hold
		"MM_CUSTOM_DEFAULTS_PATH",    // a file of defaults
		"MM_INSTALL_TYPE",            // what the server reports as its way of being installed; the operator sets it
		"MM_CLOUD_FILESTORE_BIFROST", // Mattermost Cloud's own file store
		"MM_LOG_PATH":                // the folder that logs may be in, since 11.4
		return true
	}
	return len(name) > len("MM_FEATUREFLAGS_") && strings.HasPrefix(name, "MM_FEATUREFLAGS_") ||
		len(name) > len("MM_CALLS_") && strings.HasPrefix(name, "MM_CALLS_") // read by the Calls plugin
}

// ShadowedBy returns the setting that a variable sets although it is none: one whose name begins with that of a setting
// and goes on after an underscore, such as MM_SQLSETTINGS_DATASOURCE_OLD. The server forgets the rest of the name once
// it has found a value to set (server/config/environment.go, applyEnvKey), so both variables set the same setting, and
// which of them wins changes from start to start.
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

// DefaultValue returns the default as an environment variable would say it. It is false where there is none or where
// the environment cannot say it, as with an empty list.
func (s Setting) DefaultValue() (string, bool) {
	var value any
	if json.Unmarshal([]byte(s.Default), &value) != nil {
		return "", false
	}
	s.Unsettable = "" // it has a default all the same
	encoded, err := s.Encode(value)
	return encoded, err == nil
}

// Unneeded says that a value is a list which the environment cannot say, empty or with spaces in it, and which the
// setting has by default. It need not be set then.
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
