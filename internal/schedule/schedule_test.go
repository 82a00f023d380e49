// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"strings"
	"testing"
	"time"
)

// TestSchedules is a table of what CloudNativePG's parser accepts, and when it runs first after 2026-01-01T00:00Z, a
// Thursday. The results were recorded from cron.Parse of robfig/cron 1.2.0.
func TestSchedules(t *testing.T) {
	const never, refused = "never", "refused"
	for _, test := range []struct {
		schedule string
		// first is the first run, never, or refused followed by a part of the error.
		first    string
		shortest time.Duration
	}{
		{"0 0 2 * * *", "2026-01-01T02:00:00Z", 24 * time.Hour},
		{"0 2 * * *", "2026-01-01T00:02:00Z", time.Hour}, // five fields: the first one is seconds
		{"0 2 * *", refused + " 5 to 6", 0},
		{"0 0 2 * * * *", refused + " 7", 0},
		{"0 0 2 ? * MON-FRI", "2026-01-01T02:00:00Z", 24 * time.Hour},
		{"0 0 2 * * SAT-SUN", refused + " beyond", 0},
		{"0 0 2 1,15 JAN,jul *", "2026-01-01T02:00:00Z", 14 * 24 * time.Hour},
		{"0 5/15 * * * *", "2026-01-01T00:05:00Z", 15 * time.Minute},
		{"@daily", "2026-01-02T00:00:00Z", 24 * time.Hour},
		{"@every 12h", "2026-01-01T12:00:00Z", 12 * time.Hour},
		{"@every -1h", "2026-01-01T00:00:01Z", time.Second},
		{"@every 0s", "2026-01-01T00:00:01Z", time.Second},
		{"0 0 2 * * 7", refused + " above maximum (6)", 0},
		{"0 0 24 * * *", refused + " above maximum (23)", 0},
		{"0 0 2 0 * *", refused + " below minimum (1)", 0},
		{"0 0 2 31 2 *", never, 0},
		{"0 0 2 , * *", never, 0},
		{"0 0 2 L * *", refused + " something else", 0},
		{"0 0 2 * * 1#1", refused + " something else", 0},
		{"0 */0 * * * *", refused + " step", 0},
		{"@Daily", refused + " descriptor", 0},
		{"@reboot", refused + " descriptor", 0},
		{"@every 12", refused + " duration", 0},
		{"@every 1d", refused + " duration", 0},
		{"TZ=UTC 0 0 2 * * *", refused + " 7", 0},
		// Day and weekday without a star: either matches.
		{"0 0 2 1 * MON", "2026-01-01T02:00:00Z", 24 * time.Hour},
		{"* * * * * *", "2026-01-01T00:00:01Z", time.Second},
		{"", refused + " empty", 0},
		{"   ", refused + " empty", 0},
		{"a b c d e f", refused + " something else", 0},
	} {
		t.Run(test.schedule, func(t *testing.T) {
			parsed, err := Parse(test.schedule)
			if part, wantError := strings.CutPrefix(test.first, refused+" "); wantError {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want one with %q", err, part)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			first := never
			if runs := parsed.Runs(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 1); len(runs) == 1 {
				first = runs[0].Format(time.RFC3339)
			}
			if first != test.first {
				t.Errorf("first run %s, want %s", first, test.first)
			}
			if got := parsed.Shortest(); got != test.shortest {
				t.Errorf("shortest pause %v, want %v", got, test.shortest)
			}
		})
	}
}

func TestHasSixFields(t *testing.T) {
	for text, want := range map[string]bool{"0 0 2 * * *": true, " 0 0 2  * * * ": true, "@daily": true,
		"0 2 * * *": false} {
		if got := HasSixFields(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// Errors contain nothing of the schedule, which may be a secret in the wrong place.
func TestErrorsQuoteNothing(t *testing.T) {
	for _, text := range []string{
		"secret", "0 0 secret * * *", "0 0 2-secret * * *", "0 0 2/secret * * *", "@secret", "@every secret",
		"0 0 1-2-secret * * *", "a secret c d e f g",
	} {
		if _, err := Parse(text); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}
