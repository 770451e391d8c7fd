package walker

// This file is the way of a walk by extents that goes page by page to take what is met most often: a
// string or a slice that has a block of its own.

// claimText takes what a string owns.
func (s *Session) claimText(n *Node, h *stringHeader) {
	length := uintptr(h.length)
	if uint64(length) > n.follow.Inline && length > 0 {
		if page := s.marks.of(h.data); !page.shape.tiny && page.heap() {
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
