// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// If there is an error, nothing is emitted, so the prerequisites of valid configurations are not reported either.
func TestErrorsOmitPrerequisites(t *testing.T) {
	good := smallest + "  database: {existingSecret: db}\n"
	bad := strings.NewReplacer("name: chat", "name: talk", "example.com", "example.org").Replace(smallest) +
		"  replicas: 1.5\n"
	hasPrerequisites := func(input string) bool {
		read, err := Read([]byte(input))
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(Process(read, time.Time{}), func(r Result) bool { return r.Prerequisite != nil })
	}
	if !hasPrerequisites(list("", good)) {
		t.Fatal("no prerequisites")
	}
	for _, input := range []string{list("", good, bad), list("", bad, good)} {
		if hasPrerequisites(input) {
			t.Errorf("prerequisites for\n%s", input)
		}
	}
}

// Rules report nothing about fields that could not be decoded, since they would see a value that the user did not
// write.
func TestRulesIgnoreInvalidFields(t *testing.T) {
	const (
		env      = "env: [{name: A=B, value: x}]\n"
		database = "database: {host: db.example.com, password: x, port: 99999}\n"
	)
	for _, test := range []struct {
		name, spec string
		// valid is the field of the rule's result if the YAML is valid; invalid is the field that is reported as a duplicate.
		valid, invalid string
	}{
		{"the field itself", "replicas: 0\n", "spec.replicas: ", "spec.replicas"},
		{"a field of a mapping", database, "spec.database.port: ", "spec.database"},
		{"an element of a list", env, "spec.env[0].name: ", "spec.env"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if r := run(list("", smallest+"  "+test.spec)); r.exit != 1 || !strings.Contains(r.errors, test.valid) {
				t.Fatalf("exit %d, got %s, want %s", r.exit, r.errors, test.valid)
			}
			r := run(list("", smallest+"  "+test.spec+"  "+test.spec))
			lines := strings.Split(r.errors, "\n")
			if r.exit != 1 || len(lines) != 2 || !strings.Contains(lines[0], " error: "+test.invalid+": ") ||
				strings.Contains(lines[0], "[MM") {
				t.Errorf("exit %d, got %s", r.exit, r.errors)
			}
		})
	}
}
