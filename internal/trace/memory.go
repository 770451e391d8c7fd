package trace

import (
	"reflect"
	"unsafe"
)

// This file reads memory by address. Invariant: an address comes from the graph of a walk whose values
// are alive, or lies in a value of a known type that begins at such an address.

// pointer is an address as a pointer.
func pointer(at uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&at)) }

// wordAt is the word at an address.
//
//go:norace
func wordAt(at uintptr) uintptr { return *(*uintptr)(pointer(at)) }

// valueAt is the value of a type at an address.
func valueAt(t reflect.Type, at uintptr) reflect.Value { return reflect.NewAt(t, pointer(at)).Elem() }

// slice is the header of a slice.
type slice struct {
	data          uintptr
	length, limit int
}

func sliceAt(at uintptr) slice { return *(*slice)(pointer(at)) }

const wordSize = unsafe.Sizeof(uintptr(0))

// dataWord is the second word of an interface with a value of the type: whether that is the value itself.
func isDirect(t reflect.Type) bool {
	if t.Size() != wordSize {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer,
		reflect.Struct, reflect.Array:
		v := reflect.Zero(t).Interface()
		return (*[2]uintptr)(unsafe.Pointer(&v))[1] == 0
	}
	return false
}
