// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bigbang.dev/mattermost-fn/internal/nearest"
)

//go:embed parameters.tsv
var parametersFile string

// The versions of PostgreSQL that the table of parameters describes.
const (
	Oldest = 14
	Newest = 18
)

// Parameter is a parameter of PostgreSQL.
type Parameter struct {
	// Name as pg_settings has it.
	Name string
	// Context as pg_settings has it: who may set it, and when.
	Context string
	// Since and Until are the first and the last version that has it.
	Since, Until int
	// Type is bool, integer, real, enum or string; empty if it is not known.
	Type string
	// Unit is the default unit of a number; empty if it has none.
	Unit string
	// Min and Max are the bounds of a number, in Unit.
	Min, Max float64
	// Values are those of an enum.
	Values []string
}

// ByAnyone reports whether every role may set the parameter when it connects.
func (p Parameter) ByAnyone() bool { return p.Context == "user" || p.Context == "backend" }

// BySuperuser reports whether a superuser may set the parameter when it connects and others may not.
func (p Parameter) BySuperuser() bool {
	return p.Context == "superuser" || p.Context == "superuser-backend"
}

// NeedsRestart reports whether PostgreSQL reads the parameter only when it starts.
func (p Parameter) NeedsRestart() bool { return p.Context == "postmaster" }

// Names returns the names of all parameters that a configuration file may set, sorted.
func Names() []string {
	var names []string
	for _, p := range parameters() {
		if p.Context != "internal" {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// parameters are those of the table by their names in lower case.
var parameters = sync.OnceValue(func() map[string]Parameter {
	all := map[string]Parameter{}
	for line := range strings.Lines(parametersFile) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || fields[0] == "name" {
			continue
		}
		fields = append(fields, make([]string, columns-len(fields))...)
		p := Parameter{Name: fields[0], Context: fields[1], Since: Oldest, Until: Newest}
		if since, err := strconv.Atoi(fields[2]); err == nil {
			p.Since = since
		}
		if until, err := strconv.Atoi(fields[3]); err == nil {
			p.Until = until
		}
		p.Type, p.Unit = fields[4], fields[5]
		p.Min, _ = strconv.ParseFloat(fields[6], 64)
		p.Max, _ = strconv.ParseFloat(fields[7], 64)
		if fields[8] != "" {
			p.Values = strings.Split(fields[8], ",")
		}
		all[strings.ToLower(p.Name)] = p
	}
	return all
})

// columns is how many the table has. Empty ones at the end of a line are left out.
const columns = 9

// Find returns a parameter of PostgreSQL. Case does not matter.
func Find(name string) (Parameter, bool) {
	p, ok := parameters()[strings.ToLower(name)]
	return p, ok
}

// check returns an error for the value of an option, to follow the value.
type check func(value string) string

// options are the parameters that the drivers handle themselves, in addition to host, port, user, password and
// database.
var options = map[Driver]map[string]check{
	Old: {
		"application_name": nil, "binary_parameters": oneOf("yes", "no"), "client_encoding": utf8, "connect_timeout": number,
		"datestyle": oneOf("ISO, MDY"), "disable_prepared_binary_result": oneOf("yes", "no"),
		"fallback_application_name": nil,
		"krbspn":                    nil, "krbsrvname": nil, "options": nil, "sslcert": nil, "sslinline": nil, "sslkey": nil,
		"sslmode": oneOf("disable", "require", "verify-ca", "verify-full"), "sslrootcert": nil, "sslsni": nil,
	},
	New: {
		"application_name": nil, "binary_parameters": boolean, "client_encoding": utf8, "connect_timeout": number,
		"datestyle": oneOf("ISO, MDY"), "disable_prepared_binary_result": boolean, "fallback_application_name": nil,
		"geqo": nil, "krbspn": nil, "krbsrvname": nil, "load_balance_hosts": oneOf("disable", "random"),
		"max_protocol_version": protocol, "min_protocol_version": protocol, "options": nil, "passfile": nil, "service": nil,
		"ssl_max_protocol_version": tlsVersion, "ssl_min_protocol_version": tlsVersion, "sslcert": nil, "sslinline": boolean,
		"sslkey": nil, "sslmode": oneOf("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
		"sslnegotiation": oneOf("postgres", "direct"), "sslrootcert": nil, "sslsni": boolean,
		"target_session_attrs": oneOf("any", "read-write", "read-only", "primary", "standby", "prefer-standby"), "tz": nil,
	},
}

// libpq are parameters of libpq, the C library, that neither PostgreSQL nor any driver here knows.
var libpq = []string{
	"channel_binding", "gssdelegation", "gssencmode", "gsslib", "keepalives", "keepalives_count", "keepalives_idle",
	"keepalives_interval", "require_auth", "requirepeer", "requiressl", "sslcertmode", "sslcompression", "sslcrl",
	"sslcrldir",
	"sslkeylogfile", "sslpassword", "scram_client_key", "scram_server_key",
}

// CheckParameter returns an error if a connection with a parameter fails, to follow the parameter's name. An empty
// value never fails: the driver omits it.
func (d Driver) CheckParameter(name, value string) error {
	if strings.ContainsAny(name, "= \t\n") || name == "" {
		return errors.New("is not the name of a parameter")
	}
	if value == "" {
		return nil
	}
	if name == "options" {
		return checkOptions(value)
	}
	if check, own := options[d][name]; own {
		if check != nil {
			if wrong := check(value); wrong != "" {
				return fmt.Errorf("is %q, which %s does not accept: %s", value, d, wrong)
			}
		}
		if p, known := Find(name); known {
			return p.CheckValue(value)
		}
		return nil
	}
	return d.checkSent(name, value)
}

// checkSent checks a parameter that the driver does not know and sends to PostgreSQL.
func (d Driver) checkSent(name, value string) error {
	switch p, known := Find(name); {
	case name == "replication":
		if on, err := strconv.ParseBool(value); err == nil && !on || value == "no" || value == "off" {
			return nil
		}
		return errors.New("makes it a replication connection, which does not accept the server's queries")
	case d == Old && strings.HasPrefix(name, "_pq_."):
		return fmt.Errorf("requests an extension of the protocol, and %s does not understand the response", d)
	case known && (p.ByAnyone() || p.BySuperuser()):
		return p.CheckValue(value)
	case known && options[New][name] != nil:
		return fmt.Errorf("is sent to PostgreSQL by %s, which may not set it; a newer driver would use it itself", d)
	case known:
		return errors.New("can only be set in the configuration of PostgreSQL itself, which refuses the connection")
	case strings.Contains(name, "."):
		return checkCustom(name)
	}
	return d.unknown(name)
}

// custom matches the name of a parameter of an extension.
var custom = sync.OnceValue(func() *regexp.Regexp {
	const part = `[A-Za-z_\x{80}-\x{10ffff}][A-Za-z0-9_$\x{80}-\x{10ffff}]*`
	return regexp.MustCompile(`^` + part + `(\.` + part + `)+$`)
})

// checkCustom returns an error if PostgreSQL rejects the name of a parameter that is not its own.
func checkCustom(name string) error {
	if custom().MatchString(name) {
		return nil
	}
	return errors.New("is not a name that PostgreSQL accepts: each part begins with a letter or underscore, " +
		"followed by letters, digits, underscores and $")
}

// unknown returns what was probably meant by a name that neither the driver nor PostgreSQL knows.
func (d Driver) unknown(name string) error {
	_, isNew := options[New][name]
	switch {
	case slices.Contains(libpq, name):
		return fmt.Errorf("is a parameter of libpq; %s, the server's driver, does not know it and sends it to PostgreSQL, "+
			"which refuses the connection", d)
	case isNew:
		return fmt.Errorf("is unknown to %s, which sends it to PostgreSQL, which refuses the connection; "+
			"it is known since lib/pq 1.12, which Mattermost has since 11.8 at the latest", d)
	}
	if near := d.near(name); near != "" {
		return fmt.Errorf("is unknown to the driver and to PostgreSQL, which refuses the connection; did you mean %s?", near)
	}
	return errors.New("is unknown to the driver and to PostgreSQL, which refuses the connection")
}

func (d Driver) near(name string) string {
	names := settable()
	for option := range options[d] {
		names = append(names, option)
	}
	slices.Sort(names)
	return nearest.Nearest(name, names)
}

// settable returns the parameters of PostgreSQL that every role may set when it connects, sorted.
func settable() []string {
	var names []string
	for _, p := range parameters() {
		if p.ByAnyone() {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

func oneOf(values ...string) check {
	return func(value string) string {
		if slices.Contains(values, value) {
			return ""
		}
		return "it must be " + strings.Join(values, " or ")
	}
}

var (
	protocol   = oneOf("3.0", "3.2", "latest")
	tlsVersion = oneOf("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
)

func boolean(value string) string {
	if _, err := strconv.ParseBool(value); err == nil || slices.Contains([]string{"yes", "no", "on", "off"}, value) {
		return ""
	}
	return "it must be yes or no"
}

func number(value string) string {
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return ""
	}
	return "it must be a number, without a unit"
}

func utf8(value string) string {
	letters := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(value))
	if letters == "utf8" || letters == "unicode" {
		return ""
	}
	return "it must be UTF8"
}
