// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
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
	want := `
identity provider
  [ ] register exactly the redirect URI https://chat.example.com/signup/gitlab/complete for the client chat, without a trailing slash

Keycloak
  [ ] `
	if !strings.HasPrefix(list, want) || !strings.HasSuffix(list, `
firewall
  [ ] let the cluster reach login.example.mil:443 (sso)
`) {
		t.Errorf("the list is\n%s", list)
	}
}

// Without results only the list is printed; without prerequisites nothing is.
func TestChecklistAlone(t *testing.T) {
	_, out, _ := execute(configured, "check", "-")
	if !strings.HasPrefix(out, "Prerequisites for teams/chat:\n\nidentity provider\n") {
		t.Errorf("printed\n%s", out)
	}
	basic, _, _ := strings.Cut(configured, "  sso:")
	if exit, out, errs := execute(basic, "check", "-"); exit != 0 || out+errs != "" {
		t.Errorf("exit %d, printed\n%s%s", exit, out, errs)
	}
	if _, out, _ := execute(configured+"  allow: ["+ruleid.Prerequisite+"]\n", "check", "-"); out != "" {
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
	for _, r := range all {
		if r.Rule == ruleid.Prerequisite && r.Severity == "info" && r.Name == "chat" {
			seen++
		}
	}
	if seen < 3 || seen != len(all) {
		t.Errorf("printed\n%s", out)
	}
}
