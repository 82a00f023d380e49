package generators

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/plan"
)

// meshPlan is an installation named chat in the namespace teams, of which the mesh is told nothing yet.
func meshPlan() *plan.Plan {
	return &plan.Plan{Names: plan.Names{Name: "chat", Namespace: "teams"}, Image: plan.Image{Version: "11.10.0"}, Replicas: 1}
}

// meshPlanWith is meshPlan with a change.
func meshPlanWith(change func(*plan.Plan)) *plan.Plan {
	p := meshPlan()
	change(p)
	return p
}

// specOf is the spec of an object as it is emitted.
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

// wantSpec compares the spec of the only object with what it should be.
func wantSpec(t *testing.T, objects []Object, want string) {
	t.Helper()
	if len(objects) != 1 {
		t.Fatalf("%d objects, want 1", len(objects))
	}
	if got := specOf(t, objects[0]); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("spec:\n%s\nwant:\n%s", got, strings.TrimSpace(want))
	}
}

// wantHeader compares everything of an object but its spec with what it should be.
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
		t.Errorf("everything but the spec:\n%s\nwant:\n%s", got, strings.TrimSpace(want))
	}
}
