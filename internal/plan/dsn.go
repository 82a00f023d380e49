package plan

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// dsn is a connection to PostgreSQL.
type dsn struct {
	user, password string
	host           string
	port           int32
	database       string
	parameters     map[string]string
}

// String is the connection as a URL. The scheme is always postgres: the operator refuses postgresql in the URL that it
// checks (mattermost-operator, pkg/mattermost/database_external.go). Every part is percent-encoded, so that any character may stand in it and no part can
// become another; spaces too, since the server separates read replicas by them.
func (d dsn) String() string {
	userInfo := percentEncoded(d.user)
	if d.password != "" {
		userInfo += ":" + percentEncoded(d.password)
	}
	return "postgres://" + userInfo + d.address()
}

// template is the connection as a template, with the value of a name as its password. It gives what String does once
// the password is known.
func (d dsn) template(password string) string {
	return literal("postgres://"+percentEncoded(d.user)+":") + insertEncoded(password) + literal(d.address())
}

// address is everything behind the user.
func (d dsn) address() string {
	u := url.URL{
		Host:    net.JoinHostPort(d.host, strconv.Itoa(int(d.port))),
		Path:    "/" + d.database,
		RawPath: "/" + url.PathEscape(d.database),
	}
	parameters := url.Values{}
	for name, value := range d.parameters {
		parameters.Set(name, value)
	}
	// A plus sign means a space to Go, but a plus sign to PostgreSQL's own library, which the waiting container uses.
	u.RawQuery = strings.ReplaceAll(parameters.Encode(), "+", "%20")
	return "@" + strings.TrimPrefix(u.String(), "//")
}

// percentEncoded encodes everything but letters, digits, hyphens, dots, underscores and tildes, as the templates of
// External Secrets do. Some of it could stand in a URL as it is.
func percentEncoded(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
