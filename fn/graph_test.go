// SPDX-License-Identifier: Apache-2.0

package fn_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bigbang.dev/mattermost-fn/fn"
)

// The picture of every example names the NetworkPolicies, Secrets and ExternalSecrets that are emitted, and no policy
// that is not. It contains no value of a Secret.
func TestGraphNamesWhatIsEmitted(t *testing.T) {
	files, err := filepath.Glob("../examples/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../internal/rules/testdata/*/good*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for _, file := range slices.Concat(files, more) {
		if strings.HasSuffix(file, "/expected.yaml") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list := &fn.List{}
		if err := list.ReadFile(file, content); err != nil {
			continue // a template
		}
		picture, results := fn.Graph(list, time.Time{})
		if results.HasErrors() || !strings.Contains(picture.Mermaid(), "Mattermost ") {
			continue // not a configuration
		}
		drawn++
		mermaid := picture.Mermaid()
		var policies []string
		for _, object := range list.Objects() {
			resource := object.Resource()
			switch resource.Kind {
			case "NetworkPolicy":
				policies = append(policies, resource.Name)
			case "Secret", "ExternalSecret":
				if !regexp.MustCompile(`<br/>`+regexp.QuoteMeta(resource.Name)+`[<"]`).MatchString(mermaid) &&
					strings.Contains(mermaid, `namespace `+resource.Namespace+`"`) && !isRead(object, content) {
					t.Errorf("%s: %s is not in\n%s", file, object, mermaid)
				}
			}
		}
		var named []string
		for _, match := range regexp.MustCompile(`policy ([a-z0-9.-]+)`).FindAllStringSubmatch(mermaid, -1) {
			named = append(named, match[1])
		}
		slices.Sort(named)
		slices.Sort(policies)
		if got := slices.Compact(named); !slices.Equal(got, policies) {
			t.Errorf("%s: the picture names the policies %v, emitted are %v", file, got, policies)
		}
		for _, secret := range []string{"hunter2", "p@ss"} {
			if strings.Contains(mermaid, secret) || strings.Contains(picture.DOT(), secret) {
				t.Errorf("%s: the picture contains %s", file, secret)
			}
		}
	}
	if drawn < 100 {
		t.Errorf("drew %d configurations", drawn)
	}
}

// isRead reports whether the object was in the file, and not emitted.
func isRead(object fn.Object, file []byte) bool {
	resource := object.Resource()
	return regexp.MustCompile(`kind: ` + resource.Kind + `\n`).Match(file)
}

// A rejected configuration has no picture.
func TestGraphOfARejectedConfiguration(t *testing.T) {
	list := &fn.List{}
	text := "apiVersion: mattermost.bigbang.dev/v1alpha1\nkind: MattermostConfig\n" +
		"metadata: {name: a}\nspec: {replicas: 0}\n"
	if err := list.ReadFile("a.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	picture, results := fn.Graph(list, time.Time{})
	if !results.HasErrors() || strings.Contains(picture.Mermaid(), "Mattermost") {
		t.Errorf("results %v and picture\n%s", results, picture.Mermaid())
	}
}
