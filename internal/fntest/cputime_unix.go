//go:build unix

package fntest

import (
	"syscall"
	"time"
)

// CPUTime returns the CPU time that the process has used so far. Unlike wall time it hardly grows on a busy machine. It is
// zero where it cannot be measured.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
