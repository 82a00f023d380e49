// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"strings"
)

// CheckLDAPFilter returns an error for an invalid search filter (RFC 4515), to follow the setting's name. It is not
// stricter than the server, which compiles the filter if LDAP is on, and does not start if it cannot. An empty filter
// is valid.
func CheckLDAPFilter(value string) error {
	if value == "" {
		return nil
	}
	rest, err := oneFilter(value)
	if err == nil && rest != "" {
		err = errors.New("has trailing text after the last parenthesis")
	}
	if err != nil {
		return errors.New("is not an LDAP filter: it " + err.Error() + "; write one such as (&(objectClass=user)(mail=*))")
	}
	return nil
}

// oneFilter consumes a filter at the beginning of a string.
func oneFilter(text string) (rest string, err error) {
	text, opened := strings.CutPrefix(text, "(")
	if !opened {
		return "", errors.New("lacks an opening parenthesis")
	}
	switch {
	case strings.HasPrefix(text, "&"), strings.HasPrefix(text, "|"):
		text = text[1:]
		for strings.HasPrefix(text, "(") {
			if text, err = oneFilter(text); err != nil {
				return "", err
			}
		}
	default:
		inner := strings.TrimPrefix(text, "!")
		if strings.HasPrefix(inner, "(") {
			text, err = oneFilter(inner)
		} else {
			text, err = oneComparison(inner)
		}
		if err != nil {
			return "", err
		}
	}
	rest, closed := strings.CutPrefix(text, ")")
	if !closed {
		return "", errors.New("lacks a closing parenthesis")
	}
	return rest, nil
}

// oneComparison consumes an attribute, an operator and a value, up to the parenthesis.
func oneComparison(text string) (rest string, err error) {
	end := strings.IndexByte(text, ')')
	if end < 0 {
		return "", errors.New("lacks a closing parenthesis")
	}
	attribute, value, found := strings.Cut(text[:end], "=")
	if !found || attribute == "" {
		return "", errors.New("lacks an attribute and an equals sign between two parentheses")
	}
	for {
		_, after, escaped := strings.Cut(value, `\`)
		if !escaped {
			return text[end:], nil
		}
		if len(after) < 2 || !isHex(after[0]) || !isHex(after[1]) {
			return "", errors.New("has a backslash that is not followed by two hexadecimal digits")
		}
		value = after[2:]
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
