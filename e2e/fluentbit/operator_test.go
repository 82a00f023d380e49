// SPDX-License-Identifier: Apache-2.0

package fluentbit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"bigbang.dev/mattermost-fn/e2e/conventions"
)

// The files in testdata/operator were written by the Fluent operator 3.10.0 itself: its FluentBitConfigReconciler, run
// for this project with objects.yaml, a FluentBit, a ClusterFluentBitConfig and a ClusterInput. The objects are emitted
// ones of three installations, two in one namespace and two with one name.
func TestModelOfTheOperator(t *testing.T) {
	objects := objectsOf(t, recorded(t, "objects.yaml"))
	const (
		classicInput = "[Input]\n    Name    tail\n    Path    /var/log/containers/*.log\n" +
			"    Parser    cri\n    Tag    kube.*\n"
		yamlInput = "pipeline:\n  inputs:\n    - name: tail\n      path: /var/log/containers/*.log\n" +
			"      parser: cri\n      tag: kube.*\n"
	)
	for _, test := range []struct {
		in   format
		file string
		text func(c *configuration) string
	}{
		{classicFormat, "fluent-bit.conf", func(c *configuration) string { return classicInput + c.filters + c.outputs }},
		{yamlFormat, "fluent-bit.yaml", func(c *configuration) string {
			return yamlInput + "  filters:\n" + c.filters + "  outputs:\n" + c.outputs
		}},
		{classicFormat, "parsers.conf", func(c *configuration) string { return c.parsers }},
	} {
		c, err := write(objects, test.in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(recorded(t, test.file), test.text(c)); diff != "" {
			t.Errorf("%s (-recorded +model):\n%s", test.file, diff)
		}
	}
}

func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "operator", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func objectsOf(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := conventions.Objects(text)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
