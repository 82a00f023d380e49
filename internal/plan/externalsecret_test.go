// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/result"
)

// notSecret are fields that take a secret's forms, although their values are not secret: a string becomes a plain
// variable. TestDatabase and TestClientIDs have their forms.
var notSecret = []string{"spec.database.username", "spec.sso.clientID", "spec.openid.clientID"}

// withSecrets are configurations that together have every field that takes a secret. The placeholder of a
// secret is replaced.
var withSecrets = map[string]string{
	"everything outside": `
  host: chat.example.com
  enterprise: {enabled: true, license: x}
  sso: {enabled: true, clientID: c, clientSecret: x, issuerURL: "https://login.example.com/realms/r"}
  openid: {enabled: true, clientID: c, clientSecret: x, issuerURL: "https://login.example.com/realms/r"}
  database:
    host: "2001:db8::1"
    username: 'u{{ .x }}@:%41 +'
    password: x
    database: 'd{{/?# +'
    parameters: {application_name: 'a{{b}} +c&d=e', connect_timeout: "10"}
    readReplicas: [one.example.com, "two.example.com:5433"]
  objectStorage: {endpoint: "https://s3.example.com", bucket: b, accessKey: x, accessSecret: x}
  elasticsearch: {enabled: true, password: x}
  ldap: {enabled: true, server: ldap.example.com, baseDN: d, bindUsername: u, bindPassword: x}
  email: {server: smtp.example.com, from: a@example.com, username: u, password: x}
  redis: {address: "redis.example.com:6379", password: x}
  compliance: {export: {enabled: true, format: globalrelay, globalRelay: {customerType: A9,
    emailAddress: a@example.com, username: u, password: x}}}
  logging: {fluentBit: {outputs: [{name: es, url: "https://es.example.com", username: '{{u}{', password: x},
    {name: two, url: "https://es2.example.com", username: u, password: x}]}}
  settings:
    FileSettings: {PublicLinkSalt: x}
    MessageExportSettings: {GlobalRelaySettings: {SMTPPassword: x}}
`,
	"a plain PostgreSQL": `
  domain: example.com
  database: {username: 'u{{', database: 'd{{', inCluster: {engine: statefulset, password: x}}
`,
	"an import": `
  domain: example.com
  database: {inCluster: {import: {host: db, password: x}}}
`,
	"Azure": `
  domain: example.com
  objectStorage: {azure: {account: files, container: chat, accessKey: x}}
`,
	"MinIO": `
  domain: example.com
  objectStorage: {inCluster: {engine: minio, accessKey: x, accessSecret: x}}
`,
}

// nasty is the worst that a password may be; the configuration files of MinIO and Fluent Bit take no more than tame.
const (
	nasty = "p@ss:w/rd %41+ é{{x}}{{ .password }}{ }}\"'\\`$&,;=?#[]<>|~-_.!*()\u2028%"
	tame  = "p@ss:w/rd %41+ é{{x}}{&,;=?[]<>|~-_.!*()%"
)

// Whatever a password is, External Secrets makes of it what the function makes of one in the configuration:
// the same keys in the same Secrets, and the same variables of the server.
func TestExternalSecretsHoldWhatSecretsWould(t *testing.T) {
	covered := map[string]bool{}
	for name, spec := range withSecrets {
		t.Run(name, func(t *testing.T) {
			values := map[string]string{} // by field
			value := func(field string) string {
				text := nasty
				if strings.Contains(spec, "minio") || strings.Contains(field, "fluentBit") {
					text = tame
				}
				values[field] = text + field
				return values[field]
			}
			plain := planWith(t, spec, func(field string, secret *v1alpha1.SecretValue) {
				covered[regexp.MustCompile(`\[\d+\]`).ReplaceAllString(field, "[]")] = true
				*secret = v1alpha1.SecretValue{Value: value(field)}
			}, func(field string, setting *v1alpha1.SettingValue) {
				*setting = v1alpha1.SettingValue{Value: value(field)}
			})
			external := planWith(t, spec, func(field string, secret *v1alpha1.SecretValue) {
				*secret = v1alpha1.SecretValue{ExternalSecret: inStore(field)}
			}, func(field string, setting *v1alpha1.SettingValue) {
				*setting = v1alpha1.SettingValue{ExternalSecret: inStore(field)}
			})
			if len(plain.ExternalSecrets) != 0 || len(external.ExternalSecrets) == 0 {
				t.Fatalf("%d and %d ExternalSecrets", len(plain.ExternalSecrets), len(external.ExternalSecrets))
			}
			want, got := secretData(plain), secretData(external)
			for _, e := range external.ExternalSecrets {
				fetched := map[string]string{}
				for _, v := range e.Values {
					fetched[v.Name] = values[v.Ref.Key]
				}
				if got[e.Name] != nil {
					t.Errorf("%s is a Secret and an ExternalSecret", e.Name)
				}
				// Settings have a Secret for what is fetched, and one for what is known.
				got[strings.TrimSuffix(e.Name, "-external")] = filledIn(t, e, fetched)
			}
			for secret := range want {
				if !maps.Equal(got[secret], want[secret]) {
					t.Errorf("Secret %s holds\n%q\nwant\n%q", secret, got[secret], want[secret])
				}
			}
			if len(got) != len(want) {
				t.Errorf("the Secrets are %q\nwant %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
			for i, variable := range external.Env {
				if got, want := strings.ReplaceAll(written(variable.EnvVar), "chat-settings-external", "chat-settings"),
					written(plain.Env[i].EnvVar); got != want {
					t.Errorf("the server gets %s, want %s", got, want)
				}
			}
			if plain.LicenseSecret != external.LicenseSecret || plain.Database.Secret != external.Database.Secret ||
				!reflect.DeepEqual(plain.Files, external.Files) ||
				!reflect.DeepEqual(plain.Database.StatefulSet, external.Database.StatefulSet) ||
				!reflect.DeepEqual(plain.Logging, external.Logging) {
				t.Error("the two plans differ in more than their Secrets")
			}
		})
	}
	for _, field := range secretFields(reflect.TypeFor[v1alpha1.MattermostConfigSpec](), "spec") {
		if !covered[field] && !slices.Contains(notSecret, field) {
			t.Errorf("no configuration here has %s", field)
		}
	}
}

// A template gives back what is not a value as it is, whatever it looks like.
func FuzzTemplates(f *testing.F) {
	f.Add("u{{ .x }}", "d{{", "{{p}}", "{")
	f.Add("{", "}", "+ %20", "{{")
	f.Fuzz(func(t *testing.T, user, database, password, logUser string) {
		quote := func(text string) string { return fmt.Sprintf("%q", text) }
		if user == "" || database == "" || password == "" || logUser == "" {
			t.Skip()
		}
		spec := "\n  domain: example.com\n  database: {host: db, username: " + quote(user) + ", database: " +
			quote(database) + ", password: x}\n" +
			"  logging: {fluentBit: {outputs: [{name: es, url: 'https://es', username: " + quote(logUser) + ", " +
			"password: x}]}}\n"
		if _, err := yaml.Parse("spec:" + spec); err != nil {
			t.Skip("Go and YAML write it in different ways")
		}
		noSetting := func(string, *v1alpha1.SettingValue) {}
		plain := planWith(t, spec, func(_ string, secret *v1alpha1.SecretValue) { secret.Value = password }, noSetting)
		external := planWith(t, spec, func(field string, secret *v1alpha1.SecretValue) {
			*secret = v1alpha1.SecretValue{ExternalSecret: inStore(field)}
		}, noSetting)
		refused := !plan.FluentBitReads(password)
		for _, e := range external.ExternalSecrets {
			got, err := map[string]string{"password": password}, error(nil)
			if len(e.Templates) > 0 {
				got, err = fillIn(e, got)
			}
			if err != nil {
				if !refused {
					t.Errorf("Secret %s: %v", e.Name, err)
				}
				continue // Fluent Bit's configuration cannot hold it
			}
			if want := secretData(plain)[e.Name]; !maps.Equal(got, want) {
				t.Errorf("Secret %s holds\n%q\nwant\n%q", e.Name, got, want)
			}
		}
	})
}

// A password that is generated goes wherever one that is given goes, in one Secret, from one generator.
func TestGeneratedPasswords(t *testing.T) {
	const password = "0123456789abcdefABCDEF0123456789"
	nothing := func(string, *v1alpha1.SecretValue) {}
	noSetting := func(string, *v1alpha1.SettingValue) {}

	given := planWith(t, "\n  domain: example.com\n  database: {inCluster: {engine: statefulset, password: "+password+
		"}}\n", nothing, noSetting)
	generated := planWith(t, "\n  domain: example.com\n  database: {inCluster: {engine: statefulset, "+
		"generatePassword: true}}\n", nothing, noSetting)
	wantGenerated(t, generated, "chat-database", password, secretData(given)["chat-database"])
	if len(generated.Secrets) != 0 || !reflect.DeepEqual(generated.Database, given.Database) {
		t.Errorf("Secrets %v, database %+v, want %+v", generated.Secrets, generated.Database, given.Database)
	}

	given = planWith(t, "\n  domain: example.com\n  database: {existingSecret: d}\n  objectStorage: {inCluster: "+
		"{engine: minio, accessKey: mattermost, accessSecret: "+password+"}}\n", nothing, noSetting)
	generated = planWith(t, "\n  domain: example.com\n  database: {existingSecret: d}\n  objectStorage: {inCluster: "+
		"{engine: minio, generateKeys: true}}\n", nothing, noSetting)
	want := secretData(given)["chat-object-storage"]
	want["config.env"] = secretData(given)["chat-files-config"]["config.env"]
	wantGenerated(t, generated, "chat-object-storage", password, want)
	given.Files.MinIO.ConfigSecret = "chat-object-storage"
	if len(generated.Secrets) != 0 || !reflect.DeepEqual(generated.Files, given.Files) {
		t.Errorf("Secrets %v, files %+v, want %+v", generated.Secrets, generated.Files.MinIO, given.Files.MinIO)
	}
}

func wantGenerated(t *testing.T, p *plan.Plan, name, password string, want map[string]string) {
	t.Helper()
	if len(p.ExternalSecrets) != 1 || p.ExternalSecrets[0].Name != name || !p.ExternalSecrets[0].Generated ||
		len(p.ExternalSecrets[0].Values) > 0 {
		t.Fatalf("ExternalSecrets %+v", p.ExternalSecrets)
	}
	if got := filledIn(t, p.ExternalSecrets[0], map[string]string{"password": password}); !maps.Equal(got, want) {
		t.Errorf("Secret %s holds\n%q\nwant\n%q", name, got, want)
	}
}

// What is known here of a value in a store changes the checksum, so that pods are restarted; where the value is made
// once, nothing would change for them.
func TestChecksumOfExternalSecrets(t *testing.T) {
	checksum := func(spec string) string {
		p, _ := resolve(t, spec, nil)
		return p.SecretsChecksum
	}
	const database = "database: {host: db.example.com, password: {externalSecret: {store: {name: vault}, key: chat}}}"
	first := checksum(database)
	for name, spec := range map[string]string{
		"another host":     strings.Replace(database, "db.", "db2.", 1),
		"another key":      strings.Replace(database, "key: chat", "key: chat2", 1),
		"another property": strings.Replace(database, "key: chat", "key: chat, property: p", 1),
		"another store":    strings.Replace(database, "vault", "aws", 1),
		"another kind":     strings.Replace(database, "vault", "vault, kind: ClusterSecretStore", 1),
	} {
		if checksum(spec) == first {
			t.Errorf("%s changes nothing", name)
		}
	}
	if checksum(database) != first {
		t.Error("the same configuration has two checksums")
	}
	const generated = "database: {database: %s, inCluster: {engine: statefulset, generatePassword: true}}"
	if checksum(fmt.Sprintf(generated, "a")) != checksum(fmt.Sprintf(generated, "b")) {
		t.Error("a Secret that is never written again restarts pods")
	}
	const output = "database: {existingSecret: s}\nlogging: {fluentBit: {outputs: [{name: es, url: 'https://es', " +
		"username: u, password: {externalSecret: {store: {name: vault}, key: %s}}}]}}"
	if checksum(fmt.Sprintf(output, "a")) != checksum(fmt.Sprintf(output, "b")) {
		t.Error("the servers are restarted for what Fluent Bit reads")
	}
}

// filledIn is what External Secrets puts into the Secret of a name (external-secrets, runtime/template/v2).
func filledIn(t testing.TB, e plan.ExternalSecret, values map[string]string) map[string]string {
	t.Helper()
	if len(e.Templates) == 0 {
		return values
	}
	data, err := fillIn(e, values)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// fillIn executes the templates of an ExternalSecret as External Secrets does.
func fillIn(e plan.ExternalSecret, values map[string]string) (map[string]string, error) {
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	data := map[string]string{}
	for key, text := range e.Templates {
		parsed, err := template.New(key).Option("missingkey=error").Funcs(functions).Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w in\n%s", e.Name, err, text)
		}
		var out strings.Builder
		if err := parsed.Execute(&out, values); err != nil {
			return nil, fmt.Errorf("%s: %w in\n%s", e.Name, err, text)
		}
		data[key] = out.String()
	}
	return data, nil
}

// inStore returns the reference to the value of a field in these tests.
func inStore(field string) *v1alpha1.ExternalRef {
	return &v1alpha1.ExternalRef{Store: v1alpha1.StoreRef{Name: "vault"}, Key: field}
}

func secretData(p *plan.Plan) map[string]map[string]string {
	data := map[string]map[string]string{}
	for _, secret := range p.Secrets {
		data[secret.Name] = secret.Data
	}
	return data
}

// planWith is the plan of a configuration whose secrets are replaced.
func planWith(t testing.TB, spec string, replace func(string, *v1alpha1.SecretValue),
	replaceSetting func(string, *v1alpha1.SettingValue)) *plan.Plan {
	t.Helper()
	node, err := yaml.Parse("metadata: {name: chat, namespace: teams}\nspec:" + spec)
	if err != nil {
		t.Fatal(err)
	}
	config := &v1alpha1.MattermostConfig{}
	if _, problems := decode.Strict(node.YNode(), config); len(problems) > 0 {
		t.Fatal(problems)
	}
	v1alpha1.Each(config, func(field string, secret *v1alpha1.SecretValue) {
		if !slices.Contains(notSecret, field) {
			replace(field, secret)
		}
	})
	for section, keys := range config.Spec.Settings {
		for key, value := range keys {
			field := "spec.settings." + section + "." + key
			if group, ok := value.Value.(map[string]any); ok {
				for name := range group {
					var setting v1alpha1.SettingValue
					replaceSetting(field+"."+name, &setting)
					if group[name] = setting.Value; setting.ExternalSecret != nil {
						group[name] = setting.ExternalSecret
					}
				}
				continue
			}
			replaceSetting(field, &value)
			keys[key] = value
		}
	}
	config.SetDefaults()
	report := &result.Reporter{}
	p := plan.New(config, func(string) bool { return false }, secrets{}, report)
	for _, r := range report.Results {
		if r.Severity == result.Error {
			t.Fatal(r)
		}
	}
	return p
}

// secretFields are the paths of all fields of a type that take a secret.
func secretFields(of reflect.Type, path string) []string {
	switch of.Kind() {
	case reflect.Pointer:
		return secretFields(of.Elem(), path)
	case reflect.Slice:
		return secretFields(of.Elem(), path+"[]")
	case reflect.Struct:
		if of == reflect.TypeFor[v1alpha1.SecretValue]() {
			return []string{path}
		}
		if of.PkgPath() != reflect.TypeFor[v1alpha1.SecretValue]().PkgPath() {
			return nil
		}
		var fields []string
		for i := range of.NumField() {
			at := path
			if name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); name != "" {
				at += "." + name
			}
			fields = append(fields, secretFields(of.Field(i).Type, at)...)
		}
		return fields
	}
	return nil
}

// A value that would break the file of another program makes no Secret.
func TestTemplatesRefuseWhatBreaksAFile(t *testing.T) {
	for name, test := range map[string]struct {
		spec      string
		good, bad []string
	}{
		"MinIO": {withSecrets["MinIO"], []string{tame, "a", "a b"},
			[]string{"", "a\nexport MINIO_ROOT_USER=b", "a\n", "a\r", `a"`, "a'", `a\b`, "a$b", "a`b", "a#b"}},
		"Fluent Bit": {"\n  domain: example.com\n  logging: {fluentBit: {outputs: [{name: es, url: 'https://es', " +
			"username: u, password: x}]}}\n", []string{"a", "a$b$", "$$", "a$$b", `a"#'é`, strings.Repeat("a", 760)},
			[]string{"a\n[OUTPUT]", "a\n", "\r", "${A}", "a$${A}", "$\n", "a$$${", "@a", "{{a}}", "a: b", "a:", "a #b", "- a",
				" a", "a ", "a\u2028b", "a\xff", "a\x00b", "", strings.Repeat("a", 761)}},
	} {
		p := planWith(t, test.spec, func(field string, secret *v1alpha1.SecretValue) {
			*secret = v1alpha1.SecretValue{ExternalSecret: inStore(field)}
		}, func(string, *v1alpha1.SettingValue) {})
		filled := 0
		for _, e := range p.ExternalSecrets {
			if len(e.Templates) == 0 {
				continue
			}
			filled++
			for _, value := range append(test.good, test.bad...) {
				fetched := map[string]string{}
				for _, v := range e.Values {
					fetched[v.Name] = value
				}
				if _, err := fillIn(e, fetched); (err == nil) != slices.Contains(test.good, value) {
					t.Errorf("%s: with %q got %v", name, value, err)
				}
			}
		}
		if filled == 0 {
			t.Errorf("%s: no ExternalSecret has a template", name)
		}
	}
}
