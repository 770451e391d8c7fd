package walker

import "unsafe"

// This file is the way of a walk by extents that goes page by page to take what is met most often: a
// string or a slice that has a block of its own.

// claimText takes what a string owns.
func (s *Session) claimText(n *Node, h *stringHeader) {
	length := uintptr(h.length)
	if uint64(length) > n.follow.Inline && length > 0 {
		page := s.marks.of(h.data)
		if page.shape.tiny && s.claimSmall(n, h.data, length, length) {
			return
		}
		if !page.shape.tiny && page.heap() {
			switch s.claimBlock(n, h.data, length, length, length) {
			case fresh:
				s.report(n, uint64(length), uint64(length))
				return
			case covered:
				return
			}
		}
	}
	s.text(n, h)
}

// claimArray takes what a slice owns.
func (s *Session) claimArray(n *Node, h *sliceHeader) {
	length, capacity := uintptr(h.length), uintptr(h.capacity)
	page := s.marks.of(h.data)
	if page.shape.tiny && length == capacity && capacity-1 < tinyBytes && n.size <= tinyBytes &&
		!n.inline(length, capacity) && s.claimSmall(n, h.data, capacity*n.size, capacity) {
		return
	}
	if capacity == 0 || length > capacity || page.shape.tiny || !page.heap() || n.size-1 >= page.shape.most ||
		capacity > page.shape.most/n.size || s.options.CapIsLen || s.options.ToCapacity || n.inline(length, capacity) {
		s.slice(n, h)
		return
	}
	switch s.claimBlock(n, h.data, length*n.size, capacity*n.size, capacity) {
	case fresh:
		s.report(n, uint64(length), uint64(capacity))
	case conflict:
		s.slice(n, h)
	}
}

// claimSmall takes size bytes at p, which are in a block that values share; false where there is more to look
// at.
func (s *Session) claimSmall(n *Node, p unsafe.Pointer, size, count uintptr) bool {
	if s.disputes.any || size-1 >= tinyBytes || n.kind == opPointer && n.follow.Inline > 0 {
		return false
	}
	switch s.claimTiny(n, s.marks.of(p), p, size, s.contentOf(n, contentValues)) {
	case fresh:
		if count == 1 {
			s.one(n)
		} else {
			s.report(n, uint64(count), uint64(count))
		}
	case conflict:
		return false
	}
	return true
}

// claimInArena takes a pointee in the block of which a part was met last, for pointers into one array come
// again and again; false where there is more to look at.
func (s *Session) claimInArena(n *Node, p unsafe.Pointer) bool {
	a := &s.extents.arena
	offset := uintptr(p) - a.lo
	if size := a.hi - a.lo; offset >= size || n.size > size-offset || s.disputes.any || s.mixed || n.follow.Inline > 0 {
		return false
	}
	switch s.extents.mark(uintptr(p), n.size, n.size) {
	case fresh:
		s.recordPages(uintptr(p), n.size, s.contentOf(n, contentValues))
		s.one(n)
		if !n.leaf {
			s.push(p, n, 1)
		}
		return true
	case covered:
		return s.settles(n, p)
	}
	return false
}
