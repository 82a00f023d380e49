// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Validate says why a server of the release would refuse a value of the setting, written as its environment variable
// takes it, whatever the other settings are. Such a server does not start: its configuration is invalid
// (server/config/store.go, Load, which validates after the environment has been applied), or what it opens, binds or
// parses at start-up fails. What CheckEnv reports comes first. What depends on other settings is reported by Conflicts.
//
// The error follows the setting's name. It never shows a value that is sensitive.
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

// Caution says what the server makes of a value that it takes, where that is hardly what was meant. Nothing is wrong
// with most values. The error follows the setting's name; it never shows a value that is sensitive.
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

// emptyElement finds an element of a list that is empty: the server splits the variable at each space.
func emptyElement(value string) error {
	if value == "" {
		return errors.New("is a list of one empty element to the server; leave it out, or write elements")
	}
	for i, element := range strings.Split(value, " ") {
		if element == "" {
			return fmt.Errorf("has an empty element %d to the server; separate elements by one space, "+
				"without spaces around them", i)
		}
	}
	return nil
}

// constraint is what the server asks of the value of one setting. Only what applies is given.
type constraint struct {
	// name of the setting.
	name string
	// since is the first release that asks for it, before the first one that does not any more; zero where all do.
	since, before Release
	// while are the values of other settings with which the server asks for it; always where there are none.
	while []condition
	// min and max are the bounds of a number.
	min, max int64
	// oneOf are the only values.
	oneOf []string
	// shortest and longest are bounds of a string's bytes. An empty string has no shortest.
	shortest, longest int
	// form says what else is wrong with a value, to follow the setting's name.
	form func(value string) error
	// because says what the server does or since when, where "the server does not start" is not enough.
	because string
}

// condition is a setting that has a value.
type condition struct{ name, value string }

// on is the condition that a switch is on.
func on(name string) condition { return condition{name, "true"} }

func (c *constraint) holdsIn(release Release) bool {
	return !release.Before(c.since) && (c.before == Release{} || release.Before(c.before))
}

// check says what is wrong with a value, to follow the setting's name.
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
			return fmt.Errorf("is %q, which the server refuses (%s)", value, choices(c.oneOf))
		}
	case c.shortest > 0:
		if value != "" && len(value) < c.shortest {
			return fmt.Errorf("is too short: it has %d characters, and the server refuses less than %d; "+
				"leave the setting out to have one made", len(value), c.shortest)
		}
	case c.longest > 0:
		if len(value) > c.longest {
			return fmt.Errorf("has %d bytes, and the server refuses more than %d", len(value), c.longest)
		}
	case s.Type == Int:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil // reported by CheckEnv
		}
		if number < c.min || number > c.max {
			if c.max == noMax {
				return fmt.Errorf("is %d, which the server refuses; must be %d or more", number, c.min)
			}
			return fmt.Errorf("is %d, which the server refuses; must be %d to %d", number, c.min, c.max)
		}
	}
	return nil
}

// choices lists values: one of "", TLS.
func choices(values []string) string {
	if len(values) == 1 {
		return "only " + values[0] + " is taken"
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
