// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		figures []float64
		want    spread
	}{
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{5, 1, 4, 2, 3}, spread{2, 3, 4}},
		{[]float64{1, 2}, spread{1.25, 1.5, 1.75}},
	} {
		if got := spreadOf(test.figures); got != test.want {
			t.Errorf("%v: %v, not %v", test.figures, got, test.want)
		}
	}
}

// The median of the ratios of rounds is something else than the ratio of the medians: a slow round is slow for both.
func TestRatiosAreOfRunsOfTheSameRound(t *testing.T) {
	m := measured{samples: [][]sample{
		{{wall: 10}, {wall: 200}, {wall: 30}},
		{{wall: 20}, {wall: 400}, {wall: 600}},
	}}
	if got := m.ratio(ratio{program: 0, peer: 1, measure: wall}).median; got != 0.5 {
		t.Errorf("the median is %v", got)
	}
	if got := m.ratio(ratio{program: 1, peer: 0, measure: wall, per: 2}).median; got != 1 {
		t.Errorf("with twice the work it is %v", got)
	}
}

func TestSlowWorkGetsFewerRuns(t *testing.T) {
	r := rounds{least: 5, usual: 9, most: 41, budget: 10 * time.Second}
	for _, test := range []struct {
		done int
		took time.Duration
		want bool
	}{
		{4, time.Hour, false},
		{5, 21 * time.Second, true},
		{5, 19 * time.Second, false},
		{9, 11 * time.Second, true},
		{9, time.Second, false},
		{41, time.Second, true},
	} {
		if got := r.enough(test.done, test.took); got != test.want {
			t.Errorf("%d runs in %v: %v", test.done, test.took, got)
		}
	}
}
