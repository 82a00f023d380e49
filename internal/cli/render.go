// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/internal/schema"
)

func renderCommand(streams ioStreams) *cobra.Command {
	var options renderOptions
	var given func(args []string) []string
	command := &cobra.Command{
		Use:   "render [--diff DIRECTORY | --output-dir DIRECTORY] FILE...",
		Short: "Print the resources of a MattermostConfig as plain YAML",
		Long: `Print the resources of the MattermostConfigs in the files as plain YAML for
'kubectl apply --server-side', together with all other resources in the files that
are for the cluster. - is standard input. Results go to standard error.

` + directoryHelp + `

With --list, print one line per object instead.

With --output-dir, write the resources to a directory instead, one file per
concern, for Git, Flux and Argo CD. Run again, it updates and removes what it
wrote before, and keeps comments, objects of others and objects with data, as
docs/ownership.md describes.

With --diff, print what --output-dir, or a run of kpt in place, would change in a
directory: a kpt package, or any directory of rendered YAML. Each object that a
configuration concerns is listed as added, changed, patched, removed or unchanged,
with its file and a diff; of Secrets only the keys are shown. Nothing is written.
The directory may contain the configurations itself.

Exit code: 0, or 1 when a configuration is rejected or there is none; then
nothing is printed or written.
With --diff, 3 when there are differences.`,
		Example: `  mattermost-fn render examples/basic/mattermost.yaml
  mattermost-fn render examples/basic/mattermost.yaml | kubectl apply --server-side -f -
  mattermost-fn render --list examples/overlays/production

  # Render for Git, and check in CI that the committed output is up to date
  mattermost-fn render --output-dir /tmp/rendered examples/basic/mattermost.yaml
  mattermost-fn render --diff /tmp/rendered examples/basic/mattermost.yaml`,
		RunE: func(command *cobra.Command, args []string) error {
			files := given(args)
			if err := checkVersion(options.from); err != nil {
				return err
			}
			toDirectory := command.Flags().Changed("output-dir")
			switch asDiff := command.Flags().Changed("diff"); {
			case options.format != "text" && options.format != "json":
				return fmt.Errorf("unknown output format %q (want text or json)", options.format)
			case options.format == "json" && !asDiff:
				return errors.New("--output json requires --diff; manifests are YAML")
			case asDiff && toDirectory:
				return errors.New("--diff conflicts with --output-dir; set only one")
			case asDiff && options.list:
				return errors.New("--diff conflicts with --list; set only one")
			case toDirectory && options.directory == "":
				return errors.New("--output-dir: a directory is required")
			case asDiff:
				return diff(streams, options, files)
			case toDirectory:
				return writeDirectory(streams, options, files)
			case len(files) == 0:
				return errNoFile
			}
			return render(streams, options, files)
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.compared, "diff", "", "the `directory` to compare with; its files are not changed")
	flags.StringVar(&options.directory, "output-dir", "", "the `directory` to write to")
	flags.BoolVar(&options.list, "list", false, "print one line per object")
	flags.StringVarP(&options.format, "output", "o", "text", "of --diff: text or json")
	fromFlag(command, &options.from)
	complete(command, "output", "text", "json")
	for _, name := range []string{"diff", "output-dir"} {
		if err := command.MarkFlagDirname(name); err != nil {
			panic(err)
		}
	}
	given = inputFiles(command)
	return command
}

// renderOptions are the flags of render.
type renderOptions struct {
	compared, directory, format string
	// from is the version of Mattermost that runs.
	from string
	list bool
}

// render prints the resources of the configurations in the files, or a list of them. If standard error is a terminal
// and the resources go elsewhere, the list is printed there.
func render(streams ioStreams, options renderOptions, files []string) error {
	list, results, err := output(streams, files, options.from)
	if err != nil {
		return refuse(streams, err)
	}
	streams.reportSummary(results)
	if results.HasErrors() {
		return errRefused
	}
	var out, names bytes.Buffer
	table := tabwriter.NewWriter(&names, 0, 0, 2, ' ', 0)
	for _, object := range list.Manifests() {
		resource := object.Resource()
		fmt.Fprintf(table, "%s\t%s\t%s\n", printable(resource.Kind),
			printable(strings.TrimPrefix(resource.Namespace+"/"+resource.Name, "/")), printable(resource.APIVersion))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if options.list {
		return streams.write(names.Bytes())
	}
	if err := list.WriteManifests(&out); err != nil {
		return refuse(streams, err)
	}
	if err := streams.write(out.Bytes()); err != nil {
		return err
	}
	if isTerminal(streams.errors) && !isTerminal(streams.terminal) {
		fmt.Fprintf(streams.errors, "\n%s", names.String())
	}
	return nil
}

// write writes output.
func (s ioStreams) write(text []byte) error {
	_, err := s.out.Write(text)
	return err
}

// refuse prints an error about the input, as opposed to one about the command line.
func refuse(streams ioStreams, err error) error {
	fmt.Fprintln(streams.errors, streams.errorStyle().paint(red, "error:"), err)
	return errRefused
}

func schemaCommand(streams ioStreams) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "schema",
		Short: "Print the schema of MattermostConfig",
		Long: `Print the schema of MattermostConfig: as a CustomResourceDefinition, as a JSON
Schema for editors, or as the OpenAPI schema that a kustomization's openapi.path
names. With the JSON Schema, an editor completes fields, shows their documentation
and marks mistakes. With the OpenAPI schema, patches of overlays merge lists of
named elements, such as spec.env, instead of replacing them. It also has the keys
of the Mattermost resource, and of Kubernetes' own kinds, since kustomize does not
use its own schema next to it.`,
		Example: `  mattermost-fn schema > /tmp/mattermostconfig-crd.yaml
  mattermost-fn schema --output json-schema > /tmp/mattermostconfig.schema.json
  # then, as the first line of the configuration:
  # yaml-language-server: $schema=mattermostconfig.schema.json

  mattermost-fn schema --output openapi > /tmp/mattermostconfig.openapi.json
  # then, in the kustomization of the base:
  # openapi: {path: mattermostconfig.openapi.json}`,
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
			case "openapi":
				text, err := schema.OpenAPI()
				if err != nil {
					return refuse(streams, err)
				}
				return streams.write(text)
			}
			return fmt.Errorf("unknown output format %q (want crd, json-schema or openapi)", format)
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "crd", "crd, json-schema or openapi")
	complete(command, "output", "crd", "json-schema", "openapi")
	return command
}

func explainCommand(streams ioStreams) *cobra.Command {
	var recursive bool
	command := &cobra.Command{
		Use:   "explain [FIELD | SETTING | VARIABLE | WORD]",
		Short: "Describe a field of MattermostConfig",
		Long: `Describe a field of MattermostConfig: its meaning, allowed values, and the fields
in it. Also a setting of Mattermost, by its name in config.json or by its
environment variable. For other words, list the fields and settings with all of
them.`,
		Example: `  mattermost-fn explain
  mattermost-fn explain spec.sso
  mattermost-fn explain spec.database.sslMode
  mattermost-fn explain TeamSettings.SiteName
  mattermost-fn explain MM_TEAMSETTINGS_SITENAME
  mattermost-fn explain certificate
  mattermost-fn explain "load balancer"
  mattermost-fn explain --recursive spec.route`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			field := ""
			if len(args) == 1 {
				field = args[0]
			}
			describe := schema.Lookup
			if recursive {
				describe = schema.Tree
			}
			text, err := describe(field)
			if err != nil {
				return refuse(streams, err)
			}
			return streams.write([]byte(text))
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return schema.Complete(begin), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		},
	}
	command.Flags().BoolVar(&recursive, "recursive", false, "list all fields in it, with their types")
	return command
}
