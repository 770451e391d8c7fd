//go:build memsize_portable

package walker

import (
	"reflect"
	"unsafe"
)

// mapIterator goes through a map by reflect alone, which copies each key and value.
type mapIterator struct {
	iterator  *reflect.MapIter
	key, elem reflect.Value // scratch
}

// iterateMap begins with the map of type t whose word is at p.
func iterateMap(t reflect.Type, p unsafe.Pointer) *mapIterator {
	return &mapIterator{iterator: reflect.NewAt(t, p).Elem().MapRange()}
}

// next gives pointers to copies of the next key and value; false at the end. A copy is
// overwritten by the next one unless the plan keeps pointers into it.
func (i *mapIterator) next(n *Node) (key, elem unsafe.Pointer, ok bool) {
	if !i.iterator.Next() {
		return nil, nil, false
	}
	if !n.key.leaf() {
		if !i.key.IsValid() || n.key.unstable {
			i.key = reflect.New(n.Type.Key())
		}
		i.key.Elem().SetIterKey(i.iterator)
		key = i.key.UnsafePointer()
	}
	if !n.elem.leaf() {
		if !i.elem.IsValid() || n.elem.unstable {
			i.elem = reflect.New(n.Type.Elem())
		}
		i.elem.Elem().SetIterValue(i.iterator)
		elem = i.elem.UnsafePointer()
	}
	return key, elem, true
}
