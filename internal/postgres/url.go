// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// address are the parameters of a URL that say where and as whom to connect. Any value may be right.
var address = []string{"host", "port", "user", "password", "dbname"}

// CheckURL says why the driver cannot connect with a URL, to follow a name of the URL. It never shows a value, nor a
// name that may be a part of a password.
func (d Driver) CheckURL(u *url.URL) error {
	if err := d.checkHosts(u.Host); err != nil {
		return err
	}
	query := u.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if slices.Contains(address, name) {
			continue
		}
		err := d.CheckParameter(name, query.Get(name))
		if err == nil {
			continue
		}
		shown := "the parameter " + name
		if strings.Contains(u.RawQuery, "@") || !shownName().MatchString(name) {
			shown = "a parameter" // perhaps a password with a question mark that is not encoded
		}
		return fmt.Errorf("sets %s, which %s", shown, withoutValue().ReplaceAllString(err.Error(), "has a value that"))
	}
	return nil
}

var (
	shownName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`) })
	// withoutValue is how errors about parameters show values.
	withoutValue = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`is "(?:[^"\\]|\\.)*", which`) })
)

// checkHosts is about several hosts: tried with 1.10.9, and with 1.12.3, which takes one port for all of them.
func (d Driver) checkHosts(hosts string) error {
	before, _, several := strings.Cut(hosts, ",")
	switch {
	case !several:
		return nil
	case d == Old:
		return fmt.Errorf("names several hosts, which %s takes for the name of one; write the one that takes writes", d)
	case strings.Contains(before, ":"):
		return errors.New("names several hosts with a port each, and the server's driver takes one port for all only; " +
			"write postgres://user:password@one,two:5432/database")
	}
	return nil
}
