package malloc

import "math"

// Usage is Bitcoin Core's memusage::MallocUsage on a 64-bit machine: the bytes that a request for
// n bytes is taken to cost. It is the rule of the allocator memusage64, as a plain function that a
// compiler can inline.
//
//	n == 0  ->  0
//	else    ->  (n + 31) >> 4 << 4
//
// Source: src/memusage.h of Bitcoin Core v30.2, unchanged since 2015, when it was measured on
// glibc 2.19. It is a model, not the truth: for n > 16 with n mod 16 in 1..8 glibc takes 16 bytes
// less, and malloc(0), free here, takes 32 there. See the allocator glibc for what really happens.
//
// C++ wraps near the end of the address space; Usage returns math.MaxUint64 instead.
func Usage(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	if n > math.MaxUint64-31 {
		return math.MaxUint64
	}
	return (n + 31) >> 4 << 4
}

// memusage64 is memusage::MallocUsage where sizeof(void*) == 8; see Usage.
type memusage64 struct{}

func (memusage64) Name() string          { return "memusage64" }
func (memusage64) Usage(n uint64) uint64 { return Usage(n) }

// memusage32 is memusage::MallocUsage where sizeof(void*) == 4 (src/memusage.h, v30.2):
//
//	n == 0  ->  0
//	else    ->  (n + 15) >> 3 << 3
//
// It computes in 64 bits: a request near or beyond 2^32, which wraps in 32-bit C++ (there
// MallocUsage(4294967295) is 8), gives the sum that was meant, 4294967304. Only the end of 64 bits
// saturates.
type memusage32 struct{}

func (memusage32) Name() string { return "memusage32" }

func (memusage32) Usage(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	if n > math.MaxUint64-15 {
		return math.MaxUint64
	}
	return (n + 15) >> 3 << 3
}
