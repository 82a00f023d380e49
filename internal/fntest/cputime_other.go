// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package fntest

import "time"

// CPUTime returns zero: it is not measured on this platform.
func CPUTime() time.Duration { return 0 }
