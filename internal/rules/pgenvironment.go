// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"

	"bigbang.dev/mattermost-fn/internal/postgres"
)

// connectionString are the parameters in every emitted connection string, and their fields. For the driver the string
// overrides the environment.
var connectionString = map[string]string{"host": "host", "port": "port", "dbname": "database", "sslmode": "sslMode"}

// postgresEnvironment checks the variables of libpq. The server reads them like psql, but not all of them, and not
// always with the same meaning.
func postgresEnvironment(s *subject) {
	for i, given := range s.spec.Env {
		if !postgres.IsVariable(given.Name) {
			continue
		}
		field := index("spec.env", i)
		if err, certain := s.refusedBy(func(d postgres.Driver) error { return failure(d, given.Name) }); err != nil {
			s.refuseVariable(field, given.Name, err, certain)
			continue
		}
		value := given.Value
		known := given.ValueFrom == nil && value != "" && !strings.Contains(value, "$(")
		if known {
			if err, certain := s.refusedBy(func(d postgres.Driver) error {
				return d.CheckVariable(given.Name, value)
			}); err != nil {
				s.refuseVariable(field, given.Name, err, certain)
				continue
			}
		}
		if why := s.connects(given.Name); why != "" {
			s.warnf(field, "%s: %s", given.Name, why)
		}
	}
}

// failure is the error of a driver that rejects a variable with any value.
func failure(d postgres.Driver, name string) error {
	if effect, _ := d.Variable(name); effect == postgres.Fails {
		return fmt.Errorf("is rejected by %s, the server's PostgreSQL driver, with any value, "+
			"so the server does not start; remove it", d)
	}
	return nil
}

func (s *subject) refuseVariable(field, name string, err error, certain bool) {
	if certain {
		s.errorf(field, "%s: %v", name, err)
		return
	}
	s.warnf(field, "%s: %v. Mattermost %s may have that driver", name, err, s.spec.Version)
}

// connects returns what is wrong with a variable: it changes the connection of spec.database, or has no effect.
func (s *subject) connects(name string) string {
	effects := map[postgres.Effect]bool{}
	parameter := ""
	for _, driver := range s.drivers() {
		effect, sets := driver.Variable(name)
		effects[effect], parameter = true, sets
	}
	database := s.spec.Database
	existing := database.ExistingSecret != ""
	switch {
	case !effects[postgres.Sets]:
		return "has no effect: the server's PostgreSQL driver does not read it; remove it"
	case existing:
		return "" // what the connection string sets is not known here
	case name == "PGUSER" || name == "PGPASSWORD":
		if s.saysCredential(name) {
			return "" // MM051 reports it
		}
		return "replaces the credential of spec.database, so the servers log in with this one; use spec.database"
	case connectionString[parameter] != "":
		return fmt.Sprintf("has no effect: the connection string sets it; use spec.database.%s", connectionString[parameter])
	case parameter == "sslrootcert" && database.CA != nil:
		return "has no effect: spec.database.ca sets it; remove it"
	case database.Parameters[parameter] != "":
		return fmt.Sprintf("has no effect: spec.database.parameters.%s sets it; set only one", parameter)
	case parameter == "hostaddr" || parameter == "service" || parameter == "servicefile":
		return "makes the servers connect to another database than spec.database, which the init container, " +
			"network policies and prerequisites do not know; use spec.database.host"
	}
	return ""
}

// saysCredential reports whether the configuration itself has the credential that a variable replaces.
func (s *subject) saysCredential(name string) bool {
	fields := []string{"spec.database.username"}
	if name == "PGPASSWORD" {
		fields = []string{"spec.database.password", "spec.database.inCluster.password"}
	}
	for _, field := range fields {
		if s.given(field) {
			return true
		}
	}
	return false
}
