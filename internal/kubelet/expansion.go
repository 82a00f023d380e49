// SPDX-License-Identifier: Apache-2.0

// Package kubelet knows what the kubelet makes of a container's variables, command and arguments before it starts the
// container: $(NAME) becomes the value of the variable NAME, and $$ becomes $
// (Kubernetes 1.36, third_party/forked/golang/expansion). Values that come from a Secret or ConfigMap stay as they are.
package kubelet

import "strings"

// Escape returns what the kubelet turns into text. A dollar sign that means nothing to the kubelet stays as it is.
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

// Literal returns what the kubelet turns text into; ok is false where that depends on another variable.
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
