// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line: the KRM function when called without arguments, and subcommands for users.
package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"bigbang.dev/mattermost-fn/fn"
)

// Exit codes.
const (
	// exitOK: success; there may be warnings.
	exitOK = 0
	// exitRefused: the configuration or the input is rejected.
	exitRefused = 1
	// exitUsage: the command line is invalid. Nothing was written to standard output.
	exitUsage = 2
	// exitDifferent: render --diff found differences, and printed them.
	exitDifferent = 3
)

// errRefused is returned after the reason has been printed.
var errRefused = errors.New("refused")

// ioStreams are the streams that a command reads and writes.
type ioStreams struct {
	in          io.Reader
	out, errors io.Writer
}

// Execute runs the command line and returns the exit code. Without arguments it is the KRM function.
func Execute(args []string, in io.Reader, out, errs io.Writer) int {
	streams := ioStreams{in: in, out: out, errors: errs}
	if len(args) == 0 && !isTerminal(in) {
		return fn.Run(in, out, errs) // fast path: no command tree
	}
	root := rootCommand(streams)
	if len(args) == 0 {
		args = []string{"--help"} // a ResourceList is not typed into a terminal
	}
	root.SetArgs(args)
	err := root.Execute()
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errRefused):
		return exitRefused
	case errors.Is(err, errDifferent):
		return exitDifferent
	}
	fmt.Fprintf(errs, "error: %v\nRun 'mattermost-fn --help' for usage.\n", err)
	return exitUsage
}

func isTerminal(in io.Reader) bool {
	file, ok := in.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func rootCommand(streams ioStreams) *cobra.Command {
	root := &cobra.Command{
		Use:   "mattermost-fn",
		Short: "Turn one MattermostConfig into a complete Mattermost on Kubernetes",
		Long: `mattermost-fn turns one MattermostConfig into a complete Mattermost on Kubernetes:
the resource of the Mattermost operator, Secrets, database, file store, route,
metrics and logs.

Called without arguments it is a KRM function: it reads a ResourceList from
standard input and writes one to standard output. That is how kustomize and kpt
call it.`,
		Example: `  # Print the resources of a configuration
  mattermost-fn render examples/basic/mattermost.yaml

  # Show what a run would change in a package
  mattermost-fn render --diff my-package

  # Only check for mistakes
  mattermost-fn check examples/basic/mattermost.yaml

  # Show which features a license includes, and when it expires
  mattermost-fn license mattermost.mattermost-license

  # Describe the fields of the configuration
  mattermost-fn explain spec.sso

  # Print the versions of the function and of Mattermost
  mattermost-fn version

  # As a function
  kustomize build --enable-alpha-plugins --enable-exec examples/basic
  kpt fn eval my-package --exec mattermost-fn`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q. As a function it takes no arguments; to render a file: "+
					"mattermost-fn render %s", args[0], args[0])
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error {
			return errors.New("as a function it takes no arguments or flags: its configuration is a MattermostConfig")
		},
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(streams.in)
	root.SetOut(streams.out)
	root.SetErr(streams.errors)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(renderCommand(streams), checkCommand(streams), licenseCommand(streams), explainCommand(streams),
		schemaCommand(streams), versionCommand(streams))
	return root
}
