// SPDX-License-Identifier: Apache-2.0

// Command probe does what the function must not, so that the test knows that it would be noticed.
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
)

func main() {
	var err error
	switch os.Args[1] {
	case "connect":
		_, err = net.Dial("tcp", "127.0.0.1:1")
	case "start a process":
		err = exec.Command(os.Args[0], "nothing").Run()
	case "nothing":
	}
	fmt.Println("lived:", err)
}
