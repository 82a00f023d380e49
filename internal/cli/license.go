package cli

import (
	"encoding/json"
	"fmt"
	"io"
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
		Short: "Say what a licence file holds",
		Long: `Say what a Mattermost licence file holds: its id, plan, seats, start and end,
whose signature it carries, where it stands today, and which features it opens
and lacks. Never whom it was sold to. - stands for standard input.

Exit code: 0, or 1 when the file is no licence. One that has ended, or whose
signature fits no key of Mattermost's, is one nevertheless.`,
		Example: `  mattermost-fn license mattermost.mattermost-license
  kubectl get secret mattermost-license -o jsonpath='{.data.license}' | base64 -d | mattermost-fn license -
  mattermost-fn license --output json mattermost.mattermost-license`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("%q is not a form of the licence (one of text, json)", format)
			}
			text, err := readFile(streams, files[0])
			if err != nil {
				return refuse(streams, err)
			}
			info, err := describeLicense(string(text), time.Now())
			if err != nil {
				return refuse(streams, fmt.Errorf("%s: %w", files[0], err))
			}
			if format == "text" {
				return info.print(streams.out)
			}
			encoder := json.NewEncoder(streams.out)
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			return encoder.Encode(info)
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "text", "text or json")
	return command
}

// licenseReport is what there is to say about a licence.
type licenseReport struct {
	ID    string `json:"id"`
	Plan  string `json:"plan,omitempty"`
	Trial bool   `json:"trial"`
	// Seats is null where the file says none, which the server refuses.
	Seats  *int      `json:"seats"`
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends"`
	// RemovedAfter is when the server removes it.
	RemovedAfter time.Time `json:"removedAfter"`
	// State is valid, grace or expired.
	State string `json:"state"`
	// DaysLeft until the end, negative after it.
	DaysLeft int `json:"daysLeft"`
	// Signature is production or test, after the key that it fits, or unknown.
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
	info := &licenseReport{
		ID:           printable(l.ID),
		Plan:         printable(l.Plan),
		Trial:        l.Trial,
		Starts:       l.Starts,
		Ends:         l.Expires,
		RemovedAfter: l.Expires.Add(license.Grace),
		State:        map[license.State]string{license.Valid: "valid", license.InGrace: "grace", license.Expired: "expired"}[l.At(now)],
		DaysLeft:     int(l.Expires.Sub(now) / (24 * time.Hour)),
		Signature:    "unknown",
		Holds:        []licensedFeature{},
		Lacks:        []licensedFeature{},
	}
	if l.SeatsGiven && l.Seats > 0 {
		info.Seats = &l.Seats
	}
	for _, environment := range []string{"production", "test"} {
		if license.Verify(text, license.PublicKey(environment)) == nil {
			info.Signature = environment
		}
	}
	for _, feature := range license.Features {
		list := &info.Lacks
		if l.Has(feature.Key) {
			list = &info.Holds
		}
		*list = append(*list, licensedFeature{feature.Key, feature.What})
	}
	return info, nil
}

// print writes it for people.
func (s *licenseReport) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	line("Licence", "%s", s.ID)
	plan := s.Plan
	if plan == "" {
		plan = "not named"
	}
	if s.Trial {
		plan += ", a trial"
	}
	line("Plan", "%s", plan)
	if s.Seats != nil {
		line("Seats", "%d", *s.Seats)
	} else {
		line("Seats", "none: the server refuses such a licence")
	}
	line("Starts", "%s, which the server does not enforce", s.Starts.Format(time.DateOnly))
	line("Ends", "%s", s.Ends.Format(time.DateOnly))
	line("Today", "%s", s.today())
	line("Signature", "%s", map[string]string{
		"production": "fits Mattermost's production key",
		"test":       "fits Mattermost's test key: a server in production refuses it",
		"unknown":    "fits neither Mattermost's production key nor its test key: every server refuses it",
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
	list("Holds", s.Holds)
	list("Lacks", s.Lacks)
	return table.Flush()
}

// today says where the licence stands.
func (s *licenseReport) today() string {
	removed := s.RemovedAfter.Format(time.DateOnly)
	switch s.State {
	case "valid":
		return fmt.Sprintf("valid for %s more; the server removes it on %s", days(s.DaysLeft), removed)
	case "grace":
		return fmt.Sprintf("ended %s ago, in the 10 days of grace; the server removes it on %s: renew it now", days(-s.DaysLeft), removed)
	}
	return fmt.Sprintf("ended %s ago; the server has removed it on %s, and every licensed feature with it", days(-s.DaysLeft), removed)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// printable keeps a terminal's control characters away from the terminal.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, text)
}
