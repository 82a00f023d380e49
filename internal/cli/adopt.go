// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/adoption"
)

func adoptCommand(streams ioStreams) *cobra.Command {
	var given func(args []string) []string
	command := &cobra.Command{
		Use:   "adopt FILE...",
		Short: "Print the kubectl commands that take over objects from Helm or Flux",
		Long: `Print the kubectl commands with which the fields of running objects become those
of 'kubectl apply --server-side', after Helm, Flux or another tool has set them.
Runs nothing, and reads nothing but the files.

The files contain the running objects with their managed fields, and the
MattermostConfig that describes the same installation. Without the configuration,
only fields are removed that none ever sets, such as size. - is standard input.

A forced apply alone leaves every field in place that the new manifest does not
have, since its earlier manager still owns it.

Exit code: 0, or 1 when a file cannot be read or the configuration is rejected.`,
		Example: `  kubectl get mattermost mattermost -n mattermost -o yaml --show-managed-fields > /tmp/live.yaml
  mattermost-fn adopt /tmp/live.yaml examples/basic/mattermost.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			names := given(args)
			if len(names) == 0 {
				return errNoFile
			}
			script, err := adopt(streams, names)
			if err != nil {
				return refuse(streams, err)
			}
			if _, err := fmt.Fprint(streams.out, script); err != nil {
				return refuse(streams, fmt.Errorf("standard output: %w", err))
			}
			return nil
		},
	}
	given = inputFiles(command)
	return command
}

// adopt returns the commands for the running objects in the files.
func adopt(streams ioStreams, names []string) (string, error) {
	list := &fn.List{}
	if err := newInput(streams).each(names, list.ReadFile); err != nil {
		return "", err
	}
	var running []adoption.Object
	config := &fn.List{}
	for _, object := range list.Objects() {
		content := map[string]any{}
		if err := object.Node().Decode(&content); err != nil {
			return "", fmt.Errorf("%s cannot be read", object)
		}
		if !object.IsConfiguration() {
			running = append(running, unpacked(content)...)
			continue
		}
		text, err := yaml.Marshal(object.Node())
		if err != nil {
			return "", err
		}
		file, _ := object.File()
		if err := config.ReadFile(file, text); err != nil {
			return "", err
		}
	}
	if len(running) == 0 {
		return "", errors.New("the files contain no running object: " +
			"kubectl get mattermost NAME -n NAMESPACE -o yaml --show-managed-fields")
	}
	desired, err := desiredObjects(streams, config)
	if err != nil {
		return "", err
	}
	return adoption.Commands(running, desired)
}

// unpacked returns the objects of a list, as kubectl prints several; an object that is none as it is.
func unpacked(object adoption.Object) []adoption.Object {
	items, isList := object["items"].([]any)
	if !isList {
		return []adoption.Object{object}
	}
	var objects []adoption.Object
	for _, item := range items {
		if inner, ok := item.(map[string]any); ok {
			objects = append(objects, inner)
		}
	}
	return objects
}

// desiredObjects renders the configuration, and returns the object that replaces a running one.
func desiredObjects(streams ioStreams, config *fn.List) (func(adoption.Object) adoption.Object, error) {
	found := map[string]adoption.Object{}
	if len(config.Objects()) > 0 {
		results := fn.Process(config, time.Now())
		if results.HasErrors() {
			streams.errorStyle().printResultLines(streams.errors, results)
			return nil, errors.New("the configuration is rejected; correct it first")
		}
		for _, object := range config.Objects() {
			content := map[string]any{}
			if err := object.Node().Decode(&content); err != nil {
				return nil, fmt.Errorf("%s cannot be read", object)
			}
			found[object.String()] = content
		}
	}
	return func(running adoption.Object) adoption.Object {
		for _, content := range found {
			if adoption.Same(content, running) {
				return content
			}
		}
		return nil
	}, nil
}
