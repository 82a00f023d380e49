// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/license"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// entitlement is what is known about the license.
type entitlement struct {
	// field is its field; empty if the configuration has no license.
	field string
	// prefix names the variable, if it comes from one.
	prefix string
	// text is the content of the license file, if it is in the configuration or in a Secret among the resources.
	text string
	// license is the parsed text; nil if it is not known or not valid.
	license *license.License
	// err is the error of parsing the text.
	err error
}

// readLicense reads the license in spec.env, which the server prefers, or the one in spec.enterprise.
func (s *subject) readLicense() entitlement {
	enterprise := s.spec.Enterprise
	if i, ok := s.spec.LicenseFromEnv(); ok && enterprise.Enabled {
		return s.licenseFromEnv(index("spec.env", i), s.spec.Env[i])
	}
	value := enterprise.LicenseValue()
	if !enterprise.Enabled || value == nil {
		return entitlement{}
	}
	e := entitlement{field: "spec.enterprise.license"}
	switch {
	case value.IsPlain():
		e.read(value.Value)
	case value.SecretKeyRef != nil:
		s.readSecret(&e, value.SecretKeyRef.Name, value.SecretKeyRef.Key)
	}
	return e // only the cluster can read one in a store
}

// licenseFromEnv reads a license in spec.env.
func (s *subject) licenseFromEnv(field string, variable corev1.EnvVar) entitlement {
	e := entitlement{field: field, prefix: variable.Name + ": "}
	if text, ok := literal(variable); ok {
		e.read(text)
	} else if from := variable.ValueFrom; from != nil && from.SecretKeyRef != nil {
		s.readSecret(&e, from.SecretKeyRef.Name, from.SecretKeyRef.Key)
	}
	return e
}

// readSecret reads a license from a Secret, if it is among the resources.
func (s *subject) readSecret(e *entitlement, name, key string) {
	switch text, state := s.resources.SecretKey(s.Namespace, name, key); state {
	case plan.KeyFound:
		e.read(text)
	case plan.KeyUnreadable:
		e.err = fmt.Errorf("it is key %s of Secret %s, which is not base64, or contains the decoded license: "+
			"under `data` the text of the license file, which begins with eyJ, is encoded once more; "+
			"under `stringData` it is written as it is", key, name)
	}
}

// read reads the text of a license, unless it is something that another rule reports.
func (e *entitlement) read(text string) {
	if !unfinished(text) {
		e.text = text
		e.license, e.err = license.Parse(text)
	}
}

// evaluationTime is the time for which the configuration is checked; zero if there is none.
func (s *subject) evaluationTime() time.Time {
	when, _ := v1alpha1.ParseTime(s.spec.EvaluationTime)
	return when
}

// soon is how long before its expiry a license should be renewed.
const soon = 30 * 24 * time.Hour

func licenseContents(s *subject) {
	if text := s.spec.EvaluationTime; text != "" {
		if _, err := v1alpha1.ParseTime(text); err != nil {
			s.errorf("spec.evaluationTime", "%q is not a time; write a day such as \"2026-11-23\", "+
				"or a time such as \"2026-11-23T08:00:00Z\"", text)
		}
	}
	e := s.entitlement
	if e.err != nil {
		s.errorf(e.field, "%s%s", e.prefix, strings.TrimPrefix(e.err.Error(), "it "))
		return
	}
	if e.license == nil {
		return
	}
	if key := license.PublicKey(s.spec.Enterprise.Verify); key != "" {
		if err := license.Verify(e.text, key); err != nil {
			s.errorf(e.field, "%s%v. With spec.enterprise.verify: none it is not checked", e.prefix, err)
		}
	}
	l := e.license
	plan := cmp.Or(l.Plan, "without a plan's name")
	s.infof(e.field, "%slicense %s: %s, %d seats, expires %s, has %s", e.prefix, l.ID, plan, l.Seats,
		l.Expires.Format(time.DateOnly), cmp.Or(strings.Join(l.FeatureKeys(), ", "), "no feature"))
	seats(s, e)
	if when := s.evaluationTime(); !when.IsZero() {
		expiry(s, result.Error, e, when)
	} else if !s.now.IsZero() {
		expiry(s, result.Warning, e, s.now)
	}
}

// seats compares the seats of the license with the users. The server counts users only where a license is uploaded, and
// where the license says that its seats are enforced (server/channels/app/platform/license.go, SaveLicense;
// app/limits.go).
func seats(s *subject, e entitlement) {
	l := e.license
	if !l.SeatsGiven || l.Seats == 0 {
		s.warnf(e.field, "%shas no number of users: the server accepts such a license from %s but rejects it as an upload; "+
			"request another license", e.prefix, v1alpha1.LicenseVariable)
		return
	}
	if users := s.spec.Users; users != nil && int(*users) > l.Seats {
		then := "and the server rejects the upload of a license with fewer seats than active users"
		if l.SeatsEnforced {
			then = "and the server adds no user beyond them"
		}
		s.warnf("spec.users", "%d users are more than the %d seats of the license, %s", *users, l.Seats, then)
	}
}

// uncheckedLicense reports that the contents of a license in Mattermost's database are not known.
func uncheckedLicense(s *subject) {
	if l := s.spec.Enterprise.License; l == nil || !l.Uploaded || s.entitlement.field != "" || !s.spec.Enterprise.Enabled {
		return
	}
	s.infof("spec.enterprise.license.uploaded", "the license is in Mattermost's database: its features, seats and end "+
		"cannot be checked here. Compare them with what this configuration uses (System Console, Edition and License)")
}

// expiry reports the state of the license at a time.
func expiry(s *subject, worst result.Severity, e entitlement, when time.Time) {
	l := e.license
	end, day := l.Expires.Format(time.DateOnly), when.Format(time.DateOnly)
	switch l.At(when) {
	case license.Expired:
		s.report.Report(worst, s.rule, e.field, "%sexpired on %s, more than 10 days before %s: the server removed it, "+
			"and every licensed feature with it. Renew it", e.prefix, end, day)
	case license.InGrace:
		s.warnf(e.field, "%sexpired on %s: the server removes it on %s, and every licensed feature with it. Renew it now",
			e.prefix, end, l.Expires.Add(license.Grace).Format(time.DateOnly))
	default:
		if l.Expires.Sub(when) < soon {
			s.warnf(e.field, "%sexpires on %s, in %d days; renew it", e.prefix, end, int(l.Expires.Sub(when).Hours()/24))
		}
	}
}

// need is a licensed feature that the configuration uses.
type need struct {
	// feature is its key in the license file.
	feature string
	// field that uses it, and the alternative.
	field, without string
	// variable that uses it, if the field does not name it; with a colon after it.
	variable string
}

// needs lists the licensed features that the configuration uses.
func (s *subject) needs() []need {
	var needs []need
	add := func(used bool, feature, field, without string) {
		if used {
			needs = append(needs, need{feature: feature, field: field, without: without})
		}
	}
	spec := s.spec
	n, field := s.servers()
	add(n > 1, "cluster", field, "set spec.replicas: 1")
	add(spec.Monitoring.Enabled && spec.Enterprise.Enabled, "metrics", "spec.monitoring.enabled", "set it to false")
	add(spec.Elasticsearch.Enabled, "elastic_search", "spec.elasticsearch.enabled", "leave search in the database")
	add(spec.ObjectStorage.ServerSideEncryption, "compliance", "spec.objectStorage.serverSideEncryption",
		"let the bucket encrypt by default")
	if spec.SSO.Enabled {
		switch spec.SSO.Provider {
		case v1alpha1.SSOOpenID:
			add(true, "openid", "spec.sso.provider", "use provider gitlab with a version before 11")
		default:
			add(v1alpha1.AtLeast(spec.Version, 11, 0) && spec.Enterprise.Enabled, "openid", "spec.sso.enabled",
				"single sign-on with GitLab's protocol needs it since version 11")
		}
	}
	if ldap := spec.LDAP; ldap != nil && ldap.Enabled {
		add(true, "ldap", "spec.ldap.enabled", "set it to false")
		add(ldap.GroupFilter != "", "ldap_groups", "spec.ldap.groupFilter", "remove it")
	}
	add(spec.SAML != nil && spec.SAML.Enabled, "saml", "spec.saml.enabled", "set it to false")
	add(spec.OpenID != nil && spec.OpenID.Enabled, "openid", "spec.openid.enabled", "set it to false")
	if compliance := spec.Compliance; compliance != nil {
		add(compliance.Monitoring, "compliance", "spec.compliance.monitoring", "set it to false")
		add(compliance.Export != nil && compliance.Export.Enabled, "message_export", "spec.compliance.export.enabled",
			"set it to false")
	}
	add(spec.Retention != nil, "data_retention", "spec.retention", "remove it")
	add(spec.Guests != nil && spec.Guests.Enabled, "guest_accounts", "spec.guests.enabled", "set it to false")
	add(spec.Redis != nil, "cluster", "spec.redis", "remove it, since the server does not start with Redis and "+
		"without the feature")
	if push := spec.Push; push != nil {
		add(strings.HasPrefix(push.Server, "hosted-"), "mhpns", "spec.push.server",
			"run a push proxy of your own and give its URL")
		add(push.Contents == "id_loaded", "id_loaded", "spec.push.contents", "use generic")
	}
	add(spec.Email != nil && spec.Email.Contents == "generic", "email_notification_contents", "spec.email.contents",
		"use full")
	return append(needs, s.settingNeeds(needs)...)
}

// settingNeeds lists the licensed features that single settings use, each once, without those that fields use already.
// A setting of a section that has its own switch uses nothing by itself.
func (s *subject) settingNeeds(reported []need) []need {
	var needs []need
	for _, variable := range s.variables() {
		setting, ok := settings.FindEnv(variable.name)
		if !ok || !variable.known || setting.Section == "GitLabSettings" && !v1alpha1.AtLeast(s.spec.Version, 11, 0) {
			continue
		}
		for _, toggle := range []string{"Enable", "CacheType"} {
			if of, ok := settings.Find(setting.Section, toggle); ok && of.Feature == setting.Feature {
				setting = of
			}
		}
		feature := setting.FeatureFor(variable.value)
		same := func(n need) bool { return n.feature == feature }
		if setting.Env != strings.ToUpper(variable.name) || feature == "" || slices.ContainsFunc(reported, same) ||
			slices.ContainsFunc(needs, same) {
			continue
		}
		needs = append(needs, need{feature, variable.field, "remove it", variable.prefix()})
	}
	return needs
}

// entryFeatures are the features of an enterprise image without a license, as Mattermost Entry, since version 11.
var entryFeatures = []string{"openid", "metrics"}

func licensedFeatures(s *subject) {
	fix := "set spec.enterprise with enabled: true and a license"
	if s.spec.Edition == v1alpha1.EditionTeam {
		fix = "use an image of the enterprise edition and " + fix
	}
	for _, need := range s.needs() {
		what := license.What(need.feature)
		switch {
		case s.entitlement.license != nil:
			if !s.entitlement.license.Has(need.feature) {
				s.errorf(need.field, "%sneeds the feature %s, which the license lacks: %s; %s, or get a license that has it",
					need.variable, need.feature, what, need.without)
			}
		case s.spec.Enterprise.Enabled || need.feature == "cluster" && need.field == "spec.replicas":
			// an unknown license may have it; several servers without a license are a separate error
		case slices.Contains(entryFeatures, need.feature) && s.spec.Edition == v1alpha1.EditionEnterprise &&
			v1alpha1.AtLeast(s.spec.Version, 11, 0):
		default:
			s.errorf(need.field, "%sneeds the licensed feature %s: %s; %s, or %s", need.variable, need.feature, what, fix,
				need.without)
		}
	}
	if s.spec.Monitoring.Enabled && !s.spec.Enterprise.Enabled {
		s.infof("spec.monitoring.enabled", "neither ServiceMonitor nor alerts nor dashboard are emitted: "+
			"without enterprise the server has no metrics. To get metrics, set spec.enterprise with enabled: "+
			"true and a license")
	}
}
