// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// A parameter of the server, as its pg_settings describes it.
type parameter struct{ name, kind, unit, low, high, values string }

// wider are parameters whose values another version of PostgreSQL, another build or another host takes beyond those of
// this server.
var wider = []string{"maintenance_work_mem", "debug_discard_caches", "max_stack_depth"}

// TestValues sets each parameter that a connection may set to values at and beyond its borders. The function accepts
// what PostgreSQL takes, and nothing else.
func TestValues(t *testing.T) {
	to := running(t)
	var parameters []parameter
	for line := range strings.Lines(to.query(t, `SELECT concat_ws(chr(9), name, vartype, coalesce(unit, ''),
		coalesce(min_val, ''), coalesce(max_val, ''), coalesce(array_to_string(enumvals, ','), ''))
		FROM pg_settings WHERE context IN ('user', 'superuser') AND vartype <> 'string' AND name NOT LIKE '%.%'
		AND name <> 'transaction_deferrable' ORDER BY 1;`)) { // in a transaction only
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		parameters = append(parameters, parameter{f[0], f[1], f[2], f[3], f[4], f[5]})
	}
	if len(parameters) < 100 {
		t.Fatalf("only %d parameters: %v", len(parameters), parameters)
	}
	candidates := map[string][]string{}
	rounds := 0
	for _, p := range parameters {
		candidates[p.name] = p.candidates()
		rounds = max(rounds, len(candidates[p.name]))
	}
	taken := map[string]bool{}
	for line := range strings.Lines(to.query(t, try(candidates))) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		number, verdict, _ := strings.Cut(rest, "\t")
		taken[name+" "+number] = verdict == "t"
	}
	judged := map[bool]int{}
	for round := range rounds {
		refused := refusals(t, candidates, round)
		for name, values := range candidates {
			if round >= len(values) {
				continue
			}
			want, known := taken[name+" "+strconv.Itoa(round)]
			got := !slices.Contains(refused, name)
			if !known {
				t.Fatalf("PostgreSQL says nothing of %s %q", name, values[round])
			}
			judged[want]++
			if got != want && !(got && slices.Contains(wider, name)) {
				t.Errorf("%s: %q: PostgreSQL takes it: %t; the function accepts it: %t", name, values[round], want, got)
			}
		}
	}
	if judged[true] < 300 || judged[false] < 500 {
		t.Errorf("only %v values were judged", judged)
	}
}

// candidates are values that PostgreSQL may take, none of them empty: the driver leaves those out.
func (p parameter) candidates() []string {
	values := []string{"abc", "on", "TRUE", "of", "o", "0", "1", "x'y", " 1"}
	switch p.kind {
	case "integer", "real":
		low, errLow := strconv.ParseFloat(p.low, 64)
		high, errHigh := strconv.ParseFloat(p.high, 64)
		if errLow == nil && errHigh == nil {
			for _, n := range []float64{low, high, low - 1, high + 1, low / 2, high * 2, low + 1} {
				values = append(values, strconv.FormatFloat(n, 'f', -1, 64))
			}
		}
		values = append(values, "1.4", "1e2", ".5", "0x10", "010", "08", "1,5", "nan", "inf", "1 1", "2 ms", "2ms", "2s",
			"2min", "2m", "1h", "1d", "30d", "2kB", "2KB", "64kB", "64 MB", "1GB", "3TB", "1ZB", "100us", "3000000B",
			"-1", "--1")
	case "enum":
		for _, value := range strings.Split(p.values, ",") {
			values = append(values, value, strings.ToUpper(value), value+"s")
		}
		values = append(values, "yes", "no", "y", "debug", "info", "fatal", "false")
	case "bool":
		values = append(values, "t", "f", "tr", "fals", "y", "N", "ye", "yes", "no", "off", "OFF", "truex", "2", "-1",
			"enabled")
	}
	return values
}

// try is a script that prints of each candidate whether the server takes it: name, number and t or f. Other errors than
// that of an invalid value say nothing of the value.
func try(candidates map[string][]string) string {
	var script strings.Builder
	script.WriteString(`CREATE FUNCTION pg_temp.takes(name text, value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config(name, value, true);
	RETURN true;
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN false;
WHEN OTHERS THEN
	RETURN true;
END $$;
`)
	for _, name := range slices.Sorted(maps.Keys(candidates)) {
		for i, value := range candidates[name] {
			value = strings.ReplaceAll(value, "'", "''")
			fmt.Fprintf(&script, "SELECT '%s', %d, pg_temp.takes('%[1]s', '%[3]s');\n", name, i, value)
		}
	}
	return script.String()
}

// query returns what the server answers to a script, separated by tabs.
func (s *server) query(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command := s.command(ctx, "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
		"-h", s.directory, "-p", strconv.Itoa(s.port), "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1")
	command.Stdin = strings.NewReader(script)
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, problems.String())
	}
	return string(output)
}

// refusals are the parameters that the function reports as errors, each with the candidate of the round.
func refusals(t *testing.T, candidates map[string][]string, round int) []string {
	t.Helper()
	var parameters []string
	for _, name := range slices.Sorted(maps.Keys(candidates)) {
		if round < len(candidates[name]) {
			parameters = append(parameters, name+": "+quoted(candidates[name][round]))
		}
	}
	var refused []string
	for chunk := range slices.Chunk(parameters, 20) { // the command prints a limited number of errors
		refused = append(refused, refusalsOf(t, chunk)...)
	}
	return refused
}

// refusalsOf returns the names of the parameters that the function refuses.
func refusalsOf(t *testing.T, parameters []string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mattermost.yaml")
	database := "{host: db, password: {secretKeyRef: {name: db, key: password}}, parameters: {" +
		strings.Join(parameters, ", ") + "}}"
	if err := os.WriteFile(file, []byte(configured("chat", database)), 0o644); err != nil {
		t.Fatal(err)
	}
	run := harness.Command{}.Run(t, harness.MattermostFn(t), "check", file)
	var refused []string
	for _, match := range regexp.MustCompile(`error: (.*)`).FindAllStringSubmatch(run.Stdout+run.Stderr, -1) {
		name, found := strings.CutPrefix(match[1], "spec.database.parameters.")
		name, _, _ = strings.Cut(name, ":")
		if !found {
			t.Errorf("an error about something else: %s", match[1])
		}
		refused = append(refused, name)
	}
	return refused
}
