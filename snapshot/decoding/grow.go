package decoding

import "github.com/bitcoin-mem/memsize/internal/saturate"

// How encoding/gob and the runtime make room for what they do not trust to be as long as it claims.

const (
	chunk = 10 << 20 // internal/saferio: the most bytes that are allocated at once
	page  = 8 << 10  // of the Go heap: so blocks of more than 32 KiB are rounded
)

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
	if n < chunk {
		return pages(n), pages(n)
	}
	for size := uint64(0); size < n; {
		size = min(size+chunk, n)
		if size > capacity {
			grown := pages(next(size, capacity))
			most = max(most, capacity+grown+chunk)
			capacity = grown
		}
	}
	return capacity, most
}

// beforeLast is the capacity of a slice of n elements, of so many bytes each, before it grew for
// the last time: 0 if it did not (encoding/gob, decodeSlice and decodeArrayHelper).
func beforeLast(n, size uint64) (before uint64) {
	if size == 0 || saturate.Mul(n, size) <= chunk {
		return 0
	}
	for capacity := max(chunk/size, 1); capacity < n; {
		before = capacity
		capacity = pages(saturate.Mul(next(capacity+1, capacity), size)) / size
		if capacity <= before {
			break // saturated
		}
	}
	return before
}

// next is the capacity that append asks for (runtime.nextslicecap).
func next(length, capacity uint64) uint64 {
	const threshold = 256
	switch {
	case length > saturate.Mul(capacity, 2):
		return length
	case capacity < threshold:
		return 2 * capacity
	}
	for capacity < length {
		capacity = saturate.Add(capacity, (capacity+3*threshold)>>2)
	}
	return capacity
}

// pages rounds up n bytes; less than a page is left alone.
func pages(n uint64) uint64 {
	if n < page {
		return n
	}
	return saturate.Add(n, page-1) / page * page
}
