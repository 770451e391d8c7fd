package malloc

import (
	"sync"

	"github.com/bitcoin-mem/memsize/internal/gort"
)

// goHeap is the allocator of the Go runtime that this program runs on, for memory without
// pointers, such as make([]byte, n). Blocks with pointers: see [GoPointerUsage].
//
// Source: runtime/msize.go (roundupsize) and runtime/malloc.go. Up to 32 KiB a request takes a
// size class; the classes are not copied from the runtime but asked of it, at first use. Beyond,
// it takes whole pages of 8 KiB. A request for 0 bytes takes nothing: all such blocks are one.
//
// Not counted: that the runtime packs pointer-free blocks below 16 bytes together, so that many of
// them take less than a block each. Programs built with the address sanitizer take more.
type goHeap struct{}

// goClasses asks the running runtime for its size classes, once.
var goClasses = sync.OnceValue(func() *classTable {
	var sizes []uint64
	for size := 0; size < gort.MaxSmall; {
		size = probe(size + 1)
		sizes = append(sizes, uint64(size))
	}
	return newClassTable(sizes)
})

// probe returns the size of the block that the runtime gives to n bytes without pointers. append
// makes all of the block that it gets usable, and so tells its size.
func probe(n int) int { return cap(append([]byte(nil), make([]byte, n)...)) }

func (goHeap) Name() string { return "go" }

func (goHeap) Usage(n uint64) uint64 {
	switch {
	case n == 0:
		return 0
	case n > gort.MaxSmall:
		return roundUp(n, gort.PageBytes)
	}
	return goClasses().class(n)
}

// GoPointerUsage returns the bytes that n bytes with pointers in them take on the Go heap, where a
// pointer has wordSize bytes (8, or 4 on a 32-bit architecture; the size classes are the same).
//
// Source: runtime/msize.go, roundupsize(n, noscan=false). It differs from the allocator go in that
// a block of more than wordSize*wordSize*8 bytes (512, or 128 on 32 bits) has a header of 8 bytes,
// unless it is large (n+8 > 32 KiB): large blocks have pages, and their type is noted elsewhere.
func GoPointerUsage(n, wordSize uint64) uint64 {
	if n > gort.MaxBitmapped(wordSize) && n <= gort.MaxSmall-gort.HeaderBytes {
		n += gort.HeaderBytes
	}
	return goHeap{}.Usage(n)
}
