// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"fmt"
	"io"

	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
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

// Resource identifies an object.
type Resource struct {
	APIVersion, Kind, Namespace, Name string
}

// Result is a message about a configuration or an object. No field ever contains the value of a secret.
type Result struct {
	Severity Severity
	// Rule is the id of the rule, such as MM012 (docs/rules.md); empty for results that do not come from a rule.
	Rule string
	// Topic groups external prerequisites, such as firewall; empty for every other result.
	Topic string
	// Message contains the problem, the expectation and the fix, without the place.
	Message string
	// Resource is the object of the message; the zero value for none.
	Resource Resource
	// Field is a path such as spec.database.sslMode; empty for the whole object.
	Field string
	// File is the file of the object, if it is known, and FileIndex the object's index in it.
	File      string
	FileIndex int
	// Line in File, counted from 1; 0 if it is not known.
	Line int
	// Prerequisite has the details of an external prerequisite; nil for every other result.
	Prerequisite *Prerequisite
	// Upgrade has the details of a change between two versions of Mattermost; nil for every other result.
	Upgrade *Upgrade
}

// Upgrade has the details of a change between two versions of Mattermost.
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
	// Kind, Namespace and Name are those of the object that must exist; empty if there is none.
	Kind, Namespace, Name string
	// Keys are those of the Secret or ConfigMap, the names of the operator's definitions, or hosts with ports.
	Keys []string
	// Command does it, or shows whether it is done; empty if there is none. It may have several lines.
	Command string
}

// Text returns the message, prefixed with its topic if it has one.
func (r Result) Text() string { return r.internal().Text() }

// String returns one line with place, severity, field, message and rule. It contains no control characters.
func (r Result) String() string { return r.internal().String() }

func (r Result) internal() result.Result {
	return result.Result{
		Severity: result.Severity(r.Severity), Rule: r.Rule, Topic: r.Topic, Message: r.Message,
		Resource: result.Resource(r.Resource), Field: r.Field, File: r.File, FileIndex: r.FileIndex, Line: r.Line,
		Prerequisite: (*result.Prerequisite)(r.Prerequisite), Upgrade: (*result.Upgrade)(r.Upgrade),
	}
}

// Results contains all messages of one run: errors first, then warnings, then infos.
type Results []Result

// HasErrors reports whether any result is an error, so that the function rejects its input.
func (rs Results) HasErrors() bool { return rs.internal().HasErrors() }

func (rs Results) internal() result.Results {
	var all result.Results
	for _, r := range rs {
		all = append(all, r.internal())
	}
	return all
}

// exported converts internal results to the exported type.
func exported(results result.Results) Results {
	var all Results
	for _, r := range results {
		all = append(all, Result{
			Severity: Severity(r.Severity), Rule: r.Rule, Topic: r.Topic, Message: r.Message,
			Resource: Resource(r.Resource), Field: r.Field, File: r.File, FileIndex: r.FileIndex, Line: r.Line,
			Prerequisite: (*Prerequisite)(r.Prerequisite), Upgrade: (*Upgrade)(r.Upgrade),
		})
	}
	return all
}

// summarized returns the results with a count instead of the prerequisites of each configuration, which matter once.
func summarized(results Results) Results {
	var summary, counts Results
	index := map[Resource]int{}
	count := map[Resource]int{}
	for _, r := range results {
		if r.Rule != ruleid.Prerequisite {
			summary = append(summary, r)
			continue
		}
		if count[r.Resource]++; count[r.Resource] == 1 {
			index[r.Resource] = len(counts)
			counts = append(counts, Result{
				Severity: Info, Rule: r.Rule, Resource: r.Resource, File: r.File, FileIndex: r.FileIndex,
			})
		}
	}
	for resource, n := range count {
		form := "%d prerequisites outside this configuration; 'mattermost-fn check' lists them"
		if n == 1 {
			form = "%d prerequisite outside this configuration; 'mattermost-fn check' shows it"
		}
		counts[index[resource]].Message = fmt.Sprintf(form, n)
	}
	return append(summary, counts...)
}

// Summary returns the results with one info per configuration instead of its prerequisites, and one instead of the
// infos about its upgrade.
func Summary(results Results) Results {
	return summarized(exported(summarizeUpgrades(results.internal())))
}

// PrintSummary writes the summary of the results, one line each.
func PrintSummary(w io.Writer, results Results) error { return Print(w, Summary(results)) }

// Print writes each result as one line. It returns the first error of writing.
func Print(w io.Writer, results Results) error {
	for _, r := range results {
		if _, err := fmt.Fprintln(w, r); err != nil {
			return err
		}
	}
	return nil
}
