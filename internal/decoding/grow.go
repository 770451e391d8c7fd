package decoding

import (
	"github.com/bitcoin-mem/memsize/internal/gort"
	"github.com/bitcoin-mem/memsize/internal/saturate"
)

// How encoding/gob and the runtime make room for what they do not trust to be as long as it claims.

// held is the bytes of the buffer of a message of n bytes once it has been read.
func held(n uint64) uint64 {
	capacity, _ := read(n)
	return capacity
}

// growing is the most that reading a message of n bytes takes at once.
func growing(n uint64) uint64 {
	_, most := read(n)
	return most
}

// read follows internal/saferio.ReadData.
func read(n uint64) (capacity, most uint64) {
	if n < gort.ReadChunk {
		return pages(n), pages(n)
	}
	for size := uint64(0); size < n; {
		size = min(size+gort.ReadChunk, n)
		if size > capacity {
			grown := pages(gort.Grow(size, capacity))
			most = max(most, capacity+grown+gort.ReadChunk)
			capacity = grown
		}
	}
	return capacity, most
}

// beforeLast is the capacity of a slice of n elements, of so many bytes each, before it grew for
// the last time: 0 if it did not (encoding/gob, decodeSlice and decodeArrayHelper).
func beforeLast(n, size uint64) (before uint64) {
	if size == 0 || saturate.Mul(n, size) <= gort.ReadChunk {
		return 0
	}
	for capacity := max(gort.ReadChunk/size, 1); capacity < n; {
		before = capacity
		capacity = pages(saturate.Mul(gort.Grow(capacity+1, capacity), size)) / size
		if capacity <= before {
			break // saturated
		}
	}
	return before
}

// pages rounds up n bytes; less than a page is left alone.
func pages(n uint64) uint64 {
	if n < gort.PageBytes {
		return n
	}
	return saturate.Add(n, gort.PageBytes-1) / gort.PageBytes * gort.PageBytes
}
