// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// mistake is a configuration as a new user writes it.
type mistake struct {
	name string
	// text is the file. One that begins with "spec:" or a field of spec is completed.
	text string
	// args is the command line; empty for check.
	args string
	// passes is true if the mistake is only worth a warning.
	passes bool
}

const mistakeHead = "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\nmetadata:\n" +
	"  name: mattermost\n  namespace: mattermost\n"

// mistakes are the mistakes of new users, with what the command says about each in testdata/mistakes.txt.
var mistakes = []mistake{
	// YAML.
	{name: "a tab as indentation", text: "spec:\n\tdomain: example.com\n"},
	{name: "a tab after spaces", text: "spec:\n  sso:\n  \tenabled: true\n"},
	{name: "a field that is indented too deep", text: "spec:\n  domain: example.com\n    replicas: 1\n"},
	{name: "a field that is indented too little", text: "spec:\n    domain: example.com\n  replicas: 1\n"},
	{name: "no space after a colon", text: "spec:\n  domain:example.com\n  replicas: 1\n"},
	{name: "no colon", text: "spec:\n  domain example.com\n  replicas: 1\n"},
	{name: "a value with a colon", text: "spec:\n  domain: chat: example.com\n"},
	{name: "a quote that is not closed", text: "spec:\n  domain: \"example.com\n  replicas: 1\n"},
	{name: "a bracket that is not closed", text: "spec:\n  domain: example.com\n  sso: {enabled: true\n  replicas: 1\n"},
	{name: "an unquoted password with an at sign", text: "spec:\n  domain: example.com\n  database:\n    host: db\n" +
		"    password: @secret\n"},
	{name: "an unquoted password with an asterisk", text: "spec:\n  domain: example.com\n  database:\n    host: db\n" +
		"    password: *secret\n"},
	{name: "a template of Helm", text: "domain: {{ .Values.domain }}"},
	{name: "a template of Helm within a value", text: "host: chat.{{ .Values.domain }}"},
	{name: "a merge conflict", text: "spec:\n<<<<<<< HEAD\n  domain: example.com\n=======\n  domain: example.org\n" +
		">>>>>>> main\n"},
	{name: "a duplicate field", text: "domain: example.com\n  domain: example.org"},
	{name: "a list in the place of fields", text: "- domain: example.com"},
	{name: "Windows line ends", text: strings.ReplaceAll(mistakeHead+"spec:\n  domain: example.com\n", "\n", "\r\n"),
		passes: true},
	{name: "a byte order mark", text: "\ufeff" + mistakeHead + "spec:\n  domain: example.com\n", passes: true},
	{name: "Latin-1", text: "spec:\n  domain: example.com\n  settings: {TeamSettings: {SiteName: B\xfcro}}\n"},
	{name: "JSON", text: `{"apiVersion": "mattermost.bigbang.dev/v1alpha1", "kind": "MattermostConfig", "metadata": ` +
		`{"name": "mattermost", "namespace": "mattermost"}, "spec": {"domain": "example.com"}}`, passes: true},
	{name: "JSON with a missing comma",
		text: `{"apiVersion": "mattermost.bigbang.dev/v1alpha1" "kind": "MattermostConfig"}`},

	// What is passed.
	{name: "an empty file", text: "\n"},
	{name: "a misspelled kind", text: strings.Replace(mistakeHead, "Mattermost", "Matermost", 1) +
		"spec: {domain: a.b}\n"},
	{name: "the operator's resource", text: "apiVersion: installation.mattermost.com/v1beta1\nkind: Mattermost\n" +
		"metadata: {name: mattermost}\nspec: {size: 100users}\n"},
	{name: "values of Big Bang", text: "addons:\n  mattermost:\n    enabled: true\n    sso: {enabled: true}\n"},
	{name: "values of a chart", text: "replicaCount: 1\nimage: {tag: 11.10.0}\n"},
	{name: "a list of objects",
		text: "apiVersion: v1\nkind: List\nitems:\n- apiVersion: mattermost.bigbang.dev/v1alpha1\n" +
			"  kind: MattermostConfig\n  metadata: {name: mattermost}\n"},
	{name: "no apiVersion", text: "kind: MattermostConfig\nmetadata: {name: mattermost}\nspec: {domain: example.com}\n"},
	{name: "an apiVersion of the future", text: strings.Replace(mistakeHead, "v1alpha1", "v1", 1) +
		"spec: {domain: a.b}\n"},
	{name: "no metadata",
		text: "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\nspec: {domain: a.b}\n"},
	{name: "a name with capital letters", text: strings.Replace(mistakeHead, "name: m", "name: M", 1) +
		"spec: {domain: example.com}\n"},
	{name: "no spec", text: mistakeHead},
	{name: "the same configuration twice", args: "check f.yaml f.yaml", text: "domain: example.com"},
	{name: "a file that does not exist", args: "check nothing.yaml"},
	{name: "a directory without YAML", args: "check empty"},
	{name: "a misspelled command", args: "chekc f.yaml"},
	{name: "a file without a command", args: "f.yaml"},
	{name: "a misspelled flag", args: "check --fail-onn warning f.yaml"},
	{name: "a misspelled format", args: "check -o yaml f.yaml"},

	// Names of fields.
	{name: "a misspelled field", text: "domian: example.com"},
	{name: "a field with underscores", text: "domain: example.com\n  sso: {enabled: true, client_id: a}"},
	{name: "a field one level too high", text: "domain: example.com\n  issuerURL: https://login.example.com/realms/a"},
	{name: "a field one level too low", text: "sso:\n    domain: example.com"},
	{name: "a field outside spec", text: mistakeHead + "domain: example.com\n"},
	{name: "a field that many objects have", text: "domain: example.com\n  enabled: true"},
	{name: "a setting of Mattermost outside settings", text: "domain: example.com\n  TeamSettings: {SiteName: Chat}"},
	{name: "a setting without its section", text: "domain: example.com\n  settings: {SiteName: Chat}"},
	{name: "a misspelled setting", text: "domain: example.com\n  settings: {TeamSettings: {SitName: Chat}}"},
	{name: "a variable as a field", text: "domain: example.com\n  MM_TEAMSETTINGS_SITENAME: Chat"},
	{name: "variables as a mapping", text: "domain: example.com\n  env: {MM_TEAMSETTINGS_SITENAME: Chat}"},
	{name: "the host of the mail server", text: "domain: example.com\n  email: {host: smtp.example.com, from: a@b.c}"},
	{name: "the license outside enterprise", text: "domain: example.com\n  license: eyJ"},

	// Values.
	{name: "a URL as domain", text: "domain: https://example.com"},
	{name: "a port in the host", text: "host: chat.example.com:8443"},
	{name: "both domain and host", text: "domain: example.com\n  host: chat.example.com"},
	{name: "a version without quotes", text: "domain: example.com\n  version: 11.10"},
	{name: "a version with two numbers", text: "domain: example.com\n  version: \"11.10\""},
	{name: "the latest version", text: "domain: example.com\n  version: latest"},
	{name: "a version that is not known yet", text: "domain: example.com\n  version: 12.3.0", passes: true},
	{name: "a number in quotes", text: "domain: example.com\n  replicas: \"2\""},
	{name: "a number in words", text: "domain: example.com\n  replicas: two"},
	{name: "yes instead of true", text: "domain: example.com\n  sso: {enabled: yes}"},
	{name: "true in quotes", text: "domain: example.com\n  monitoring: {enabled: \"true\"}"},
	{name: "an unquoted number as password", text: "domain: example.com\n  database: {host: db, password: 123456}"},
	{name: "a number in env", text: "domain: example.com\n  env: [{name: MM_FILESETTINGS_MAXFILESIZE, value: 52428800}]"},
	{name: "an unknown value", text: "domain: example.com\n  database: {host: db, password: x, sslMode: requre}"},
	{name: "MySQL", text: "domain: example.com\n  database: {inCluster: {engine: mysql}}"},
	{name: "a size without unit", text: "domain: example.com\n  database: {inCluster: {storage: {size: 20GB}}}"},
	{name: "a string in the place of a list", text: "domain: example.com\n  route: {gateways: istio-gateway/public}"},
	{name: "a string in the place of an object", text: "domain: example.com\n  database: postgres://u:Hunter2@db/chat"},
	{name: "two forms of a secret", text: "domain: example.com\n  database: {host: db, password: {secretKeyRef: " +
		"{name: a, key: b}, externalSecret: {store: {name: v}, key: c}}}"},
	{name: "two forms of a database", text: "domain: example.com\n  database: {host: db, password: x, inCluster: {}}"},
	{name: "empty strings as in Helm values", passes: true,
		text: "domain: example.com\n  database: {host: \"\", existingSecret: \"\"}\n  objectStorage: {bucket: \"\"}"},
	{name: "more servers without a license", text: "domain: example.com\n  replicas: 3"},
	{name: "sso without its fields", text: "domain: example.com\n  sso: {enabled: true}"},
	{name: "fields of sso without enabled",
		text:   "domain: example.com\n  sso: {issuerURL: https://login.example.com/realms/a}",
		passes: true},
	{name: "a mail address without domain", text: "domain: example.com\n  email: {server: smtp.example.com, from: chat}"},
	{name: "a patch without namespace", text: "domain: example.com\n  patches:\n  - patch: |\n" +
		"      apiVersion: networking.istio.io/v1\n      kind: VirtualService\n      metadata: {name: mattermost}\n" +
		"      spec: {hosts: [a.example.com]}\n"},
	{name: "a patch of another kind", text: "domain: example.com\n  patches:\n  - target: {kind: Deployment}\n" +
		"    patch: |\n      - {op: remove, path: /spec}\n"},
	{name: "a patch in flow style", passes: true,
		text: "domain: example.com\n  patches:\n  - target: {kind: VirtualService}\n" +
			"    patch: \"[{op: add, path: /spec/hosts/-, value: a.example.com}]\"\n"},
}

// Each message can be acted on without the documents, and nothing is reported twice. The messages are in
// testdata/mistakes.txt, to be read.
func TestMistakes(t *testing.T) {
	const golden = "testdata/mistakes.txt"
	want, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	file, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, m := range mistakes {
		text := m.text
		switch {
		case strings.HasPrefix(text, "spec:"):
			text = mistakeHead + text
		case text == "":
			text = mistakeHead + "spec:\n  domain: example.com\n"
		case !strings.Contains(text, "\n") || strings.HasPrefix(text, "sso:") || strings.HasPrefix(text,
			"domain: example.com\n  "):
			if !strings.HasPrefix(text, "{") {
				text = mistakeHead + "spec:\n  " + text + "\n"
			}
		}
		lay(t, map[string]string{"f.yaml": text, "empty/x.txt": ""})
		args := m.args
		if args == "" {
			args = "check f.yaml"
		}
		r := run("", strings.Fields(args)...)
		if failed := r.exit != exitOK; failed == m.passes {
			t.Errorf("%s: exit code %d\n%s%s", m.name, r.exit, r.out, r.errors)
		}
		if strings.Contains(r.out+r.errors, "Hunter2") {
			t.Errorf("%s: printed the secret", m.name)
		}
		fmt.Fprintf(&got, "== %s\n", m.name)
		if m.args != "" {
			fmt.Fprintf(&got, "$ mattermost-fn %s\n", m.args)
		} else {
			shown := strings.TrimPrefix(text, mistakeHead)
			for line := range strings.Lines(shown) {
				line = strings.NewReplacer("\t", "\\t", "\r", "\\r", "\ufeff", "\\ufeff", "\xfc", "\\xfc").Replace(line)
				got.WriteString("| " + strings.TrimSuffix(line, "\n") + "\n")
			}
		}
		out, _, _ := strings.Cut(r.out, "Prerequisites for ")
		if strings.HasSuffix(out, "\n\n") {
			out = out[:len(out)-1]
		}
		got.WriteString(out + r.errors)
		if out+r.errors == "" {
			got.WriteString("(no messages)\n")
		}
		got.WriteString("\n")
	}
	t.Chdir(file)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got.String() != string(want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", golden, got.String())
	}
	if len(mistakes) < 71 {
		t.Errorf("only %d mistakes", len(mistakes))
	}
}
