// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/ruleid"
	"bigbang.dev/mattermost-fn/internal/settings"
)

// A value of every type, as YAML says it and as the server reads it from the environment.
func valueOf(s settings.Setting) (given any, env string) {
	switch s.Type {
	case settings.Bool:
		return s.Default != "true", fmt.Sprint(s.Default != "true")
	case settings.Int:
		return 4711, "4711"
	case settings.List:
		return []any{"first-" + s.Key, "second"}, "first-" + s.Key + " second"
	case settings.Map, settings.JSON:
		if strings.HasSuffix(s.Key, "EventTargetMapping") { // whose values are lists
			return map[string]any{"flagged": []any{"author"}}, `{"flagged":["author"]}`
		}
		return map[string]any{"a": map[string]any{"b": []any{1, true, "c"}}}, `{"a":{"b":[1,true,"c"]}}`
	}
	return "the value of " + s.Name(), "the value of " + s.Name()
}

// Every setting that can be set at all reaches the server: name, variable, encoded value. Secrets go through the Secret
// <name>-settings, and stand nowhere else.
func TestEverySettingReachesTheServer(t *testing.T) {
	given := map[string]map[string]any{}
	count := 0
	for s := range settings.All() {
		if s.Unsettable != "" {
			continue
		}
		count++
		value, _ := valueOf(s)
		if given[s.Section] == nil {
			given[s.Section] = map[string]any{}
		}
		put(given[s.Section], s.Key, value)
	}
	if count < 600 {
		t.Fatalf("only %d settings", count)
	}
	text, err := json.Marshal(given) // which is YAML
	if err != nil {
		t.Fatal(err)
	}
	p, messages := resolve(t, "database: {inCluster: {maxConnections: 10000}}\nsettings: "+string(text), nil)
	for _, r := range messages {
		if r.Rule != ruleid.SetTwice { // the site's URL is set twice
			t.Error(r)
		}
	}

	variables := map[string]plan.Variable{}
	for _, v := range p.Env {
		variables[v.Name] = v
	}
	secret := map[string]string{}
	for _, s := range p.Secrets {
		if s.Name == "chat-settings" {
			secret = s.Data
		}
	}
	sensitive := 0
	for s := range settings.All() {
		if s.Unsettable != "" {
			if _, there := variables[s.Env]; there {
				t.Errorf("%s cannot be set, and is", s.Name())
			}
			continue
		}
		_, want := valueOf(s)
		if s.Env == "MM_PLUGINSETTINGS_PLUGINSTATES" {
			want = `{"a":{"b":[1,true,"c"]},` + strings.TrimPrefix(s.Default, "{")
		}
		wantVariable := s.Env + "=" + want
		if s.IsSecret(want) {
			sensitive++
			wantVariable = s.Env + " from Secret chat-settings, key " + s.Env
			if secret[s.Env] != want {
				t.Errorf("%s is %q in the Secret, want %q", s.Name(), secret[s.Env], want)
			}
		}
		if got := written(variables[s.Env].EnvVar); got != wantVariable {
			t.Errorf("%s is %s\nwant %s", s.Name(), got, wantVariable)
		}
		if want := "spec.settings." + s.Name(); variables[s.Env].Field != want {
			t.Errorf("%s comes from %s, want %s", s.Env, variables[s.Env].Field, want)
		}
	}
	if len(secret) != sensitive || sensitive < 15 {
		t.Errorf("the Secret holds %d values, want %d", len(secret), sensitive)
	}

	p.Secrets = nil
	for s := range settings.All() {
		if _, value := valueOf(s); s.Sensitive && s.Unsettable == "" && strings.Contains(fmt.Sprintf("%+v", p), value) {
			t.Errorf("the value of %s is outside its Secret", s.Name())
		}
	}
}

// put sets a value under a name whose dots are levels.
func put(object map[string]any, key string, value any) {
	group, rest, nested := strings.Cut(key, ".")
	if !nested {
		object[key] = value
		return
	}
	if object[group] == nil {
		object[group] = map[string]any{}
	}
	put(object[group].(map[string]any), rest, value)
}

// A changed secret among the settings restarts the servers, which read it once.
func TestSettingsSecretIsInTheChecksum(t *testing.T) {
	seen := map[string]string{}
	for _, test := range []struct {
		spec   string
		stream secrets
	}{
		{"settings: {EmailSettings: {SMTPPassword: one}}", nil},
		{"settings: {EmailSettings: {SMTPPassword: two}}", nil},
		{"settings: {LdapSettings: {BindPassword: two}}", nil},
		{"settings: {EmailSettings: {SMTPPassword: {secretKeyRef: {name: smtp, key: password}}}}",
			secrets{"smtp/password": "one"}},
		{"settings: {EmailSettings: {SMTPPassword: {secretKeyRef: {name: smtp, key: password}}}}",
			secrets{"smtp/password": "two"}},
		{"redis: {address: \"r:6379\", password: one}", nil},
		{"redis: {address: \"r:6379\", password: two}", nil},
	} {
		p, _ := resolve(t, test.spec, test.stream)
		if p.SecretsChecksum == "" || seen[p.SecretsChecksum] != "" {
			t.Errorf("the checksum of %s (%v) is %q, that of %s", test.spec, test.stream, p.SecretsChecksum,
				seen[p.SecretsChecksum])
		}
		seen[p.SecretsChecksum] = fmt.Sprint(test.spec, test.stream)
	}
}

// TestSecretsInsideValues holds that a value which may contain a secret goes through a Secret, wherever it comes from.
func TestSecretsInsideValues(t *testing.T) {
	p, messages := resolve(t, `
host: chat.example.com
enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}
plugins:
  settings:
    com.example.mine: {secret: hunter2}
settings:
  ElasticsearchSettings: {ConnectionURL: "https://user:hunter2@search.example.com"}
  ImageProxySettings: {RemoteImageProxyURL: "https://hunter2@camo.example.com"}
  LogSettings:
    AdvancedLoggingJSON:
      central: {type: tcp, format: json, options: {host: logs, port: 1, password: hunter2}, levels: [{id: 4}]}
env:
- {name: MM_SERVICESETTINGS_ALLOWCORSFROM, value: "https://user:hunter2@portal.example.com"}
`, nil)
	for _, r := range messages {
		t.Error(r)
	}
	var plain []string
	for _, variable := range p.Env {
		if strings.Contains(variable.Value, "hunter2") {
			plain = append(plain, variable.Name)
		}
	}
	if got := strings.Join(plain, " "); got != "MM_SERVICESETTINGS_ALLOWCORSFROM" { // spec.env is emitted as it is
		t.Errorf("variables with a secret in plain text: %s", got)
	}
	secrets := 0
	for _, s := range p.Secrets {
		for _, value := range s.Data {
			if strings.Contains(value, "hunter2") {
				secrets++
			}
		}
	}
	if secrets != 4 {
		t.Errorf("%d values of Secrets have the secret, want 4", secrets)
	}
}
