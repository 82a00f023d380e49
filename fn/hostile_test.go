// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

// hostileInput is an input with a part of its error message, empty for valid input. Input is a function because some
// inputs are large.
type hostileInput struct {
	input    func() string
	messages string
}

// hostile returns malformed, deeply nested and very large inputs by name.
func hostile() map[string]hostileInput {
	laughs := "  a0: &a0 [lol]\n"
	for i := 1; i < 30; i++ {
		laughs += fmt.Sprintf("  a%d: &a%d [%s]\n", i, i,
			strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	nested := func(open, close string, levels int) string {
		return strings.Repeat(open, levels) + strings.Repeat(close, levels)
	}
	hundredMB := func(line string) string { return strings.Repeat(line, 100<<20/len(line)+1) }
	return map[string]hostileInput{
		"truncated in a name": {func() string { return list("", smallest)[:60] }, "not valid YAML"},
		"truncated in a quoted string": {func() string {
			return strings.TrimSuffix(list("", smallest, "kind: A\na: \"b\""),
				"\"\n")
		}, "not valid YAML"},
		"truncated before the items": {func() string { return "apiVersion: config.kubernetes.io/v1\nkind: Resou" },
			"not a ResourceList"},
		"billion laughs in a configuration": {func() string {
			return list("", smallest+"  env:\n  - name: A\n    value: *a29\n"+strings.ReplaceAll(laughs, "  a", "x"))
		}, "not valid YAML"},
		"billion laughs in a foreign object": {func() string { return list("", smallest, "kind: A\nspec:\n"+laughs) },
			""},
		"billion laughs in the configuration": {func() string {
			return list("", strings.Replace(smallest, "spec:\n", "spec:\n"+laughs, 1))
		}, "spec.a29: unknown field"},
		"not UTF-8": {func() string { return list("", smallest, "kind: A\na: \xff\xfe") },
			"not valid YAML"},
		"not UTF-8 in the configuration": {func() string {
			return list("", strings.Replace(smallest, "example", "ex\xffample", 1))
		}, "not valid YAML"},
		"an invalid escape in a foreign object": {func() string { return list("", smallest, "kind: A\na: \"\\q\"") }, ""},
		"an invalid escape in the configuration": {func() string { return list("", smallest+"  version: \"\\q\"\n") },
			"MattermostConfig teams/chat: error: is not valid YAML"},
		"an invalid escape in the functionConfig": {func() string { return list(smallest + "  version: \"\\q\"\n") },
			"MattermostConfig teams/chat: error: is not valid YAML"},
		"an invalid escape in an object to be updated": {func() string {
			return list("", smallest, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: "+
				"chat-database\n  namespace: teams\na: \"\\q\"")
		}, "Secret teams/chat-database: error: is not valid YAML"},
		"60,000 environment variables": {func() string {
			return list("", smallest+"  env:\n"+strings.Repeat("  - {name: A1, value: v}\n", 60_000))
		}, "expands to more than 100000 values"},
		"120,000 fields of the list": {func() string { return list("", smallest) + fields(120_000) }, ""},
		"a zero byte": {func() string { return list("", smallest, "kind: A\na: b\x00c") },
			"not valid YAML"},
		"CRLF": {func() string {
			return strings.ReplaceAll(list("", smallest, "kind: A\na: b"), "\n", "\r\n")
		}, ""},
		"tabs instead of spaces": {func() string { return strings.ReplaceAll(list("", smallest), "  ", "\t") },
			"not valid YAML"},
		"10,000 levels of blocks": {func() string { return list("", smallest, "kind: A\n"+blocks(10_000)) },
			""},
		"10,000 levels of brackets": {func() string {
			return list("", smallest, "kind: A\na: "+nested("[", "]", 10_000))
		}, ""},
		"a million brackets": {func() string {
			return list("", smallest, "kind: A\na: "+strings.Repeat("[", 1_000_000))
		}, "not valid YAML"},
		"10,000 levels in the configuration": {func() string {
			return list("", smallest+"  a: "+nested("[", "]", 9_000)+"\n")
		}, "unknown field"},
		"100 MB of foreign objects": {func() string {
			return list("", smallest) + hundredMB("- kind: A\n  a: |\n    "+strings.Repeat("x", 1000)+"\n")
		}, ""},
		"100 MB in one line": {func() string {
			return list("", smallest, "kind: A\na: "+hundredMB("x"))
		}, ""},
		"100 MB in a block": {func() string {
			return list("", smallest, "kind: A\na: |\n"+hundredMB("  text\n"))
		}, ""},
		"100 MB in unusual YAML": {func() string {
			return list("", smallest) + hundredMB("- kind: A\n  a: &x |\n    "+strings.Repeat("x", 5000)+"\n")
		}, "too large for its YAML style (100 MB): objects with anchors, tags, tabs"},
		"100 MB that are not a ResourceList": {func() string { return hundredMB("lorem ipsum\n") }, "too large"},
		"100 MB of white space":              {func() string { return hundredMB(" \n") }, "is empty"},
		"100 MB of a configuration": {func() string {
			return list("", smallest+"  allow:\n"+hundredMB("  - MM024\n"))
		}, "object too large: 1"},
		"a configuration with a long string": {func() string { return list("", smallest+"  host: "+hundredMB("x")) },
			"object too large: 1"},
		"a referenced Secret that is too large": {func() string {
			return list("", smallest+"  database: {host: db, password: {secretKeyRef: {name: s, key: k}}}\n",
				"apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: teams\nstringData:\n  k: "+hundredMB("x"))
		}, "object too large: 1"},
	}
}

func fields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "x%d: y\n", i)
	}
	return b.String()
}

func blocks(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// Run returns hostile input with an error, without a panic, and in bounded memory and CPU time. Both are measured for
// the whole process, so these tests must not run in parallel.
func TestHostileInput(t *testing.T) {
	for name, test := range hostile() {
		t.Run(name, func(t *testing.T) {
			input := test.input()
			var out, errs bytes.Buffer
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := fntest.CPUTime()
			exit := Run(strings.NewReader(input), &out, &errs)
			spent := fntest.CPUTime() - start
			runtime.ReadMemStats(&after)
			if (exit == 0) != (test.messages == "") || !strings.Contains(errs.String(), test.messages) {
				t.Errorf("exit %d, got %.300q, want %q", exit, errs.String(), test.messages)
			}
			if exit != 0 && out.Len() < len(input) {
				t.Errorf("%d bytes of output for %d bytes of input", out.Len(), len(input))
			}
			if errs.Len() > 50_000 {
				t.Errorf("%d bytes on standard error", errs.Len())
			}
			t.Logf("%v of CPU, %d MB allocated for %d MB", spent, (after.TotalAlloc-before.TotalAlloc)>>20, len(input)>>20)
			if spent > time.Minute { // linear input takes 10 s on a slow machine, anything worse takes hours
				t.Errorf("took %v of CPU", spent)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8*uint64(len(input))+512<<20 {
				t.Errorf("allocated %d MB for %d MB", allocated>>20, len(input)>>20)
			}
		})
	}
}

// Each message about a name that does not exist takes a search for the one that was meant, and a file with a wrong
// indentation may have tens of thousands.
func TestManyErrors(t *testing.T) {
	repeat := func(n int, line string) string {
		var lines strings.Builder
		for i := range n {
			fmt.Fprintf(&lines, line, i)
		}
		return lines.String()
	}
	for name, spec := range map[string]string{
		"fields":    repeat(20000, "  x%05d: 1\n"),
		"settings":  "  settings:\n    ServiceSettings:\n" + repeat(20000, "      x%05d: 1\n"),
		"variables": "  env:\n" + repeat(10000, "  - {name: MM_SERVICESETTINGS_X%05d, value: a}\n"),
	} {
		started := fntest.CPUTime()
		r := run(list("", smallest+spec))
		if spent := fntest.CPUTime() - started; spent > 10*time.Second {
			t.Errorf("%s: took %v of CPU time", name, spent)
		}
		if r.exit != 1 || len(r.errors) > 1<<17 || !strings.Contains(r.errors, "more errors, which are not shown") {
			t.Errorf("%s: exit code %d, %d characters: %.1000s", name, r.exit, len(r.errors), r.errors)
		}
	}
}
