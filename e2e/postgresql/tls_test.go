// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// What a mode of TLS comes to: it is used or not, or part of the error.
const (
	encrypted = "TLS"
	plain     = "clear text"
	unknownCA = "certificate signed by unknown authority"
	otherHost = "certificate is valid for"
)

// What each version of lib/pq does with a server whose certificate is for db.example.com, from a private authority.
var tlsCases = []struct {
	mode   string
	ca     string // how the configuration gives the private authority, "" for not at all
	host   string
	want   string            // in both versions
	wantBy map[string]string // where they differ
}{
	{mode: "disable", host: "db", want: plain},
	{mode: "require", host: "other", want: encrypted},
	{mode: "require", ca: "configMapKeyRef", host: "db", want: encrypted},
	{mode: "require", ca: "configMapKeyRef", host: "other",
		wantBy: map[string]string{"1.10.9": otherHost, "1.12.3": encrypted}},
	{mode: "require", ca: "wrong", host: "db", want: unknownCA},
	{mode: "verify-ca", ca: "configMapKeyRef", host: "db", want: encrypted},
	{mode: "verify-ca", ca: "secretKeyRef", host: "db", want: encrypted},
	{mode: "verify-ca", ca: "pem", host: "db", want: encrypted},
	{mode: "verify-ca", ca: "pem", host: "other", wantBy: map[string]string{"1.10.9": otherHost, "1.12.3": encrypted}},
	{mode: "verify-ca", ca: "wrong", host: "db", want: unknownCA},
	{mode: "verify-full", ca: "configMapKeyRef", host: "db", want: encrypted},
	{mode: "verify-full", ca: "secretKeyRef", host: "db", want: encrypted},
	{mode: "verify-full", ca: "pem", host: "db", want: encrypted},
	{mode: "verify-full", ca: "pem", host: "other", want: otherHost},
	{mode: "verify-full", ca: "wrong", host: "db", want: unknownCA},
	{mode: "verify-full", host: "db", want: unknownCA},
	{mode: "prefer", host: "db", wantBy: map[string]string{"1.10.9": "unsupported sslmode", "1.12.3": encrypted}},
	{mode: "allow", host: "db", wantBy: map[string]string{"1.10.9": "unsupported sslmode", "1.12.3": plain}},
}

// The authority's certificates are where the connection string says, in the server's container and in the one that
// waits, and each mode does what it promises.
func TestTLS(t *testing.T) {
	to := running(t)
	if slices.Contains(to.certified, "other.example.com") {
		t.Fatal("the server is certified for other.example.com")
	}
	for _, test := range tlsCases {
		t.Run(strings.Join([]string{test.mode, test.ca, test.host}, " "), func(t *testing.T) {
			ca := map[string]string{
				"":                "",
				"pem":             ", ca: {pem: " + quoted(string(authority(t).bundle)) + "}",
				"wrong":           ", ca: {pem: " + quoted(string(otherAuthority(t).bundle)) + "}",
				"configMapKeyRef": ", ca: {configMapKeyRef: {name: ca, key: root.pem}}",
				"secretKeyRef":    ", ca: {secretKeyRef: {name: ca, key: root.pem}}",
			}[test.ca]
			spec := fmt.Sprintf("{host: %s.example.com, password: 'p@ss w/rd', sslMode: %s%s}", test.host, test.mode, ca)
			w := render(t, always(credentials{}), configured("chat", spec))
			for _, pod := range w.pods(t) {
				to.create(t, pod.database)
				for _, library := range slices.Sorted(maps.Keys(libraries)) {
					want := or(test.wantBy[library], test.want)
					for _, c := range []container{pod.server, pod.wait} {
						for _, opened := range connect(t, library, to, c)[0] {
							if got := opened.outcome(); !strings.Contains(got, want) {
								t.Errorf("lib/pq %s, %s: got %s, want %s", library, opened.Variable, got, want)
							}
						}
					}
				}
			}
		})
	}
}

func (c connection) outcome() string {
	switch {
	case c.Error != "":
		return c.Error
	case c.TLS:
		return encrypted
	}
	return plain
}
