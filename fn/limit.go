// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"fmt"
	"strings"

	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

// maxResults is how many results of one object are reported. More are the consequence of a few mistakes, such as a file
// of another program, and hide the first ones.
const maxResults = 50

// limit returns the first results of each object, and at the end the number of the others. Results are sorted, so
// errors come first. Prerequisites are a list to work through, and complete.
func limit(results result.Results) result.Results {
	type omitted struct {
		first  result.Result
		counts map[result.Severity]int
	}
	count := map[result.Resource]int{}
	more := map[result.Resource]*omitted{}
	var order []result.Resource
	var kept result.Results
	for _, r := range results {
		if r.Rule == ruleid.Prerequisite {
			kept = append(kept, r)
			continue
		}
		if r.Omitted == 0 {
			if count[r.Resource]++; count[r.Resource] <= maxResults {
				kept = append(kept, r)
				continue
			}
		}
		if more[r.Resource] == nil {
			more[r.Resource] = &omitted{r, map[result.Severity]int{}}
			order = append(order, r.Resource)
		}
		more[r.Resource].counts[r.Severity] += max(1, r.Omitted)
	}
	for _, resource := range order {
		o := more[resource]
		var counts []string
		for _, severity := range []result.Severity{result.Error, result.Warning, result.Info} {
			if n := o.counts[severity]; n > 0 {
				counts = append(counts, fmt.Sprintf("%d more %s", n, plural(string(severity), n)))
			}
		}
		kept = append(kept, result.Result{
			Severity: o.first.Severity, Resource: resource, File: o.first.File, FileIndex: o.first.FileIndex,
			Message: strings.Join(counts, " and ") + ", which are not shown; fix the first ones and run again",
		})
	}
	return kept
}

func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
