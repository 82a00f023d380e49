// SPDX-License-Identifier: Apache-2.0

//go:build unix

package fntest

import (
	"syscall"
	"time"
)

// CPUTime returns the CPU time that the process has used so far, or zero if it cannot be measured. Unlike wall time it
// is hardly affected by other load on the machine.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
