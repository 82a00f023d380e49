// SPDX-License-Identifier: Apache-2.0

// Command generate writes docs/fields.md from the schema of MattermostConfig. It runs in the directory of the package.
package main

import (
	"fmt"
	"os"

	"bigbang.dev/mattermost-fn/internal/schema"
)

// docsFile is the page, from the directory of the package.
const docsFile = "../../docs/fields.md"

func main() {
	page, err := schema.Fields()
	if err == nil {
		err = os.WriteFile(docsFile, page, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
