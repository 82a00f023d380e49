// SPDX-License-Identifier: Apache-2.0

package postgres

// Effect is the effect of an environment variable on a connection.
type Effect uint8

// The effects.
const (
	// None: the driver does not read it.
	None Effect = iota
	// Sets: it sets a parameter, unless the connection string has it too.
	Sets
	// Fails: the driver refuses to connect, or crashes, with any value.
	Fails
)

// variables are libpq's and what each sets (https://www.postgresql.org/docs/18/libpq-envars.html), by the effect in
// each driver: connector.go, fromEnv, in 1.12 and conn.go, parseEnviron, in 1.10.9, which panics where it says that a
// variable is not supported.
var variables = map[string]struct {
	parameter string
	old, new  Effect
}{
	"PGHOST":                  {"host", Sets, Sets},
	"PGHOSTADDR":              {"hostaddr", Fails, Sets},
	"PGPORT":                  {"port", Sets, Sets},
	"PGDATABASE":              {"dbname", Sets, Sets},
	"PGUSER":                  {"user", Sets, Sets},
	"PGPASSWORD":              {"password", Sets, Sets},
	"PGPASSFILE":              {"passfile", Sets, Sets},
	"PGREQUIREAUTH":           {"require_auth", None, Fails},
	"PGCHANNELBINDING":        {"channel_binding", None, Fails},
	"PGSERVICE":               {"service", Fails, Sets},
	"PGSERVICEFILE":           {"servicefile", Fails, Sets},
	"PGREALM":                 {"realm", Fails, Fails},
	"PGOPTIONS":               {"options", Sets, Sets},
	"PGAPPNAME":               {"application_name", Sets, Sets},
	"PGSSLMODE":               {"sslmode", Sets, Sets},
	"PGREQUIRESSL":            {"requiressl", Fails, Fails},
	"PGSSLCOMPRESSION":        {"sslcompression", None, Fails},
	"PGSSLCERT":               {"sslcert", Sets, Sets},
	"PGSSLKEY":                {"sslkey", Sets, Sets},
	"PGSSLCERTMODE":           {"sslcertmode", None, Fails},
	"PGSSLROOTCERT":           {"sslrootcert", Sets, Sets},
	"PGSSLCRL":                {"sslcrl", Fails, Fails},
	"PGSSLCRLDIR":             {"sslcrldir", None, Fails},
	"PGREQUIREPEER":           {"requirepeer", Fails, Fails},
	"PGSSLSNI":                {"sslsni", Sets, Sets},
	"PGSSLMINPROTOCOLVERSION": {"ssl_min_protocol_version", None, None}, // 1.12.3 reads SSLPGMINPROTOCOLVERSION
	"PGSSLMAXPROTOCOLVERSION": {"ssl_max_protocol_version", None, None},
	"PGSSLNEGOTIATION":        {"sslnegotiation", None, Sets},
	"PGGSSENCMODE":            {"gssencmode", None, Fails},
	"PGGSSDELEGATION":         {"gssdelegation", None, Fails},
	"PGKRBSRVNAME":            {"krbsrvname", Fails, Fails}, // the server has no Kerberos
	"PGGSSLIB":                {"gsslib", Fails, Fails},
	"PGCONNECT_TIMEOUT":       {"connect_timeout", Sets, Sets},
	"PGCLIENTENCODING":        {"client_encoding", Sets, Sets},
	"PGTARGETSESSIONATTRS":    {"target_session_attrs", None, Sets},
	"PGLOADBALANCEHOSTS":      {"load_balance_hosts", None, Sets},
	"PGMINPROTOCOLVERSION":    {"min_protocol_version", None, Sets},
	"PGMAXPROTOCOLVERSION":    {"max_protocol_version", None, Sets},
	"PGDATESTYLE":             {"datestyle", Sets, Sets},
	"PGTZ":                    {"timezone", Sets, None}, // 1.12.3 reads it and sends nothing
	"PGGEQO":                  {"geqo", Sets, None},
	"PGSYSCONFDIR":            {"sysconfdir", Fails, None},
	"PGLOCALEDIR":             {"localedir", Fails, None},
}

// IsVariable reports whether a name is one of libpq's variables.
func IsVariable(name string) bool {
	_, ok := variables[name]
	return ok
}

// Variable returns the effect of a variable of libpq, and the parameter that it sets.
func (d Driver) Variable(name string) (effect Effect, parameter string) {
	v := variables[name]
	if d == Old {
		return v.old, v.parameter
	}
	return v.new, v.parameter
}

// CheckVariable returns an error if a connection fails with the value of a variable, to follow the variable's name.
func (d Driver) CheckVariable(name, value string) error {
	effect, parameter := d.Variable(name)
	_, own := options[d][parameter]
	if _, known := Find(parameter); effect != Sets || !own && !known {
		return nil // any host, port, dbname, user and password may be valid
	}
	return d.CheckParameter(parameter, value)
}
