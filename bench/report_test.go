// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
	"testing"
)

func TestShare(t *testing.T) {
	for ratio, want := range map[float64]string{1. / 40: "1/40", 1.2: "1.20", 0.6: "0.60", 1 / 3.5: "1/3.5",
		1. / 1234: "1/1,234", 0.5: "1/2"} {
		if got := share(ratio); got != want {
			t.Errorf("%v: %s, not %s", ratio, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{7: "7", 1_000: "1,000", 1_234_056: "1,234,056"} {
		if got := number(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func TestTheReportSaysWhatIsMet(t *testing.T) {
	m := measured{
		group: group{
			work:     "something",
			programs: []program{{name: "one"}, {name: "other"}},
			ratios: []ratio{
				{program: 0, peer: 1, measure: wall, limit: 1. / 4},
				{program: 0, peer: 1, measure: memory, limit: 1. / 4},
				{program: 0, peer: 1, measure: cpu},
			},
		},
		samples: [][]sample{
			slices.Repeat([]sample{{wall: 1, cpu: 3, memory: 1}}, 5),
			slices.Repeat([]sample{{wall: 8, cpu: 2, memory: 2}}, 5),
		},
		checked: "both did it",
	}
	var report strings.Builder
	(&bench{}).writeRatios(&report, []measured{m})
	for _, line := range []string{
		"| something | one | other | wall time | 1/8 | 1/8 to 1/8 | 5 | ≤ 1/4 | yes |",
		"| something | one | other | peak memory | 1/2 | 1/2 to 1/2 | 5 | ≤ 1/4 | **no** |",
		"| something | one | other | CPU time | 1.50 | 1.50 to 1.50 | 5 |  |  |",
		"- something: both did it.",
	} {
		if !strings.Contains(report.String(), line+"\n") {
			t.Errorf("there is no line\n%s\nin\n%s", line, report.String())
		}
	}
	m.samples[0], m.samples[1] = m.samples[0][:1], m.samples[1][:1]
	report.Reset()
	(&bench{}).writeRatios(&report, []measured{m})
	if line := "| 1 | ≤ 1/4 | not judged |\n"; !strings.Contains(report.String(), line) {
		t.Errorf("after one run there is no\n%s\nin\n%s", line, report.String())
	}
}

func TestRatiosReplaceThoseOfBefore(t *testing.T) {
	first, err := replaceRatios("before\n"+begin+end+"after\n", "| 1 |\n")
	if err != nil {
		t.Fatal(err)
	}
	second, err := replaceRatios(first, "| 2 |\n")
	if want := "before\n" + begin + "\n| 2 |\n\n" + end + "after\n"; second != want || err != nil {
		t.Errorf("%v\n%s", err, second)
	}
	if _, err := replaceRatios("no place", ""); err == nil {
		t.Error("a document without a place is taken")
	}
}
