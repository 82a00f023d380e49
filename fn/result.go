package fn

import (
	"fmt"
	"io"

	"bigbang.dev/mattermost-fn/internal/result"
)

// Severity says how much a result matters.
type Severity string

// The severities of the function specification.
const (
	// Error is what the function refuses: nothing is emitted.
	Error Severity = "error"
	// Warning is what works but will cause trouble.
	Warning Severity = "warning"
	// Info is what was decided on the user's behalf.
	Info Severity = "info"
)

// Resource names an object.
type Resource struct {
	APIVersion, Kind, Namespace, Name string
}

// Result is one message about a configuration or an object. No field holds the value of a secret.
type Result struct {
	Severity Severity
	// Rule is the id of the rule that reports it, such as MM012 (docs/rules.md); empty for what is no rule.
	Rule string
	// Topic groups external prerequisites, such as firewall; empty for every other result.
	Topic string
	// Message says what is wrong, what was expected and the fix, without the place.
	Message string
	// Resource is the object that the message is about; the zero value for none.
	Resource Resource
	// Field is a path such as spec.database.sslMode; empty for the whole object.
	Field string
	// File is the file that the object came from, where it is known, and FileIndex the object's index in it.
	File      string
	FileIndex int
	// Line in File, counted from 1; 0 where it is not known.
	Line int
}

// Text returns the message after its topic, if it has one.
func (r Result) Text() string { return r.internal().Text() }

// String returns one line: place, severity, field, message, rule. It holds no control characters.
func (r Result) String() string { return r.internal().String() }

func (r Result) internal() result.Result {
	return result.Result{
		Severity: result.Severity(r.Severity), Rule: r.Rule, Topic: r.Topic, Message: r.Message,
		Resource: result.Resource(r.Resource), Field: r.Field, File: r.File, FileIndex: r.FileIndex, Line: r.Line,
	}
}

// Results are all messages of one run: errors first, then warnings, then infos.
type Results []Result

// HasErrors reports whether a configuration is refused.
func (rs Results) HasErrors() bool { return rs.internal().HasErrors() }

func (rs Results) internal() result.Results {
	var all result.Results
	for _, r := range rs {
		all = append(all, r.internal())
	}
	return all
}

// exported returns results as the type that callers of this package see.
func exported(results result.Results) Results {
	var all Results
	for _, r := range results {
		all = append(all, Result{
			Severity: Severity(r.Severity), Rule: r.Rule, Topic: r.Topic, Message: r.Message,
			Resource: Resource(r.Resource), Field: r.Field, File: r.File, FileIndex: r.FileIndex, Line: r.Line,
		})
	}
	return all
}

// Print writes each result as one line.
func Print(w io.Writer, results Results) {
	for _, r := range results {
		fmt.Fprintln(w, r)
	}
}
