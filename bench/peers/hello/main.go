// Command hello is the floor: what it costs to start a program written in Go.
package main

import "os"

func main() {
	os.Stdout.WriteString("hello\n")
}
