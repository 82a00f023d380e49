// Package nearest finds the name that a person meant.
package nearest

import "strings"

// Nearest returns the candidate that name is most likely a misspelling of, or "" when none is near. Upper and lower
// case, underscores and hyphens do not count, so that client_id is clientID. Of several that are equally near, the first
// is returned.
//
// Near means at most 2 letters added, left out, replaced or swapped with their neighbour, or a third of a longer name.
func Nearest(name string, candidates []string) string {
	wanted := letters(name)
	best, bestDistance := "", max(2, len(wanted)/3)+1
	for _, candidate := range candidates {
		offered := letters(candidate)
		d := distance(wanted, offered)
		// Two short names that share nothing are not near, however short the way between them.
		if d < bestDistance && (d == 0 || d < max(len(wanted), len(offered))) {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// letters is what counts of a name.
func letters(name string) []rune {
	return []rune(strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name)))
}

// distance is the Damerau-Levenshtein distance in its restricted form (optimal string alignment): a swapped pair is not
// edited again, which no typing mistake needs.
func distance(a, b []rune) int {
	// Row i holds the distances from the first i letters of a to each beginning of b. A swap looks two rows back.
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
