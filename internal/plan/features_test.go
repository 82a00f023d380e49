// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/decode"
	"bigbang.dev/mattermost-fn/internal/golden"
	"bigbang.dev/mattermost-fn/internal/plan"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
	"bigbang.dev/mattermost-fn/internal/result"
)

// secrets are the Secrets that are known, by name/key.
type secrets map[string]string

func (s secrets) SecretKey(namespace, name, key string) (string, plan.KeyState) {
	if text, ok := s[name+"/"+key]; ok && namespace == "teams" {
		return text, plan.KeyFound
	}
	for place := range s {
		if strings.HasPrefix(place, name+"/") {
			return "", plan.KeyMissing
		}
	}
	return "", plan.SecretMissing
}

func (s secrets) ConfigMapKey(namespace, name, key string) (string, plan.KeyState) {
	return s.SecretKey(namespace, "ConfigMap "+name, key)
}

// resolve returns the plan of a configuration with this spec and a domain.
func resolve(t testing.TB, spec string, stream secrets) (*plan.Plan, result.Results) {
	t.Helper()
	text := "metadata: {name: chat, namespace: teams}\nspec:\n  domain: example.com\n  " +
		strings.ReplaceAll(strings.TrimSpace(spec), "\n", "\n  ") + "\n"
	node, err := yaml.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	config := &v1alpha1.MattermostConfig{}
	lines, problems := decode.Strict(node.YNode(), config)
	if len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, text)
	}
	config.SetDefaults()
	report := &result.Reporter{}
	given := func(field string) bool { _, ok := lines[field]; return ok }
	return plan.New(config, given, stream, report), report.Results
}

// written is a variable as one line.
func written(e corev1.EnvVar) string {
	if e.ValueFrom != nil {
		return e.Name + " from Secret " + e.ValueFrom.SecretKeyRef.Name + ", key " + e.ValueFrom.SecretKeyRef.Key
	}
	return e.Name + "=" + e.Value
}

// Each file of testdata, the spec of a configuration, becomes the file next to it: what it has beyond the Basic Tier.
func TestFeatures(t *testing.T) {
	basic, _ := resolve(t, "", nil)
	var usual []string
	for _, e := range basic.Env {
		usual = append(usual, written(e.EnvVar))
	}
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			spec, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, messages := resolve(t, string(spec), secrets{"known/key": "value", "relay/password": "value"})
			var got strings.Builder
			for _, e := range p.Env {
				if line := written(e.EnvVar); !slices.Contains(usual, line) {
					fmt.Fprintf(&got, "%s  # %s\n", line, e.Field)
				}
			}
			for _, secret := range p.Secrets {
				for _, key := range sorted(secret.Data) {
					fmt.Fprintf(&got, "Secret %s, %s, %s: %s\n", secret.Name, secret.Component, key, secret.Data[key])
				}
			}
			for _, a := range p.CABundles {
				fmt.Fprintf(&got, "authority %s from %s\n", a.File(), strings.TrimPrefix(a.ConfigMap+a.Secret, "/"))
			}
			for _, d := range p.Destinations {
				if d.Kind == plan.DestinationDatabase {
					continue
				}
				fmt.Fprintf(&got, "to %s: %s:%d", d.Name(), d.Host, d.Port)
				if d.TLS {
					got.WriteString(" by TLS")
				}
				if d.Namespace != "" {
					got.WriteString(" in namespace " + d.Namespace)
				}
				if len(d.CIDRs) > 0 {
					got.WriteString(" at " + strings.Join(d.CIDRs, ", "))
				}
				got.WriteString("\n")
			}
			for _, r := range messages {
				fmt.Fprintln(&got, r)
			}
			golden.File(t, strings.TrimSuffix(file, ".yaml")+".out", got.String())
		})
	}
}

func sorted(data map[string]string) []string {
	var keys []string
	for key := range data {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Without their sections e-mail and push are off, whatever the server's own defaults are.
func TestBasicSendsNothing(t *testing.T) {
	p, messages := resolve(t, "", nil)
	for _, want := range []string{"MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS=false",
		"MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS=false"} {
		if !slices.ContainsFunc(p.Env, func(v plan.Variable) bool { return written(v.EnvVar) == want }) {
			t.Errorf("%s is missing", want)
		}
	}
	if len(messages) > 0 {
		t.Errorf("messages %v", messages)
	}
}

// Each name is in the environment once: the operator takes the last of several, and Kubernetes warns.
func TestEveryVariableOnce(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range files {
		spec, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := resolve(t, string(spec), nil)
		seen := map[string]bool{}
		for _, e := range p.Env {
			if seen[e.Name] {
				t.Errorf("%s: duplicate %s", file, e.Name)
			}
			seen[e.Name] = true
		}
	}
}

func (secrets) Earlier(_, _, _, _, _ string) *resourcelist.Item { return nil }

func (secrets) Foreign(_, _, _, _ string) *resourcelist.Item { return nil }
