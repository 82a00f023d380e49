// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
)

func TestConnection(t *testing.T) {
	for _, test := range []struct {
		name string
		c    connection
		want string
	}{
		{"no parameters", connection{"db", 5432, "mattermost", nil}, "postgres://db:5432/mattermost"},
		{"parameters in alphabetical order", connection{"db", 1, "d", map[string]string{"b": "2", "a": "1"}},
			"postgres://db:1/d?a=1&b=2"},
		{"an IPv6 address", connection{"2001:db8::1", 5432, "d", nil}, "postgres://[2001:db8::1]:5432/d"},
		{"a database with every character", connection{"db", 1, "a/b?c d#e+f{{", nil},
			"postgres://db:1/a%2Fb%3Fc%20d%23e+f%7B%7B"},
		{"spaces and plus signs in parameters", connection{"db", 1, "d", map[string]string{"options": "-c a=b+c"}},
			"postgres://db:1/d?options=-c%20a%3Db%2Bc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.c.String(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Every part comes out of the URL as it went in, and the URL is one that the operator accepts, that can be an element
// of a list separated by spaces, and that a template returns as it is.
func FuzzConnection(f *testing.F) {
	f.Add("db.example.com", int32(5432), "mattermost", "sslmode", "require")
	f.Add("2001:db8::1", int32(1), "/..//.{{", "a&b=c", "d e+f;g}}")
	f.Add("10.0.0.1", int32(65535), "", "", "")
	f.Fuzz(func(t *testing.T, host string, port int32, database, name, value string) {
		if v1alpha1.CheckHost(host) != nil || port < 1 || port > 65535 {
			t.Skip("refused by the rules")
		}
		text := connection{host, port, database, map[string]string{name: value}}.String()
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '{' }) ||
			!utf8.ValidString(text) {
			t.Errorf("%q contains what it must not", text)
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		gotHost, gotPort, err := v1alpha1.ParseHostPort(u.Host, 0)
		if u.Scheme != "postgres" || err != nil || u.User != nil || gotHost != host || gotPort != port ||
			u.Path != "/"+database || u.Fragment != "" ||
			!maps.EqualFunc(u.Query(), map[string][]string{name: {value}},
				func(a, b []string) bool { return strings.Join(a, "") == strings.Join(b, "") }) {
			t.Errorf("%q was made of %q, %d, %q, %q, %q", text, host, port, database, name, value)
		}
	})
}

// Connection strings in Secrets of users: which of them the server cannot use, and that no message quotes one.
func TestCheckConnection(t *testing.T) {
	for _, test := range []struct{ connection, want string }{
		{"postgres://mm:hunter2@db:5432/mattermost", ""},
		{"postgres://mm:hunter2@db/mattermost?sslmode=require&binary_parameters=yes", ""},
		{"postgres://mm:hun%40%2F%3F%23ter2@db.example.com/mattermost", ""},
		{"postgres://db:5432/mattermost", ""},
		{"postgres://mm:hunter2@[2001:db8::1]:6432/d", ""},
		{"postgres://db/mattermost?user=mm&password=hunter2", ""},
		{"host=db user=mm password=hunter2 dbname=mattermost", "not a URL"},
		{"mm:hunter2@db.example.net:5432/mattermost", "not a URL"},
		{"postgresql://mm:hunter2@db:5432/mattermost", "write postgres://"},
		{"mysql://mm:hunter2@tcp(db:3306)/mattermost", "PostgreSQL only"},
		{"https://mm:hunter2@db:3306/mattermost", "other than postgres://"},
		{"postgres://mm:p@ss#hunter2/x@db:5432/mattermost", "# that is not encoded"},
		{"postgres://mm:hunter2/x@db:5432/mattermost", "cannot be read as a URL"},
		{"postgres://mm:12/hunter2@db:5432/mattermost", "an @ after the host"},
		{"postgres://mm:12?hunter2@db:5432/mattermost", "an @ after the host"},
		{"postgres://mm:100%hunter2@db:5432/mattermost", "cannot be read as a URL"},
		{"postgres:///mattermost", "with a host"},
		{"postgres://mm:hunter2@db:5432", "names no database"},
		{"postgres://mm:hunter2@db/mattermost ", "a space at its beginning or end"},
		{"postgres://mm:hunter2@db/mattermost\n", "a line break"},
		{"postgres://mm:hunter2@db/mattermost?sslmode=require&sslmode=disable", "sslmode more than once"},
	} {
		got := ""
		if err := checkConnection(test.connection); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%s: got %q, want %q", test.connection, got, test.want)
		}
		if strings.Contains(got, "hunter2") || strings.Contains(got, "ss") && strings.Contains(got, "p@") {
			t.Errorf("%s: the message quotes it: %s", test.connection, got)
		}
	}
}

// The schemes are those that the real operator accepts and refuses.
func TestCheckURL(t *testing.T) {
	for _, test := range []struct{ url, want string }{
		{"postgres://mm:hunter2@db:5432/mattermost", ""},
		{"http://db:5432", ""},
		{"https://db:5432", ""},
		{"postgresql://mm:hunter2@db:5432/mattermost", "must begin with"},
		{"db:5432", "with a host"},
		{"postgres://mm:%hunter2@db", "with a host"},
		{"postgres://db\n", "line break"},
	} {
		got := ""
		if err := checkURL(test.url); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) || (test.want == "") != (got == "") || strings.Contains(got, "hunter2") {
			t.Errorf("%s: got %q, want %q", test.url, got, test.want)
		}
	}
}
