// SPDX-License-Identifier: Apache-2.0

// Package schedule reads the schedules of backups as CloudNativePG does, with the same module (cloudnative-pg 1.30,
// internal/webhook/v1/scheduledbackup_webhook.go and internal/controller/scheduledbackup_controller.go).
package schedule

import (
	"errors"
	"strings"
	"time"

	"github.com/robfig/cron"
)

// Schedule says when backups are made.
type Schedule struct{ cron cron.Schedule }

// Parse decodes a schedule. It returns an error for one that CloudNativePG's webhook refuses.
func Parse(text string) (Schedule, error) {
	if strings.TrimSpace(text) == "" {
		return Schedule{}, errors.New("is empty")
	}
	parsed, err := cron.Parse(text)
	if err != nil {
		return Schedule{}, reason(err)
	}
	return Schedule{parsed}, nil
}

// reason returns what is wrong with a schedule, without a part of it: the parser's error quotes it, and what is written
// in the wrong place may be a secret.
func reason(err error) error {
	what, _, _ := strings.Cut(err.Error(), ": ")
	switch {
	case strings.HasPrefix(what, "Failed to parse int"):
		return errors.New("a field contains something else than numbers, names of days and months, lists, ranges and steps")
	case strings.HasPrefix(what, "Failed to parse duration"):
		return errors.New("the duration after @every must be like 12h or 90m")
	case strings.HasPrefix(what, "Unrecognized descriptor"):
		return errors.New("the descriptor must be @yearly, @monthly, @weekly, @daily, @hourly or @every with a duration")
	}
	return errors.New(strings.ToLower(what[:1]) + what[1:])
}

// HasSixFields reports whether the schedule has six fields, or is a descriptor such as @daily. The parser accepts five
// fields too, and takes the first one for seconds.
func HasSixFields(text string) bool {
	return strings.HasPrefix(text, "@") || len(strings.Fields(text)) == 6
}

// Runs returns the first runs after a time, at most as many as asked for. It returns fewer, or none, if there are none
// in the five years after one.
func (s Schedule) Runs(after time.Time, most int) []time.Time {
	var runs []time.Time
	for len(runs) < most {
		after = s.cron.Next(after)
		if after.IsZero() {
			break
		}
		runs = append(runs, after)
	}
	return runs
}

// sample is how many runs Shortest compares: more than the hours of a week, so that it sees every pause of a schedule
// that runs at most every hour.
const sample = 200

// Shortest returns the shortest pause between two runs; zero if the schedule runs less than twice.
func (s Schedule) Shortest() time.Duration {
	runs := s.Runs(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), sample)
	var shortest time.Duration
	for i := 1; i < len(runs); i++ {
		if pause := runs[i].Sub(runs[i-1]); shortest == 0 || pause < shortest {
			shortest = pause
		}
	}
	return shortest
}
