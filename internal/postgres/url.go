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

// address are the parameters of a URL for host and credentials. Any value may be valid.
var address = []string{"host", "port", "user", "password", "dbname"}

// CheckURL returns an error if the driver cannot connect with a URL, to follow a name of the URL. It never shows a
// value, nor a name that may be part of a password.
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
	// withoutValue matches values in errors about parameters.
	withoutValue = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`is "(?:[^"\\]|\\.)*", which`) })
)

// checkHosts checks several hosts: tested with 1.10.9, and with 1.12.3, which uses one port for all of them.
func (d Driver) checkHosts(hosts string) error {
	before, _, several := strings.Cut(hosts, ",")
	switch {
	case !several:
		return nil
	case d == Old:
		return fmt.Errorf("names several hosts, which %s treats as the name of one; write the one that accepts writes", d)
	case strings.Contains(before, ":"):
		return errors.New("names several hosts with a port each, but the server's driver uses one port for all; " +
			"write postgres://user:password@one,two:5432/database")
	}
	return nil
}
