// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Validate returns an error if a server of the release would reject a value of the setting, encoded as for its
// environment variable, regardless of other settings. Such a server does not start: its configuration is invalid
// (server/config/store.go, Load, which validates after the environment has been applied), or what it opens, binds or
// parses at start-up fails. Errors of CheckEnv come first. Conflicts reports what depends on other settings.
//
// The error follows the setting's name. It never shows a sensitive value.
func (s Setting) Validate(value string, release Release) error {
	if err := s.CheckEnv(value); err != nil {
		return err
	}
	if s.Type == List && !s.Sensitive && !slices.Contains(commasBelong, s.Name()) {
		for _, element := range strings.Split(value, " ") {
			if strings.Contains(element, ",") {
				return fmt.Errorf("has the element %q: elements are separated by single spaces, not by commas", element)
			}
		}
	}
	name := s.Name()
	for i := range constraints {
		if c := &constraints[i]; c.name == name && len(c.while) == 0 && c.holdsIn(release) {
			if err := c.check(s, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// commasBelong are the lists whose elements may contain commas.
var commasBelong = []string{
	"ServiceSettings.DCRRedirectURIAllowlist",            // URL patterns
	"ContentFlaggingSettings.AdditionalSettings.Reasons", // sentences
}

// Caution returns an error for a value that the server accepts but interprets differently than was probably meant. The
// error follows the setting's name; it never shows a sensitive value.
func (s Setting) Caution(value string) error {
	if s.Type == List {
		if err := emptyElement(value); err != nil {
			return err
		}
	}
	switch s.Name() {
	case "LocalizationSettings.DefaultServerLocale", "LocalizationSettings.DefaultClientLocale":
		return knownLocale(value)
	case "LocalizationSettings.AvailableLocales":
		return knownLocales(value)
	}
	return nil
}

// emptyElement returns an error for an empty element of a list: the server splits the variable at each space.
func emptyElement(value string) error {
	if value == "" {
		return errors.New("is a list with one empty element for the server; remove it, or write elements")
	}
	for i, element := range strings.Split(value, " ") {
		if element == "" {
			return fmt.Errorf("has an empty element %d for the server; separate elements by one space, "+
				"without spaces around them", i)
		}
	}
	return nil
}

// constraint is a condition that the server checks for the value of one setting. Unused fields are zero.
type constraint struct {
	// name of the setting.
	name string
	// since is the first release that checks it, before the first one that no longer does; zero if all do.
	since, before Release
	// while are the values of other settings with which the server checks it; if empty, it always does.
	while []condition
	// min and max are the bounds of a number.
	min, max int64
	// oneOf are the only values.
	oneOf []string
	// shortest and longest are bounds of a string's bytes. An empty string has no shortest.
	shortest, longest int
	// form returns what else is wrong with a value, to follow the setting's name.
	form func(value string) error
	// because is an additional explanation: what the server does, or since which version.
	because string
}

// condition is a setting that has a value.
type condition struct{ name, value string }

// on is the condition that a switch is on.
func on(name string) condition { return condition{name, "true"} }

func (c *constraint) holdsIn(release Release) bool {
	return !release.Before(c.since) && (c.before == Release{} || release.Before(c.before))
}

// check returns what is wrong with a value, to follow the setting's name.
func (c *constraint) check(s Setting, value string) error {
	err := c.complain(s, value)
	if err != nil && c.because != "" {
		return fmt.Errorf("%w: %s", err, c.because)
	}
	return err
}

func (c *constraint) complain(s Setting, value string) error {
	switch {
	case c.form != nil:
		return c.form(value)
	case c.oneOf != nil:
		if !slices.Contains(c.oneOf, value) {
			return fmt.Errorf("is %q, which the server rejects (%s)", value, choices(c.oneOf))
		}
	case c.shortest > 0:
		if value != "" && len(value) < c.shortest {
			return fmt.Errorf("is too short: it has %d characters, and the server rejects less than %d; "+
				"remove the setting to have one generated", len(value), c.shortest)
		}
	case c.longest > 0:
		if len(value) > c.longest {
			return fmt.Errorf("has %d bytes, and the server rejects more than %d", len(value), c.longest)
		}
	case s.Type == Int:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil // reported by CheckEnv
		}
		if number < c.min || number > c.max {
			if c.max == noMax {
				return fmt.Errorf("is %d, which the server rejects; must be %d or more", number, c.min)
			}
			return fmt.Errorf("is %d, which the server rejects; must be %d to %d", number, c.min, c.max)
		}
	}
	return nil
}

// choices lists values: one of "", TLS.
func choices(values []string) string {
	if len(values) == 1 {
		return "must be " + values[0]
	}
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = value
		if value == "" {
			shown[i] = `""`
		}
	}
	return "one of " + strings.Join(shown, ", ")
}
