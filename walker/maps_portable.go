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
// overwritten by the next one unless the plan keeps pointers into it, or the walk tells slots
// apart by their addresses.
func (i *mapIterator) next(n *Node, s *Session) (key, elem unsafe.Pointer, ok bool) {
	if !i.iterator.Next() {
		return nil, nil, false
	}
	if !n.key.leaf() {
		i.key = scratch(i.key, n.Type.Key(), n.key, s)
		i.key.Elem().SetIterKey(i.iterator)
		key = i.key.UnsafePointer()
	}
	if !n.elem.leaf() {
		i.elem = scratch(i.elem, n.Type.Elem(), n.elem, s)
		i.elem.Elem().SetIterValue(i.iterator)
		elem = i.elem.UnsafePointer()
	}
	return key, elem, true
}

// scratch is room for a copy of type t: the old one where that can be overwritten.
func scratch(old reflect.Value, t reflect.Type, p *plan, s *Session) reflect.Value {
	if s.sorted == nil && old.IsValid() && !p.unstable {
		return old
	}
	fresh := reflect.New(t)
	if s.sorted != nil {
		s.sorted.copies = append(s.sorted.copies, fresh.UnsafePointer())
	}
	return fresh
}
