// SPDX-License-Identifier: Apache-2.0

package examples

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

// configuration is a MattermostConfig with a spec.
func configuration(spec string) string {
	return `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: teams
  annotations:
    config.kubernetes.io/function: |
      exec: {path: mattermost-fn}
spec: ` + spec + "\n"
}

// withNames adds the Component that tells kustomize where names stand.
func withNames(t *testing.T, tree harness.Tree) harness.Tree {
	t.Helper()
	for file, text := range harness.ReadTree(t, filepath.Join(harness.Root(), "examples", "component", "names")) {
		tree["names/"+file] = text
	}
	return tree
}

// built are the objects of a kustomization, by kind and name.
func built(t *testing.T, tree harness.Tree) map[string]*unstructured.Unstructured {
	t.Helper()
	objects, err := conventions.Objects(harness.KustomizeBuild(t, tree.Lay(t)).MustSucceed(t).Stdout)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		all[object.GetKind()+" "+object.GetName()] = object
	}
	return all
}

// textOf is an object as YAML.
func textOf(t *testing.T, object *unstructured.Unstructured) string {
	t.Helper()
	if object == nil {
		t.Fatal("there is no such object")
	}
	text, err := yaml.Marshal(object.Object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A secretGenerator's Secret gets a hash in its name after the function ran: with the Component every reference gets it
// too, whether the function is a generator, which sees no Secret, or a transformer.
func TestSecretGenerator(t *testing.T) {
	for _, role := range []string{"generators", "transformers"} {
		t.Run(role, func(t *testing.T) {
			tree := harness.Tree{
				"mattermost.yaml": configuration(
					`{domain: bigbang.dev, database: {host: db.example.com, password: {secretKeyRef: {name: db, key: password}}},
  sso: {enabled: true, issuerURL: "https://login.dso.mil/auth/realms/baby-yoda", clientID: chat,
    clientSecret: {secretKeyRef: {name: sso, key: secret}}}}`),
				"kustomization.yaml": "components: [names]\n" + role + `: [mattermost.yaml]
secretGenerator:
- {name: db, namespace: teams, literals: ["password=p@ss w/rd+"]}
- {name: sso, namespace: teams, literals: [secret=hunter2]}
`,
			}
			objects := built(t, withNames(t, tree))
			text := textOf(t, objects["Mattermost chat"])
			// The server and the container that waits for the database read db; only the server reads sso.
			for name, references := range map[string]int{"db": 2, "sso": 1} {
				hashed := ""
				for id := range objects {
					if regexp.MustCompile(`^Secret ` + name + `-[a-z0-9]{10}$`).MatchString(id) {
						hashed = strings.TrimPrefix(id, "Secret ")
					}
				}
				if hashed == "" {
					t.Fatalf("no Secret %s with a hash among %v", name, objects)
				}
				if got := strings.Count(text, "name: "+hashed+"\n"); got != references {
					t.Errorf("the Mattermost reads %s %d times, want %d:\n%s", hashed, got, references, text)
				}
			}
		})
	}
}

// A namePrefix after generation reaches the Secrets that External Secrets makes, and everything that reads them.
func TestExternalSecretsAreRenamed(t *testing.T) {
	tree := harness.Tree{
		"mattermost.yaml": configuration(
			`{domain: bigbang.dev, database: {inCluster: {engine: statefulset, generatePassword: true}},
			  objectStorage: {inCluster: {engine: minio, generateKeys: true}},
  sso: {enabled: true, issuerURL: "https://login.dso.mil/auth/realms/baby-yoda", clientID: chat,
    clientSecret: {externalSecret: {store: {name: vault}, key: chat}}},
  enterprise: {enabled: true, license: {externalSecret: {store: {name: vault}, key: license}}}}`),
		"kustomization.yaml": "namePrefix: dev-\ncomponents: [names]\ngenerators: [mattermost.yaml]\n",
	}
	objects := built(t, withNames(t, tree))
	for _, secret := range []string{"dev-chat-database", "dev-chat-object-storage", "dev-chat-sso", "dev-chat-license"} {
		external := objects["ExternalSecret "+secret]
		if external == nil {
			t.Errorf("there is no ExternalSecret %s", secret)
			continue
		}
		if target, _, _ := unstructured.NestedString(external.Object, "spec", "target", "name"); target != secret {
			t.Errorf("ExternalSecret %s makes Secret %s", secret, target)
		}
	}
	for id, names := range map[string][]string{
		"Mattermost dev-chat": {"secret: dev-chat-database", "secret: dev-chat-object-storage",
			"licenseSecret: dev-chat-license", "name: dev-chat-sso", "name: dev-chat-license"},
		"StatefulSet dev-chat-db":          {"name: dev-chat-database"},
		"Tenant dev-chat-files":            {"name: dev-chat-object-storage"},
		"ExternalSecret dev-chat-sso":      {"name: vault"},
		"ExternalSecret dev-chat-database": {"kind: Password\n        name: dev-chat-database"},
	} {
		text := textOf(t, objects[id])
		for _, name := range names {
			if !strings.Contains(text, name+"\n") {
				t.Errorf("%s does not hold %q:\n%s", id, name, text)
			}
		}
		if regexp.MustCompile(`(?m)(secret|Secret|name): chat-(database|object-storage|sso|license)$`).MatchString(text) {
			t.Errorf("%s still names a Secret without the prefix:\n%s", id, text)
		}
	}
}

// A Secret may be one of ours or one that External Secrets makes: what follows the name of the one follows the other's.
func TestReferencesFollowExternalSecretsToo(t *testing.T) {
	var references struct {
		NameReference []struct {
			Kind       string
			FieldSpecs []struct{ Group, Kind, Path string }
		}
	}
	readYAML(t, filepath.Join(harness.Root(), "examples", "component", "names", "namereference.yaml"), &references)
	of := map[string]map[string]bool{}
	for _, reference := range references.NameReference {
		of[reference.Kind] = map[string]bool{}
		for _, spec := range reference.FieldSpecs {
			of[reference.Kind][spec.Group+" "+spec.Kind+" "+spec.Path] = true
		}
	}
	if len(of["Secret"]) < 10 {
		t.Fatalf("the Secrets' references are %v", of["Secret"])
	}
	for path := range of["Secret"] {
		if !of["ExternalSecret"][path] {
			t.Errorf("%s follows a Secret and no ExternalSecret", path)
		}
	}
}

// No Secret or ExternalSecret that the function makes for an example, and no other object, has a connection string with
// a credential in it.
func TestNoCredentialInAConnection(t *testing.T) {
	credential := regexp.MustCompile(`postgres(ql)?://[^/\s]*@`)
	for _, example := range harness.Examples(t) {
		text, err := os.ReadFile(example.Expected())
		if err != nil {
			t.Fatal(err)
		}
		objects, err := conventions.Objects(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range objects {
			if !conventions.Owned(object) {
				continue
			}
			data, _, _ := unstructured.NestedStringMap(object.Object, "data")
			for key, encoded := range data {
				if decoded, err := base64.StdEncoding.DecodeString(encoded); err == nil && credential.Match(decoded) {
					t.Errorf("%v: key %s of %s %s is a connection with a credential", example, key, object.GetKind(), object.GetName())
				}
			}
			if credential.MatchString(textOf(t, object)) {
				t.Errorf("%v: %s %s has a connection with a credential", example, object.GetKind(), object.GetName())
			}
		}
	}
}
