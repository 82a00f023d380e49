package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/prerequisites"
	"bigbang.dev/mattermost-fn/internal/result"
	"bigbang.dev/mattermost-fn/internal/rules"
)

func checkCommand(std streams) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "check FILE...",
		Short: "Look for mistakes in a MattermostConfig",
		Long: `Hold the MattermostConfigs in the files against all rules and print what there is
to say, without printing what they become, then a checklist of what must be
arranged elsewhere: at the identity provider, in the database, at the firewall.
A folder stands for the YAML files directly in it, - for standard input.

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
			results := fn.Process(list, time.Now())
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
		said := slices.DeleteFunc(slices.Clone(results), isFact)
		fn.Print(std.out, said)
		return printChecklist(std.out, slices.DeleteFunc(slices.Clone(results), func(r result.Result) bool { return !isFact(r) }), len(said) > 0)
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

// isFact says that a result is something to arrange elsewhere.
func isFact(r result.Result) bool { return r.Rule == rules.FactID }

// printChecklist writes what is to be arranged elsewhere, for each configuration by place.
func printChecklist(out io.Writer, todo result.Results, after bool) error {
	var text strings.Builder
	for len(todo) > 0 {
		config := todo[0].Resource
		var own, others result.Results
		for _, fact := range todo {
			if fact.Resource == config {
				own = append(own, fact)
			} else {
				others = append(others, fact)
			}
		}
		if after {
			text.WriteString("\n")
		}
		after = true
		fmt.Fprintf(&text, "To arrange elsewhere for %s/%s:\n", config.Namespace, config.Name)
		places := byPlace(own)
		for _, place := range places {
			fmt.Fprintf(&text, "\n%s\n", place.name)
			for _, what := range place.todo {
				fmt.Fprintf(&text, "  [ ] %s\n", printable(what))
			}
		}
		todo = others
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// place is where things are to be arranged.
type place struct {
	name string
	todo []string
}

// byPlace groups facts by the word before their first colon.
func byPlace(all result.Results) []place {
	var places []place
	for _, name := range prerequisites.Places {
		var todo []string
		for _, fact := range all {
			if where, what, _ := strings.Cut(fact.Message, ": "); where == name {
				todo = append(todo, what)
			}
		}
		if len(todo) > 0 {
			places = append(places, place{name, todo})
		}
	}
	return places
}
