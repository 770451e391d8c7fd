package swiss

import (
	"reflect"
	"unsafe"
)

// This file says where things lie in memory. Invariants, checked by newType for each map type and
// by verify, once, for headers and tables: the structs below are the runtime's.

// header is internal/runtime/maps.Map, to which a map value points.
type header struct {
	used        uint64 // entries
	seed        uintptr
	directory   unsafe.Pointer // without tables: the only group
	tables      int            // in the directory, a power of two; 0: a single group
	globalDepth uint8          // tables is 1 << globalDepth
	globalShift uint8
	writing     uint8 // not 0 while the map is written
	tombstones  bool
	clears      uint64
}

// table is internal/runtime/maps.table.
type table struct {
	used       uint16
	capacity   uint16 // slots
	growthLeft uint16
	localDepth uint8
	index      int
	groups     unsafe.Pointer
	lengthMask uint64 // the number of groups less one
}

// mapType is the beginning of internal/abi.MapType.
type mapType struct {
	common           [typeBytes]byte
	key, elem, group unsafe.Pointer
	hasher           unsafe.Pointer
	// Behind it are numbers, how many depends on the release: see numberOf.
}

// typeBytes is the size of internal/abi.Type.
const typeBytes = 4*wordSize + 16

const wordSize = unsafe.Sizeof(uintptr(0))

// interfaceWords is an interface without methods: the type, and the value or where it lies.
type interfaceWords struct {
	typ, data unsafe.Pointer
}

// groupOf reads the type of t's groups; false if what lies before it is not what it should be.
func groupOf(t reflect.Type) (group reflect.Type, ok bool) {
	m := (*mapType)(typeAddress(t))
	if m.key != typeAddress(t.Key()) || m.elem != typeAddress(t.Elem()) || m.group == nil {
		return nil, false
	}
	var v any // of which only the type is looked at
	(*interfaceWords)(unsafe.Pointer(&v)).typ = m.group
	return reflect.TypeOf(v), true
}

// numberOf reads a number of map type t. Types may lie on the heap, side by side: none may be read
// that is not there.
func numberOf(t reflect.Type, i uintptr) uintptr {
	return *(*uintptr)(unsafe.Add(typeAddress(t), unsafe.Sizeof(mapType{})+i*wordSize))
}

// typeAddress is where the runtime keeps t: a reflect.Type holds just this pointer.
func typeAddress(t reflect.Type) unsafe.Pointer {
	return (*interfaceWords)(unsafe.Pointer(&t)).data
}

// tableAt is the table at a place of the directory.
func (h *header) tableAt(i int) *table {
	return *(**table)(unsafe.Add(h.directory, uintptr(i)*wordSize))
}

// sound tells whether the numbers of a header fit each other, as they do unless it is torn.
func (h *header) sound() bool {
	return h.tables == 0 && h.used <= slots || h.tables > 0 && h.directory != nil &&
		h.globalDepth < 48 && h.tables == 1<<h.globalDepth
}

// sound tells whether the numbers of a table fit each other. Tables have at most 1024 slots.
func (t *table) sound() bool {
	n := t.lengthMask + 1
	return n != 0 && n&(n-1) == 0 && uint64(t.capacity) == n*slots && t.used <= t.capacity &&
		t.groups != nil
}

// full is a word with the bits 0x80 of the bytes of slots in use. Slot i is byte i, lowest first,
// on every architecture: the runtime mirrors it.
func full(group unsafe.Pointer) uint64 { return ^*(*uint64)(group) & 0x8080808080808080 }

// key returns where the key of slot i of a group lies.
func (l *Type) key(group unsafe.Pointer, i uintptr) unsafe.Pointer {
	key := unsafe.Add(group, l.keys+i*l.keyStride)
	if l.indirectKey {
		key = *(*unsafe.Pointer)(key)
	}
	return key
}

// elem returns where the element of slot i of a group lies.
func (l *Type) elem(group unsafe.Pointer, i uintptr) unsafe.Pointer {
	elem := unsafe.Add(group, l.elems+i*l.elemStride)
	if l.indirectElem {
		elem = *(*unsafe.Pointer)(elem)
	}
	return elem
}
