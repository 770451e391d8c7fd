package malloc

import "math/bits"

// mimalloc is mimalloc 2.0.9, release build, on 64 bits: the usable size, as malloc_usable_size
// gives it.
//
// Source: src/page-queue.c (mi_bin), src/os.c (_mi_os_good_alloc_size), src/segment.c
// (mi_segments_page_alloc). Up to 128 KiB a request gets a bin: a multiple of two words to 64
// bytes, above that each doubling has four bins. Larger requests get a page of their own, made of
// 64 KiB slices, or of 512 KiB from the size of a medium page on; a huge one gets a segment of its
// own in the steps that are asked of the kernel. malloc(0) takes one word.
//
// Builds with padding (debug, secure) take more.
type mimalloc struct{}

const (
	mimallocWord       = 8
	mimallocExact      = 64        // up to 8 words a bin is a number of words (made even)
	mimallocMediumMax  = 128 << 10 // MI_MEDIUM_OBJ_SIZE_MAX: the largest bin
	mimallocSlice      = 64 << 10  // MI_SEGMENT_SLICE_SIZE
	mimallocMediumPage = 512 << 10 // MI_MEDIUM_PAGE_SIZE
	mimallocLargeMax   = 16 << 20  // MI_LARGE_OBJ_SIZE_MAX: half a segment
)

func (mimalloc) Name() string { return "mimalloc" }

func (mimalloc) Usage(n uint64) uint64 {
	switch {
	case n <= mimallocWord:
		return mimallocWord
	case n <= mimallocExact:
		return roundUp(n, 2*mimallocWord)
	case n <= mimallocMediumMax:
		return roundUp(n, 1<<(bits.Len64(n-1)-1)/4)
	}
	size := mimallocGoodSize(n)
	switch {
	case size <= mimallocMediumPage:
		return roundUp(size, mimallocSlice)
	case size <= mimallocLargeMax:
		return roundUp(size, mimallocMediumPage)
	}
	return size
}

// mimallocGoodSize is _mi_os_good_alloc_size: n rounded up so that the kernel is asked for sizes
// that it can reuse, at most an eighth more than needed.
func mimallocGoodSize(n uint64) uint64 {
	switch {
	case n < 512<<10:
		return roundUp(n, 4<<10)
	case n < 2<<20:
		return roundUp(n, 64<<10)
	case n < 8<<20:
		return roundUp(n, 256<<10)
	case n < 32<<20:
		return roundUp(n, 1<<20)
	}
	return roundUp(n, 4<<20)
}
