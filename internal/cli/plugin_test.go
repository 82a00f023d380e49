// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"strings"
	"testing"
)

// A generator or transformer for which kustomize finds neither a function nor a plugin is an error: no build works.
func TestConfigurationWithoutFunction(t *testing.T) {
	annotated := func(annotation string) string {
		return strings.Replace(config, "metadata:\n", "metadata:\n  annotations: {"+annotation+"}\n", 1)
	}
	const want = "error: metadata.annotations: listed under %s:, but kustomize does not know what to run for " +
		"MattermostConfig teams/chat, and every build fails (unable to find plugin root). Add to metadata.annotations: " +
		"config.kubernetes.io/function: \"exec: {path: mattermost-fn}\"\n"
	const function = "config.kubernetes.io/function: 'exec: {path: mattermost-fn}'"
	for name, test := range map[string]struct {
		field, text string
		fails       bool
	}{
		"no annotation":          {"generators", config, true},
		"another annotation":     {"generators", annotated("config.kubernetes.io/local-config: 'true'"), true},
		"an empty annotation":    {"generators", annotated("config.kubernetes.io/function: ''"), true},
		"the annotation":         {"generators", annotated(function), false},
		"the earlier annotation": {"generators", annotated("config.k8s.io/function: 'exec: {path: mattermost-fn}'"), false},
		"a container":            {"generators", annotated("config.kubernetes.io/container: mattermost-fn"), false},
		"a transformer":          {"transformers", config, true},
		"a string":               {"generators", "|\n  " + strings.ReplaceAll(config, "\n", "\n  "), true},
		"a resource":             {"resources", config, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", "")
			t.Setenv("HOME", t.TempDir())
			t.Setenv("XDG_CONFIG_HOME", "")
			files := map[string]string{"d/kustomization.yaml": test.field + ":\n- mattermost.yaml\n",
				"d/mattermost.yaml": test.text}
			if name == "a string" {
				files = map[string]string{"d/kustomization.yaml": test.field + ":\n- " + test.text + "\n"}
			}
			lay(t, files)
			r := run("", "check", "d")
			want := strings.Replace(want, "%s", test.field, 1)
			if strings.Contains(r.out, want) != test.fails || test.fails != (r.exit == exitRefused) && name != "a resource" {
				t.Errorf("exit %d, got %s%s", r.exit, r.out, r.errors)
			}
		})
	}
}

// With kustomize's older plugins no annotation is needed.
func TestPluginWithoutFunction(t *testing.T) {
	const file = "mattermost.bigbang.dev/v1alpha1/mattermostconfig/MattermostConfig"
	for variable, directory := range map[string]string{
		"KUSTOMIZE_PLUGIN_HOME": "", "XDG_CONFIG_HOME": "kustomize/plugin/", "HOME": ".config/kustomize/plugin/",
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv("KUSTOMIZE_PLUGIN_HOME", "")
			t.Setenv("XDG_CONFIG_HOME", "")
			lay(t, map[string]string{
				"d/kustomization.yaml": "generators:\n- mattermost.yaml\n", "d/mattermost.yaml": config,
				"plugins/" + directory + file: "#!/bin/sh\n",
			})
			working, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", "")
			t.Setenv(variable, working+"/plugins")
			if r := run("", "check", "d"); r.exit != 0 {
				t.Errorf("exit %d, got %s%s", r.exit, r.out, r.errors)
			}
		})
	}
}
