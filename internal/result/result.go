// SPDX-License-Identifier: Apache-2.0

// Package result defines the messages that the function reports, in the results of the ResourceList and on standard
// error.
package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Severity is the severity of a result.
type Severity string

// The severities of the KRM function specification.
const (
	// Error means that the function rejects the configuration and emits nothing.
	Error Severity = "error"
	// Warning means that the configuration works but will probably cause a problem.
	Warning Severity = "warning"
	// Info means that the function made a decision or a change that the user should know about.
	Info Severity = "info"
)

// Resource identifies the object of a result.
type Resource struct {
	APIVersion, Kind, Namespace, Name string
}

// Result is one message. No field ever contains the value of a secret.
type Result struct {
	// Severity is always set: tools display an empty severity differently from the specification's default.
	Severity Severity
	// Rule is the id of the rule, such as MM012; empty for results that do not come from a rule.
	Rule string
	// Topic groups external prerequisites, such as firewall; empty for every other result.
	Topic string
	// Message contains the problem, the expectation and the fix, without the place.
	Message string
	// Resource is the object of the result.
	Resource Resource
	// Field is a path such as spec.database.sslMode; empty for the whole object.
	Field string
	// File is the file of the object, if the host provides it.
	File string
	// FileIndex is the object's index in File.
	FileIndex int
	// Line in File, counted from 1; 0 if it is not known.
	Line int
	// Omitted is the number of errors that were only counted. The result represents them and has no message.
	Omitted int
	// Prerequisite has the details of an external prerequisite; nil for every other result.
	Prerequisite *Prerequisite
	// Upgrade has the details of a change between two versions of the server; nil for every other result.
	Upgrade *Upgrade
}

// Upgrade has the details of a change between two versions of the server.
type Upgrade struct {
	// ID is stable, and unique within the configuration.
	ID string
	// From and To are both versions, Since the first release with the change, if it is known.
	From, To, Since string
	// Source is where it is from, such as important upgrade notes, v11.0.
	Source string
	// General means that it concerns everyone, not this configuration in particular.
	General bool
	// Position in the list, counted from 1.
	Position int
}

// Prerequisite has the details of an external prerequisite.
type Prerequisite struct {
	// ID is stable, and unique within the configuration.
	ID string
	// Position in the configuration's checklist, counted from 1.
	Position int
	// Kind, Namespace and Name are those of the object that must exist, or for which a policy needs an exception; empty if
	// there is none.
	Kind, Namespace, Name string
	// Keys are those of the Secret or ConfigMap, the names of the operator's definitions or of a policy, or hosts with
	// ports.
	Keys []string
	// Command does it, or shows whether it is done; empty if there is none. It may have several lines.
	Command string
}

// position returns the position in a list; 0 for a result that has none.
func (r Result) position() int {
	switch {
	case r.Prerequisite != nil:
		return r.Prerequisite.Position
	case r.Upgrade != nil:
		return r.Upgrade.Position
	}
	return 0
}

// Place returns the file and line as far as they are known, otherwise the object.
func (r Result) Place() string {
	switch {
	case r.File != "" && r.Line > 0:
		return fmt.Sprintf("%s:%d", r.File, r.Line)
	case r.File != "":
		return r.File
	case r.Resource.Kind != "":
		return strings.TrimSpace(r.Resource.Kind + " " + strings.TrimPrefix(r.Resource.Namespace+"/"+r.Resource.Name, "/"))
	}
	return ""
}

// Text returns the message, prefixed with its topic if it has one.
func (r Result) Text() string {
	if r.Topic == "" {
		return r.Message
	}
	return r.Topic + ": " + r.Message
}

// String returns one line with place, severity, field, message and rule. It replaces line breaks and control characters
// of terminals, which may come from the input, for example in the name of a field, with spaces.
func (r Result) String() string {
	var b strings.Builder
	if place := r.Place(); place != "" {
		b.WriteString(place + ": ")
	}
	b.WriteString(string(r.Severity) + ": ")
	if r.Field != "" {
		b.WriteString(r.Field + ": ")
	}
	b.WriteString(r.Text())
	if r.Rule != "" {
		b.WriteString(" [" + r.Rule + "]")
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' {
			return ' '
		}
		return c
	}, b.String())
}

// Results contains the results of one run.
type Results []Result

// HasErrors reports whether any result is an error, so that the function must reject its input.
func (rs Results) HasErrors() bool {
	return slices.ContainsFunc(rs, func(r Result) bool { return r.Severity == Error })
}

// Sort sorts the results in place by severity (errors, warnings, infos), file, object, line, field and message, and
// returns them without duplicates. Prerequisites come last, in the order of their checklist.
func (rs Results) Sort() Results {
	rank := map[Severity]int{Error: 0, Warning: 1, Info: 2}
	slices.SortStableFunc(rs, func(a, b Result) int {
		return cmp.Or(
			cmp.Compare(rank[a.Severity], rank[b.Severity]),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.FileIndex, b.FileIndex),
			cmp.Compare(a.Resource.Namespace, b.Resource.Namespace),
			cmp.Compare(a.Resource.Name, b.Resource.Name),
			cmp.Compare(a.position(), b.position()),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Text(), b.Text()),
		)
	})
	return slices.Compact(rs)
}
