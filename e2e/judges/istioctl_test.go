// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"bigbang.dev/mattermost-fn/e2e/harness"
)

// known are warnings of istioctl about output that is meant.
var known = []string{
	// Services outside the mesh are reached by their names, which a port for TCP without addresses cannot tell apart.
	"addresses are required for ports serving TCP (or unset) protocol",
}

// Istio's own validation accepts every object of the mesh in every example, and its analysis finds nothing in what
// operators make of it.
func TestIstio(t *testing.T) {
	istioctl := harness.Judge(t, "istioctl")
	for _, example := range harness.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			w := exampleWorld(t, example)
			file := write(t, "objects.yaml", slices.DeleteFunc(w.objects, func(o *unstructured.Unstructured) bool {
				return !strings.HasSuffix(o.GroupVersionKind().Group, ".istio.io") && o.GroupVersionKind().Group != "" &&
					o.GetKind() != "Deployment"
			}))
			for _, arguments := range [][]string{{"validate", "-f", file}, {"analyze", "--use-kube=false", file}} {
				run := harness.Command{}.Run(t, istioctl, arguments...)
				for line := range strings.Lines(run.Stdout + run.Stderr) {
					isKnown := slices.ContainsFunc(known, func(message string) bool { return strings.Contains(line, message) })
					if (strings.Contains(line, "Warning") || strings.Contains(line, "Error")) && !isKnown {
						t.Errorf("%s: %s", arguments[0], line)
					}
				}
				if run.Code != 0 {
					t.Error(run)
				}
			}
		})
	}
}
