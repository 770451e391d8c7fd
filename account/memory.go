package account

import (
	"container/list"
	"reflect"
	"unsafe"
)

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

// elementList is where an element of a list says which list it is in.
var elementList = func() uintptr {
	f, _ := reflect.TypeFor[list.Element]().FieldByName("list")
	return f.Offset
}()

// listAt is where the list of the element at an address lies; 0 if it is in none.
func listAt(element uintptr) uintptr { return *(*uintptr)(pointerTo(element + elementList)) }

// indexInList is how many elements come before the element at an address in its list.
func indexInList(element uintptr) (i int) {
	for e := (*list.Element)(pointerTo(element)).Prev(); e != nil; e = e.Prev() {
		i++
	}
	return i
}

// bytes are those of a string or slice of bytes.
func (t text) bytes() []byte { return unsafe.Slice((*byte)(pointerTo(t.data)), t.length) }

// pointerTo is an address as a pointer.
func pointerTo(at uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&at)) }
