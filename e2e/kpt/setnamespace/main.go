// SPDX-License-Identifier: Apache-2.0

// Command setnamespace is a KRM function that sets the namespace of all objects to the one in its functionConfig, a
// ConfigMap with data.namespace, except that of the configurations of mattermost-fn if data.configurations is "kept".
package main

import (
	"os"

	"sigs.k8s.io/kustomize/api/filters/namespace"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

func main() {
	process := func(list *framework.ResourceList) error {
		settings := list.FunctionConfig.GetDataMap()
		filter := namespace.Filter{
			Namespace: settings["namespace"],
			FsSlice:   types.FsSlice{{Path: "metadata/namespace", CreateIfNotPresent: true}},
		}
		var chosen []*yaml.RNode
		for _, item := range list.Items {
			isTools := item.GetKind() == "Kptfile" || item.GetKind() == "Kustomization"
			if !isTools && !(settings["configurations"] == "kept" && item.GetKind() == "MattermostConfig") {
				chosen = append(chosen, item)
			}
		}
		_, err := filter.Filter(chosen)
		return err
	}
	input := kio.ByteReadWriter{Reader: os.Stdin, Writer: os.Stdout, KeepReaderAnnotations: true}
	if err := framework.Execute(framework.ResourceListProcessorFunc(process), &input); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
