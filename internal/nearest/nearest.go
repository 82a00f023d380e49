// SPDX-License-Identifier: Apache-2.0

// Package nearest finds the name that was most likely meant by a misspelled one.
package nearest

import "strings"

// Nearest returns the candidate with the smallest edit distance from name, or "" if none is close enough. It ignores
// case, underscores and hyphens, so that client_id is equal to clientID. It returns the first of several candidates
// with the same distance.
//
// A candidate is close enough if at most 2 letters, or a third of the letters of a longer name, are added, omitted,
// replaced or swapped with the next letter, and less than half of those of a short one: foo is not pod.
func Nearest(name string, candidates []string) string {
	wanted := letters(name)
	best, bestDistance := "", max(2, len(wanted)/3)+1
	for _, candidate := range candidates {
		offered := letters(candidate)
		d := distance(wanted, offered)
		if d < bestDistance && (d == 0 || 2*d < max(len(wanted), len(offered))) {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// letters returns the letters of a name in lower case, without underscores and hyphens.
func letters(name string) []rune {
	return []rune(strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name)))
}

// Distance returns how many letters must be added, omitted, replaced or swapped with the next letter to turn one name
// into the other. It ignores case, underscores and hyphens.
func Distance(a, b string) int { return distance(letters(a), letters(b)) }

// distance returns the Damerau-Levenshtein distance in its restricted form (optimal string alignment): a swapped pair
// is not edited again, which is sufficient for typing mistakes.
func distance(a, b []rune) int {
	// Row i contains the distances from the first i letters of a to each prefix of b. A swap needs the row before the
	// last.
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row = above, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := above[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
