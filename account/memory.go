package account

import "unsafe"

// This file reads the headers of containers again, and the bytes of those without pointers. Invariant: a
// slot is one that a walk recorded in a graph, of values that are alive and were not written since.

// text is the header of a string or slice.
type text struct {
	data          uintptr
	length, limit int
}

// stringAt is the header of the string at a slot.
func stringAt(slot uintptr) text {
	h := *(*struct {
		data   uintptr
		length int
	})(pointerTo(slot))
	return text{h.data, h.length, h.length}
}

// sliceAt is the header of the slice at a slot.
func sliceAt(slot uintptr) text { return *(*text)(pointerTo(slot)) }

// lengthOfMap is the length of the map whose word lies at a slot.
func lengthOfMap(slot uintptr) int { return len(*(*map[int]int)(pointerTo(slot))) }

// bytes are those of a string or slice of bytes.
func (t text) bytes() []byte { return unsafe.Slice((*byte)(pointerTo(t.data)), t.length) }

// pointerTo is an address as a pointer.
func pointerTo(at uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&at)) }
