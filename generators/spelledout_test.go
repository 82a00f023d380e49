package generators

import (
	"strings"
	"testing"

	networkingapi "istio.io/api/networking/v1alpha3"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"mattermost-fn/fn/plan"
)

// meshPlan is an installation named chat in the namespace teams, of which the mesh is told nothing yet.
func meshPlan() *plan.Plan {
	return &plan.Plan{Name: "chat", Namespace: "teams", Image: plan.Image{Version: "11.10.0"}, Replicas: 1}
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

func TestSpelledOutKeepsTheRestOfTheObject(t *testing.T) {
	object := &networkingv1.Sidecar{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.istio.io/v1", Kind: "Sidecar"},
		ObjectMeta: metav1.ObjectMeta{Name: "chat", Namespace: "teams"},
		Spec: networkingapi.Sidecar{
			Egress:                []*networkingapi.IstioEgressListener{{Hosts: []string{"./*"}}},
			OutboundTrafficPolicy: &networkingapi.OutboundTrafficPolicy{},
		},
	}
	wantSpec(t, []Object{object}, `
egress:
- hosts:
  - ./*
outboundTrafficPolicy: {}
`)
	spelled := spelledOut{Object: object, fields: map[string]any{"outboundTrafficPolicy": map[string]any{"mode": "REGISTRY_ONLY"}}}
	wantSpec(t, []Object{spelled}, `
egress:
- hosts:
  - ./*
outboundTrafficPolicy:
  mode: REGISTRY_ONLY
`)
	wantHeader(t, spelled, `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: chat
  namespace: teams
`)
}
