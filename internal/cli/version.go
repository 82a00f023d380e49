// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"runtime/debug"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bigbang.dev/mattermost-fn/api/v1alpha1"
	mattermostv1beta1 "bigbang.dev/mattermost-fn/internal/apis/mattermost/v1beta1"
	"bigbang.dev/mattermost-fn/internal/thirdparty"
)

func versionCommand(streams ioStreams) *cobra.Command {
	var licenses bool
	command := &cobra.Command{
		Use:   "version",
		Short: "Print the version, and the versions of Mattermost and its operator that it was built for",
		Long: `Print the version of mattermost-fn, the version of Mattermost that it deploys by
default and was tested with, and the version of the Mattermost operator whose
resource it writes.

With --licenses, print the license texts of all code in the binary instead.`,
		Example: `  mattermost-fn version
  mattermost-fn version --licenses`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if licenses {
				return thirdparty.WriteLicenses(streams.out)
			}
			return printVersions(streams.out)
		},
	}
	command.Flags().BoolVar(&licenses, "licenses", false, "print license texts")
	return command
}

func printVersions(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "mattermost-fn\t%s\n", version())
	fmt.Fprintf(table, "Mattermost\t%s\n", v1alpha1.DefaultVersion)
	fmt.Fprintf(table, "Mattermost operator\t%s\n", mattermostv1beta1.OperatorVersion)
	fmt.Fprintf(table, "API\t%s\n", v1alpha1.APIVersion)
	return table.Flush()
}

// release is the version that a release build sets with -ldflags "-X
// bigbang.dev/mattermost-fn/internal/cli.release=v0.1.0".
var release string

func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
