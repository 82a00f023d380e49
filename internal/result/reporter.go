// SPDX-License-Identifier: Apache-2.0

package result

// Reporter collects results about one object. It adds the object, its file and the line of the field, so that callers
// pass only the field and the message.
type Reporter struct {
	// Resource, File and FileIndex identify the object of the results.
	Resource  Resource
	File      string
	FileIndex int
	// Line returns the line of a field in File, counted from 1, or 0 if it is not known; nil if no lines are known.
	Line func(field string) int
	// Results contains the collected results, of which at most maxErrors are errors.
	Results Results
	errors  int
}

// maxErrors limits the errors about one object: a file with a wrong indentation may have tens of thousands.
const maxErrors = 100

// Full reports whether further errors are only counted, so that nothing need be found out for their messages.
func (r *Reporter) Full() bool { return r.errors >= maxErrors }

// Omitted returns the number of errors that were not added.
func (r *Reporter) Omitted() int { return max(0, r.errors-maxErrors) }

// Report adds one result. Rule may be empty. Credentials in the arguments are hidden, as Format does.
func (r *Reporter) Report(severity Severity, rule, field, format string, args ...any) {
	r.Add(Result{Severity: severity, Rule: rule, Field: field, Message: Format(format, args...)})
}

// Add adds a result, and sets its object, file and line.
func (r *Reporter) Add(result Result) {
	if result.Severity == Error {
		if r.errors++; r.errors > maxErrors {
			return
		}
	}
	result.Resource, result.File, result.FileIndex = r.Resource, r.File, r.FileIndex
	if r.Line != nil {
		result.Line = r.Line(result.Field)
	}
	r.Results = append(r.Results, result)
}

// HasErrors reports whether the configuration must be rejected.
func (r *Reporter) HasErrors() bool { return r.Results.HasErrors() }
