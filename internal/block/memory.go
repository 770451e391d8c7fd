package block

import (
	"reflect"
	"unsafe"
)

// This file reads memory of the runtime: spans, the bitmaps at their ends, and types. Invariants:
// offsets have been learned or checked by learn; memory of the runtime is not on the heap, so that
// pointers to it may be held, but for the ends of spans: see wordBeyond.

// wordAt loads the word at an offset of what p points to.
func wordAt(p unsafe.Pointer, offset uintptr) uintptr { return *(*uintptr)(unsafe.Add(p, offset)) }

// byteAt loads the byte at an offset of what p points to.
func byteAt(p unsafe.Pointer, offset uintptr) uint8 { return *(*uint8)(unsafe.Add(p, offset)) }

// wordBeyond loads the word at a distance beyond p where its page has no blocks but the runtime's
// bitmap. A pointer there is no pointer to the collector, which ends the program when it finds one
// in a frame. So it lives for one instruction, in a function that calls nothing; checks of pointer
// arithmetic, which would look for its block, are off.
//
//go:nosplit
//go:norace
//go:nocheckptr
func wordBeyond(p unsafe.Pointer, distance uintptr) uintptr {
	return *(*uintptr)(unsafe.Add(p, distance))
}

// pointerAt loads a pointer word of a block: a value's, the type that the runtime notes at the
// beginning of the block, or one in the unused room at its end. The race detector forgets what
// goroutines did to freed memory when the next value is made there, and for that value's bytes
// only: of the other two it would report accesses to values that are long gone.
//
//go:norace
func pointerAt(word unsafe.Pointer) unsafe.Pointer { return *(*unsafe.Pointer)(word) }

// typeHeader is the beginning of internal/abi.Type.
type typeHeader struct {
	size     uintptr
	ptrBytes uintptr // up to the end of the last pointer word
	hash     uint32
	flags    uint8
	_        [3]uint8
	equal    unsafe.Pointer
	gcData   unsafe.Pointer // a bit a word, unless flags has gcMaskOnDemand
}

// gcMaskOnDemand is internal/abi.TFlagGCMaskOnDemand: the runtime makes the bits when it first
// needs them. Types with more than maxGCMask words of bits have it.
const gcMaskOnDemand = 1 << 4

// interfaceWords is an interface without methods: the type, and the value or where it lies.
type interfaceWords struct {
	typ, data unsafe.Pointer
}

// typeAddress is where the runtime keeps t: a reflect.Type holds just this pointer.
func typeAddress(t reflect.Type) unsafe.Pointer {
	return (*interfaceWords)(unsafe.Pointer(&t)).data
}

// typeOf is the type that the runtime keeps at an address. It makes an interface of which only the
// type is looked at.
func typeOf(address unsafe.Pointer) reflect.Type {
	var v any
	(*interfaceWords)(unsafe.Pointer(&v)).typ = address
	return reflect.TypeOf(v)
}
