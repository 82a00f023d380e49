// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// connection is where a PostgreSQL database is, without credentials. The server, its `db ping` and pg_isready take user
// and password from PGUSER and PGPASSWORD: verified with the server's configuration store and lib/pq 1.10.9 and 1.12.3
// against PostgreSQL 15.
type connection struct {
	host       string
	port       int32
	database   string
	parameters map[string]string
}

// String returns the connection as a URL. The scheme is always postgres: the server's configuration store uses the
// scheme as the name of the database driver, and only postgres is registered (server/config/database.go, parseDSN).
// Everything is percent-encoded, spaces included, since the server separates read replicas by them.
func (c connection) String() string {
	parameters := url.Values{}
	for name, value := range c.parameters {
		parameters.Set(name, value)
	}
	u := url.URL{
		Scheme:  "postgres",
		Host:    net.JoinHostPort(c.host, strconv.Itoa(int(c.port))),
		Path:    "/" + c.database,
		RawPath: "/" + url.PathEscape(c.database),
		// Go reads a plus sign as a space, libpq as a plus sign.
		RawQuery: strings.ReplaceAll(parameters.Encode(), "+", "%20"),
	}
	return u.String()
}

// checkConnection returns an error if the server cannot use a connection string of the user. The error never quotes the
// string, which contains a password.
func checkConnection(text string) error {
	if err := strayWhitespace(text); err != nil {
		return err
	}
	scheme, _, isURL := strings.Cut(text, "://")
	switch {
	case !isURL:
		return errors.New("is not a URL, so the server treats it as a file name; " +
			"write postgres://user:password@host:port/database?sslmode=require")
	case scheme == "postgresql":
		return errors.New("begins with postgresql://, but the server uses the scheme as the name of the database driver, " +
			"and only postgres exists; write postgres://")
	case scheme == "mysql":
		return errors.New("is a MySQL connection; Mattermost 11 and this function support PostgreSQL only")
	case scheme != "postgres":
		return errors.New("has a scheme other than postgres://")
	}
	const encode = "percent-encode every special character of user and password (@ : / ? # [ ] % and spaces)"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return errors.New("cannot be read as a URL with a host; " + encode)
	case u.Fragment != "" || strings.Contains(text, "#"):
		return errors.New("has a # that is not encoded, which ends the URL; " + encode)
	case strings.Contains(u.EscapedPath(), "@"), u.User == nil && strings.Contains(u.RawQuery, "@"):
		return errors.New("has an @ after the host, so the password may contain a / or ? that is not encoded; " + encode)
	case len(strings.Trim(u.Path, "/")) == 0:
		return errors.New("names no database; end the path with its name, such as /mattermost")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("has parameters that cannot be read; percent-encode their values")
	}
	for name, values := range query {
		if len(values) > 1 {
			return fmt.Errorf("sets the parameter %s more than once; keep one", name)
		}
	}
	return nil
}

// checkURL returns an error for a DB_CONNECTION_CHECK_URL that the operator rejects, so that it creates nothing
// (mattermost-operator 1.25.9, pkg/mattermost/database_external.go).
func checkURL(text string) error {
	if err := strayWhitespace(text); err != nil {
		return err
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return errors.New("is not a URL with a host, so the operator would create nothing and only report it in the status " +
			"of the Mattermost resource; remove the key, which is not needed")
	}
	if !slices.Contains([]string{"postgres", "http", "https"}, u.Scheme) {
		return errors.New("must begin with postgres://, http:// or https://, or the operator creates nothing; " +
			"remove the key, which is not needed")
	}
	return nil
}

// strayWhitespace returns an error for whitespace at the ends of a value, which would become part of it, and for
// control characters.
func strayWhitespace(text string) error {
	if strings.TrimSpace(text) == text && !strings.ContainsFunc(text, unicode.IsControl) {
		return nil
	}
	return errors.New("contains a line break or other control character, or has a space at its beginning or end, " +
		"which would become part of the value; write the Secret without it (echo -n, or a block with |-)")
}
