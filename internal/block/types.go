package block

import (
	"reflect"
	"sync"
	"unsafe"
)

// pointerMapOf returns the pointer words of the type that the runtime keeps at an address: those
// that the compiler noted for the collector. Where they are noted in a way that only the runtime
// may read, for types beyond 128 KiB, they are made from the type, once.
func pointerMapOf(address unsafe.Pointer) pointerMap {
	h := (*typeHeader)(address)
	m := pointerMap{size: h.size, extent: h.ptrBytes, bits: h.gcData}
	if h.flags&gcMaskOnDemand != 0 && m.extent > 0 {
		made, ok := madeMasks.Load(address)
		if !ok {
			made, _ = madeMasks.LoadOrStore(address, makeMask(typeOf(address)))
		}
		m.bits = unsafe.Pointer(unsafe.SliceData(made.([]uint8)))
	}
	return m
}

// madeMasks has a []uint8 for the address of a type.
var madeMasks sync.Map

// makeMask returns the pointer words of t, a bit each, lowest first. It does what the runtime does
// (runtime/type.go, buildGCMask): down to the types that have their bits.
func makeMask(t reflect.Type) []uint8 {
	mask := make([]uint8, (t.Size()/wordSize+7)/8)
	addMask(mask, 0, t)
	return mask
}

// addMask adds the pointer words of a value of type t at a word.
func addMask(mask []uint8, word uintptr, t reflect.Type) {
	h := (*typeHeader)(typeAddress(t))
	switch {
	case h.ptrBytes == 0:
	case h.flags&gcMaskOnDemand == 0:
		m := pointerMap{bits: h.gcData}
		for i := range h.ptrBytes / wordSize {
			if m.has(i) {
				mask[(word+i)/8] |= 1 << ((word + i) % 8)
			}
		}
	case t.Kind() == reflect.Array:
		for i := range uintptr(t.Len()) {
			addMask(mask, word+i*t.Elem().Size()/wordSize, t.Elem())
		}
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			addMask(mask, word+t.Field(i).Offset/wordSize, t.Field(i).Type)
		}
	}
}

// pointerWords calls f with the number of each pointer word of a value of type t at a word, in
// order, as the language defines them: what types say is checked against it. The type word of an
// interface is not one: types are kept alive by other means
// (cmd/compile/internal/types.PtrDataSize, "the first word of an interface").
func pointerWords(t reflect.Type, word uintptr, f func(word uintptr)) {
	switch t.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func,
		reflect.String, reflect.Slice:
		f(word)
	case reflect.Interface:
		f(word + 1)
	case reflect.Array:
		if HasPointers(t.Elem()) {
			for i := range uintptr(t.Len()) {
				pointerWords(t.Elem(), word+i*t.Elem().Size()/wordSize, f)
			}
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if field := t.Field(i); HasPointers(field.Type) {
				pointerWords(field.Type, word+field.Offset/wordSize, f)
			}
		}
	}
}

// HasPointers tells whether the garbage collector finds pointers in values of t.
func HasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && HasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if HasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	}
	return t.Kind() == reflect.UnsafePointer || t.Kind() == reflect.String ||
		t.Kind() >= reflect.Chan && t.Kind() <= reflect.Slice
}
