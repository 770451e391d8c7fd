//go:build !(amd64 || arm64) || memsize_portable

package walker

import "unsafe"

// prefetch touches the memory at n addresses, all of which are valid, one load after another and none
// waiting for the last: the processor has them under way at once.
func prefetch(at *unsafe.Pointer, n int) {
	for _, p := range unsafe.Slice(at, n) {
		touch(p)
	}
}

//go:noinline
func touch(p unsafe.Pointer) byte { return *(*byte)(p) }
