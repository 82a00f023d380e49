// SPDX-License-Identifier: Apache-2.0

package conventions

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckList(t *testing.T) {
	const (
		head    = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
		secret  = "- apiVersion: v1\n  kind: Secret\n  metadata: {name: a, namespace: b}\n"
		results = "results:\n- message: wrong\n  severity: error\n- message: odd\n  severity: warning\n"
	)
	for name, test := range map[string]struct {
		list, stderr string
		want         []string
	}{
		"without results": {head + secret, "", nil},
		"with results":    {head + secret + results, "a.yaml: error: spec: wrong\nwarning: odd [MM001]\n", nil},
		"no list": {"kind: Secret\n", "",
			[]string{
				`the kpt functions SDK does not read the list: input was of unexpected kind "Secret"; expected ResourceList`}},
		"an object twice": {head + secret + secret, "",
			[]string{"duplicate Resource(apiVersion=v1, kind=Secret, Namespace=b, Name=a)"}},
		"a line too few": {head + secret + results, "error: wrong\n",
			[]string{"2 results, and 1 lines on standard error"}},
		"lines without result": {head + secret, "error: wrong\n", []string{"0 results, and 1 lines on standard error"}},
		"another order": {head + secret + results, "warning: odd\nerror: wrong\n", []string{
			`result 0 is "wrong", and line 0 on standard error "warning: odd"`,
			`result 1 is "odd", and line 1 on standard error "error: wrong"`,
		}},
		"a severity that does not exist": {head + secret + strings.ReplaceAll(results, "warning", "hint"),
			"error: wrong\nhint: odd\n", []string{`result 1 has the severity "hint"`}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, got := CheckList(test.list, test.stderr); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
