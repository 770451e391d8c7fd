// Package gort holds what memsize knows of Go's runtime from its source, each fact once. A new Go
// release is compared with this file first; what can be asked of the running program is asked, at
// first use, by package internal/check and by the packages that read memory (goblock, gomap).
//
//	fact            source                                          seen in
//	tiny blocks     runtime/malloc.go, maxTinySize, mallocgcTiny    1.26, 1.27
//	pages           internal/runtime/gc, PageSize                   1.26, 1.27
//	size classes    internal/runtime/gc, MaxSmallSize; asked        1.26, 1.27
//	headers         internal/runtime/gc, MallocHeaderSize           1.26, 1.27
//	swiss maps      internal/runtime/maps, internal/abi             1.26, 1.27
//	slices          runtime/slice.go, nextslicecap                  1.26, 1.27
//	channels        runtime/chan.go, hchan, makechan                1.26, 1.27
//	reading         internal/saferio, chunk                         1.26, 1.27
//
// All sizes are bytes unless their name says otherwise.
package gort

// The allocator.
const (
	// TinyBlock is the size of a block that values below it share if they have no pointers.
	TinyBlock = 16
	// PageBytes is the size of a page of the heap, on every architecture.
	PageBytes = 8 << 10
	// MaxSmall is the largest size class: larger blocks take whole pages.
	MaxSmall = 32 << 10
	// HeaderBytes is what notes the type of a block with pointers, in front of the block, where the
	// block is too large to keep its pointer bits at the end of its span.
	HeaderBytes = 8
)

// MaxBitmapped is the largest block with pointers that has no header, for words of so many bytes:
// the pointer bits of a page of such blocks fit behind the blocks.
func MaxBitmapped(word uint64) uint64 { return word * word * 8 }

// Swiss maps. A map of up to GroupSlots entries is one group; a larger one has tables, which grow to
// twice the slots when more than 7/8 of the slots are in use, and split in two at MaxTableSlots.
const (
	GroupSlots    = 8
	MaxTableSlots = 1024
	// MaxSlotBytes is the largest key or element that lies in its slot: of a larger one the slot has
	// a pointer.
	MaxSlotBytes = 128
	// ControlBytes is what a slot has in its group's control word.
	ControlBytes = 1
)

// FullSlots is how many of so many slots of a table can be in use.
func FullSlots(slots uint64) uint64 { return slots / 8 * 7 }

// GrowThreshold is the capacity in elements from which append grows a slice by less than twice.
const GrowThreshold = 256

// Grow is the capacity in elements that append asks for when a slice of a capacity has to hold a
// length; what the block then has room for is the capacity that it gets.
func Grow(length, capacity uint64) uint64 {
	switch {
	case length > capacity && length-capacity > capacity:
		return length
	case capacity < GrowThreshold:
		return 2 * capacity
	}
	for capacity < length {
		step := (capacity + 3*GrowThreshold) >> 2
		if capacity > ^uint64(0)-step {
			return ^uint64(0)
		}
		capacity += step
	}
	return capacity
}

// ReadChunk is how many bytes encoding/gob and its like allocate at once for what a stream claims.
const ReadChunk = 10 << 20

// ChannelBytes is the header of a channel, for words of so many bytes: 14 words, or 15 words of 4
// bytes, because there a closed flag and a lock share no word.
func ChannelBytes(word uint64) uint64 {
	if word == 4 {
		return 15 * word
	}
	return 14 * word
}

// ChannelAlign is to which multiple the header is rounded up where the buffer follows in its block.
const ChannelAlign = 8
