// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/schema"
)

func renderCommand(streams ioStreams) *cobra.Command {
	var directory string
	var given func(args []string) []string
	command := &cobra.Command{
		Use:   "render [--diff DIRECTORY] FILE...",
		Short: "Print the resources of a MattermostConfig as plain YAML",
		Long: `Print the resources of the MattermostConfigs in the files as plain YAML for
'kubectl apply --server-side', together with all other resources in the files that
are for the cluster. For a directory, the YAML files directly in it are read; - is
standard input. Results go to standard error.

With --diff, print what a run in place would change in a directory: a kpt
package, or any directory of rendered YAML. Each object that a configuration
concerns is listed as added, changed, patched, removed or unchanged, with its
file and a diff; of Secrets only the keys are shown. Nothing is written. The
directory may contain the configurations itself.

Exit code: 0, or 1 when a configuration is rejected or there is none; then
nothing is printed.
With --diff, 3 when there are differences.`,
		Example: `  mattermost-fn render mattermost.yaml
  mattermost-fn render mattermost.yaml secrets.yaml | kubectl apply --server-side -f -

  # Is the committed output up to date?
  mattermost-fn render --diff rendered mattermost.yaml
  mattermost-fn render --diff my-package`,
		RunE: func(command *cobra.Command, args []string) error {
			files := given(args)
			if command.Flags().Changed("diff") {
				return diff(streams, directory, files)
			}
			if len(files) == 0 {
				return errNoFile
			}
			list, invalid, err := readFiles(streams, files)
			if err != nil {
				return refuse(streams, err)
			}
			results := process(list, invalid, missingConfiguration(list, files))
			fn.PrintSummary(streams.errors, results)
			if results.HasErrors() {
				return errRefused
			}
			var out bytes.Buffer
			if err := list.WriteManifests(&out); err != nil {
				return refuse(streams, err)
			}
			return streams.write(out.Bytes())
		},
	}
	command.Flags().StringVar(&directory, "diff", "", "the `directory` to compare with; its files are not changed")
	given = inputFiles(command)
	return command
}

// write writes output.
func (s ioStreams) write(text []byte) error {
	_, err := s.out.Write(text)
	return err
}

// refuse prints an error about the input, as opposed to one about the command line.
func refuse(streams ioStreams, err error) error {
	fmt.Fprintln(streams.errors, "error:", err)
	return errRefused
}

func schemaCommand(streams ioStreams) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "schema",
		Short: "Print the schema of MattermostConfig",
		Long: `Print the schema of MattermostConfig: as a CustomResourceDefinition, or as a JSON
Schema for editors. With the JSON Schema, an editor completes fields, shows their
documentation and marks mistakes.`,
		Example: `  mattermost-fn schema > mattermostconfig-crd.yaml
  mattermost-fn schema --output json-schema > mattermostconfig.schema.json
  # then, as the first line of the configuration:
  # yaml-language-server: $schema=mattermostconfig.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "crd":
				return streams.write(v1alpha1.CRD())
			case "json-schema":
				text, err := schema.JSON()
				if err != nil {
					return refuse(streams, err)
				}
				return streams.write(text)
			}
			return fmt.Errorf("unknown output format %q (want crd or json-schema)", format)
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "crd", "crd or json-schema")
	return command
}

func explainCommand(streams ioStreams) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [FIELD]",
		Short: "Describe a field of MattermostConfig",
		Long:  "Describe a field of MattermostConfig: its meaning, allowed values, and the fields in it.",
		Example: `  mattermost-fn explain
  mattermost-fn explain spec.sso
  mattermost-fn explain spec.database.sslMode`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			field := ""
			if len(args) == 1 {
				field = args[0]
			}
			text, err := schema.Explain(field)
			if err != nil {
				return refuse(streams, err)
			}
			return streams.write([]byte(text))
		},
	}
}
