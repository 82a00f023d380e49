// SPDX-License-Identifier: Apache-2.0

package result

import (
	"reflect"
	"testing"
)

func TestString(t *testing.T) {
	config := Resource{APIVersion: "mattermost.bigbang.dev/v1alpha1", Kind: "MattermostConfig", Namespace: "teams",
		Name: "chat"}
	for _, test := range []struct {
		name string
		r    Result
		want string
	}{
		{"only a message", Result{Severity: Warning, Message: "hm"}, "warning: hm"},
		{"all fields", Result{Severity: Error, Rule: "MM012", Message: "no", Resource: config, Field: "spec.domain",
			File: "a/chat.yaml", FileIndex: 1, Line: 14}, "a/chat.yaml:14: error: spec.domain: no [MM012]"},
		{"a file without a line", Result{Severity: Info, Message: "so", Resource: config, File: "chat.yaml"},
			"chat.yaml: info: so"},
		{"the object if there is no file", Result{Severity: Info, Message: "so", Resource: config, Line: 14},
			"MattermostConfig teams/chat: info: so"},
		{"an object without a namespace", Result{Severity: Info, Message: "so",
			Resource: Resource{Kind: "ConfigMap", Name: "a"}}, "ConfigMap a: info: so"},
		{"an object without a name", Result{Severity: Info, Message: "so", Resource: Resource{Kind: "ConfigMap"}},
			"ConfigMap: info: so"},
		{
			"line breaks and control characters in the input",
			Result{Severity: Error, Message: "a\nb\r\x1b[31mc\u2028d\u0085e", Field: "spec.x\ny",
				Resource: Resource{Kind: "A\nB", Name: "c"}},
			"A B c: error: spec.x y: a b  [31mc d e",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.r.String(); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestSort(t *testing.T) {
	results := Results{
		{Severity: Info, Message: "b"},
		{Severity: Info, Message: "a"},
		{Severity: Warning, File: "b.yaml", Message: "w"},
		{Severity: Error, File: "b.yaml", Line: 9, Message: "e"},
		{Severity: Error, File: "b.yaml", Line: 10, Message: "e"},
		{Severity: Error, File: "a.yaml", FileIndex: 1, Message: "e"},
		{Severity: Error, File: "a.yaml", FileIndex: 0, Line: 30, Message: "e"},
		{Severity: Error, File: "b.yaml", Line: 9, Message: "e"},
		{Severity: Error, Resource: Resource{Namespace: "b", Name: "a"}, Message: "e"},
		{Severity: Error, Resource: Resource{Namespace: "a", Name: "b"}, Message: "e"},
	}
	var got []string
	for _, r := range results.Sort() {
		got = append(got, r.String())
	}
	want := []string{
		"error: e",
		"error: e",
		"a.yaml:30: error: e",
		"a.yaml: error: e",
		"b.yaml:9: error: e",
		"b.yaml:10: error: e",
		"b.yaml: warning: w",
		"info: a",
		"info: b",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestReporter(t *testing.T) {
	r := &Reporter{File: "chat.yaml", FileIndex: 2, Line: func(field string) int { return len(field) }}
	r.Report(Warning, "MM001", "spec", "100%% of %d", 3)
	if r.HasErrors() {
		t.Error("HasErrors is true for a warning")
	}
	r.Report(Error, "", "spec.a", "no")
	if !r.HasErrors() {
		t.Error("HasErrors is false for an error")
	}
	want := Results{
		{Severity: Warning, Rule: "MM001", Field: "spec", Message: "100% of 3", File: "chat.yaml", FileIndex: 2, Line: 4},
		{Severity: Error, Field: "spec.a", Message: "no", File: "chat.yaml", FileIndex: 2, Line: 6},
	}
	if !reflect.DeepEqual(r.Results, want) {
		t.Errorf("got  %+v\nwant %+v", r.Results, want)
	}
}

// A file with a wrong indentation may have tens of thousands of errors.
func TestReporterLimitsErrors(t *testing.T) {
	r := &Reporter{}
	for i := range 150 {
		if got, want := r.Full(), i >= 100; got != want {
			t.Errorf("after %d errors: full is %v", i, got)
		}
		r.Report(Error, "", "", "error %d", i)
		r.Report(Warning, "", "", "warning %d", i)
	}
	if len(r.Results) != 250 || r.Omitted() != 50 || !r.HasErrors() {
		t.Errorf("got %d results, %d omitted", len(r.Results), r.Omitted())
	}
}
