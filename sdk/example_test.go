// SPDX-License-Identifier: Apache-2.0

package sdk_test

import (
	"fmt"

	kptfn "github.com/kptdev/krm-functions-sdk/go/fn"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/sdk"
)

const exampleList = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: mattermost.bigbang.dev/v1alpha1
  kind: MattermostConfig
  metadata: {name: mattermost, namespace: mattermost}
  spec: {domain: example.com}
`

// A chain of functions calls mattermost-fn like any other.
func ExampleProcess() {
	label := kptfn.ResourceListProcessorFunc(func(rl *kptfn.ResourceList) (bool, error) {
		for _, object := range rl.Items {
			if err := object.SetLabel("team", "chat"); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	chain := kptfn.Chain(kptfn.ResourceListProcessorFunc(sdk.Process), label)

	list, err := kptfn.ParseResourceList([]byte(exampleList))
	if err != nil {
		fmt.Println(err)
		return
	}
	ok, err := chain.Process(list)
	fmt.Println(ok, err)
	for _, object := range list.Items.Where(kptfn.IsGVK("installation.mattermost.com", "v1beta1", "Mattermost")) {
		fmt.Println(object.GetKind(), object.GetName(), object.GetLabel("team"))
	}
	// Output:
	// true <nil>
	// Mattermost mattermost chat
}

// Where a configuration is refused, the results say why, and the list stays as it was.
func ExampleProcess_refused() {
	list, err := kptfn.ParseResourceList([]byte(exampleList))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := list.Items[0].SetNestedInt(2, "spec", "replicas"); err != nil {
		fmt.Println(err)
	}
	ok, err := sdk.Process(list)
	fmt.Println(ok, err, len(list.Items))
	for _, result := range list.Results {
		fmt.Println(result.Severity, result.Field.Path, result.Tags["rule"])
	}
	// Output:
	// false <nil> 1
	// error spec.replicas MM005
}

// A program that uses kyaml's framework has the same function.
func ExampleProcessFramework() {
	configuration := yaml.MustParse(`apiVersion: mattermost.bigbang.dev/v1alpha1
kind: MattermostConfig
metadata: {name: mattermost, namespace: mattermost}
spec: {domain: example.com}
`)
	list := &framework.ResourceList{Items: []*yaml.RNode{configuration}}
	if err := sdk.ProcessFramework(list); err != nil {
		fmt.Println(err)
	}
	for _, object := range list.Items {
		fmt.Println(object.GetKind(), object.GetName())
	}
	// Output:
	// MattermostConfig mattermost
	// Secret mattermost-database
	// Cluster mattermost-db
	// PersistentVolumeClaim mattermost-files
	// Mattermost mattermost
	// VirtualService mattermost
	// ConfigMap mattermost-log-redact
	// FluentBitConfig mattermost
	// Parser mattermost-json
	// Filter mattermost
}
