// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"bigbang.dev/mattermost-fn/internal/ruleid"
)

const configured = `apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata:
  name: chat
  namespace: teams
spec:
  domain: example.com
  allow: [MM072]
  sso:
    enabled: true
    issuerURL: https://login.example.mil/realms/a
    clientID: chat
    clientSecret: {secretKeyRef: {name: sso, key: secret}}
`

// Prerequisites come last, by topic, as a checklist.
func TestChecklist(t *testing.T) {
	exit, out, errs := execute(strings.Replace(configured, "spec:", "spec:\n  elasticsearch: {enabled: true, password: "+
		"hunter2}\n  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: license}}}", 1), "check", "-")
	if exit != 0 || errs != "" {
		t.Fatalf("exit %d, stderr %s\n%s", exit, errs, out)
	}
	messages, list, found := strings.Cut(out, "\n\nPrerequisites for teams/chat:\n")
	if !found || !strings.Contains(messages, "warning: ") || strings.Contains(messages, ruleid.Prerequisite) {
		t.Fatalf("printed\n%s", out)
	}
	rest := list
	for _, part := range []string{ // in this order
		"\noperators\n  [ ] install the Mattermost operator 1.25, with the definitions mattermosts.installation.mattermost.com\n" +
			"      $ kubectl get crd mattermosts.installation.mattermost.com\n",
		"\nKubernetes\n  [ ] namespace teams must exist\n      $ kubectl create namespace teams\n",
		"  [ ] Secret l with the key license in namespace teams must exist: Mattermost chat needs it\n" +
			"      $ kubectl -n teams create secret generic l --from-file=license=FILE\n",
		"\nfirewall\n  [ ] let the cluster reach login.example.mil:443 (sso)\n",
		"\nidentity provider\n  [ ] register exactly the redirect URI https://chat.example.com/signup/gitlab/complete for the " +
			"client chat, without a trailing slash\n\nKeycloak\n  [ ] ",
		"\nMattermost\n  [ ] the first account becomes system administrator: create it before the gateway ",
		"      $ kubectl -n teams port-forward deployment/chat 8065:8065\n      $ curl -f -d ",
		"\ngateway\n  [ ] Gateway public-ingressgateway with a listener for chat.example.com in namespace istio-gateway must ",
		"\nafter a change\n",
	} {
		var found bool
		if _, rest, found = strings.Cut(rest, part); !found {
			t.Fatalf("%q is not, or not in its place, in\n%s", part, list)
		}
	}
}

// Without results only the list is printed, for the smallest configuration too; without prerequisites nothing is.
func TestChecklistAlone(t *testing.T) {
	_, out, _ := execute(configured, "check", "-")
	if !strings.HasPrefix(out, "Prerequisites for teams/chat:\n\noperators\n") {
		t.Errorf("printed\n%s", out)
	}
	basic, _, _ := strings.Cut(configured, "  sso:")
	if exit, out, errs := execute(basic, "check", "-"); exit != 0 || errs != "" ||
		!strings.HasPrefix(out, "Prerequisites for teams/chat:\n\noperators\n") {
		t.Errorf("exit %d, printed\n%s%s", exit, out, errs)
	}
	if _, out, _ := execute(strings.Replace(configured, "[MM072]", "[MM072, "+ruleid.Prerequisite+"]", 1), "check",
		"-"); out != "" {
		t.Errorf("printed\n%s", out)
	}
}

func TestChecklistOfSeveral(t *testing.T) {
	_, out, _ := execute(configured+"---\n"+strings.NewReplacer("name: chat", "name: talk", "domain: example.com",
		"domain: talk.example.com").Replace(configured), "check", "-")
	first, second := strings.Index(out, "Prerequisites for teams/chat:\n"),
		strings.Index(out, "\n\nPrerequisites for teams/talk:\n")
	if first != 0 || second < 0 || strings.Count(out, "\nidentity provider\n") != 2 {
		t.Errorf("printed\n%s", out)
	}
}

// A rejected configuration has no prerequisites.
func TestNoChecklistForWhatIsRefused(t *testing.T) {
	exit, out, _ := execute(configured+"  replicas: 1.5\n", "check", "-")
	if exit != exitRefused || strings.Contains(out, "elsewhere") {
		t.Errorf("exit %d, printed\n%s", exit, out)
	}
}

func TestChecklistAsJSON(t *testing.T) {
	_, out, _ := execute(configured, "check", "-o", "json", "-")
	var all []jsonResult
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	seen := 0
	var secret jsonPrerequisite
	for _, r := range all {
		if p := r.Prerequisite; r.Rule == ruleid.Prerequisite && r.Severity == "info" && r.Name == "chat" && p != nil {
			seen++
			if p.ID == "Secret/sso" {
				secret = *p
			}
		}
	}
	if want := (jsonPrerequisite{
		"Secret/sso", "Kubernetes", "Secret", "teams", "sso", []string{"secret"},
		"Secret sso with the key secret in namespace teams must exist: Mattermost chat needs it",
		"kubectl -n teams create secret generic sso --from-file=secret=FILE",
	}); !reflect.DeepEqual(secret, want) {
		t.Errorf("got %+v, want %+v", secret, want)
	}
	for _, field := range []string{"id", "topic", "kind", "namespace", "name", "keys", "why", "command"} {
		if strings.Count(out, "\n      \""+field+"\": ") != seen {
			t.Errorf("not every prerequisite has %s in\n%s", field, out)
		}
	}
	if seen < 3 || seen != len(all) {
		t.Errorf("printed\n%s", out)
	}
}

// README shows the list of the smallest example, as it is.
func TestChecklistInREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	_, out, _ := execute("", "check", "examples/basic/mattermost.yaml")
	if !strings.Contains(out, "\n\nPrerequisites for ") || !strings.Contains(string(readme), "```\n"+out+"```\n") {
		t.Errorf("README.md does not show\n%s", out)
	}
}

// The version that runs is that of --from, or that of the output next to the configuration, which is ignored otherwise.
// What changes is listed: first for the configuration, then in general.
func TestCheckListsWhatAnUpgradeChanges(t *testing.T) {
	exit, out, errs := execute(configured, "check", "--from", "10.5.1", "-")
	upgrade, _, found := strings.Cut(out, "\n\nPrerequisites for teams/chat:\n")
	if exit != 0 || errs != "" || !found {
		t.Fatalf("exit %d, stderr %s\n%s", exit, errs, out)
	}
	rest := upgrade
	for _, part := range []string{ // in this order
		"warning: spec.enterprise: since 11.0, ", "\n\nUpgrade of teams/chat from Mattermost 10.5.1 to 11.10.0:\n",
		"\nthis configuration\n  - spec.version: the extended support releases 10.11 (", "\nin general\n  - since 11.0, ",
		"\n  - defaults change for new installations: ",
	} {
		var found bool
		if _, rest, found = strings.Cut(rest, part); !found {
			t.Fatalf("%q is not, or not in its place, in\n%s", part, upgrade)
		}
	}
	dir := t.TempDir()
	kptfile := "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: chat}\n"
	if err := os.WriteFile(dir+"/Kptfile", []byte(kptfile), 0o644); err != nil {
		t.Fatal(err)
	}
	write := func(version string) {
		t.Helper()
		config := configured + "  version: " + version + "\n"
		if err := os.WriteFile(dir+"/chat.yaml", []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("10.11.3")
	if exit, _, errs := execute("", "render", "--output-dir", dir, dir+"/chat.yaml"); exit != 0 {
		t.Fatal(errs)
	}
	write("11.10.0")
	for _, args := range [][]string{{"check", dir}, {"render", "--diff", dir}} {
		_, out, errs := execute("", args...)
		if !strings.Contains(out+errs, "from Mattermost 10.11.3 to 11.10.0") &&
			!strings.Contains(out+errs, "upgrades Mattermost from 10.11.3 to 11.10.0") {
			t.Errorf("%v: got %.800s%s", args, out, errs)
		}
	}
	write("10.5.1")
	if exit, out, _ := execute("", "check", dir); exit != 1 || !strings.Contains(out, "replace Mattermost 10.11.3 with "+
		"10.5.1") {
		t.Errorf("a downgrade: exit %d, %.800s", exit, out)
	}
}

// The form of a change as JSON is stable.
func TestCheckUpgradeAsJSON(t *testing.T) {
	_, out, _ := execute(configured, "check", "--from", "10.11.3", "--output", "json", "-")
	var results []map[string]any
	if err := json.Unmarshal([]byte(out), &results); err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if u, ok := r["upgrade"].(map[string]any); ok && u["id"] == "entry" {
			want := map[string]any{"id": "entry", "from": "10.11.3", "to": "11.10.0", "since": "11.0", "general": false,
				"source": "editions and offerings; server/channels/app/platform/license.go"}
			if !reflect.DeepEqual(u, want) || r["rule"] != ruleid.Upgrade || r["severity"] != "warning" {
				t.Errorf("got %v", r)
			}
			return
		}
	}
	t.Errorf("no change is in\n%s", out)
}

func TestFromIsAVersion(t *testing.T) {
	for _, command := range []string{"check", "render"} {
		exit, _, errs := execute(configured, command, "--from", "10.5", "-")
		if exit != 2 || !strings.Contains(errs, `--from: "10.5" is not a version (expected three numbers)`) {
			t.Errorf("%s: exit %d, %s", command, exit, errs)
		}
	}
	exit, out, errs := execute(configured, "render", "--from", "10.5.1", "-")
	if exit != 0 || !strings.Contains(out, "kind: Mattermost\n") ||
		strings.Count(errs, "["+ruleid.Upgrade+"]") != 2 || !strings.Contains(errs, "upgrades Mattermost from 10.5.1") {
		t.Errorf("exit %d, %s", exit, errs)
	}
}
