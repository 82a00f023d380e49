// SPDX-License-Identifier: Apache-2.0

package conventions

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kptdev/krm-functions-sdk/go/fn"
)

// count matches the line with the number of prerequisites, and their rule.
var count = regexp.MustCompile(`: info: \d+ prerequisites? outside this configuration; .* \[(\w+)\]$`)

// CheckList checks a ResourceList that the function wrote with the reader of the kpt functions SDK, which Porch and
// chains of functions use: it reads the list, no resource is in it twice, and there is one result per line on standard
// error, in the same order. Prerequisites, which standard error only counts, are left out. It returns the list as the
// SDK writes it, and what is wrong.
func CheckList(list, stderr string) (written string, faults []string) {
	read, err := fn.ParseResourceList([]byte(list))
	if err != nil {
		return "", []string{"the kpt functions SDK does not read the list: " + err.Error()}
	}
	if err := fn.CheckResourceDuplication(read); err != nil {
		faults = append(faults, err.Error())
	}
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	if stderr == "" {
		lines = nil
	}
	rule := "" // of prerequisites
	lines = slices.DeleteFunc(lines, func(line string) bool {
		found := count.FindStringSubmatch(line)
		if found != nil {
			rule = found[1]
		}
		return found != nil
	})
	results := slices.DeleteFunc(slices.Clone(read.Results), func(result *fn.Result) bool {
		return rule != "" && result.Tags["rule"] == rule
	})
	if len(lines) != len(results) {
		faults = append(faults, fmt.Sprintf("%d results, and %d lines on standard error", len(results), len(lines)))
	}
	for i, result := range results {
		if !slices.Contains([]fn.Severity{fn.Error, fn.Warning, fn.Info}, result.Severity) {
			faults = append(faults, fmt.Sprintf("result %d has the severity %q", i, result.Severity))
		}
		if result.Message == "" || i < len(lines) && !(strings.Contains(lines[i], string(result.Severity)+": ") &&
			strings.Contains(lines[i], result.Message)) {
			faults = append(faults, fmt.Sprintf("result %d is %q, and line %d on standard error %q", i, result.Message, i,
				lines[min(i, len(lines)-1)]))
		}
	}
	text, err := read.ToYAML()
	if err != nil {
		faults = append(faults, "the kpt functions SDK does not write the list: "+err.Error())
	}
	return string(text), faults
}
