// SPDX-License-Identifier: Apache-2.0

package transformers

import (
	"fmt"
	"testing"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/resid"
)

// manyPatches returns patches that each add one annotation, in both forms.
func manyPatches(n int) map[string][]types.Patch {
	target := &types.Selector{ResId: resid.ResId{Gvk: resid.Gvk{Kind: "Mattermost"}}}
	patches := map[string][]types.Patch{}
	for i := range n {
		patches["JSON 6902"] = append(patches["JSON 6902"], types.Patch{Target: target,
			Patch: fmt.Sprintf(`[{"op": "add", "path": "/metadata/annotations/x%d", "value": "y"}]`, i)})
		patches["strategic merge"] = append(patches["strategic merge"], types.Patch{Target: target,
			Patch: fmt.Sprintf("metadata: {annotations: {x%d: y}}\n", i)})
	}
	return patches
}

// BenchmarkPatches shows that the cost of a patch does not depend on the number of patches.
func BenchmarkPatches(b *testing.B) {
	for _, n := range []int{500, 5000} {
		for form, patches := range manyPatches(n) {
			b.Run(fmt.Sprintf("%s/%d", form, n), func(b *testing.B) {
				for b.Loop() {
					objects, err := kio.FromBytes([]byte(twoObjects))
					if err != nil {
						b.Fatal(err)
					}
					patcher := NewPatcher(objects)
					for _, patch := range patches {
						if err := patcher.Apply(patch); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/patch")
			})
		}
	}
}
