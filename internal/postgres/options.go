// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"errors"
	"fmt"
	"strings"

	"bigbang.dev/mattermost-fn/internal/nearest"
)

// checkOptions returns an error if PostgreSQL rejects command line options of a connection, to follow the name of the
// parameter options. It supports those that set a parameter: -c name=value and --name=value. It never shows the value
// of an extension's parameter (src/backend/tcop/postgres.c, process_postgres_switches).
func checkOptions(text string) error {
	words := splitOptions(text)
	for i := 0; i < len(words); i++ {
		word := words[i]
		setting, long := strings.CutPrefix(word, "--")
		switch {
		case word == "--" && i == len(words)-1: // ends the options
			return nil
		case word == "--":
			return notAnOption(i + 1)
		case long:
		case word == "-c":
			if i++; i == len(words) {
				return errors.New("has -c without a parameter; write -c name=value")
			}
			setting = words[i]
		case strings.HasPrefix(word, "-c"):
			setting = word[len("-c"):]
		case strings.HasPrefix(word, "-") && word != "-":
			if takesArgument(word) {
				i++
			}
			continue
		default:
			return notAnOption(i)
		}
		if err := checkOption(setting); err != nil {
			return err
		}
	}
	return nil
}

func notAnOption(index int) error {
	return fmt.Errorf("has the word %d, which is not an option, so PostgreSQL refuses the connection; "+
		"write -c name=value, with a backslash before a space in the value", index+1)
}

// takesArgument reports whether the next word belongs to an option.
func takesArgument(option string) bool {
	return len(option) == 2 && strings.IndexByte("BCDdfhkNprStvW", option[1]) >= 0
}

// checkOption is about one name=value.
func checkOption(setting string) error {
	name, value, found := strings.Cut(setting, "=")
	name = strings.ReplaceAll(name, "-", "_")
	p, known := Find(name)
	switch {
	case !found:
		return fmt.Errorf("sets %s without a value, so PostgreSQL refuses the connection; write -c name=value", name)
	case known && (p.ByAnyone() || p.BySuperuser()):
		if err := p.CheckValue(value); err != nil {
			return fmt.Errorf("sets %s, which %w", name, err)
		}
		return nil
	case known:
		return fmt.Errorf("sets %s, which can only be set in the configuration of PostgreSQL itself, "+
			"so the connection is refused", name)
	case strings.Contains(name, "."):
		if err := checkCustom(name); err != nil {
			return fmt.Errorf("sets %s, which %w", name, err)
		}
		return nil
	}
	hint := ""
	if near := nearest.Nearest(name, settable()); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return fmt.Errorf("sets %s, a parameter that PostgreSQL does not have, so the connection is refused%s", name, hint)
}

// splitOptions separates options at spaces. A backslash escapes the next character (src/backend/utils/init/
// postinit.c, pg_split_opts).
func splitOptions(text string) []string {
	var words []string
	var word strings.Builder
	inside, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case strings.ContainsRune(" \t\n\v\f\r", r):
			if inside {
				words = append(words, word.String())
				word.Reset()
			}
			inside = false
			continue
		case r == '\\':
			escaped = true
		default:
			word.WriteRune(r)
		}
		inside = true
	}
	if inside {
		words = append(words, word.String())
	}
	return words
}
