// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// mattermostSettings compares spec.settings with the table of all settings: the server silently ignores what it does
// not know or cannot parse.
func mattermostSettings(s *subject) {
	for _, section := range slices.Sorted(maps.Keys(s.spec.Settings)) {
		if len(s.spec.Settings[section]) == 0 && len(settings.In(section)) == 0 {
			s.errorf("spec.settings."+section, "%s", unknownSection(section))
		}
	}
	for _, given := range settings.Flatten(s.spec.Settings) {
		setting, known := settings.Find(given.Section, given.Key)
		if !known {
			s.errorf(given.Field, "%s", s.unknownSetting(given.Section, given.Key))
			continue
		}
		if given.Value.IsPlain() && setting.Unneeded(given.Value.Value) {
			continue
		}
		if setting.Unsettable != "" {
			s.errorf(given.Field, "cannot be set by the environment: %s; remove it", setting.Unsettable)
			continue
		}
		if err := s.refuses(setting, given.Value); err != nil {
			s.errorf(given.Field, "%v", err)
		} else if err := caution(setting, given.Value); err != nil {
			s.warnf(given.Field, "%v", err)
		}
		if why := s.lacks(setting); why != "" {
			s.warnf(given.Field, "%s", why)
		}
	}
}

// refuses returns why the server would reject the value of a setting, or interpret it differently than intended.
func (s *subject) refuses(setting settings.Setting, value v1alpha1.SettingValue) error {
	if setting.Unsettable != "" || !value.IsPlain() || setting.Unneeded(value.Value) {
		return nil
	}
	if value.ContainsReference() {
		return errors.New("a reference can only replace the whole value, not a part of it; " +
			"keep the whole value in a Secret or store and refer to that")
	}
	text, err := setting.Encode(value.Value)
	if err != nil {
		return err
	}
	return s.refusesText(setting, text)
}

func (s *subject) refusesText(setting settings.Setting, text string) error {
	if setting.Presence(s.release()) == settings.Absent {
		return nil // the server ignores it, and a warning reports that
	}
	if err := setting.Validate(text, s.release()); err != nil {
		return shown(setting, text, err)
	}
	return nil
}

// shown returns an error about a value without secrets. Errors about objects quote only names.
func shown(setting settings.Setting, text string, err error) error {
	if setting.Type == settings.Map || setting.Type == settings.JSON {
		return err
	}
	return discreet{err, text}
}

// release is the version of the server; the newest one if spec.version is invalid.
func (s *subject) release() settings.Release {
	major, minor, err := v1alpha1.ParseVersion(s.spec.Version)
	if err != nil {
		return settings.Newest
	}
	return settings.Release{Major: major, Minor: minor}
}

// caution returns an error for a value that the server accepts but interprets differently than was probably meant.
func caution(setting settings.Setting, value v1alpha1.SettingValue) error {
	if !value.IsPlain() {
		return nil
	}
	text, err := setting.Encode(value.Value)
	if err != nil {
		return nil
	}
	if err := setting.Caution(text); err != nil {
		return shown(setting, text, err)
	}
	return nil
}

// lacks reports that the version of the server ignores a setting, or may ignore it.
func (s *subject) lacks(setting settings.Setting) string {
	const fix = "use a newer spec.version, or remove it"
	switch setting.Presence(s.release()) {
	case settings.Absent:
		return fmt.Sprintf("is ignored by Mattermost %s: the setting came %s; %s", s.spec.Version, setting.Came(), fix)
	case settings.Unsure:
		return fmt.Sprintf("may be ignored by Mattermost %s: the setting came %s; %s", s.spec.Version, setting.Came(), fix)
	}
	return ""
}

// discreet returns an error that quotes a string, unless it contains a user or a password.
type discreet struct {
	error
	text string
}

var (
	quoted      = pattern(`"(?:[^"\\]|\\.)+"`)
	confidences = pattern(`(?i)://[^/]*@|passw(or)?d|secret|token`)
)

func (d discreet) Error() string {
	message := d.error.Error()
	if !confidences().MatchString(d.text) {
		return message
	}
	return quoted().ReplaceAllStringFunc(message, func(quote string) string {
		if part, err := strconv.Unquote(quote); err == nil && strings.Contains(d.text, part) {
			return "something that may contain a secret"
		}
		return quote
	})
}

// unknownSetting returns what to write instead of a setting that does not exist.
func (s *subject) unknownSetting(section, key string) string {
	if removed, ok := settings.FindRemoved(section, key); ok {
		if removed.Presence(s.release()) != settings.Absent {
			return fmt.Sprintf("exists only in old versions, and its type is not known here; with version %s set %s in spec.env",
				s.spec.Version, removed.Env)
		}
		return removed.Why()
	}
	if len(settings.In(section)) == 0 {
		return unknownSection(section)
	}
	if s.report.Full() {
		return "Mattermost has no such setting"
	}
	if near, ok := settings.NearestKey(section, key); ok {
		return fmt.Sprintf("Mattermost has no such setting; did you mean %s?", near.Name())
	}
	return "Mattermost has no such setting (docs/settings.md lists them)"
}

func unknownSection(section string) string {
	if near := settings.NearestSection(section); near != "" {
		return fmt.Sprintf("Mattermost has no section %s; did you mean %s?", section, near)
	}
	return fmt.Sprintf("Mattermost has no section %s (docs/settings.md lists them)", section)
}

// environmentSettings compares the variables of spec.env that are meant for Mattermost with the same table.
func environmentSettings(s *subject) {
	for i, variable := range s.spec.Env {
		field := index("spec.env", i)
		if upper := strings.ToUpper(variable.Name); !strings.HasPrefix(upper, "MM_") {
			continue
		} else if upper != variable.Name {
			s.errorf(field, "%s: the server treats it as %s, and of two such variables a random one wins; "+
				"write it in upper case", variable.Name, upper)
			continue
		}
		setting, known := settings.FindEnv(variable.Name)
		text, here := literal(variable)
		switch {
		case variable.Name == settings.AdditionalAudit:
			if err := settings.CheckAdditionalAudit(text); err != nil {
				s.errorf(field, "%s: %v; the server would start without any audit log", variable.Name, err)
			}
		case !known && (settings.Reserved(variable.Name) || s.stillThere(variable.Name)):
		case !known && s.report.Full():
			s.errorf(field, "%s: no setting has this variable", variable.Name)
		case !known:
			s.errorf(field, "%s: %s", variable.Name, unknownVariable(variable.Name))
		case setting.Unsettable != "":
			s.errorf(field, "%s: cannot be set by the environment: %s; remove it", variable.Name, setting.Unsettable)
		case !here: // but in the cluster only
		case setting.Sensitive && text != "":
			s.errorf(field, "%s: is a secret, and anyone who may read the Mattermost resource could read it; "+
				"use valueFrom with a secretKeyRef, or spec.settings.%s.%s", variable.Name, setting.Section, setting.Key)
		default:
			if err := s.refusesText(setting, text); err != nil {
				s.errorf(field, "%s: %v", variable.Name, err)
			} else if err := setting.Caution(text); err != nil {
				s.warnf(field, "%s: %v", variable.Name, shown(setting, text, err))
			}
		}
		if why := s.lacks(setting); known && why != "" {
			s.warnf(field, "%s: %s", variable.Name, why)
		}
	}
}

// stillThere reports whether the version of the server still has the removed setting of a variable, as far as is known.
func (s *subject) stillThere(name string) bool {
	removed, ok := settings.FindRemovedEnv(name)
	return ok && removed.Presence(s.release()) != settings.Absent
}

// unknownVariable returns what to write instead of a variable that belongs to no setting.
func unknownVariable(name string) string {
	if removed, ok := settings.FindRemovedEnv(name); ok {
		return removed.Why()
	}
	if phantom, ok := settings.FindPhantom(name); ok {
		return phantom.Why()
	}
	if setting, ok := settings.ShadowedBy(name); ok {
		return fmt.Sprintf("the server treats it as %s and ignores the rest of the name, so a random one of the two values "+
			"wins; choose another name", setting.Env)
	}
	if near, ok := settings.NearestEnv(name); ok {
		return fmt.Sprintf("no setting has this variable, so the server ignores it; did you mean %s?", near.Env)
	}
	return "no setting has this variable, so the server ignores it (docs/settings.md lists them); " +
		"a variable for something else must not begin with MM_"
}

// conflicts reports conflicting settings in the server's whole environment, with which the server does not start. It
// needs the plan.
func conflicts(s *subject, p *plan.Plan) {
	values := map[string]settings.Value{}
	for name, text := range operatorVariables(p) {
		values[name] = settings.Value{Text: text, Known: true}
	}
	fields := map[string]string{}
	for _, variable := range p.Env {
		value := settings.Value{Text: variable.Value, Known: variable.ValueFrom == nil}
		if variable.Verbatim {
			value.Text, value.Known = literal(variable.EnvVar)
		}
		values[variable.Name] = value
		fields[variable.Name] = variable.Field
	}
	for _, v := range s.variables() {
		if v.known && fields[v.name] == v.field {
			values[v.name] = settings.Value{Text: v.value, Known: true} // also if it is in a Secret
		}
	}
	get := func(name string) (settings.Value, bool) {
		value, ok := values[name]
		return value, ok
	}
	for _, conflict := range settings.Conflicts(s.release(), get) {
		field := "spec.settings"
		for _, name := range conflict.Envs {
			if from, ok := fields[name]; ok && s.given(from) {
				field = from
				break
			}
		}
		if conflict.Dormant {
			s.warnf(field, "%s", conflict.Message)
		} else {
			s.errorf(field, "%s", conflict.Message)
		}
	}
}

// operatorVariables are variables that the operator sets, but this function does not.
func operatorVariables(p *plan.Plan) map[string]string {
	variables := map[string]string{
		"MM_SQLSETTINGS_DATASOURCE":       "postgres://",
		"MM_FILESETTINGS_DRIVERNAME":      "amazons3",
		"MM_PLUGINSETTINGS_ENABLEUPLOADS": "true",
	}
	if p.Files.Claim != nil {
		variables["MM_FILESETTINGS_DRIVERNAME"] = "local"
		variables["MM_FILESETTINGS_DIRECTORY"] = dataDirectory
	}
	return variables
}
