// SPDX-License-Identifier: Apache-2.0

// Command kyamlfleet emits what mattermost-fn emits for a fleet, in the usual way of a function that is written with
// kyaml: it fills in a template for each configuration and parses it to nodes, which the framework writes. It checks
// nothing.
//
// Its argument is a file with the output of mattermost-fn for the first configuration of a fleet, as a stream of
// documents.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/internal/fntest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return errors.New("its argument is the file with the objects of one installation")
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	templates := strings.Split(strings.TrimPrefix(string(text), "---\n"), "\n---\n")
	return framework.Execute(framework.ResourceListProcessorFunc(func(list *framework.ResourceList) error {
		for _, item := range list.Items {
			if item.GetKind() != "MattermostConfig" {
				continue
			}
			host, err := item.GetString("spec.host")
			if err != nil {
				return err
			}
			fill := strings.NewReplacer(fntest.Namespace(0), item.GetNamespace(), fntest.Host(0), host)
			for _, template := range templates {
				object, err := yaml.Parse(fill.Replace(template))
				if err != nil {
					return err
				}
				list.Items = append(list.Items, object)
			}
		}
		return nil
	}), nil)
}
