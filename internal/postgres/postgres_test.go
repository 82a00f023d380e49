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

// TestValues holds what PostgreSQL 15 made of values of its own parameters: whether it refused them.
func TestValues(t *testing.T) {
	for name, values := range map[string]struct{ taken, refused string }{
		"work_mem": {"64|0x40|0100|64 kB| 64 |1.5MB|1e3|65536B|1TB",
			"1kB|64KB|64kb|1ZB|-1|2TB|3TB|abc|1,5MB|64 k B|0x|089|1e|64MBs|5s"},
		"statement_timeout": {"0|5|5s|5 s|5min|1d|24d|1.5|0.5|1e1s|100us|2147483647",
			"abc|5m|25d|5sec|inf|-1|5kB|2147483648"},
		"geqo":                          {"on|of|OFF|tru|T|y|0|1|false", "o|2|yess|enabled"},
		"seq_page_cost":                 {"0.5|1e-3|.5|0.5 |0|1.7e308", "nan|inf|0,5|-1|5ms|x"},
		"synchronous_commit":            {"on|off|true|YES|1|local|remote_apply", "tr|remote|o"},
		"client_min_messages":           {"debug|debug5|DEBUG1|info|notice|error", "fatal|panic|notice |warn"},
		"default_transaction_isolation": {"repeatable read|SERIALIZABLE", "repeatable_read|snapshot"},
		"vacuum_cost_delay":             {"0|5ms|5us|100", "200|1s|x"},
		"effective_cache_size":          {"1|8kB|9kB|1GB", "10B|0"},
		"geqo_effort":                   {"1|1.2|1.5|10", "0|11|1s"},
		"application_name":              {"a b|'", ""},
		"search_path":                   {"public, x|", ""},
	} {
		p, ok := Find(name)
		if !ok {
			t.Fatalf("no parameter %s", name)
		}
		for _, value := range strings.Split(values.taken, "|") {
			if err := p.CheckValue(value); err != nil {
				t.Errorf("%s: PostgreSQL takes %q: %v", name, value, err)
			}
		}
		for _, value := range strings.Split(values.refused, "|") {
			if values.refused != "" && p.CheckValue(value) == nil {
				t.Errorf("%s: PostgreSQL refuses %q", name, value)
			}
		}
	}
	err := Old.CheckParameter("work_mem", "1ZB")
	const want = `is "1ZB", which PostgreSQL rejects together with the connection; must be an integer from 64 to ` +
		"2147483647, in kB, or with one of the units B, kB, MB, GB, TB"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestOptions holds what PostgreSQL 15 made of options in a connection.
func TestOptions(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{"-c geqo=off", ""}, {"--geqo=off", ""}, {"-cgeqo=off -c statement-timeout=5s", ""}, {"-c my.setting=x", ""},
		{`-c application_name=a\ b`, ""}, {"-c log_statement=all", ""}, {"-e -S 1024 -fs", ""}, {"", ""},
		{"-c xtest=1", "sets xtest, a parameter that PostgreSQL does not have"},
		{"-c statement_timeut=1", "did you mean statement_timeout?"},
		{"-c binary_parameters=yes", "sets binary_parameters, a parameter that PostgreSQL does not have"},
		{"-c geqo", "sets geqo without a value"}, {"-c", "has -c without a parameter"},
		{"--", ""}, {"-- geqo=off", "has the word 2"},
		{"-c geqo=x", `sets geqo, which is "x"`}, {"geqo=off", "has the word 1, which is not an option"},
		{"-c application_name=a b", "has the word 3"}, {"-c max_connections=5", "can only be set in the configuration"},
		{"-c 1a.b=c", "sets 1a.b, which is not a name"},
	} {
		for _, driver := range []Driver{Old, New} {
			parameter, variable := driver.CheckParameter("options", test.value), driver.CheckVariable("PGOPTIONS", test.value)
			for _, err := range []error{parameter, variable} {
				if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("%q: %v, want %q", test.value, err, test.want)
				}
			}
		}
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
