// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func installCommand(streams ioStreams) *cobra.Command {
	return &cobra.Command{
		Use:   "install DIRECTORY",
		Short: "Copy this program into a directory",
		Long: `Copy this program into a directory, as DIRECTORY/mattermost-fn. The container image
contains nothing else, so an init container uses it to put the program into a volume
that another container mounts, such as the repo-server of Argo CD.

The copy replaces an earlier one at once: no reader sees a part of it.`,
		Example: `  mkdir -p /tmp/tools && mattermost-fn install /tmp/tools`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := install(args[0]); err != nil {
				return refuse(streams, err)
			}
			return nil
		},
	}
}

// install copies the running program into a directory.
func install(directory string) (err error) {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program cannot be found: %w", err)
	}
	from, err := os.Open(program)
	if err != nil {
		return err
	}
	defer from.Close()
	// In the same directory, so that it can be renamed.
	to, err := os.CreateTemp(directory, ".mattermost-fn-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(to.Name()))
		}
	}()
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Chmod(0o755)
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	return os.Rename(to.Name(), filepath.Join(directory, "mattermost-fn"))
}
