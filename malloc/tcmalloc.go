package malloc

import (
	"math/bits"
	"sync"
)

// tcmalloc is the tcmalloc of gperftools 2.10, with its default pages of 8 KiB on 64 bits: the
// usable size, as malloc_usable_size gives it. (Google's newer TCMalloc is another allocator, with
// another table.)
//
// Source: src/common.cc, SizeMap::Init, whose procedure is followed here rather than its result.
// Sizes are tried from 8 bytes to 256 KiB in steps of an eighth of their power of two (16 bytes at
// least, a page at most). A span of whole pages is found for each such that at most an eighth of
// it is left over and enough objects fit for a transfer to a thread cache; where the next size
// has the same span and as many objects, it replaces the one before. Beyond 256 KiB a request
// takes whole pages. malloc(0) takes the first class.
type tcmalloc struct{}

const (
	tcmallocPage     = 8 << 10   // kPageSize
	tcmallocMaxClass = 256 << 10 // kMaxSize
	tcmallocAlign    = 8         // kAlignment: the first class
	tcmallocMinAlign = 16        // kMinAlign: of classes that can hold an SSE value
	// tcmallocTransferBytes is how much moves between a central list and a thread cache at once,
	// and tcmallocTransferMax how many objects at most: kDefaultTransferNumObjecs, 32 in 2.10.
	// Releases that have 512 there, and programs run with TCMALLOC_TRANSFER_NUM_OBJ set, have
	// other classes.
	tcmallocTransferBytes = 64 << 10
	tcmallocTransferMax   = 32
)

// tcmallocClasses computes the size classes once; they never change.
var tcmallocClasses = sync.OnceValue(func() *classTable {
	return newClassTable(tcmallocSizes())
})

func (tcmalloc) Name() string { return "tcmalloc" }

func (tcmalloc) Usage(n uint64) uint64 {
	if n > tcmallocMaxClass {
		return roundUp(n, tcmallocPage)
	}
	return tcmallocClasses().class(n)
}

// tcmallocSizes is SizeMap::Init: all size classes in bytes, ascending.
func tcmallocSizes() []uint64 {
	var sizes []uint64
	var lastSpan, lastObjects uint64
	for size := uint64(tcmallocAlign); size <= tcmallocMaxClass; size += tcmallocStep(size) {
		span := tcmallocSpan(size)
		objects := span / size
		if span == lastSpan && objects == lastObjects {
			sizes[len(sizes)-1] = size // as many objects at no more waste: one class serves both
			continue
		}
		sizes = append(sizes, size)
		lastSpan, lastObjects = span, objects
	}
	return sizes
}

// tcmallocStep is AlignmentForSize: how far the next size to try is away, in bytes.
func tcmallocStep(size uint64) uint64 {
	switch {
	case size >= 128:
		return min(uint64(1)<<(bits.Len64(size)-1)/8, tcmallocPage)
	case size >= tcmallocMinAlign:
		return tcmallocMinAlign
	}
	return tcmallocAlign
}

// tcmallocSpan is the number of bytes, in whole pages, that objects of a size are cut from.
func tcmallocSpan(size uint64) uint64 {
	transfer := min(max(tcmallocTransferBytes/size, 2), tcmallocTransferMax) / 4
	span := uint64(tcmallocPage)
	for span%size > span/8 || span/size < transfer {
		span += tcmallocPage
	}
	return span
}
