//go:build memsize_portable

package walker

import (
	"reflect"
	"unsafe"
)

// mapLayout would be how maps lie in memory, which the portable build does not look at.
type mapLayout = *struct{}

func layoutOf(reflect.Type) mapLayout { return nil }

// readable tells that no map is read where it lies.
func (s *Session) readable(*Node) bool { return false }

// aheadOfMap would have a map on its way.
func (s *Session) aheadOfMap(*Node, unsafe.Pointer) {}

// smallMap would walk a map where it lies.
func (s *Session) smallMap(*Node, unsafe.Pointer) {}

// holdMap would take the memory of a map where it lies.
func (s *Session) holdMap(*Node, unsafe.Pointer) bool { return false }

// groups would walk groups of a map where they lie.
func (s *Session) groups(*Node, *mapIterator) (done, ok bool) { return false, false }

// release keeps nothing: an iterator's copies may still be in use.
func (s *Session) release(*mapIterator) {}

// mapIterator goes through a map by reflect alone, which copies each key and value.
type mapIterator struct {
	iterator  *reflect.MapIter
	key, elem reflect.Value // scratch
}

// mapHeaderBytes would be the size of a map's header.
const mapHeaderBytes = granuleBytes

// iterateMap begins with a node's map, whose word is at p.
func (s *Session) iterateMap(n *Node, p unsafe.Pointer) *mapIterator {
	m := reflect.New(n.Type).Elem() // of its own: p may lie in the copy of another map's entry
	m.Set(reflect.NewAt(n.Type, p).Elem())
	return &mapIterator{iterator: m.MapRange()}
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
