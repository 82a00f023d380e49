package rules

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// mattermostSettings holds spec.settings against the table of all settings: the server ignores in silence what it does
// not know or cannot read.
func mattermostSettings(s *subject) {
	for _, given := range settings.Flatten(s.spec.Settings) {
		setting, known := settings.Find(given.Section, given.Key)
		if !known {
			s.errorf(given.Field, "%s", s.unknownSetting(given.Section, given.Key))
			continue
		}
		if setting.Unsettable != "" {
			s.errorf(given.Field, "cannot be set by the environment: %s; remove it", setting.Unsettable)
			continue
		}
		if err := s.refuses(setting, given.Value); err != nil {
			s.errorf(given.Field, "%v", err)
		}
		if s.newer(setting) {
			s.warnf(given.Field, "is a setting of Mattermost since %s, and %s ignores it; use a newer spec.version, or remove it", setting.Since, s.spec.Version)
		}
	}
}

// refuses says why the server would refuse the value of a setting, or read something else than what is meant.
func (s *subject) refuses(setting settings.Setting, value v1alpha1.SettingValue) error {
	if setting.Unsettable != "" || !value.IsPlain() {
		return nil
	}
	if value.HoldsReference() {
		return errors.New("a secret can be referenced in place of the whole value only, not inside it; keep the whole value in a Secret or store and reference that")
	}
	text, err := setting.Encode(value.Value)
	if err != nil {
		return err
	}
	return s.refusesText(setting, text)
}

// refusedSince11 are the settings that have one value only since version 11.
var refusedSince11 = []string{"TeamSettings.ExperimentalViewArchivedChannels", "ExperimentalSettings.ClientSideCertEnable"}

func (s *subject) refusesText(setting settings.Setting, text string) error {
	if slices.Contains(refusedSince11, setting.Name()) && !v1alpha1.AtLeast(s.spec.Version, 11, 0) {
		return setting.CheckEnv(text)
	}
	if err := setting.Validate(text); err != nil {
		return discreet{err, text}
	}
	return nil
}

// discreet is an error that may quote a text. It does not where there is a user or a password in the text.
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
			return "something that may hold a secret"
		}
		return quote
	})
}

// newer says whether the setting is of a later version than the one that runs.
func (s *subject) newer(setting settings.Setting) bool {
	major, minor, ok := firstVersion(setting.Since)
	return ok && !strings.Contains(setting.Since, "before") && !v1alpha1.AtLeast(s.spec.Version, major, minor)
}

// gone says whether the version that runs is later than the last one known to have a setting.
func (s *subject) gone(removed settings.Removed) bool {
	major, minor, _ := firstVersion(removed.Last)
	return v1alpha1.AtLeast(s.spec.Version, major, minor+1)
}

// firstVersion reads the version that a text of the table begins with, such as 11.3 to 11.10.
func firstVersion(text string) (major, minor int, ok bool) {
	n, _ := fmt.Sscanf(text, "%d.%d", &major, &minor)
	return major, minor, n == 2
}

// unknownSetting says what to write instead of a setting that does not exist.
func (s *subject) unknownSetting(section, key string) string {
	if removed, ok := settings.FindRemoved(section, key); ok {
		if !s.gone(removed) {
			return fmt.Sprintf("is a setting of old versions only, whose type is not known here; with version %s write it in spec.env as %s", s.spec.Version, removed.Env)
		}
		return removed.Why()
	}
	if len(settings.In(section)) == 0 {
		if near := settings.NearestSection(section); near != "" {
			return fmt.Sprintf("Mattermost has no section %s; did you mean %s?", section, near)
		}
		return fmt.Sprintf("Mattermost has no section %s (docs/settings.md lists them)", section)
	}
	if near, ok := settings.NearestKey(section, key); ok {
		return fmt.Sprintf("Mattermost has no such setting; did you mean %s?", near.Name())
	}
	return "Mattermost has no such setting (docs/settings.md lists them)"
}

// environmentSettings holds the variables of spec.env that are meant for Mattermost against the same table.
func environmentSettings(s *subject) {
	for i, variable := range s.spec.Env {
		field := index("spec.env", i)
		if upper := strings.ToUpper(variable.Name); !strings.HasPrefix(upper, "MM_") {
			continue
		} else if upper != variable.Name {
			s.errorf(field, "%s: the server reads it as %s, beside which it would go unnoticed; write it in upper case", variable.Name, upper)
			continue
		}
		setting, known := settings.FindEnv(variable.Name)
		switch {
		case !known && (settings.Reserved(variable.Name) || s.stillThere(variable.Name)):
		case !known:
			s.errorf(field, "%s: %s", variable.Name, unknownVariable(variable.Name))
		case setting.Unsettable != "":
			s.errorf(field, "%s: cannot be set by the environment: %s; remove it", variable.Name, setting.Unsettable)
		case variable.ValueFrom != nil || strings.Contains(variable.Value, "$("): // not known here
		case setting.Sensitive && variable.Value != "":
			s.errorf(field, "%s: is a secret, and would stand in the Mattermost resource for everybody to read; use valueFrom with a secretKeyRef, or spec.settings.%s.%s", variable.Name, setting.Section, setting.Key)
		default:
			if err := s.refusesText(setting, variable.Value); err != nil {
				s.errorf(field, "%s: %v", variable.Name, err)
			}
		}
		if known && s.newer(setting) {
			s.warnf(field, "%s: is a setting of Mattermost since %s, and %s ignores it; use a newer spec.version, or remove it", variable.Name, setting.Since, s.spec.Version)
		}
	}
}

// stillThere says whether a variable sets what was removed only after the version that runs.
func (s *subject) stillThere(name string) bool {
	removed, ok := settings.FindRemovedEnv(name)
	return ok && !s.gone(removed)
}

// unknownVariable says what to write instead of a variable that no setting has.
func unknownVariable(name string) string {
	if removed, ok := settings.FindRemovedEnv(name); ok {
		return removed.Why()
	}
	if phantom, ok := settings.FindPhantom(name); ok {
		return phantom.Why()
	}
	if setting, ok := settings.ShadowedBy(name); ok {
		return fmt.Sprintf("the server reads it as %s and ignores the rest of the name, so it would take one of the two values by chance; choose a name that begins otherwise", setting.Env)
	}
	if near, ok := settings.NearestEnv(name); ok {
		return fmt.Sprintf("no setting has this variable, and the server ignores it; did you mean %s?", near.Env)
	}
	return "no setting has this variable, and the server ignores it (docs/settings.md lists them); a variable for something else must not begin with MM_"
}

// conflicts holds the server's whole environment against what the server refuses to start with: settings that do not go
// together. It is the one rule that needs the plan.
func conflicts(s *subject, p *plan.Plan) {
	values := map[string]string{
		// What the operator sets by itself, and this function does not.
		"MM_SQLSETTINGS_DATASOURCE":       "postgres://",
		"MM_FILESETTINGS_DRIVERNAME":      "amazons3",
		"MM_PLUGINSETTINGS_ENABLEUPLOADS": "true",
	}
	if p.Files.Claim != nil {
		values["MM_FILESETTINGS_DRIVERNAME"] = "local"
		values["MM_FILESETTINGS_DIRECTORY"] = dataDirectory
	}
	fields := map[string]string{}
	for _, variable := range p.Env {
		values[variable.Name] = variable.Value
		if variable.ValueFrom != nil {
			values[variable.Name] = "(known in the cluster only)"
		}
		fields[variable.Name] = variable.Field
	}
	get := func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
	for _, conflict := range settings.Conflicts(get) {
		field := "spec.settings"
		for _, name := range conflict.Envs {
			if from, ok := fields[name]; ok && s.given(from) {
				field = from
				break
			}
		}
		s.errorf(field, "%s", conflict.Message)
	}
}
