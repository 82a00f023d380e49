// SPDX-License-Identifier: Apache-2.0

// Package rules checks a configuration: what Mattermost, its operator and the cluster would reject, or accept and then
// do the wrong thing with. A rule only reports: it never prints, stops or changes anything.
//
// To add a rule, add the next free id to package ruleid, an entry to Rules (registry.go), and a function to the file of
// its topic. Add testdata/<id>/bad-<what is wrong>.yaml for each of its messages and testdata/<id>/good-<what is
// right>.yaml for similar correct input, run `go test ./internal/rules -update`, read the .out files, and run `make
// generate`, which writes docs/rules.md. The tests fail while one of these is missing.
//
// A message starts with a lower-case letter and continues the field that is printed before it: what is wrong, what was
// expected, the fix. It never contains the value of a secret, nor the user information of a URL, which may contain one.
package rules

//go:generate go run ./generate

import (
	"path"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// Resources are the other resources of the input. A kustomize generator sees none.
type Resources interface {
	// Has reports whether an object that the function does not manage is among the resources.
	Has(group, kind, namespace, name string) bool
	// FluentBitConfigs returns those of the Fluent operator in a namespace that the function does not manage.
	FluentBitConfigs(namespace string) []*resourcelist.Item
	// Stream reads objects.
	plan.Stream
}

// Rule is one thing to check.
type Rule struct {
	// ID such as MM012. It never changes its meaning.
	ID string
	// Title is a short description of what is wrong.
	Title string
	// Why explains the consequences of ignoring the rule, Fix what to do. Both are Markdown, for docs/rules.md.
	Why, Fix string
	// Example names the file of testdata that docs/rules.md shows, such as bad-two-servers; empty for the shortest error.
	Example string

	phase phase
}

// phase is when a rule is checked, and where.
type phase interface {
	// source is the file that reports the rule, relative to the root of the repository.
	source() string
}

// onConfiguration rules look at the configuration, before the plan.
type onConfiguration func(*subject)

// onPlan rules look at what the plan resolved the configuration to.
type onPlan func(*subject, *plan.Plan)

// onUpgrade rules compare the version of the server that runs now with that of the configuration.
type onUpgrade func(*upgraded)

// withPrerequisites rules are checked where prerequisites are listed: they matter once, and a function runs often.
type withPrerequisites func(*subject)

// reportedBy rules have no function of their own: the file reports them while it plans or emits.
type reportedBy string

func (check onConfiguration) source() string   { return fileOf(check) }
func (check onPlan) source() string            { return fileOf(check) }
func (check onUpgrade) source() string         { return fileOf(check) }
func (check withPrerequisites) source() string { return fileOf(check) }
func (file reportedBy) source() string         { return string(file) }

// fileOf returns the file of this package that declares a function.
func fileOf(check any) string {
	entry := reflect.ValueOf(check).Pointer()
	file, _ := runtime.FuncForPC(entry).FileLine(entry)
	return "internal/rules/" + path.Base(file)
}

// Source returns the file that reports the rule, relative to the root of the repository.
func (r Rule) Source() string { return r.phase.source() }

// Run checks a configuration, its defaults set, against all rules that need no plan. Given says which fields the
// configuration itself contains. Now is the time of the check if the configuration sets none; zero if there is no
// clock, as in the function.
func Run(config *v1alpha1.MattermostConfig, given func(field string) bool, resources Resources, now time.Time,
	report *result.Reporter) {
	s := newSubject(config, given, report)
	s.resources, s.now = resources, now
	s.entitlement = s.readLicense()
	s.known = Known
	for _, rule := range Rules {
		if check, ok := rule.phase.(onConfiguration); ok {
			s.rule = rule.ID
			check(s)
		}
	}
}

// Prerequisites checks a configuration against the rules that are for its first use.
func Prerequisites(config *v1alpha1.MattermostConfig, given func(field string) bool, report *result.Reporter) {
	s := newSubject(config, given, report)
	for _, rule := range Rules {
		if check, ok := rule.phase.(withPrerequisites); ok {
			s.rule = rule.ID
			check(s)
		}
	}
}

// Plan checks what the configuration was resolved to against the rules that need the plan.
func Plan(config *v1alpha1.MattermostConfig, given func(field string) bool, p *plan.Plan, report *result.Reporter) {
	s := newSubject(config, given, report)
	for _, rule := range Rules {
		if check, ok := rule.phase.(onPlan); ok {
			s.rule = rule.ID
			check(s, p)
		}
	}
}

// Known reports whether a rule with this id exists.
func Known(id string) bool {
	return slices.ContainsFunc(Rules, func(r Rule) bool { return r.ID == id })
}

func allow(s *subject) {
	for i, id := range s.spec.Allow {
		if !s.known(id) {
			s.errorf(index("spec.allow", i), "%q is not a rule; use the ID at the end of a warning, "+
				"such as MM024 (docs/rules.md lists them)", id)
		}
	}
}

// subject is what a rule checks, and its reporter.
type subject struct {
	*v1alpha1.MattermostConfig
	spec        *v1alpha1.MattermostConfigSpec
	given       func(field string) bool
	resources   Resources
	entitlement entitlement
	// variables returns the server's variables in spec.settings and spec.env. They are read once.
	variables func() []variable
	now       time.Time
	known     func(id string) bool
	report    *result.Reporter
	rule      string
}

func newSubject(config *v1alpha1.MattermostConfig, given func(field string) bool, report *result.Reporter) *subject {
	s := &subject{MattermostConfig: config, spec: &config.Spec, given: given, report: report}
	s.variables = sync.OnceValue(s.readVariables)
	return s
}

// names returns the names of everything that is emitted for the installation.
func (s *subject) names() plan.Names { return plan.NamesOf(s.MattermostConfig) }

// site returns the host of the site as it is written.
func (s *subject) site() string {
	if s.spec.Host != "" {
		return s.spec.Host
	}
	return "chat." + s.spec.Domain
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

// givenOf returns the fields below parent that are set in the configuration, in the order of the arguments.
func (s *subject) givenOf(parent string, fields ...string) []string {
	var given []string
	for _, field := range fields {
		if s.given(parent + "." + field) {
			given = append(given, field)
		}
	}
	return given
}

// pattern returns a regular expression that is compiled when it is first used: compiling all of them would double the
// start-up time.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
