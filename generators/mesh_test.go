// SPDX-License-Identifier: Apache-2.0

package generators

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// meshPlan returns an installation named chat in the namespace teams, without settings of the mesh.
func meshPlan() *plan.Plan {
	return &plan.Plan{Names: plan.Names{Name: "chat", Namespace: "teams"}, Image: plan.Image{Version: "11.10.0"},
		Replicas: 1}
}

// meshPlanWith returns meshPlan with a change.
func meshPlanWith(change func(*plan.Plan)) *plan.Plan {
	p := meshPlan()
	change(p)
	return p
}

// specOf returns the spec in the manifest of an object.
func specOf(t *testing.T, object Object) string {
	t.Helper()
	node := manifestNode(t, object)
	spec := node.Field("spec")
	if spec == nil {
		t.Fatalf("%s has no spec", object.GetName())
	}
	text, err := spec.Value.String()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantSpec fails the test unless there is one object, with the wanted spec.
func wantSpec(t *testing.T, objects []Object, want string) {
	t.Helper()
	if len(objects) != 1 {
		t.Fatalf("got %d objects, want 1", len(objects))
	}
	if got := specOf(t, objects[0]); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got spec\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
}

// wantHeader fails the test unless the object has the wanted fields outside its spec.
func wantHeader(t *testing.T, object Object, want string) {
	t.Helper()
	node := manifestNode(t, object)
	if err := node.PipeE(yaml.Clear("spec")); err != nil {
		t.Fatal(err)
	}
	got, err := node.String()
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got, without the spec,\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
}
