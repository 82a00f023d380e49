package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/license"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// entitlement is what is known of the license.
type entitlement struct {
	// text is the license file's, where it is known here: written out, or in a Secret among the resources.
	text string
	// license is what the text says; nil where it is not known or not readable.
	license *license.License
	// err says why the text is not a license.
	err error
}

// readLicense finds out what is known of the license.
func (s *subject) readLicense() entitlement {
	enterprise := s.spec.Enterprise
	if !enterprise.Enabled || enterprise.License == nil {
		return entitlement{}
	}
	var e entitlement
	if enterprise.License.IsPlain() {
		if e.text = enterprise.License.Value; unfinished(e.text) {
			return entitlement{} // reported as a value that is not one
		}
	} else if ref := enterprise.License.SecretKeyRef; ref == nil {
		return entitlement{} // in a store, which the cluster alone can read
	} else if text, state := s.resources.SecretKey(s.Namespace, ref.Name, ref.Key); state == plan.KeyFound {
		e.text = text
	} else {
		return entitlement{}
	}
	e.license, e.err = license.Parse(e.text)
	return e
}

// evaluationTime is when the configuration is judged; zero where nothing says.
func (s *subject) evaluationTime() time.Time {
	when, _ := v1alpha1.ParseTime(s.spec.EvaluationTime)
	return when
}

// soon is how long before its end a license should be renewed.
const soon = 30 * 24 * time.Hour

func licenseContents(s *subject) {
	const field = "spec.enterprise.license"
	if text := s.spec.EvaluationTime; text != "" {
		if _, err := v1alpha1.ParseTime(text); err != nil {
			s.errorf("spec.evaluationTime", "%q is not a time; write a day such as \"2026-11-23\", or a time such as \"2026-11-23T08:00:00Z\"", text)
		}
	}
	e := s.entitlement
	if e.err != nil {
		s.errorf(field, "%s", strings.TrimPrefix(e.err.Error(), "it "))
		return
	}
	if e.license == nil {
		return
	}
	if key := license.PublicKey(s.spec.Enterprise.Verify); key != "" {
		if err := license.Verify(e.text, key); err != nil {
			s.errorf(field, "%v. With spec.enterprise.verify: none it is not checked", err)
		}
	}
	l := e.license
	plan := cmp.Or(l.Plan, "without a plan's name")
	s.infof(field, "license %s: %s, %d seats, ends %s, holds %s", l.ID, plan, l.Seats, l.Expires.Format(time.DateOnly), cmp.Or(strings.Join(l.FeatureKeys(), ", "), "no feature"))
	if !l.SeatsGiven || l.Seats == 0 {
		s.errorf(field, "does not say for how many users it is, and the server refuses such a license; ask for another")
	} else if users := s.spec.Users; users != nil && int(*users) > l.Seats {
		s.warnf("spec.users", "%d users are more than the %d seats of the license, and the server refuses a license with fewer seats than active users", *users, l.Seats)
	}
	if when := s.evaluationTime(); !when.IsZero() {
		expiry(s, result.Error, field, l, when)
	} else if !s.now.IsZero() {
		expiry(s, result.Warning, field, l, s.now)
	}
}

// expiry says where the license stands at a time.
func expiry(s *subject, worst result.Severity, field string, l *license.License, when time.Time) {
	end, day := l.Expires.Format(time.DateOnly), when.Format(time.DateOnly)
	switch l.At(when) {
	case license.Expired:
		s.report.Report(worst, s.rule, field, "ended on %s, more than 10 days before %s: the server has removed it, and every licensed feature with it. Renew it", end, day)
	case license.InGrace:
		s.warnf(field, "ended on %s: the server removes it on %s, and every licensed feature with it. Renew it now", end, l.Expires.Add(license.Grace).Format(time.DateOnly))
	default:
		if l.Expires.Sub(when) < soon {
			s.warnf(field, "ends on %s, in %d days; renew it", end, int(l.Expires.Sub(when).Hours()/24))
		}
	}
}

// need is a licensed feature that the configuration uses.
type need struct {
	// feature is its key in the license file.
	feature string
	// field that uses it, and how to do without.
	field, without string
	// variable that uses it, where the field does not name it; with a colon behind it.
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
	add(spec.Elasticsearch.Enabled, "elastic_search", "spec.elasticsearch.enabled", "leave search to the database")
	add(spec.ObjectStorage.ServerSideEncryption, "compliance", "spec.objectStorage.serverSideEncryption", "let the bucket encrypt by default")
	if spec.SSO.Enabled {
		switch spec.SSO.Provider {
		case v1alpha1.SSOOpenID:
			add(true, "openid", "spec.sso.provider", "use provider gitlab with a version before 11")
		default:
			add(v1alpha1.AtLeast(spec.Version, 11, 0) && spec.Enterprise.Enabled, "openid", "spec.sso.enabled", "single sign-on with GitLab's protocol needs it since version 11")
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
		add(compliance.Export != nil && compliance.Export.Enabled, "message_export", "spec.compliance.export.enabled", "set it to false")
	}
	add(spec.Retention != nil, "data_retention", "spec.retention", "remove it")
	add(spec.Guests != nil && spec.Guests.Enabled, "guest_accounts", "spec.guests.enabled", "set it to false")
	add(spec.Redis != nil, "cluster", "spec.redis", "remove it, since the server does not start with Redis and without the feature")
	if push := spec.Push; push != nil {
		add(strings.HasPrefix(push.Server, "hosted-"), "mhpns", "spec.push.server", "run a push proxy of your own and give its URL")
		add(push.Contents == "id_loaded", "id_loaded", "spec.push.contents", "use generic")
	}
	add(spec.Email != nil && spec.Email.Contents == "generic", "email_notification_contents", "spec.email.contents", "use full")
	return append(needs, s.settingNeeds(needs)...)
}

// settingNeeds lists the licensed features that single settings use, each feature once and without those that fields
// use already. A setting of a section that is switched as a whole uses nothing by itself.
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
		if setting.Env != strings.ToUpper(variable.name) || feature == "" || slices.ContainsFunc(reported, same) || slices.ContainsFunc(needs, same) {
			continue
		}
		needs = append(needs, need{feature, variable.field, "remove it", variable.prefix()})
	}
	return needs
}

// entryFeatures are those that an enterprise image has from version 11 on without any license, as Mattermost Entry.
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
				s.errorf(need.field, "%sneeds the feature %s, which the license does not hold: %s; %s, or get a license that holds it", need.variable, need.feature, what, need.without)
			}
		case s.spec.Enterprise.Enabled || need.feature == "cluster" && need.field == "spec.replicas":
			// an unknown license may hold it; several servers without one are an error of their own
		case slices.Contains(entryFeatures, need.feature) && s.spec.Edition == v1alpha1.EditionEnterprise && v1alpha1.AtLeast(s.spec.Version, 11, 0):
		default:
			s.errorf(need.field, "%sneeds the licensed feature %s: %s; %s, or %s", need.variable, need.feature, what, fix, need.without)
		}
	}
	if s.spec.Monitoring.Enabled && !s.spec.Enterprise.Enabled {
		s.infof("spec.monitoring.enabled", "neither ServiceMonitor nor alerts nor dashboard are emitted: without enterprise the server measures nothing. To get metrics, set spec.enterprise with enabled: true and a license")
	}
}
