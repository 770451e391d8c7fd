//go:build !(amd64 || arm64) || memsize_portable

package walker

import "unsafe"

// prefetchHarmless tells that addresses may be of memory that is not to be read.
const prefetchHarmless = false

// prefetch touches the memory at an offset from n addresses, all of which are valid, one load after
// another and none waiting for the last: the processor has them under way at once.
func prefetch(at *unsafe.Pointer, n int, offset uintptr) {
	for _, p := range unsafe.Slice(at, n) {
		touch(unsafe.Add(p, offset))
	}
}

// prefetchRange does nothing: to touch it all would take too long.
func prefetchRange(unsafe.Pointer, uintptr) {}

//go:noinline
func touch(p unsafe.Pointer) byte { return *(*byte)(p) }
