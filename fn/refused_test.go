package fn

import (
	"strings"
	"testing"
)

// With an error nothing is emitted, so there is nothing to arrange for the installations that are not refused.
func TestPrerequisitesAreLeftOutWithErrors(t *testing.T) {
	good := smallest + "  database: {existingSecret: db}\n"
	bad := strings.NewReplacer("name: chat", "name: talk", "example.com", "example.org").Replace(smallest) + "  replicas: 1.5\n"
	if r := run(list("", good)); r.exit != 0 || !strings.Contains(r.errors, "[MM000]") {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	for _, input := range []string{list("", good, bad), list("", bad, good)} {
		if r := run(input); r.exit != 1 || strings.Contains(r.errors, "[MM000]") {
			t.Errorf("exit %d, got %s", r.exit, r.errors)
		}
	}
}

// Of a field that cannot be read, only that is reported: what a rule finds in it nobody wrote.
func TestRulesAreSilentInFieldsThatCannotBeRead(t *testing.T) {
	const (
		env      = "env: [{name: A=B, value: x}]\n"
		database = "database: {host: db.example.com, password: x, port: 99999}\n"
	)
	for _, test := range []struct {
		name, spec string
		// once is the rule's result where the field is there once.
		once, field string
	}{
		{"the field itself", "replicas: 0\n", "spec.replicas: ", "spec.replicas"},
		{"a field of a mapping", database, "spec.database.port: ", "spec.database"},
		{"an element of a list", env, "spec.env[0].name: ", "spec.env"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if r := run(list("", smallest+"  "+test.spec)); r.exit != 1 || !strings.Contains(r.errors, test.once) {
				t.Fatalf("exit %d, got %s, want %s", r.exit, r.errors, test.once)
			}
			r := run(list("", smallest+"  "+test.spec+"  "+test.spec))
			if lines := strings.Split(r.errors, "\n"); r.exit != 1 || len(lines) != 2 || !strings.Contains(lines[0], " error: "+test.field+": ") || strings.Contains(lines[0], "[MM") {
				t.Errorf("exit %d, got %s", r.exit, r.errors)
			}
		})
	}
}
