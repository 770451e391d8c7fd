// Package scratch is memory for large arrays that an analysis needs for a while.
//
// Memory is taken from the operating system where that can be asked, so that the garbage collector
// neither counts nor scans it. An analysis takes about as much as the value that it looks at; on the Go
// heap that would start collections, each of which costs as much as the walk of that value.
//
// What is taken must have no pointers, must be given back by Free, and must not be used afterwards.
package scratch

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Memory is what was taken. The zero value has none. It is not safe for concurrent use.
type Memory struct {
	mapped [][]byte
	rest   []byte // of the last: not yet handed out
	bytes  uint64
}

// least is how many bytes are worth asking the operating system. It is asked for as much again as was taken,
// up to regionMost, so that large pages can be had: what is not touched takes nothing.
const (
	least      = 1 << 18
	regionMost = 64 << 20
)

// Slice takes a slice of n zeros. It panics if T has pointers, which the collector would not see.
func Slice[T any](m *Memory, n int) []T {
	var zero T
	if t := reflect.TypeFor[T](); hasPointers(t) {
		panic(fmt.Sprintf("scratch: %v has pointers, which the collector would not see", t))
	}
	size := uint64(n) * uint64(unsafe.Sizeof(zero))
	m.bytes += size
	if size < least || size > 1<<62 {
		return make([]T, n)
	}
	b := m.take(size)
	if b == nil {
		return make([]T, n)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// take takes so many bytes, which begin at a multiple of 64; nil if there are none.
func (m *Memory) take(size uint64) []byte {
	size = (size + 63) &^ 63
	if size > uint64(len(m.rest)) {
		region := mapMemory(int(max(size, min(m.bytes, regionMost))))
		if region == nil {
			return nil
		}
		m.mapped, m.rest = append(m.mapped, region), region
	}
	b := m.rest[:size:size]
	m.rest = m.rest[size:]
	return b
}

// Bytes is how many bytes were taken and not given back.
func (m *Memory) Bytes() uint64 { return m.bytes }

// Free gives all back.
func (m *Memory) Free() {
	for _, b := range m.mapped {
		unmapMemory(b)
	}
	*m = Memory{}
}

// hasPointers tells whether values of a type may have pointers.
func hasPointers(t reflect.Type) bool {
	switch k := t.Kind(); k {
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Array:
		return hasPointers(t.Elem())
	default:
		return k > reflect.Complex128
	}
}
