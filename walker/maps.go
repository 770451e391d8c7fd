//go:build !memsize_portable

package walker

import (
	"reflect"
	"unsafe"

	"github.com/modern-go/reflect2"
)

// mapIterator goes through a map by reflect2, which gives pointers to keys and values where they
// lie, without copies. It relies on the runtime's reflect.mapiterinit and mapiternext, which
// promise to keep their shape (runtime/linkname_shim.go). Only calls that give pointers are used:
// those of reflect2 that build or open an interface are wrong since Go 1.26 for pointer-shaped
// structs such as atomic.Pointer (a test guards this).
type mapIterator struct {
	iterator reflect2.MapIterator
}

// iterateMap begins with the map of type t whose word is at p.
func iterateMap(t reflect.Type, p unsafe.Pointer) *mapIterator {
	m := reflect2.Type2(t).(*reflect2.UnsafeMapType)
	return &mapIterator{m.UnsafeIterate(p)}
}

// next gives pointers to the next key and value; false at the end.
func (i *mapIterator) next(*Node, *Session) (key, elem unsafe.Pointer, ok bool) {
	if !i.iterator.HasNext() {
		return nil, nil, false
	}
	key, elem = i.iterator.UnsafeNext()
	return key, elem, true
}
