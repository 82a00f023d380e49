// SPDX-License-Identifier: Apache-2.0

// Package serverconfig holds the environment of the server's pods against the configuration code of the Mattermost
// server itself (server/public v0.4.0, of 11.8).
package serverconfig

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
	"bigbang.dev/mattermost-fn/e2e/kubelet"
	"bigbang.dev/mattermost-fn/e2e/operator"
)

// fromElsewhere replaces a value of a Secret that is not in the output. It is long enough for a key or a salt.
const fromElsewhere = "a-value-of-a-secret-that-is-not-in-the-output"

// An answer is what the server's code makes of an environment.
type answer struct {
	Error            string
	Applied, Ignored []string
}

// ask asks the server's code, in a program of its own.
func ask(t *testing.T, environments []map[string]string) []answer {
	t.Helper()
	program := filepath.Join(harness.Bin(), "serverconfig")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, ".")
	build.Dir = filepath.Join(harness.Root(), "e2e", "serverconfig", "server")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build, err, output)
	}
	input, err := json.Marshal(environments)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program)
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	if err := json.Unmarshal(output, &answers); err != nil || len(answers) != len(environments) {
		t.Fatalf("%v: %s", err, output)
	}
	return answers
}

// otherwise are configurations that this code refuses or cannot read, and why they are good all the same.
var otherwise = map[string]string{
	"examples/load-balancer":                "azureblob is a driver since 11.9",
	"MM013/good-azure-identity.yaml":        "azureblob is a driver since 11.9",
	"MM013/good-azure.yaml":                 "azureblob is a driver since 11.9",
	"MM024/good-inside-values.yaml":         "the log targets are in a Secret",
	"MM034/good-azure.yaml":                 "azureblob is a driver since 11.9",
	"MM034/good-variables.yaml":             "azureblob is a driver since 11.9",
	"MM036/good-azure.yaml":                 "azureblob is a driver since 11.9",
	"MM036/good-allowed.yaml":               "azureblob is a driver since 11.9",
	"MM038/good-allowed-before-11.yaml":     "is for 10.x",
	"MM039/good-dollar-signs.yaml":          "the number is in another variable",
	"MM039/good-removed-later.yaml":         "is for 10.x",
	"MM040/good-values-of-the-cluster.yaml": "the e-mail address is in a Secret",
}

// TestConfigurations asks about every example, and about every configuration that the tests of the rules call good.
func TestConfigurations(t *testing.T) {
	outputs := map[string]string{}
	for _, example := range harness.Examples(t) {
		text, err := os.ReadFile(example.Expected())
		if err != nil {
			t.Fatal(err)
		}
		outputs["examples/"+example.Name] = string(text)
	}
	files, err := filepath.Glob(filepath.Join(harness.Root(), "internal", "rules", "testdata", "MM*", "good*.yaml"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d good configurations: %v", len(files), err)
	}
	for _, file := range files {
		if filepath.Base(filepath.Dir(file)) == "MM070" { // output, without a configuration
			continue
		}
		run := harness.Command{}.Run(t, harness.MattermostFn(t), "render", file)
		outputs[filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file))] = run.MustSucceed(t).Stdout
	}
	var names []string
	var environments []map[string]string
	for name, output := range outputs {
		objects, err := conventions.Objects(output)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, env := range servers(t, objects) {
			names = append(names, name)
			environments = append(environments, env)
		}
	}
	if len(environments) < len(files) {
		t.Errorf("only %d servers in %d outputs", len(environments), len(outputs))
	}
	applied := map[string]bool{}
	for i, answer := range ask(t, environments) {
		fine := answer.Error == ""
		for _, variable := range answer.Ignored {
			fine = fine && environments[i][variable] == fromElsewhere
		}
		if why := otherwise[names[i]]; fine != (why == "") {
			t.Errorf("%s: the server says %q and cannot read %v; expected otherwise: %q",
				names[i], answer.Error, answer.Ignored, why)
		}
		for _, variable := range answer.Applied {
			applied[variable] = true
		}
	}
	if len(applied) < 150 {
		t.Errorf("only %d settings were set", len(applied))
	}
	t.Logf("%d servers, %d settings", len(environments), len(applied))
}

// TestAsk shows that the code refuses and ignores, so that the other test shows something.
func TestAsk(t *testing.T) {
	answers := ask(t, []map[string]string{
		{}, {"MM_SERVICESETTINGS_LISTENADDRESS": "8065"}, {"MM_SERVICESETTINGS_READTIMEOUT": "soon"},
	})
	if answers[0].Error != "" || !strings.Contains(answers[1].Error, "listen_address") ||
		!slices.Equal(answers[2].Ignored, []string{"MM_SERVICESETTINGS_READTIMEOUT"}) {
		t.Errorf("got %+v", answers)
	}
}

// servers are the environments of the servers that the operator makes of the objects.
func servers(t *testing.T, objects []*unstructured.Unstructured) (environments []map[string]string) {
	t.Helper()
	secrets := map[string]map[string][]byte{}
	for _, object := range objects {
		if object.GetKind() == "Secret" {
			secrets[object.GetName()] = dataOf(t, object)
		}
	}
	find := func(name string) (map[string][]byte, bool) {
		data, exists := secrets[name]
		return data, exists
	}
	for _, object := range objects {
		if object.GetKind() != "Mattermost" {
			continue
		}
		installation, err := operator.Read(object)
		if err != nil {
			t.Fatal(err)
		}
		deployment, err := installation.Deployment(find)
		if err != nil {
			t.Fatal(err)
		}
		env := map[string]string{}
		for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
			env[variable.Name] = valueOf(variable, env, secrets)
		}
		environments = append(environments, env)
	}
	return environments
}

func valueOf(variable corev1.EnvVar, env map[string]string, secrets map[string]map[string][]byte) string {
	if variable.ValueFrom == nil {
		return kubelet.Expand(variable.Value, env)
	}
	if ref := variable.ValueFrom.SecretKeyRef; ref != nil {
		if value, ok := secrets[ref.Name][ref.Key]; ok {
			return string(value)
		}
	}
	return fromElsewhere
}

func dataOf(t *testing.T, secret *unstructured.Unstructured) map[string][]byte {
	t.Helper()
	data := map[string][]byte{}
	encoded, _, err := unstructured.NestedStringMap(secret.Object, "data")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range encoded {
		if data[key], err = base64.StdEncoding.DecodeString(text); err != nil {
			t.Fatalf("Secret %s: %v", secret.GetName(), err)
		}
	}
	plain, _, err := unstructured.NestedStringMap(secret.Object, "stringData")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range plain {
		data[key] = []byte(text)
	}
	return data
}
