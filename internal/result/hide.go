// SPDX-License-Identifier: Apache-2.0

package result

import (
	"fmt"
	"reflect"
	"strings"
)

// Format formats a message. It hides credentials in arguments that are values of the user: people write a whole
// connection where a host, a name or a URL without a password is expected, and messages are kept in logs of CI and, by
// kpt, in files.
func Format(format string, args ...any) string {
	for i, arg := range args {
		switch arg := arg.(type) {
		case nil:
		case error:
			args[i] = hideUserInfo(fmt.Sprint(arg))
		case fmt.Stringer:
			if text := fmt.Sprint(arg); reflect.ValueOf(arg).Kind() == reflect.String {
				args[i] = hideCredentials(text) // such as corev1.ResourceName, which is any string
			} else {
				args[i] = hideUserInfo(text)
			}
		default:
			switch value := reflect.ValueOf(arg); {
			case value.Kind() == reflect.String:
				args[i] = hideCredentials(value.String())
			case value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.String:
				elements := make([]string, value.Len())
				for n := range elements {
					elements[n] = hideCredentials(value.Index(n).String())
				}
				args[i] = elements
			}
		}
	}
	return fmt.Sprintf(format, args...)
}

const hidden = "***"

// hideUserInfo hides the user and the password of URLs. A password may contain any character, so everything from the
// first :// to the last @ is hidden.
func hideUserInfo(text string) string {
	start := strings.Index(text, "://")
	if at := lastAt(text); start >= 0 && at > start {
		return text[:start+len("://")] + hidden + text[at:]
	}
	return text
}

// lastAt returns the index of the last @ that does not begin the digest of an image, or -1.
func lastAt(text string) int {
	at := strings.LastIndexByte(text, '@')
	for at >= 0 && strings.HasPrefix(text[at:], "@sha256:") {
		at = strings.LastIndexByte(text[:at], '@')
	}
	return at
}

// hideCredentials hides what a single value contains of credentials: the user information of a URL, also without a
// scheme, and what follows the first password= or token=.
func hideCredentials(value string) string {
	value = hideUserInfo(value)
	at := lastAt(value)
	word := strings.LastIndexAny(value[:max(at, 0)], " \t\n\"'") + 1
	if colon := strings.IndexByte(value[word:], ':'); colon >= 0 && word+colon < at &&
		!strings.HasPrefix(value[word+colon:], "://") {
		value = value[:word] + hidden + value[at:]
	}
	lower := strings.Map(func(r rune) rune { // as long as the value, unlike strings.ToLower
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.ToValidUTF8(value, "?"))
	if len(lower) != len(value) {
		return hidden // not UTF-8, which YAML cannot contain
	}
	first := len(value)
	for _, name := range []string{"password", "passwd", "pwd", "secret", "token"} {
		for from := 0; ; {
			found := strings.Index(lower[from:], name)
			if found < 0 {
				break
			}
			from += found + len(name)
			if rest := strings.TrimLeft(lower[from:], " "); strings.HasPrefix(rest, "=") {
				first = min(first, len(lower)-len(rest)+1)
				break
			}
		}
	}
	if first < len(value) {
		value = value[:first] + hidden
	}
	return value
}
