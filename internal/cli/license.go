// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/internal/license"
)

func licenseCommand(streams ioStreams) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "license FILE",
		Short: "Show what a license file contains",
		Long: `Show what a Mattermost license file contains: its id, plan, seats, start and end,
its signature, its state today, and which features it includes and lacks. The
customer is never shown. - is standard input.

Exit code: 0, or 1 when the server would not read the file as a license. A
license that has expired, or that was not signed by Mattermost, can be read.`,
		Example: `  mattermost-fn license docs/example.mattermost-license
  kubectl get secret mattermost-license -o jsonpath='{.data.license}' | base64 -d | mattermost-fn license -
  mattermost-fn license --output json docs/example.mattermost-license`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown output format %q (want text or json)", format)
			}
			text, _, err := newInput(streams).read(filepath.Dir(files[0]), filepath.Base(files[0]), files[0])
			if err != nil {
				return refuse(streams, err)
			}
			report, err := describeLicense(string(text), time.Now())
			if err != nil {
				return refuse(streams, fmt.Errorf("%s: %w", files[0], err))
			}
			if format == "text" {
				return report.print(streams.out)
			}
			return encodeJSON(streams, report)
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "text", "text or json")
	complete(command, "output", "text", "json")
	return command
}

// licenseReport is what the command prints about a license.
type licenseReport struct {
	ID    string `json:"id"`
	Plan  string `json:"plan,omitempty"`
	Trial bool   `json:"trial"`
	// Seats is null if the file has none; the server rejects the upload of such a file.
	Seats *int `json:"seats"`
	// Length is the number of characters in the file.
	Length int       `json:"length"`
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends"`
	// RemovedAfter is when the server removes it.
	RemovedAfter time.Time `json:"removedAfter"`
	// State is valid, grace or expired.
	State string `json:"state"`
	// DaysLeft until the end, negative after it.
	DaysLeft int `json:"daysLeft"`
	// Signature is production or test, the key that verifies it, or unknown.
	Signature string            `json:"signature"`
	Holds     []licensedFeature `json:"holds"`
	Lacks     []licensedFeature `json:"lacks"`
}

type licensedFeature struct {
	Feature string `json:"feature"`
	Opens   string `json:"opens"`
}

func describeLicense(text string, now time.Time) (*licenseReport, error) {
	l, err := license.Parse(text)
	if err != nil {
		return nil, err
	}
	report := &licenseReport{
		ID:           printable(l.ID),
		Plan:         printable(l.Plan),
		Trial:        l.Trial,
		Length:       l.Length,
		Starts:       l.Starts,
		Ends:         l.Expires,
		RemovedAfter: l.Expires.Add(license.Grace),
		State: map[license.State]string{license.Valid: "valid", license.InGrace: "grace",
			license.Expired: "expired"}[l.At(now)],
		DaysLeft:  int(l.Expires.Sub(now) / (24 * time.Hour)),
		Signature: "unknown",
		Holds:     []licensedFeature{},
		Lacks:     []licensedFeature{},
	}
	if l.SeatsGiven && l.Seats > 0 {
		report.Seats = &l.Seats
	}
	for _, environment := range []string{"production", "test"} {
		if license.Verify(text, license.PublicKey(environment)) == nil {
			report.Signature = environment
		}
	}
	for _, feature := range license.Features {
		list := &report.Lacks
		if l.Has(feature.Key) {
			list = &report.Holds
		}
		*list = append(*list, licensedFeature{feature.Key, feature.What})
	}
	return report, nil
}

// print writes the report as text.
func (s *licenseReport) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	line("License", "%s", s.ID)
	plan := s.Plan
	if plan == "" {
		plan = "not given"
	}
	if s.Trial {
		plan += ", a trial"
	}
	line("Plan", "%s", plan)
	if s.Seats != nil {
		line("Seats", "%d", *s.Seats)
	} else {
		line("Seats", "not given: the server accepts such a license from MM_LICENSE and rejects it as an upload")
	}
	if s.Length > license.MaxStored {
		line("Length", "%d characters: for MM_LICENSE only, since the server's database stores at most %d", s.Length,
			license.MaxStored)
	}
	line("Starts", "%s, which the server does not enforce", s.Starts.Format(time.DateOnly))
	line("Expires", "%s", s.Ends.Format(time.DateOnly))
	line("Today", "%s", s.today())
	line("Signature", "%s", map[string]string{
		"production": "valid for Mattermost's production key",
		"test":       "valid for Mattermost's test key: a server in production rejects it",
		"unknown":    "valid for neither Mattermost's production key nor its test key: every server rejects it",
	}[s.Signature])
	list := func(heading string, features []licensedFeature) {
		fmt.Fprintf(table, "\n%s:\n", heading)
		for _, f := range features {
			fmt.Fprintf(table, "  %s\t%s\n", f.Feature, f.Opens)
		}
		if len(features) == 0 {
			fmt.Fprintln(table, "  nothing")
		}
	}
	list("Includes", s.Holds)
	list("Lacks", s.Lacks)
	return table.Flush()
}

// today describes the state of the license.
func (s *licenseReport) today() string {
	removed := s.RemovedAfter.Format(time.DateOnly)
	switch s.State {
	case "valid":
		return fmt.Sprintf("valid for %s more; the server removes it on %s", days(s.DaysLeft), removed)
	case "grace":
		return fmt.Sprintf("expired %s ago, within the grace period of 10 days; the server removes it on %s: renew it now",
			days(-s.DaysLeft), removed)
	}
	return fmt.Sprintf("expired %s ago; the server removed it on %s, and every licensed feature with it",
		days(-s.DaysLeft), removed)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// printable replaces control characters, which a terminal would interpret.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, text)
}
