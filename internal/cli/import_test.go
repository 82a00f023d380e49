// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const umbrellaValues = `domain: example.com
addons:
  mattermost:
    enabled: true
    enterprise:
      enabled: true
      license: CanaryPa55
`

// a resource that needs nothing of anyone.
const cleanResource = `apiVersion: installation.mattermost.com/v1beta1
kind: Mattermost
metadata: {name: chat, namespace: teams}
spec:
  version: 11.10.0
  replicas: 1
  ingress: {enabled: true, host: chat.example.com, ingressClass: traefik, tlsSecret: chat-tls}
  database: {external: {secret: chat-db}}
  fileStore: {external: {url: s3.eu-central-1.amazonaws.com, bucket: chat, secret: chat-s3}}
`

// Exit code 0: all accounted for; 3: something is left to do; 1: not recognized. The configuration is on standard
// output, the report on standard error.
func TestImportExitCodes(t *testing.T) {
	lay(t, map[string]string{"values.yaml": umbrellaValues, "resource.yaml": cleanResource, "other.yaml": "foo: 1\n",
		"more/values.yaml": umbrellaValues})
	for _, test := range []struct {
		args   string
		exit   int
		config bool
		report string
	}{
		{"import resource.yaml", 0, true, "Recognized: Mattermost resource (v1beta1).\n"},
		{"import values.yaml", 3, true, "Recognized: Big Bang umbrella values.\n"},
		{"import more", 3, true, "Recognized: Big Bang umbrella values.\n"},
		{"import other.yaml", 1, false, "error: other.yaml:1: not recognized: "},
		{"import no-such-file.yaml", 1, false, "error: open no-such-file.yaml: no such file or directory\n"},
		{"import", 2, false, "error: a file or directory is required; - is standard input\n"},
		{"import --output xml values.yaml", 2, false, `error: unknown output format "xml" (want text or json)`},
	} {
		t.Run(test.args, func(t *testing.T) {
			r := run("", strings.Fields(test.args)...)
			if r.exit != test.exit || (r.out != "") != test.config || !strings.HasPrefix(r.errors, test.report) {
				t.Errorf("exit code %d, want %d; wrote %q and %q", r.exit, test.exit, r.out, r.errors)
			}
		})
	}
}

// Standard input is read, and name and namespace of the installation can be given.
func TestImportNames(t *testing.T) {
	r := run(umbrellaValues, "import", "--name", "talk", "--namespace", "teams", "-")
	for _, want := range []string{"  name: talk\n  namespace: teams\n", "name: talk-license-file"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("the configuration lacks %q:\n%s", want, r.out)
		}
	}
}

// A plain secret is only in the file of --secrets, which only its owner can read; the file must be new. Configuration
// and Secrets together are valid.
func TestImportSecrets(t *testing.T) {
	lay(t, map[string]string{"values.yaml": umbrellaValues})
	for _, format := range []string{"text", "json"} {
		r := run("", "import", "--secrets", format+".yaml", "--output", format, "values.yaml")
		if leaks(r.out) != "" || leaks(r.errors) != "" {
			t.Errorf("%s: the output contains a secret", format)
		}
		info, err := os.Stat(format + ".yaml")
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatal(info, err)
		}
		manifest, err := os.ReadFile(format + ".yaml")
		if err != nil || leaks(string(manifest)) == "" {
			t.Error("the file lacks the secret", err)
		}
	}
	r := run("", "import", "--secrets", "text.yaml", "values.yaml")
	if r.exit != 1 || r.out != "" || r.errors != "error: --secrets text.yaml: the file exists; remove it, or name "+
		"another one\n" {
		t.Errorf("exit code %d, wrote %q and %q", r.exit, r.out, r.errors)
	}
	r = run("", "import", "values.yaml")
	if !strings.Contains(r.errors, `mattermost-license-file, key "license": create it with the value of `+
		"addons.mattermost.enterprise.license (values.yaml:7), or use --secrets FILE") {
		t.Errorf("the report does not say where the secret is:\n%s", r.errors)
	}
}

// The report as JSON has everything that the text has.
func TestImportJSON(t *testing.T) {
	r := run(umbrellaValues, "import", "--output", "json", "-")
	var report struct {
		Sources []string
		Keys    []struct {
			Key, File, Class string
			Line             int
			Fields           []string
		}
		Secrets []struct{ Name, State string }
		ToDo    []string
		Changes []string
	}
	if err := json.Unmarshal([]byte(r.errors), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Keys) != 4 || report.Keys[0].Key != "domain" || report.Keys[0].Line != 1 ||
		report.Keys[0].Class != "translated" || report.Keys[0].Fields[0] != "spec.domain" || len(report.ToDo) == 0 ||
		len(report.Changes) == 0 || len(report.Sources) != 1 || report.Secrets[0].State != "missing" {
		t.Errorf("got %+v", report)
	}
}

// What mattermost-fn check says about the result is in the report.
func TestImportChecks(t *testing.T) {
	r := run("addons: {mattermost: {enabled: true}}\n", "import", "-")
	if !strings.Contains(r.errors, "mattermost-fn check: spec.") || r.exit != 3 {
		t.Errorf("exit code %d, wrote %s", r.exit, r.errors)
	}
}

// An object of mattermost-fn that the configuration does not give is not translated, and all others are given again.
func TestImportComparesOutput(t *testing.T) {
	example, err := os.ReadFile("../../examples/enterprise/mattermost.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lay(t, map[string]string{"mattermost.yaml": string(example)})
	rendered := run("", "render", "mattermost.yaml")
	if rendered.exit != 0 {
		t.Fatal(rendered.errors)
	}
	left := `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: mattermost-of-earlier-days
  namespace: mattermost
  labels: {app.kubernetes.io/managed-by: mattermost-fn}
  annotations: {mattermost.bigbang.dev/owner: mattermost/mattermost}
`
	if r := run(rendered.out, "import", "-"); !strings.Contains(r.errors, " 0 not translated.") {
		t.Error(r.errors)
	}
	r := run(rendered.out+"---\n"+left, "import", "-")
	if !strings.Contains(r.errors, " 1 not translated.") ||
		!strings.Contains(r.errors, "a tool that prunes deletes it:\n      -:") ||
		!strings.Contains(r.errors, " NetworkPolicy/mattermost-of-earlier-days\n\nTo do:") {
		t.Error(r.errors)
	}
}
