package commands

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"mattermost-fn/fn"
	"mattermost-fn/fn/result"
)

func checkCommand(std streams) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "check FILE...",
		Short: "Look for mistakes in a MattermostConfig",
		Long: `Hold the MattermostConfigs in the files against all rules and print what there is
to say, without printing what they become. A folder stands for the YAML files
directly in it, - for standard input.

Exit code: 0, or 1 when there is an error. Warnings and infos do not count.`,
		Example: `  mattermost-fn check mattermost.yaml
  mattermost-fn check --output json overlays/production`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("%q is not a form of the results (one of text, json)", format)
			}
			list, err := readFiles(std, files)
			if err != nil {
				return refuse(std, err)
			}
			results := fn.Process(list)
			if err := printResults(std, results, format); err != nil {
				return err
			}
			if results.HasErrors() {
				return errRefused
			}
			return nil
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "text", "text or json")
	return command
}

// printed is one result as JSON.
type printed struct {
	Severity  result.Severity `json:"severity"`
	Rule      string          `json:"rule,omitempty"`
	Message   string          `json:"message"`
	Field     string          `json:"field,omitempty"`
	File      string          `json:"file,omitempty"`
	Line      int             `json:"line,omitempty"`
	Namespace string          `json:"namespace,omitempty"`
	Name      string          `json:"name,omitempty"`
}

func printResults(std streams, results result.Results, format string) error {
	if format == "text" {
		fn.Print(std.out, results)
		return nil
	}
	all := []printed{}
	for _, r := range results {
		all = append(all, printed{r.Severity, r.Rule, r.Message, r.Field, r.File, r.Line, r.Resource.Namespace, r.Resource.Name})
	}
	encoder := json.NewEncoder(std.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(all)
}
