//go:build (amd64 || arm64) && !memsize_portable

package walker

import "unsafe"

// prefetchHarmless tells that addresses may be of memory that is not to be read.
const prefetchHarmless = true

// prefetch asks the processor for the cache lines at an offset from n addresses and does not wait. It
// reads nothing that a program could see and never faults, whatever the address.
//
//go:noescape
func prefetch(at *unsafe.Pointer, n int, offset uintptr)

// prefetchRange is prefetch for the size bytes at p.
//
//go:noescape
func prefetchRange(p unsafe.Pointer, size uintptr)
