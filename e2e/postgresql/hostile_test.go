// SPDX-License-Identifier: Apache-2.0

package postgresql

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// configured is a MattermostConfig with spec.database, and with more fields of spec.
func configured(name, database string, more ...string) string {
	fields := append([]string{"host: " + name + ".example.org", "route: {type: none}", "database: " + database}, more...)
	return fmt.Sprintf(`apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata: {name: %s, namespace: teams}
spec: {%s}
`, name, strings.Join(fields, ", "))
}

// tryRender renders with the real program.
func tryRender(t *testing.T, documents ...string) harness.Run {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mattermost.yaml")
	if err := os.WriteFile(file, []byte(strings.Join(documents, "---\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	return harness.Command{}.Run(t, harness.MattermostFn(t), "render", file)
}

// render makes the world of configurations, which must be accepted.
func render(t *testing.T, choose chooser, documents ...string) *world {
	t.Helper()
	run := tryRender(t, documents...).MustSucceed(t)
	configurations := readConfigurations(t, documents...)
	for _, c := range configurations {
		mustNotShow(t, run.Stderr, choose(c).password)
	}
	return newWorld(t, run.Stdout, configurations, choose)
}

// A hostile set of names and a password. PostgreSQL takes each.
type hostile struct{ role, password, database string }

var (
	// Every printable ASCII character that is no letter and no digit.
	punctuation = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

	passwords = []string{
		`p@ss w/:#%$$(X)é"'\`, "a" + punctuation + "z", "$(PGUSER)", "$$(PGPASSWORD)", "$(MM_CONFIG)", "$$$$", "US$",
		"a$éb", "%41%zz%", "+ + %20", "user:p@ss@host/db?sslmode=disable#x", "postgres://u:p@h/d", `\\\'\"`,
		"a=b c='d e'", "{{ .password }}", "{{`x`}}", "null", "true", "1e3", "0x10", "~", "-", "--help", "!!binary x",
		"&anchor *alias", "# no comment", "a: b", "äöü ß 日本語 🦊",
		strings.Repeat("long$(X)%", 40), "<script>&amp;", "x",
	}
	names = []string{
		"mattermost", "o'brien", `quo"ted`, "two words", "dollar$", "$(PGPASSWORD)", "$$twice", "a/b?c#d", "a%41b",
		"a:b@c", "Ünïcödé", "日本語", "UPPER",
		"a+b", "a=b", "select", "-x", `back\slash`, "a&b;c", "{{ .x }}", "[::1]", "a,b", "true", "1e3",
	}
)

// hostiles are every password and every name, then random ones. Roles and databases differ, so that each is created
// once.
func hostiles() (all []hostile) {
	for at := range max(len(passwords), len(names)) {
		all = append(all, hostile{names[at%len(names)], passwords[at%len(passwords)], names[(at+7)%len(names)]})
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same in every run
	characters := []rune(punctuation + punctuation + "$$$(()aZ09éß日🦊")
	text := func(length int) string {
		var made strings.Builder
		for range 1 + random.IntN(length) {
			made.WriteRune(characters[random.IntN(len(characters))])
		}
		return made.String()
	}
	for range 8 {
		all = append(all, hostile{text(12), "p" + text(40) + "p", text(12)})
	}
	for at := range all {
		all[at].role += strconv.Itoa(at)
		all[at].database += strconv.Itoa(at)
	}
	return all
}

// takenByInitdb tells whether the image of PostgreSQL can create a server with a role; MM016 refuses the others.
func takenByInitdb(h hostile) bool { return !strings.ContainsAny(h.role, `"$'\`) }

// takenByCloudNativePG tells whether its command creates what it should; MM065 refuses the others.
func takenByCloudNativePG(h hostile) bool {
	return !strings.Contains(h.role+" "+h.database, "$$") && !strings.Contains(h.role+" "+h.database, "$(")
}

// forms are every form of credentials: spec.database of the configuration with a name, and what is next to it. Some
// differ little in their output, and take some of the values.
var forms = []struct {
	name  string
	some  bool
	takes func(hostile) bool // all where nil
	spec  func(name string, h hostile) (database, more string)
}{
	{"plain", false, nil, func(name string, h hostile) (string, string) {
		return h.fields("host: " + name + ".example.com"), ""
	}},
	{"replicas", true, nil, func(name string, h hostile) (string, string) {
		return h.fields("host: "+name+".example.com", "port: 6432",
			"readReplicas: [one.example.com, 'two.example.com:7432', '[fd00::2]:5432']"), ""
	}},
	{"secretKeyRef", false, nil, func(name string, h hostile) (string, string) {
		return h.references("host: 'fd00::"+strings.TrimPrefix(name, "chat-")+"'", "secretKeyRef", "name: "+name+", key"), ""
	}},
	{"secretKeyRef in the stream", true, nil, func(name string, h hostile) (string, string) {
		return h.references("host: "+name+".example.com", "secretKeyRef", "name: "+name+", key"), fmt.Sprintf(`apiVersion: v1
kind: Secret
metadata: {name: %s, namespace: teams}
stringData: {username: %s, password: %s}
`, name, quoted(h.role), quoted(h.password))
	}},
	{"externalSecret", true, nil, func(name string, h hostile) (string, string) {
		return h.references("host: "+name+".example.com", "externalSecret", "store: {name: vault}, key: "+name+", property"),
			""
	}},
	{"existingSecret", false, nil, func(name string, _ hostile) (string, string) {
		return "{existingSecret: " + name + "}", ""
	}},
	{"cloudNativePG", false, takenByCloudNativePG, func(_ string, h hostile) (string, string) {
		return fmt.Sprintf("{username: %s, database: %s}", quoted(h.role), quoted(h.database)), ""
	}},
	{"statefulSet", false, takenByInitdb, func(_ string, h hostile) (string, string) {
		return statefulSet(h, "password: "+quoted(h.password)), ""
	}},
	{"statefulSet by reference", true, takenByInitdb, func(name string, h hostile) (string, string) {
		return statefulSet(h, "password: {secretKeyRef: {name: "+name+", key: password}}"), ""
	}},
	{"statefulSet by externalSecret", true, takenByInitdb, func(name string, h hostile) (string, string) {
		return statefulSet(h, "password: {externalSecret: {store: {name: vault}, key: "+name+"}}"), ""
	}},
	{"statefulSet, generated", true, takenByInitdb, func(_ string, h hostile) (string, string) {
		return statefulSet(h, "generatePassword: true"), ""
	}},
}

// fields are spec.database with names and password, and with more fields.
func (h hostile) fields(more ...string) string {
	fields := []string{"username: " + quoted(h.role), "password: " + quoted(h.password), "database: " + quoted(h.database)}
	return "{" + strings.Join(append(fields, more...), ", ") + "}"
}

// references are spec.database with references to the role and the password, such as {secretKeyRef: {name: a, key:
// username}}.
func (h hostile) references(host, kind, begin string) string {
	return fmt.Sprintf("{%s, username: {%s: {%s: username}}, password: {%[2]s: {%[3]s: password}}, database: %[4]s}",
		host, kind, begin, quoted(h.database))
}

// statefulSet is spec.database with the names and a password in one form.
func statefulSet(h hostile, password string) string {
	return fmt.Sprintf("{username: %s, database: %s, inCluster: {engine: statefulset, %s}}",
		quoted(h.role), quoted(h.database), password)
}

// quoted is a string in YAML.
func quoted(text string) string {
	made, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(made)
}

// Every form of credentials takes every value, and both versions of lib/pq connect with it.
func TestHostileValuesConnect(t *testing.T) {
	all := hostiles()
	for number, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			var documents []string
			of := map[string]hostile{}
			for at, h := range all {
				if form.some && at%4 != number%4 || form.takes != nil && !form.takes(h) {
					continue
				}
				name := fmt.Sprintf("chat-%d", at+1)
				of[name] = h
				database, more := form.spec(name, h)
				documents = append(documents, configured(name, database))
				if more != "" {
					documents = append(documents, more)
				}
			}
			choose := func(c configuration) credentials {
				return credentials{of[c.Metadata.Name].role, of[c.Metadata.Name].password}
			}
			pods := render(t, choose, documents...).pods(t)
			if len(pods) != len(of) {
				t.Fatalf("%d pods, want %d", len(pods), len(of))
			}
			for at, pod := range pods {
				pods[at].resource = fmt.Sprintf("%q", of[pod.name])
			}
			mustConnect(t, pods...)
		})
	}
}
