// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/importer"
)

// errNeedsPerson is returned when an import left something to do, after that was printed.
var errNeedsPerson = errors.New("needs a person")

func importCommand(streams ioStreams) *cobra.Command {
	var format, secrets string
	var options importer.Options
	var given func(args []string) []string
	command := &cobra.Command{
		Use:   "import FILE...",
		Short: "Make a MattermostConfig from Big Bang, Helm values or a Mattermost resource",
		Long: `Make a MattermostConfig from what describes an installation elsewhere:

  - values of Big Bang's umbrella or of its package, of UDS, and of the charts
    mattermost-team-edition, mattermost-enterprise-edition and mattermost;
    several files are merged as Helm merges them
  - a Mattermost or ClusterInstallation resource, with its Secrets and other
    objects next to it (kubectl get ... -o yaml)

The configuration goes to standard output, with comments that say where a value
came from. The report goes to standard error. It has every key of the input:
translated to which field, unnecessary and why, or not translated and what to do
instead. Neither contains a secret: the configuration refers to Secrets, whose
manifests --secrets writes to a file.

For a directory, the YAML files directly in it are read; - is standard input.

Exit code: 0, or 3 when something is left to do, or 1 when the input cannot be
read or is not recognized.`,
		Example: `  mattermost-fn import docs/example-values.yaml > /tmp/mattermost.yaml
  mattermost-fn import --secrets /tmp/secrets.yaml docs/example-values.yaml > /tmp/mattermost.yaml

  # A running installation
  kubectl get mattermost,secret,pvc -n mattermost -o yaml | mattermost-fn import - > /tmp/running.yaml

  # Check the result
  mattermost-fn check /tmp/mattermost.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			names := given(args)
			if len(names) == 0 {
				return errNoFile
			}
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown output format %q (want text or json)", format)
			}
			var files []importer.File
			err := newInput(streams).each(names, func(path string, data []byte) error {
				files = append(files, importer.File{Name: path, Data: data})
				return nil
			})
			if err != nil {
				return refuse(streams, err)
			}
			options.WritesSecrets = secrets != ""
			imported, err := importer.Import(files, options)
			if err != nil {
				return refuse(streams, err)
			}
			if err := checkImported(imported); err != nil {
				return refuse(streams, err)
			}
			if secrets != "" && len(imported.Secrets) > 0 {
				if err := writeSecret(secrets, imported.Secrets); err != nil {
					return refuse(streams, err)
				}
			}
			return printImported(streams, imported, format)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&format, "output", "o", "text", "the form of the report: text or json")
	flags.StringVar(&secrets, "secrets", "", "write the manifests of Secrets with the input's secrets to a new `file`")
	flags.StringVar(&options.Name, "name", "", "name of the installation (default: that of the input, or mattermost)")
	flags.StringVar(&options.Namespace, "namespace", "", "its namespace (default: that of the input, or mattermost)")
	given = inputFiles(command)
	return command
}

// checkImported adds to the report what mattermost-fn check says about the configuration together with the Secrets, and
// which objects of the input they no longer give.
func checkImported(imported *importer.Result) error {
	if len(imported.Config) == 0 {
		return nil
	}
	list := &fn.List{}
	if err := list.ReadFile("", imported.Config); err != nil {
		return fmt.Errorf("internal error in mattermost-fn; please report it: %w", err)
	}
	if err := list.ReadFile("", imported.Secrets); err != nil {
		return fmt.Errorf("internal error in mattermost-fn; please report it: %w", err)
	}
	results := fn.Process(list, time.Now())
	for _, r := range results {
		if r.Severity == fn.Error {
			imported.Report.AddCheck(r.Field, r.Message)
		}
	}
	if results.HasErrors() {
		return nil // it emits nothing
	}
	var emitted []importer.Object
	for _, object := range list.Manifests() {
		r := object.Resource()
		emitted = append(emitted, importer.NewObject(r.APIVersion, r.Kind, r.Namespace, r.Name))
	}
	imported.Report.CompareOutput(emitted)
	return nil
}

// writeSecret writes a new file that only its owner can read. It replaces none, which might have other permissions.
func writeSecret(name string, data []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("--secrets %s: the file exists; remove it, or name another one", name)
	}
	if err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

func printImported(streams ioStreams, imported *importer.Result, format string) error {
	if _, err := streams.out.Write(imported.Config); err != nil {
		return refuse(streams, fmt.Errorf("standard output: %w", err))
	}
	if err := printReport(streams.errors, &imported.Report, format); err != nil {
		return refuse(streams, err)
	}
	if imported.Report.NeedsPerson() {
		return errNeedsPerson
	}
	return nil
}

func printReport(out io.Writer, report *importer.Report, format string) error {
	if format == "text" {
		return report.Write(out)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}

// each calls yield with the content of every named file; of a directory, of the YAML files directly in it.
func (in *input) each(names []string, yield func(path string, data []byte) error) error {
	for _, name := range names {
		directory, files := filepath.Dir(name), []string{filepath.Base(name)}
		if info, err := os.Stat(name); name != "-" && err == nil && info.IsDir() {
			directory = name
			if files, err = yamlFiles(name); err != nil {
				return err
			}
		}
		for _, file := range files {
			path := name
			if directory == name {
				path = filepath.Join(name, file)
			}
			data, _, err := in.read(directory, file, path)
			if err != nil {
				return err
			}
			if err := yield(path, data); err != nil {
				return err
			}
		}
	}
	return nil
}
