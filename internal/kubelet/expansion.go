// SPDX-License-Identifier: Apache-2.0

// Package kubelet implements how the kubelet expands a container's variables, command and arguments before it starts
// the container: $(NAME) becomes the value of the variable NAME, and $$ becomes $ (Kubernetes 1.36,
// third_party/forked/golang/expansion). Values from a Secret or ConfigMap are not expanded.
package kubelet

import "strings"

// Escape returns the string that the kubelet expands to text. A dollar sign without a meaning for the kubelet is not
// escaped.
func Escape(text string) string {
	if !strings.Contains(text, "$$") && !strings.Contains(text, "$(") {
		return text
	}
	var escaped strings.Builder
	for i := range len(text) {
		if text[i] == '$' && i+1 < len(text) && (text[i+1] == '$' || text[i+1] == '(') {
			escaped.WriteByte('$')
		}
		escaped.WriteByte(text[i])
	}
	return escaped.String()
}

// Literal returns what the kubelet expands text to; ok is false if that depends on another variable.
func Literal(text string) (literal string, ok bool) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '$' && i+1 < len(text) {
			switch {
			case text[i+1] == '$':
				i++
			case text[i+1] == '(' && strings.Contains(text[i:], ")"):
				return "", false
			}
		}
		out.WriteByte(text[i])
	}
	return out.String(), true
}
