// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/prerequisites"
	"bigbang.dev/mattermost-fn/internal/ruleid"
)

func checkCommand(streams ioStreams) *cobra.Command {
	var format, failOn, from string
	var given func(args []string) []string
	command := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check a MattermostConfig for mistakes",
		Long: `Check the MattermostConfigs in the files against all rules, and print the results
and a list of prerequisites: everything that must exist or be done, in an order
in which it can be done, with commands. With --output json each has a stable id.
Prints no resources. - is standard input.

` + directoryHelp + `

The output of earlier runs next to a configuration is ignored, except for the
version of Mattermost: where the configuration has a newer one, or with --from, what
changes between both is listed, with warnings for what needs a decision first.
Without a MattermostConfig in the files, for a kustomization, and on standard input
(kustomize build ... | mattermost-fn check -), what kustomize makes of the output is
checked: whether names, namespaces, labels and images still fit together [MM070].

Exit code: 0, or 1 when there is an error, or neither a MattermostConfig nor output
of one. Warnings count with --fail-on warning; infos never do.`,
		Example: `  mattermost-fn check examples/basic/mattermost.yaml
  mattermost-fn check examples/overlays/production
  mattermost-fn check --from 10.5.1 examples/basic/mattermost.yaml
  mattermost-fn check --fail-on warning --output json examples/fleet`,
		RunE: func(_ *cobra.Command, args []string) error {
			files := given(args)
			if len(files) == 0 {
				return errNoFile
			}
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown output format %q (want text or json)", format)
			}
			if failOn != "error" && failOn != "warning" {
				return fmt.Errorf("unknown severity %q (want error or warning)", failOn)
			}
			if err := checkVersion(from); err != nil {
				return err
			}
			in, list := newInput(streams), &fn.List{Earlier: from}
			defer in.close()
			if err := in.add(list, files); err != nil {
				return refuse(streams, err)
			}
			missing := missingConfiguration(list, files)
			var output fn.Results
			switch count := emitted(list); {
			case len(missing) > 0 && count > 0:
				missing = withoutConfiguration(fn.CheckOutput(list), count)
			case slices.Contains(files, "-"): // what kustomize built, with the configuration among its resources
				output = fn.CheckOutput(list)
			}
			list.RemoveOutput()
			results := append(process(list, in.invalid, missing), in.warnings(list)...)
			results = append(results, output...)
			if in.follower != nil {
				results = append(results, in.follower.withoutFunction...)
			}
			if !results.HasErrors() {
				results = append(results, in.checkBuilt()...)
			}
			if err := printResults(streams, results, format); err != nil {
				return err
			}
			if results.HasErrors() || failOn == "warning" && slices.ContainsFunc(results, func(r fn.Result) bool {
				return r.Severity == fn.Warning
			}) {
				return errRefused
			}
			return nil
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "text", "text or json")
	fromFlag(command, &from)
	command.Flags().StringVar(&failOn, "fail-on", "error", "the least `severity` that fails: error or warning")
	complete(command, "output", "text", "json")
	complete(command, "fail-on", "error", "warning")
	given = inputFiles(command)
	return command
}

// fromFlag adds the flag with the version of Mattermost that runs.
func fromFlag(command *cobra.Command, from *string) {
	command.Flags().StringVar(from, "from", "", "the `version` of Mattermost that runs now: report what an upgrade "+
		"changes")
}

// checkVersion returns an error for a version of --from that is not one.
func checkVersion(from string) error {
	if from == "" {
		return nil
	}
	if _, _, err := v1alpha1.ParseVersion(from); err != nil {
		return fmt.Errorf("--from: %q is not a version (%w); write it as in 10.5.1", from, err)
	}
	return nil
}

// emitted returns how many objects of a list mattermost-fn emitted.
func emitted(list *fn.List) int {
	count := 0
	for _, object := range list.Objects() {
		if object.IsEmitted() {
			count++
		}
	}
	return count
}

// withoutConfiguration returns the results of a list with emitted objects only. If there are none, it says that they
// were checked.
func withoutConfiguration(output fn.Results, count int) fn.Results {
	if len(output) > 0 {
		return output
	}
	return fn.Results{{Severity: fn.Info, Message: fmt.Sprintf("found no %s; the %d objects that mattermost-fn emitted "+
		"fit together", v1alpha1.Kind, count)}}
}

// process runs the function on a list. If the configuration is missing, it returns the error about that instead of the
// function's warning. Of files that are invalid it returns the errors only, since other errors may be their
// consequence.
func process(list *fn.List, invalid, missing fn.Results) fn.Results {
	if len(invalid) > 0 {
		return invalid
	}
	results := fn.Process(list, time.Now())
	if len(missing) > 0 && !results.HasErrors() {
		return missing
	}
	return results
}

// jsonResult is one result as JSON.
type jsonResult struct {
	Severity  fn.Severity `json:"severity"`
	Rule      string      `json:"rule,omitempty"`
	Message   string      `json:"message"`
	Field     string      `json:"field,omitempty"`
	File      string      `json:"file,omitempty"`
	Line      int         `json:"line,omitempty"`
	Namespace string      `json:"namespace,omitempty"`
	Name      string      `json:"name,omitempty"`
	// Prerequisite has the details of a prerequisite; the message contains its why.
	Prerequisite *jsonPrerequisite `json:"prerequisite,omitempty"`
	// Upgrade has the details of a change between the version that runs and the configured one.
	Upgrade *jsonUpgrade `json:"upgrade,omitempty"`
}

// jsonUpgrade is one change between two versions of Mattermost as JSON. Every field is always present.
type jsonUpgrade struct {
	ID      string `json:"id"`
	From    string `json:"from"`
	To      string `json:"to"`
	Since   string `json:"since"`
	General bool   `json:"general"`
	Source  string `json:"source"`
}

func upgradeOf(r fn.Result) *jsonUpgrade {
	if u := r.Upgrade; u != nil {
		return &jsonUpgrade{u.ID, u.From, u.To, u.Since, u.General, u.Source}
	}
	return nil
}

// jsonPrerequisite is one prerequisite as JSON. Every field is always present.
type jsonPrerequisite struct {
	ID        string   `json:"id"`
	Topic     string   `json:"topic"`
	Kind      string   `json:"kind"`
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Keys      []string `json:"keys"`
	Why       string   `json:"why"`
	Command   string   `json:"command"`
}

func prerequisiteOf(r fn.Result) *jsonPrerequisite {
	p := r.Prerequisite
	if p == nil {
		return nil
	}
	keys := p.Keys
	if keys == nil {
		keys = []string{}
	}
	return &jsonPrerequisite{p.ID, r.Topic, p.Kind, p.Namespace, p.Name, keys, r.Message, p.Command}
}

func printResults(streams ioStreams, results fn.Results, format string) error {
	if format == "text" {
		var findings, todo, upgrade fn.Results
		for _, r := range results {
			switch {
			case isPrerequisite(r):
				todo = append(todo, r)
			case r.Upgrade != nil && r.Severity == fn.Info:
				upgrade = append(upgrade, r)
			default:
				findings = append(findings, r)
			}
		}
		if err := streams.outStyle().printResultLines(streams.out, findings); err != nil {
			return err
		}
		if err := printSections(streams.out, upgrade, len(findings) > 0, printUpgrade); err != nil {
			return err
		}
		return printSections(streams.out, todo, len(findings)+len(upgrade) > 0, printChecklist)
	}
	all := []jsonResult{}
	for _, r := range results {
		all = append(all, jsonResult{r.Severity, r.Rule, r.Text(), r.Field, r.File, r.Line, r.Resource.Namespace,
			r.Resource.Name, prerequisiteOf(r), upgradeOf(r)})
	}
	return encodeJSON(streams, all)
}

// isPrerequisite reports whether a result is an external prerequisite.
func isPrerequisite(r fn.Result) bool { return r.Rule == ruleid.Prerequisite }

// printSections writes a section with the results of each configuration, in the order of their first results.
// Sections are separated by empty lines; after says that something is before the first one.
func printSections(
	out io.Writer, results fn.Results, after bool, section func(text *strings.Builder, config fn.Resource, own fn.Results),
) error {
	own := map[fn.Resource]fn.Results{}
	var configs []fn.Resource
	for _, r := range results {
		if own[r.Resource] == nil {
			configs = append(configs, r.Resource)
		}
		own[r.Resource] = append(own[r.Resource], r)
	}
	var text strings.Builder
	for _, config := range configs {
		if after {
			text.WriteString("\n")
		}
		after = true
		section(&text, config, own[config])
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// printChecklist writes the external prerequisites of a configuration by topic.
func printChecklist(text *strings.Builder, config fn.Resource, todo fn.Results) {
	fmt.Fprintf(text, "Prerequisites for %s/%s:\n", config.Namespace, config.Name)
	for _, topic := range prerequisites.Topics {
		printTopic(text, topic, todo)
	}
}

// printUpgrade writes what changes with the upgrade of a configuration: first what concerns it, then the rest.
func printUpgrade(text *strings.Builder, config fn.Resource, changes fn.Results) {
	upgrade := changes[0].Upgrade
	fmt.Fprintf(text, "Upgrade of %s/%s from Mattermost %s to %s:\n", config.Namespace, config.Name, upgrade.From,
		upgrade.To)
	heading := ""
	for _, r := range changes {
		next, place := "this configuration", r.Field+": "
		if r.Upgrade.General {
			next, place = "in general", ""
		}
		if next != heading {
			fmt.Fprintf(text, "\n%s\n", next)
			heading = next
		}
		fmt.Fprintf(text, "  - %s%s\n", place, printable(r.Message))
	}
}

// printTopic writes the prerequisites of one topic, or nothing if there are none.
func printTopic(text *strings.Builder, topic prerequisites.Topic, all fn.Results) {
	heading := fmt.Sprintf("\n%s\n", topic)
	for _, r := range all {
		if r.Topic == string(topic) {
			fmt.Fprintf(text, "%s  [ ] %s\n", heading, printable(r.Message))
			heading = ""
			if r.Prerequisite != nil && r.Prerequisite.Command != "" {
				for line := range strings.SplitSeq(r.Prerequisite.Command, "\n") {
					fmt.Fprintf(text, "      $ %s\n", printable(line))
				}
			}
		}
	}
}
