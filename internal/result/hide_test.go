// SPDX-License-Identifier: Apache-2.0

package result

import (
	"errors"
	"net/url"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestFormat(t *testing.T) {
	type name string
	malformed := "https://u:Pa55@h/%zz"
	_, parseError := url.Parse(malformed) //nolint:staticcheck // SA1007: the error is what is tested
	for _, test := range []struct {
		arg  any
		want string
	}{
		{"chat.example.com", "chat.example.com"},
		{"https://chat.example.com/x?a=b", "https://chat.example.com/x?a=b"},
		{"alice@example.com", "alice@example.com"},
		{"https://u:Pa55@h/x", "https://***@h/x"},
		{"see https://a, postgres://u:Pa55/ @55@h", "see https://***@h"},
		{name("https://Pa55@h"), "https://***@h"},
		{corev1.ResourceName("u:Pa55@h:5432"), "***@h:5432"},
		{parseError, `parse "https://***@h/%zz": invalid URL escape "%zz"`},
		{errors.New("no host"), "no host"},
		{"u:Pa55@h:5432", "***@h:5432"},
		{"from u:Pa55@h:5432 on", "from ***@h:5432 on"},
		{"ghcr.io/a/b:17@sha256:abc", "ghcr.io/a/b:17@sha256:abc"},
		{`instead of "ghcr.io/a/b:17@sha256:abc", see https://h`, `instead of "ghcr.io/a/b:17@sha256:abc", see https://h`},
		{"https://u:Pa55@h and b:17@sha256:abc", "https://***@h and b:17@sha256:abc"},
		{"host=db password=Pa55 user=x", "host=db password=***"},
		{"Password = Pa55", "Password =***"},
		{"password", "password"},
		{"the password of a=b", "the password of a=b"},
		{"İ PassWord=Pa55", "İ PassWord=***"}, // a letter whose lower case is longer
		{42, "42"},
		{nil, "%!v(<nil>)"},
	} {
		if test.arg == nil {
			test.want = "<nil>"
		}
		if got := Format("%v", test.arg); got != test.want {
			t.Errorf("%v: got %s, want %s", test.arg, got, test.want)
		}
	}
	if got := Format("%q and %d of %s", "u:Pa55@h", 3, "https://u:Pa55@h"); got != `"***@h" and 3 of https://***@h` {
		t.Errorf("got %s", got)
	}
}
