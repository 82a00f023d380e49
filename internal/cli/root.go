// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line: the KRM function when called without arguments, and subcommands for users.
package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"bigbang.dev/mattermost-fn/fn"
	"bigbang.dev/mattermost-fn/internal/nearest"
)

// Exit codes.
const (
	// exitOK: success; there may be warnings.
	exitOK = 0
	// exitRefused: the configuration or the input is rejected.
	exitRefused = 1
	// exitUsage: the command line is invalid. Nothing was written to standard output.
	exitUsage = 2
	// exitDifferent: render --diff found differences, and printed them; import left something to do, and printed it.
	exitDifferent = 3
)

// errRefused is returned after the reason has been printed.
var errRefused = errors.New("refused")

// ioStreams are the streams that a command reads and writes.
type ioStreams struct {
	in          io.Reader
	out, errors io.Writer
	// terminal is what out writes to, which may be a terminal.
	terminal io.Writer
	// color is the value of --color; nil for never.
	color *colorMode
}

// Execute runs the command line and returns the exit code. Without arguments it is the KRM function.
func Execute(args []string, in io.Reader, out, errs io.Writer) int {
	streams := ioStreams{in: in, out: out, errors: errs, terminal: out}
	if len(args) == 0 && !isTerminal(in) {
		limitGarbageCollection()
		return fn.Run(in, out, errs) // fast path: no command tree
	}
	checked := &checkedWriter{to: out}
	streams.out = checked
	color := colorAuto
	streams.color = &color
	root := rootCommand(streams)
	if len(args) == 0 {
		args = []string{"--help"} // a ResourceList is not typed into a terminal
	}
	root.SetArgs(args)
	command, err := root.ExecuteC()
	switch {
	case checked.err != nil:
		fmt.Fprintln(errs, "error: standard output:", checked.err)
		return exitRefused
	case err == nil:
		return exitOK
	case errors.Is(err, errRefused):
		return exitRefused
	case errors.Is(err, errDifferent), errors.Is(err, errNeedsPerson):
		return exitDifferent
	}
	fmt.Fprintf(errs, "%s %v\nRun '%s --help' for usage.\n", streams.errorStyle().paint(red, "error:"), err,
		command.CommandPath())
	return exitUsage
}

// checkedWriter keeps the first error of writing. Help, for which cobra ignores errors, fails like all other output if
// it cannot be written.
type checkedWriter struct {
	to  io.Writer
	err error
}

func (w *checkedWriter) Write(text []byte) (int, error) {
	n, err := w.to.Write(text)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// memoryWithoutCollection is the memory that the function may use before garbage is collected, in bytes.
const memoryWithoutCollection = 256 << 20

// defaultGCPercent is Go's own setting.
const defaultGCPercent = 100

// limitGarbageCollection turns garbage collection off while the process is small: it ends before the garbage matters.
// Settings other than Go's own stay, such as those that Go reads from GOGC and GOMEMLIMIT.
func limitGarbageCollection() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 { // -1 only returns it
		return
	}
	if percent := debug.SetGCPercent(-1); percent != defaultGCPercent {
		debug.SetGCPercent(percent)
		return
	}
	debug.SetMemoryLimit(memoryWithoutCollection)
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
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
		Example: `  # Begin
  mattermost-fn new /tmp/mattermost

  # Make a configuration from Big Bang, Helm values or a Mattermost resource
  mattermost-fn import docs/example-values.yaml

  # Only check for mistakes
  mattermost-fn check examples/basic/mattermost.yaml

  # Print the resources of a configuration
  mattermost-fn render examples/basic/mattermost.yaml

  # Show what a run would change in a package
  mattermost-fn render --diff examples/kpt-package

  # List the images that will run
  mattermost-fn images examples/basic/mattermost.yaml

  # Show which features a license includes, and when it expires
  mattermost-fn license docs/example.mattermost-license

  # Draw the topology of a configuration
  mattermost-fn graph examples/basic/mattermost.yaml

  # Describe the fields of the configuration
  mattermost-fn explain spec.sso

  # Print the versions of the function and of Mattermost
  mattermost-fn version

  # As a function
  kustomize build --enable-alpha-plugins --enable-exec examples/basic
  kpt fn render --allow-exec examples/kpt-package`,
		Args: func(root *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(root, args[0])
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
	root.SetFlagErrorFunc(unknownFlag)
	if streams.color != nil {
		root.PersistentFlags().Var(streams.color, "color", "color severities and differences: auto, always or never")
		complete(root, "color", string(colorAuto), string(colorAlways), string(colorNever))
	}
	root.SetHelpCommand(helpCommand())
	root.AddCommand(renderCommand(streams), checkCommand(streams), licenseCommand(streams), explainCommand(streams),
		schemaCommand(streams), graphCommand(streams), versionCommand(streams), importCommand(streams),
		adoptCommand(streams), imagesCommand(streams), newCommand(streams), installCommand(streams))
	return root
}

// unknownCommand returns the error for an argument that is not a command: a misspelled one, or a file.
func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, command := range root.Commands() {
		if !command.Hidden {
			names = append(names, command.Name())
		}
	}
	if near := nearest.Nearest(name, names); near != "" {
		return fmt.Errorf("unknown command %q; did you mean %q?", name, near)
	}
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("unknown command %q; to render this file: mattermost-fn render %[1]s", name)
	}
	return fmt.Errorf("unknown command %q; must be one of %s", name, strings.Join(names, ", "))
}

// unknownFlag adds the nearest flag to the error about an unknown one.
func unknownFlag(command *cobra.Command, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var names []string
	command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	if near := nearest.Nearest(name, names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

// helpCommand is cobra's own, except that it fails for an unknown command.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Describe a command",
		Long:    "Describe a command with its flags and examples, or all commands.",
		Example: "  mattermost-fn help render",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(help *cobra.Command, args []string) error {
			command := help.Root()
			for _, name := range args {
				found, _, err := command.Find([]string{name})
				if err != nil || found == command {
					return unknownCommand(command, name)
				}
				command = found
			}
			return command.Help()
		},
		ValidArgsFunction: func(help *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, command := range help.Root().Commands() {
				if len(args) == 0 && command.IsAvailableCommand() {
					names = append(names, command.Name()+"\t"+command.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// inputFiles adds the flag -f, which users of kubectl expect, and returns the files of a command line: of the flag and
// of the arguments.
func inputFiles(command *cobra.Command) func(args []string) []string {
	var flagged []string
	command.Flags().StringArrayVarP(&flagged, "filename", "f", nil,
		"a `file` or directory, as an alternative to the arguments; may be repeated")
	extensions := []string{"yaml", "yml"}
	if err := command.MarkFlagFilename("filename", extensions...); err != nil {
		panic(err)
	}
	command.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return extensions, cobra.ShellCompDirectiveFilterFileExt
	}
	return func(args []string) []string { return append(slices.Clone(flagged), args...) }
}

// complete adds the completion of a flag's values.
func complete(command *cobra.Command, flag string, values ...string) {
	err := command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err)
	}
}

var errNoFile = errors.New("a file or directory is required; - is standard input")
