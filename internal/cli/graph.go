// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/fn"
)

func graphCommand(streams ioStreams) *cobra.Command {
	var format string
	var given func(args []string) []string
	command := &cobra.Command{
		Use:   "graph FILE...",
		Short: "Draw the topology of a MattermostConfig",
		Long: `Draw what a MattermostConfig installs and connects to: gateways, servers, database,
object storage and every other service, with ports, Secrets and network policies.
Boxes with a dashed border are not created from the output of mattermost-fn.

The picture is a flowchart of Mermaid, which GitHub and GitLab show in Markdown, or
input for Graphviz. For svg, Graphviz must be installed: its program dot is called.`,
		Example: `  mattermost-fn graph examples/basic/mattermost.yaml
  mattermost-fn graph --output dot examples/overlays/production | dot -Tpng > /tmp/mattermost.png
  mattermost-fn graph --output svg examples/basic/mattermost.yaml > /tmp/mattermost.svg`,
		RunE: func(command *cobra.Command, args []string) error {
			files := given(args)
			if len(files) == 0 {
				return errNoFile
			}
			if format != "mermaid" && format != "dot" && format != "svg" {
				return fmt.Errorf("unknown output format %q (want mermaid, dot or svg)", format)
			}
			in, list := newInput(streams), &fn.List{}
			defer in.close()
			if err := in.add(list, files); err != nil {
				return refuse(streams, err)
			}
			missing := missingConfiguration(list, files)
			list.RemoveOutput()
			picture, results := draw(list, in.invalid, missing)
			if results.HasErrors() {
				streams.reportSummary(results)
				return errRefused
			}
			switch format {
			case "dot":
				return streams.write([]byte(picture.DOT()))
			case "svg":
				svg, err := layOut(picture.DOT())
				if err != nil {
					return refuse(streams, err)
				}
				return streams.write(svg)
			}
			return streams.write([]byte(picture.Mermaid()))
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "mermaid", "mermaid, dot or svg")
	given = inputFiles(command)
	return command
}

// draw is process for a picture.
func draw(list *fn.List, invalid, missing fn.Results) (fn.Picture, fn.Results) {
	if len(invalid) > 0 {
		return fn.Picture{}, invalid
	}
	picture, results := fn.Graph(list, time.Now())
	if len(missing) > 0 && !results.HasErrors() {
		return fn.Picture{}, missing
	}
	return picture, results
}

// layOut returns a picture as SVG.
func layOut(dot string) ([]byte, error) {
	program, err := exec.LookPath("dot")
	if err != nil {
		return nil, errors.New("the program dot of Graphviz is not on PATH; install Graphviz, " +
			"or use --output dot or mermaid")
	}
	run := exec.Command(program, "-Tsvg")
	run.Stdin = strings.NewReader(dot)
	var problems bytes.Buffer
	run.Stderr = &problems
	svg, err := run.Output()
	if err != nil {
		return nil, fmt.Errorf("%s -Tsvg: %w: %s", program, err, strings.TrimSpace(problems.String()))
	}
	return svg, nil
}
