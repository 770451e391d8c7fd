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

// holdMapping would take the header of a map where it lies.
func (s *Session) holdMapping(*Node, unsafe.Pointer) bool { return false }

// walkHeader would walk a map where it lies.
func (s *Session) walkHeader(*Node, *blockPage, unsafe.Pointer) {}

// walkGroups would walk groups of a map where they lie.
func (s *Session) walkGroups(*Node, unsafe.Pointer, uintptr) {}

// groupBytes would be the size of a group of a node's maps.
func (n *Node) groupBytes() uintptr { return 0 }

// groups would walk groups of a map where they lie.
func (s *Session) groups(*Node, *mapIterator) (done, ok bool) { return false, false }

// release keeps nothing: an iterator's copies may still be in use.
func (s *Session) release(*mapIterator) {}

// mapIterator goes through a map by reflect alone, which copies each key and value.
type mapIterator struct {
	iterator  *reflect.MapIter
	key, elem reflect.Value // room for copies
	copies    *mapCopies    // not nil where the map is in dispute: they come first
	at        int           // in copies
}

// mapCopies are the entries of a map that were met so far, and the iterator for the others.
type mapCopies struct {
	iterator *reflect.MapIter // nil at the end
	entries  []struct{ key, elem unsafe.Pointer }
}

// mapHeaderBytes would be the size of a map's header.
const mapHeaderBytes = granuleBytes

// iterateMap begins with a node's map, whose word is at p.
func (s *Session) iterateMap(n *Node, p unsafe.Pointer, mode uintptr) *mapIterator {
	m := reflect.New(n.Type).Elem() // of its own: p may lie in the copy of another map's entry
	m.Set(reflect.NewAt(n.Type, p).Elem())
	if mode == 0 || s.mode != byExtent {
		return &mapIterator{iterator: m.MapRange()}
	}
	copies := s.log.copies[m.UnsafePointer()]
	if copies == nil {
		copies = &mapCopies{iterator: m.MapRange()}
		s.log.copies[m.UnsafePointer()] = copies
	}
	return &mapIterator{copies: copies}
}

// owner would be the map's header.
func (i *mapIterator) owner() unsafe.Pointer { return nil }

// next gives pointers to copies of the next key and value; false at the end. A copy is overwritten by
// the next one unless the plan keeps pointers into it. In dispute slots are told apart by their
// addresses: there each entry has one copy.
func (i *mapIterator) next(n *Node) (key, elem unsafe.Pointer, ok bool) {
	if i.copies != nil {
		return i.copies.entry(n.Type, &i.at)
	}
	if !i.iterator.Next() {
		return nil, nil, false
	}
	if !n.key.leaf() {
		i.key = roomFor(i.key, n.Type.Key(), n.key)
		i.key.Elem().SetIterKey(i.iterator)
		key = i.key.UnsafePointer()
	}
	if !n.elem.leaf() {
		i.elem = roomFor(i.elem, n.Type.Elem(), n.elem)
		i.elem.Elem().SetIterValue(i.iterator)
		elem = i.elem.UnsafePointer()
	}
	return key, elem, true
}

// entry is the entry at a place, which it moves on, of a map of type t.
func (c *mapCopies) entry(t reflect.Type, at *int) (key, elem unsafe.Pointer, ok bool) {
	if *at == len(c.entries) {
		if c.iterator == nil || !c.iterator.Next() {
			c.iterator = nil
			return nil, nil, false
		}
		k, e := reflect.New(t.Key()), reflect.New(t.Elem())
		k.Elem().SetIterKey(c.iterator)
		e.Elem().SetIterValue(c.iterator)
		c.entries = append(c.entries, struct{ key, elem unsafe.Pointer }{k.UnsafePointer(), e.UnsafePointer()})
	}
	entry := c.entries[*at]
	*at++
	return entry.key, entry.elem, true
}

// roomFor is room for a copy of type t: the old one where that can be overwritten.
func roomFor(old reflect.Value, t reflect.Type, p *plan) reflect.Value {
	if old.IsValid() && !p.unstable {
		return old
	}
	return reflect.New(t)
}

func (s *Session) holdGroups(*Node, unsafe.Pointer, uintptr, bool) {}

func (s *Session) holdOwn(*Node, unsafe.Pointer, uintptr) {}
