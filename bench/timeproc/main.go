// SPDX-License-Identifier: Apache-2.0

// Command timeproc runs another command and prints its resource usage.
//
//	timeproc INPUT OUTPUT COMMAND [ARGUMENT...]
//
// It prints one line: elapsed nanoseconds, CPU nanoseconds, and the largest resident set in bytes. It exits with the
// command's exit code.
//
// It is a separate program because Linux counts the memory of the parent as the child's until exec: no result is below
// this program's own 2 MB.
package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 4 {
		fail("timeproc INPUT OUTPUT COMMAND [ARGUMENT...]")
	}
	input, err := os.Open(os.Args[1])
	if err != nil {
		fail(err.Error())
	}
	output, err := os.OpenFile(os.Args[2], os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		fail(err.Error())
	}
	path, err := exec.LookPath(os.Args[3])
	if err != nil {
		fail(err.Error())
	}
	began := time.Now()
	process, err := os.StartProcess(path, os.Args[3:],
		&os.ProcAttr{Env: os.Environ(), Files: []*os.File{input, output, os.Stderr}})
	if err != nil {
		fail(err.Error())
	}
	state, err := process.Wait()
	took := time.Since(began)
	if err != nil {
		fail(err.Error())
	}
	memory := state.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" {
		memory *= 1024
	}
	for _, figure := range []int64{int64(took), int64(state.UserTime() + state.SystemTime()), memory} {
		os.Stdout.WriteString(strconv.FormatInt(figure, 10) + " ")
	}
	os.Stdout.WriteString("\n")
	os.Exit(state.ExitCode())
}

func fail(message string) {
	os.Stderr.WriteString(message + "\n")
	os.Exit(2)
}
