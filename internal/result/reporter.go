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
	// Results contains the collected results.
	Results Results
}

// Report adds one result. Rule may be empty. Credentials in the arguments are hidden, as Format does.
func (r *Reporter) Report(severity Severity, rule, field, format string, args ...any) {
	r.Add(Result{Severity: severity, Rule: rule, Field: field, Message: Format(format, args...)})
}

// Add adds a result, and sets its object, file and line.
func (r *Reporter) Add(result Result) {
	result.Resource, result.File, result.FileIndex = r.Resource, r.File, r.FileIndex
	if r.Line != nil {
		result.Line = r.Line(result.Field)
	}
	r.Results = append(r.Results, result)
}

// HasErrors reports whether the configuration must be rejected.
func (r *Reporter) HasErrors() bool { return r.Results.HasErrors() }
