package malloc

import "math/bits"

// mimalloc is mimalloc 2.0.9, release build, on 64 bits: the usable size, as malloc_usable_size
// gives it.
//
// Source: src/page-queue.c (mi_bin), src/segment.c (mi_segments_page_alloc), src/os.c
// (_mi_os_good_alloc_size). Up to 128 KiB a request gets a bin: a multiple of two words to 64
// bytes; above, each doubling has four bins. Larger requests get a page of their own, made of
// slices of 64 KiB, or of 512 KiB beyond the size of a medium page. From 8 MiB on the steps are
// wider: those in which the kernel is asked. malloc(0) takes one word.
//
// Builds with padding (debug, secure) take more.
type mimalloc struct{}

const (
	mimallocWord       = 8
	mimallocExact      = 64        // up to 8 words a bin is a number of words (made even)
	mimallocMediumMax  = 128 << 10 // MI_MEDIUM_OBJ_SIZE_MAX: the largest bin
	mimallocSlice      = 64 << 10  // MI_SEGMENT_SLICE_SIZE
	mimallocMediumPage = 512 << 10 // MI_MEDIUM_PAGE_SIZE
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
	return roundUp(n, mimallocPageStep(n))
}

// mimallocPageStep is what the page of a request beyond the bins is a multiple of. The kernel is
// asked for multiples of 4, 64 or 256 KiB below 8 MiB (growing, so that at most an eighth is
// lost), but there the slices of a page are as large or larger, and decide.
func mimallocPageStep(n uint64) uint64 {
	switch {
	case n <= mimallocMediumPage:
		return mimallocSlice
	case n < 8<<20:
		return mimallocMediumPage
	case n < 32<<20:
		return 1 << 20
	}
	return 4 << 20
}
