//go:build !memsize_portable

package walker

import (
	"reflect"
	"unsafe"

	"github.com/modern-go/reflect2"
)

// reflect2Iterator goes through a map by reflect2, which gives pointers to keys and values without
// copies. It relies on the runtime's reflect.mapiterinit and mapiternext, which promise to keep
// their shape (runtime/linkname_shim.go). Only calls that give pointers are used: those that build
// or open an interface are wrong since Go 1.26 for pointer-shaped structs such as atomic.Pointer
// (a test guards this).
type reflect2Iterator struct{ iterator reflect2.MapIterator }

// iterateReflect2 begins with the map of type t whose word is at p.
func iterateReflect2(t reflect.Type, p unsafe.Pointer) reflect2Iterator {
	m := reflect2.Type2(t).(*reflect2.UnsafeMapType)
	return reflect2Iterator{m.UnsafeIterate(p)}
}

// entry gives pointers to the next key and value; false at the end.
func (i reflect2Iterator) entry() (key, elem unsafe.Pointer, ok bool) {
	if !i.iterator.HasNext() {
		return nil, nil, false
	}
	key, elem = i.iterator.UnsafeNext()
	return key, elem, true
}
