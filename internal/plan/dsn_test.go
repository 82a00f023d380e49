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

func TestDSN(t *testing.T) {
	for _, test := range []struct {
		says string
		d    dsn
		want string
	}{
		{"everything", dsn{"mattermost", "hunter2", "db.example.com", 5432, "mattermost", map[string]string{"sslmode": "require"}}, "postgres://mattermost:hunter2@db.example.com:5432/mattermost?sslmode=require"},
		{"no password", dsn{"mattermost", "", "db", 5432, "mattermost", nil}, "postgres://mattermost@db:5432/mattermost"},
		{"parameters in alphabetical order", dsn{"u", "p", "db", 1, "d", map[string]string{"b": "2", "a": "1"}}, "postgres://u:p@db:1/d?a=1&b=2"},
		{"what would end the password", dsn{"u", "a:b@c/d?e#f%g", "db", 1, "d", nil}, "postgres://u:a%3Ab%40c%2Fd%3Fe%23f%25g@db:1/d"},
		{"what would end the user", dsn{"a:b@c", "p", "db", 1, "d", nil}, "postgres://a%3Ab%40c:p@db:1/d"},
		{"what Big Bang's chart breaks on", dsn{"u", `"\[^ ü`, "db", 1, "d", nil}, "postgres://u:%22%5C%5B%5E%20%C3%BC@db:1/d"},
		{"an address of IPv6", dsn{"u", "p", "2001:db8::1", 5432, "d", nil}, "postgres://u:p@[2001:db8::1]:5432/d"},
		{"a database with every sign", dsn{"u", "p", "db", 1, "a/b?c d#e+f", nil}, "postgres://u:p@db:1/a%2Fb%3Fc%20d%23e+f"},
		{"blanks and plus signs in parameters", dsn{"u", "p", "db", 1, "d", map[string]string{"options": "-c a=b+c"}}, "postgres://u:p@db:1/d?options=-c%20a%3Db%2Bc"},
	} {
		t.Run(test.says, func(t *testing.T) {
			if got := test.d.String(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Whatever stands in the parts, they come out of the URL as they went in, and the URL is one that the operator accepts and
// that can stand in a list that blanks separate.
func FuzzDSN(f *testing.F) {
	f.Add("mattermost", "hunter2", "db.example.com", int32(5432), "mattermost", "sslmode", "require")
	f.Add("a:b@c", `"\%41 +/?#[]^`, "2001:db8::1", int32(1), "/..//.", "a&b=c", "d e+f;g")
	f.Add("ü", "\x00\n\x7f\xff", "10.0.0.1", int32(65535), "", "", "")
	f.Fuzz(func(t *testing.T, user, password, host string, port int32, database, name, value string) {
		if v1alpha1.CheckHost(host) != nil || port < 1 || port > 65535 || user == "" {
			t.Skip("refused by the checks")
		}
		text := dsn{user, password, host, port, database, map[string]string{name: value}}.String()
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) || !utf8.ValidString(text) {
			t.Errorf("%q holds what no URL may hold", text)
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		gotPassword, _ := u.User.Password()
		gotHost, gotPort, err := v1alpha1.ParseHostPort(u.Host, 0)
		if u.Scheme != "postgres" || err != nil || u.User.Username() != user || gotPassword != password || gotHost != host || gotPort != port ||
			u.Path != "/"+database || u.Fragment != "" || !maps.EqualFunc(u.Query(), map[string][]string{name: {value}}, func(a, b []string) bool { return strings.Join(a, "") == strings.Join(b, "") }) {
			t.Errorf("%q came out of %q, %q, %q, %d, %q, %q, %q", text, user, password, host, port, database, name, value)
		}
	})
}
