//go:build (amd64 || arm64) && !memsize_portable

package walker

import "unsafe"

// prefetch asks the processor for the cache lines of n addresses and does not wait. A prefetch reads
// nothing that a program could see and never faults, whatever the address.
//
//go:noescape
func prefetch(at *unsafe.Pointer, n int)
