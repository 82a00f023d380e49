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
	u := url.URL{
		Scheme:  "postgres",
		User:    url.User(d.user),
		Host:    net.JoinHostPort(d.host, strconv.Itoa(int(d.port))),
		Path:    "/" + d.database,
		RawPath: "/" + url.PathEscape(d.database),
	}
	if d.password != "" {
		u.User = url.UserPassword(d.user, d.password)
	}
	parameters := url.Values{}
	for name, value := range d.parameters {
		parameters.Set(name, value)
	}
	// A plus sign means a space to Go, but a plus sign to PostgreSQL's own library, which the waiting container uses.
	u.RawQuery = strings.ReplaceAll(parameters.Encode(), "+", "%20")
	return u.String()
}
