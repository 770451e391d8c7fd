package block

import (
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/malloc"
)

const wordSize = unsafe.Sizeof(uintptr(0))

// maxBitmapped is internal/runtime/gc.MinSizeForMallocHeader: the largest block with pointers whose
// pointer words are noted at the end of its span. Larger ones have a header, and the largest,
// beyond maxSmall, have their type noted in the span. Checked at first use.
const (
	maxBitmapped = wordSize * wordSize * 8 // gort.MaxBitmapped
	maxSmall     = gort.MaxSmall
	headerBytes  = gort.HeaderBytes
)

// Round returns the size in bytes of the block that the allocator of this process gives for a
// request of n bytes with or without pointers. It needs nothing but the language, in every build:
// size classes are asked of append (see the allocator go in package malloc, which holds the rule
// and its sources).
//
// Not said: requests below 16 bytes without pointers share blocks of 16 bytes, of which one alone
// keeps all. 0 bytes take no memory.
func Round(n uintptr, pointers bool) uintptr {
	if pointers {
		return uintptr(malloc.GoPointerUsage(uint64(n), uint64(wordSize)))
	}
	return uintptr(goHeap.Usage(uint64(n)))
}

var goHeap = func() malloc.Allocator {
	a, err := malloc.Lookup("go")
	if err != nil {
		panic(err) // the allocator of that name belongs to package malloc
	}
	return a
}()
