//go:build !(amd64 || arm64) || memsize_portable

package walker

import "unsafe"

// prefetchFrames would ask the processor for the memory behind n frames. Without assembly it
// touches that memory, one load after another and none waiting for the last: the processor has them
// under way at once.
func prefetchFrames(frames *frame, n int) {
	for _, f := range unsafe.Slice(frames, n) {
		touch(f.ptr)
	}
}

//go:noinline
func touch(p unsafe.Pointer) byte { return *(*byte)(p) }
