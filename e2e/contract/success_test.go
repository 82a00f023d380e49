// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/base64"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"bigbang.dev/mattermost-fn/e2e/conventions"
	"bigbang.dev/mattermost-fn/e2e/harness"
)

var plain = configuration("{domain: bigbang.dev}")

// Point 3: whatever the role, the same objects. (The examples' tests compare the bytes of three more ways.)
func TestEveryHostGetsTheSameObjects(t *testing.T) {
	want := owned(t, harness.KustomizeBuild(t, packageWith(t, plain).Lay(t)).MustSucceed(t).Stdout)
	if len(want) == 0 {
		t.Fatal("nothing was generated")
	}
	for _, host := range hosts {
		t.Run(host.name, func(t *testing.T) {
			dir := packageWith(t, plain).Lay(t)
			text := host.call(t, dir).MustSucceed(t).Stdout
			if strings.HasPrefix(host.name, "kpt") {
				text = harness.ReadTree(t, dir).YAML()
			}
			if diff := cmp.Diff(want, owned(t, text)); diff != "" {
				t.Errorf("- kustomize generator, + %s:\n%s", host.name, diff)
			}
		})
	}
}

// owned returns the objects of a text with ownership metadata by name, without the annotations of hosts and without the
// file of the configuration, which only kpt has.
func owned(t *testing.T, text string) map[string]string {
	t.Helper()
	objects, err := conventions.Objects(text)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]string{}
	for _, object := range objects {
		if !conventions.Owned(object) {
			continue
		}
		annotations := object.GetAnnotations()
		delete(annotations, "mattermost.bigbang.dev/configuration")
		object.SetAnnotations(annotations)
		content, err := yaml.Marshal(object.Object)
		if err != nil {
			t.Fatal(err)
		}
		byName[object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName()] = string(content)
	}
	return byName
}

// Point 4: what is not ours goes through untouched: the Kptfile, a kustomization.yaml without any metadata, the
// configuration itself, the user's objects with their comments.
func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	for _, host := range hosts[:2] {
		t.Run(host.name, func(t *testing.T) {
			tree := packageWith(t, plain)
			dir := tree.Lay(t)
			host.call(t, dir).MustSucceed(t)
			after := harness.ReadTree(t, dir)
			added := 0
			for name := range after {
				if _, ours := tree[name]; !ours {
					delete(after, name)
					added++
				}
			}
			after.MustEqual(t, tree)
			if added == 0 {
				t.Error("nothing was added")
			}
		})
	}
}

func TestItemsWithoutMetadataComeThrough(t *testing.T) {
	items := []string{
		"{resources: [team.yaml]}",
		"{apiVersion: v1, kind: ConfigMap}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: 7}}",
		"{a: {b: [null, {c: null}]}}",
		"{}",
		plain,
	}
	run := harness.Command{Stdin: resourceList(t, plain, items...)}.Run(t, harness.MattermostFn(t)).MustSucceed(t)
	got := itemsOf(t, run.Stdout)
	if len(got) <= len(items) {
		t.Fatalf("%d items came out of %d:\n%s", len(got), len(items), run.Stdout)
	}
	if diff := cmp.Diff(decoded(t, items...), got[:len(items)]); diff != "" {
		t.Errorf("items changed (- in, + out):\n%s", diff)
	}
}

// Where there is no configuration at all, everything stays as it is: for a host, an empty list of items means that all
// of them are to be deleted.
func TestNothingToDoDeletesNothing(t *testing.T) {
	trigger := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " +
		"run\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: mattermost-fn}\n"
	t.Run("kpt", func(t *testing.T) {
		tree := packageWith(t, "")
		delete(tree, "mattermost.yaml")
		tree["Kptfile"] = strings.ReplaceAll(tree["Kptfile"], "      configPath: mattermost.yaml\n", "")
		dir := tree.Lay(t)
		harness.MattermostFn(t)
		harness.Command{}.Run(t, harness.Kpt(t), "fn", "eval", dir, "--exec", "mattermost-fn").MustSucceed(t)
		kptRender(t, dir, t.TempDir()).MustSucceed(t)
		harness.ReadTree(t, dir).MustEqual(t, tree)
	})
	t.Run("kustomize", func(t *testing.T) {
		tree := harness.Tree{"kustomization.yaml": "resources: [team.yaml]\n",
			"team.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: team\n", "run.yaml": trigger}
		want := harness.KustomizeBuild(t, tree.Lay(t)).MustSucceed(t).Stdout
		tree["kustomization.yaml"] += "transformers: [run.yaml]\n"
		if got := harness.KustomizeBuild(t, tree.Lay(t)).MustSucceed(t).Stdout; got != want {
			t.Errorf("built\n%s\nwant\n%s", got, want)
		}
	})
}

// kustomize's validators fail for every function that returns its items, since kustomize itself annotates them.
// Returning none would pass there, and delete everything wherever else the same configuration is listed.
func TestAValidatorFailsAndDeletesNothing(t *testing.T) {
	for name, resources := range map[string]string{"good": plain,
		"wrong": configuration("{domain: bigbang.dev, replica: 2}")} {
		tree := harness.Tree{"kustomization.yaml": "resources: [team.yaml]\nvalidators: [c.yaml]\n",
			"team.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: team\n", "c.yaml": resources}
		if run := harness.KustomizeBuild(t, tree.Lay(t)).MustFail(t); run.Stdout != "" {
			t.Errorf("%s: something came out:\n%s", name, run.Stdout)
		}
	}
}

// A transformer reads what a secretGenerator of the same kustomization made; what is encrypted is not read, and stays.
func TestSecretsOfGenerators(t *testing.T) {
	config := configuration("{domain: bigbang.dev, database: {host: db.example.com, password: {secretKeyRef: {name: " +
		"db, key: password}}}}")
	const sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\n  namespace: " +
		"mattermost\nspec:\n  encryptedData:\n    password: AgBy8hCM8\n"
	generated := harness.Tree{
		"kustomization.yaml": "secretGenerator:\n- {name: db, namespace: mattermost, literals: " +
			"[password=canary/generated]}\nresources: [sealed.yaml]\ntransformers: [c.yaml]\n",
		"sealed.yaml": sealed, "c.yaml": config,
	}
	built := harness.KustomizeBuild(t, generated.Lay(t)).MustSucceed(t).Stdout
	objects, err := conventions.Objects(built)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, object := range objects {
		switch name := object.GetKind() + " " + object.GetName(); {
		case strings.HasPrefix(name, "Secret db-"):
			found["theirs, with its hash"] = true
		case name == "Secret mattermost-database":
			data, _ := object.Object["data"].(map[string]any)
			text, _ := data["DB_CONNECTION_STRING"].(string)
			connection, err := base64.StdEncoding.DecodeString(text)
			if err != nil || string(connection) != "postgres://db.example.com:5432/mattermost?sslmode=require" {
				t.Errorf("the connection is %q, %v", connection, err)
			}
			found["ours"] = true
		case name == "SealedSecret db":
			content, err := yaml.Marshal(object.Object)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decoded(t, sealed), decoded(t, string(content))); diff != "" {
				t.Errorf("the sealed one changed:\n%s", diff)
			}
			found["the sealed one"] = true
		}
	}
	if len(found) != 3 {
		t.Errorf("there are only %v in\n%s", found, built)
	}

	// Without the generator only the sealed one is there. A reference to its Secret needs nothing more.
	generated["kustomization.yaml"] = "resources: [sealed.yaml]\ntransformers: [c.yaml]\n"
	harness.KustomizeBuild(t, generated.Lay(t)).MustSucceed(t)
}

// Point 5: no network, no files, no environment, no clock, and no working directory.
func TestEnvironmentDoesNotMatter(t *testing.T) {
	stdin := resourceList(t, plain, plain)
	want := harness.Command{Stdin: stdin}.Run(t, harness.MattermostFn(t)).MustSucceed(t)
	for name, command := range map[string]harness.Command{
		"the same again":        {},
		"no environment at all": {Env: []string{}},
		"another environment": {Env: []string{"TZ=Asia/Tokyo", "LANG=tr_TR.UTF-8", "HOME=/nonexistent", "NAMESPACE=other",
			"MM_CONFIG=x"}},
		"another directory": {Dir: t.TempDir()},
		"hosts' variables": {Env: []string{"LOG_TO_STDERR=true", "STRUCTURED_RESULTS=true",
			"KUSTOMIZE_PLUGIN_CONFIG_STRING=x"}},
	} {
		t.Run(name, func(t *testing.T) {
			command.Stdin = stdin
			got := command.Run(t, harness.MattermostFn(t)).MustSucceed(t)
			if diff := cmp.Diff(want.Stdout, got.Stdout); diff != "" {
				t.Errorf("standard output:\n%s", diff)
			}
			if diff := cmp.Diff(want.Stderr, got.Stderr); diff != "" {
				t.Errorf("standard error:\n%s", diff)
			}
		})
	}
}

// Point 6, through the role in which nothing is added by the host afterwards.
func TestOutputFollowsTheConventions(t *testing.T) {
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			dir := harness.Tree{"mattermost.yaml": configuration(spec)}.Lay(t)
			run := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), "render", "mattermost.yaml").MustSucceed(t)
			for _, fault := range conventions.Check(run.Stdout) {
				t.Error(fault)
			}
		})
	}
}

// The configuration is for tools. kustomize drops it from what it builds, whether it is marked local or not; so does
// render.
func TestTheConfigurationItselfIsNotForTheCluster(t *testing.T) {
	unmarked := strings.ReplaceAll(plain, "    config.kubernetes.io/local-config: \"true\"\n", "")
	dir := harness.Tree{"mattermost.yaml": unmarked, "kustomization.yaml": "generators: [mattermost.yaml]\n"}.Lay(t)
	for name, run := range map[string]harness.Run{
		"kustomize": harness.KustomizeBuild(t, dir),
		"render":    harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), "render", "mattermost.yaml"),
	} {
		if strings.Contains(run.MustSucceed(t).Stdout, "kind: MattermostConfig") {
			t.Errorf("%s prints it:\n%s", name, run.Stdout)
		}
	}
}

// specs are configurations that between them reach most of what can be emitted.
var specs = map[string]string{
	"smallest": "{domain: bigbang.dev}",
	"services outside": `
  domain: bigbang.dev
  enterprise: {enabled: true, license: ` + canary("enterprise.license") + `}
  replicas: 2
  monitoring: {enabled: true}
  database: {host: db.example.com, password: ` + canary("database.password") + `}
  objectStorage:
    endpoint: https://s3.example.com
    bucket: files
    accessKey: ` + canary("objectStorage.accessKey") + `
    accessSecret: ` + canary("objectStorage.accessSecret") + `
  elasticsearch: {enabled: true, username: elastic, password: ` + canary("elasticsearch.password") + `}
  sso:
    enabled: true
    clientID: chat
    clientSecret: ` + canary("sso.clientSecret") + `
    issuerURL: https://login.example.com/realms/a
  logging:
    fluentBit:
      outputs:
        - {name: es, url: "https://es.example.com:9200", username: elastic, password: ` +
		canary("logging.fluentBit.outputs.password") + `}`,
	"everything in the cluster": `
  domain: bigbang.dev
  profile: community
  route: {gateways: [gateway/public]}
  networkPolicies: {enabled: true}
  namespace: {create: true}
  database: {inCluster: {engine: statefulset, password: ` + canary("database.inCluster.password") + `}}
  objectStorage:
    inCluster:
      engine: minio
      accessKey: ` + canary("objectStorage.inCluster.accessKey") + `
      accessSecret: ` + canary("objectStorage.inCluster.accessSecret"),
}

// canary is a secret value as YAML takes it.
func canary(field string) string { return strconv.Quote(canaries[field]) }

// license is well-formed and signed with a key that no server knows.
const license = "eyJjdXN0b21lciI6eyJjb21wYW55IjoiRXhhbXBsZSIsImVtYWlsIjoic29t" +
	"ZWJvZHlAZXhhbXBsZS5jb20iLCJpZCI6ImN1c3RvbWVyLWlkIiwi" +
	"bmFtZSI6IkV4YW1wbGUifSwiZXhwaXJlc19hdCI6MTgxNDMxMzYwMDAwMCwiZmVhdHVyZXMiOnsidXNlcnMiOjUwMH0sImlkIjoiZXhhbXBsZS1l" +
	"bnRlcnByaXNlIiwiaXNzdWVkX2F0IjoxLCJza3VfbmFtZSI6ImVudGVycHJpc2UiLCJza3Vfc2hvcnRfbmFtZSI6ImVudGVycHJpc2UiLCJzdGFy" +
	"dHNfYXQiOjF9mVxgowO87Mr3knrhCw/cF/UDfgpfLP2ouhqbRBaGBK+W6znX1oelNADpppTePV32lA9bWjTN9WHl691iBm0hiZaTFhOWZslcAPQn" +
	"53aKvyu9kEaffyw696FRimhTCVP3It0kEpemVFdA/d2TXd53Vpy3yVKNv9HNePGrKcaSSjewEe/ZMYK7+ssfDxrYXJ8RVX2+4f8iRHrOpHV4duFj" +
	"PyrP/15UIRTlvCLzUQat0jhW7jiKDlBpKqEiJBRNc3gQjes4bz5fzLvXHZ33G40gMUiwvKbiAVJ+rYVyIFRxa2wXRKAObbAjiOVKUfqhSJOtZZVc" +
	"uEhh/3fzj7XIul6NtA=="

// canaries are secret values, by the field that they are given in. They need escaping in a URL.
var canaries = map[string]string{
	"enterprise.license":                   license,
	"database.password":                    "canary+database/%21",
	"objectStorage.accessKey":              "canaryACCESSKEY",
	"objectStorage.accessSecret":           "canary/access+secret",
	"elasticsearch.password":               "canary&elastic=1",
	"sso.clientSecret":                     "canary-client-secret",
	"database.inCluster.password":          "canary?in/cluster",
	"objectStorage.inCluster.accessKey":    "canaryINCLUSTERKEY",
	"objectStorage.inCluster.accessSecret": "canary/in+cluster+secret",
	"logging.fluentBit.outputs.password":   "canary:logs",
	"the package's Secret team-token":      "cafebabe",
}

// Secret values appear in Secrets only.
func TestSecretValuesStayInSecrets(t *testing.T) {
	cases := maps.Clone(specs)
	cases["a password of the package's"] = "{domain: bigbang.dev, database: {host: db.example.com, password: " +
		"{secretKeyRef: {name: team-token, key: token}}}}"
	for name, spec := range cases {
		t.Run(name, func(t *testing.T) {
			results := t.TempDir()
			dir := packageWith(t, configuration(spec)).Lay(t)
			run := kptRender(t, dir, results).MustSucceed(t)
			_, text := resultsOf(t, results)
			noSecretIn(t, "what kpt shows", run.Stdout+run.Stderr)
			noSecretIn(t, "the results", text)

			objects, err := conventions.Objects(harness.ReadTree(t, dir).YAML())
			if err != nil {
				t.Fatal(err)
			}
			kept := 0
			for _, object := range objects {
				if object.GetKind() == "MattermostConfig" {
					continue
				}
				if object.GetKind() == "Secret" {
					kept++
					delete(object.Object, "data")
					delete(object.Object, "stringData")
				}
				content, err := yaml.Marshal(object.Object)
				if err != nil {
					t.Fatal(err)
				}
				noSecretIn(t, object.GetKind()+" "+object.GetName(), string(content))
			}
			if kept == 0 {
				t.Error("there is no Secret at all")
			}
		})
	}
}

// What is refused is quoted in the refusal, unless it may be a secret.
func TestARefusalDoesNotTellSecrets(t *testing.T) {
	for name, spec := range map[string]string{
		"another field is wrong": "{domain: bigbang.dev, databse: 1, database: {host: db, " +
			"password: canary-refused}}",
		"a number where a text must stand": "{domain: bigbang.dev, database: {host: db, password: 424242424242}}",
		"a list where a text must stand":   "{domain: bigbang.dev, database: {host: db, password: [canary-refused]}}",
		"a field that no secret has":       "{domain: bigbang.dev, database: {host: db, password: {value: canary-refused}}}",
		"a secret by a wrong name":         "{domain: bigbang.dev, database: {host: db, passwrd: canary-refused}}",
		"a secret by Big Bang's name": "{domain: bigbang.dev, sso: {enabled: true, clientID: a, " +
			"client_secret: canary-refused}}",
		"a whole DSN as host": `{domain: bigbang.dev, database: {host: ` +
			`"postgres://mattermost:canary-refused@db/mattermost", password: x}}`,
		"a URL with a password": `{domain: bigbang.dev, elasticsearch: {enabled: true, url: ` +
			`"https://elastic:canary-refused@es:9200/%zz"}}`,
		"a malformed license": "{domain: bigbang.dev, enterprise: {enabled: true, license: canary-refused}}",
		"the secret given twice": "{domain: bigbang.dev, database: {host: db, password: canary-refused, password: " +
			"canary-refused-2}}",
	} {
		t.Run(name, func(t *testing.T) {
			dir := harness.Tree{"mattermost.yaml": configuration(spec)}.Lay(t)
			for _, command := range []string{"render", "check"} {
				run := harness.Command{Dir: dir}.Run(t, harness.MattermostFn(t), command, "mattermost.yaml")
				for _, secret := range []string{"canary-refused", "424242424242"} {
					if strings.Contains(run.Stderr+run.Stdout, secret) && run.Code != 0 {
						t.Errorf("%s printed the secret:\n%s", command, run)
					}
				}
			}
			results := t.TempDir()
			run := kptRender(t, packageWith(t, configuration(spec)).Lay(t), results)
			if run.Code == 0 {
				return // the package on disk holds it, in a Secret
			}
			_, text := resultsOf(t, results)
			for _, secret := range []string{"canary-refused", "424242424242"} {
				if strings.Contains(run.Stderr+text, secret) {
					t.Errorf("printed the secret:\n%s\n%s", run, text)
				}
			}
		})
	}
}

// noSecretIn looks for every canary, in every form in which it may be written.
func noSecretIn(t *testing.T, place, text string) {
	t.Helper()
	for field, secret := range canaries {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret),
			base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(text, form) {
				t.Errorf("%s holds the value of %s as %q:\n%s", place, field, form, text)
			}
		}
	}
}

// The same file means different things in kustomize and in kpt where a scalar is not quoted: 10.10 is 10.1 in the one
// and 10.10 in the other. So neither takes it, and both take the quoted one.
func TestScalarsMeanTheSameInBothTools(t *testing.T) {
	cases := []struct {
		spec  string
		names []string // nil where both accept it
	}{
		{`{domain: bigbang.dev, version: 10.10}`, []string{"spec.version", "quote"}},
		{`{domain: bigbang.dev, version: "11.10.0"}`, nil},
		{`{domain: bigbang.dev, version: 11}`, []string{"spec.version", "quote"}},
		{`{domain: 0123}`, []string{"spec.domain", "quote"}},
		{`{domain: bigbang.dev, replicas: "1"}`, []string{"spec.replicas"}},
		{`{domain: bigbang.dev, replicas: 1}`, nil},
		{`{domain: bigbang.dev, replicas: 1.5}`, []string{"spec.replicas"}},
		{`{domain: bigbang.dev, enterprise: {enabled: yes}}`, []string{"spec.enterprise.enabled", "true"}},
		{`{domain: bigbang.dev, enterprise: {enabled: "true"}}`, []string{"spec.enterprise.enabled"}},
		{`{domain: bigbang.dev, enterprise: {enabled: false}}`, nil},
		{`{domain: no}`, nil}, // a word in both: YAML 1.2 knows true and false only
	}
	for _, c := range cases {
		for _, host := range hosts {
			t.Run(c.spec+"/"+host.name, func(t *testing.T) {
				run := host.call(t, packageWith(t, configuration(c.spec)).Lay(t))
				if c.names == nil {
					run.MustSucceed(t)
					return
				}
				run.MustFail(t)
				for _, word := range c.names {
					if !strings.Contains(run.Stderr, word) {
						t.Errorf("%q is not named in:\n%s", word, run.Stderr)
					}
				}
			})
		}
	}
}
