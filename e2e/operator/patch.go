// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// A patch of what the operator makes, in JSON.
type patch struct {
	Disable bool   `json:"disable"`
	Patch   string `json:"patch"`
}

// unpatchable are the paths that the operator refuses in a patch (patch_apply.go).
type unpatchable struct {
	subtrees []string // with everything below
	parts    []string // anywhere in a path
}

var (
	unpatchableDeployment = unpatchable{
		subtrees: []string{
			"/spec/template/spec/hostNetwork", "/spec/template/spec/hostPID", "/spec/template/spec/hostIPC",
			"/spec/template/spec/volumes", "/spec/template/spec/serviceAccount", "/spec/template/spec/serviceAccountName",
			"/spec/template/spec/nodeSelector",
			"/spec/template/spec/nodeName", "/spec/template/spec/initContainers",
		},
		parts: []string{
			"/securityContext/privileged", "/securityContext/allowPrivilegeEscalation", "/securityContext/runAsUser",
			"/securityContext/capabilities",
		},
	}
	unpatchableService = unpatchable{subtrees: []string{"/spec/selector", "/spec/externalIPs", "/spec/externalName"}}
)

func (u unpatchable) has(path string) bool {
	for _, subtree := range u.subtrees {
		if strings.HasPrefix(path+"/", subtree+"/") {
			return true
		}
	}
	for _, part := range u.parts {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

// patched applies a patch of the resource. Where it fails the operator uses the object without it, and says so only in
// the resource's status; here that is an error, and so is a field that the operator would drop.
func patched[T any](object *T, name string, p patch, refused unpatchable) (*T, error) {
	if p.Disable || p.Patch == "" {
		return object, nil
	}
	changed, err := apply(object, p.Patch, refused)
	if err != nil {
		return nil, fmt.Errorf("spec.resourcePatch.%s.patch: %w", name, err)
	}
	return changed, nil
}

func apply[T any](object *T, patch string, refused unpatchable) (*T, error) {
	operations, err := jsonpatch.DecodePatch([]byte(patch))
	if err != nil {
		return nil, err
	}
	for _, operation := range operations {
		path, err := operation.Path()
		if err != nil {
			return nil, err
		}
		if refused.has(path) {
			return nil, fmt.Errorf("the operator refuses a patch of %s", path)
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	if text, err = operations.Apply(text); err != nil {
		return nil, err
	}
	changed := new(T)
	return changed, yaml.UnmarshalStrict(text, changed)
}
