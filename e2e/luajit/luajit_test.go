// SPDX-License-Identifier: Apache-2.0

// Package luajit runs the redaction of logs in LuaJIT, as Fluent Bit does. The unit tests run it in another
// implementation of Lua 5.1, which counts its steps.
package luajit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// driver loads the script and prints what it makes of each record, in the form that canonical has.
const driver = `
dofile(arg[1])
local function canonical(v)
  if type(v) == "string" then return "s" .. #v .. ":" .. v end
  if type(v) ~= "table" then return tostring(v) end
  local parts, keys = {}, {}
  for key in pairs(v) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do parts[#parts + 1] = canonical(key) .. canonical(v[key]) end
  return "{" .. table.concat(parts) .. "}"
end
for _, record in ipairs(dofile(arg[2])) do
  local started = os.clock()
  local code, _, after = redact_secrets("tag", 0, record)
  io.write(code, " ", os.clock() - started, " ", (canonical(after):gsub("\n", "\\n")), "\n")
end
`

// luaJIT returns LuaJIT's path. The test is skipped without it.
func luaJIT(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("luajit")
	if err != nil {
		t.Skipf("%v. It is provided by: apt-get install luajit", err)
	}
	return path
}

// outcome is what the script made of a record.
type outcome struct {
	seconds float64
	record  string
}

// run runs the script on records.
func run(t *testing.T, records ...any) []outcome {
	t.Helper()
	var list strings.Builder
	list.WriteString("return {")
	for _, record := range records {
		list.WriteString(literal(record) + ",\n")
	}
	list.WriteString("}")
	dir := harness.Tree{"driver.lua": driver, "records.lua": list.String()}.Lay(t)
	script := filepath.Join(harness.Root(), "generators", "fluentbit_redact.lua")
	run := harness.Command{Dir: dir}.Run(t, luaJIT(t), "driver.lua", script, "records.lua").MustSucceed(t)
	lines := strings.Split(run.Stdout, "\n")
	if len(lines) != len(records)+1 {
		t.Fatalf("got %d lines for %d records", len(lines)-1, len(records))
	}
	var outcomes []outcome
	for _, line := range lines[:len(records)] {
		fields := strings.SplitN(line, " ", 3)
		seconds, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || fields[0] != "2" {
			t.Fatalf("got %.200q", line)
		}
		outcomes = append(outcomes, outcome{seconds, fields[2]})
	}
	return outcomes
}

// literal returns a value as Lua source.
func literal(value any) string {
	var source strings.Builder
	switch value := value.(type) {
	case string:
		source.WriteByte('"')
		for _, b := range []byte(value) {
			if b < ' ' || b > '~' || b == '"' || b == '\\' {
				fmt.Fprintf(&source, `\%03d`, b)
			} else {
				source.WriteByte(b)
			}
		}
		source.WriteByte('"')
	case []any:
		source.WriteByte('{')
		for _, element := range value {
			source.WriteString(literal(element) + ",")
		}
		source.WriteByte('}')
	case map[string]any:
		source.WriteByte('{')
		for key, element := range value {
			source.WriteString("[" + literal(key) + "]=" + literal(element) + ",")
		}
		source.WriteByte('}')
	default:
		fmt.Fprint(&source, value)
	}
	return source.String()
}

// canonical returns a value as the driver prints it.
func canonical(value any) string {
	var text strings.Builder
	switch value := value.(type) {
	case string:
		fmt.Fprintf(&text, "s%d:%s", len(value), strings.ReplaceAll(value, "\n", `\n`))
	case []any:
		text.WriteByte('{')
		for i, element := range value {
			fmt.Fprintf(&text, "%d%s", i+1, canonical(element))
		}
		text.WriteByte('}')
	case map[string]any:
		text.WriteByte('{')
		for _, key := range slices.Sorted(maps.Keys(value)) {
			text.WriteString(canonical(key) + canonical(value[key]))
		}
		text.WriteByte('}')
	default:
		fmt.Fprint(&text, value)
	}
	return text.String()
}

// The records that the unit tests redact become the same.
func TestRecords(t *testing.T) {
	file, err := os.Open(filepath.Join(harness.Root(), "generators", "testdata", "fluentbit", "redact.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var records, want []any
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		kind, content, ok := strings.Cut(scanner.Text(), " ")
		if !ok || kind == "#" {
			continue
		}
		var record map[string]any
		if err := json.Unmarshal([]byte(content), &record); err != nil {
			t.Fatal(err)
		}
		if kind != ">" {
			records = append(records, record)
		}
		if kind != "<" {
			want = append(want, record)
		}
	}
	if len(records) < 60 || len(records) != len(want) {
		t.Fatalf("read %d records and %d results", len(records), len(want))
	}
	for i, got := range run(t, records...) {
		if want := canonical(want[i]); got.record != want {
			t.Errorf("%v\ngot  %s\nwant %s", records[i], got.record, want)
		}
	}
}

// All records of a node wait while one is redacted. Each of these takes a fraction of a second; with a quadratic run
// time it would take minutes.
func TestLargeRecords(t *testing.T) {
	const size = 1 << 20
	var names []string
	var records []any
	props := map[string]any{}
	for i := range 100_000 {
		props[fmt.Sprintf("%d@a.bc", i)] = 1
	}
	names = append(names, "names that become equal")
	parameters := map[string]any{"post": map[string]any{"props": props}}
	records = append(records, map[string]any{"event": map[string]any{"parameters": parameters}})
	for _, part := range []string{
		"a@", "%40", "token=x ", "&token=x", `password="`, `password="a" `, "a://b:c ", "a://b:c", "https://h:1/@",
		"bearer ", `\`, `"`, `\"`, "'", ":", "=", " ",
		"/hooks/", "u:p@tcp(h)", "@", "-----BEGIN ", "[", "authorization: basic ", `{"a":"`, "x.",
	} {
		names, records = append(names, part), append(records, map[string]any{"msg": strings.Repeat(part, size/len(part))})
	}
	for i, got := range run(t, records...) {
		if strings.Contains(got.record, "withheld") {
			t.Errorf("%s: the script failed", names[i])
		}
		if limit := 10 * time.Second; got.seconds > limit.Seconds() {
			t.Errorf("%s: took %.1f s of CPU time, want at most %v", names[i], got.seconds, limit)
		}
		t.Logf("%.3f s: %s", got.seconds, names[i])
	}
}
