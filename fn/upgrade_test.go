// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"encoding/base64"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// testdata/upgrade contains the output of commit 24cefdc for each form of database credentials, which it put into
// connection strings. A run on this output removes and renames no Secret and no ExternalSecret, the servers keep their
// password, and they read only existing keys of a Secret that External Secrets made immutable.
func TestUpgradeKeepsPasswords(t *testing.T) {
	files, err := filepath.Glob("testdata/upgrade/*.yaml")
	if err != nil || len(files) != 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := run(string(before))
			if r.exit != 0 || strings.Contains(r.errors, "removed") {
				t.Fatalf("exit %d, got %s", r.exit, r.errors)
			}
			earlier, now := readSecrets(t, string(before)), readSecrets(t, r.out)
			for id := range earlier {
				if _, kept := now[id]; !kept {
					t.Errorf("%s was removed", id)
				}
			}
			if got, want := passwordOf(t, r.out, now), earlierPassword(t, string(before), earlier); got != want {
				t.Errorf("the servers use the password %s, want %s as before", got, want)
			}
			for id, secret := range earlier {
				key, reads := strings.CutPrefix(environment(t, r.out)["PGPASSWORD"], strings.TrimPrefix(id, "ExternalSecret ")+"/")
				if reads && secret.immutable && secret.data[key] == "" {
					t.Errorf("the servers read %s of %s, which is immutable and has only the keys %v", key, id,
						slices.Sorted(maps.Keys(secret.data)))
				}
				if secret.source != now[id].source {
					t.Errorf("%s gets its values from\n%s\nwant, as before\n%s", id, now[id].source, secret.source)
				}
			}
			again := run(r.out)
			equal(t, "the second run's output", again.out, r.out)
		})
	}
}

// secretObject is a Secret or an ExternalSecret.
type secretObject struct {
	data      map[string]string // decoded, or the templates
	source    string            // the source of an ExternalSecret's values
	immutable bool
}

// readSecrets returns the Secrets and ExternalSecrets of a ResourceList by kind and name.
func readSecrets(t *testing.T, list string) map[string]secretObject {
	t.Helper()
	secrets := map[string]secretObject{}
	for _, text := range items(t, list) {
		var object struct {
			Kind       string
			Metadata   struct{ Name string }
			Data       map[string]string
			StringData map[string]string `yaml:"stringData"`
			Spec       struct {
				Data          any
				DataFrom      any    `yaml:"dataFrom"`
				RefreshPolicy string `yaml:"refreshPolicy"`
				Target        struct {
					Immutable bool
					Template  struct{ Data map[string]string }
				}
			}
		}
		if !strings.Contains(text, "kind: Secret\n") && !strings.Contains(text, "kind: ExternalSecret\n") {
			continue
		}
		if err := yaml.Unmarshal([]byte(text), &object); err != nil {
			t.Fatal(err)
		}
		read := secretObject{data: map[string]string{}, immutable: object.Spec.Target.Immutable}
		for key, encoded := range object.Data {
			value, err := base64.StdEncoding.DecodeString(encoded)
			if err != nil {
				t.Fatal(err)
			}
			read.data[key] = string(value)
		}
		maps.Copy(read.data, object.StringData)
		maps.Copy(read.data, object.Spec.Target.Template.Data)
		source, err := yaml.Marshal([]any{object.Spec.Data, object.Spec.DataFrom, object.Spec.RefreshPolicy})
		if err != nil {
			t.Fatal(err)
		}
		read.source = string(source)
		secrets[object.Kind+" "+object.Metadata.Name] = read
	}
	return secrets
}

// passwordOf returns the value of PGPASSWORD: a password, its template, or the reference if another program creates the
// Secret.
func passwordOf(t *testing.T, list string, secrets map[string]secretObject) string {
	t.Helper()
	reference := environment(t, list)["PGPASSWORD"]
	name, key, _ := strings.Cut(reference, "/")
	for _, kind := range []string{"Secret ", "ExternalSecret "} {
		if secret, ok := secrets[kind+name]; ok {
			return secret.data[key]
		}
	}
	return reference
}

// earlierPassword returns the password in the connection string of MM_CONFIG, in the same form.
func earlierPassword(t *testing.T, list string, secrets map[string]secretObject) string {
	t.Helper()
	if reference := environment(t, list)["MM_CONFIG"]; reference == "chat-db-app/uri" {
		return "chat-db-app/password" // CloudNativePG writes the same password under both keys
	}
	for _, kind := range []string{"Secret ", "ExternalSecret "} {
		secret, ok := secrets[kind+"chat-database"]
		if !ok {
			continue
		}
		connection := secret.data["DB_CONNECTION_STRING"]
		if strings.Contains(connection, "{{ .password |") {
			return "{{ .password }}"
		}
		u, err := url.Parse(connection)
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		return password
	}
	return ""
}
