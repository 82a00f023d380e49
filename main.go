// SPDX-License-Identifier: Apache-2.0

// Command mattermost-fn turns a MattermostConfig into a complete Mattermost on Kubernetes: as a KRM function for
// kustomize and kpt, and as a command for people.
package main

import (
	"os"

	"bigbang.dev/mattermost-fn/internal/cli"
)

func main() {
	os.Exit(cli.Execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
