// SPDX-License-Identifier: Apache-2.0

package rules

import "bigbang.dev/mattermost-fn/api/v1alpha1"

// bigBangLogging warns about kinds of the Fluent operator, which Big Bang does not install: it installs Alloy and Loki,
// and its package fluentbit, off by default, is the plain chart (umbrella, 2026-08-21, chart/values.yaml). Who sets one
// of the fields that decide about Fluent Bit, or an output, which only the operator has, knows what is installed.
func bigBangLogging(s *subject) {
	const field = "spec.logging.fluentBit"
	fluentBit := s.spec.Logging.FluentBit
	if s.spec.Profile != v1alpha1.ProfileBigBang || !*fluentBit.Enabled || fluentBit.Form != v1alpha1.FluentBitOperator ||
		len(s.givenOf(field, "enabled", "form", "outputs")) > 0 {
		return
	}
	s.warnf(field, "emits kinds of the Fluent operator, which Big Bang does not install: it has Alloy with Loki, and the "+
		"plain chart of Fluent Bit. For the chart set spec.logging.fluentBit.form: configMap, for Alloy "+
		"spec.logging.fluentBit.enabled: false, and if the operator is installed form: operator")
}
