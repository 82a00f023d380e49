// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"strings"
	"testing"
)

// TestParameters holds what was recorded with lib/pq 1.10.9 and 1.12.3 against PostgreSQL 15, as a role that is no
// superuser: whether the connection failed.
func TestParameters(t *testing.T) {
	for _, test := range []struct {
		name, value        string
		oldFails, newFails bool
	}{
		{"gssencmode", "disable", true, true},
		{"target_session_attrs", "any", true, false},
		{"target_session_attrs", "x", true, true},
		{"keepalives", "1", true, true},
		{"channel_binding", "prefer", true, true},
		{"passfile", "/nope", true, false},
		{"tz", "UTC", true, false},
		{"geqo", "off", false, false},
		{"options", "-c geqo=off", false, false},
		{"replication", "true", true, true},
		{"replication", "false", false, false},
		{"app.x", "1", false, false},
		{"x.y.z", "1", false, false},
		{".x", "1", true, true},
		{"x.", "1", true, true},
		{"1a.b", "c", true, true},
		{"a-b.c", "1", true, true},
		{"a$b.c", "1", false, false},
		{"_pq_.x", "1", true, false},
		{"a b.c", "1", true, true},
		{"binary_parameters", "yes", false, false},
		{"binary_parameters", "true", true, false},
		{"binary_parameters", "on", true, false},
		{"connect_timeout", "10", false, false},
		{"connect_timeout", "10s", true, true},
		{"sslinline", "x", false, true},
		{"sslsni", "0", false, false},
		{"sslsni", "x", false, true},
		{"client_encoding", "UTF-8", false, false},
		{"client_encoding", "LATIN1", true, true},
		{"datestyle", "ISO, MDY", false, false},
		{"datestyle", "German", true, true},
		{"DateStyle", "German", false, false},
		{"extra_float_digits", "3", false, false},
		{"fallback_application_name", "x", false, false},
		{"application_name", "x", false, false},
		{"krbsrvname", "x", false, false},
		{"sslnegotiation", "postgres", true, false},
		{"load_balance_hosts", "random", true, false},
		{"min_protocol_version", "3.0", true, false},
		{"max_protocol_version", "3.2", true, false},
		{"ssl_min_protocol_version", "TLSv1.2", true, false},
		{"STATEMENT_TIMEOUT", "1000", false, false},
		{"BINARY_PARAMETERS", "yes", true, true},
		{"sslcompression", "0", true, true},
		{"sslcrl", "x", true, true},
		{"sslpassword", "x", true, true},
		{"sslcertmode", "disable", true, true},
		{"require_auth", "none", true, true},
		{"tcp_user_timeout", "1", false, false},
		{"statement_timeout", "", false, false},
		{"nosuch", "", false, false},
		{"nosuch", "1", true, true},
		{"pgbouncer", "true", true, true},
		{"default_transaction_read_only", "on", false, false},
		{"transaction_deferrable", "off", true, true},
		{"work_mem", "64MB", false, false},
		{"search_path", "a,b", false, false},
		{"max_connections", "10", true, true},
		{"sslmode", "prefer", true, false},
		{"sslmode", "requre", true, true},
	} {
		if err := Old.CheckParameter(test.name, test.value); (err != nil) != test.oldFails {
			t.Errorf("%s: %s=%q: %v", Old, test.name, test.value, err)
		}
		if err := New.CheckParameter(test.name, test.value); (err != nil) != test.newFails {
			t.Errorf("%s: %s=%q: %v", New, test.name, test.value, err)
		}
	}
	if err := New.CheckParameter("statement_timout", "1"); err == nil ||
		!strings.Contains(err.Error(), "did you mean statement_timeout?") {
		t.Errorf("a misspelled parameter %v", err)
	}
}

// TestVariables holds what was recorded in the same way with each variable of libpq: whether the connection failed.
func TestVariables(t *testing.T) {
	failed := map[Driver]string{
		Old: "PGHOSTADDR PGSERVICE PGSERVICEFILE PGREALM PGREQUIRESSL PGSSLCRL PGREQUIREPEER PGKRBSRVNAME PGGSSLIB " +
			"PGSYSCONFDIR PGLOCALEDIR",
		New: "PGREQUIREAUTH PGCHANNELBINDING PGREALM PGREQUIRESSL PGSSLCOMPRESSION PGSSLCERTMODE PGSSLCRL PGSSLCRLDIR " +
			"PGREQUIREPEER PGGSSENCMODE PGGSSDELEGATION PGKRBSRVNAME PGGSSLIB",
	}
	for driver, names := range failed {
		want := map[string]bool{}
		for _, name := range strings.Fields(names) {
			want[name] = true
			if !IsVariable(name) {
				t.Errorf("%s is no variable", name)
			}
		}
		for name := range variables {
			effect, parameter := driver.Variable(name)
			if (effect == Fails) != want[name] {
				t.Errorf("%s: %s has the effect %d", driver, name, effect)
			}
			if parameter == "" {
				t.Errorf("%s sets no parameter", name)
			}
		}
	}
	for _, test := range []struct {
		driver      Driver
		name, value string
		fails       bool
	}{
		{Old, "PGCLIENTENCODING", "LATIN1", true}, {New, "PGCLIENTENCODING", "LATIN1", true},
		{New, "PGCLIENTENCODING", "UTF8", false},
		{Old, "PGDATESTYLE", "German", true}, {New, "PGDATESTYLE", "ISO, MDY", false},
		{Old, "PGSSLSNI", "maybe", false}, {New, "PGSSLSNI", "maybe", true},
		{Old, "PGCONNECT_TIMEOUT", "x", true}, {New, "PGCONNECT_TIMEOUT", "10", false},
		{Old, "PGTARGETSESSIONATTRS", "x", false}, {New, "PGTARGETSESSIONATTRS", "x", true},
		{New, "PGAPPNAME", "x", false}, {New, "PGADMIN_URL", "x", false},
	} {
		if err := test.driver.CheckVariable(test.name, test.value); (err != nil) != test.fails {
			t.Errorf("%s: %s=%q: %v", test.driver, test.name, test.value, err)
		}
	}
	if IsVariable("PGADMIN_URL") {
		t.Error("PGADMIN_URL is a variable of libpq")
	}
}

func TestTable(t *testing.T) {
	contexts := map[string]int{}
	for name, p := range parameters() {
		contexts[p.Context]++
		if name != strings.ToLower(p.Name) || p.Since < Oldest || p.Until > Newest || p.Since > p.Until {
			t.Errorf("%s is %v", name, p)
		}
	}
	for context, least := range map[string]int{"user": 150, "backend": 2, "superuser": 40, "superuser-backend": 4,
		"sighup": 90, "postmaster": 60, "internal": 15, "transaction": 1} {
		if contexts[context] < least {
			t.Errorf("%d parameters have the context %s, expected at least %d", contexts[context], context, least)
		}
		delete(contexts, context)
	}
	if len(contexts) > 0 {
		t.Errorf("contexts that PostgreSQL does not have: %v", contexts)
	}
	for _, test := range []struct {
		name         string
		since, until int
	}{{"statement_timeout", 14, 18}, {"TimeZone", 14, 18}, {"transaction_timeout", 17, 18},
		{"force_parallel_mode", 14, 15}} {
		if p, ok := Find(test.name); !ok || !p.ByAnyone() || p.Since != test.since || p.Until != test.until {
			t.Errorf("%s is %v", test.name, p)
		}
	}
	if p, ok := Find("log_statement"); !ok || p.ByAnyone() || !p.BySuperuser() {
		t.Errorf("log_statement is %v", p)
	}
}

func TestDrivers(t *testing.T) {
	for _, test := range []struct {
		major, minor int
		want         []Driver
	}{{10, 11, []Driver{Old}}, {11, 5, []Driver{Old}}, {11, 6, []Driver{Old, New}}, {11, 7, []Driver{Old, New}},
		{11, 8, []Driver{New}}, {12, 0, []Driver{New}}} {
		got := Drivers(test.major, test.minor)
		if len(got) != len(test.want) || got[0] != test.want[0] {
			t.Errorf("%d.%d has %v, want %v", test.major, test.minor, got, test.want)
		}
	}
	for _, test := range []struct {
		driver    Driver
		mode      string
		authority bool
		want      bool
	}{{Old, "verify-ca", true, true}, {Old, "require", true, true}, {Old, "require", false, false},
		{Old, "verify-full", true, false}, {New, "verify-ca", true, false}} {
		if got := test.driver.ChecksHostName(test.mode, test.authority); got != test.want {
			t.Errorf("%s checks the name with %s: %t", test.driver, test.mode, got)
		}
	}
}
