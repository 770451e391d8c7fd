package malloc

import "math/bits"

// jemalloc is jemalloc 5.3.0 as configured by default on 64 bits (and by Debian): the usable size,
// as malloc_usable_size and the statistic stats.allocated give it.
//
// Source: include/jemalloc/internal/sc.h, whose comment publishes the rule. There is one tiny
// class of 8 bytes; then multiples of the quantum of 16 up to 128; from there each doubling is cut
// into four classes of equal width: 160, 192, 224, 256, 320, ... without an end, small (in
// slabs, to 14 KiB) and large (in extents of their own) alike. malloc(0) takes the tiny class.
//
// Not counted: the page that is added to each large extent (16 KiB and more) so that blocks do not
// all begin on the same cache line (opt.cache_oblivious, default true).
type jemalloc struct{}

const (
	jemallocTiny    = 8  // 1 << SC_LG_TINY_MIN
	jemallocQuantum = 16 // 1 << LG_QUANTUM
	// jemallocLogGroup is SC_LG_NGROUP: each doubling has 1<<2 classes.
	jemallocLogGroup = 2
)

func (jemalloc) Name() string { return "jemalloc" }

func (jemalloc) Usage(n uint64) uint64 {
	if n <= jemallocTiny {
		return jemallocTiny
	}
	doubling := bits.Len64(n - 1) // n is in (1<<(doubling-1), 1<<doubling]
	width := uint64(1) << (doubling - 1) >> jemallocLogGroup
	return roundUp(n, max(width, jemallocQuantum))
}
