// SPDX-License-Identifier: Apache-2.0

package sdk

import (
	"errors"

	kptfn "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Process is a ResourceListProcessorFunc of the kpt functions SDK:
//
//	fn.AsMain(fn.ResourceListProcessorFunc(sdk.Process))
//
// It does what every MattermostConfig in the list asks for. Objects that need not change stay the ones that the list
// came with, in their order; new ones follow. Where a configuration is refused it returns false, leaves the items
// alone, and the results say why; the error is always nil. Several goroutines may call it, each with a list of its own.
func Process(rl *kptfn.ResourceList) (bool, error) {
	if rl.FunctionConfig == nil {
		rl.FunctionConfig = kptfn.NewEmptyKubeObject() // without one the SDK panics when it writes the list
	}
	var nodes []*yaml.RNode
	for _, item := range rl.Items {
		nodes = append(nodes, item.CopyToResourceNode())
	}
	objects, results, err := call[kptfn.Result](nodes, rl.FunctionConfig.CopyToResourceNode())
	rl.Results = appendNew(rl.Results, results)
	switch {
	case errors.Is(err, errRefused):
		return false, nil
	case err != nil:
		rl.Results = appendNew(rl.Results, kptfn.Results{kptfn.ErrorResult(err)})
		return false, nil
	}
	rl.Items = pick(rl.Items, objects, kptfn.MoveToKubeObject)
	return true, nil
}
