// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/internal/license/licensetest"
)

// execute runs the command line.
func execute(input string, args ...string) (exit int, out, errs string) {
	var stdout, stderr bytes.Buffer
	exit = Execute(args, strings.NewReader(input), &stdout, &stderr)
	return exit, stdout.String(), stderr.String()
}

func TestLicense(t *testing.T) {
	text := licensetest.New(t, licensetest.License{
		Plan: "professional", Expires: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Features: map[string]any{"users": 250, "future_features": false, "ldap": true, "saml": true},
	})
	for _, test := range []struct{ name, now, want string }{
		{"valid", "2026-11-13T00:00:00Z", "valid for 10 days more; the server removes it on 2026-12-03"},
		{"one day", "2026-11-22T00:00:00Z", "valid for 1 day more; the server removes it on 2026-12-03"},
		{"in grace", "2026-11-25T12:00:00Z", "expired 2 days ago, within the grace period of 10 days; " +
			"the server removes it on 2026-12-03: renew it now"},
		{"expired", "2026-12-25T00:00:00Z", "expired 31 days ago; the server removed it on 2026-12-03, " +
			"and every licensed feature with it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, test.now)
			if err != nil {
				t.Fatal(err)
			}
			info, err := describeLicense(text, now)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := info.print(&out); err != nil {
				t.Fatal(err)
			}
			want := `License    license-id-for-tests
Plan       professional
Seats      250
Starts     1970-01-01, which the server does not enforce
Expires    2026-11-23
Today      ` + test.want + `
Signature  valid for neither Mattermost's production key nor its test key: every server rejects it

Includes:
  announcement      the banner over every page
  ldap              login with AD/LDAP
  saml              login with SAML
  theme_management  themes for everyone

Lacks:
  advanced_logging `
			if !strings.HasPrefix(out.String(), want) {
				t.Errorf("got\n%s\nwant\n%s", out.String(), want)
			}
		})
	}
}

func TestLicenseOfEverythingAndForNobody(t *testing.T) {
	text := licensetest.New(t, licensetest.License{ID: "a\x1b[31mb", Expires: time.Now().Add(time.Hour),
		Features: map[string]any{}})
	exit, out, errs := execute(text, "license", "-")
	if exit != 0 || errs != "" {
		t.Fatalf("exit %d, stderr %s", exit, errs)
	}
	for _, want := range []string{
		"License    a [31mb\n", "Plan       not given\n", "Seats      not given: the server accepts such a license from " +
			"MM_LICENSE and rejects it as an upload\n", "\nLacks:\n  nothing\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// The server treats a license for 0 users like one without a number.
func TestLicenseForZeroUsers(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Expires: time.Now().Add(time.Hour),
		Features: map[string]any{"users": 0}})
	if _, out, _ := execute(text, "license", "-"); !strings.Contains(out,
		"Seats      not given: the server accepts such a license from MM_LICENSE and rejects it as an upload\n") {
		t.Errorf("printed %s", out)
	}
	if _, out, _ := execute(text, "license", "-o", "json", "-"); !strings.Contains(out, `"seats": null`) {
		t.Errorf("printed %s", out)
	}
}

func TestLicenseAsJSON(t *testing.T) {
	text := licensetest.New(t, licensetest.License{
		Plan: "enterprise", Expires: time.Now().Add(30*24*time.Hour + time.Hour),
		Features: map[string]any{"users": 5, "cluster": false},
	})
	file := filepath.Join(t.TempDir(), "license")
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	exit, out, errs := execute("", "license", "--output", "json", file)
	if exit != 0 || errs != "" {
		t.Fatalf("exit %d, stderr %s", exit, errs)
	}
	var info licenseReport
	if err := json.Unmarshal([]byte(out), &info); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if info.ID != "license-id-for-tests" || info.Plan != "enterprise" || *info.Seats != 5 || info.State != "valid" ||
		info.DaysLeft != 30 || info.Signature != "unknown" ||
		len(info.Lacks) != 1 || info.Lacks[0].Feature != "cluster" || len(info.Holds) < 20 {
		t.Errorf("printed %s", out)
	}
}

// The server accepts a long license as MM_LICENSE, but cannot store it in its database.
func TestLongLicense(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Expires: time.Now().Add(time.Hour),
		Features: map[string]any{"users": 1, "unknown": strings.Repeat("x", 8000)}})
	exit, out, errs := execute(text, "license", "-")
	if want := fmt.Sprintf("Length     %d characters: for MM_LICENSE only, "+
		"since the server's database stores at most 10000\n", len(text)); exit != 0 || !strings.Contains(out, want) {
		t.Errorf("exit %d, %q is not in\n%s%s", exit, want, out, errs)
	}
}

// The customer is never printed, nor anything of a file that is not a license.
func TestLicenseHidesTheCustomer(t *testing.T) {
	text := licensetest.New(t, licensetest.License{Expires: time.Now(), Features: map[string]any{"users": 1}})
	for _, args := range [][]string{{"license", "-"}, {"license", "-o", "json", "-"}} {
		_, out, errs := execute(text, args...)
		for _, secret := range []string{"customer", "someone@example.com"} {
			if strings.Contains(out+errs, secret) {
				t.Errorf("%v prints %s", args, secret)
			}
		}
	}
}

func TestNotALicense(t *testing.T) {
	good := licensetest.New(t, licensetest.License{Expires: time.Now(), Features: map[string]any{"users": 1}})
	for _, test := range []struct{ name, input, want string }{
		{"nothing", "", "it is empty"},
		{"already decoded", `{"id": "hunter2"}`, "it is already decoded"},
		{"cut", good[:48], "it is too short"},
		{"a space at its end", good + " ", "it begins or ends with a space"},
		{"seats as text", licensetest.Sign(t, []byte(`{"expires_at": 1, "features": {"users": "hunter2"}}`)),
			"the server expects an integer as features.users"},
		{"something else", "hunter2, not a license", "it is not base64"},
		{"signed, and something else", licensetest.Sign(t, []byte(`{"a": "hunter2"}`)),
			"it has no expiry date or no features"},
	} {
		t.Run(test.name, func(t *testing.T) {
			exit, out, errs := execute(test.input, "license", "-")
			if exit != exitRefused || out != "" || !strings.HasPrefix(errs, "error: -: ") ||
				!strings.Contains(errs, test.want) || strings.Contains(errs, "hunter2") {
				t.Errorf("exit %d, printed %q, stderr %q; want %q", exit, out, errs, test.want)
			}
		})
	}
	if exit, _, errs := execute("", "license", "no-such-file"); exit != exitRefused ||
		!strings.Contains(errs, "no-such-file") {
		t.Errorf("exit %d, stderr %q", exit, errs)
	}
	if exit, _, errs := execute(good, "license", "-o", "yaml", "-"); exit != exitUsage ||
		!strings.Contains(errs, "want text or json") {
		t.Errorf("exit %d, stderr %q", exit, errs)
	}
}
