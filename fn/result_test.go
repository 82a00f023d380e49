// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"reflect"
	"testing"

	"bigbang.dev/mattermost-fn/internal/result"
)

// The conversion between internal and exported results keeps all fields.
func TestResultsKeepEveryField(t *testing.T) {
	full := result.Result{
		Severity: result.Warning, Rule: "MM000", Topic: "firewall", Message: "message", Field: "spec", File: "file",
		FileIndex: 1, Line: 2, Prerequisite: &result.Prerequisite{ID: "firewall", Keys: []string{"a:1"}},
		Resource: result.Resource{APIVersion: "v1", Kind: "Secret", Namespace: "teams", Name: "chat"},
		Upgrade:  &result.Upgrade{ID: "entry", From: "10.5.1", General: true, Position: 3},
	}
	for i := range reflect.TypeOf(full).NumField() {
		// limit replaces results with omitted errors.
		if name := reflect.TypeOf(full).Field(i).Name; name != "Omitted" && reflect.ValueOf(full).Field(i).IsZero() {
			t.Fatalf("%s is not set", reflect.TypeOf(full).Field(i).Name)
		}
	}
	results := exported(result.Results{full})
	if got := results.internal(); !reflect.DeepEqual(got, result.Results{full}) {
		t.Errorf("got %+v, want %+v", got, full)
	}
	if results[0].String() != full.String() || results[0].Text() != full.Text() || results.HasErrors() {
		t.Errorf("got %s", results[0])
	}
}
