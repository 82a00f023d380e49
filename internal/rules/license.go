// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
)

func (s *subject) licensed() bool { return s.spec.Licensed() }

// servers is how many servers will run, and the field that says so.
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
		s.errorf("spec.replicas", "got %d; at least one server must run. To stop Mattermost for a while, "+
			"set spec.replicas of the Mattermost resource to 0 with a kustomize patch", n)
	case n > 1 && !s.licensed():
		s.errorf("spec.replicas", "%d servers without a license lose messages: each server tells only its own users what "+
			"is posted, and all of them run every job. "+
			"Set spec.replicas to 1, or set spec.enterprise with enabled: true and a license that has the feature cluster "+
			"(license: {uploaded: true} where Mattermost has it already)", n)
	}
}

func edition(s *subject) {
	teamImage := strings.Contains(s.spec.Image.Repository, "team-edition")
	if s.spec.Edition == v1alpha1.EditionEnterprise && teamImage {
		s.warnf("spec.edition", "is enterprise, but the name of the image %s says team edition, "+
			"which ignores a license and shows no login button for single sign-on; use an image of the enterprise edition, "+
			"or set spec.edition: team", s.spec.Image.Repository)
	}
	if s.spec.Edition != v1alpha1.EditionTeam {
		return
	}
	const fix = "use an image of the enterprise edition (spec.image.repository), which runs without a license too"
	if s.spec.Enterprise.Enabled {
		s.errorf("spec.enterprise.enabled", "the image %s holds the team edition, which knows no license; %s",
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
			"leave the scope empty and give the Keycloak client a default client scope named openid, or %s", fix)
	}
}

func missingLicense(s *subject) {
	enterprise := s.spec.Enterprise
	env, fromEnv := s.spec.LicenseFromEnv()
	switch {
	case enterprise.Enabled && !s.licensed():
		s.warnf("spec.enterprise.license", "is missing: without a license the server runs as Mattermost Entry, "+
			"which has no high availability and no Elasticsearch. Set it to the license, and a renewed one is used at once, "+
			"or to {uploaded: true} where a license was uploaded")
	case enterprise.Enabled:
	case enterprise.License != nil && !s.given("spec.enterprise.enabled"):
		s.errorf("spec.enterprise.license", "is given, but enterprise is not enabled; set spec.enterprise.enabled: true, "+
			"or remove the license")
	case enterprise.License != nil:
		s.warnf("spec.enterprise.license", "is not used, since spec.enterprise.enabled is false; set it to true, "+
			"or remove the license")
	case fromEnv:
		s.warnf(index("spec.env", env), "%s: gives the server a license, but clustering and metrics are off while "+
			"spec.enterprise.enabled is false; set it to true", v1alpha1.LicenseVariable)
	}
}
