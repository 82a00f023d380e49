// SPDX-License-Identifier: Apache-2.0

// Package gitops tests what deployment tools make of the output, with code of the tools.
package gitops

import (
	"maps"
	"slices"
	"testing"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/resource"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"helm.sh/helm/v3/pkg/kube"
	"sigs.k8s.io/cli-utils/pkg/common"

	"bigbang.dev/mattermost-fn/internal/ownership"
)

// annotated is an object with annotations, as Argo CD's code reads them.
type annotated map[string]string

func (a annotated) GetAnnotations() map[string]string { return a }

// The guards are the constants of Flux, Helm, and cli-utils, which kpt and Config Sync use, and no other annotations
// but Argo CD's. Flux composes its name (kustomize-controller, internal/controller/kustomization_controller.go).
func TestGuardsAreTheToolsConstants(t *testing.T) {
	guards := ownership.Guards()
	want := map[string]string{
		kustomizev1.GroupVersion.Group + "/prune": kustomizev1.DisabledValue,
		kube.ResourcePolicyAnno:                   kube.KeepPolicy,
		common.LifecycleDeleteAnnotation:          common.PreventDeletion,
		ownership.AnnotationSyncOptions:           guards[ownership.AnnotationSyncOptions],
	}
	if !maps.Equal(guards, want) {
		t.Errorf("got %v, want %v", guards, want)
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(guards)), func(name string) bool {
		return common.NoDeletion(name, guards[name])
	}) {
		t.Error("cli-utils deletes the object")
	}
}

// Argo CD reads from the annotation what it needs to keep the object, whatever options a user has set in addition, and
// a user's own choice wins.
func TestArgoCDReadsTheGuard(t *testing.T) {
	for theirs, want := range map[string][2]string{
		"":                                {"false", "false"},
		"ServerSideApply=true":            {"false", "false"},
		" PruneLast=true , Replace=false": {"false", "false"},
		"Prune=confirm":                   {"confirm", "false"},
		"Delete=true,Prune=true":          {"true", "true"},
	} {
		object := annotated{ownership.AnnotationSyncOptions: ownership.WithSyncOptions(theirs)}
		for i, option := range []string{"Prune", "Delete"} {
			got := resource.GetAnnotationOptionValue(object, ownership.AnnotationSyncOptions, option)
			if got == nil || *got != want[i] {
				t.Errorf("%q becomes %v, of which Argo CD reads %s=%v, want %s", theirs, object, option, got, want[i])
			}
		}
		if theirs == "ServerSideApply=true" &&
			!resource.HasAnnotationOption(object, ownership.AnnotationSyncOptions, "ServerSideApply=true") {
			t.Errorf("%v lost an option", object)
		}
	}
}
