//go:build (amd64 || arm64) && !memsize_portable

package walker

import "unsafe"

// prefetchFrames asks the processor for the first cache line behind each of n frames, and does not
// wait. Invariant of the assembly: a frame has 24 bytes and begins with its pointer. A prefetch
// reads nothing that a program could see, and never faults.
//
//go:noescape
func prefetchFrames(frames *frame, n int)

const _ = 24 - unsafe.Sizeof(frame{}) // frames have 24 bytes: neither more
const _ = unsafe.Sizeof(frame{}) - 24 // nor less
