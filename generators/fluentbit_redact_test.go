// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// Steps are the instructions of the Lua machine, and the characters that the string functions pass over. These bounds
// hold for every record, because the script is linear by construction. They are twice the largest numbers found.
const (
	stepsPerCharacter = 500
	stepsPerField     = 2000
	stepsPerRecord    = 1000
)

// maxSteps returns the bound for a record.
func maxSteps(record map[string]any) int {
	characters, fields := sizeOf(record)
	return stepsPerRecord + fields*stepsPerField + characters*stepsPerCharacter
}

// sizeOf returns the number of characters and of values in a document.
func sizeOf(value any) (characters, fields int) {
	switch value := value.(type) {
	case string:
		return len(value), 1
	case map[string]any:
		for key, element := range value {
			c, f := sizeOf(element)
			characters, fields = characters+c+len(key), fields+f+1
		}
	case []any:
		for _, element := range value {
			c, f := sizeOf(element)
			characters, fields = characters+c, fields+f
		}
	}
	return characters, fields + 1
}

// steps counts what the script does. As its context, gopher-lua asks it before every instruction.
type steps struct {
	context.Context
	count, limit int
	patterns     map[string]bool
}

var errSteps = errors.New("too many steps")

func (s *steps) Done() <-chan struct{} {
	s.count++
	if s.count > s.limit {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return nil
}

func (s *steps) Err() error { return errSteps }

// counted are the string functions that the script uses, with what a call costs. A search costs what it passes over,
// which is true only for the patterns that isLinear accepts.
var counted = map[string]func(s *steps, call []lua.LValue, results []lua.LValue) int{
	"byte":  func(*steps, []lua.LValue, []lua.LValue) int { return 1 },
	"lower": func(_ *steps, call, _ []lua.LValue) int { return len(call[0].String()) },
	"sub":   func(_ *steps, _, results []lua.LValue) int { return len(results[0].String()) },
	"gsub": func(s *steps, call, _ []lua.LValue) int {
		s.patterns[call[1].String()] = true
		return len(call[0].String())
	},
	"match": func(s *steps, call, results []lua.LValue) int {
		s.patterns[call[1].String()] = true
		return len(results[0].String())
	},
	"find": func(s *steps, call, results []lua.LValue) int {
		from, to := 1, len(call[0].String())
		if len(call) > 2 {
			from = int(call[2].(lua.LNumber))
		}
		if len(call) < 4 {
			s.patterns[call[1].String()] = true
		}
		if found, ok := results[0].(lua.LNumber); ok {
			to = int(found) + len(call[1].String())
		}
		return max(to-from, 0) + 1
	},
}

var (
	oneClass = regexp.MustCompile(`^\[[^\]%]*(%.[^\]%]*)*\]$`)
	classRun = regexp.MustCompile(`^\^\[[^\]%]*(%.[^\]%]*)*\]\*$`)
)

// isLinear reports whether a pattern costs what it passes over, wherever it is tried.
func isLinear(pattern string) bool {
	return oneClass.MatchString(pattern) || classRun.MatchString(pattern)
}

func TestIsLinear(t *testing.T) {
	for pattern, want := range map[string]bool{
		"[%s]": true, "[/?#%s]": true, "^[%w_%-.~/%%]*": true, "[^%w]": true, `["'%]]`: true,
		"%w+@": false, "[%w]+": false, "[%w]*@": false, "^[%w]*[%s]*": false, "^(.*)$": false, "^[%w]*x": false,
		"a.-b": false, "[a][b]": false,
	} {
		if isLinear(pattern) != want {
			t.Errorf("%s: got %v", pattern, !want)
		}
	}
}

// newCountedRedaction returns the script with string functions that count.
func newCountedRedaction(t testing.TB) (*redaction, *steps) {
	t.Helper()
	state := newLua(t)
	counter := &steps{Context: context.Background(), limit: 1 << 30, patterns: map[string]bool{}}
	library := state.GetGlobal("string").(*lua.LTable)
	var functions []string
	library.ForEach(func(name, _ lua.LValue) { functions = append(functions, name.String()) })
	for _, name := range functions {
		cost, ok := counted[name]
		if !ok {
			library.RawSetString(name, lua.LNil) // so a function that is not counted fails
			continue
		}
		original := library.RawGetString(name)
		library.RawSetString(name, state.NewFunction(func(state *lua.LState) int {
			var arguments, results []lua.LValue
			for i := 1; i <= state.GetTop(); i++ {
				arguments = append(arguments, state.Get(i))
			}
			state.SetTop(0)
			state.Push(original)
			for _, argument := range arguments {
				state.Push(argument)
			}
			state.Call(len(arguments), lua.MultRet)
			for i := 1; i <= state.GetTop(); i++ {
				results = append(results, state.Get(i))
			}
			counter.count += cost(counter, arguments, results)
			return len(results)
		}))
	}
	if err := state.DoString(redactScript); err != nil {
		t.Fatal(err)
	}
	state.SetContext(counter)
	return &redaction{state}, counter
}

// mustBeLinear runs the script on a record and fails if it takes more steps than the record's size allows.
func mustBeLinear(t *testing.T, script *redaction, counter *steps, name string, record map[string]any) {
	t.Helper()
	counter.count, counter.limit = 0, maxSteps(record)
	_, after := script.run(t, record)
	if counter.count > counter.limit {
		characters, fields := sizeOf(record)
		t.Errorf("%s: stopped after %d steps for %d characters and %d fields", name, counter.count, characters, fields)
		return
	}
	if after["msg"] == "the record is withheld: redacting it failed" {
		t.Errorf("%s: the script failed", name)
	}
	for pattern := range counter.patterns {
		if !isLinear(pattern) {
			t.Errorf("the pattern %s may take more time than it passes over; see the rules at the top of the script", pattern)
		}
	}
}

// costlyParts are what the script searches for, and what may make a search long.
var costlyParts = []string{
	"a", "a@", "@", "a.", ".", "%", "%40", "a%40a", "token", "token=x ", "token=", `token="`, `token\"`,
	`password:'a\'`, "a://", "://", "://a:b ",
	"postgres://u:p ", "https://h/@", "https://h:1/@", "bearer ", "bearer", `\`, `"`, "'", "=", ":", " ", "\t", "\n", "&a",
	"&a=", "?", "&token=x", "&token=",
	`"}`, `\"}`, "x@y.", "x@.-", "[", "]", "authorization: ", "cookie:", "/hooks/", "hooks%2F", "/hooks/incoming/a",
	"hooks.slack.com/", "@tcp(", "u:p@tcp(h)",
	"-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----END ", "http://[::1", "[::1]:80", "%3D",
	"token%3D", `"password":"`, `"password":"a",`,
	`password="a"`, `password="a" `, "password='a'\"", "é", "\xff", "{", "}", ",",
}

// repeated returns a string of some parts, repeated to a size.
func repeated(random *rand.Rand, size int) string {
	var prefix, period strings.Builder
	for range random.IntN(4) {
		prefix.WriteString(costlyParts[random.IntN(len(costlyParts))])
	}
	for range 1 + random.IntN(4) {
		period.WriteString(costlyParts[random.IntN(len(costlyParts))])
	}
	return prefix.String() + strings.Repeat(period.String(), 1+size/period.Len())
}

// A chat user chooses the names and the content of fields: the properties of a post are in its audit record. All
// records of the node wait while one is redacted.
func TestRedactTakesLinearTime(t *testing.T) {
	const size = 1 << 11
	script, counter := newCountedRedaction(t)
	for _, part := range costlyParts {
		value := strings.Repeat(part, size/len(part))
		mustBeLinear(t, script, counter, part, map[string]any{"msg": value})
		mustBeLinear(t, script, counter, part+" in names", map[string]any{value: value, value + "1": "x"})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		value := repeated(random, size)
		mustBeLinear(t, script, counter, fmt.Sprintf("%.200q", value), map[string]any{"msg": value})
	}
	long := strings.Repeat(`see https://chat.example.com:8065/x?token=a&b=c "password":"a" u@example.com `, 4000)
	mustBeLinear(t, script, counter, "300 KB", map[string]any{"msg": long})
}

// Names that become equal, and names that exist already with the number that would be next.
func TestRedactRenamesInLinearTime(t *testing.T) {
	script, counter := newCountedRedaction(t)
	props := func(n int, name func(i int) string) map[string]any {
		fields := map[string]any{}
		for i := range n {
			fields[name(i)] = float64(i)
		}
		post := map[string]any{"props": fields}
		return map[string]any{"event_name": "createPost", "event": map[string]any{"parameters": map[string]any{"post": post}}}
	}
	for name, of := range map[string]func(i int) string{
		"equal": func(i int) string { return fmt.Sprintf("%d@a.bc", i) },
		"taken": func(i int) string { return []string{fmt.Sprintf("%d@a.bc", i), fmt.Sprintf("[EMAIL] %d", i)}[i%2] },
		"nested": func(i int) string {
			return []string{"a", "[EMAIL]"}[i%2] + strings.Repeat(" 2", i%40) + fmt.Sprintf(" %d@a.bc", i)
		},
		"two of each":  func(i int) string { return fmt.Sprintf("%d@a.bc %d", i, i/2) },
		"long":         func(i int) string { return strings.Repeat("x", 200) + fmt.Sprintf(" %d@a.bc", i) },
		"only numbers": func(i int) string { return fmt.Sprint(i) },
	} {
		for _, n := range []int{100, 4000} {
			record := props(n, of)
			mustBeLinear(t, script, counter, fmt.Sprintf("%d %s", n, name), record)
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, part := range costlyParts {
		f.Add("x", part)
	}
	f.Add("a", `{"password":"x","u":"https://u:p@h"}`)
	script, counter := newCountedRedaction(f)
	f.Fuzz(func(t *testing.T, prefix, period string) {
		if len(prefix) > 200 || len(period) > 200 || period == "" {
			return
		}
		value := prefix + strings.Repeat(period, 1+2000/len(period))
		mustBeLinear(t, script, counter, fmt.Sprintf("%q and %q", prefix, period), map[string]any{"msg": value, value: "x"})
	})
}

// passwords returns random passwords of printable ASCII characters with "zqx" somewhere. Those in the excluded
// characters cannot be written in the form that is tested.
func passwords(n int, excluded string) []string {
	random := rand.New(rand.NewPCG(3, 4))
	var all []string
	for len(all) < n {
		var characters []byte
		for range 1 + random.IntN(14) {
			if c := byte(' ' + random.IntN(95)); !strings.ContainsRune(excluded, rune(c)) {
				characters = append(characters, c)
			}
		}
		// Characters with a meaning, and digits, which look like a port, are more frequent than in a password.
		for range random.IntN(3) {
			c := `/?#@:%&="'\ ,;}]0123456789`[random.IntN(26)]
			if !strings.ContainsRune(excluded, rune(c)) {
				characters = slices.Insert(characters, random.IntN(len(characters)+1), c)
			}
		}
		at := random.IntN(len(characters) + 1)
		all = append(all, string(characters[:at])+"zqx"+string(characters[at:]))
	}
	return all
}

// docs/logging.md promises these forms for every password.
func TestRedactHidesEveryPassword(t *testing.T) {
	encoded := func(text string) string {
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw[1 : len(raw)-1])
	}
	same := func(password string) string { return password }
	forms := []struct {
		form     string
		excluded string
		encode   func(string) string
	}{
		{"https://elastic:%s@es:9200/_bulk", "", same},
		{"postgres://mm:%s@db:5432/mm?sslmode=require", "", same},
		{`parse "postgres://mm:%s@db:5432/mm": net/url: invalid userinfo`, "", same},
		{"cannot reach redis://:%s@cache:6379/0", "", same},
		{"password=%s", " ", same},
		{"host=db user=mm password=%s dbname=mm", " ", same},
		{`{"user":"u","password":"%s","a":1}`, "", encoded},
		{`sent {\"user\":\"u\",\"password\":\"%s\",\"a\":1}`, "", func(text string) string { return encoded(encoded(text)) }},
		{`{"details":"password=%s","a":1}`, " ", encoded},
		{"/login?password=%s&x=y", " &", same},
		{"mm:%s@tcp(db:3306)/mm", " ", same},
	}
	script := newRedaction(t)
	for _, form := range forms {
		leaks := 0
		for _, password := range passwords(2000, form.excluded) {
			line := strings.Replace(form.form, "%s", form.encode(password), 1)
			_, after := script.run(t, map[string]any{"msg": line})
			if got := after["msg"].(string); strings.Contains(got, "zqx") {
				if leaks++; leaks <= 3 {
					t.Errorf("%s\nbecomes %s", line, got)
				}
			}
		}
		if leaks > 0 {
			t.Errorf("%s: %d of 2000 passwords remain", form.form, leaks)
		}
	}
}

// Every secret of Mattermost's configuration is recognized by its name, which is how the server's audit records and
// plugins' logs show it.
func TestRedactKnowsTheSecretsOfMattermost(t *testing.T) {
	script := newRedaction(t)
	known := 0
	for setting := range settings.All() {
		if !setting.Sensitive {
			continue
		}
		known++
		_, after := script.run(t, map[string]any{setting.Section: map[string]any{setting.Key: "zqx"}})
		if strings.Contains(fmt.Sprint(after), "zqx") {
			t.Errorf("%s.%s remains", setting.Section, setting.Key)
		}
	}
	if known < 20 {
		t.Errorf("only %d settings are secret", known)
	}
}

// Fluent Bit keeps both of two fields with the same name, and shows the script the last one. Only a record that the
// script returns replaces both.
func TestRedactReplacesEveryRecord(t *testing.T) {
	script := newRedaction(t)
	for _, record := range []map[string]any{
		{"level": "error", "error": "second, without a secret"}, {"token": true}, {},
		{"nested": map[string]any{"token": true}},
	} {
		if code, after := script.run(t, maps.Clone(record)); code != 2 || len(after) != len(record) {
			t.Errorf("%v: got code %d, %v", record, code, after)
		}
	}
}

// What the script returns is valid UTF-8 where its input is.
func TestRedactKeepsUTF8(t *testing.T) {
	script := newRedaction(t)
	for _, password := range []string{"é", "zqxü@ß", "漢字", "a漢:/字"} {
		line := strings.ReplaceAll("ä postgres://ü:PW@dß/x password=PW éPW@müller.example ö", "PW", password)
		_, after := script.run(t, map[string]any{"msg": line})
		if got := after["msg"].(string); !utf8.ValidString(got) {
			t.Errorf("got %q", got)
		}
	}
}
