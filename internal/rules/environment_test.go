// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/result"
)

// A dozen rules read the variables, and each setting among them is validated.
func TestVariablesAreReadOnce(t *testing.T) {
	config := &v1alpha1.MattermostConfig{}
	config.Spec.Env = []corev1.EnvVar{{Name: "MM_SERVICESETTINGS_SITEURL", Value: "https://chat.example.com"}}
	s := newSubject(config, func(string) bool { return true }, &result.Reporter{})
	first := s.variables()
	if len(first) != 1 || &first[0] != &s.variables()[0] {
		t.Errorf("got %v, read again", first)
	}
}
