// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/importer"
)

// importRendered imports what mattermost-fn renders for a configuration.
func importRendered(t *testing.T, file string) *importer.Result {
	t.Helper()
	config, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	input := []importer.File{{Name: "rendered.yaml", Data: render(t, config)}}
	imported, err := importer.Import(input, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return imported
}

// What only the objects next to the resource say is in the configuration.
func TestOwnObjects(t *testing.T) {
	for file, lines := range map[string][]string{
		"../../examples/enterprise/mattermost.yaml": {
			"mtls: STRICT", "authorizationPolicies: true", "egress: RegistryOnly", "scheme: https",
			"caFile: /etc/prom-certs/root-cert.pem", "alerts:", "dashboard:", "networkPolicies:",
		},
		"../../examples/load-balancer/mattermost.yaml": {"host: log.example.com", "port: 6514"},
		"testdata/roundtrip/network.yaml":              {"owner: chat@example.com", "host: rtcd-service.calls.svc"},
		"testdata/roundtrip/mesh.yaml":                 {"host: my-proxy.example.com", "protocol: HTTP", "form: configMap"},
		"testdata/roundtrip/mesh-without-entries.yaml": {"serviceEntries: false", "enabled: false"},
	} {
		config := string(importRendered(t, file).Config)
		for _, line := range lines {
			if !strings.Contains(config, " "+line) {
				t.Errorf("%s: the configuration lacks %q:\n%s", file, line, config)
			}
		}
		if strings.Contains(config, "helm.sh/resource-policy") {
			t.Errorf("%s: the configuration has annotations of mattermost-fn", file)
		}
	}
}

// The name of a policy has hyphens for all other characters of the host, so the host is a guess without a ServiceEntry.
func TestGuessedHost(t *testing.T) {
	hasGuess := func(file string) bool {
		return slices.ContainsFunc(importRendered(t, file).Report.ToDo, func(text string) bool {
			return strings.Contains(text, "spec.networkPolicies.allow[4].host is my.proxy.example.com")
		})
	}
	if !hasGuess("testdata/roundtrip/network.yaml") {
		t.Error("the report does not name the guess")
	}
	if hasGuess("testdata/roundtrip/mesh.yaml") {
		t.Error("the ServiceEntry names the host")
	}
}

// Where only some objects of the installation are in the input, what the others show is not taken as turned off.
func TestPartOfInstallation(t *testing.T) {
	config, err := os.ReadFile("../../examples/enterprise/mattermost.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, manifest := range strings.Split(string(render(t, config)), "\n---\n") {
		for _, kind := range []string{"Mattermost", "Secret", "ConfigMap", "Service"} {
			if strings.Contains("\n"+manifest, "\nkind: "+kind+"\n") {
				kept = append(kept, manifest)
			}
		}
	}
	input := []importer.File{{Name: "part.yaml", Data: []byte(strings.Join(kept, "\n---\n"))}}
	imported, err := importer.Import(input, importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(imported.Config), "fluentBit") {
		t.Errorf("the configuration changes Fluent Bit:\n%s", imported.Config)
	}
	if !slices.ContainsFunc(imported.Report.ToDo, func(text string) bool {
		return strings.HasPrefix(text, "if mattermost-fn emitted more than what is in the input")
	}) {
		t.Errorf("the report does not say that objects may be missing: %q", imported.Report.ToDo)
	}
}

// A certificate authority that a volume of the pods became is not left to do.
func TestDatabaseAuthorityIsKnown(t *testing.T) {
	imported := importRendered(t, "../../examples/external-services/mattermost.yaml")
	if !strings.Contains(string(imported.Config), "configMapKeyRef") {
		t.Error("the configuration has no certificate authority")
	}
	for _, text := range imported.Report.ToDo {
		if strings.Contains(text, "sslrootcert") {
			t.Error(text)
		}
	}
}

// The report names no field that is not in the configuration.
func TestReportNamesWrittenFields(t *testing.T) {
	for _, directory := range cases(t) {
		imported, err := importer.Import(readInputs(t, directory), importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(directory, func(t *testing.T) { checkFields(t, imported) })
	}
}
