// SPDX-License-Identifier: Apache-2.0

package fn

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// podMetadata returns the labels and annotations that the installation's pods get, by the field of spec.pod that the
// user would set.
func podMetadata(t *testing.T, out string) map[string]map[string]string {
	t.Helper()
	var installation struct {
		Spec struct {
			PodTemplate struct {
				ExtraLabels      map[string]string `yaml:"extraLabels"`
				ExtraAnnotations map[string]string `yaml:"extraAnnotations"`
			} `yaml:"podTemplate"`
		}
	}
	if err := yaml.Unmarshal([]byte(item(t, out, "Mattermost teams/chat")), &installation); err != nil {
		t.Fatal(err)
	}
	pod := installation.Spec.PodTemplate
	return map[string]map[string]string{"labels": pod.ExtraLabels, "annotations": pod.ExtraAnnotations}
}

// No label and annotation of the pods that both the function and the user set is lost without a message: either both
// values are kept, or the user's is reported.
func TestPodMetadataOfBothIsKeptOrReported(t *testing.T) {
	const users = "9000"
	for _, spec := range []string{
		"istio: {injection: true}, database: {host: db.example.mil, password: pw12345678}",
		"istio: {ambient: true}, enterprise: {enabled: true, license: {secretKeyRef: {name: l, key: license}}}",
	} {
		config := func(pod string) string {
			return list("", "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n"+
				"metadata: {name: chat, namespace: teams}\nspec: {domain: example.mil, "+spec+pod+"}\n")
		}
		first := run(config(""))
		if first.exit != 0 {
			t.Fatal(first.errors)
		}
		seen := 0
		for field, entries := range podMetadata(t, first.out) {
			for name, ours := range entries {
				seen++
				r := run(config(", pod: {" + field + ": {" + name + ": \"" + users + "\"}}"))
				if strings.Contains(r.errors, "spec.pod."+field+"["+name+"]") {
					continue
				}
				got := podMetadata(t, r.out)[field][name]
				if !strings.Contains(got, users) || !strings.Contains(got, ours) {
					t.Errorf("%s: %s %s of the function %q and of the user %q became %q without a message: %s", spec, field, name,
						ours,
						users, got, r.errors)
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s: no metadata", spec)
		}
	}
}
