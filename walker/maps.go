//go:build !memsize_portable

package walker

import (
	"reflect"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/swiss"
)

// mapLayout is how the maps of a node lie in memory; nil where that is not known for certain.
type mapLayout = *swiss.Type

func layoutOf(t reflect.Type) mapLayout {
	layout, ok := swiss.Layout(t)
	if !ok {
		return nil
	}
	return layout
}

// mapIterator goes through a map where its groups lie (see package swiss), or if their layout is
// not known by reflect2.
type mapIterator struct {
	raw   swiss.Iterator
	m     unsafe.Pointer // the map
	other reflect2Iterator
}

// mapCopies are what the portable build keeps of a map.
type mapCopies struct{}

// mapHeaderBytes is the size of the header to which a map value points.
const mapHeaderBytes = swiss.HeaderBytes

// iterateMap begins with a node's map, whose word is at p.
func (s *Session) iterateMap(n *Node, p unsafe.Pointer, _ uintptr) *mapIterator {
	var i *mapIterator
	if k := len(s.iterators) - 1; k >= 0 {
		i, s.iterators = s.iterators[k], s.iterators[:k]
	} else {
		i = new(mapIterator)
	}
	i.m = pointerAt(p)
	if n.layout != nil && !s.options.NoRawMaps {
		i.raw = n.layout.Iterate(pointerAt(p))
	} else {
		i.other = iterateReflect2(n.Type, p)
	}
	return i
}

// owner is the map's header.
func (i *mapIterator) owner() unsafe.Pointer { return i.m }

// next gives pointers to the next key and value where they lie; false at the end.
func (i *mapIterator) next(*Node) (key, elem unsafe.Pointer, ok bool) {
	return i.other.entry()
}

// release keeps an iterator for the next map, unless it was one of many in a deep nest.
func (s *Session) release(i *mapIterator) {
	if *i = (mapIterator{}); len(s.iterators) < maxIterators {
		s.iterators = append(s.iterators, i)
	}
}

const maxIterators = 64

// readable tells whether the maps of a node are read where they lie.
func (s *Session) readable(n *Node) bool { return n.layout != nil && !s.options.NoRawMaps }

// aheadOfMap has the group of a small map at m on its way.
func (s *Session) aheadOfMap(n *Node, m unsafe.Pointer) {
	if base, size, ok := n.layout.SingleGroup(m); ok && s.prefetches() {
		prefetchRange(base, min(size, maxAhead))
	}
}

// maxAhead is how many bytes of what will be walked soon are worth having on their way.
const maxAhead = 1 << 10

// smallMap walks all entries of the map at m, which lies in known places.
func (s *Session) smallMap(n *Node, m unsafe.Pointer) {
	if g, ok := n.layout.Single(m); ok {
		s.group(n, g)
		return
	}
	i := n.layout.Iterate(m)
	for {
		g, ok := i.NextGroup()
		if !ok {
			break
		}
		s.group(n, g)
	}
	if i.Err() != nil {
		s.failure = i.Err()
	}
}

// group walks the entries of one group of a map.
func (s *Session) group(n *Node, g swiss.Group) {
	keys, elems := len(n.keySteps) > 0, !n.leaf
	keyText, elemText := soleText(n.keySteps), soleText(n.steps)
	if s.graph != nil {
		keyText, elemText = nil, nil
	}
	for ; g.More(); g.Next() {
		s.entryAt(n, g.Key())
		switch {
		case keyText != nil:
			s.text(keyText, (*stringHeader)(g.Key()))
		case keys:
			s.blockValue(n, n.keySteps, g.Key())
		}
		switch {
		case elemText != nil:
			s.text(elemText, (*stringHeader)(g.Elem()))
		case elems:
			s.blockValue(n, n.steps, g.Elem())
		}
	}
}

// soleText is the node of values that are a string and no more, once it was met; nil for others.
func soleText(steps []step) *Node {
	if len(steps) == 1 && steps[0].kind == opString && steps[0].offset == 0 && !checked {
		return steps[0].node
	}
	return nil
}

// groups walks the next groups of a map that lies in known places; done at its end.
func (s *Session) groups(n *Node, i *mapIterator) (done, ok bool) {
	if i.other != (reflect2Iterator{}) {
		return false, false
	}
	for range blockLength / 8 {
		g, more := i.raw.NextGroup()
		if !more {
			if err := i.raw.Err(); err != nil {
				s.failure = err
			}
			return true, true
		}
		if ahead, size := i.raw.Ahead(); ahead != nil && s.prefetches() {
			prefetchRange(ahead, min(size, maxAhead))
		}
		s.group(n, g)
	}
	return false, true
}

// inBlocks tells whether maps of a node are walked as blocks: the header, then the groups.
func (s *Session) inBlocks(n *Node) bool {
	if !s.readable(n) || n.layout.Made() || s.byFrames {
		return false
	}
	_, direct := n.layout.GroupBytes()
	return direct
}

// groupBytes is the size of a group of a node's maps.
func (n *Node) groupBytes() uintptr {
	size, _ := n.layout.GroupBytes()
	return size
}

// holdMapping takes the header of the map at p; false where that cannot wait until its page is walked.
func (s *Session) holdMapping(n *Node, p unsafe.Pointer) bool {
	if !s.inBlocks(n) {
		return false
	}
	page := s.heap.marks.of(p)
	shape, offset := page.shape, uintptr(p)-page.start
	index := shape.Index(offset)
	if index*shape.Size()+shape.header != offset ||
		swiss.HeaderBytes-shape.least > shape.most-shape.least || s.heap.marks.isPart(page, index) {
		return false
	}
	if word, bit := page.bit(index); *word&bit == 0 {
		*word |= bit
		s.expect(page, index-uintptr(page.first), s.contentOf(n, contentHeader), 1)
	}
	return true
}

// walkHeader takes a map at m, whose header is a block of a page.
func (s *Session) walkHeader(n *Node, page *blockPage, m unsafe.Pointer) {
	length := uint64(len(*(*map[int]int)(unsafe.Pointer(&m)))) // it is where it is for maps of every type
	s.held(n, page.shape.Size(), Finding{length, length})
	follow := length > 0 && !(n.leaf && n.key.leaf()) && !s.options.Shallow
	if base, size, ok := n.layout.SingleGroup(m); ok {
		s.holdGroups(n, base, size, follow)
		return
	}
	err := n.layout.Blocks(m, func(a swiss.Allocation) bool {
		switch a.Kind {
		case swiss.Header:
		case swiss.Groups:
			s.holdGroups(n, a.Base, a.Size, follow)
		default:
			s.holdOwn(n, a.Base, a.Size)
		}
		return true
	})
	if err != nil {
		s.failure = err
	}
}

// holdGroups takes size bytes of groups at p, of a map, which are walked as a block.
func (s *Session) holdGroups(n *Node, p unsafe.Pointer, size uintptr, follow bool) {
	page, count := s.heap.marks.of(p), size/n.groupBytes()
	if x := (message{at: p, node: n, len: uint64(size), kind: toGroups}); page.shape == elsewhere {
		if follow {
			x.cap = 1
		}
		s.away(page, x)
		return
	}
	shape, offset := page.shape, uintptr(p)-page.start
	index := shape.Index(offset)
	if index*shape.Size()+shape.header == offset && size-shape.least <= shape.most-shape.least &&
		follow && shape.Pointers() {
		if word, bit := page.bit(index); *word&bit == 0 {
			*word |= bit
			s.heap.total += uint64(shape.Size())
			n.Held.Blocks += uint64(shape.Size())
			s.refer(n, p, Internal, nil)
			s.expect(page, index-uintptr(page.first), s.contentOf(n, contentGroups), count)
			return
		}
	}
	s.holdOwn(n, p, size)
	if follow && shape.Pointers() {
		s.walkGroups(n, p, count)
	}
}

// walkGroups walks the entries of groups of a map that lie one after another.
func (s *Session) walkGroups(n *Node, at unsafe.Pointer, count uintptr) {
	size := n.groupBytes()
	for i := uintptr(0); i < count && s.failure == nil; i++ {
		for g := n.layout.GroupAt(unsafe.Add(at, i*size)); g.More(); g.Next() {
			s.entryAt(n, g.Key())
			if len(n.keySteps) > 0 {
				s.blockValue(n, n.keySteps, g.Key())
			}
			if !n.leaf {
				s.blockValue(n, n.steps, g.Elem())
			}
		}
	}
}

// holdMap takes the memory of the map at m, whose header was just taken: all that it asked the
// allocator for. It tells whether that lies in known places, and holds nothing that only the
// collector's pointer maps would show.
func (s *Session) holdMap(n *Node, m unsafe.Pointer) bool {
	if !s.readable(n) || n.layout.Made() {
		return false
	}
	if base, size, ok := n.layout.SingleGroup(m); ok {
		s.holdOwn(n, base, size)
		return true
	}
	err := n.layout.Blocks(m, func(a swiss.Allocation) bool {
		if a.Kind != swiss.Header {
			s.holdOwn(n, a.Base, a.Size)
		}
		return true
	})
	if err != nil {
		s.failure = err
	}
	return true
}

// holdOwn takes a block of size bytes at p that a container has for itself.
func (s *Session) holdOwn(n *Node, p unsafe.Pointer, size uintptr) {
	s.refer(n, p, Internal, nil)
	page := s.heap.marks.of(p)
	if s.away(page, message{at: p, node: n, len: uint64(size), kind: toOwn}) {
		return
	}
	switch s.heap.marks.mark(page, p, size, true) {
	case fresh:
		s.heap.total += uint64(page.shape.Size())
		n.Held.Blocks += uint64(page.shape.Size())
	case conflict:
		s.untypedPointer(n, p, true)
	}
}
