// Package rules holds a configuration against the rules: what Mattermost, its operator and the cluster would refuse, or
// take and do the wrong thing with. A rule only reports; it never prints, never stops, never changes anything.
//
// To add a rule, append it to Rules under the next free id, write its function into the file of its topic, add
// testdata/<id>/bad-<what is wrong>.yaml for each of its messages and testdata/<id>/good-<what is right>.yaml for what
// comes near, run `go test ./internal/rules -update`, read the .out files, and describe the rule in docs/rules.md. The tests
// fail while one of these is missing. An id never gets another meaning, and the id of a removed rule is not used again:
// people search for it.
//
// A message begins with a small letter and continues the field that stands before it: what is wrong, what was expected,
// the fix. It never holds the value of a secret, nor the user information of an address, which may hold one.
package rules

import (
	"regexp"
	"slices"
	"sync"
	"time"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Resources is what a rule may know of the other resources. A kustomize generator sees none.
type Resources interface {
	// Has says whether an object of somebody else's is among the resources.
	Has(group, kind, namespace, name string) bool
	// Stream reads Secrets, for the license.
	plan.Stream
}

// Rule is one thing to check.
type Rule struct {
	// ID such as MM012. It never changes its meaning.
	ID string
	// Title says in a few words what is wrong when the rule speaks.
	Title string

	check func(*subject)
}

// Rules are all rules, in the order of their ids.
var Rules = []Rule{
	{PrerequisiteID, "something to arrange elsewhere", nil},
	{"MM001", "a name that the cluster or one of the operators does not take", names},
	{"MM002", "no site, two sites, or one that is not a host name", site},
	{"MM003", "an image or version that is not pinned or cannot be read", image},
	{"MM004", "a value that is not among those allowed", enumerations},
	{"MM005", "several servers without a license", replicas},
	{"MM006", "an edition that cannot do what is asked of it", edition},
	{"MM007", "enterprise without a license, or a license without enterprise", missingLicense},
	{"MM008", "licensed feature that the license lacks", licensedFeatures},
	{"MM009", "single sign-on that cannot work", singleSignOn},
	{"MM010", "nobody could log in", loginWays},
	{"MM011", "a database that is described twice or not enough", databaseForm},
	{"MM012", "a database connection that cannot work or is not safe", databaseConnection},
	{"MM013", "an object storage that is described twice or not enough", objectStorageForm},
	{"MM014", "an object storage that cannot be reached", objectStorageEndpoint},
	{"MM015", "several servers on one volume", volumeReplicas},
	{"MM016", "a database or store in the cluster with settings of another engine", inClusterSettings},
	{"MM017", "a backup with nowhere to go, or at no time", backup},
	{"MM018", "an Elasticsearch address or password that cannot work", elasticsearch},
	{"MM019", "a route without a gateway or class", route},
	{"MM020", "contradicting settings of the mesh", mesh},
	{"MM021", "a network policy for something unknown, or one that lets nobody in", networkPolicies},
	{"MM022", "a certificate authority that is given twice, not at all, or is not PEM", caBundles},
	{"MM023", "a secret that is not the value it is meant to be", secretText},
	{"MM024", "secrets in plain text", plainSecrets},
	{"MM025", "CPU or memory without a limit, or out of proportion", resources},
	{"MM026", "a reference to an object or key that cannot exist", references},
	{"MM027", "logs that Fluent Bit cannot parse or send", logging},
	{"MM028", "environment variables that the cluster would refuse", environment},
	{"MM029", "pods that the operator or the server cannot run", pods},
	{"MM030", "an object of yours that the operator would delete or take over", collisions},
	{"MM031", "TLS that is not checked, or none", uncheckedTLS},
	{"MM032", "software that nobody maintains", unmaintained},
	{"MM033", "a setting that nothing uses", unused},
	{"MM034", "a variable of the server that contradicts what is around it", harmfulEnvironment},
	{"MM035", "containers that the restricted pod security level refuses", podSecurity},
	{"MM036", "a service that the servers are not let through to", unreachable},
	{"MM037", "license that cannot be read, has expired, or has too few seats", licenseContents},
	{"MM038", "a setting that Mattermost does not know or cannot take", mattermostSettings},
	{"MM039", "an environment variable that Mattermost ignores or cannot take", environmentSettings},
	{"MM040", "settings that do not go together", nil},
	{"MM041", "LDAP that cannot work", ldap},
	{"MM042", "SAML that cannot work", saml},
	{"MM043", "OpenID Connect that cannot work", openID},
	{"MM044", "e-mail that cannot be sent", email},
	{"MM045", "push notifications that cannot be sent", push},
	{"MM046", "a compliance export that cannot run", compliance},
	{"MM047", "a retention that contradicts itself", oldMessages},
	{"MM048", "guests that nobody could invite", guests},
	{"MM049", "a Redis cache that cannot work", redisCache},
	{"MM050", "plugins that cannot run", plugins},
	{"MM051", "one variable of the server from two fields", nil},
	{"MM052", "a rule that does not exist", allow},
	{PatchID, "a patch that is for nothing or cannot be applied", nil},
	{"MM054", "a value that External Secrets cannot fetch or put together", externalSecrets},
	{"MM060", "variable of libpq that the server's PostgreSQL driver refuses, ignores or connects elsewhere with", postgresEnvironment},
	{"MM065", "name that the kubelet would change", expandedNames},
	{"MM066", "license whose contents are not known", uncheckedLicense},
}

// PatchID is the rule of spec.patches, which are applied after everything else.
const PatchID = "MM053"

// PrerequisiteID marks what must be arranged outside the cluster; package prerequisites lists it.
const PrerequisiteID = "MM000"

// Run holds a configuration, its defaults set, against all rules that need no plan. Given says which fields the
// configuration itself holds. Now is the time to judge by where the configuration names none; zero where there is no
// clock, as in the function.
func Run(config *v1alpha1.MattermostConfig, given func(field string) bool, resources Resources, now time.Time, report *result.Reporter) {
	s := &subject{MattermostConfig: config, spec: &config.Spec, given: given, resources: resources, now: now, report: report}
	s.entitlement = s.readLicense()
	s.known = Known
	for _, rule := range Rules {
		if rule.check != nil {
			s.rule = rule.ID
			rule.check(s)
		}
	}
}

// Plan holds what the configuration was resolved to against the rules that need it.
func Plan(config *v1alpha1.MattermostConfig, given func(field string) bool, p *plan.Plan, report *result.Reporter) {
	conflicts(&subject{MattermostConfig: config, spec: &config.Spec, given: given, report: report, rule: "MM040"}, p)
}

// Known says whether a rule with this id exists.
func Known(id string) bool {
	return slices.ContainsFunc(Rules, func(r Rule) bool { return r.ID == id })
}

func allow(s *subject) {
	for i, id := range s.spec.Allow {
		if !s.known(id) {
			s.errorf(index("spec.allow", i), "%q is not a rule; write an id as it stands behind a warning, such as MM024 (docs/rules.md lists them)", id)
		}
	}
}

// subject is what a rule looks at, and where it reports.
type subject struct {
	*v1alpha1.MattermostConfig
	spec        *v1alpha1.MattermostConfigSpec
	given       func(field string) bool
	resources   Resources
	entitlement entitlement
	now         time.Time
	known       func(id string) bool
	report      *result.Reporter
	rule        string
}

func (s *subject) errorf(field, format string, args ...any) {
	s.report.Report(result.Error, s.rule, field, format, args...)
}

func (s *subject) warnf(field, format string, args ...any) {
	s.report.Report(result.Warning, s.rule, field, format, args...)
}

func (s *subject) infof(field, format string, args ...any) {
	s.report.Report(result.Info, s.rule, field, format, args...)
}

// givenOf returns those of the fields that the configuration holds below parent, in the order in which they are asked
// for.
func (s *subject) givenOf(parent string, fields ...string) []string {
	var given []string
	for _, field := range fields {
		if s.given(parent + "." + field) {
			given = append(given, field)
		}
	}
	return given
}

// pattern is a regular expression that is compiled when it is first asked for: all of them together take as long as
// everything else at the start.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
