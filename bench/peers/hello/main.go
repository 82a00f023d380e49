// SPDX-License-Identifier: Apache-2.0

// Command hello does nothing: it shows what starting a Go program costs.
package main

import "os"

func main() {
	os.Stdout.WriteString("hello\n")
}
