// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

// normalizedPassword reports database passwords that PostgreSQL normalizes (SASLprep, RFC 4013) when it stores them,
// while lib/pq sends them unchanged: the server's login fails, though psql's succeeds (run with lib/pq 1.10.9 and
// 1.12.3 against PostgreSQL 15). Outside the cluster the role may still have a password in MD5, which is not
// normalized.
func normalizedPassword(s *subject) {
	const what = "contains a letter with a separate accent, a ligature, " +
		"a no-break space or a similar character, which PostgreSQL " +
		"normalizes when it stores the password (SASLprep) and the server's driver does not, so "
	if in := s.spec.Database.InCluster; in != nil && s.normalized(in.Password) {
		s.errorf("spec.database.inCluster.password", what+"the login fails; use other characters")
	}
	if s.normalized(s.spec.Database.Password) {
		s.warnf("spec.database.password", what+"the login fails unless the stored password is an MD5 hash; "+
			"use other characters")
	}
}

// normalized reports whether SASLprep changes a password, if it is known.
func (s *subject) normalized(password *v1alpha1.SecretValue) bool {
	text, ok := s.visible(password)
	if !ok {
		return false
	}
	for _, r := range text {
		if r > unicode.MaxASCII && unicode.In(r, mappedToSpace, mappedToNothing) {
			return true
		}
	}
	return !norm.NFKC.IsNormalString(text)
}

// Characters that RFC 3454 maps: tables C.1.2 and B.1.
var (
	mappedToSpace = &unicode.RangeTable{R16: []unicode.Range16{
		{Lo: 0x00a0, Hi: 0x00a0, Stride: 1}, {Lo: 0x1680, Hi: 0x1680, Stride: 1}, {Lo: 0x2000, Hi: 0x200b, Stride: 1},
		{Lo: 0x202f, Hi: 0x202f, Stride: 1}, {Lo: 0x205f, Hi: 0x205f, Stride: 1}, {Lo: 0x3000, Hi: 0x3000, Stride: 1},
	}, LatinOffset: 1}
	mappedToNothing = &unicode.RangeTable{R16: []unicode.Range16{
		{Lo: 0x00ad, Hi: 0x00ad, Stride: 1}, {Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x1806, Hi: 0x1806, Stride: 1},
		{Lo: 0x180b, Hi: 0x180d, Stride: 1}, {Lo: 0x200b, Hi: 0x200d, Stride: 1}, {Lo: 0x2060, Hi: 0x2060, Stride: 1},
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, {Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
	}, LatinOffset: 1}
)
