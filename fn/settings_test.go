// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/settings"
)

// environment returns the environment variables of the Mattermost resource: "=value" or "secret/key" by name.
func environment(t *testing.T, out string) map[string]string {
	t.Helper()
	var installation struct {
		Spec struct {
			MattermostEnv []struct {
				Name, Value string
				ValueFrom   *struct {
					SecretKeyRef struct{ Name, Key string } `yaml:"secretKeyRef"`
				} `yaml:"valueFrom"`
			} `yaml:"mattermostEnv"`
		}
	}
	if err := yaml.Unmarshal([]byte(item(t, out, "Mattermost teams/chat")), &installation); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	for _, v := range installation.Spec.MattermostEnv {
		if _, twice := variables[v.Name]; twice {
			t.Errorf("duplicate environment variable %s", v.Name)
		}
		variables[v.Name] = "=" + v.Value
		if v.ValueFrom != nil {
			variables[v.Name] = v.ValueFrom.SecretKeyRef.Name + "/" + v.ValueFrom.SecretKeyRef.Key
		}
	}
	return variables
}

// Every setting with the server's default value is accepted and reaches the Mattermost resource, secrets by reference.
// The test omits settings without a known valid value, and those that replace the database or the license.
func TestEverySettingThroughTheFunction(t *testing.T) {
	given, want := map[string]map[string]any{}, map[string]string{}
	for s := range settings.All() {
		encoded, known := s.DefaultValue()
		var value any
		if s.Unsettable != "" || !known || s.Validate(encoded, settings.Newest) != nil ||
			strings.HasPrefix(s.Env, "MM_SQLSETTINGS_DATASOURCE") {
			continue
		}
		if err := json.Unmarshal([]byte(s.Default), &value); err != nil {
			t.Fatalf("%s: %v", s.Name(), err)
		}
		want[s.Env] = "=" + encoded
		if s.Sensitive {
			value = map[string]any{"secretKeyRef": map[string]any{"name": "mine", "key": s.Env}}
			want[s.Env] = "mine/" + s.Env
		}
		if s.Env == "MM_SERVICESETTINGS_SITEURL" { // the server has no default
			value, want[s.Env] = "https://chat.example.com", "=https://chat.example.com"
		}
		object := given[s.Section]
		if object == nil {
			object = map[string]any{}
			given[s.Section] = object
		}
		names := strings.Split(s.Key, ".")
		for _, name := range names[:len(names)-1] {
			if object[name] == nil {
				object[name] = map[string]any{}
			}
			object = object[name].(map[string]any)
		}
		object[names[len(names)-1]] = value
	}
	if len(want) < 600 {
		t.Fatalf("only %d settings", len(want))
	}
	text, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	r := run(list("", smallest+"  settings: "+string(text)+"\n"))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	got := environment(t, r.out)
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
}

// A plain-text secret in the settings is in the emitted Secret and nowhere else.
func TestSettingsKeepSecrets(t *testing.T) {
	r := run(list("", smallest+`  enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}
  email: {server: smtp.example.mil, from: a@example.com, username: chat, password: hunter2}
  settings:
    FileSettings: {ExportAmazonS3SecretAccessKey: hunter2}
    AutoTranslationSettings: {LibreTranslate: {APIKey: hunter2}}
`))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	secret := item(t, r.out, "Secret teams/chat-settings")
	for _, key := range []string{"MM_EMAILSETTINGS_SMTPPASSWORD", "MM_FILESETTINGS_EXPORTAMAZONS3SECRETACCESSKEY",
		"MM_AUTOTRANSLATIONSETTINGS_LIBRETRANSLATE_APIKEY"} {
		if !strings.Contains(secret, "  "+key+": "+base64.StdEncoding.EncodeToString([]byte("hunter2"))+"\n") {
			t.Errorf("the Secret does not contain %s:\n%s", key, secret)
		}
		if got := environment(t, r.out)[key]; got != "chat-settings/"+key {
			t.Errorf("%s is %s", key, got)
		}
	}
	for _, made := range items(t, r.out)[1:] {
		if made != secret && strings.Contains(made, "hunter2") {
			t.Errorf("the secret is in\n%s", made)
		}
	}
	if strings.Contains(r.errors+strings.Join(messages(t, r.out), ""), "hunter2") {
		t.Errorf("a message contains the secret: %s", r.errors)
	}
}

// Network policies and the mesh allow the servers to connect to every configured service.
func TestEgressToConfiguredServices(t *testing.T) {
	r := run(list("", smallest+`  enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}
  networkPolicies: {enabled: true, egress: {ldap: [10.0.0.7/32], mail: [10.0.0.25/32], push: [10.0.0.80/32],
    redis: [10.0.0.9/32]}}
  istio: {egress: RegistryOnly}
  ldap: {enabled: true, server: ldap.example.mil, connectionSecurity: STARTTLS, baseDN: dc=mil, idAttribute: uid,
    usernameAttribute: uid}
  email: {server: smtp.example.mil, from: a@example.com, connectionSecurity: TLS}
  push: {server: "https://push.example.mil"}
  redis: {address: "cache.example.mil:6379"}
  openid:
    enabled: true
    issuerURL: https://login.example.mil/realms/a
    clientID: chat
    clientSecret: {secretKeyRef: {name: openid, key: secret}}
  compliance:
    export:
      enabled: true
      format: globalrelay
      globalRelay:
        customerType: CUSTOM
        emailAddress: a@example.com
        username: chat
        password: {secretKeyRef: {name: relay, key: password}}
        server: relay.example.mil
        port: 2525
`))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	for _, test := range []struct{ policy, cidr, host, port string }{
		{"ldap", "10.0.0.7/32", "ldap.example.mil", "389 tcp-ldap TCP"},
		{"mail", "10.0.0.25/32", "smtp.example.mil", "465 tls-mail TLS"},
		{"mail-2", "10.0.0.25/32", "relay.example.mil", "2525 tcp-mail-2 TCP"},
		{"push", "10.0.0.80/32", "push.example.mil", "443 tls-push TLS"},
		{"redis", "10.0.0.9/32", "cache.example.mil", "6379 tcp-redis TCP"},
		{"openid", "0.0.0.0/0", "login.example.mil", "443 tls-openid TLS"},
	} {
		if policy := item(t, r.out, "NetworkPolicy teams/chat-allow-to-"+test.policy); !strings.Contains(policy,
			"cidr: "+test.cidr+"\n") {
			t.Errorf("the network policy for %s is\n%s", test.policy, policy)
		}
		found := false
		for _, made := range items(t, r.out) {
			var entry struct {
				Kind string
				Spec struct {
					Hosts []string
					Ports []struct {
						Number         int
						Name, Protocol string
					}
				}
			}
			if err := yaml.Unmarshal([]byte(made), &entry); err != nil || entry.Kind != "ServiceEntry" ||
				entry.Spec.Hosts[0] != test.host {
				continue
			}
			found = true
			if port := entry.Spec.Ports[0]; fmt.Sprint(port.Number, " ", port.Name, " ", port.Protocol) != test.port {
				t.Errorf("the port of %s is %+v, want %s", test.host, port, test.port)
			}
		}
		if !found {
			t.Errorf("there is no ServiceEntry for %s", test.host)
		}
	}
}

// The network policy for a service in the cluster selects its namespace, and there is no ServiceEntry.
func TestServicesInTheCluster(t *testing.T) {
	r := run(list("", smallest+`  enterprise: {enabled: true, license: {secretKeyRef: {name: license, key: license}}}
  networkPolicies: {enabled: true}
  istio: {egress: RegistryOnly}
  ldap: {enabled: true, server: openldap.identity.svc, baseDN: dc=mil, idAttribute: uid, usernameAttribute: uid}
  email: {server: relay.mail.svc.cluster.local, from: a@example.com}
  redis: {address: "redis:6379"}
`))
	if r.exit != 0 {
		t.Fatalf("exit %d, got %s", r.exit, r.errors)
	}
	for policy, peer := range map[string]string{"ldap": "kubernetes.io/metadata.name: identity\n",
		"mail": "kubernetes.io/metadata.name: mail\n", "redis": "- podSelector: {}\n"} {
		got := item(t, r.out, "NetworkPolicy teams/chat-allow-to-"+policy)
		if !strings.Contains(got, peer) || strings.Contains(got, "cidr") {
			t.Errorf("the network policy for %s is\n%s", policy, got)
		}
	}
	for _, made := range items(t, r.out) {
		if strings.Contains(made, "kind: ServiceEntry\n") {
			t.Errorf("a ServiceEntry for a service in the cluster:\n%s", made)
		}
	}
}

// Warnings and infos that spec.allow lists are not reported, in valid and invalid configurations; errors are.
func TestAllow(t *testing.T) {
	for _, test := range []struct{ spec, want string }{
		{"  logging: {level: WARN}\n  settings: {LogSettings: {ConsoleLevel: ERROR}}\n", "MM051"},
		{"  logging: {level: WARN}\n  settings: {LogSettings: {ConsoleLevel: ERROR}}\n  allow: [MM051]\n", ""},
		{"  logging: {level: WARN}\n  settings: {LogSettings: {ConsoleLevel: ERROR}, EmailSettings: " +
			"{EnableEmailBatching: true}}\n" +
			"  enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: " +
			"license}}}\n  allow: [MM051, MM040]\n", "MM040"},
	} {
		r := run(list("", smallest+test.spec))
		var rules []string
		for line := range strings.Lines(r.errors) {
			at := strings.LastIndex(line, "[MM")
			if at < 0 {
				t.Fatalf("got %s", r.errors)
			}
			rules = append(rules, line[at+1:at+6])
		}
		if got := strings.Join(rules, " "); got != test.want {
			t.Errorf("for\n%sgot\n%s", test.spec, r.errors)
		}
	}
}
