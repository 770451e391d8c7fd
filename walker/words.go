package walker

import (
	"reflect"
	"unsafe"
)

// This file reads headers of Go values in memory. Invariants, all part of the language
// implementation that reflect, unsafe and cgo users rely on, and checked by TestWords:
// a string is {data, length}, a slice {data, length, capacity}, an interface two words of which
// the second is the value if that is pointer-shaped, else a pointer to a read-only copy of it.
// A type word is only compared; reflect turns it into a type.

const wordSize = unsafe.Sizeof(uintptr(0))

type stringHeader struct {
	data   unsafe.Pointer
	length int
}

type sliceHeader struct {
	data             unsafe.Pointer
	length, capacity int
}

type interfaceHeader struct {
	word, data unsafe.Pointer
}

// pointerAt loads the pointer at p.
func pointerAt(p unsafe.Pointer) unsafe.Pointer { return *(*unsafe.Pointer)(p) }

// pointerTo is the pointer to an address in a block that is alive: one that a walk has met.
func pointerTo(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// dataWord is the data word of v.
func dataWord(v any) unsafe.Pointer { return (*interfaceHeader)(unsafe.Pointer(&v)).data }

// isDirect tells whether interfaces hold values of t in the data word itself. The rule is the
// compiler's and changed in Go 1.26 (any type of one pointer word), so it is probed: a zero value
// that lies in the data word makes it nil.
func isDirect(t reflect.Type) bool {
	if t.Size() != wordSize {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer,
		reflect.Struct, reflect.Array:
		return dataWord(reflect.Zero(t).Interface()) == nil
	}
	return false
}

// dynamicType is the type of the value in the interface of type t at p, which is not nil.
func dynamicType(t reflect.Type, p unsafe.Pointer) reflect.Type {
	if t.NumMethod() == 0 {
		return reflect.TypeOf(*(*any)(p))
	}
	return reflect.NewAt(t, p).Elem().Elem().Type()
}

// rootOf is a pointer to the value in v: its box, or a copy of its word.
func rootOf(v any, t reflect.Type) (p unsafe.Pointer, boxed bool) {
	if !isDirect(t) {
		return dataWord(v), true
	}
	word := new(unsafe.Pointer)
	*word = dataWord(v)
	return unsafe.Pointer(word), false
}
