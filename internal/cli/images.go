// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/resourcelist"
)

func imagesCommand(streams ioStreams) *cobra.Command {
	var format string
	var given func(args []string) []string
	command := &cobra.Command{
		Use:   "images FILE...",
		Short: "List the images that will run",
		Long: `List the images that run in the cluster for the MattermostConfigs in the files, for
mirrors and scanners, with the object that names each. An image that another
operator chooses is listed as that operator's.`,
		Example: `  mattermost-fn images examples/basic/mattermost.yaml
  mattermost-fn images --output json examples/basic/mattermost.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			files := given(args)
			switch {
			case len(files) == 0:
				return errNoFile
			case format != "text" && format != "json":
				return fmt.Errorf("unknown output format %q (want text or json)", format)
			}
			list, results, err := output(streams, files, "")
			if err != nil {
				return refuse(streams, err)
			}
			if results.HasErrors() {
				streams.reportSummary(results)
				return errRefused
			}
			all := []image{}
			for _, object := range list.Manifests() {
				for _, found := range imagesOf(object) {
					if !slices.Contains(all, found) {
						all = append(all, found)
					}
				}
			}
			if format == "json" {
				return encodeJSON(streams, all)
			}
			table := tabwriter.NewWriter(streams.out, 0, 0, 2, ' ', 0)
			for _, found := range all {
				name := found.Image
				if name == "" {
					name = "(chosen by " + found.Operator + ")"
				}
				fmt.Fprintf(table, "%s\t%s\n", printable(name), printable(found.Object))
			}
			return table.Flush()
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "text", "text or json")
	complete(command, "output", "text", "json")
	given = inputFiles(command)
	return command
}

// image is an image that runs in the cluster.
type image struct {
	// Image is empty if the operator chooses it.
	Image string `json:"image,omitempty"`
	// Operator is the operator that chooses the image.
	Operator string `json:"operator,omitempty"`
	// Object is the object for which it runs.
	Object string `json:"object"`
}

// Operators that choose images, with the versions of package prerequisites.
const (
	cloudNativePG = "CloudNativePG 1.29 or 1.30"
	barmanPlugin  = "the Barman Cloud plugin of CloudNativePG"
	minIOOperator = "the MinIO operator"
)

// imagesOf returns the images in an object: those of containers, and those of operators' resources.
func imagesOf(object fn.Object) []image {
	node, name := object.Node(), object.String()
	text := func(path ...string) string { return resourcelist.Text(resourcelist.Field(node, path...)) }
	var found []image
	add := func(text string) { found = append(found, image{Image: text, Object: name}) }
	switch resource := object.Resource(); {
	case resource.APIVersion == v1beta1.APIVersion && resource.Kind == v1beta1.Kind:
		// mattermost-operator 1.25, apis/mattermost/v1beta1, GetImageName: a version that begins with sha256: is a digest.
		server, version := text("spec", "image"), text("spec", "version")
		switch {
		case strings.HasPrefix(version, "sha256:"):
			add(server + "@" + version)
		default:
			add(server + ":" + version)
		}
	case resource.Kind == "Cluster" && strings.HasPrefix(resource.APIVersion, "postgresql.cnpg.io/"):
		if own := text("spec", "imageName"); own != "" {
			add(own)
		} else {
			found = append(found, image{Operator: cloudNativePG, Object: name})
		}
	case resource.Kind == "ObjectStore" && strings.HasPrefix(resource.APIVersion, "barmancloud.cnpg.io/"):
		found = append(found, image{Operator: barmanPlugin, Object: name})
	case resource.Kind == "Tenant" && strings.HasPrefix(resource.APIVersion, "minio.min.io/"):
		add(text("spec", "image"))
		found = append(found, image{Operator: minIOOperator + " (its sidecar)", Object: name})
	}
	containers(node, add)
	return found
}

// containers calls add with the image of every container in a node.
func containers(node *yaml.Node, add func(image string)) {
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		switch node.Content[i].Value {
		case "containers", "initContainers", "sidecarContainers":
			for _, container := range node.Content[i+1].Content {
				if text := resourcelist.Text(resourcelist.Field(container, "image")); text != "" {
					add(text)
				}
			}
		}
	}
	for _, child := range node.Content {
		containers(child, add)
	}
}
