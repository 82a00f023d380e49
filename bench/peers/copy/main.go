// SPDX-License-Identifier: Apache-2.0

// Command copy reads all of its input and writes it: the least that a function can do that reads everything before it
// writes anything.
package main

import (
	"io"
	"os"
)

func main() {
	data, err := io.ReadAll(os.Stdin)
	if err == nil {
		_, err = os.Stdout.Write(data)
	}
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
