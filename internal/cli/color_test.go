// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/fn"
)

const escape = "\x1b["

// Without a terminal nothing is colored, unless --color always says so, and JSON and manifests never are.
func TestColor(t *testing.T) {
	dir := t.TempDir()
	config := dir + "/chat.yaml"
	if err := os.WriteFile(config, []byte(configured), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args     []string
		colored  string
		original string
	}{
		{[]string{"check", "--from", "10.5.1", config}, ": " + escape + "33mwarning:" + escape + "0m spec.enterprise: ", ""},
		{[]string{"render", "--diff", dir, config}, escape + "32madded" + escape + "0m  Secret teams/chat-", ""},
		{[]string{"render", "--diff", dir, config}, escape + "32m+kind: Mattermost" + escape + "0m\n", ""},
		{[]string{"render", config}, escape + "36minfo:" + escape + "0m ", "kind: Mattermost\n"},
		{[]string{"render", dir + "/none.yaml"}, escape + "31merror:" + escape + "0m ", ""},
		{[]string{"check", "--no-such-flag"}, escape + "31merror:" + escape + "0m ", ""},
		{[]string{"check", "--output", "json", config}, "", `"severity": "`},
		{[]string{"render", "--diff", dir, "--output", "json", config}, "", `"state": "added"`},
	} {
		_, plain, plainErrors := execute("", test.args...)
		_, colored, coloredErrors := execute("", append([]string{"--color", "always"}, test.args...)...)
		if strings.Contains(plain+plainErrors, escape) {
			t.Errorf("%v is colored without a terminal", test.args)
		}
		if !strings.Contains(colored+coloredErrors, test.colored) || !strings.Contains(colored, test.original) {
			t.Errorf("%v: %q and %q are not in %.800q", test.args, test.colored, test.original, colored+coloredErrors)
		}
		if test.colored == "" && strings.Contains(colored, escape) {
			t.Errorf("%v: JSON is colored: %q", test.args, colored)
		}
		if got := uncolored(colored) + uncolored(coloredErrors); got != plain+plainErrors {
			t.Errorf("%v: without colors it is\n%s\nwant\n%s", test.args, got, plain+plainErrors)
		}
	}
	if exit, _, errs := execute("", "check", "--color", "sometimes", config); exit != 2 ||
		!strings.Contains(errs, `unknown value "sometimes" (want auto, always or never)`) {
		t.Errorf("exit %d, %s", exit, errs)
	}
}

// uncolored removes the codes.
func uncolored(text string) string {
	parts := strings.Split(text, escape)
	for i, part := range parts[1:] {
		_, parts[i+1], _ = strings.Cut(part, "m")
	}
	return strings.Join(parts, "")
}

// Only the severity is colored, not a word of the place or of the message that looks the same.
func TestColorOfSeverity(t *testing.T) {
	for _, test := range []struct {
		result fn.Result
		want   string
	}{
		{fn.Result{Severity: fn.Error, Message: "an error: no"}, escape + "31merror:" + escape + "0m an error: no"},
		{fn.Result{Severity: fn.Warning, File: "no-warning: a.yaml", Message: "m"},
			"no-warning: a.yaml: " + escape + "33mwarning:" + escape + "0m m"},
		{fn.Result{Severity: fn.Info, File: "a.yaml", Line: 2, Field: "spec", Message: "info: i"},
			"a.yaml:2: " + escape + "36minfo:" + escape + "0m spec: info: i"},
	} {
		if got := style(true).result(test.result); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
		if got := style(false).result(test.result); got != test.result.String() {
			t.Errorf("got %q", got)
		}
	}
}
