package result

import "fmt"

// Reporter collects results about one configuration: it knows the object, its file and the lines of its fields, so that
// who reports needs to say only the field and the message.
type Reporter struct {
	// Resource, File and FileIndex say what the results are about.
	Resource  Resource
	File      string
	FileIndex int
	// Line tells the line of a field in File; nil where lines are not known.
	Line func(field string) int
	// Results is what was collected.
	Results Results
}

// Report adds one result. Rule may be empty.
func (r *Reporter) Report(severity Severity, rule, field, format string, args ...any) {
	r.Add(Result{Severity: severity, Rule: rule, Field: field, Message: fmt.Sprintf(format, args...)})
}

// Add adds a result, to which it adds the object, its file and the line of the field.
func (r *Reporter) Add(result Result) {
	result.Resource, result.File, result.FileIndex = r.Resource, r.File, r.FileIndex
	if r.Line != nil {
		result.Line = r.Line(result.Field)
	}
	r.Results = append(r.Results, result)
}

// HasErrors says whether the configuration must be refused.
func (r *Reporter) HasErrors() bool { return r.Results.HasErrors() }
