// Package result is the function's only voice: what it has to say about a configuration, for the ResourceList's results
// and for people who read standard error.
package result

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Severity is how much a result matters.
type Severity string

// The severities of the function specification.
const (
	// Error is what the function refuses: nothing is emitted.
	Error Severity = "error"
	// Warning is what works but will hurt.
	Warning Severity = "warning"
	// Info is what was decided on the user's behalf.
	Info Severity = "info"
)

// Resource names the object that a result speaks of.
type Resource struct {
	APIVersion, Kind, Namespace, Name string
}

// Result is one thing to say. Message and the other fields never hold a secret value.
type Result struct {
	// Severity is always set: the specification's default and the tools' display of an empty one differ.
	Severity Severity
	// Rule is the id of the rule that speaks, such as MM012; empty for the reading of the configuration.
	Rule string
	// Topic groups external prerequisites, such as firewall; empty for every other result.
	Topic string
	// Message says what is wrong, what was expected and the fix, without the place.
	Message string
	// Resource is the object that it is about.
	Resource Resource
	// Field is a path such as spec.database.sslMode; empty for the whole object.
	Field string
	// File is the file that the object came from, where the host tells.
	File string
	// FileIndex is the object's place in that file.
	FileIndex int
	// Line in File, counted from 1; 0 where it is not known.
	Line int
}

// Place says where: file and line as far as they are known, else the object.
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

// Text returns the message after its topic, if it has one.
func (r Result) Text() string {
	if r.Topic == "" {
		return r.Message
	}
	return r.Topic + ": " + r.Message
}

// String is one line: place, severity, field, message, rule. What is repeated from the input, such as a field's name, may
// hold line breaks and a terminal's control characters; blanks stand for them.
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

// Results is everything that is said in one run.
type Results []Result

// HasErrors says whether the function must refuse.
func (rs Results) HasErrors() bool {
	return slices.ContainsFunc(rs, func(r Result) bool { return r.Severity == Error })
}

// Sort puts errors first, then warnings, then infos; inside each by file, line, object, field and message. Equal
// results are said once.
func (rs Results) Sort() Results {
	rank := map[Severity]int{Error: 0, Warning: 1, Info: 2}
	slices.SortStableFunc(rs, func(a, b Result) int {
		return cmp.Or(
			cmp.Compare(rank[a.Severity], rank[b.Severity]),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.FileIndex, b.FileIndex),
			cmp.Compare(a.Resource.Namespace, b.Resource.Namespace),
			cmp.Compare(a.Resource.Name, b.Resource.Name),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Text(), b.Text()),
		)
	})
	return slices.Compact(rs)
}
