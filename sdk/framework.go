// SPDX-License-Identifier: Apache-2.0

package sdk

import (
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// ProcessFramework is a ResourceListProcessorFunc of kyaml's framework:
//
//	framework.Execute(framework.ResourceListProcessorFunc(sdk.ProcessFramework), nil)
//
// It does the same as Process, and where that returns false it returns an error. That is never of type
// framework.Results, which kyaml takes for success when a filter returns it.
func ProcessFramework(rl *framework.ResourceList) error {
	objects, results, err := call[framework.Result](rl.Items, rl.FunctionConfig)
	rl.Results = appendNew(rl.Results, results)
	if err != nil {
		return err
	}
	rl.Items = pick(rl.Items, objects, func(node *yaml.RNode) *yaml.RNode { return node })
	return nil
}
