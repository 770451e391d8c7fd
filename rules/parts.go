package rules

import "github.com/bitcoin-mem/memsize/internal/saturate"

// Parts splits the bytes that are charged into what they are for. Every byte is in exactly one
// part, so the parts always sum to Total. All figures are bytes, and saturate at 2^64-1.
type Parts struct {
	Used     uint64 `json:"used"`     // elements up to the length, without the holes inside them
	Spare    uint64 `json:"spare"`    // capacity beyond the length
	Padding  uint64 `json:"padding"`  // holes and tails of structs and nodes
	Overhead uint64 `json:"overhead"` // what a container needs for itself: node links, buckets, chunks, counters
	Rounding uint64 `json:"rounding"` // what the allocator rounds away
}

// Total is the sum of the five parts in bytes.
func (p Parts) Total() uint64 {
	return add(add(add(p.Used, p.Spare), add(p.Padding, p.Overhead)), p.Rounding)
}

// Plus adds q to p, part by part.
func (p Parts) Plus(q Parts) Parts {
	return Parts{
		Used:     add(p.Used, q.Used),
		Spare:    add(p.Spare, q.Spare),
		Padding:  add(p.Padding, q.Padding),
		Overhead: add(p.Overhead, q.Overhead),
		Rounding: add(p.Rounding, q.Rounding),
	}
}

// Times is n times p, part by part.
func (p Parts) Times(n uint64) Parts {
	return Parts{
		Used:     mul(p.Used, n),
		Spare:    mul(p.Spare, n),
		Padding:  mul(p.Padding, n),
		Overhead: mul(p.Overhead, n),
		Rounding: mul(p.Rounding, n),
	}
}

// add and mul saturate: hostile lengths must not wrap into small figures.
func add(a, b uint64) uint64 { return saturate.Add(a, b) }
func mul(a, b uint64) uint64 { return saturate.Mul(a, b) }

// alignUp rounds n up to a multiple of align (a power of two, or 0 and 1 for none), saturating.
func alignUp(n, align uint64) uint64 {
	if align <= 1 {
		return n
	}
	return add(n, align-1) &^ (align - 1)
}

// sub is a-b, at least 0: where a saturated, b may be the bigger.
func sub(a, b uint64) uint64 {
	if b > a {
		return 0
	}
	return a - b
}
