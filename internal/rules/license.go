// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func (s *subject) licensed() bool { return s.spec.Licensed() }

// servers returns the number of servers, and the field that decides it.
func (s *subject) servers() (n int32, field string) {
	switch {
	case s.spec.Replicas != nil:
		return *s.spec.Replicas, "spec.replicas"
	case s.licensed():
		return plan.Replicas(s.spec.Users), "spec.users"
	}
	return 1, "spec.replicas"
}

func replicas(s *subject) {
	n, _ := s.servers()
	switch {
	case n < 1 && s.spec.Replicas != nil:
		s.errorf("spec.replicas", "must be at least 1, got %d. To stop Mattermost temporarily, "+
			"set spec.replicas of the Mattermost resource to 0 with a kustomize patch", n)
	case n > 1 && !s.licensed():
		s.errorf("spec.replicas", "%d servers without a license lose messages: each server notifies only its own users, "+
			"and every server runs all jobs. "+
			"Set spec.replicas to 1, or set spec.enterprise with enabled: true and a license that has the feature cluster "+
			"(license: {uploaded: true} if it was uploaded to Mattermost)", n)
	}
}

func edition(s *subject) {
	teamImage := strings.Contains(s.spec.Image.Repository, "team-edition")
	if s.spec.Edition == v1alpha1.EditionEnterprise && teamImage {
		s.warnf("spec.edition", "is enterprise, but the name of the image %s indicates the team edition, "+
			"which ignores a license and shows no login button for single sign-on; use an image of the enterprise edition, "+
			"or set spec.edition: team", s.spec.Image.Repository)
	}
	if s.spec.Edition != v1alpha1.EditionTeam {
		return
	}
	const fix = "use an image of the enterprise edition (spec.image.repository), which runs without a license too"
	if s.spec.Enterprise.Enabled {
		s.errorf("spec.enterprise.enabled", "the image %s contains the team edition, which ignores licenses; %s",
			s.spec.Image.Repository, fix)
	}
	if !s.spec.SSO.Enabled {
		return
	}
	switch {
	case v1alpha1.AtLeast(s.spec.Version, 11, 0):
		s.errorf("spec.sso.enabled", "the team edition shows no login button for single sign-on since version 11; %s", fix)
	case containsWord(plan.Scope(s.spec), "openid"):
		s.errorf("spec.sso.scope", "with the scope openid the team edition answers every login with an error, "+
			"since the OpenID code is in the enterprise edition only; "+
			"leave the scope empty and add a default client scope named openid to the Keycloak client, or %s", fix)
	}
}

func missingLicense(s *subject) {
	enterprise := s.spec.Enterprise
	env, fromEnv := s.spec.LicenseFromEnv()
	switch {
	case enterprise.Enabled && !s.licensed():
		s.warnf("spec.enterprise.license", "is not set: without a license the server runs as Mattermost Entry, "+
			"without high availability and Elasticsearch. Set it to the license, so that a renewed one is used at once, "+
			"or to {uploaded: true} if a license was uploaded")
	case enterprise.Enabled:
	case enterprise.License != nil && !s.given("spec.enterprise.enabled"):
		s.errorf("spec.enterprise.license", "is set, but enterprise is not enabled; set spec.enterprise.enabled: true, "+
			"or remove the license")
	case enterprise.License != nil:
		s.warnf("spec.enterprise.license", "is not used, since spec.enterprise.enabled is false; set it to true, "+
			"or remove the license")
	case fromEnv:
		s.warnf(index("spec.env", env), "%s: sets a license, but clustering and metrics are off while "+
			"spec.enterprise.enabled is false; set it to true", v1alpha1.LicenseVariable)
	}
}
